"""Which reminder of a review is due, as pure rules over days.

Reminders have steps: two days before the review is due, on its day, then every third day after it. A step is told
once, under a key of its own; whoever looks late, or twice, is given the step the day belongs to, never an earlier one.
"""

from dataclasses import dataclass
from datetime import date, timedelta

SOON = 2
"""Days before the due day at which the first reminder goes out."""
EVERY = 3
"""Days between reminders of an overdue review."""
ESCALATES = 7
"""Days overdue from which the editors are told too."""


@dataclass(frozen=True)
class Step:
    """One reminder: the day it belongs to, and the part of its key that tells it from the others."""

    key: str
    day: date


def step(*, due_on: date, asked_on: date, today: date) -> Step | None:
    """The reminder that stands for ``today``; None before the first, and for a step no later than the asking itself."""
    late = (today - due_on).days
    if late >= EVERY:
        late -= late % EVERY
        found = Step(f"late-{late}", due_on + timedelta(days=late))
    elif late >= 0:
        found = Step("due", due_on)
    elif late >= -SOON:
        found = Step("soon", due_on - timedelta(days=SOON))
    else:
        return None
    return found if found.day > asked_on else None


def escalates(*, due_on: date, today: date) -> bool:
    """Whether the editors are told that the review is overdue."""
    return today >= due_on + timedelta(days=ESCALATES)


def words(*, due_on: date, today: date) -> str:
    """How the due day lies to today, to follow “The review is”."""
    days = (due_on - today).days
    if days < 0:
        return f"{-days} {'day' if days == -1 else 'days'} overdue"
    return {0: "due today", 1: "due tomorrow"}.get(days, f"due in {days} days")
