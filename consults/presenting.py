"""The clock as pages and the REST interface show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from django.db.models import Prefetch

from consults import arithmetic, clock
from consults.models import Consult, ConsultQuerySet
from consults.services import clockwork


@dataclass(frozen=True)
class ClockView:
    """A reading in plain values. ``remaining_seconds`` is negative when late; stopped, it says how early or late."""

    state: str
    is_at_risk: bool
    is_late: bool
    promised_seconds: int
    started_at: datetime | None
    due_at: datetime | None
    stopped_at: datetime | None
    paused_since: datetime | None
    elapsed_seconds: int
    paused_seconds: int
    remaining_seconds: int
    share_used: float
    counts_every_hour: bool
    response_due_at: datetime | None
    reading: clock.Reading
    zone: tzinfo

    @property
    def explanation(self) -> list[str]:
        """The arithmetic in sentences: for the page of one consult, not for the rows of a list."""
        sentences = arithmetic.explain(self.reading, zone=self.zone)
        return [*sentences, *arithmetic.climbing(self.reading, zone=self.zone)]

    @property
    def promised_hours(self) -> float:
        return self.promised_seconds / 3600


def _due(reading: clock.Reading) -> datetime | None:
    """When the answer is (or, once stopped, was) due; None while the clock stands and the moment moves on."""
    if reading.stopped_at and reading.state is clock.State.STOPPED:
        return reading.due_at or reading.counting.reach(reading.stopped_at, reading.remaining)
    return reading.due_at


def _whole(length: timedelta) -> int:
    return round(length.total_seconds())


def clock_view(consult: Consult, *, now: datetime, zone: tzinfo) -> ClockView:
    """The clock of a consult whose ``clock_events`` are prefetched (``with_clocks``), or are read with one query."""
    prefetched = getattr(consult, "_prefetched_objects_cache", {}).get("clock_events")
    reading = clockwork.reading(consult, now=now, events=prefetched)
    return shown(reading, response_due_at=consult.response_due_at, zone=zone)


def shown(reading: clock.Reading, *, response_due_at: datetime | None, zone: tzinfo) -> ClockView:
    """A reading in plain values."""
    return ClockView(
        state=reading.state.value,
        is_at_risk=reading.is_at_risk,
        is_late=reading.is_late,
        promised_seconds=_whole(reading.promised),
        started_at=reading.started_at,
        due_at=_due(reading),
        stopped_at=reading.stopped_at,
        paused_since=reading.paused_since,
        elapsed_seconds=_whole(reading.elapsed),
        paused_seconds=_whole(reading.paused),
        remaining_seconds=_whole(reading.remaining),
        share_used=reading.share_used,
        counts_every_hour=reading.counting is clock.ELAPSED,
        response_due_at=response_due_at,
        reading=reading,
        zone=zone,
    )


def with_clocks(consults: ConsultQuerySet) -> ConsultQuerySet:
    """What a list of consults needs, in a fixed number of queries."""
    return consults.select_related("specialty", "organization", "assignee", "requester").prefetch_related(
        Prefetch("clock_events", clockwork.LOG.order_by("at", "id"))
    )


def show_clocks(consults: Iterable[Consult], *, now: datetime, zone: tzinfo) -> list[Consult]:
    """The same consults, each with its ``clock`` attached for the template."""
    rows = list(consults)
    for row in rows:
        row.clock = clock_view(row, now=now, zone=zone)  # type: ignore[attr-defined]
    return rows
