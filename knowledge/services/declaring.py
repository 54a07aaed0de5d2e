"""What an editor says of each recommendation that a revision changes: editorial, minor, or a change of practice."""

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.differences import Kind, RecommendationChange, recommendation_changes
from knowledge.models import DeclaredChange, Revision
from portal.common.refusals import Invalid
from portal.members.models import Person

LONGEST = 400
Significance = DeclaredChange.Significance


@dataclass(frozen=True)
class Declared:
    """What is said of one recommendation; ``sentence`` is for the reader and needed where practice changes."""

    key: str
    significance: str
    sentence: str = ""


def changed_recommendations(revision: Revision) -> list[RecommendationChange]:
    """Each recommendation that is other than in what the document says now; none for a first revision."""
    current = revision.document.current_revision
    if current is None or current.pk == revision.pk:
        return []
    changes = recommendation_changes(current.recommendations.all(), revision.recommendations.all())
    return [change for change in changes if change.kind != Kind.SAME]


def declare_changes(*, revision: Revision, changes: Iterable[Declared], by: Person | str) -> None:
    """Keep what is said, in place of what was said before. The caller holds the document's lock.

    Raises Invalid, naming each recommendation, for one that did not change, for an unknown significance, and for a
    change of practice without its sentence.
    """
    rows = {change.key: _checked(change) for change in changes}
    changed = {change.key for change in changed_recommendations(revision)}
    wrong = {f"significance-{key}": f"“{key}” does not change in this revision." for key in rows.keys() - changed}
    for key, row in rows.items():
        wrong |= _wrong(key, row)
    if wrong:
        raise Invalid(**wrong)
    revision.declared_changes.all().delete()
    DeclaredChange.objects.bulk_create(
        DeclaredChange(
            revision=revision,
            key=row.key,
            significance=row.significance,
            sentence=row.sentence,
            declared_by=by if isinstance(by, Person) else None,
        )
        for row in rows.values()
    )


def require_declared(revision: Revision) -> None:
    """Raise Invalid, naming each changed recommendation of which nothing was said."""
    said = set(revision.declared_changes.values_list("key", flat=True))
    unsaid = [change.key for change in changed_recommendations(revision) if change.key not in said]
    if unsaid:
        raise Invalid(
            **{f"significance-{key}": f"Say what the change of “{key}” means for the reader." for key in unsaid}
        )


def _checked(change: Declared) -> Declared:
    return Declared(change.key, change.significance, " ".join(change.sentence.replace("\0", "").split()))


def _wrong(key: str, row: Declared) -> dict[str, str]:
    if row.significance not in Significance.values:
        return {f"significance-{key}": f"Choose one of {', '.join(Significance.values)} for “{key}”."}
    if row.significance == Significance.PRACTICE and not row.sentence:
        return {f"sentence-{key}": f"Say in one sentence what is different in “{key}”."}
    if len(row.sentence) > LONGEST:
        return {f"sentence-{key}": f"Use at most {LONGEST} characters; this has {len(row.sentence)}."}
    return {}
