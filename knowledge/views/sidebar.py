"""What stands beside a document for one reader: their lists, and who in the network knows about it."""

from collections.abc import Sequence
from typing import Any

from knowledge.models import Document, ReadingList
from portal.members.directory import experts
from portal.members.models import Person, Specialty

EXPERTS = 3


def sidebar(person: Person, found: Document, specialties: Sequence[Specialty]) -> dict[str, Any]:
    """The context of the partials ``bookmark.html`` and ``experts.html``."""
    lists = list(ReadingList.objects.visible_to(person))
    holding = set(found.list_entries.filter(reading_list__person=person).values_list("reading_list_id", flat=True))
    return {
        "my_lists": lists,
        "has_default_list": any(row.is_default for row in lists),
        "kept_in": [row for row in lists if row.pk in holding],
        "experts": experts(specialties, limit=EXPERTS),
    }
