"""Between the pure clock and the database: the log, the columns stored beside it, and the sweep."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import F, Max

from consults import clock
from consults.models import ClockEvent, Consult, Milestone, TimelineEntry
from consults.services import telling
from portal.common import heartbeat, tenancy

BATCH = 200


def reading(consult: Consult, *, now: datetime, events: Iterable[ClockEvent] | None = None) -> clock.Reading:
    """The clock of the consult's present cycle at ``now``, from its log.

    ``events`` spares the query where the log is at hand (of any cycle).
    """
    log = consult.clock_events.all() if events is None else events
    cycle = [clock.Event(event.kind, event.at, event.promised_seconds) for event in log if event.cycle == consult.cycle]
    return clock.read(sorted(cycle, key=lambda event: event.at), now=now)


def start(consult: Consult, *, at: datetime, why: str) -> None:
    """Begin a new cycle with the standard promise. A cycle that has ended never changes."""
    consult.cycle += 1
    consult.promised_seconds = int(clock.PROMISE.total_seconds())
    _append(consult, ClockEvent.Kind.START, at=at, why=why, promised_seconds=consult.promised_seconds)


def pause(consult: Consult, *, at: datetime, why: str) -> None:
    _append(consult, ClockEvent.Kind.PAUSE, at=at, why=why)


def resume(consult: Consult, *, at: datetime, why: str) -> None:
    _append(consult, ClockEvent.Kind.RESUME, at=at, why=why)


def stop(consult: Consult, *, at: datetime, why: str) -> None:
    _append(consult, ClockEvent.Kind.STOP, at=at, why=why)


def _append(
    consult: Consult, kind: ClockEvent.Kind, *, at: datetime, why: str, promised_seconds: int | None = None
) -> None:
    """Add to the log, record what was passed before this moment, and store what the log now says.

    A sweep that comes late must find the same milestones, so they are recorded here before the clock stands still.
    """
    # Another host's clock may be a little ahead: the log never goes back in time.
    last = consult.clock_events.filter(cycle=consult.cycle).aggregate(last=Max("at"))["last"]
    at = max(at, last) if last else at
    if kind is not ClockEvent.Kind.START:
        record_passed([consult], now=at, tell=kind is not ClockEvent.Kind.STOP)
    ClockEvent.objects.create(
        consult=consult, cycle=consult.cycle, kind=kind, at=at, why=why, promised_seconds=promised_seconds
    )
    _store(consult, reading(consult, now=at, events=list(consult.clock_events.all())))


def _store(consult: Consult, now: clock.Reading, seen: frozenset[clock.Mark] | None = None) -> None:
    """Set, without saving, the columns that queues sort by and sweeps find by."""
    if seen is None:
        kinds = consult.milestones.filter(cycle=consult.cycle).values_list("kind", flat=True)
        seen = frozenset(clock.Mark(kind) for kind in kinds)
    running = now.state is clock.State.RUNNING
    consult.due_at = now.due_at if now.state is not clock.State.STOPPED else None
    consult.next_milestone_at = now.next_mark_after(seen) if running else None


def record_passed(consults: Sequence[Consult], *, now: datetime, tell: bool = True) -> Counter[str]:
    """Record each mark these (locked) consults have passed by ``now`` and that is not recorded yet.

    A mark is recorded at the moment it was passed, whatever the time of this call. Of several marks found at once
    only the gravest is told, and none when the clock is just being stopped: nobody is warned of what is over.
    Returns how many of each kind.
    """
    logs: dict[int, list[ClockEvent]] = defaultdict(list)
    for event in ClockEvent.objects.filter(consult__in=consults):
        logs[event.consult_id].append(event)
    recorded: dict[int, set[clock.Mark]] = defaultdict(set)
    for row in Milestone.objects.filter(consult__in=consults, cycle=F("consult__cycle")):
        recorded[row.consult_id].add(clock.Mark(row.kind))
    done: Counter[str] = Counter()
    for consult in consults:
        now_reading = reading(consult, now=now, events=logs[consult.pk])
        before = recorded[consult.pk]
        passed = {mark: moment for mark in clock.Mark if (moment := now_reading.passed(mark))}
        new = [mark for mark in passed if mark not in before]
        for mark in new:
            _record(consult, mark, moment=passed[mark], now=now)
        _store(consult, now_reading, frozenset(before.union(new)))
        if new and tell:
            telling.milestone(consult, new[-1], due_at=passed.get(clock.Mark.BREACH, consult.due_at))
        done.update(mark.value for mark in new)
    return done


def _record(consult: Consult, mark: clock.Mark, *, moment: datetime, now: datetime) -> None:
    Milestone.objects.create(consult=consult, cycle=consult.cycle, kind=mark.value, due_at=moment, recorded_at=now)
    TimelineEntry.objects.create(consult=consult, kind=TimelineEntry.Kind(mark.value), at=moment)


def sweep(*, now: datetime) -> Counter[str]:
    """Record every mark passed by ``now``. Any number of sweeps at once do the work of one.

    Each batch is one transaction: claim the due rows, record, tell, commit.
    """
    done: Counter[str] = Counter()
    while True:
        with tenancy.everything():
            due = list(
                Consult.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(next_milestone_at__lte=now)
                .select_related("specialty", "assignee", "requester")
                .order_by("next_milestone_at")[:BATCH]
            )
            if not due:
                break
            done += record_passed(due, now=now)
            Consult.objects.bulk_update(due, ["due_at", "next_milestone_at"])
            done["consults"] += len(due)
    heartbeat.beat("sweep")
    return done
