"""How soon questions are answered, from recent real answers. Aggregates only, and none from few."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, F, Field
from django.db.models.expressions import CombinedExpression

from consults.models import Consult
from consults.smallcells import SMALLEST_CELL as SMALLEST_CELL
from portal.common import tenancy

WINDOW = timedelta(days=90)
TAKEN = F("answered_at") - F("submitted_at")


class Percentile(Aggregate):
    """PostgreSQL's continuous percentile, between two values in proportion: 0.5 for the median."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(
        self, expression: F | CombinedExpression, share: float, output_field: "Field[Any, Any] | None" = None
    ) -> None:
        super().__init__(expression, share=share, output_field=output_field or DurationField())


@dataclass(frozen=True)
class Expected:
    """The time from question to answer: its median, the middle half of it (from ``low`` to ``high``), and the number of
    answers they come from. All three are None where those are too few."""

    median: timedelta | None
    n: int
    low: timedelta | None = None
    high: timedelta | None = None


def expected_time(specialty_id: int, *, now: datetime) -> Expected:
    """For one specialty over the last 90 days, all organizations together; no median from fewer than 11 answers."""
    with tenancy.everything():
        figures = Consult.objects.filter(
            specialty_id=specialty_id, answered_at__gte=now - WINDOW, answered_at__lte=now
        ).aggregate(
            n=Count("pk"),
            median=Percentile(TAKEN, 0.5),
            low=Percentile(TAKEN, 0.25),
            high=Percentile(TAKEN, 0.75),
        )
    return Expected(**figures) if figures["n"] >= SMALLEST_CELL else Expected(None, figures["n"])
