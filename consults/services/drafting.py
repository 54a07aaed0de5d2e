"""Drafts: what a clinician has begun to write. Kept on the server at every pause in typing; its author's alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import transaction

from consults.languages import LANGUAGES
from consults.models import Consult, OnBehalf
from consults.services import base
from knowledge.models import Document
from portal.common.refusals import Conflict, Refused
from portal.common.rows import add, add_one, save
from portal.members.models import Person, Specialty

NUMBER = "'C-' || nextval('consults_number')"
"""A number nobody has had, such as C-1042, as a part of a statement. Numbers may have gaps."""


@dataclass(frozen=True)
class Content:
    """What the ask form holds. Anything may be missing in a draft; ``sending`` says what must not."""

    specialty: Specialty | None = None
    reason: str = ""
    question: str = ""
    summary: str = ""
    tried: str = ""
    results: str = ""
    medicines: str = ""
    documents: Iterable[Document] = field(default_factory=list)
    named_specialist: Person | None = None
    urgency: str = Consult.Urgency.STANDARD
    language: str = ""
    """In which the answer is wanted; empty is any."""


@transaction.atomic
def start_draft(*, by: Person, organization_id: int | None, content: Content, at: datetime) -> Consult:
    """A new draft for the organization given, or the only (first) one in which ``by`` is a clinician.

    Raises Refused where ``by`` is no clinician there.
    """
    organization_id = organization_id or by.actor.clinician_for
    consult = Consult(requester=by, created_at=at)
    _place(consult, by=by, organization_id=organization_id)
    _fill(consult, content, at=at)
    add_one(consult, number=NUMBER)
    read = dict.fromkeys(document.pk for document in content.documents)
    add(*(Consult.documents.through(consult_id=consult.pk, document_id=pk) for pk in read))
    return consult


def _place(draft: Consult, *, by: Person, organization_id: int | None) -> None:
    """The organization the question is asked for, and the author's facility where it belongs to that."""
    if organization_id is None or organization_id not in by.actor.clinician_in:
        raise Refused("Only clinicians of a member organization ask the network's specialists.")
    draft.organization_id = organization_id
    draft.facility = by.facility if by.facility and by.facility.organization_id == organization_id else None


@transaction.atomic
def save_draft(
    consult: Consult, *, by: Person, content: Content, at: datetime, organization_id: int | None = None
) -> Consult:
    """Keep what the form holds now, for another organization where one is given.

    Raises Refused for anyone but its author, Conflict once it was sent.
    """
    draft = base.held(consult)
    if draft.requester_id != by.pk:
        raise Refused("Only its author changes a draft.")
    if draft.state != Consult.State.DRAFT:
        raise Conflict(f"{draft.number} was sent already. Add to it on its page.")
    if draft.set_aside_at:
        raise Conflict(f"{draft.number} was ended by reading. Take it up again to change it.")
    if organization_id:
        _place(draft, by=by, organization_id=organization_id)
    _fill(draft, content, at=at)
    save(draft)
    draft.documents.set(content.documents)
    return draft


def _fill(draft: Consult, content: Content, *, at: datetime) -> None:
    draft.specialty = content.specialty
    draft.reason = content.reason
    draft.urgency = content.urgency
    draft.language = content.language if content.language in LANGUAGES else ""
    draft.question = content.question.replace("\x00", "")[:300]
    for name in ("summary", "tried", "results", "medicines"):
        setattr(draft, name, getattr(content, name).replace("\x00", ""))
    draft.named_specialist = content.named_specialist
    draft.changed_at = at


@transaction.atomic
def discard_draft(consult: Consult, *, by: Person) -> None:
    """Throw a draft away with its files. Raises as ``save_draft`` does."""
    draft = base.held(consult)
    if draft.requester_id != by.pk:
        raise Refused("Only its author discards a draft.")
    if draft.state != Consult.State.DRAFT:
        raise Conflict(f"{draft.number} was sent already. Withdraw it on its page.")
    erase(draft)


def erase(draft: Consult) -> None:
    """Delete a (locked) draft, and its files once that is committed."""
    for attachment in draft.attachments.all():
        transaction.on_commit(partial(attachment.file.delete, save=False))
    draft.attachments.all().delete()
    draft.documents.clear()
    OnBehalf.objects.filter(consult=draft).delete()
    # Not .delete(): that would sweep the append-only logs too. They are empty, and the application may not.
    Consult.objects.filter(pk=draft.pk)._raw_delete(using="default")


def last_language(person: Person) -> str:
    """In which language the person wanted to be answered last, in writing or on the phone; empty where in any."""
    consult = person.consults_asked.exclude(submitted_at=None).order_by("-submitted_at").first()
    call = person.calls_asked.order_by("-requested_at").first()
    if consult and consult.submitted_at and (call is None or consult.submitted_at > call.requested_at):
        return consult.language
    return call.language if call else ""
