"""Words the index does not know, or hardly, put right from the words it does."""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import log

from knowledge.search.folding import stem_of
from knowledge.search.scoring import Scorer
from knowledge.search.vocabulary import Vocabularies

_SHORTEST = 4
_MOST = 4
# A word in so few documents may itself be a slip, when one letter away there is a word so many times as common.
_RARE = 2
_COMMONER = 25
_LETTERS = re.compile(r"[a-z]*")
_NUMBERED = re.compile(r"([a-z]{2,6})\d{1,2}[a-z]?")


@dataclass(frozen=True)
class Reading:
    """What a typed word may stand for: a word of the index, how surely, and whether it goes on where typing stopped."""

    word: str
    weight: float
    goes_on: bool = False


class Speller:
    """Finds what unknown words stand for in one state of the index."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.readings = lru_cache(maxsize=2_000)(self._readings)

    @property
    def vocabulary(self) -> Vocabularies:
        """All words of the index; read when first asked for."""
        return self._scorer.arrays.vocabulary

    def count(self, stem: str) -> int:
        """In how many documents a stem stands."""
        return len(self._scorer.arrays.postings("text", stem)[0])

    def initials(self, word: str) -> str:
        """What of a word are the initials of any name: all of it, its letters before a number, or all but one."""
        letters = (_LETTERS.match(word) or [""])[0]
        if not 2 <= len(letters) <= 6:
            return ""
        shorter = (
            [letters[:at] + letters[at + 1 :] for at in range(len(letters) - 1, 0, -1)] if len(letters) > 3 else []
        )
        return next(
            (some for some in (letters, *shorter) if len(self._scorer.arrays.postings("initials", some)[0])), ""
        )

    def _readings(self, word: str, is_last: bool) -> tuple[Reading, ...]:
        """What ``word`` may stand for when it is not what it seems, the likeliest first; empty when it is right."""
        known = self.count(stem_of(word))
        if not known and (numbered := _NUMBERED.fullmatch(word)):
            return (Reading(numbered[1], 0.8),) if self.count(stem_of(numbered[1])) else ()
        if known > _RARE or len(word) < _SHORTEST or not word.isalpha():
            return ()
        if known:
            return self._instead_of_rare(word, known)
        if is_last and (going_on := self._going_on(word)):
            return going_on
        return self._near(word) or self._parts(word) or self._holding(word) or self._alike(word)

    def _instead_of_rare(self, word: str, known: int) -> tuple[Reading, ...]:
        if len(word) < _SHORTEST + 1:
            return ()
        near = {
            other: slips for other, slips in self.vocabulary.near(word, 1).items() if stem_of(other) != stem_of(word)
        }
        common = {other: slips for other, slips in near.items() if self.count(stem_of(other)) >= _COMMONER * known}
        return tuple(Reading(reading.word, reading.weight * 0.6) for reading in self._ranked(word, common)[:2])

    def _going_on(self, word: str) -> tuple[Reading, ...]:
        found = {stem_of(other): other for other in self.vocabulary.starting(word)}
        ranked = sorted(found.items(), key=lambda item: -self.count(item[0]))[:8]
        return tuple(Reading(other, 0.8, goes_on=True) for _, other in ranked)

    def _near(self, word: str) -> tuple[Reading, ...]:
        for furthest in (1, 2) if len(word) > 5 else (1,):
            if found := self.vocabulary.near(word, furthest):
                return self._ranked(word, found)
        return ()

    def _ranked(self, word: str, found: dict[str, int]) -> tuple[Reading, ...]:
        of_stem: dict[str, tuple[float, str]] = {}
        for other, slips in found.items():
            if stem := stem_of(other):
                sure = _sure(word, other, slips) * log(2 + self.count(stem))
                of_stem[stem] = max(of_stem.get(stem, (0.0, "")), (sure, other))
        ranked = sorted(of_stem.values(), reverse=True)[:_MOST]
        return tuple(Reading(other, sure / ranked[0][0]) for sure, other in ranked)

    def _parts(self, word: str) -> tuple[Reading, ...]:
        """Two words written as one."""
        splits = [(word[:at], word[at:]) for at in range(3, len(word) - 2)]
        known = [
            (min(self.count(stem_of(first)), self.count(stem_of(second))), first, second)
            for first, second in splits
            if self.count(stem_of(first)) and self.count(stem_of(second))
        ]
        if not known:
            return ()
        _, first, second = max(known)
        return Reading(first, 0.9), Reading(second, 0.9)

    def _holding(self, word: str) -> tuple[Reading, ...]:
        if len(word) < _SHORTEST + 2:
            return ()
        found = self.vocabulary.holding(word, 50) or self.vocabulary.holding(word[1:-2], 50)
        ranked = sorted(found, key=lambda other: (-self.count(stem_of(other)), len(other)))
        return tuple(Reading(other, 0.5) for other in ranked[:_MOST])

    def _alike(self, word: str) -> tuple[Reading, ...]:
        found = self.vocabulary.alike(word, 0.35, _MOST)
        return tuple(Reading(other, 0.5 * share) for other, share in found.items())


def _sure(word: str, other: str, slips: int) -> float:
    """How likely ``other`` was meant: fewer slips, the same first letter, the same ending."""
    sure = 1.0 if slips == 1 else 0.3
    sure *= 1.0 if word[0] == other[0] else 0.5
    return sure * (1.15 if sorted(word) == sorted(other) else 1.0)
