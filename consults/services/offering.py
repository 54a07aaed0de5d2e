"""From a closed consult to an FAQ: the offer to the editors, and what they make of it."""

from datetime import datetime

from django.db import transaction

from consults.models import Consult, FaqOffer, Message
from knowledge.models import Document
from knowledge.services import propose_faq
from portal.common import audit, identifiers
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person

MAX_REASON = 300


def offer(row: Consult, *, at: datetime) -> None:
    """Offer an answered consult to the editors as it closes; a second time changes nothing."""
    if row.messages.filter(kind=Message.Kind.ANSWER).exists():
        FaqOffer.objects.bulk_create([FaqOffer(consult=row, offered_at=at)], ignore_conflicts=True)


@transaction.atomic
def make_draft(
    offered: FaqOffer, *, by: Person, title: str, summary: str, body: str, attested: bool, at: datetime
) -> Document:
    """The FAQ's first draft, in the editor's words.

    Raises Refused for anyone but an editor, Conflict where the offer is decided, and Invalid for a text that no
    document may have, or that still looks as if it named somebody while the editor has not said otherwise.
    """
    row = _lock(offered, by=by)
    if not attested and (found := identifiers.find("\n".join((title, summary, body)))):
        words = ", ".join(f"“{finding.words}”" for finding in found[:3])
        raise Invalid(attested=f"{words} may identify a patient. Take it out, or say that it identifies nobody.")
    consult = row.consult
    assert consult.specialty is not None
    document = propose_faq(
        title=title, summary=summary, body=body, specialty=consult.specialty, origin=row.get_absolute_url(), by=by
    )
    row.document = document
    _decide(row, by=by, at=at, action="faq.draft")
    return document


@transaction.atomic
def decline(offered: FaqOffer, *, by: Person, reason: str, at: datetime) -> None:
    """Leave it at that: the answer becomes no FAQ. The reason is kept for the other editors."""
    row = _lock(offered, by=by)
    reason = " ".join(reason.replace("\0", "").split())
    if not reason:
        raise Invalid(reason="Say in a few words why not, for the other editors.")
    if len(reason) > MAX_REASON:
        raise Invalid(reason=f"Use at most {MAX_REASON} characters; this has {len(reason)}.")
    row.declined_because = reason
    _decide(row, by=by, at=at, action="faq.decline")


@transaction.atomic
def take_up_again(offered: FaqOffer, *, by: Person) -> None:
    """Undo a refusal. Raises Conflict where a draft was made."""
    row = _lock(offered, by=by, decided=True)
    if row.document_id or not row.declined_because:
        raise Conflict("This answer became a draft already.")
    row.declined_because, row.decided_by, row.decided_at = "", None, None
    row.save()
    _record(row, by=by, action="faq.take-up-again")


def _lock(offered: FaqOffer, *, by: Person, decided: bool = False) -> FaqOffer:
    if not by.actor.is_editor:
        raise Refused("Only editors of the network make documents of answers.")
    row = FaqOffer.objects.select_for_update(of=("self",)).select_related("consult__specialty").get(pk=offered.pk)
    if (row.decided_at is not None) != decided:
        raise Conflict("Another editor has decided on this answer already." if row.decided_at else "Nothing to undo.")
    return row


def _decide(row: FaqOffer, *, by: Person, at: datetime, action: str) -> None:
    row.decided_by, row.decided_at = by, at
    row.save()
    _record(row, by=by, action=action)


def _record(row: FaqOffer, *, by: Person, action: str) -> None:
    audit.record(
        by=by,
        action=action,
        object_type="consult",
        object_id=row.consult.number,
        organization_id=row.consult.organization_id,
    )
