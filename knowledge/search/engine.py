"""Asking the index: which documents, in which order, how telling each word is."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

from whoosh.query import And, Or, Query, Term
from whoosh.searching import Searcher

from knowledge.search import store
from knowledge.search.spelling import corrections
from knowledge.search.terms import Terms, stem_of

# No more documents than this are ranked, counted and shown: nobody reads further, and every one is checked again.
CANDIDATES = 200
# Hits that score less than this share of the best one matched by chance.
TAIL = 0.3
_TITLE = 0.4
_CODE = 6.0
_ALL = 0.15
_MOST_TERMS = 24


@dataclass(frozen=True)
class Ranking:
    """Documents by their keys, best first, with scores; the weight of each stem looked for; what was put right."""

    scores: dict[int, float]
    weights: Mapping[str, float]
    corrections: Mapping[str, str]


def rank(terms: Terms, *, kind: str | None = None, specialty: str | None = None) -> Ranking:
    """The best candidates for ``terms``. Words unknown to the index are looked for as their nearest known word.

    Raises store.Missing, or whatever a broken index raises.
    """
    with store.searching() as searcher:
        put_right = corrections(searcher, terms.stems)
        wanted = dict.fromkeys(stem_of(put_right[stem]) if stem in put_right else stem for stem in terms.stems)
        weights = _telling(searcher, wanted)
        query = _query(weights, terms.codes)
        scores = _scores(searcher, query, kind, specialty) if query else {}
    floor = max(scores.values(), default=0.0) * TAIL
    return Ranking({key: score for key, score in scores.items() if score >= floor}, weights, put_right)


def _scores(searcher: Searcher, query: Query, kind: str | None, specialty: str | None) -> dict[int, float]:
    filters = [Term("kind", kind)] * bool(kind) + [Term("specialties", specialty)] * bool(specialty)
    found = searcher.search(query, limit=CANDIDATES, filter=And(filters) if filters else None)
    return {int(hit["id"]): float(hit.score) for hit in found}


def _telling(searcher: Searcher, stems: Mapping[str, None]) -> dict[str, float]:
    """The rarest of the stems, with how rare each is; a long text is searched by these alone."""
    total, reader = searcher.doc_count(), searcher.reader()
    weights = {stem: log((total + 1) / (reader.doc_frequency("text", stem) + 1)) + 1 for stem in stems}
    return dict(sorted(weights.items(), key=lambda item: -item[1])[:_MOST_TERMS])


def _query(weights: Mapping[str, float], codes: tuple[str, ...]) -> Query | None:
    text = [Term("text", stem) for stem in weights]
    parts: list[Query] = [*text, *(Term("title", stem, boost=_TITLE) for stem in weights)]
    parts += [Term("codes", code, boost=_CODE) for code in codes]
    if len(text) > 1:
        parts.append(And(text, boost=_ALL))
    return Or(parts) if parts else None
