"""Giving a revision back to its author: it stays as history, and the work goes on in a copy of it."""

from django.db.models import Max, Model

from knowledge.models import Document, Recommendation, Reference, Revision

# What belongs to the life of one revision, and is not copied into the next.
LIFE = frozenset(
    {
        "id",
        "number",
        "state",
        "created_at",
        "edition",
        "changed_at",
        "submitted_at",
        "submitted_by",
        "approvals_needed",
        "scheduled_for",
        "scheduled_by",
        "published_at",
        "published_by",
    }
)


def return_revision(revision: Revision, document: Document) -> Revision:
    """Freeze it as returned, and give the draft that stands in its place. Both rows are locked by the caller."""
    revision.state = Revision.State.RETURNED
    revision.scheduled_for = None
    revision.save(update_fields=["state", "scheduled_for"])
    values = {field.name: getattr(revision, field.name) for field in Revision._meta.fields if field.name not in LIFE}
    values["based_on"] = revision.based_on or document.current_revision
    last = document.revisions.aggregate(last=Max("number"))["last"]
    draft = Revision.objects.create(number=last + 1, **values)
    draft.contributors.set(revision.contributors.all())
    for part in (Recommendation, Reference):
        _copy(part, revision, draft)
    return draft


def _copy(part: type[Recommendation] | type[Reference], revision: Revision, draft: Revision) -> None:
    rows: list[Model] = list(part._default_manager.filter(revision=revision))
    for row in rows:
        row.pk, row.revision = None, draft  # type: ignore[attr-defined]
    part._default_manager.bulk_create(rows)  # type: ignore[arg-type]
