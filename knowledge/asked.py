"""What a change of practice asks of one reader: the sentences, with the recommendations they speak of."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.models import Acknowledgement, DeclaredChange, Recommendation
from portal.members.models import Person


@dataclass(frozen=True)
class Change:
    """One sentence, and the recommendation as it stands now; None where it was removed or was shown already."""

    sentence: str
    recommendation: Recommendation | None
    is_removed: bool


@dataclass(frozen=True)
class Asked:
    """One acknowledgement with all that it stands for: its own changes, and earlier ones that were never confirmed."""

    acknowledgement: Acknowledgement
    changes: tuple[Change, ...]


def asked(person: Person, rows: Sequence[Acknowledgement]) -> list[Asked]:
    """What each of the person's acknowledgements asks, the newest change first; in three queries."""
    if not rows:
        return []
    revisions = _stood_for(person, rows)
    every = {revision for found in revisions.values() for revision in found}
    declared: dict[int, list[DeclaredChange]] = {}
    practice = DeclaredChange.objects.filter(
        revision__in=every, significance=DeclaredChange.Significance.PRACTICE
    ).order_by("id")
    for change in practice:
        declared.setdefault(change.revision_id, []).append(change)
    keys = {change.key for found in declared.values() for change in found}
    now = Recommendation.objects.filter(revision__in=[row.revision_id for row in rows], key__in=keys)
    standing = {(row.revision_id, row.key): row for row in now}
    return [
        Asked(row, tuple(_changes(row, [c for r in revisions[row.pk] for c in declared.get(r, [])], standing)))
        for row in rows
    ]


def asked_of(person: Person, document: int) -> Asked | None:
    """What is still asked of the person about one document."""
    rows = Acknowledgement.objects.filter(person=person, document=document).open()
    row = rows.select_related("document", "revision").first()
    return asked(person, [row])[0] if row else None


def _stood_for(person: Person, rows: Sequence[Acknowledgement]) -> dict[int, list[int]]:
    """Of each acknowledgement the revisions it speaks for, the newest first."""
    found: dict[int, list[int]] = {}
    waiting: dict[int, list[int]] = {}
    history = Acknowledgement.objects.filter(person=person, document__in={row.document_id for row in rows})
    for row in history.order_by("told_at", "pk"):
        spoken_for = [row.revision_id, *waiting.get(row.document_id, [])]
        found[row.pk] = spoken_for
        waiting[row.document_id] = spoken_for if row.superseded_at else []
    return found


def _changes(
    row: Acknowledgement, declared: list[DeclaredChange], standing: dict[tuple[int, str], Recommendation]
) -> list[Change]:
    shown: set[str] = set()
    changes = []
    for change in declared:
        recommendation = standing.get((row.revision_id, change.key))
        changes.append(
            Change(
                sentence=change.sentence,
                recommendation=None if change.key in shown else recommendation,
                is_removed=recommendation is None,
            )
        )
        shown.add(change.key)
    return changes
