"""The words of the index as arrays, so that those near a word that is not among them are found at once."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from whoosh.support.levenshtein import distance

_WIDTH = 28
_FEW = 20  # words are compared one by one sooner than all at once
Bytes = NDArray[np.uint8]


class Vocabulary:
    """The words (small letters a to z) of one segment of the index, which never changes: what is near is kept."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted(_of_letters(words))
        self._letters = _matrix(self.words)
        self._sizes = np.count_nonzero(self._letters, axis=1).astype(np.int16)
        self._signs = _signs(self._letters)
        self.near = lru_cache(maxsize=2_000)(self._near)

    @cached_property
    def _text(self) -> str:
        return "\n".join(["", *self.words, ""])

    def _near(self, word: str, furthest: int) -> Mapping[str, int]:
        if not (word.isascii() and word.isalpha() and len(word) <= _WIDTH):
            return {}
        asked, sign = _asked(word)
        lost = np.bitwise_count(sign & ~self._signs)
        more = np.bitwise_count(self._signs & ~sign)
        alike = np.abs(self._sizes - len(word)) <= furthest
        places = np.flatnonzero(alike & (lost <= 3 * furthest) & (more <= 3 * furthest))
        if len(places) <= _FEW:
            counted = ((self.words[place], distance(word, self.words[place], limit=furthest)) for place in places)
            return {other: slips for other, slips in counted if slips <= furthest}
        others = self._letters[places, : len(word) + furthest]
        slips = _slips(asked[: len(word)], others)[np.arange(len(places)), self._sizes[places]]
        return {self.words[place]: int(count) for place, count in zip(places, slips, strict=True) if count <= furthest}

    def starting(self, beginning: str) -> list[str]:
        """The words that begin like this."""
        start = bisect_left(self.words, beginning)
        return self.words[start : bisect_left(self.words, beginning + "{", start)]

    def holding(self, part: str, most: int) -> list[str]:
        """Words with ``part`` inside, in the order of the alphabet, at most so many."""
        found: list[str] = []
        at = self._text.find(part)
        while at >= 0 and len(found) < most:
            start, end = self._text.rfind("\n", 0, at) + 1, self._text.find("\n", at)
            found.append(self._text[start:end])
            at = self._text.find(part, end)
        return found

    def alike(self, word: str, least: float, most: int) -> dict[str, float]:
        """The words that share most of their letters' triples with this one, and how many of both they share."""
        if not (word.isascii() and word.isalpha()):
            return {}
        sign = _signs(_matrix([word[:_WIDTH]]))[0]
        shared = np.bitwise_count(sign & self._signs).astype(np.float32)
        share = 2 * shared / (np.bitwise_count(sign) + np.bitwise_count(self._signs))
        order = np.argsort(-share, kind="stable")[: most * 4]
        exact = {self.words[place]: _dice(word, self.words[place]) for place in order}
        best = sorted(exact.items(), key=lambda item: -item[1])[:most]
        return {found: value for found, value in best if value >= least}


class Vocabularies:
    """The words of one state of the index: those of all its segments."""

    def __init__(self, parts: Sequence[Vocabulary]) -> None:
        self._parts = parts

    def near(self, word: str, furthest: int) -> dict[str, int]:
        """The words at most ``furthest`` slips (a letter more, less, other, or two swapped) away, with how many."""
        return {other: slips for part in self._parts for other, slips in part.near(word, furthest).items()}

    def starting(self, beginning: str) -> list[str]:
        """The words that begin like this, in the order of the alphabet."""
        return _united(part.starting(beginning) for part in self._parts)

    def holding(self, part: str, most: int) -> list[str]:
        """Words with ``part`` inside, in the order of the alphabet, at most so many."""
        return _united(words.holding(part, most) for words in self._parts)[:most]

    def alike(self, word: str, least: float, most: int) -> dict[str, float]:
        """The words that share most of their letters' triples with this one, and how many of both they share."""
        found = {other: share for part in self._parts for other, share in part.alike(word, least, most).items()}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))[:most])


def _united(found: Iterable[list[str]]) -> list[str]:
    some = [words for words in found if words]
    return some[0] if len(some) == 1 else sorted(set().union(*some))


def _of_letters(words: Iterable[str]) -> set[str]:
    return {word for word in words if len(word) <= _WIDTH and word.isascii() and word.isalpha()}


@lru_cache(maxsize=1_000)
def _asked(word: str) -> tuple[Bytes, np.uint64]:
    letters = _matrix([word])
    return letters[0], _signs(letters)[0]


def _matrix(words: list[str]) -> Bytes:
    if not words:
        return np.zeros((0, _WIDTH), np.uint8)
    return np.array(words, f"S{_WIDTH}").view(np.uint8).reshape(len(words), _WIDTH)


def _signs(letters: Bytes) -> NDArray[np.uint64]:
    """For each word the set of its pairs of neighbouring letters, folded onto 64 bits."""
    signs = np.zeros(len(letters), np.uint64)
    for at in range(_WIDTH - 1):
        first, second = letters[:, at].astype(np.uint64), letters[:, at + 1].astype(np.uint64)
        bit = np.uint64(1) << ((first * np.uint64(7) + second * np.uint64(31)) % np.uint64(64))
        signs |= np.where(second > 0, bit, np.uint64(0))
    return signs


def _slips(word: Bytes, others: Bytes) -> NDArray[np.int16]:
    """Optimal string alignment distances of ``word`` to the beginning, of every length, of each of ``others``."""
    count, width = others.shape
    rows = [np.tile(np.arange(width + 1, dtype=np.int16), (count, 1))]
    for at, letter in enumerate(word):
        before, row = rows[-1], np.empty((count, width + 1), np.int16)
        row[:, 0] = at + 1
        other = others != letter
        for place in range(1, width + 1):
            value = np.minimum(before[:, place], row[:, place - 1]) + 1
            value = np.minimum(value, before[:, place - 1] + other[:, place - 1])
            if at and place > 1:
                swapped = (others[:, place - 2] == letter) & (others[:, place - 1] == word[at - 1])
                value = np.where(swapped, np.minimum(value, rows[-2][:, place - 2] + 1), value)
            row[:, place] = value
        rows.append(row)
    return rows[-1]


def _dice(first: str, second: str) -> float:
    one, two = ({word[at : at + 3] for at in range(len(word) - 2)} for word in (f"^{first}$", f"^{second}$"))
    return 2 * len(one & two) / max(1, len(one) + len(two))
