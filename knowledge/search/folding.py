"""Words as search sees them: folded, stemmed, without filler. The same for what is indexed and what is asked."""

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

import Stemmer

# A word; what follows an apostrophe is one only from two letters on ("Alzheimer's" is one word).
_WORD = re.compile(r"(?<!['’])[^\W_]+|(?<=['’])[^\W_]{2,}")
_COMPOUND = re.compile(r"(?<![\w'’])[^\W_]+(?:[-‐‑][^\W_]+){1,3}(?!\w)")
# Words that carry no meaning of their own: not indexed.
_EMPTY = frozenset(
    "a an and are as at be been but by can could did do does for from had has have he her his i if in into is it its "
    "may might my of on or our s she should so such than that the their them then there these they this those to was "
    "we were which while will with would you your".split()
)
# What titles that are questions are made of; no part of a name's initials.
_ASKING = frozenset(
    "affect ar caus diagnos how inherit inform mani peopl prevent relat symptom treatment what who".split()
)
_NAME = 7  # words; what is longer is a sentence


class _Porter(threading.local):
    """Porter's stemmer; one of its objects is for one thread."""

    def __init__(self) -> None:
        self.stem = Stemmer.Stemmer("porter", 0).stemWord


_porter = _Porter()


class Word(NamedTuple):
    """One word of a text: where it stands and what it is folded to."""

    start: int
    end: int
    stem: str


def words(text: str) -> Iterator[Word]:
    """The words of a text that search knows, in order."""
    for found in placed(text):
        if stem := stem_of(found[0]):
            yield Word(found.start(), found.end(), stem)


def spelled(text: str) -> list[str]:
    """The words of a text as they are written, in order."""
    return _WORD.findall(text)


def placed(text: str) -> Iterator[re.Match[str]]:
    """The words of a text as they are written, each with its place."""
    return _WORD.finditer(text)


def stems(text: str, found: list[str] | None = None) -> list[str]:
    """A text as it is indexed: its stems; a compound ("beta-blocker") also as one word.

    ``found`` are its words where they are known already.
    """
    return [*filter(None, map(stem_of, spelled(text) if found is None else found)), *compounds(text)]


def compounds(text: str) -> list[str]:
    """The hyphenated words of a text, each as one."""
    if not any(sign in text for sign in "-‐‑"):
        return []
    return [stem for word in _COMPOUND.findall(text) if (stem := stem_of(re.sub("[-‐‑]", "", word)))]


def pairs(text: str) -> list[str]:
    """The pairs of neighbouring words of a text, each as one of 65,536 numbers.

    Numbers, because most pairs stand in one title only and every distinct term takes room. Two pairs in a hundred
    thousand documents may share one: it lifts a stray document a little, no more.
    """
    found = [word.stem for word in words(text)]
    return [_number(f"{first} {second}") for first, second in pairwise(found)]


def _number(pair: str) -> str:
    return f"{crc32(pair.encode()) & 0xFFFF:x}"


def surface(found: list[str]) -> list[str]:
    """The distinct words of a text as they are read, for the dictionary that spelling is checked against."""
    return list({word.lower() for word in set(found) if len(word) > 3 and word.isalpha()})


@lru_cache(maxsize=400_000)
def stem_of(word: str) -> str:
    """The folded stem of one word; empty when it carries no meaning.

    British spellings fold onto American ones (haemorrhage, oedema, tumour), and accents go.
    """
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    word = word.lower()
    if word in _EMPTY:
        return ""
    if len(word) < 3 or not word.isalpha() or not word.isascii():
        return word[:40]
    folded = word.replace("ae", "e").replace("oe", "e") if len(word) > 4 else word
    return str(_porter.stem(re.sub(r"(?<=[a-z]{3})our(?=s?$|ed|ing)", "or", folded)))[:40]


def initials(name: str) -> set[str]:
    """How a name may be shortened: the first letters of two to five neighbouring words; a sentence has none."""
    letters = [word.stem[0] for word in words(name) if word.stem.isalpha() and word.stem not in _ASKING]
    if len(letters) > _NAME:
        return set()
    runs = (letters[start : start + length] for length in range(2, 6) for start in range(len(letters) - length + 1))
    return {"".join(run) for run in runs}
