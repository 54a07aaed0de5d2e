"""The words of English and of medicine: what is none of them, and has a capital, is a name as a rule."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

from portal.common.likely.lists import any_of, is_other, listed, plain

_ENDINGS = (
    *(("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("d", ""), ("ing", ""), ("ing", "e")),
    *(("ly", ""), ("er", ""), ("er", "e"), ("ally", "")),
)
_VOWEL = re.compile("[aeiouy]")
_CLINICAL = re.compile(rf".{{3,}}{any_of('clinical')}s?$")
_SHORTENED = 4


def is_unknown(word: str) -> bool:
    """No word of English or of medicine in any form, nor an abbreviation, which has no vowel."""
    small = plain(word)
    return bool(_VOWEL.search(small)) and not (is_other(small) or is_english(small) or is_clinical(small))


def is_english(word: str) -> bool:
    """A word of English, or of the shorthand of notes, in any form."""
    return _has(listed("english"), plain(word))


def is_clinical(word: str) -> bool:
    """A word of medicine, or one that ends as only such words do."""
    small = plain(word)
    return bool(_CLINICAL.match(small)) or _has(listed("clinical"), small)


def is_shortened(word: str) -> bool:
    """The beginning of a word of medicine: ceftri, methylpred."""
    words = _in_order()
    at = bisect_left(words, word)
    return len(word) >= _SHORTENED and at < len(words) and words[at].startswith(word)


def _has(words: frozenset[str], word: str) -> bool:
    return word in words or any(stem in words for stem in _stems(word))


def _stems(word: str) -> Iterator[str]:
    for ending, instead in _ENDINGS:
        if word.endswith(ending):
            yield word.removesuffix(ending) + instead


@cache
def _in_order() -> list[str]:
    return sorted(listed("clinical"))
