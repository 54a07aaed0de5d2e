"""An organization's notes beside the document they belong to, and what became of a passage that changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString

from knowledge import anchoring
from knowledge.anchoring import Passage, Place
from knowledge.differences import Piece, words
from knowledge.local_text import rendered_note
from knowledge.models import Document, Overlay, Recommendation, Revision
from knowledge.passages import passages
from knowledge.rendering import Rendered
from portal.common.planned import planned
from portal.members.models import Person


@dataclass(frozen=True)
class Standing:
    """A note with the passage it stands beside now: None where that was removed. ``is_changed``: it says otherwise."""

    overlay: Overlay
    passage: Passage | None
    is_changed: bool

    @property
    def html(self) -> SafeString:
        return rendered_note(self.overlay.text)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The passage's words when the note was written, and now."""
        return words(self.overlay.quote, self.passage.text if self.passage else "")


@dataclass
class Beside:
    """The notes of one page, by where they are shown; ``loose`` are those whose passage was removed."""

    all: list[Standing] = field(default_factory=list)
    summary: list[Standing] = field(default_factory=list)
    flow: list[Standing] = field(default_factory=list)
    loose: list[Standing] = field(default_factory=list)
    pieces: list[tuple[SafeString, list[Standing]]] = field(default_factory=list)
    changed: int = 0


def beside(
    person: Person, document: Document, revision: Revision, recommendations: Sequence[Recommendation], body: Rendered
) -> Beside:
    """The notes ``person`` sees beside the current revision. Each recommendation is given its own as ``notes``."""
    shown = Beside()
    if revision.pk != document.current_revision_id or not person.actor.organizations:
        return shown
    rows = Overlay.objects.visible_to(person).filter(document=document)
    now = passages(revision, recommendations)
    shown.all = stand(rows.select_related("organization", "author", "changed_by"), now)
    shown.changed = sum(note.is_changed for note in shown.all)
    of_recommendation: dict[str, list[Standing]] = {}
    of_number: dict[int, list[Standing]] = {}
    for note in shown.all:
        if note.passage is None:
            shown.loose.append(note)
        elif note.passage.place == Place.TEXT:
            of_number.setdefault(note.passage.number, []).append(note)
        elif note.passage.place == Place.RECOMMENDATION:
            of_recommendation.setdefault(note.passage.key, []).append(note)
        else:
            (shown.summary if note.passage.place == Place.SUMMARY else shown.flow).append(note)
    for recommendation in recommendations:
        recommendation.notes = of_recommendation.get(recommendation.key, [])  # type: ignore[attr-defined]
    if of_number:
        first = len(now) - len(body.blocks)
        shown.pieces = [
            (html, of_number.get(first + block, []) if block is not None else []) for html, block in body.pieces
        ]
    return shown


def stand(overlays: Iterable[Overlay], now: Sequence[Passage]) -> list[Standing]:
    """Where each of these notes stands among a revision's passages, in the order of the page."""
    rows = list(overlays)
    before = _before(row for row in rows if anchoring.find(row, now) is None)
    notes = [stand_one(row, now, before.get(row.revision_id, ())) for row in rows]
    return sorted(notes, key=lambda note: (note.passage.number if note.passage else len(now), note.overlay.pk))


def stand_one(overlay: Overlay, now: Sequence[Passage], before: Iterable[Passage]) -> Standing:
    if found := anchoring.find(overlay, now):
        return Standing(overlay, found, is_changed=False)
    return Standing(overlay, anchoring.nearest(overlay, before, now), is_changed=True)


def _before(overlays: Iterable[Overlay]) -> dict[int, tuple[Passage, ...]]:
    """The passages of the revisions these notes were last at home in."""
    keys = {overlay.revision_id for overlay in overlays}
    rows = Revision.objects.filter(pk__in=keys).prefetch_related("recommendations") if keys else []
    return {row.pk: passages(row) for row in rows}


def noted_by(organizations: Iterable[int]) -> frozenset[int]:
    """The ids of the documents on which these organizations have notes, as ``documents_with_overlays`` but for those
    that the reader may not see: to mark rows that are shown already.
    """
    with planned() as cursor:
        cursor.execute(
            "SELECT DISTINCT document_id FROM knowledge_overlay WHERE organization_id = ANY(%s)", [list(organizations)]
        )
        return frozenset(key for (key,) in cursor.fetchall())


def documents_with_overlays(person: Person) -> Any:
    """The ids of the documents on which ``person``'s organizations have notes; for ``filter(pk__in=…)`` or a set.

    One query however many documents; nothing for who belongs to no organization.
    """
    return Overlay.objects.visible_to(person).order_by().values_list("document_id", flat=True).distinct()
