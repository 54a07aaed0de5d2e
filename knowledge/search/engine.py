"""Asking the index: which documents, in which order, how telling each word is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from whoosh.searching import Searcher

from knowledge.models import Document
from knowledge.search import store
from knowledge.search.blocks import Arrays, Numbers
from knowledge.search.plan import Group, Plan, plan
from knowledge.search.schema import KINDS
from knowledge.search.scoring import Field, Scorer, best
from knowledge.search.spelling import Speller
from knowledge.search.synonyms import other_names
from knowledge.search.terms import Terms

# No more documents than this are ranked, counted and shown: nobody reads further, and every one is checked again.
CANDIDATES = 200
# Hits that score less than this share of the best one matched by chance.
TAIL = 0.1
_TEXT = Field("text", 1.0, 1.2, 0.75)
_TITLE = Field("title", 0.6, 1.2, 0.75)
_PAIR = 1.0  # two neighbouring words of the question stand so in the title
_ALL = 0.5  # of a score hangs on how much of the question is there
_NAMES = 0.25  # a title that holds all of the question lifts its document by so much
_KIND_OF_QUESTION = 0.5  # a title that answers this kind of question, by so much
_INITIALS = 0.6
_CODE = 12.0
# Between documents that answer alike, what to act on goes before what to read and what to hand out.
_PRIOR = {Document.Kind.PROTOCOL: 1.1, Document.Kind.TOOL: 0.85, Document.Kind.HANDOUT: 0.9}
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Ranking:
    """Documents by their keys, best first, with scores; the weight of each stem looked for; what was put right.

    ``perhaps`` are words that were found, but so seldom that another may have been meant.
    """

    scores: dict[int, float]
    weights: Mapping[str, float]
    corrections: Mapping[str, str]
    perhaps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Only:
    """Which documents are wanted: of one kind, one specialty, one code or what it begins, changed since a day, among
    these keys."""

    kind: str | None = None
    specialty: str | None = None
    code: str | None = None
    since: date | None = None
    keys: frozenset[int] | None = None


NOTHING_LEFT_OUT = Only()


class State:
    """One state of the index, made ready to be asked."""

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher
        self.arrays = Arrays(searcher.reader())
        self.scorer = Scorer(self.arrays)
        self.speller = Speller(self.scorer)
        priors = np.array([_PRIOR.get(Document.Kind(kind), 1.0) for kind in KINDS], np.float32)
        self.prior = priors[self.arrays.kinds]
        other_names([])  # read once, while opening


_state: State | None = None


def state(searcher: Searcher) -> State:
    """What is kept of the state that ``searcher`` reads."""
    global _state
    if _state is None or _state.searcher is not searcher:
        _state = State(searcher)
    return _state


def warm() -> None:
    """Open the index, and read what spelling needs. Raises as ``rank`` does."""
    with store.searching() as searcher:
        state(searcher).speller.readings("warmng", False)


def forget() -> None:
    """Let go of what is kept."""
    global _state
    _state = None


def rank(terms: Terms, only: Only = NOTHING_LEFT_OUT) -> Ranking:
    """The best candidates for ``terms``. Words unknown to the index are looked for as their nearest known words.

    Raises store.Missing, or whatever a broken index raises.
    """
    with store.searching() as searcher:
        return rank_in(state(searcher), terms, only)


def rank_in(now: State, terms: Terms, only: Only) -> Ranking:
    """The same in one state of the index."""
    planned = plan(terms, now.scorer, now.speller)
    scores = _scores(now, terms, planned)
    places = best(scores * _wanted(now.arrays, terms, only), CANDIDATES)
    if not len(places) and terms.phrases:  # nothing holds the quoted words: better what is near than nothing
        places = best(scores * _wanted(now.arrays, replace(terms, phrases=(), titled=frozenset()), only), CANDIDATES)
    found = {int(now.arrays.keys[place]): float(scores[place]) for place in places}
    floor = max(found.values(), default=0.0) * TAIL
    kept = {key: score for key, score in found.items() if score >= floor}
    return Ranking(kept, planned.weights, planned.corrections, planned.perhaps)


def _scores(now: State, terms: Terms, planned: Plan) -> Numbers:
    arrays, short = now.arrays, planned.shortness
    title = Field(_TITLE.name, _TITLE.weight * short, _TITLE.k1, _TITLE.b)
    scores, named, there = (np.zeros(arrays.size, np.float32) for _ in range(3))
    total = sum(group.weight for group in planned.groups) or 1.0
    for group in planned.groups:
        _add_group(now.scorer, group, title, group.weight / total, (scores, named, there))
    for stem, weight in planned.extra.items():
        for fielded in (_TEXT, title):
            places, values = now.scorer.impacts(fielded, stem, weight)
            scores[places] += values
    for pair, first, second in terms.pairs:
        places = arrays.postings("pairs", pair)[0]
        scores[places] += short * _PAIR * (now.scorer.idf("text", first) + now.scorer.idf("text", second)) / 2
    scores *= (1 - _ALL) + _ALL * there
    scores *= 1 + short * _NAMES * named
    for intent in terms.intents if terms.asks else ():
        answers = _holding(arrays, "title", intent.stems)
        scores[answers] *= 1 + _KIND_OF_QUESTION / len(terms.intents)
    for code in terms.codes:
        scores[_coded(arrays, code)] += _CODE
    scores *= now.prior
    return scores


def _add_group(
    scorer: Scorer, group: Group, title: Field, share: float, into: tuple[Numbers, Numbers, Numbers]
) -> None:
    """Add what one word of the question scores, by the best of the stems that answer it in each document."""
    scores, named, there = into
    if len(group.stems) == 1 and not group.initials:
        ((stem, weight),) = group.stems.items()
        places, values = scorer.impacts(_TEXT, stem, weight)
        scores[places] += values
        there[places] += share
        places, values = scorer.impacts(title, stem, weight)
        scores[places] += values
        named[places] += share
        return
    in_text, in_title = np.zeros_like(scores), np.zeros_like(scores)
    for stem, weight in group.stems.items():
        for fielded, most in ((_TEXT, in_text), (title, in_title)):
            places, values = scorer.impacts(fielded, stem, weight)
            most[places] = np.maximum(most[places], values)
    if group.initials:
        places = scorer.arrays.postings("initials", group.initials)[0]
        in_title[places] = np.maximum(in_title[places], _INITIALS * scorer.idf("initials", group.initials))
    scores += in_text + in_title
    named[in_title > 0] += share
    there[(in_text > 0) | (in_title > 0)] += share


def _wanted(arrays: Arrays, terms: Terms, only: Only) -> Mask:
    """Which documents may be shown at all."""
    wanted = arrays.alive.copy()
    for stem in terms.required:
        wanted &= _holding(arrays, "text", [stem])
    for stem in terms.titled:
        wanted &= _holding(arrays, "title", [stem])
    wanted &= ~_holding(arrays, "text", terms.without)
    if only.kind:
        wanted &= arrays.kinds == KINDS.index(only.kind)
    if only.specialty:
        wanted &= _holding(arrays, "specialties", [only.specialty])
    if only.code:
        wanted &= _coded(arrays, only.code)
    if only.since:
        wanted &= arrays.changed >= only.since.toordinal()
    if only.keys is not None:
        wanted &= np.isin(arrays.keys, np.fromiter(only.keys, np.int64))
    return wanted


def _holding(arrays: Arrays, name: str, terms: Iterable[str]) -> Mask:
    """The documents that hold any of ``terms`` in the field ``name``."""
    found = np.zeros(arrays.size, np.bool_)
    for term in terms:
        found[arrays.postings(name, term)[0]] = True
    return found


def _coded(arrays: Arrays, code: str) -> Mask:
    """The documents with ``code`` or one that it begins."""
    codes = arrays.reader.expand_prefix("codes", code)
    return _holding(arrays, "codes", [found.decode() for found in codes])
