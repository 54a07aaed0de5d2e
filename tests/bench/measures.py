"""How good a list of documents is, given which were right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

AT = 10


@dataclass(frozen=True)
class Measures:
    """The means over a set of questions."""

    n: int
    ndcg: float
    recall: float
    mrr: float
    zero: float

    def __str__(self) -> str:
        return (
            f"n={self.n} ndcg@10={self.ndcg:.3f} recall@100={self.recall:.3f} mrr={self.mrr:.3f} zero={self.zero:.3f}"
        )


def measured(answers: Iterable[tuple[Sequence[str], Mapping[str, int]]]) -> Measures:
    """The means over (documents found, best first; grade of each right document) of every question."""
    rows = [(ndcg(found, grades), recall(found, grades), first(found, grades), not found) for found, grades in answers]
    count = max(1, len(rows))
    means = [sum(float(row[column]) for row in rows) / count for column in range(4)]
    return Measures(len(rows), *means)


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """Discounted gain of the first ten, as a share of the best order's."""
    ideal = _gain(sorted(grades.values(), reverse=True))
    return _gain([grades.get(key, 0) for key in found]) / ideal if ideal else 0.0


def recall(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """Which share of the right documents is among those found."""
    right = {key for key, grade in grades.items() if grade > 0}
    return len(right.intersection(found)) / len(right) if right else 0.0


def first(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """One divided by the place of the first right document."""
    return next((1 / place for place, key in enumerate(found, 1) if grades.get(key, 0) > 0), 0.0)


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(place + 1) for place, grade in enumerate(grades[:AT], 1))
