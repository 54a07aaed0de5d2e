"""The clock: what is promised, when it pauses, when it is due. Pure: values in, values out, ``now`` given.

The log of clock events is the truth. A cycle starts with a promise in elapsed seconds, runs, pauses while the requester
is asked something, and stops with the answer or another end. Everything else (due moment, marks, words) follows from
it. Times are aware and compared as instants, so that neither a time zone nor a daylight-saving change moves a deadline.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import pairwise

PROMISE = timedelta(hours=48)
"""The network's standard: an answer within 48 elapsed hours."""


class Mark(Enum):
    """Shares of the promised time at which someone is told. The value is the milestone's name."""

    HALF = "half"
    AT_RISK = "at-risk"
    BREACH = "breach"

    @property
    def share(self) -> float:
        return {"half": 0.5, "at-risk": 0.85, "breach": 1.0}[self.value]


class State(Enum):
    NOT_STARTED = "not started"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Event:
    """One entry of the log: ``kind`` is start, pause, resume or stop."""

    kind: str
    at: datetime
    promised_seconds: int | None = None


class BadLog(ValueError):
    """The log is out of order: it names the entry that does not follow."""


@dataclass(frozen=True)
class Span:
    """A stretch during which the clock ran (or, for pauses, stood)."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True)
class Reading:
    """The clock as it stands at ``now``."""

    now: datetime
    state: State
    promised: timedelta
    started_at: datetime | None
    stopped_at: datetime | None
    paused_since: datetime | None
    running: tuple[Span, ...]
    pauses: tuple[Span, ...]
    """Both as far as ``now``; the last one may be still going on."""

    @property
    def elapsed(self) -> timedelta:
        """Time that counts: only while the clock ran."""
        return sum((span.length for span in self.running), timedelta())

    @property
    def paused(self) -> timedelta:
        return sum((span.length for span in self.pauses), timedelta())

    @property
    def remaining(self) -> timedelta:
        """Negative once late. When stopped: how early (or late) the end came."""
        return self.promised - self.elapsed

    @property
    def share_used(self) -> float:
        return self.elapsed / self.promised if self.promised else 0.0

    @property
    def is_late(self) -> bool:
        return self.state is not State.NOT_STARTED and self.remaining < timedelta()

    @property
    def is_at_risk(self) -> bool:
        return not self.is_late and self.state is not State.STOPPED and self.share_used >= Mark.AT_RISK.share

    @property
    def due_at(self) -> datetime | None:
        """When the promise ends if nothing pauses any more; None while it cannot be known."""
        return self.moment_of(Mark.BREACH) if self.state is State.RUNNING or self.is_late else None

    def moment_of(self, mark: Mark) -> datetime | None:
        """When the mark was or will be passed; None where it was not passed and the clock does not run."""
        needed = self.promised * mark.share
        for span in self.running:
            if needed < span.length:
                return span.start + needed
            needed -= span.length
        if self.state is State.RUNNING:
            return self.now + needed
        # The clock stands exactly on the mark: it was reached, but not passed, when the clock paused or stopped.
        return None

    def passed(self, mark: Mark) -> datetime | None:
        """When the mark was passed, if it was by ``now``."""
        moment = self.moment_of(mark)
        return moment if moment is not None and moment <= self.now else None

    def next_mark_after(self, seen: frozenset[Mark]) -> datetime | None:
        """When the next mark not yet in ``seen`` falls due as things stand."""
        moments = [self.moment_of(mark) for mark in Mark if mark not in seen]
        return min((moment for moment in moments if moment), default=None)


_FOLLOWS = {
    None: {"start"},
    "start": {"pause", "stop"},
    "pause": {"resume", "stop"},
    "resume": {"pause", "stop"},
    "stop": set[str](),
}


def read(log: Sequence[Event], *, now: datetime) -> Reading:
    """The clock of one cycle at ``now``, from its log in order of time. Entries after ``now`` are left out.

    Raises BadLog when an entry does not follow the one before it, in kind or in time.
    """
    # In UTC: between two moments of one zone Python counts by the wall clock, which jumps at a daylight-saving change.
    now = now.astimezone(UTC)
    log = [replace(event, at=event.at.astimezone(UTC)) for event in log]
    _check(log)
    known = [event for event in log if event.at <= now]
    if not known:
        return Reading(now, State.NOT_STARTED, PROMISE, None, None, None, (), ())
    last = known[-1]
    ends = [*known, Event("now", now)] if last.kind != "stop" else known
    spans = [(first.kind, Span(first.at, second.at)) for first, second in pairwise(ends)]
    state = {"pause": State.PAUSED, "stop": State.STOPPED}.get(last.kind, State.RUNNING)
    return Reading(
        now=now,
        state=state,
        promised=timedelta(seconds=known[0].promised_seconds or 0),
        started_at=known[0].at,
        stopped_at=last.at if state is State.STOPPED else None,
        paused_since=last.at if state is State.PAUSED else None,
        running=tuple(span for kind, span in spans if kind != "pause"),
        pauses=tuple(span for kind, span in spans if kind == "pause"),
    )


def _check(log: Sequence[Event]) -> None:
    before: Event | None = None
    for event in log:
        if event.kind not in _FOLLOWS[before.kind if before else None]:
            raise BadLog(f"{event.kind} at {event.at} cannot follow {before.kind if before else 'nothing'}")
        if before and event.at < before.at:
            raise BadLog(f"{event.kind} at {event.at} is earlier than {before.kind} at {before.at}")
        if event.kind == "start" and not event.promised_seconds:
            raise BadLog("a start must say what is promised")
        before = event
