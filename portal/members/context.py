"""What the frame of every page needs to know."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from portal.common.models import Notice
from portal.members.models import Person


def frame(request: HttpRequest) -> dict[str, Any]:
    """``person``, ``actor``, ``unread_notices``, ``is_demonstration`` and ``applications_open``.

    The count is asked for when a template shows it, once a rendering; fragments without the frame do not pay for it.
    """
    user = getattr(request, "user", None)
    person = user if isinstance(user, Person) else None
    return {
        "person": person,
        "actor": person.actor if person else None,
        "unread_notices": cache(lambda: unread(person)),
        "is_demonstration": settings.DEMONSTRATION,
        "applications_open": settings.APPLICATIONS_OPEN,
    }


def unread(person: Person | None) -> int:
    """How many notices the person has not opened: as their session found them, unless some were marked read since."""
    if person is None:
        return 0
    known: int | None = getattr(person, "unread", None)
    return Notice.objects.filter(person=person, read_at=None).count() if known is None else known
