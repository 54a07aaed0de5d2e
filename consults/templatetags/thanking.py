"""The button that thanks for an FAQ."""

from typing import Any

from django import template

from consults.models import Thanks
from knowledge.models import Document
from portal.members.models import Person

register = template.Library()


@register.inclusion_tag("consults/thank.html", takes_context=True)
def thanks_button(context: dict[str, Any], document: Document) -> dict[str, Any]:
    """Nothing on documents that are no published FAQ."""
    person = getattr(context.get("request"), "user", None)
    shows = isinstance(person, Person) and document.kind == Document.Kind.FAQ and document.current_revision_id
    thanked = bool(shows) and Thanks.objects.filter(document=document, person=person.pk).exists()  # type: ignore[union-attr]
    return {"document": document, "shows": shows, "thanked": thanked, "csrf_token": context.get("csrf_token")}
