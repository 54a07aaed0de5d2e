"""Which moments count towards a promise: every hour of every day, or the hours in which a section works. Pure.

A day off adds nothing, so that a holiday lengthens a deadline. Working hours are wall-clock times of one zone, taken as
instants day by day, so that an hour is an hour on both sides of a daylight-saving change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NETWORK = ZoneInfo("America/Chicago")
"""Where the network's own days begin and end: those on call, and working days."""
_WHOLE_DAY = 24 * 60
# Nobody closes for so long; a calendar in which nothing opens is refused before it is used.
_FURTHEST = 3 * 366


class NeverOpen(ValueError):
    """The calendar holds no working time within three years."""


class Counting(Protocol):
    """A way of counting time. Moments are aware; both methods answer in instants of UTC."""

    @property
    def words(self) -> str:
        """What counts, as it follows “an answer within 48 h, ”."""

    def counted(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time between the two counts."""

    def reach(self, start: datetime, needed: timedelta) -> datetime:
        """The first moment, from ``start`` on, at which ``needed`` has counted."""

    def days_off(self, start: datetime, end: datetime) -> list[tuple[date, str]]:
        """The days between the two on which nothing counted though the weekday is a working one, by name."""


@dataclass(frozen=True)
class EveryHour:
    """Elapsed time: the default."""

    words: str = "every hour of every day counted"

    def counted(self, start: datetime, end: datetime) -> timedelta:
        return end.astimezone(UTC) - start.astimezone(UTC)

    def reach(self, start: datetime, needed: timedelta) -> datetime:
        return start.astimezone(UTC) + needed

    def days_off(self, start: datetime, end: datetime) -> list[tuple[date, str]]:
        return []


ELAPSED = EveryHour()


@dataclass(frozen=True)
class Shift:
    """Minutes of a local day, from ``begins`` until ``ends``; a day may have several."""

    begins: int
    ends: int

    def __post_init__(self) -> None:
        if not 0 <= self.begins < self.ends <= _WHOLE_DAY:
            raise ValueError(f"{self} is no stretch of a day.")

    def __str__(self) -> str:
        return "–".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (self.begins, self.ends))


Shifts = tuple[Shift, ...]


@dataclass(frozen=True)
class WorkingHours:
    """``week`` holds the shifts of the seven weekdays, Monday first; ``closed`` names the days off, ``short`` the days
    with shifts of their own."""

    zone: str
    week: tuple[Shifts, ...]
    closed: Mapping[date, str] = field(default_factory=dict)
    short: Mapping[date, Shifts] = field(default_factory=dict)

    @property
    def words(self) -> str:
        runs: list[tuple[list[str], Shifts]] = []
        for name, shifts in zip(DAYS, self.week, strict=True):
            if runs and runs[-1][1] == shifts:
                runs[-1][0].append(name)
            else:
                runs.append(([name], shifts))
        hours = [
            f"{names[0]}{f'–{names[-1]}' if len(names) > 1 else ''} {' and '.join(map(str, shifts))}"
            for names, shifts in runs
            if shifts
        ]
        return f"only working hours counted ({'; '.join(hours)}, {self.zone} time)"

    def shifts(self, day: date) -> Shifts:
        """When work is done on this day."""
        if day in self.closed:
            return ()
        return self.short.get(day, self.week[day.weekday()])

    def counted(self, start: datetime, end: datetime) -> timedelta:
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        total = timedelta()
        for begins, ends in self._stretches(start):
            if begins >= end:
                break
            total += min(ends, end) - begins
        return total

    def reach(self, start: datetime, needed: timedelta) -> datetime:
        start = start.astimezone(UTC)
        if needed <= timedelta():
            return start
        for begins, ends in self._stretches(start):
            if needed <= ends - begins:
                return begins + needed
            needed -= ends - begins
        raise NeverOpen("No working time within three years.")

    def days_off(self, start: datetime, end: datetime) -> list[tuple[date, str]]:
        zone = ZoneInfo(self.zone)
        first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        return sorted((day, name) for day, name in self.closed.items() if first <= day <= last and self._works(day))

    def _works(self, day: date) -> bool:
        return bool(self.week[day.weekday()])

    def _stretches(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working stretches from ``start`` on, the first cut where it is going on; within three years."""
        zone = ZoneInfo(self.zone)
        # A day earlier, because a stretch may end at midnight of the day before in a zone whose clock just changed.
        first = start.astimezone(zone).date() - timedelta(days=1)
        for number in range(_FURTHEST):
            day = first + timedelta(days=number)
            for shift in self.shifts(day):
                begins, ends = _moment(day, shift.begins, zone), _moment(day, shift.ends, zone)
                if ends > start and ends > begins:
                    yield max(begins, start), ends


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant of a minute of a local day; a minute that the day skips is the moment of the skip."""
    if minute == _WHOLE_DAY:
        day, minute = day + timedelta(days=1), 0
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)


def shifts_from(pairs: list[list[str]]) -> Shifts:
    """Shifts from pairs of times such as [["08:00", "12:00"], ["13:00", "17:00"]]; "24:00" ends a day.

    Raises ValueError for what is no time, runs backwards, or overlaps.
    """
    shifts = tuple(sorted((Shift(_minute(begins), _minute(ends)) for begins, ends in pairs), key=lambda s: s.begins))
    for one, other in pairwise(shifts):
        if other.begins < one.ends:
            raise ValueError(f"{one} and {other} overlap.")
    return shifts


def _minute(text: str) -> int:
    hours, colon, minutes = text.strip().partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(minutes) < 60):
        raise ValueError(f"“{text}” is not a time such as 08:30.")
    return int(hours) * 60 + int(minutes)
