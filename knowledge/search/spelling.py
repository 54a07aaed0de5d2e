"""Words the index does not know, put right from the words it does."""

from functools import lru_cache

from whoosh.reading import IndexReader
from whoosh.searching import Searcher
from whoosh.support.levenshtein import distance

from knowledge.search import store
from knowledge.search.terms import stem_of

_SHORTEST = 4


def corrections(searcher: Searcher, stems: dict[str, str]) -> dict[str, str]:
    """For each stem the index does not know, the nearest word it does know. Stems beyond help are left out."""
    unknown = {
        stem: word
        for stem, word in stems.items()
        if len(word) >= _SHORTEST and word.isalpha() and not searcher.reader().doc_frequency("text", stem)
    }
    generation = store.generation()
    found = {stem: _nearest(generation, word) for stem, word in unknown.items()}
    return {stem: word for stem, word in found.items() if word}


@lru_cache(maxsize=5_000)
def _nearest(generation: str, word: str) -> str:
    """The nearest known word, the commonest among equals; empty when none is near. Kept for one state of the index."""
    furthest = 1 if len(word) < 6 else 2
    with store.searching() as searcher:
        return _nearest_in(searcher.reader(), word, furthest)


def _nearest_in(reader: IndexReader, word: str, furthest: int) -> str:
    for prefix in (1, 0):
        candidates = [
            (distance(word, candidate, limit=furthest), -reader.doc_frequency("words", candidate), candidate)
            for candidate in reader.terms_within("words", word, furthest, prefix=prefix)
            if stem_of(candidate)
        ]
        if candidates:
            return str(min(candidates)[2])
    return ""
