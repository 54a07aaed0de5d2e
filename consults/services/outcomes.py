"""Counting each first answer for the scoreboard: when it is given, and at night whatever was not counted then."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Prefetch

from consults import clock
from consults.models import Assignment, Consult, Message, Milestone, Outcome
from consults.services import clockwork
from portal.common import tenancy

BATCH = 500
FIRST = 1
"""The cycle that ends with the first answer."""


def record(consults: Sequence[Consult]) -> int:
    """Count the first answers of these (locked) consults that are not counted yet; returns how many.

    The figures come from the log of the clock, the assignments and the milestones, so that counting later gives the
    same. A fixed number of queries, however many they are.
    """
    rows = list(
        Consult.objects.filter(pk__in=[row.pk for row in consults], outcome=None).prefetch_related(
            Prefetch("clock_events", clockwork.LOG.order_by("at", "id")),
            Prefetch("assignments", Assignment.objects.order_by("started_at", "id")),
            Prefetch("messages", Message.objects.filter(kind=Message.Kind.ANSWER).order_by("created_at", "id")),
            Prefetch("milestones", Milestone.objects.filter(cycle=FIRST, kind=Milestone.Kind.BREACH)),
        )
    )
    made = [outcome for row in rows if (outcome := _outcome(row))]
    Outcome.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _outcome(row: Consult) -> Outcome | None:
    answer = next(iter(row.messages.all()), None)
    events = clockwork.log_of(row.clock_events.all(), FIRST)
    if answer is None or not events or row.submitted_at is None or row.specialty_id is None:
        return None
    reading = clock.read(events, now=events[-1].at)
    first = next((turn.started_at for turn in row.assignments.all()), answer.created_at)
    return Outcome(
        consult=row,
        answer=answer,
        organization_id=row.organization_id,
        specialty_id=row.specialty_id,
        specialist_id=answer.author_id,
        answered_at=answer.created_at,
        elapsed_seconds=_seconds(answer.created_at - row.submitted_at),
        counted_seconds=_seconds(reading.elapsed),
        taken_seconds=_seconds(first - row.submitted_at),
        is_late=bool(row.milestones.all()),
        asked_back=any(event.kind == "pause" for event in events),
    )


def _seconds(length: timedelta) -> int:
    return max(0, round(length.total_seconds()))


def sweep(*, now: datetime) -> int:
    """Count every first answer given by ``now`` that is not counted: those from before there was a scoreboard."""
    done, last = 0, 0
    while True:
        with tenancy.everything():
            rows = list(
                Consult.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(answered_at__lte=now, outcome=None, pk__gt=last)
                .order_by("pk")[:BATCH]
            )
            if not rows:
                return done
            done, last = done + record(rows), rows[-1].pk
