"""Run charts: the median, and the rules that tell a signal from noise. Pure.

Perla RJ, Provost LP, Murray SK. The run chart: a simple analytical tool for learning from variation in healthcare
processes. BMJ Quality & Safety 2011;20:46-51. Its rules: a shift is six or more points in a row on one side of the
median, where points on the median are skipped; a trend is five or more points in a row all rising or all falling,
where of equal neighbours one is counted; too few or too many runs about the median, by its table (after Swed and
Eisenhart 1943, two-sided at about 5 %). The fourth, a point that is obviously different, is left to the reader's eye.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median as middle

SHIFT, TREND = 6, 5

# Points that are not on the median: the lower and the upper limit of the number of runs about it.
RUNS: dict[int, tuple[int, int]] = {
    10: (3, 9),
    11: (3, 10),
    12: (3, 11),
    13: (4, 11),
    14: (4, 12),
    15: (5, 12),
    16: (5, 13),
    17: (5, 13),
    18: (6, 14),
    19: (6, 15),
    20: (6, 16),
    21: (7, 16),
    22: (7, 17),
    23: (7, 17),
    24: (8, 18),
    25: (8, 18),
    26: (9, 19),
    27: (10, 19),
    28: (10, 20),
    29: (10, 20),
    30: (11, 21),
    31: (11, 22),
    32: (11, 23),
    33: (12, 23),
    34: (12, 24),
    35: (12, 24),
    36: (13, 25),
    37: (13, 25),
    38: (14, 26),
    39: (14, 26),
    40: (15, 27),
    41: (15, 27),
    42: (16, 28),
    43: (16, 28),
    44: (17, 29),
    45: (17, 30),
    46: (17, 31),
    47: (18, 31),
    48: (18, 32),
    49: (19, 32),
    50: (19, 33),
    51: (20, 33),
    52: (20, 34),
    53: (21, 34),
    54: (21, 35),
    55: (22, 35),
    56: (22, 36),
    57: (23, 36),
    58: (23, 37),
    59: (24, 38),
    60: (24, 38),
}


@dataclass(frozen=True)
class Chart:
    """What the rules say of a series. Positions count from 0; a stretch is its first and its last position."""

    median: float | None
    useful: int
    runs: int
    limits: tuple[int, int] | None
    shifts: tuple[tuple[int, int], ...]
    trends: tuple[tuple[int, int], ...]

    @property
    def has_too_few_runs(self) -> bool:
        return self.limits is not None and self.runs < self.limits[0]

    @property
    def has_too_many_runs(self) -> bool:
        return self.limits is not None and self.runs > self.limits[1]

    @property
    def has_signal(self) -> bool:
        return bool(self.shifts or self.trends or self.has_too_few_runs or self.has_too_many_runs)


def read(values: Sequence[float]) -> Chart:
    """The median of the whole series, and every signal about it. Of no points nothing is said."""
    if not values:
        return Chart(None, 0, 0, None, (), ())
    centre = middle(values)
    sides = [(value > centre) - (value < centre) for value in values]
    useful = sum(side != 0 for side in sides)
    return Chart(centre, useful, _runs(sides), RUNS.get(useful), _shifts(sides), _trends(values))


def _runs(sides: Sequence[int]) -> int:
    """How many runs there are about the median; points on it neither break a run nor count."""
    off = [side for side in sides if side]
    return bool(off) + sum(one != other for one, other in pairwise(off))


def _shifts(sides: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Stretches of at least six points on one side, points on the median skipped."""
    off = [(position, side) for position, side in enumerate(sides) if side]
    return _stretches(off, SHIFT)


def _trends(values: Sequence[float]) -> tuple[tuple[int, int], ...]:
    """Stretches of at least five points that all rise or all fall, of equal neighbours only the first counted."""
    kept = [0] + [place for place in range(1, len(values)) if values[place] != values[place - 1]]
    steps = [
        (place, (values[place] > values[before]) - (values[place] < values[before])) for before, place in pairwise(kept)
    ]
    before = dict(zip(kept[1:], kept, strict=False))
    return tuple((before[first], last) for first, last in _stretches(steps, TREND - 1))


def _stretches(marks: Sequence[tuple[int, int]], least: int) -> tuple[tuple[int, int], ...]:
    """The longest stretches of equal marks that hold at least so many."""
    found, start = [], 0
    for index in range(1, len(marks) + 1):
        if index == len(marks) or marks[index][1] != marks[start][1]:
            if index - start >= least:
                found.append((marks[start][0], marks[index - 1][0]))
            start = index
    return tuple(found)
