"""Where a note is fastened: to the words of a passage, so that it is found again in another revision.

Pure. A note keeps the kind of place and the exact words it was written beside. In a later revision it stays where the
same words stand, wherever they have moved to. Where they no longer stand anywhere, the nearest passage that is new
there is what they may have become; without one they were removed.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Protocol

ALIKE = 0.45
"""How alike two passages must be, of 1, for the one to be what the other has become."""
MOST_WORDS = 250_000
"""Words here times words there; beyond it passages are compared by which words they hold, not by their order."""


class Place(StrEnum):
    """The part of a document a passage stands in."""

    SUMMARY = "summary"
    RECOMMENDATION = "recommendation"
    FLOW = "flow"
    TEXT = "text"


@dataclass(frozen=True)
class Passage:
    """A piece of a document that may be annotated.

    ``number`` counts the passages of the revision. ``key`` is a recommendation's own. ``kind`` is what it is (heading,
    paragraph, table row …) and ``under`` the heading above it, for a list to choose from.
    """

    place: Place
    number: int
    text: str
    key: str = ""
    kind: str = "paragraph"
    under: str = ""


class Anchor(Protocol):
    """What a note keeps of its passage."""

    place: str
    key: str
    quote: str
    number: int


def normal(text: str) -> str:
    """The words with one space between them: a line break is no change."""
    return " ".join(text.split())


def digest(text: str) -> str:
    """SHA-256 of a passage's words."""
    return hashlib.sha256(normal(text).encode()).hexdigest()


def find(anchor: Anchor, passages: Iterable[Passage]) -> Passage | None:
    """The passage that says the same: in the same place if it can be, and of several the nearest to where it was."""
    same = [passage for passage in passages if passage.text == anchor.quote]
    return min(same, key=lambda passage: _distance(anchor, passage), default=None)


def nearest(anchor: Anchor, before: Iterable[Passage], after: Sequence[Passage]) -> Passage | None:
    """What the anchor's passage has become from ``before`` to ``after``; None when it was removed.

    A recommendation is known by its key. Otherwise it is the passage most like it among those that were not there
    before: what stood beside it all along is not what it has become.
    """
    if anchor.place == Place.RECOMMENDATION:
        for passage in after:
            if passage.place == Place.RECOMMENDATION and passage.key == anchor.key:
                return passage
    new = _not_in(before, after)
    old_words = anchor.quote.casefold().split()
    ranked = sorted(
        ((_shared(old_words, passage.text.casefold().split()), passage) for passage in new),
        key=lambda row: (-row[0], _distance(anchor, row[1])),
    )
    best, found = ALIKE, None
    for most, passage in ranked:
        if most < best or (most == best and found):
            break  # the words in their order are never more alike than the words in any order
        if (alike := _alike(old_words, passage.text.casefold().split(), most)) > best or (alike == best and not found):
            best, found = alike, passage
    return found


def _distance(anchor: Anchor, passage: Passage) -> tuple[bool, bool, int, int]:
    """Same place first, same recommendation first, then by how far it has moved."""
    return (
        passage.place != anchor.place,
        passage.key != anchor.key,
        abs(passage.number - anchor.number),
        passage.number,
    )


def _not_in(before: Iterable[Passage], after: Iterable[Passage]) -> list[Passage]:
    there = Counter(passage.text for passage in before)
    new = []
    for passage in after:
        if there[passage.text]:
            there[passage.text] -= 1
        else:
            new.append(passage)
    return new


def _shared(one: list[str], other: list[str]) -> float:
    common = sum((Counter(one) & Counter(other)).values())
    return 2 * common / ((len(one) + len(other)) or 1)


def _alike(one: list[str], other: list[str], most: float) -> float:
    if len(one) * len(other) > MOST_WORDS:
        return most
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
