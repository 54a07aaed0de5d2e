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
_PREFIX = re.compile(any_of("prefix"))
_SHORT, _LONG = 4, 6


def is_unknown(word: str) -> bool:
    """No word of English or of medicine in any form, nor an abbreviation, which has no vowel."""
    small = plain(word)
    other = is_other(small) or ("-" not in small and is_other(small.removesuffix("s")))
    return bool(_VOWEL.search(small)) and not (other or is_english(small) or is_clinical(small))


def is_english(word: str) -> bool:
    """A word of English, or of the shorthand of notes, in any form."""
    return _has(listed("english"), plain(word))


def is_clinical(word: str) -> bool:
    """A word of medicine, or one that ends as only such words do."""
    small = plain(word)
    return bool(_CLINICAL.match(small)) or _has(listed("clinical"), small)


def is_formed(word: str) -> bool:
    """Made of a word of medicine: its beginning (ceftri), with another ending or prefix (microbleeds), in British."""
    small = plain(word)
    if _begins("clinical", small) or (len(small) >= _LONG and _begins("english", small)):
        return True
    stem = small[: max(_LONG, len(small) - 3)]
    if len(small) > _LONG and (_begins("clinical", stem) or _begins("english", stem)):
        return True
    rest = small[found.end() :] if (found := _PREFIX.match(small)) else small
    american = small.replace("ae", "e").replace("oe", "e")
    return any(other != small and len(other) >= _SHORT and not is_unknown(other) for other in (rest, american))


def is_cut(word: str) -> bool:
    """The beginning of a word of medicine, with a capital: Blasto."""
    return len(word) > _SHORT and _begins("clinical", plain(word))


def _begins(kind: str, start: str) -> bool:
    words = _in_order(kind)
    at = bisect_left(words, start)
    return len(start) >= _SHORT and at < len(words) and words[at].startswith(start)


def _has(words: frozenset[str], word: str) -> bool:
    return word in words or any(stem in words for stem in _stems(word))


def _stems(word: str) -> Iterator[str]:
    for ending, instead in _ENDINGS:
        if word.endswith(ending):
            yield word.removesuffix(ending) + instead


@cache
def _in_order(kind: str) -> list[str]:
    return sorted(listed(kind))
