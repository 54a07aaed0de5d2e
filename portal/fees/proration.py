"""Billing periods and what falls on a part of one, to the day. Pure.

A stretch of days has a first day and the day after its last (``until``): stretches that follow each other share a day
in writing, and none in days.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.fees import money

MONTHS = 12


@dataclass(frozen=True, order=True)
class Stretch:
    """Days from ``start``, up to and without ``until``."""

    start: date
    until: date

    @property
    def days(self) -> int:
        return max((self.until - self.start).days, 0)

    def meet(self, other: "Stretch") -> "Stretch | None":
        """The days that both have, if any."""
        both = Stretch(max(self.start, other.start), min(self.until, other.until))
        return both if both.days else None


@dataclass(frozen=True)
class Period:
    """One whole billing period of an agreement, even where the agreement ends within it."""

    number: int
    """From nought, at the agreement's start."""
    months: int
    stretch: Stretch

    @property
    def year(self) -> int:
        """Which year of the agreement it belongs to, from nought."""
        return self.number * self.months // MONTHS


def after_months(start: date, months: int) -> date:
    """The same day so many months later, or the month's last day where it has no such day."""
    years, month = divmod(start.month - 1 + months, MONTHS)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def period(start: date, months: int, number: int) -> Period:
    """The ``number``-th period of ``months`` months, counted from the start: the 31st comes back after February."""
    first, until = after_months(start, number * months), after_months(start, (number + 1) * months)
    return Period(number, months, Stretch(first, until))


def periods(term: Stretch, months: int) -> Iterator[Period]:
    """Every period that has a day within the term; the last may reach beyond it."""
    number = 0
    while (found := period(term.start, months, number)).stretch.start < term.until:
        yield found
        number += 1


def of_year(cents: int, whole: Period) -> int:
    """What of a yearly price falls on this period: twelve months, or four quarters, sum to the year to the cent."""
    first = whole.number * whole.months % MONTHS
    return money.between(cents, first, first + whole.months, MONTHS)


def of_period(cents: int, part: Stretch, whole: Stretch) -> int:
    """What of a period's price falls on some of its days: parts that follow each other sum to the whole to the cent."""
    first, last = (part.start - whole.start).days, (part.until - whole.start).days
    return money.between(cents, first, last, whole.days)
