"""Between the pure clock and the database: the log, the columns stored beside it, and the sweep."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Max

from consults import clock
from consults.models import ClockEvent, Consult, Milestone, PromiseVersion, TimelineEntry
from consults.services import telling
from portal.common import heartbeat, tenancy

BATCH = 200
LOG = ClockEvent.objects.select_related("promise__calendar")


def reading(consult: Consult, *, now: datetime, events: Iterable[ClockEvent] | None = None) -> clock.Reading:
    """The clock of the consult's present cycle at ``now``, from its log.

    ``events`` spares the query where the log is at hand (of any cycle).
    """
    log = LOG.filter(consult=consult, cycle=consult.cycle) if events is None else events
    return clock.read(log_of(log, consult.cycle), now=now)


def log_of(events: Iterable[ClockEvent], cycle: int) -> list[clock.Event]:
    """The entries of one cycle as the pure clock takes them, in order of time."""
    rows = sorted((row for row in events if row.cycle == cycle), key=lambda row: (row.at, row.pk))
    return [
        clock.Event(row.kind, row.at, row.promised_seconds, row.promise.counting if row.promise else clock.ELAPSED)
        for row in rows
    ]


def start(consult: Consult, *, at: datetime, why: str, promise: PromiseVersion | None = None) -> None:
    """Begin a new cycle; without a promise of its own, with the network's standard. One that ended never changes."""
    consult.cycle += 1
    _promise(consult, ClockEvent.Kind.START, at=at, why=why, promise=promise)


def retarget(consult: Consult, *, at: datetime, why: str, promise: PromiseVersion | None) -> None:
    """Promise anew within the cycle: what has counted stays counted, and every pause stays a pause."""
    _promise(consult, ClockEvent.Kind.RETARGET, at=at, why=why, promise=promise)


def _promise(
    consult: Consult, kind: ClockEvent.Kind, *, at: datetime, why: str, promise: PromiseVersion | None
) -> None:
    consult.promised_seconds = promise.answer_seconds if promise else int(clock.PROMISE.total_seconds())
    _append(consult, kind, at=at, why=why, promise=promise)


def taken(consult: Consult, *, at: datetime) -> None:
    """A specialist has it: the promise of a first response is kept, or was broken and is recorded as that."""
    _record_not_taken(consult, now=at, tell=False)
    consult.response_due_at = None
    _store(consult, reading(consult, now=at))


def pause(consult: Consult, *, at: datetime, why: str) -> None:
    _append(consult, ClockEvent.Kind.PAUSE, at=at, why=why)


def resume(consult: Consult, *, at: datetime, why: str) -> None:
    _append(consult, ClockEvent.Kind.RESUME, at=at, why=why)


def stop(consult: Consult, *, at: datetime, why: str) -> None:
    _append(consult, ClockEvent.Kind.STOP, at=at, why=why)


def _append(
    consult: Consult, kind: ClockEvent.Kind, *, at: datetime, why: str, promise: PromiseVersion | None = None
) -> None:
    """Add to the log, record what was passed before this moment, and store what the log now says.

    A sweep that comes late must find the same milestones, so they are recorded here before the clock stands still.
    """
    # Another host's clock may be a little ahead: the log never goes back in time.
    last = consult.clock_events.filter(cycle=consult.cycle).aggregate(last=Max("at"))["last"]
    at = max(at, last) if last else at
    if kind is not ClockEvent.Kind.START:
        record_passed([consult], now=at, tell=kind is not ClockEvent.Kind.STOP)
    promises = kind in (ClockEvent.Kind.START, ClockEvent.Kind.RETARGET)
    ClockEvent.objects.create(
        consult=consult,
        cycle=consult.cycle,
        kind=kind,
        at=at,
        why=why,
        promised_seconds=consult.promised_seconds if promises else None,
        promise=promise,
    )
    if promises or kind is ClockEvent.Kind.STOP:
        consult.response_due_at = None if kind is ClockEvent.Kind.STOP else _response_due(consult, promise)
    _store(consult, reading(consult, now=at))


def _response_due(consult: Consult, promise: PromiseVersion | None) -> datetime | None:
    """By when a specialist should have taken it, counted from the start of the cycle; None once one has."""
    if promise is None or promise.response_seconds is None or consult.assignee_id:
        return None
    begun = consult.clock_events.get(cycle=consult.cycle, kind=ClockEvent.Kind.START).at
    if consult.assignments.filter(started_at__gte=begun).exists():
        return None
    return promise.counting.reach(begun, timedelta(seconds=promise.response_seconds))


def _store(consult: Consult, now: clock.Reading, seen: frozenset[clock.Mark] | None = None) -> None:
    """Set, without saving, the columns that queues sort by and sweeps find by."""
    if seen is None:
        seen = marks_of(consult.milestones.filter(cycle=consult.cycle))
    running = now.state is clock.State.RUNNING
    consult.due_at = now.due_at if now.state is not clock.State.STOPPED else None
    moments = [now.next_mark_after(seen) if running else None, consult.response_due_at]
    consult.next_milestone_at = min(filter(None, moments), default=None)


def marks_of(milestones: Iterable[Milestone]) -> frozenset[clock.Mark]:
    """The marks among these milestones."""
    kinds = {mark.value for mark in clock.Mark}
    return frozenset(clock.Mark(row.kind) for row in milestones if row.kind in kinds)


def record_passed(consults: Sequence[Consult], *, now: datetime, tell: bool = True) -> Counter[str]:
    """Record each mark these (locked) consults have passed by ``now`` and that is not recorded yet.

    A mark is recorded at the moment it was passed, whatever the time of this call. Of several marks found at once
    only the gravest is told, and none when the clock is just being stopped: nobody is warned of what is over.
    Returns how many of each kind.
    """
    logs: dict[int, list[ClockEvent]] = defaultdict(list)
    for event in LOG.filter(consult__in=consults):
        logs[event.consult_id].append(event)
    recorded: dict[int, list[Milestone]] = defaultdict(list)
    for row in Milestone.objects.filter(consult__in=consults, cycle=F("consult__cycle")):
        recorded[row.consult_id].append(row)
    done: Counter[str] = Counter()
    for consult in consults:
        now_reading = reading(consult, now=now, events=logs[consult.pk])
        before = marks_of(recorded[consult.pk])
        done["not-taken"] += _record_not_taken(consult, now=now, tell=tell)
        passed = {mark: moment for mark in clock.Mark if (moment := now_reading.passed(mark))}
        new = [mark for mark in passed if mark not in before]
        for mark in new:
            _record(consult, mark, moment=passed[mark], now=now)
        _store(consult, now_reading, frozenset(before.union(new)))
        if new and tell:
            telling.milestone(consult, new[-1], due_at=passed.get(clock.Mark.BREACH, consult.due_at))
        done.update(mark.value for mark in new)
    return +done


def _record_not_taken(consult: Consult, *, now: datetime, tell: bool) -> bool:
    """Record that nobody took it by the moment promised, at that moment; once a cycle."""
    due = consult.response_due_at
    if due is None or due > now:
        return False
    consult.response_due_at = None
    kind = Milestone.Kind.NOT_TAKEN
    _, is_new = Milestone.objects.get_or_create(
        consult=consult, cycle=consult.cycle, kind=kind, defaults={"due_at": due, "recorded_at": now}
    )
    if is_new:
        TimelineEntry.objects.create(consult=consult, kind=TimelineEntry.Kind.NOT_TAKEN, at=due)
        if tell:
            telling.not_taken(consult)
    return is_new


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
            Consult.objects.bulk_update(due, ["due_at", "response_due_at", "next_milestone_at"])
            done["consults"] += len(due)
    heartbeat.beat("sweep")
    return done
