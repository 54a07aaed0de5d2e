"""When someone answers: weekly hours, absences and days on call as stretches of time. Pure: values in, values out."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from consults.calendars import NETWORK as NETWORK

Span = tuple[datetime, datetime]
Seconds = tuple[float, float]
"""A stretch as seconds since the epoch."""


@dataclass(frozen=True, order=True)
class Shift:
    """A part of a weekday (Monday is 0) in which someone answers. A split shift is two of them."""

    weekday: int
    start: time
    end: time


USUAL_WEEK = tuple(Shift(day, time(8), time(17)) for day in range(5))
"""What is assumed of someone who has not said when they answer."""
ON_CALL = (time(8), time(20))
"""On a day on call, whoever is on call looks at the queue between these, weekend or not."""


def is_within(moment: datetime, spans: Iterable[Span]) -> bool:
    """Whether one of the spans covers the moment. A span ends just before its end."""
    return any(start <= moment < end for start, end in spans)


def spans_of(
    week: Sequence[Shift],
    *,
    zone: ZoneInfo,
    since: datetime,
    until: datetime,
    absences: Iterable[Span] = (),
    duties: Collection[date] = (),
) -> list[Seconds]:
    """The stretches between two moments in which someone answers, in order and apart, without their absences."""
    day = since.astimezone(zone).date()
    found: list[Seconds] = []
    while day <= until.astimezone(zone).date():
        found += [_stretch(day, shift.start, shift.end, zone) for shift in week if shift.weekday == day.weekday()]
        if day in duties:
            found.append(_stretch(day, *ON_CALL, zone))
        day += timedelta(days=1)
    away = sorted((start.timestamp(), end.timestamp()) for start, end in absences)
    return list(without(joined(found), [*away, (until.timestamp(), float("inf"))]))


def _stretch(day: date, start: time, end: time, zone: ZoneInfo) -> Seconds:
    """Wall times on a day as instants; a shift that ends at midnight lasts until then."""
    last = day if end > start else day + timedelta(days=1)
    moments = (datetime.combine(day, start, zone), datetime.combine(last, end, zone))
    return (moments[0].astimezone(UTC).timestamp(), moments[1].astimezone(UTC).timestamp())


def joined(spans: Iterable[Seconds]) -> list[Seconds]:
    """The same time with overlaps and touching ends made one, in order."""
    made: list[Seconds] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        elif end > start:
            made.append((start, end))
    return made


def without(spans: Iterable[Seconds], away: Sequence[Seconds]) -> Iterable[Seconds]:
    """What is left of ordered spans once those of ``away`` are taken out."""
    for start, end in spans:
        for gone, back in away:
            if back <= start or gone >= end:
                continue
            if gone > start:
                yield (start, gone)
            start = back
            if start >= end:
                break
        if start < end:
            yield (start, end)


class Hours:
    """Stretches of answering time, asked in logarithmic time how much of them has passed, or when so much will have."""

    __slots__ = ("before", "ends", "starts", "total")

    def __init__(self, spans: Sequence[Seconds]) -> None:
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        sums = list(accumulate((end - start for start, end in spans), initial=0.0))
        self.before, self.total = sums[:-1], sums[-1]

    def worked(self, moment: float) -> float:
        """Seconds of answering time up to a moment."""
        at = bisect_right(self.starts, moment) - 1
        return self.before[at] + min(moment, self.ends[at]) - self.starts[at] if at >= 0 else 0.0

    def moment(self, worked: float) -> float | None:
        """When so many seconds of answering time will have passed; None where there is not so much of it."""
        if worked > self.total or not self.starts:
            return None
        at = max(0, bisect_left(self.before, worked) - 1)
        return self.starts[at] + worked - self.before[at]

    def after(self, moment: float, seconds: float) -> float:
        """When so much will have been worked from the stretch on that follows the one of ``moment``; a week past the
        last one where there is none."""
        at = bisect_right(self.starts, moment)
        found = self.moment(self.before[at] + seconds) if at < len(self.starts) else None
        return found if found is not None else (self.ends[-1] if self.ends else moment) + 7 * 86_400.0
