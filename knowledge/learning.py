"""The record of learning as rows and on paper."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from knowledge.models import EducationEntry
from knowledge.models.education import HALF
from portal.common.templatetags.words import day_words
from portal.members.houses import house_of
from portal.members.models import Person

HEADER = ("Day", "Question", "Consulted", "Effect on practice", "In own words", "Credits")
CAVEAT = (
    "Only an accredited provider awards credit. This is a record for submission: half a credit is counted for each "
    "question, and the provider decides what it accepts."
)


def row(entry: EducationEntry) -> tuple[str, ...]:
    """One line of a table; the documents with the revisions that were read."""
    read = "; ".join(f"{source.revision.title} (revision {source.revision.number})" for source in entry.sources.all())
    effect = (entry.get_effect_display(), entry.effect_text)
    return (entry.on.isoformat(), entry.question, read, *effect, str(entry.credit))


def values(person: Person, year: int | None, entries: Sequence[EducationEntry]) -> dict[str, Any]:
    """What ``templates/pdf/education.typ`` prints."""
    house, today = house_of(person), day_words(timezone.localdate())
    return {
        "title": f"Record of continuing education, {year or 'all years'}",
        "name": person.name,
        "house": house,
        "caveat": CAVEAT,
        "total": f"{len(entries) * HALF}",
        "foot": [f"{person.name}, {house}", f"Printed on {today}", "A record for submission, not a certificate"],
        "entries": [_printed(entry) for entry in entries],
    }


def _printed(entry: EducationEntry) -> dict[str, Any]:
    read = [f"{source.revision.title}, revision {source.revision.number}" for source in entry.sources.all()]
    return {
        "day": day_words(entry.on),
        "question": entry.question,
        "read": read,
        "effect": entry.get_effect_display(),
        "text": entry.effect_text,
        "credit": str(entry.credit),
    }
