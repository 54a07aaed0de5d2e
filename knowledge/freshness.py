"""When a recommendation is looked at again, and what follows when nobody does. Pure rules over values."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta

from knowledge.models import Document, DueMilestone

# What stands for a while, and what is expected to be overtaken soon.
MONTHS: Mapping[str, int] = {Document.Kind.NOTICE: 6}
USUAL_MONTHS = 12
MONTH, WEEK = timedelta(days=30), timedelta(days=7)
LONGEST_YEARS = 5


def next_due(kind: str, verified_on: date) -> date:
    """When a recommendation of a document of this kind is looked at again, unless it is said otherwise."""
    return add_months(verified_on, MONTHS.get(kind, USUAL_MONTHS))


def add_months(day: date, months: int) -> date:
    """The same day so many months on; the last of its month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def milestone(due_on: date, today: date) -> str:
    """What is to be told today of something due on a day: the last mark that was reached, or nothing (empty).

    A day on which nobody looked costs nothing: the mark is still the last one reached on the day after.
    """
    if today > due_on:
        return DueMilestone.Kind.OVERDUE
    if today >= due_on - WEEK:
        return DueMilestone.Kind.WEEK
    return DueMilestone.Kind.MONTH if today >= due_on - MONTH else ""


def is_to_withdraw(due_on: date, after_days: int | None, today: date) -> bool:
    """Whether a document that withdraws itself when overdue by so many days does so today."""
    return after_days is not None and today > due_on and (today - due_on).days >= after_days
