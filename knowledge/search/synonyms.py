"""Abbreviations and other names, read from abbreviations.tsv and synonyms.tsv beside this file."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from knowledge.search.folding import words

ABBREVIATIONS = Path(__file__).with_name("abbreviations.tsv")
SYNONYMS = Path(__file__).with_name("synonyms.tsv")
_LONGEST = 6
Name = tuple[str, ...]


class Other(NamedTuple):
    """Another name, in stems, and how surely it is meant."""

    name: Name
    sure: float


def rows(path: Path) -> Iterator[tuple[str, str]]:
    """The two columns of one of the files, comments left out."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            first, _, second = line.partition("\t")
            yield first, second


def other_names(stems: list[str]) -> list[tuple[Name, list[Other]]]:
    """The names that stand in a row of stems, the longest first, and the other names of each; no word counts twice."""
    known, found, taken = _names(), [], [False] * len(stems)
    for length in range(min(_LONGEST, len(stems)), 0, -1):
        for start in range(len(stems) - length + 1):
            name = tuple(stems[start : start + length])
            if name in known and not any(taken[start : start + length]):
                taken[start : start + length] = [True] * length
                found.append((name, known[name]))
    return found


def abbreviations_like(word: str) -> list[str]:
    """The abbreviations a word may be a slip of: two letters swapped, or from four letters on one letter wrong."""
    known = _abbreviations()
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    other = {word[:at] + word[at + 1 :] for at in range(len(word))} if len(word) >= 5 else set()
    return sorted(known & (swapped | other))


def is_abbreviation(word: str) -> bool:
    """Whether it is in the list."""
    return word in _abbreviations()


@lru_cache(maxsize=1)
def _abbreviations() -> frozenset[str]:
    return frozenset(short.lower() for short, _ in rows(ABBREVIATIONS))


@lru_cache(maxsize=1)
def _names() -> dict[Name, list[Other]]:
    names: dict[Name, list[Other]] = {}
    for short, senses in rows(ABBREVIATIONS):
        meant = [_stems(sense) for sense in senses.split(" | ")]
        for place, sense in enumerate(meant):
            names.setdefault(_stems(short), []).append(Other(sense, 1.0 if not place else 0.7))
            names.setdefault(sense, []).append(Other(_stems(short), 1.0))
    for first, second in rows(SYNONYMS):
        one, two = _stems(first), _stems(second)
        names.setdefault(one, []).append(Other(two, 1.0))
        names.setdefault(two, []).append(Other(one, 0.7))
    names.pop((), None)
    return names


def _stems(text: str) -> Name:
    return tuple(word.stem for word in words(text))
