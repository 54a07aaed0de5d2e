"""The made-up network that routing rules are tried on: who answers when, and what is asked in a year. Seeded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import exp, log
from random import Random
from zoneinfo import ZoneInfo

from consults.hours import Hours, Seconds, Shift, spans_of, without

ZONE = ZoneInfo("America/Chicago")
BEGIN = datetime(2026, 1, 5, tzinfo=ZONE)
DAY = 86_400.0
SIZES = (4, 5, 6, 6, 8, 8, 8, 10, 10, 12, 12, 14, 16, 17)
"""Specialists of each specialty."""
HOLIDAYS = tuple(
    date(2026, month, day)
    for month, day in ((1, 19), (2, 16), (5, 25), (6, 19), (7, 3), (9, 7), (11, 11), (11, 26), (11, 27), (12, 25))
)
BLOCKS = ((time(7, 15), time(8)), (time(12), time(13)), (time(15, 30), time(16, 15)), (time(17), time(18)))
"""Between patients: specialists answer in two of these on the days they answer at all."""
WEEKEND = ((time(9), time(11)), (time(17), time(18)))
"""When the one on call at a weekend looks."""
KEPT = 0.88
"""Share of blocks that are kept; a clinic that runs late takes the others, and nobody knows before."""
MEDIAN_EFFORT, SIGMA = 15 * 60.0, 0.6
ASKED_BACK = 0.11
PROMISES = ((48, 0.80), (24, 0.15), (8, 0.05))
"""Hours promised, with the share of consults: the standard, and two levels of urgency by policy."""
HOURLY = (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 18, 16, 11, 14, 17, 17, 15, 11, 7, 5, 4, 3, 2, 1)
DAILY = (1.15, 1.05, 1.0, 1.0, 0.95, 0.25, 0.22)


@dataclass(slots=True)
class Doctor:
    number: int
    planned: Hours
    kept: Hours
    starts: list[float]
    absences: list[Seconds]
    speed: float
    language: bool
    conflict: int

    def is_away(self, now: float) -> bool:
        return any(start <= now < end for start, end in self.absences)

    def may(self, job: "Job") -> bool:
        return job.organization != self.conflict and (self.language or not job.language)


@dataclass(slots=True)
class Job:
    number: int
    at: float
    due: float
    effort: float
    organization: int
    language: bool
    asked_back: bool
    answered: float | None = None
    paused: float = field(default=0.0)

    @property
    def is_on_time(self) -> bool:
        return self.answered is not None and self.answered <= self.due


def doctors(size: int, *, days: int, rng: Random) -> list[Doctor]:
    """The specialists of one specialty: their weeks, absences, weekends on call, and which blocks they will keep."""
    until = BEGIN + timedelta(days=days + 42)
    made: list[Doctor] = []
    taken: Counter[int] = Counter()
    for number in range(size):
        week = [
            Shift(day, *block)
            for day in sorted(rng.sample(range(5), rng.choice((3, 4, 5, 5))))
            for block in sorted(rng.sample(BLOCKS, 2))
        ]
        holidays = _absences([(day, 1) for day in HOLIDAYS])
        planned_off = _absences(_vacations(rng, days, taken, most=max(1, size // 5)))
        sick = _absences(_illness(rng, days))
        spans = spans_of(week, zone=ZONE, since=BEGIN, until=until)
        duty = [_local(day, block) for day in _weekends(number, size, days) for block in WEEKEND]
        away = sorted((start.timestamp(), end.timestamp()) for start, end in planned_off)
        ill = sorted((start.timestamp(), end.timestamp()) for start, end in sick)
        off = sorted((start.timestamp(), end.timestamp()) for start, end in holidays)
        planned = sorted([*without(spans, sorted([*away, *off])), *without(duty, away)])
        kept = [span for span in without(planned, ill) if rng.random() < KEPT]
        made.append(
            Doctor(
                number,
                Hours(planned),
                Hours(kept),
                [start for start, _ in kept],
                sorted([*away, *ill]),
                speed=exp(rng.gauss(0, 0.2)),
                language=number % 3 == 0,
                conflict=rng.randrange(40),
            )
        )
    return made


def _local(day: date, block: tuple[time, time]) -> Seconds:
    start, end = (datetime.combine(day, moment, ZONE).timestamp() for moment in block)
    return (start, end)


def _absences(days: list[tuple[date, int]]) -> list[tuple[datetime, datetime]]:
    at = [(datetime.combine(day, time(0), ZONE), length) for day, length in days]
    return [(start, datetime.combine(start.date() + timedelta(days=length), time(0), ZONE)) for start, length in at]


def _vacations(rng: Random, days: int, taken: Counter[int], *, most: int) -> list[tuple[date, int]]:
    """Five weeks a year, rather in summer and at the year's end, never more than ``most`` of a specialty at once where
    that can be had."""
    favourite = [*range(52), *range(23, 35), *range(23, 35), 50, 51]
    found = []
    for weeks in (2, 1, 1, 1):
        for _ in range(20):
            begin = rng.choice(favourite)
            if all(taken[week] < most for week in range(begin, begin + weeks)):
                break
        taken.update(range(begin, begin + weeks))
        found.append((BEGIN.date() + timedelta(weeks=begin), weeks * 7))
    return [(day, length) for day, length in found if day < BEGIN.date() + timedelta(days=days)]


def _illness(rng: Random, days: int) -> list[tuple[date, int]]:
    return [(BEGIN.date() + timedelta(days=rng.randrange(days)), rng.choice((1, 1, 2, 3))) for _ in range(4)]


def _weekends(number: int, size: int, days: int) -> Iterator[date]:
    """Each weekend has its one on call, in turn; two where the specialty is large."""
    at_once = 1 if size < 15 else 2
    for week in range(days // 7 + 5):
        if (week * at_once - number) % size < at_once:
            for day in (5, 6):
                yield BEGIN.date() + timedelta(weeks=week, days=day)


def offered(people: list[Doctor], *, days: int) -> float:
    """Seconds of answering that the year really has."""
    end = BEGIN.timestamp() + days * DAY
    return sum(person.kept.worked(end) / person.speed for person in people)


def jobs(count: int, *, days: int, rng: Random, promises: tuple[tuple[int, float], ...] = PROMISES) -> list[Job]:
    """What is asked in the year, in order: peaks at mid-morning and mid-afternoon, little at weekends and holidays."""
    slots, weights = [], []
    for number in range(days):
        day = (BEGIN + timedelta(days=number)).date()
        quiet = 0.25 if day in HOLIDAYS else 1.0
        season = 1.0 + 0.08 * (1 if day.month in (1, 2, 3, 10, 11) else -0.5)
        for hour, busy in enumerate(HOURLY):
            slots.append(datetime.combine(day, time(hour), ZONE).timestamp())
            weights.append(busy * DAILY[day.weekday()] * quiet * season)
    moments = sorted(slot + rng.random() * 3600 for slot in rng.choices(slots, weights, k=count))
    hours, shares = zip(*promises, strict=True)
    promised = rng.choices(hours, shares, k=count)
    return [
        Job(
            number,
            at,
            at + promise * 3600.0,
            exp(rng.gauss(log(MEDIAN_EFFORT), SIGMA)),
            organization=min(int(rng.expovariate(1 / 12)), 99),
            language=rng.random() < 0.04,
            asked_back=rng.random() < ASKED_BACK,
        )
        for number, (at, promise) in enumerate(zip(moments, promised, strict=True))
    ]


def reply_after(rng: Random) -> float:
    """How long a requester takes to reply, in seconds: half within five hours."""
    return exp(rng.gauss(log(5 * 3600), 1.0))


MEAN_EFFORT = MEDIAN_EFFORT * exp(SIGMA * SIGMA / 2)
