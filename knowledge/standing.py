"""How current a revision is: when it was last verified, by whom, and what is overdue. Pure rules over values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol


class Verified(Protocol):
    """A recommendation, as far as its verification is concerned."""

    verified_on: date | None
    verified_by: str
    due_on: date | None


@dataclass(frozen=True)
class Standing:
    """``due_on`` is the first day on which something falls due; ``is_overdue`` says that it has passed."""

    verified_on: date | None
    verified_by: str
    due_on: date | None
    is_overdue: bool


def standing(recommendations: Iterable[Verified], review_due: date | None, today: date) -> Standing:
    """The latest verification among the recommendations, and the earliest due date of all."""
    rows = list(recommendations)
    latest = max((row for row in rows if row.verified_on), key=lambda row: row.verified_on or date.min, default=None)
    due = min((day for day in (review_due, *(row.due_on for row in rows)) if day), default=None)
    return Standing(
        verified_on=latest.verified_on if latest else None,
        verified_by=latest.verified_by if latest else "",
        due_on=due,
        is_overdue=due is not None and due < today,
    )
