"""What searches tell editors. Aggregates over the whole network, and no name in any of them.

The small-cell rule is about organizations: no figure may tell of one from fewer than 11. The rows here are counts of
searches grouped by their words, never by organization or person, and nothing here lets anyone take an organization's
part out of them; so a search made once may be listed, which is the point of the list, with what looks like an
identifier masked before it was ever written. Whatever is a share or a comparison is withheld below 11.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet

from knowledge.models import SearchLog
from portal.common import tenancy

SMALLEST_CELL = 11
STILL_READING = timedelta(minutes=10)
"""So long after a search nobody is said to have left it."""
_ABANDONED = Q(document=None, count__gt=0)


@dataclass(frozen=True)
class Asked:
    """Words searched for, how often in vain, how often at all, and when last."""

    words: str
    vain: int
    searches: int
    last_at: datetime


@dataclass(frozen=True)
class Shares:
    """Of all searches: those that found nothing, that nobody clicked, and that were put right; None below 11."""

    searches: int | None
    nothing_found: float | None
    abandoned: float | None
    corrected: float | None


def found_nothing(*, since: datetime, limit: int = 50) -> list[Asked]:
    """Searches that found no document, the most frequent first."""
    return _vain(SearchLog.objects.filter(at__gte=since), Q(count=0), limit)


def clicked_nothing(*, since: datetime, now: datetime, limit: int = 50) -> list[Asked]:
    """Searches that found documents of which none was opened, the most frequent first."""
    return _vain(SearchLog.objects.filter(at__gte=since, at__lt=now - STILL_READING), _ABANDONED, limit)


def shares(*, since: datetime, now: datetime) -> Shares:
    """How searching goes over the whole network."""
    with tenancy.everything():
        counts = SearchLog.objects.filter(at__gte=since, at__lt=now - STILL_READING).aggregate(
            all=Count("pk"),
            nothing=Count("pk", filter=Q(count=0)),
            abandoned=Count("pk", filter=_ABANDONED),
            corrected=Count("pk", filter=Q(corrected=True)),
        )
    n = counts["all"]
    if n < SMALLEST_CELL:
        return Shares(None, None, None, None)
    return Shares(n, counts["nothing"] / n, counts["abandoned"] / n, counts["corrected"] / n)


def _vain(searches: "QuerySet[SearchLog]", vain: Q, limit: int) -> list[Asked]:
    with tenancy.everything():
        rows = searches.values("words").annotate(vain=Count("pk", filter=vain), searches=Count("pk"), last_at=Max("at"))
        return [Asked(**row) for row in rows.filter(vain__gt=0).order_by("-vain", "-last_at", "words")[:limit]]
