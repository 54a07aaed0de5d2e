"""When a call is promised, and who may do what with it. Pure: values in, values out; every moment is aware."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.members.policy import Actor, Allowed, Decision, Denied

Span = tuple[datetime, datetime]
MOST_WINDOWS, SHORTEST, FURTHEST = 3, timedelta(minutes=10), timedelta(days=14)
NOTE_WITHIN = timedelta(minutes=30)
"""How long a call may be without its note before those responsible are reminded."""


@dataclass(frozen=True)
class Promised:
    """From when a call counts, when it is offered to the backup, and when it is late."""

    starts_at: datetime
    passes_at: datetime
    due_at: datetime


def promised(requested_at: datetime, windows: Sequence[Span], minutes: int) -> Promised:
    """The promise of a call: so many minutes from the request, or from the start of the first window that is left,
    but never later than that window's end."""
    left = sorted(span for span in windows if span[1] > requested_at)
    start = max(requested_at, left[0][0]) if left else requested_at
    due = start + timedelta(minutes=minutes)
    if left:
        due = min(due, left[0][1])
    return Promised(start, start + (due - start) / 2, due)


def next_mark(promise: Promised, recorded: Collection[str]) -> tuple[str, datetime] | None:
    """The first mark of a waiting call that is not recorded yet, with its moment."""
    marks = (("begun", promise.starts_at), ("passed", promise.passes_at), ("missed", promise.due_at))
    return next(((kind, moment) for kind, moment in marks if kind not in recorded), None)


def why_not(windows: Sequence[Span], *, now: datetime) -> str:
    """What is wrong with these windows, in words; empty when nothing is."""
    if len(windows) > MOST_WINDOWS:
        return f"Give at most {MOST_WINDOWS} windows."
    for start, end in windows:
        if end - start < SHORTEST:
            return "A window is ten minutes long at least, and ends after it starts."
        if end < now + SHORTEST:
            return "This window is over, or nearly so. Give a later one."
        if end > now + FURTHEST:
            return "Give windows within the next 14 days."
    return ""


def why_not_again(again_at: datetime, *, now: datetime) -> str:
    """What is wrong with trying again then, in words; empty when nothing is."""
    if again_at <= now:
        return "This time is past. Give a later one."
    return "Try again within the next 14 days." if again_at > now + FURTHEST else ""


def may_take(actor: Actor, *, specialty_id: int, requester_id: int) -> Decision:
    """Who takes a call: specialists of its specialty, but never one's own."""
    if actor.person_id == requester_id:
        return Denied("You asked for this call, so someone else makes it.")
    return (
        Allowed()
        if specialty_id in actor.specialist_in
        else Denied("Only specialists of this specialty take its calls.")
    )


def may_note(actor: Actor, *, specialty_id: int, assignee_id: int | None) -> Decision:
    """Who notes a call: whoever took it, or the section lead."""
    if specialty_id in actor.leads or (actor.person_id == assignee_id and specialty_id in actor.specialist_in):
        return Allowed()
    return Denied("Only who took this call, or the section lead, writes its note. Take it first.")


def sees_number(actor: Actor, *, specialty_id: int, requester_id: int) -> bool:
    """The number is for those who call, and for whoever gave it."""
    return actor.person_id == requester_id or specialty_id in actor.specialist_in
