"""What changed among the documents in a span of time, and which of it concerns whom. Few statements for many people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from knowledge.models import Acknowledgement, DeclaredChange, Document, Follow, Revision
from knowledge.weeks import SECTIONS, Title

_ORDER = list(SECTIONS)
_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Change:
    """One publication or retirement."""

    document: int
    at: datetime
    section: str
    title: str
    path: str


@dataclass(frozen=True)
class Changes:
    """Publications and retirements, the last first, with the specialties of their documents."""

    rows: tuple[Change, ...]
    specialties: Mapping[int, frozenset[int]]

    @classmethod
    def between(cls, start: datetime, end: datetime) -> "Changes":
        """Everything published or retired from ``start`` on and before ``end``."""
        rows = [*_retired(start, end), *_published(start, end)]
        places: dict[int, set[int]] = defaultdict(set)
        through = Document.specialties.through.objects.filter(document__in={row.document for row in rows})
        for document, specialty in through.values_list("document_id", "specialty_id"):
            places[document].add(specialty)
        rows.sort(key=lambda row: row.at, reverse=True)
        return cls(tuple(rows), {key: frozenset(found) for key, found in places.items()})


def titles_for(people: Iterable[int], changes: Changes, begins: Mapping[int, datetime]) -> dict[int, list[Title]]:
    """For each person what concerns them since their own beginning, one line a document, weightiest section first."""
    keys = list(people)
    documents, specialties = _followed(keys)
    relied = _relied_on(keys, changes)
    told: dict[int, list[Title]] = {}
    for person in keys:
        found: dict[int, Change] = {}
        for row in changes.rows:
            places = changes.specialties.get(row.document, _NONE)
            concerns = (
                row.document in documents.get(person, _NONE)
                or bool(specialties.get(person, _NONE) & places)
                or (row.section == "practice" and row.document in relied.get(person, _NONE))
            )
            if concerns and row.at >= begins[person]:
                kept = found.get(row.document)
                found[row.document] = _weightier(kept, row) if kept else row
        ordered = sorted(found.values(), key=lambda row: (_ORDER.index(row.section), row.title))
        told[person] = [Title(row.section, row.title, row.path) for row in ordered]
    return told


def _weightier(newer: Change, older: Change) -> Change:
    """Of two changes of one document the newer, unless only the older one changes practice."""
    return older if older.section == "practice" and newer.section != "retired" else newer


def _retired(start: datetime, end: datetime) -> list[Change]:
    rows = Document.objects.filter(retired_at__gte=start, retired_at__lt=end).exclude(current_revision=None)
    return [
        Change(row.pk, row.retired_at, "retired", row.current_revision.title, row.get_absolute_url())
        for row in rows.select_related("current_revision")
        if row.retired_at and row.current_revision
    ]


def _published(start: datetime, end: datetime) -> list[Change]:
    revisions = Revision.objects.ever_published().filter(published_at__gte=start, published_at__lt=end)
    practice = DeclaredChange.objects.filter(
        revision__in=revisions, significance=DeclaredChange.Significance.PRACTICE
    ).values_list("revision_id", flat=True)
    changing = set(practice)
    found = []
    for row in revisions.select_related("document").defer("body", "summary"):
        assert row.published_at is not None
        section = "practice" if row.pk in changing else "new" if row.number == 1 else "revised"
        found.append(Change(row.document_id, row.published_at, section, row.title, row.document.get_absolute_url()))
    return found


def _followed(people: list[int]) -> tuple[dict[int, frozenset[int]], dict[int, frozenset[int]]]:
    """The documents and the specialties that each person follows."""
    documents: dict[int, set[int]] = defaultdict(set)
    specialties: dict[int, set[int]] = defaultdict(set)
    rows = Follow.objects.filter(person__in=people).values_list("person_id", "document_id", "specialty_id")
    for person, document, specialty in rows:
        if document:
            documents[person].add(document)
        if specialty:
            specialties[person].add(specialty)
    return (
        {person: frozenset(found) for person, found in documents.items()},
        {person: frozenset(found) for person, found in specialties.items()},
    )


def _relied_on(people: list[int], changes: Changes) -> dict[int, frozenset[int]]:
    """The documents whose changed practice each person was told of: they read them or had an answer citing them."""
    changed = {row.document for row in changes.rows if row.section == "practice"}
    found: dict[int, set[int]] = defaultdict(set)
    rows = Acknowledgement.objects.filter(person__in=people, document__in=changed)
    for person, document in rows.values_list("person_id", "document_id").distinct():
        found[person].add(document)
    return {person: frozenset(rows) for person, rows in found.items()}
