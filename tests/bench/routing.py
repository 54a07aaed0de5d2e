"""A year of consults replayed against four rules of routing: `python -m tests.bench.routing [--seed 5] [--quick]`.

First come, first served: whoever is free takes the oldest question of the queue. Round robin and least loaded: a
question is given at once, in turn or to whoever has fewest open; each works theirs by what falls due first. Least
expected lateness is ``consults.routing.choose``, the code the site runs. All four get the same world, the same courtesy
(nobody away is given anything, and what lies with someone who becomes away is routed anew) and the same consults.

An event loop of our own, as an event here is a few lines and there are millions: nothing is gained from a framework.
"""

import argparse
import sys
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from time import perf_counter
from typing import Any

from consults.routing import USUAL_SPREAD, Seat, choose
from tests.bench import world
from tests.bench.world import DAY, Doctor, Job

LOOK = 21 * DAY
FADES = 28 * DAY


@dataclass(slots=True)
class Desk:
    """A doctor at work: what they have, what is in hand, and what the rule knows of them."""

    doctor: Doctor
    seat: Seat
    mine: list[Job] = field(default_factory=list)
    current: Job | None = None
    version: int = 0
    worked: float = 0.0
    lately: float = 0.0
    faded: float = 0.0

    def note(self, now: float, seconds: float) -> None:
        """Count what was done, older work for less."""
        self.lately *= 0.5 ** ((now - self.faded) / FADES)
        self.lately += seconds / 60
        self.faded = now
        self.worked += seconds

    def known(self, now: float) -> Seat:
        """The seat as of now."""
        hours = self.doctor.planned
        ahead = hours.worked(now + LOOK) - hours.worked(now)
        self.seat.load = self.lately * 3600 / ahead if ahead else 0.0
        self.seat.due = [job.due for job in ([self.current, *self.mine] if self.current else self.mine)]
        kept = self.doctor.kept
        self.seat.is_here = _is_in(kept.starts, kept.ends, now)
        return self.seat

    @property
    def open(self) -> int:
        return len(self.mine) + (self.current is not None)


class Rule:
    """Where a question goes, and what someone who is free takes next."""

    order: Callable[[Job], float] = staticmethod(lambda job: job.at)

    def __init__(self, desks: list[Desk]) -> None:
        self.desks, self.turn = desks, 0
        self.queue: list[tuple[float, int, Job]] = []

    def place(self, job: Job, now: float) -> Desk | None:
        """The desk it goes to at once; None where it waits in the queue."""
        return None

    def keep(self, job: Job) -> None:
        insort(self.queue, (type(self).order(job), job.number, job))

    def able(self, job: Job, now: float) -> list[Desk]:
        return [desk for desk in self.desks if desk.doctor.may(job) and not desk.doctor.is_away(now)]

    def take(self, desk: Desk) -> Job | None:
        """Their own most urgent; else the first of the queue that they may have."""
        if desk.mine:
            return desk.mine.pop(0)
        for place, (_, _, job) in enumerate(self.queue):
            if desk.doctor.may(job):
                return self.queue.pop(place)[2]
        return None

    def moved(self, now: float) -> Iterable[Desk]:
        """Called when someone became free or began: desks that were given something from the queue."""
        return ()


class FirstCome(Rule):
    """One queue, the oldest first."""


class MostUrgent(Rule):
    """One queue, by what falls due first: what the site's queue page is, where nothing is assigned."""

    order = staticmethod(lambda job: job.due)

    def take(self, desk: Desk) -> Job | None:
        """The most urgent of their own and the queue, which are one list on the page."""
        for place, (due, _, job) in enumerate(self.queue):
            if desk.mine and desk.mine[0].due <= due:
                break
            if desk.doctor.may(job):
                return self.queue.pop(place)[2]
        return desk.mine.pop(0) if desk.mine else None


class RoundRobin(Rule):
    def place(self, job: Job, now: float) -> Desk | None:
        for step in range(len(self.desks)):
            desk = self.desks[(self.turn + step) % len(self.desks)]
            if desk.doctor.may(job) and not desk.doctor.is_away(now):
                self.turn = (self.turn + step + 1) % len(self.desks)
                return desk
        return None


class LeastLoaded(Rule):
    def place(self, job: Job, now: float) -> Desk | None:
        self.turn += 1
        size = len(self.desks)
        able = self.able(job, now)
        return min(able, key=lambda desk: (desk.open, (desk.doctor.number + self.turn) % size)) if able else None


class LeastLateness(MostUrgent):
    """The site's: assigned where someone has room, else the queue, looked at again whenever someone becomes free."""

    def place(self, job: Job, now: float) -> Desk | None:
        able = {desk.doctor.number: desk for desk in self.able(job, now)}
        seats = [desk.known(now) for desk in able.values()]
        chosen = choose(seats, due=job.due, now=now, turn=str(job.number))
        return None if chosen is None else able[chosen]

    def moved(self, now: float) -> Iterable[Desk]:
        failed, place = 0, 0
        while place < len(self.queue) and failed < 2:
            job = self.queue[place][2]
            if desk := self.place(job, now):
                del self.queue[place]
                insort(desk.mine, job, key=lambda job: job.due)
                yield desk
            else:
                failed, place = failed + 1, place + 1


RULES: dict[str, type[Rule]] = {
    "First come, first served": FirstCome,
    "Round robin": RoundRobin,
    "Least loaded": LeastLoaded,
    "Least expected lateness": LeastLateness,
    "(Queue by due time, nothing assigned)": MostUrgent,
}
ARRIVE, BEGIN_BLOCK, DONE, REPLIED, LEAVE = range(5)


class Replay:
    """One specialty, one rule, one year."""

    def __init__(self, people: list[Doctor], jobs: list[Job], rule: type[Rule], rng: Random) -> None:
        self.desks = [
            Desk(one, Seat(one.number, one.planned, [], world.MEAN_EFFORT * one.speed, USUAL_SPREAD * 3600, 0.0))
            for one in people
        ]
        self.rule, self.rng, self.sequence = rule(self.desks), rng, 0
        self.events: list[tuple[float, int, int, object]] = []
        for job in jobs:
            self.push(job.at, ARRIVE, job)
        for desk in self.desks:
            for start in desk.doctor.starts:
                self.push(start, BEGIN_BLOCK, desk)
            for start, _ in desk.doctor.absences:
                self.push(start, LEAVE, desk)

    def push(self, at: float, kind: int, what: object) -> None:
        self.sequence += 1
        heappush(self.events, (at, self.sequence, kind, what))

    def run(self) -> None:
        steps: dict[int, Callable[[float, Any], None]] = {
            ARRIVE: self.arrive,
            BEGIN_BLOCK: self.begin,
            DONE: self.done,
            REPLIED: self.replied,
            LEAVE: self.leave,
        }
        while self.events:
            now, _, kind, what = heappop(self.events)
            steps[kind](now, what)

    def arrive(self, now: float, job: Job) -> None:
        if desk := self.rule.place(job, now):
            insort(desk.mine, job, key=lambda job: job.due)
            self.work(now, desk)
            return
        self.rule.keep(job)
        for desk in self.desks:
            if desk.current is None:
                self.work(now, desk)

    def begin(self, now: float, desk: Desk) -> None:
        for other in list(self.rule.moved(now)):
            self.work(now, other)
        self.work(now, desk)

    def work(self, now: float, desk: Desk) -> None:
        """Take the next thing if free and in a block that is kept."""
        kept = desk.doctor.kept
        if desk.current or desk.doctor.is_away(now) or not _is_in(kept.starts, kept.ends, now):
            return
        job = self.rule.take(desk)
        if job is None:
            return
        desk.current = job
        effort = job.effort * desk.doctor.speed * (0.3 if job.asked_back else 1.0)
        at = kept.moment(kept.worked(now) + effort)
        if at is not None:
            self.push(at, DONE, (desk, desk.version, effort))

    def done(self, now: float, what: tuple[Desk, int, float]) -> None:
        desk, version, effort = what
        job = desk.current
        if version != desk.version or job is None:
            return
        desk.current = None
        desk.note(now, effort)
        if job.asked_back:
            job.asked_back = False
            job.effort *= 0.7
            wait = world.reply_after(self.rng)
            job.due += wait
            job.paused += wait
            self.push(now + wait, REPLIED, (desk, job))
        else:
            job.answered = now
        for other in [desk, *self.rule.moved(now)]:
            self.work(now, other)

    def replied(self, now: float, what: tuple[Desk, Job]) -> None:
        """Back to whoever asked, unless they are away by now."""
        desk, job = what
        if desk.doctor.is_away(now):
            self.arrive(now, job)
            return
        insort(desk.mine, job, key=lambda job: job.due)
        self.work(now, desk)

    def leave(self, now: float, desk: Desk) -> None:
        """What lies with someone who becomes away is routed anew."""
        left = desk.mine + ([desk.current] if desk.current else [])
        desk.mine, desk.current, desk.version = [], None, desk.version + 1
        for job in left:
            self.arrive(now, job)


def _is_in(starts: list[float], ends: list[float], now: float) -> bool:
    at = bisect_right(starts, now) - 1
    return at >= 0 and now < ends[at]


@dataclass(frozen=True)
class Outcome:
    """What came of one specialty: seconds to the answer without pauses, who was late, minutes of each person."""

    waits: list[float]
    on_time: int
    shares: list[float]
    unanswered: int


def replay(size: int, rule: str, load: float, seed: int, days: int, promises: tuple[tuple[int, float], ...]) -> Outcome:
    """One specialty through the year. The same seed is the same world and the same consults for every rule."""
    people = world.doctors(size, days=days, rng=Random(f"{seed}/{size}/people"))
    count = round(load * world.offered(people, days=days) / world.MEAN_EFFORT)
    asked = world.jobs(count, days=days, rng=Random(f"{seed}/{size}/{load}/jobs"), promises=promises)
    year = Replay(people, asked, RULES[rule], Random(f"{seed}/{size}/replies"))
    year.run()
    end = world.BEGIN.timestamp() + days * DAY
    return Outcome(
        [job.answered - job.at - job.paused for job in asked if job.answered],
        sum(job.is_on_time for job in asked),
        [desk.worked / hours for desk in year.desks if (hours := desk.doctor.kept.worked(end))],
        sum(job.answered is None for job in asked),
    )


def gini(values: list[float]) -> float:
    """0 where all have the same, towards 1 where one has everything."""
    ordered, total = sorted(values), sum(values)
    return sum((2 * place - len(ordered) + 1) * value for place, value in enumerate(ordered)) / (len(ordered) * total)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    rule: str
    load: float
    n: int
    on_time: float
    median: float
    p95: float
    gini: float
    most: float


def measure(
    rule: str, load: float, *, seed: int, sizes: tuple[int, ...], days: int, promises: tuple[tuple[int, float], ...]
) -> Row:
    outcomes = [replay(size, rule, load, seed, days, promises) for size in sizes]
    waits = sorted(wait for outcome in outcomes for wait in outcome.waits)
    n = len(waits) + sum(outcome.unanswered for outcome in outcomes)
    # Fairness is between colleagues of one specialty, weighed by their number.
    people = sum(len(outcome.shares) for outcome in outcomes)
    return Row(
        rule,
        load,
        n,
        sum(outcome.on_time for outcome in outcomes) / n,
        waits[len(waits) // 2] / 3600,
        waits[len(waits) * 95 // 100] / 3600,
        sum(gini(outcome.shares) * len(outcome.shares) for outcome in outcomes) / people,
        sum(
            max(outcome.shares) / (sum(outcome.shares) / len(outcome.shares)) * len(outcome.shares)
            for outcome in outcomes
        )
        / people,
    )


def table(rows: list[Row]) -> str:
    head = "| load | rule | consults | on time | median | 95th percentile | Gini | most / mean |\n|" + "---|" * 8
    lines = [
        f"| {row.load:.0%} | {row.rule} | {row.n:,} | {row.on_time:.2%} | {row.median:.1f} h | {row.p95:.1f} h "
        f"| {row.gini:.3f} | {row.most:.2f} |"
        for row in rows
    ]
    return "\n".join([head, *lines])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--days", type=int, default=364)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(world.SIZES))
    parser.add_argument("--loads", type=float, nargs="+", default=[0.70, 0.85, 0.95])
    parser.add_argument("--one-promise", action="store_true", help="48 hours for every consult")
    parser.add_argument("--rules", nargs="+")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(arguments)
    promises = ((48, 1.0),) if asked.one_promise else world.PROMISES
    begun = perf_counter()
    with ProcessPoolExecutor(asked.processes) as pool:
        waiting = [
            pool.submit(
                measure, rule, load, seed=asked.seed, sizes=tuple(asked.sizes), days=asked.days, promises=promises
            )
            for load in asked.loads
            for rule in (asked.rules or RULES)
        ]
        rows = [future.result() for future in waiting]
    sys.stdout.write(f"{table(rows)}\n\nseed {asked.seed}, {perf_counter() - begun:.0f} s\n")
    worse = [
        (row.load, row.rule)
        for load in asked.loads
        for ours in rows
        if ours.load == load and RULES[ours.rule] is LeastLateness
        for row in rows
        if row.load == load and RULES[row.rule] in (FirstCome, RoundRobin, LeastLoaded) and row.on_time >= ours.on_time
    ]
    for load, rule in worse:
        sys.stdout.write(f"Not beaten at {load:.0%}: {rule}\n")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
