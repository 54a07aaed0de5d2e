"""The specialist's side: claim, ask back, answer, hand over, decline."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from consults import routing
from consults.models import AnswerDraft, Assignment, Citation, Consult, Message, TimelineEntry
from consults.policy import Action
from consults.services import answer_drafts, assigning, base, clockwork, outcomes, telling
from knowledge.models import Document
from portal.common.refusals import Conflict, Invalid
from portal.common.rows import add, add_one
from portal.members.models import Person
from portal.members.policy import Denied

State = Consult.State
Kind = TimelineEntry.Kind
MAX_MINUTES = 600


@transaction.atomic
def claim(consult: Consult, *, by: Person, at: datetime) -> Consult:
    """Take a waiting question. Of two at once one wins; the other gets Conflict naming who has it."""
    try:
        row = base.lock(consult, action=Action.CLAIM, by=by)
    except Conflict:
        taken = (State.ASSIGNED, State.WAITING)
        holder = Person.objects.filter(consults_assigned=consult, consults_assigned__state__in=taken).first()
        if holder is None:
            raise
        whose = "You already have it." if holder == by else f"{holder.name} took it before you."
        raise Conflict(f"{consult.number} is no longer waiting. {whose}") from None
    at = clockwork.not_before_the_log(row, at)
    if isinstance(decision := routing.may_serve(assigning.candidate(by), assigning.asked(row, now=at), now=at), Denied):
        raise Conflict(_why_not(by, decision, at=at))
    _assign(row, by, at=at)
    base.note(row, Kind.CLAIMED, at=at, by=by)
    telling.requester(row, what="has been taken by a specialist.", at=at)
    base.finish(row, action="claim", by=by, at=at)
    return row


def _why_not(by: Person, decision: Denied, *, at: datetime) -> str:
    """The reason in words to oneself."""
    if by.is_away(at):
        return "You have said that you are away. End your absence on the page My availability, then take it."
    return decision.reason


@transaction.atomic
def ask_back(consult: Consult, *, by: Person, text: str, at: datetime) -> Consult:
    """Ask the requester something. The clock pauses until they reply."""
    row = base.lock(consult, action=Action.ASK, by=by)
    _say(row, Message.Kind.ASK_BACK, by=by, text=text, at=at)
    answer_drafts.discard(row, by=by, kind=AnswerDraft.Kind.ASK)
    row.state = State.WAITING
    clockwork.pause(row, at=at, why="asked the requester")
    base.note(row, Kind.ASKED_BACK, at=at, by=by)
    telling.requester(row, what="has a question for you. The clock is paused until you reply.", at=at)
    telling.practice(row, what="has a question from the specialist.", at=at)
    base.finish(row, action="ask", by=by, at=at)
    return row


@transaction.atomic
def answer(
    consult: Consult, *, by: Person, text: str, documents: Iterable[Document], minutes: int | None, at: datetime
) -> Consult:
    """Answer, citing documents at their present revision. The clock stops.

    ``minutes`` is the specialist's own time, 1 to 600. Raises Invalid for the text or the minutes.
    """
    row = base.lock(consult, action=Action.ANSWER, by=by)
    if minutes is not None and not 1 <= minutes <= MAX_MINUTES:
        raise Invalid(minutes=f"Give your minutes as a whole number from 1 to {MAX_MINUTES}.")
    message = _say(row, Message.Kind.ANSWER, by=by, text=text, at=at, minutes=minutes)
    Citation.objects.bulk_create(
        Citation(message=message, document=document, revision_id=document.current_revision_id)
        for document in dict.fromkeys(documents)
        if document.current_revision_id
    )
    answer_drafts.discard(row, by=by)
    row.state = State.ANSWERED
    row.answered_at = row.answered_at or at
    clockwork.stop(row, at=at, why="answered")
    outcomes.record([row])
    _end_assignment(row, at=at)
    base.note(row, Kind.ANSWERED, at=at, by=by)
    telling.requester(row, what="was answered. Please read it, and close it or ask on.", at=at)
    telling.practice(row, what="was answered.", at=at)
    base.finish(row, action="answer", by=by, at=at)
    return row


@transaction.atomic
def hand_over(consult: Consult, *, by: Person, to: Person | None, at: datetime) -> Consult:
    """Give it to another specialist of the specialty, or (``to`` None) back to its queue. The clock runs on as it was.

    Raises Invalid where ``to`` may not have it, for example because they are away.
    """
    row = base.lock(consult, action=Action.HANDOVER, by=by)
    if to is None:
        _release(row, by=by, at=at)
    else:
        _give(row, to, by=by, at=at)
    base.finish(row, action="handover", by=by, at=at)
    return row


def _release(row: Consult, *, by: Person, at: datetime) -> None:
    if row.state != State.ASSIGNED:
        raise Conflict(f"{row.number} is not with a specialist whose work could go back to the queue.")
    _end_assignment(row, at=at)
    row.state, row.assignee = State.QUEUED, None
    base.note(row, Kind.RELEASED, at=at, by=by)
    telling.sent(row, at=at)


def _give(row: Consult, to: Person, *, by: Person, at: datetime) -> None:
    if to.pk == row.assignee_id:
        raise Invalid(to=f"{to.name} already has {row.number}.")
    decision = routing.may_serve(assigning.candidate(to), assigning.asked(row, now=at), now=at)
    if isinstance(decision, Denied):
        raise Invalid(to=decision.reason)
    if row.assignee != by:
        telling.assignee(row, what=f"was handed over to {to.name} by {by.name}. Nothing more is asked of you.", at=at)
    _end_assignment(row, at=at)
    _assign(row, to, at=at)
    base.note(row, Kind.HANDED_OVER, at=at, by=by, detail=f"To {to.name}")
    telling.assignee(row, what="was handed over to you.", at=at)


@transaction.atomic
def decline(consult: Consult, *, by: Person, reason: str, at: datetime) -> Consult:
    """End it without an answer, with the reason the requester reads."""
    row = base.lock(consult, action=Action.DECLINE, by=by)
    why = base.text_of(reason, field="reason")
    clockwork.stop(row, at=at, why="declined")
    _end_assignment(row, at=at)
    row.state, row.assignee, row.ended_at = State.DECLINED, None, at
    base.note(row, Kind.DECLINED, at=at, by=by, detail=why)
    telling.requester(row, what="was declined. The reason is on its page.", at=at)
    base.finish(row, action="decline", by=by, at=at)
    return row


def _say(
    row: Consult, kind: Message.Kind, *, by: Person, text: str, at: datetime, minutes: int | None = None
) -> Message:
    message = Message(consult=row, kind=kind, author=by, text=base.text_of(text), created_at=at, minutes=minutes)
    add_one(message)
    return message


def _assign(row: Consult, person: Person, *, at: datetime) -> None:
    if row.state == State.QUEUED:
        row.state = State.ASSIGNED
    row.assignee = person
    add(Assignment(consult=row, specialist=person, started_at=at))
    clockwork.taken(row, at=at)


def _end_assignment(row: Consult, *, at: datetime) -> None:
    row.assignments.filter(ended_at=None).update(ended_at=at)
