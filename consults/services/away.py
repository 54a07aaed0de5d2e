"""Work of those who became away: offered to whoever is on call, else back to the queue. The clock runs on untouched."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from consults import routing
from consults.arithmetic import moment
from consults.hours import NETWORK
from consults.languages import speaks
from consults.models import Assignment, Consult, OnCallDay, TimelineEntry
from consults.services import assigning, telling
from portal.common import audit, tenancy
from portal.members.models import Absence, Person

BATCH = 100
Kind = TimelineEntry.Kind


def sweep(*, now: datetime) -> Counter[str]:
    """Hand over every question that lies with someone away at ``now``. What was handed over is not found again, so
    that any number of sweeps at once do the work of one. A question back that waits for its reply stays until then."""
    done: Counter[str] = Counter()
    while True:
        with tenancy.everything():
            rows = list(
                Consult.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(state=Consult.State.ASSIGNED, assignee__in=Absence.objects.at(now).values("person"))
                .select_related("assignee", "specialty", "organization")
                .order_by("due_at", "pk")[:BATCH]
            )
            for row in rows:
                done["handed over" if _pass_on(row, now=now) else "released"] += 1
            if len(rows) < BATCH:
                return done


def _pass_on(row: Consult, *, now: datetime) -> bool:
    """Give one question to the backup, or to the queue; whether someone has it now."""
    gone = row.assignee
    assert gone is not None
    until = gone.away_at(now) or now
    telling.assignee(row, what="was handed over, as you are away. Nothing more is asked of you.", at=now)
    row.assignments.filter(ended_at=None).update(ended_at=now)
    stand_in = _stand_in(row, now=now)
    row.assignee, row.changed_at = stand_in, now
    row.state = Consult.State.ASSIGNED if stand_in else Consult.State.QUEUED
    reason = f"{gone.name} is away until {moment(until, NETWORK)}"
    if stand_in:
        Assignment.objects.create(consult=row, specialist=stand_in, started_at=now)
        _note(row, Kind.HANDED_OVER, now, f"{reason}: to {stand_in.name}, who is on call")
    else:
        _note(row, Kind.RELEASED, now, reason)
        assigning.place(row, at=now)
    row.save(update_fields=["assignee", "state", "changed_at"])
    telling.sent(row, at=now)
    if row.assignee is None:
        telling.leads(row, what=f"is back in the queue: {gone.name} is away, and nobody on call could take it.", at=now)
    audit.record(
        by="sweep of absences",
        action="consult.away",
        object_type="consult",
        object_id=row.number,
        organization_id=row.organization_id,
        gone=gone.pk,
        to=row.assignee_id,
    )
    return row.assignee is not None


def _note(row: Consult, kind: TimelineEntry.Kind, at: datetime, detail: str) -> None:
    TimelineEntry.objects.create(consult=row, kind=kind, at=at, detail=detail[:500])


def _stand_in(row: Consult, *, now: datetime) -> Person | None:
    """The backup on call for the specialty, else the primary, if they may have it."""
    asked = assigning.asked(row, now=now)
    for person in on_call(row.specialty_id or 0, now=now):
        one = assigning.candidate(person)
        if person.pk == row.assignee_id or not speaks(one.languages, row.language):
            continue
        if routing.may_serve(one, asked, now=now):
            return person
    return None


def on_call(specialty_id: int, *, now: datetime) -> Sequence[Person]:
    """Backup and primary of the specialty at the moment, the backup first; empty where nobody is on call."""
    day = now.astimezone(NETWORK).date()
    duty = OnCallDay.objects.filter(specialty=specialty_id, day=day).select_related("primary", "backup").first()
    return [person for person in (duty.backup, duty.primary) if person] if duty else []
