"""How soon questions are answered, from recent real answers. Aggregates only, and none from few."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Aggregate, Count, DurationField, F

from consults.models import Consult
from consults.smallcells import SMALLEST_CELL as SMALLEST_CELL
from portal.common import tenancy

WINDOW = timedelta(days=90)


class Median(Aggregate):
    """PostgreSQL's continuous median."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


class NinetiethPercentile(Aggregate):
    """PostgreSQL's continuous 90th percentile: between two values, in proportion."""

    function = "percentile_cont"
    template = "%(function)s(0.9) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class Expected:
    """The median time from question to answer, with the number of answers it comes from."""

    median: timedelta | None
    n: int


def expected_time(specialty_id: int, *, now: datetime) -> Expected:
    """For one specialty over the last 90 days, all organizations together; no median from fewer than 11 answers."""
    with tenancy.everything():
        figures = Consult.objects.filter(
            specialty_id=specialty_id, answered_at__gte=now - WINDOW, answered_at__lte=now
        ).aggregate(n=Count("pk"), median=Median(F("answered_at") - F("submitted_at"), output_field=DurationField()))
    n = figures["n"]
    return Expected(figures["median"] if n >= SMALLEST_CELL else None, n)
