"""A draft that reading made needless: ended, counted for the document without a name, kept a while, then forgotten."""

from datetime import datetime, timedelta

from django.db import transaction

from consults.models import Consult, ReadInstead
from consults.services import drafting, rota
from knowledge.models import Document
from portal.common import audit, tenancy
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person

KEPT = timedelta(days=7)
"""How long a draft that reading ended can be taken up again."""
BATCH = 200


@transaction.atomic
def set_aside(draft: Consult, *, by: Person, document: Document, at: datetime) -> Consult:
    """The document answered the question: end the draft, and count it for the document and the specialty.

    The count names nobody. It counts for the draft's specialty, or for the document's where none was chosen. Raises
    Refused for anyone but the author, Conflict where the draft was sent or ended, Invalid for a document they cannot
    read.
    """
    row = _lock(draft, by=by)
    if row.state != Consult.State.DRAFT or row.set_aside_at:
        raise Conflict(f"{row.number} is no draft any more.")
    readable = Document.objects.visible_to(by).filter(pk=document.pk, current_revision__isnull=False)
    if not readable.exists():
        raise Invalid(document="Choose a document that you can read.")
    row.read_instead = ReadInstead.objects.create(
        document=document, specialty=row.specialty or document.specialties.first(), day=rota.today(at)
    )
    row.set_aside_at = row.changed_at = at
    row.save(update_fields=["read_instead", "set_aside_at", "changed_at"])
    _record(row, by=by, action="consult.set-aside")
    return row


@transaction.atomic
def take_up(draft: Consult, *, by: Person, at: datetime) -> Consult:
    """Undo it: the draft is a draft again, and is not counted. Raises Refused, and Conflict where it was not ended."""
    row = _lock(draft, by=by)
    if not row.set_aside_at:
        raise Conflict(f"{row.number} was not ended.")
    counted = row.read_instead
    row.read_instead, row.set_aside_at, row.changed_at = None, None, at
    row.save(update_fields=["read_instead", "set_aside_at", "changed_at"])
    if counted:
        counted.delete()
    _record(row, by=by, action="consult.take-up")
    return row


def forget(*, now: datetime) -> int:
    """Delete drafts that reading ended a week ago, with their files; their counts stay. Says how many.

    Safe to run twice and by several at once: each takes what no other has locked.
    """
    forgotten = 0
    while done := _forget_some(now - KEPT):
        forgotten += done
    return forgotten


@transaction.atomic
def _forget_some(before: datetime) -> int:
    with tenancy.everything():
        rows = Consult.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            state=Consult.State.DRAFT, set_aside_at__lte=before
        )
        drafts = list(rows.order_by("pk")[:BATCH])
        for row in drafts:
            drafting.erase(row)
    return len(drafts)


def _lock(draft: Consult, *, by: Person) -> Consult:
    row = Consult.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if row.requester_id != by.pk:
        raise Refused("Only its author ends a draft, or takes it up again.")
    return row


def _record(row: Consult, *, by: Person, action: str) -> None:
    """Without the document: what someone read instead of asking is theirs."""
    audit.record(by=by, action=action, object_type="consult", object_id=row.number, organization_id=row.organization_id)
