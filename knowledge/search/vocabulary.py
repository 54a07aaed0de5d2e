"""The words of the index as arrays, so that those near a word that is not among them are found at once."""

from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_WIDTH = 28
_A, _Z = ord("a"), ord("z")
Bytes = NDArray[np.uint8]


class Vocabulary:
    """The words (small letters a to z) of one state of the index."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted(_of_letters(words))
        self._letters = _matrix(self.words)
        self._sizes = np.count_nonzero(self._letters, axis=1).astype(np.int16)
        self._signs = _signs(self._letters)

    def with_more(self, words: Iterable[str]) -> "Vocabulary":
        """The same with these words as well; far quicker than from nothing, where they are few."""
        other = Vocabulary(_of_letters(words) - self._set)
        if not other.words:
            return self
        at = [bisect_left(self.words, word) for word in other.words]
        whole = Vocabulary(())
        whole.words = sorted([*self.words, *other.words])
        whole._letters = np.insert(self._letters, at, other._letters, axis=0)
        whole._sizes = np.insert(self._sizes, at, other._sizes)
        whole._signs = np.insert(self._signs, at, other._signs)
        return whole

    @cached_property
    def _set(self) -> frozenset[str]:
        return frozenset(self.words)

    @cached_property
    def _text(self) -> str:
        return "\n".join(["", *self.words, ""])

    def near(self, word: str, furthest: int) -> dict[str, int]:
        """The words at most ``furthest`` slips (a letter more, less, other, or two swapped) away, with how many."""
        if not (word.isascii() and word.isalpha() and len(word) <= _WIDTH):
            return {}
        asked = _matrix([word])
        sign = _signs(asked)[0]
        lost = np.bitwise_count(sign & ~self._signs)
        more = np.bitwise_count(self._signs & ~sign)
        alike = np.abs(self._sizes - len(word)) <= furthest
        places = np.flatnonzero(alike & (lost <= 3 * furthest) & (more <= 3 * furthest))
        others = self._letters[places, : len(word) + furthest]
        slips = _slips(asked[0][: len(word)], others)[np.arange(len(places)), self._sizes[places]]
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


def _of_letters(words: Iterable[str]) -> set[str]:
    return {word for word in words if len(word) <= _WIDTH and word.isascii() and word.isalpha()}


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
