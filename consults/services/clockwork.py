"""Between the pure clock and the database: the log, the columns stored beside it, and the sweep."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from consults import clock
from consults.ladder import STANDARD
from consults.models import ClockEvent, Consult, LadderVersion, Milestone, PromiseVersion, TimelineEntry
from consults.services import lapsing, logs
from consults.services.warning import Batch
from portal.common import heartbeat, tenancy
from portal.common.planned import planned
from portal.common.rows import add, add_many, add_one

BATCH = 1000
NO_REPLY = "no reply came"
"""Why the clock of a question stopped whose requester was waited for too long."""
LOG = ClockEvent.objects.select_related("promise__calendar", "ladder")

QUIET = (ClockEvent.Kind.RESUME, ClockEvent.Kind.STOP)
"""With these nobody is warned of what came before: a reply, or an answer, is there."""


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
        clock.Event(
            row.kind,
            row.at,
            row.promised_seconds,
            row.promise.counting if row.promise else clock.ELAPSED,
            row.ladder.ladder if row.ladder else STANDARD,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Terms:
    """On what a consult's clock is set. Empty is the network's standard."""

    promise: PromiseVersion | None = None
    ladder: LadderVersion | None = None


def start(consult: Consult, *, at: datetime, why: str, terms: Terms) -> None:
    """Begin a new cycle. One that ended never changes."""
    consult.cycle += 1
    _promise(consult, ClockEvent.Kind.START, at=at, why=why, terms=terms)


def retarget(consult: Consult, *, at: datetime, why: str, terms: Terms) -> None:
    """Promise anew within the cycle: what has counted stays counted, and every pause stays a pause."""
    _promise(consult, ClockEvent.Kind.RETARGET, at=at, why=why, terms=terms)


def _promise(consult: Consult, kind: ClockEvent.Kind, *, at: datetime, why: str, terms: Terms) -> None:
    promise = terms.promise
    consult.promised_seconds = promise.answer_seconds if promise else int(clock.PROMISE.total_seconds())
    _append(consult, kind, at=at, why=why, terms=terms)


def taken(consult: Consult, *, at: datetime) -> None:
    """A specialist has it: the promise of a first response is kept, or was broken and is recorded as that."""
    recorded = recorded_of(_marks(consult))
    if late := _not_taken(consult, recorded, now=at):
        add(late, TimelineEntry(consult=consult, kind=TimelineEntry.Kind.NOT_TAKEN, at=late.due_at))
    consult.response_due_at = None
    _store(consult, reading(consult, now=at), recorded)


def pause(consult: Consult, *, at: datetime, why: str) -> None:
    _append(consult, ClockEvent.Kind.PAUSE, at=at, why=why)


def resume(consult: Consult, *, at: datetime, why: str) -> None:
    _append(consult, ClockEvent.Kind.RESUME, at=at, why=why)


def stop(consult: Consult, *, at: datetime, why: str) -> None:
    _append(consult, ClockEvent.Kind.STOP, at=at, why=why)


def _append(consult: Consult, kind: ClockEvent.Kind, *, at: datetime, why: str, terms: Terms | None = None) -> None:
    """Add to the log, record what was passed before this moment, and store what the log now says.

    A sweep that comes late must find the same milestones, so they are recorded here before the clock stands still.
    """
    log, marks = _kept(consult) if consult.cycle > 1 or kind is not ClockEvent.Kind.START else ([], [])
    at = max([at, *(row.at for row in log), *(row.due_at for row in marks if row.kind == Milestone.Kind.NOT_TAKEN)])
    if kind is not ClockEvent.Kind.START:
        # What falls due in the very moment of an entry was not passed before it.
        if record_passed([consult], now=at, before=at, tell=kind not in QUIET):
            marks = list(_marks(consult))
        at = max(at, _after(marks) or consult.created_at)
    event = ClockEvent(consult=consult, cycle=consult.cycle, kind=kind.value, at=at, why=why)
    if terms:
        event.promised_seconds, event.promise, event.ladder = consult.promised_seconds, terms.promise, terms.ladder
    add_one(event)
    log.append(event)
    if terms or kind is ClockEvent.Kind.STOP:
        consult.response_due_at = _response_due(consult, terms.promise, log) if terms else None
    _store(consult, reading(consult, now=at, events=log), recorded_of(marks))


def _kept(consult: Consult) -> tuple[list[ClockEvent], list[Milestone]]:
    """The log of a (held) consult, of every cycle, and the milestones of the present one."""
    return list(LOG.filter(consult=consult).order_by("at", "id")), list(_marks(consult))


def _marks(consult: Consult) -> QuerySet[Milestone]:
    return Milestone.objects.filter(consult=consult, cycle=consult.cycle).order_by("due_at", "id")


# One row however much there is; Django would ask twice.
_LAST = """
SELECT greatest((SELECT max(at) FROM consults_clockevent WHERE consult_id = %(consult)s),
                (SELECT max(due_at) FROM consults_milestone
                  WHERE consult_id = %(consult)s AND cycle = %(cycle)s AND kind = 'not-taken'))
"""


def not_before_the_log(consult: Consult, at: datetime) -> datetime:
    """``at``, or where that is later the moment of the log's last entry, of any cycle, or by which nobody had taken it.

    The log never runs backwards: whoever wrote there held the row first, and looked at the clock later than whoever
    waited for the row.
    """
    with planned() as cursor:
        cursor.execute(_LAST, {"consult": consult.pk, "cycle": consult.cycle})
        last: datetime | None = cursor.fetchone()[0]
    return max(at, last) if last else at


def _after(marks: Iterable[Milestone]) -> datetime | None:
    """The first moment at which nothing is recorded yet: a sweep that looked at the clock later was here already."""
    last = max((row.due_at for row in marks if row.kind != Milestone.Kind.NOT_TAKEN), default=None)
    return last + timedelta(microseconds=1) if last else None


def _response_due(consult: Consult, promise: PromiseVersion | None, log: Iterable[ClockEvent]) -> datetime | None:
    """By when a specialist should have taken it, counted from the start of the cycle; None once one has."""
    if promise is None or promise.response_seconds is None or consult.assignee_id:
        return None
    begun = next(row.at for row in log if row.cycle == consult.cycle and row.kind == ClockEvent.Kind.START)
    if consult.assignments.filter(started_at__gte=begun).exists():
        return None
    return promise.counting.reach(begun, timedelta(seconds=promise.response_seconds))


def _store(consult: Consult, now: clock.Reading, recorded: dict[clock.Key, datetime]) -> None:
    """Set, without saving, the columns that queues sort by and sweeps find by.

    ``recorded`` are the milestones of this cycle and when each was recorded.
    """
    stopped = now.state is clock.State.STOPPED
    consult.due_at = None if stopped else now.due_at
    consult.next_milestone_at = next_moment(consult, now, recorded)


def next_moment(consult: Consult, now: clock.Reading, recorded: dict[clock.Key, datetime]) -> datetime | None:
    """When the sweep next has something to do about this consult."""
    if now.state is clock.State.STOPPED:
        return consult.response_due_at
    moments = [now.next_after(recorded), now.closes_at(recorded.get(now.closing)), consult.response_due_at]
    return min(filter(None, moments), default=None)


def recorded_of(milestones: Iterable[Milestone]) -> dict[clock.Key, datetime]:
    """When each of these milestones of one cycle was recorded."""
    return {(row.kind, row.part): row.recorded_at for row in milestones}


def record_passed(
    consults: Sequence[Consult], *, now: datetime, before: datetime | None = None, tell: bool = True
) -> Counter[str]:
    """Record what these (locked) consults have reached by ``now`` and what is not recorded yet; store what follows.

    It is recorded at the moment it was reached, whatever the time of this call. Nobody is told when the clock is just
    being stopped: nobody is warned of what is over. All of it is a fixed number of statements.
    ``before`` leaves out what is reached at that moment or later. Returns how many of each kind.
    """
    consults = [row for row in consults if row.next_milestone_at is not None and row.next_milestone_at <= now]
    if not consults:
        return Counter()
    events, recorded = logs.of(consults), logs.recorded(consults)
    batch = Batch(now)
    milestones, entries = list[Milestone](), list[TimelineEntry]()
    for consult in consults:
        reading, seen = clock.read(events[consult.pk], now=now), recorded[consult.pk]
        new = _new_milestones(consult, reading, seen, now=now, before=before)
        keys = [(row.kind, row.part) for row in new]
        _store(consult, reading, seen | dict.fromkeys(keys, now))
        names = batch.reached(consult, reading, seen, keys) if tell else {}
        entries += [
            TimelineEntry(
                consult_id=consult.pk, kind=SHOWN.get(row.kind, row.kind), at=row.due_at, detail=names.get(row.kind, "")
            )
            for row in new
            if row.kind in SHOWN or row.kind in names
        ]
        milestones += new
    entries.sort(key=lambda entry: entry.at)
    add_many([*milestones, *entries])
    batch.tell()
    return Counter(row.kind for row in milestones)


def _new_milestones(
    consult: Consult,
    reading: clock.Reading,
    seen: dict[clock.Key, datetime],
    *,
    now: datetime,
    before: datetime | None,
) -> list[Milestone]:
    """What was reached and is not recorded yet, the gravest last."""
    new = [_not_taken(consult, seen, now=now)]
    new += [
        Milestone(consult_id=consult.pk, cycle=consult.cycle, kind=kind, part=part, due_at=moment, recorded_at=now)
        for (kind, part), moment in reading.crossings.items()
        if moment <= now and (before is None or moment < before) and (kind, part) not in seen
    ]
    return [row for row in new if row]


SHOWN = {
    "half": "half",
    "at-risk": "at-risk",
    "breach": "breach",
    "not-taken": "not-taken",
    "remind-1": "reminded",
    "remind-2": "reminded",
    "closing": "closing",
}
"""What stands on the timeline too, and as what. A rung does where it was told to somebody."""


def _not_taken(consult: Consult, before: dict[clock.Key, datetime], *, now: datetime) -> Milestone | None:
    """That nobody took it by the moment promised, at that moment; once a cycle."""
    due = consult.response_due_at
    if due is None or due > now:
        return None
    consult.response_due_at = None
    kind = Milestone.Kind.NOT_TAKEN
    if (kind.value, 0) in before:
        return None
    return Milestone(consult_id=consult.pk, cycle=consult.cycle, kind=kind, due_at=due, recorded_at=now)


def sweep(*, now: datetime) -> Counter[str]:
    """Record everything reached by ``now``, and close what waited too long. Any number of sweeps at once do the work
    of one.

    Each batch is one transaction: claim the due rows, record, tell, commit.
    """
    done: Counter[str] = Counter()
    while True:
        with tenancy.everything():
            due = list(
                Consult.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(next_milestone_at__lte=now)
                .select_related("requester", "assignee")
                .defer("question", "summary", "words")
                .order_by("next_milestone_at")[:BATCH]
            )
            if due:
                done += record_passed(due, now=now)
                # What is due still after that is the end of a wait: it was announced a day ago or more.
                closing = [row for row in due if row.next_milestone_at is not None and row.next_milestone_at <= now]
                logs.store(due)
                for row in closing:
                    stop(row, at=now, why=NO_REPLY)
                    lapsing.lapse(row, at=now)
                done["lapsed"] += len(closing)
                done["consults"] += len(due)
        if len(due) < BATCH:
            break
    heartbeat.beat("sweep")
    return done
