"""Which documents answered questions before they were asked: counts across organizations, none from few."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from consults.figures import SMALLEST_CELL, WINDOW
from consults.models import ReadInstead
from knowledge.models import Document
from portal.members.models import Specialty


@dataclass(frozen=True)
class Shown:
    """What may be shown of counts: those that are large enough, how many are not, and the sum where it gives no
    smaller one away."""

    counts: tuple[int, ...]
    withheld: int
    total: int | None


def showable(counts: Sequence[int], *, least: int = SMALLEST_CELL) -> Shown:
    """Pure. Nothing under ``least``, neither by itself nor as what is left of the total."""
    large = tuple(sorted((count for count in counts if count >= least), reverse=True))
    rest = sum(counts) - sum(large)
    return Shown(large, len(counts) - len(large), None if 0 < rest < least else sum(counts))


@dataclass(frozen=True)
class Figure:
    """Of one specialty, over the last 90 days. ``rows`` are the documents that may be named, with how often."""

    rows: list[tuple[Document, int]]
    withheld: int
    total: int | None

    @property
    def at_least(self) -> int:
        """The sum of what is shown."""
        return sum(n for _, n in self.rows)


def figure(specialty: Specialty, *, now: datetime) -> Figure:
    """How often reading answered a question of this specialty that was being written, by document, most first."""
    counted = list(
        ReadInstead.objects.filter(specialty=specialty, day__gt=(now - WINDOW).date(), day__lte=now.date())
        .order_by()
        .values_list("document")
        .annotate(n=Count("pk"))
    )
    shown = showable([n for _, n in counted])
    named = sorted((row for row in counted if row[1] >= SMALLEST_CELL), key=lambda row: (-row[1], row[0]))
    documents = Document.objects.select_related("current_revision").in_bulk([key for key, _ in named])
    return Figure([(documents[key], n) for key, n in named], shown.withheld, shown.total)
