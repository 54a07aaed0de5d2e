"""The requester's side once a question is sent: reply, add, follow up, withdraw, close."""

from datetime import datetime

from django.db import transaction

from consults.models import Assignment, CloseOut, Consult, Message, TimelineEntry
from consults.policy import Action
from consults.services import base, clockwork, offering, promising, telling
from portal.common.refusals import Invalid
from portal.common.rows import add
from portal.members.models import Person

State = Consult.State
Kind = TimelineEntry.Kind
MAX_COMMENT = 500
LONGEST_SURVEY = 3600
"""Seconds."""


@transaction.atomic
def reply(consult: Consult, *, by: Person, text: str, at: datetime) -> Consult:
    """Say something more. What it means depends on the state: a reply that lets the clock run on, an addition while
    the question waits, or, after an answer, a follow-up that starts a new clock with whoever answered."""
    row = base.lock(consult, action=Action.REPLY, by=by)
    words = base.text_of(text)
    if row.state == State.WAITING:
        kind, entry = Message.Kind.REPLY, Kind.REPLIED
        row.state = State.ASSIGNED
        clockwork.resume(row, at=at, why="the requester replied")
    elif row.state == State.LAPSED:
        kind, entry = Message.Kind.REPLY, Kind.REOPENED
        row.ended_at = None
        _reopen(row, at=at, why="a reply after it had closed")
    elif row.state == State.ANSWERED:
        kind, entry = Message.Kind.FOLLOW_UP, Kind.FOLLOWED_UP
        _reopen(row, at=at, why="follow-up")
    else:
        kind, entry = Message.Kind.NOTE, Kind.NOTE_ADDED
    message = Message(consult=row, kind=kind, author=by, text=words, created_at=at)
    add(message, base.entry(row, entry, at=at, by=by))
    telling.assignee(row, what=f"has a {kind.label.lower()} from the requester.", at=at)
    base.finish(row, action="reply", by=by, at=at)
    return row


def _reopen(row: Consult, *, at: datetime, why: str) -> None:
    """Back to whoever answered, if they still answer and are not away; else to the queue."""
    holder = row.assignee
    if holder and holder.is_active and row.specialty_id in holder.actor.specialist_in and not holder.is_away(at):
        row.state = State.ASSIGNED
        add(Assignment(consult=row, specialist=holder, started_at=at))
        clockwork.start(row, at=at, why=why, terms=promising.terms_for(row))
        return
    row.state, row.assignee = State.QUEUED, None
    clockwork.start(row, at=at, why=why, terms=promising.terms_for(row))
    telling.sent(row, at=at)


@transaction.atomic
def withdraw(consult: Consult, *, by: Person, at: datetime) -> Consult:
    """The question is no longer needed. The clock stops; it stays readable."""
    row = base.lock(consult, action=Action.WITHDRAW, by=by)
    clockwork.stop(row, at=at, why="withdrawn")
    row.assignments.filter(ended_at=None).update(ended_at=at)
    telling.assignee(row, what="was withdrawn by the requester. Nothing more is asked of you.", at=at)
    row.state, row.ended_at = State.WITHDRAWN, at
    base.note(row, Kind.WITHDRAWN, at=at, by=by)
    base.finish(row, action="withdraw", by=by, at=at)
    return row


@transaction.atomic
def close(
    consult: Consult,
    *,
    by: Person,
    course: str,
    referral: str,
    value: int,
    at: datetime,
    comment: str = "",
    seconds: int | None = None,
) -> Consult:
    """Close an answered question with the three answers of the close-out survey, and a comment for whoever answered.

    Raises Invalid for each answer that is not one of those offered; ``value`` is 1 to 5. ``seconds`` is how long the
    survey took; what is no likely time (over an hour) is not kept.
    """
    row = base.lock(consult, action=Action.CLOSE, by=by)
    problems = {}
    if course not in CloseOut.Course.values:
        problems["course"] = f"Choose one of {', '.join(CloseOut.Course.values)}."
    if referral not in CloseOut.Referral.values:
        problems["referral"] = f"Choose one of {', '.join(CloseOut.Referral.values)}."
    if not 1 <= value <= 5:
        problems["value"] = "Choose a number from 1 to 5."
    words = comment.replace("\x00", "").strip()
    if len(words) > MAX_COMMENT:
        problems["comment"] = f"Use at most {MAX_COMMENT} characters; this has {len(words)}."
    if problems:
        raise Invalid(**problems)
    took = seconds if seconds is not None and 0 < seconds <= LONGEST_SURVEY else None
    CloseOut.objects.create(
        consult=row, course=course, referral=referral, value=value, comment=words, seconds=took, at=at
    )
    row.state, row.ended_at = State.CLOSED, at
    base.note(row, Kind.CLOSED, at=at, by=by)
    offering.offer(row, at=at)
    telling.assignee(row, what="was closed by the requester. Thank you for answering it.", at=at)
    base.finish(row, action="close", by=by, at=at)
    return row
