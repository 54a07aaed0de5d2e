"""Calls as pages show them: with a clock, and with a number only for those who call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from consults import calling
from consults.models import Call, CallNote, CallQuerySet, Message
from portal.members.models import Person


@dataclass(frozen=True)
class CallClock:
    """What is drawn of a call's clock (``consults.clockface``)."""

    state: str
    is_at_risk: bool
    is_late: bool
    promised_seconds: float
    due_at: datetime
    stopped_at: datetime | None
    remaining_seconds: float
    share_used: float
    paused_since: None = None
    counts_every_hour: bool = True


def clock_of(row: Call, *, now: datetime) -> CallClock:
    """The clock of a call as it is drawn."""
    length = (row.due_at - row.starts_at).total_seconds() or 1
    end = row.taken_at or row.ended_at
    state = "stopped" if end else "running" if row.starts_at <= now else "not started"
    left = (row.due_at - (end or now)).total_seconds()
    share = min(1.0, max(0.0, 1 - left / length))
    return CallClock(
        state=state,
        is_at_risk=state == "running" and share >= 0.85,
        is_late=left < 0,
        promised_seconds=length,
        due_at=row.due_at,
        stopped_at=end,
        remaining_seconds=left,
        share_used=share,
    )


def show(rows: Iterable[Call], person: Person, *, now: datetime) -> list[Call]:
    """The same calls, each with its clock, and what this person may do with it."""
    found = list(rows)
    for row in found:
        may_take = calling.may_take(person.actor, specialty_id=row.specialty_id, requester_id=row.requester_id)
        may_note = calling.may_note(person.actor, specialty_id=row.specialty_id, assignee_id=row.assignee_id)
        sees = calling.sees_number(person.actor, specialty_id=row.specialty_id, requester_id=row.requester_id)
        row.clock = clock_of(row, now=now)  # type: ignore[attr-defined]
        row.may_take = bool(may_take) and row.state == Call.State.WAITING  # type: ignore[attr-defined]
        row.may_note = bool(may_note) and row.state == Call.State.TAKEN  # type: ignore[attr-defined]
        row.may_add = bool(may_note) and row.state == Call.State.NOTED  # type: ignore[attr-defined]
        row.may_cancel = row.requester_id == person.pk and row.state == Call.State.WAITING  # type: ignore[attr-defined]
        row.shown_number = row.number if sees else ""  # type: ignore[attr-defined]
    return found


def visible(person: Person) -> CallQuerySet:
    """What this person may see, with all that a row shows."""
    return Call.objects.visible_to(person).select_related(
        "specialty", "organization", "requester", "assignee", "consult"
    )


def notes() -> "QuerySet[CallNote]":
    """Signed notes with ``minutes_now``: the note stays as it was signed, its minutes may have been mended since."""
    said = Message.objects.filter(
        consult=OuterRef("call__consult"), author=OuterRef("signed_by"), created_at=OuterRef("signed_at")
    )
    return CallNote.objects.annotate(minutes_now=Subquery(said.order_by("pk").values("minutes")[:1]))


def counts(person: Person) -> dict[str, int]:
    """How many calls of my specialties wait, and how many need a note."""
    rows: QuerySet[Call] = Call.objects.filter(specialty_id__in=person.actor.specialist_in).open()
    return rows.aggregate(
        waiting=Count("pk", filter=Q(state=Call.State.WAITING)), unnoted=Count("pk", filter=Q(state=Call.State.TAKEN))
    )
