"""Scores on arrays: BM25 of terms in fields, added up over all documents at once, and the best of them."""

from dataclasses import dataclass
from math import log

import numpy as np

from knowledge.search.blocks import Arrays, Ids, Numbers


@dataclass(frozen=True)
class Field:
    """How a field counts: its weight, how soon repetition stops counting, how much length does."""

    name: str
    weight: float
    k1: float
    b: float


class Scorer:
    """BM25 over one state of the index, as the engine itself computes it."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self._norms: dict[Field, Numbers] = {}

    def idf(self, field: str, term: str) -> float:
        """How rare a term is."""
        return log(self.arrays.size / (len(self.arrays.postings(field, term)[0]) + 1)) + 1

    def impacts(self, field: Field, term: str, idf: float) -> tuple[Ids, Numbers]:
        """The documents that hold ``term``, and what each scores for it."""
        ids, counts = self.arrays.postings(field.name, term)
        norms = self._norm(field)[ids]
        return ids, counts * np.float32(idf * field.weight * (field.k1 + 1)) / (counts + norms)

    def _norm(self, field: Field) -> Numbers:
        if field not in self._norms:
            lengths, average = self.arrays.lengths(field.name), self.arrays.average(field.name)
            norm = field.k1 * (1 - field.b + field.b * lengths / np.float32(average))
            self._norms[field] = norm.astype(np.float32)
        return self._norms[field]


def best(scores: Numbers, count: int) -> Ids:
    """The places of the highest scores above nothing, best first; equals in the order of the index."""
    places = np.flatnonzero(scores > 0)
    if len(places) > count:
        values = scores[places]
        least = np.partition(values, len(values) - count)[len(values) - count]
        places = places[values >= least]
    order = np.lexsort((places, -scores[places]))[:count]
    return places[order].astype(np.int32)
