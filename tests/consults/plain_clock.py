"""The clock once more, in the dullest way: from the rows of the log, by trial of moments, with nothing of the site.

It is what the state machine compares the stored clock with. Slow, and meant to be.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

TICK = timedelta(microseconds=1)
CHICAGO = ZoneInfo("America/Chicago")
CLOSED = {date(2026, 11, 3), date(2026, 11, 26), date(2026, 12, 25), date(2027, 1, 1), date(2027, 3, 16)}
SHORT = {date(2026, 11, 27), date(2027, 3, 17)}
CHANGES = {date(2026, 11, 1), date(2027, 3, 14)}
"""Sundays on which Chicago's clocks are put back and forward, in the midst of the office's hours from 1 to 5."""
Hours = Callable[[date], tuple[int, int] | None]
Key = tuple[str, int]
MARKS = {"half": 0.5, "at-risk": 0.85, "breach": 1.0}
RUNGS = ("assignee", "backup", "lead", "director")
STANDARD = {"assignee": (50, 0), "backup": (75, 0), "lead": (85, 0), "director": (100, 0)}


class Terms(NamedTuple):
    """What is promised from a moment on."""

    promised: timedelta
    in_hours: bool
    rungs: dict[str, tuple[int, int]]
    days: tuple[int, int, int]
    """Two reminders, and the close."""
    working_days: bool


class Stretch(NamedTuple):
    start: datetime
    end: datetime | None
    paused: bool
    terms: Terms


def terms(row: Any) -> Terms:
    version = row.ladder
    rungs = STANDARD
    if version:
        rungs = {name: (getattr(version, f"{name}_percent"), getattr(version, f"{name}_minutes")) for name in RUNGS}
    days = (version.first_reminder, version.second_reminder, version.close_after) if version else (2, 5, 14)
    in_hours = bool(row.promise and row.promise.calendar)
    return Terms(timedelta(seconds=row.promised_seconds), in_hours, rungs, days, bool(version and version.working_days))


def stretches(rows: list[Any]) -> list[Stretch]:
    """Between one entry of a cycle and the next; the last has no end unless the clock stopped."""
    found: list[Stretch] = []
    paused, known = False, None
    for number, row in enumerate(rows):
        if row.kind == "stop":
            break
        if row.promised_seconds:
            known = terms(row)
        paused = {"pause": True, "resume": False, "start": False}.get(row.kind, paused)
        end = rows[number + 1].at if number + 1 < len(rows) else None
        assert known
        found.append(Stretch(row.at, end, paused, known))
    return found


def office(day: date) -> tuple[int, int] | None:
    """From when until when of Chicago's wall clock the office of the test counts; None on a day off."""
    if day in CLOSED:
        return None
    if day in SHORT:
        return (8, 12)
    return (8, 17) if day.weekday() < 5 else (1, 5) if day.weekday() == 6 else None


def weekdays(day: date) -> tuple[int, int] | None:
    return (0, 24) if day.weekday() < 5 else None


@cache
def window(day: date, hours: Hours) -> tuple[datetime, datetime] | None:
    """What counts of one day, as instants."""
    if (given := hours(day)) is None:
        return None
    following = day + timedelta(days=1) if given[1] == 24 else day
    one = datetime.combine(day, time(given[0]), CHICAGO)
    return one.astimezone(UTC), datetime.combine(following, time(given[1] % 24), CHICAGO).astimezone(UTC)


def windows(start: datetime, end: datetime, hours: Hours) -> Iterator[tuple[datetime, datetime]]:
    """What counts between the two, day by day."""
    day = start.astimezone(CHICAGO).date() - timedelta(days=1)
    while day <= end.astimezone(CHICAGO).date():
        if (found := window(day, hours)) and min(found[1], end) > max(found[0], start):
            yield max(found[0], start), min(found[1], end)
        day += timedelta(days=1)


def counted(start: datetime, end: datetime, hours: Hours | None) -> timedelta:
    """How much of it counts: all, or what falls into the hours."""
    if hours is None:
        return end - start
    return sum((other - one for one, other in windows(start, end, hours)), timedelta())


def first(start: datetime, end: datetime, enough: Callable[[datetime], bool]) -> datetime | None:
    """The first moment at which it is enough, by halving; None where it is not by the end."""
    if enough(start):
        return start
    if not enough(end):
        return None
    while end - start > TICK:
        middle = start + (end - start) / 2
        start, end = (start, middle) if enough(middle) else (middle, end)
    return end


def reached(
    parts: list[Stretch], needed: Callable[[Terms], timedelta], promised: Terms | None = None
) -> datetime | None:
    """When so much had counted; ``promised`` holds the terms against all of the time, else those of each stretch."""
    before = timedelta()
    for part in parts:
        if part.paused:
            continue
        hours = office if part.terms.in_hours else None
        aim = needed(promised or part.terms) - before
        # It must be enough by then: of a week at least 27 hours count, and 9 are promised.
        end = part.start + 7 * max(aim, timedelta()) + timedelta(days=7)
        if part.end:
            # Not by the end itself: what falls due at the moment of an entry was not passed before it.
            end = min(end, part.end - TICK)
        if part.end is None or part.end > part.start:
            at = first(part.start, end, lambda t, s=part.start, h=hours, a=aim: counted(s, t, h) >= a)  # type: ignore[misc]
            if at is not None:
                return at
        before += counted(part.start, part.end, hours) if part.end else timedelta()
    return None


def milestones(rows: list[Any]) -> dict[Key, datetime]:
    """Everything that was or will be reached in this cycle, as things stand."""
    parts = stretches(rows)
    found: dict[Key, datetime | None] = {}
    for name, share in MARKS.items():
        found[name, 0] = reached(parts, lambda terms, share=share: terms.promised * share)  # type: ignore[misc]
    for name in RUNGS:
        found[f"to-{name}", 0] = reached(parts, lambda terms, name=name: _rung(terms, name))  # type: ignore[misc]
    for number, (since, until, given) in enumerate(pauses(parts), 1):
        reminders = zip(("remind-1", "remind-2", "closing"), (*given.days[:2], given.days[2] - 3), strict=True)
        for name, days in reminders:
            at = after_days(since, days, given)
            found[name, number] = at if until is None or at < until else None
    return {key: at for key, at in found.items() if at is not None}


def met(rows: list[Any], now: datetime) -> set[str]:
    """Which of the days that are not like others fell into the hours that were counted."""
    found: set[str] = set()
    for part in stretches(rows):
        if part.terms.in_hours and not part.paused:
            since, until = part.start.astimezone(CHICAGO).date(), (part.end or now).astimezone(CHICAGO).date()
            for name, days in (("over a day off", CLOSED | SHORT), ("over a change of clocks", CHANGES)):
                if any(since < day < until for day in days):
                    found.add(name)
    return found


def _rung(given: Terms, name: str) -> timedelta:
    percent, minutes = given.rungs[name]
    return max(given.promised * percent / 100 + timedelta(minutes=minutes), timedelta())


def pauses(parts: list[Stretch]) -> list[tuple[datetime, datetime | None, Terms]]:
    """From when, until when, and under which terms it began; a promise anew does not part one."""
    found: list[tuple[datetime, datetime | None, Terms]] = []
    before = False
    for part in parts:
        if part.paused and before:
            found[-1] = (found[-1][0], part.end, found[-1][2])
        elif part.paused:
            found.append((part.start, part.end, part.terms))
        before = part.paused
    return found


def after_days(since: datetime, days: int, given: Terms) -> datetime:
    if not given.working_days:
        return since + timedelta(days=days)
    at = first(
        since, since + timedelta(days=2 * days + 7), lambda t: counted(since, t, weekdays) >= timedelta(days=days)
    )
    assert at
    return at


def due(rows: list[Any]) -> datetime | None:
    """When the promise as it stands ends; None where the clock stopped, or stands before it."""
    if rows[-1].kind == "stop":
        return None
    parts = stretches(rows)
    newest = max(row.at for row in rows if row.promised_seconds)
    at = reached(parts, lambda terms: terms.promised, parts[-1].terms)
    return max(at, newest) if at else None


def closes(rows: list[Any], announced: datetime | None) -> datetime | None:
    """When it closes for want of a reply, once that was announced."""
    parts = stretches(rows)
    if rows[-1].kind == "stop" or announced is None or not parts[-1].paused:
        return None
    since, _, given = pauses(parts)[-1]
    return max(after_days(since, given.days[2], given), announced + timedelta(days=1))
