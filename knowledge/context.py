"""What a row of any page may need to know of a document."""

from functools import cache
from typing import Any

from django.http import HttpRequest

from knowledge.beside import noted_by
from portal.members.models import Person


def noted(request: HttpRequest) -> dict[str, Any]:
    """``noted_documents``: the ids of documents on which an organization of the reader has notes.

    Asked for when a template first marks a row, once a rendering, however many rows it has.
    """
    user = getattr(request, "user", None)
    person = user if isinstance(user, Person) and user.actor.organizations else None
    return {"noted_documents": cache(lambda: noted_by(person.actor.organizations) if person else frozenset())}
