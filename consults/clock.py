"""The clock: what is promised, when it pauses, when it is due. Pure: values in, values out, ``now`` given.

The log of clock events is the truth. A cycle starts with a promise, runs, pauses while the requester is asked
something, may be given another promise on the way, and stops with the answer or another end. Everything else (due
moment, marks, words) follows from it. What has counted stays counted whatever the promise becomes. Times are aware and
compared as instants, so that neither a time zone nor a daylight-saving change moves a deadline.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cached_property
from itertools import pairwise

from consults.calendars import ELAPSED as ELAPSED
from consults.calendars import Counting
from consults.ladder import STANDARD, Ladder, Wait

Key = tuple[str, int]
"""A milestone within a cycle: its name, and which pause it belongs to (from 1; 0 for those of the promise)."""

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

    def needed(self, promised: timedelta) -> timedelta:
        """How much time must have counted."""
        return promised * self.share


class State(Enum):
    NOT_STARTED = "not started"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Event:
    """One entry of the log: ``kind`` is start, pause, resume, retarget or stop.

    A start and a retarget say what is promised, which time counts, and who is told on the way.
    """

    kind: str
    at: datetime
    promised_seconds: int | None = None
    counting: Counting = ELAPSED
    ladder: Ladder = STANDARD


class BadLog(ValueError):
    """The log is out of order: it names the entry that does not follow."""


@dataclass(frozen=True)
class Span:
    """A stretch during which the clock ran (or, for pauses, stood), under one promise."""

    start: datetime
    end: datetime
    promised: timedelta = PROMISE
    counting: Counting = ELAPSED
    ladder: Ladder = STANDARD

    @property
    def length(self) -> timedelta:
        """By the wall."""
        return self.end - self.start

    @property
    def counted(self) -> timedelta:
        """What of it counts towards the promise."""
        return self.counting.counted(self.start, self.end)


@dataclass(frozen=True)
class Target:
    """A promise, from when on, and how much had counted by then."""

    at: datetime
    promised: timedelta
    counting: Counting
    elapsed_before: timedelta
    ladder: Ladder = STANDARD


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
    counting: Counting = ELAPSED
    targets: tuple[Target, ...] = ()
    """The promises of this cycle, the first one first."""

    @cached_property
    def elapsed(self) -> timedelta:
        """Time that counts: only while the clock ran."""
        return sum((span.counted for span in self.running), timedelta())

    @property
    def paused(self) -> timedelta:
        return sum((span.length for span in self.pauses), timedelta())

    @property
    def remaining(self) -> timedelta:
        """Negative once late. When stopped: how early (or late) the end came. In time that counts."""
        return self.promised - self.elapsed

    @property
    def share_used(self) -> float:
        return self.elapsed / self.promised if self.promised else 0.0

    @cached_property
    def is_late(self) -> bool:
        """Whether the promise as it stands has passed, be it in hours that do not count."""
        return self.due_at is not None and self.due_at < self.now

    @property
    def is_at_risk(self) -> bool:
        return not self.is_late and self.state is not State.STOPPED and self.share_used >= Mark.AT_RISK.share

    @cached_property
    def due_at(self) -> datetime | None:
        """When the promise ends if nothing pauses any more; None while it cannot be known. One that is used up when it
        is given, be it during a pause, is due at that very moment."""
        return self.moment_of(Mark.BREACH)

    def moment_of(self, mark: Mark) -> datetime | None:
        """When the mark of the promise as it stands was or will be passed; None where it was not and time stands.

        A promise that is already used up when it is given is due at that moment, not before it was given.
        """
        moment = self._first(mark, lambda span: self.promised)
        return max(moment, self.targets[-1].at) if moment else None

    def passed(self, mark: Mark) -> datetime | None:
        """When the mark was first passed by ``now``, of whichever promise stood then."""
        moment = self._first(mark, lambda span: span.promised)
        return moment if moment is not None and moment <= self.now else None

    @cached_property
    def crossings(self) -> Mapping[Key, datetime]:
        """When each mark, rung and reminder was or will be reached as things stand; those that will not be are left
        out. In order of gravity: marks before rungs, and the lower before the higher. Worked out once: a sweep
        asks what is new and what follows."""
        wanted: dict[str, Callable[[Span], timedelta]] = {
            mark.value: lambda span, mark=mark: mark.needed(span.promised)  # type: ignore[misc]
            for mark in Mark
        }
        for number, step in enumerate(self.ladder.steps):
            wanted[step.rung.value] = lambda span, n=number: span.ladder.steps[n].needed(span.promised)  # type: ignore[misc]
        found: dict[Key, datetime] = {}
        for name, needed in wanted.items():
            if (moment := self._when(needed)) is not None:
                found[name, 0] = moment
        for number, pause in enumerate(self.pauses, 1):
            is_open = self.state is State.PAUSED and number == len(self.pauses)
            for wait, moment in pause.ladder.waits(pause.start).items():
                if is_open or moment < pause.end:
                    found[wait.value, number] = moment
        return found

    def next_after(self, seen: Collection[Key]) -> datetime | None:
        """When the next of them that is not in ``seen`` falls due."""
        return min((moment for key, moment in self.crossings.items() if key not in seen), default=None)

    def closes_at(self, told: datetime | None) -> datetime | None:
        """When it closes for want of a reply, ``told`` being when its requester was told that it will; None before."""
        if self.state is not State.PAUSED or told is None:
            return None
        return self.pauses[-1].ladder.closes(self.pauses[-1].start, told)

    @property
    def closing(self) -> Key:
        """The milestone that announces the end of the pause that is going on."""
        return Wait.CLOSING.value, len(self.pauses)

    @property
    def ladder(self) -> Ladder:
        return self.targets[-1].ladder if self.targets else STANDARD

    def _first(self, mark: Mark, promised_in: Callable[[Span], timedelta]) -> datetime | None:
        return self._when(lambda span: mark.needed(promised_in(span)))

    def _when(self, needed_in: Callable[[Span], timedelta]) -> datetime | None:
        counted = timedelta()
        for span in self.running:
            moment = span.counting.reach(span.start, max(needed_in(span) - counted, timedelta()))
            if moment < span.end or (self.state is State.RUNNING and span is self.running[-1]):
                return moment
            counted += span.counted
        # The clock stands exactly on the mark, or before it: it was not passed when the clock paused or stopped.
        return None


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
    running, pauses, targets = _spans(known, now)
    states = [event.kind for event in known if event.kind != "retarget"]
    state = {"pause": State.PAUSED, "stop": State.STOPPED}.get(states[-1], State.RUNNING)
    return Reading(
        now=now,
        state=state,
        promised=targets[-1].promised,
        started_at=known[0].at,
        stopped_at=known[-1].at if state is State.STOPPED else None,
        paused_since=pauses[-1].start if state is State.PAUSED else None,
        running=tuple(running),
        pauses=tuple(pauses),
        counting=targets[-1].counting,
        targets=tuple(targets),
    )


def _spans(known: Sequence[Event], now: datetime) -> tuple[list[Span], list[Span], list[Target]]:
    """The stretches between the entries, running and paused, each under the promise of its time; and the promises."""
    running: list[Span] = []
    pauses: list[Span] = []
    targets: list[Target] = []
    is_paused = False
    ends = known if known[-1].kind == "stop" else [*known, Event("now", now)]
    for event, following in pairwise([*ends, ends[-1]]):
        if event.kind in ("start", "retarget"):
            elapsed = sum((span.counted for span in running), timedelta())
            promised = timedelta(seconds=event.promised_seconds or 0)
            targets.append(Target(event.at, promised, event.counting, elapsed, event.ladder))
        if event.kind in ("stop", "now"):
            break
        if is_paused and event.kind == "retarget":
            pauses[-1] = replace(pauses[-1], end=following.at)
            continue
        is_paused = event.kind == "pause"
        span = Span(event.at, following.at, targets[-1].promised, targets[-1].counting, targets[-1].ladder)
        (pauses if is_paused else running).append(span)
    return running, pauses, targets


def _check(log: Sequence[Event]) -> None:
    before: Event | None = None
    state: str | None = None
    for event in log:
        allowed = _FOLLOWS[state] | ({"retarget"} if state not in (None, "stop") else set())
        if event.kind not in allowed:
            raise BadLog(f"{event.kind} at {event.at} cannot follow {state or 'nothing'}")
        if before and event.at < before.at:
            raise BadLog(f"{event.kind} at {event.at} is earlier than {before.kind} at {before.at}")
        if event.kind in ("start", "retarget") and not event.promised_seconds:
            raise BadLog(f"a {event.kind} must say what is promised")
        before, state = event, state if event.kind == "retarget" else event.kind
