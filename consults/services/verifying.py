"""Every stored figure of every clock against what its log says: the nightly check that nothing drifted."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from consults import clock
from consults.models import Assignment, ClockEvent, Consult, Milestone
from consults.services import clockwork
from portal.common import tenancy

BATCH = 500
# A mark passed this short a while ago may still be on its way into the record.
SLACK = timedelta(minutes=10)


@dataclass(frozen=True)
class Difference:
    """One figure that is stored as one thing and follows from the log as another."""

    number: str
    figure: str
    stored: object
    follows: object

    def __str__(self) -> str:
        return f"{self.number}: {self.figure} is stored as {self.stored}, and follows from the log as {self.follows}"


def verify(*, now: datetime) -> tuple[int, list[Difference]]:
    """How many consults were looked at, and every difference found."""
    count, differences, last = 0, list[Difference](), 0
    while True:
        with tenancy.everything():
            rows = list(Consult.objects.exclude(submitted_at=None).filter(pk__gt=last).order_by("pk")[:BATCH])
            if not rows:
                return count, differences
            logs: dict[int, list[ClockEvent]] = defaultdict(list)
            for event in clockwork.LOG.filter(consult__in=rows):
                logs[event.consult_id].append(event)
            milestones: dict[int, list[Milestone]] = defaultdict(list)
            for row in Milestone.objects.filter(consult__in=rows):
                milestones[row.consult_id].append(row)
            taken: dict[int, list[datetime]] = defaultdict(list)
            for pk, at in Assignment.objects.filter(consult__in=rows).values_list("consult_id", "started_at"):
                taken[pk].append(at)
        for consult in rows:
            differences += _differences(consult, logs[consult.pk], milestones[consult.pk], now)
            differences += _response(consult, logs[consult.pk], milestones[consult.pk], taken[consult.pk])
        count, last = count + len(rows), rows[-1].pk


def _differences(
    consult: Consult, log: list[ClockEvent], milestones: list[Milestone], now: datetime
) -> Iterator[Difference]:
    if consult.cycle != max((event.cycle for event in log), default=0):
        yield Difference(consult.number, "the round", consult.cycle, max((event.cycle for event in log), default=0))
        return
    try:
        yield from _columns(consult, log, milestones, now)
        for cycle in range(1, consult.cycle + 1):
            yield from _marks(consult, cycle, log, milestones, now)
    except clock.BadLog as error:
        yield Difference(consult.number, "the log", "kept", f"out of order: {error}")


def _columns(
    consult: Consult, log: list[ClockEvent], milestones: list[Milestone], now: datetime
) -> Iterator[Difference]:
    reading = clock.read(clockwork.log_of(log, consult.cycle), now=now)
    stopped = reading.state is clock.State.STOPPED
    due = None if stopped else reading.due_at
    if consult.promised_seconds != int(reading.promised.total_seconds()):
        yield Difference(consult.number, "the promise in seconds", consult.promised_seconds, reading.promised)
    if consult.due_at != due:
        yield Difference(consult.number, "the due moment", consult.due_at, due)
    recorded = clockwork.recorded_of(row for row in milestones if row.cycle == consult.cycle)
    expected = clockwork.next_moment(consult, reading, recorded)
    if consult.next_milestone_at != expected:
        yield Difference(consult.number, "the next mark", consult.next_milestone_at, expected)
    lapsed = consult.state == Consult.State.LAPSED
    ended = max((row for row in log if row.cycle == consult.cycle), key=lambda row: (row.at, row.pk)).why
    if lapsed != (stopped and ended == clockwork.NO_REPLY):
        yield Difference(consult.number, "closed without a reply", consult.state, ended)


def _response(
    consult: Consult, log: list[ClockEvent], milestones: list[Milestone], taken: list[datetime]
) -> Iterator[Difference]:
    """The promise of a first response, which only a question that waits to be taken still has open."""
    follows = None
    promised = [row for row in log if row.cycle == consult.cycle and row.promised_seconds]
    told = any(row.kind == Milestone.Kind.NOT_TAKEN and row.cycle == consult.cycle for row in milestones)
    if promised and consult.state == Consult.State.QUEUED and not told:
        begun, newest = min(row.at for row in promised), max(promised, key=lambda row: (row.at, row.pk)).promise
        if newest and newest.response_seconds and not any(at >= begun for at in taken):
            follows = newest.counting.reach(begun, timedelta(seconds=newest.response_seconds))
    if consult.response_due_at != follows:
        yield Difference(consult.number, "the first response", consult.response_due_at, follows)


def _marks(
    consult: Consult, cycle: int, log: list[ClockEvent], milestones: list[Milestone], now: datetime
) -> Iterator[Difference]:
    reading = clock.read(clockwork.log_of(log, cycle), now=now)
    recorded = {(row.kind, row.part): row.due_at for row in milestones if row.cycle == cycle}
    recorded.pop((Milestone.Kind.NOT_TAKEN.value, 0), None)
    reached = {key: moment for key, moment in reading.crossings.items() if moment <= now}
    for key in recorded.keys() | reached.keys():
        follows, stored = reached.get(key), recorded.get(key)
        waited_for = follows is not None and follows > now - SLACK and stored is None
        if stored != follows and not waited_for:
            what = f"the mark “{key[0]}”" + (f" of pause {key[1]}" if key[1] else "")
            yield Difference(consult.number, f"round {cycle}, {what}", stored, follows)
