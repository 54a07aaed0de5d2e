"""Reminders: which level an overdue invoice has reached. Pure.

A level is reached so many whole days after the due day. While an invoice is held (disputed, or promised for a day) none
is; the day after, the highest that has come meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LEVELS = (5, 15, 30, 45, 60)
"""Days overdue at which levels one to five are reached."""

AGES = (("current", 0), ("1–30 days", 30), ("31–60 days", 60), ("61–90 days", 90), ("over 90 days", None))
"""The columns of an ageing report, with the last day of each."""


@dataclass(frozen=True)
class Level:
    """A reminder that is due: ``number`` from one, since which day."""

    number: int
    since: date


def days_overdue(due_on: date, today: date) -> int:
    """Nought on the due day itself and before."""
    return max((today - due_on).days, 0)


def level(due_on: date, today: date, *, held_until: date | None = None, levels: Sequence[int] = LEVELS) -> Level | None:
    """The level reached by ``today``, or None. On the last day of a hold there is none yet."""
    reached = [(number, due_on + timedelta(days)) for number, days in enumerate(levels, start=1)]
    if held_until is not None:
        reached = [(number, max(day, held_until + timedelta(days=1))) for number, day in reached]
    passed = [Level(number, day) for number, day in reached if day <= today]
    return passed[-1] if passed else None


def age(due_on: date, today: date) -> str:
    """The column of the ageing report."""
    overdue = days_overdue(due_on, today)
    return next(name for name, last in AGES if last is None or overdue <= last)
