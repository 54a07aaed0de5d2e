"""A consult beyond one specialist: moved to another specialty, or with a colleague's second opinion in its thread."""

from datetime import datetime

from django.db import transaction

from consults import routing
from consults.models import AnswerDraft, Consult, Message, SecondOpinion, TimelineEntry
from consults.policy import Action
from consults.services import answer_drafts, assigning, base, promising, telling
from consults.services.sending import answering_specialties
from portal.common.refusals import Invalid
from portal.members.models import Person, Specialty
from portal.members.policy import Denied

State = Consult.State
Kind = TimelineEntry.Kind
MAX_REASON = 300


@transaction.atomic
def transfer(consult: Consult, *, by: Person, to: Specialty, reason: str, at: datetime) -> Consult:
    """Move it to another specialty, with the reason both sides read. What has counted and every pause stay; where the
    new specialty promises something else, that is promised from now on.

    Raises Invalid where nobody answers for that specialty, or it is there already.
    """
    row = base.lock(consult, action=Action.TRANSFER, by=by)
    why = base.text_of(reason, field="reason")
    if len(why) > MAX_REASON:
        raise Invalid(reason=f"Use at most {MAX_REASON} characters; this has {len(why)}.")
    if to.pk == row.specialty_id:
        raise Invalid(to=f"{row.number} is with {to} already.")
    if not answering_specialties().filter(pk=to.pk).exists():
        raise Invalid(to=f"Nobody answers for {to} at present. Choose a neighbouring specialty.")
    came_from, holder = row.specialty, row.assignee
    if holder and holder != by:
        telling.assignee(row, what=f"was moved to {to} by {by.name}. Nothing more is asked of you.", at=at)
    row.assignments.filter(ended_at=None).update(ended_at=at)
    row.specialty, row.state, row.assignee = to, State.QUEUED, None
    base.note(row, Kind.TRANSFERRED, at=at, by=by, detail=f"From {came_from} to {to}: {why}")
    promising.promise_as_now(row, at=at, why="another specialty")
    assigning.place(row, at=at)
    telling.sent(row, at=at)
    telling.requester(row, what=f"was moved to {to}. Its page shows the promised time.", at=at)
    base.finish(row, action="transfer", by=by, at=at)
    return row


@transaction.atomic
def ask_second(consult: Consult, *, by: Person, specialist: Person, text: str, at: datetime) -> Consult:
    """Ask a colleague, of any specialty, into the thread. It stays with whoever has it, and so does the clock.

    Raises Invalid where the colleague is away, in conflict, answers no questions, or was asked before.
    """
    row = base.lock(consult, action=Action.SECOND, by=by)
    words = base.text_of(text)
    one = assigning.candidate(specialist)
    field = next(iter(one.specialties), 0)
    asked = routing.Asked(
        row.number, field, row.requester_id, row.due_at or at, row.organization_id, tier=row.organization.tier
    )
    if isinstance(decision := routing.may_serve(one, asked, now=at), Denied):
        raise Invalid(specialist=decision.reason)
    if specialist.pk == row.assignee_id:
        raise Invalid(specialist=f"{specialist.name} has {row.number} already.")
    _, is_new = SecondOpinion.objects.get_or_create(
        consult=row, specialist=specialist, defaults={"asked_by": by, "asked_at": at}
    )
    if not is_new:
        raise Invalid(specialist=f"{specialist.name} was asked already.")
    Message.objects.create(
        consult=row, kind=Message.Kind.NOTE, author=by, text=f"To {specialist.name}: {words}", created_at=at
    )
    base.note(row, Kind.OPINION_ASKED, at=at, by=by, detail=f"Of {specialist.name}")
    telling.person(specialist, row, what="asks for your second opinion.", at=at)
    base.finish(row, action="second-opinion", by=by, at=at)
    return row


@transaction.atomic
def give_opinion(consult: Consult, *, by: Person, text: str, at: datetime) -> Consult:
    """Answer in the thread of a consult that someone else has. It neither stops the clock nor ends the consult.

    Raises Refused for anyone not asked, Conflict once it was answered or ended.
    """
    row = base.held(consult)
    asked = answer_drafts.check_opinion(row, by=by)
    Message.objects.create(consult=row, kind=Message.Kind.OPINION, author=by, text=base.text_of(text), created_at=at)
    SecondOpinion.objects.filter(pk=asked.pk, given_at=None).update(given_at=at)
    answer_drafts.discard(row, by=by, kind=AnswerDraft.Kind.OPINION)
    base.note(row, Kind.OPINION, at=at, by=by)
    telling.assignee(row, what=f"has a second opinion by {by.name}.", at=at)
    telling.requester(row, what="has a second opinion in its thread.", at=at)
    base.finish(row, action="opinion", by=by, at=at)
    return row
