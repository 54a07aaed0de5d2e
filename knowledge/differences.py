"""What differs between two texts, line by line and inside changed lines word by word; and between recommendations.

Pure: a difference holds both texts whole, so that applying it to the one gives the other. The work is bounded: beyond
the limits a difference is coarser, never wrong.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby
from typing import Protocol

MOST_LINES = 4_000_000
"""Lines that changed here times there; beyond it, all of the one are replaced by all of the other."""
MOST_WORDS = 200_000
"""The same for words inside one changed line."""
MOST_WORDS_IN_ALL = 4_000_000
"""And over all changed lines together; those after it are shown without their words."""
ALIKE = 0.4
"""How alike two lines must be, of 1, to be shown as one line that changed."""
CONTEXT = 2
"""Unchanged lines shown around each change."""
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Kind(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Piece:
    """Some words of a line: the same in both texts, added or removed."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Line:
    """One line; ``before`` is None where it was added, ``after`` where it was removed."""

    kind: Kind
    before: str | None
    after: str | None
    pieces: tuple[Piece, ...]

    @property
    def old_pieces(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind != Kind.ADDED]

    @property
    def new_pieces(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind != Kind.REMOVED]


@dataclass(frozen=True)
class Part:
    """Lines to show together, or with ``skipped`` the number of unchanged ones that are left out."""

    lines: tuple[Line, ...]
    skipped: int = 0


def difference(before: str, after: str) -> tuple[Line, ...]:
    """Every line of both texts, in order."""
    old, new = before.split("\n"), after.split("\n")
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    lines = [_same(text) for text in old[:start]]
    lines += _compared(old[start : len(old) - end], new[start : len(new) - end])
    return tuple(lines + [_same(text) for text in old[len(old) - end :]])


def applied(text: str, lines: Iterable[Line]) -> str:
    """``text`` with the difference made to it. Raises ValueError when it is not the text the difference is from."""
    lines = list(lines)
    if text != "\n".join(line.before for line in lines if line.before is not None):
        raise ValueError("This difference is from another text.")
    return "\n".join(line.after for line in lines if line.after is not None)


@dataclass
class Budget:
    """How much work may still be done on words."""

    left: int

    def pays(self, cost: int) -> bool:
        """Whether the work is within the limits; then it is taken off."""
        if cost > min(MOST_WORDS, self.left):
            return False
        self.left -= cost
        return True


def words(before: str, after: str, budget: Budget | None = None) -> tuple[Piece, ...]:
    """The difference of two short texts, word by word."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if before == after or not (budget or Budget(MOST_WORDS)).pays(len(old) * len(new)):
        whole = [(Kind.SAME, before)] if before == after else [(Kind.REMOVED, before), (Kind.ADDED, after)]
        return tuple(Piece(kind, text) for kind, text in whole if text)
    found: list[tuple[Kind, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append((Kind.SAME, "".join(old[a:b])))
        else:
            found += [(Kind.REMOVED, "".join(old[a:b])), (Kind.ADDED, "".join(new[c:d]))]
    return tuple(_joined(found))


def parts(lines: Sequence[Line], context: int = CONTEXT) -> list[Part]:
    """The lines that changed with a few around them; long runs of unchanged lines are counted instead."""
    near: set[int] = set()
    for place, line in enumerate(lines):
        if line.kind != Kind.SAME:
            near.update(range(place - context, place + context + 1))
    found = []
    for is_near, places in groupby(range(len(lines)), key=near.__contains__):
        group = tuple(lines[place] for place in places)
        found.append(Part(group) if is_near or len(group) == 1 else Part((), len(group)))
    return found


class Recommended(Protocol):
    """A recommendation, as far as what it says is concerned."""

    @property
    def key(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def strength(self) -> str: ...
    @property
    def grade(self) -> str: ...


@dataclass(frozen=True)
class RecommendationChange:
    """What became of one recommendation; ``before`` is None where it was added, ``after`` where it was removed."""

    key: str
    kind: Kind
    before: Recommended | None
    after: Recommended | None
    pieces: tuple[Piece, ...]

    @property
    def strength_changed(self) -> bool:
        return bool(self.before and self.after and self.before.strength != self.after.strength)

    @property
    def certainty_changed(self) -> bool:
        return bool(self.before and self.after and self.before.grade != self.after.grade)


def recommendation_changes(
    before: Iterable[Recommended], after: Iterable[Recommended]
) -> tuple[RecommendationChange, ...]:
    """Every recommendation of either side by its key: in the order of the new side, then those removed."""
    old, new = {row.key: row for row in before}, {row.key: row for row in after}
    return tuple(
        _recommendation(key, old.get(key), new.get(key)) for key in [*new, *(key for key in old if key not in new)]
    )


def recommendations_applied(
    before: Iterable[Recommended], changes: Iterable[RecommendationChange]
) -> list[Recommended]:
    """The recommendations with the changes made, in the new order."""
    rows = {row.key: row for row in before}
    made = [(change, rows.get(change.key)) for change in changes]
    return [
        change.after if change.kind != Kind.SAME or row is None else row
        for change, row in made
        if change.after is not None
    ]


def _recommendation(key: str, old: Recommended | None, new: Recommended | None) -> RecommendationChange:
    if old is None or new is None:
        kind = Kind.ADDED if old is None else Kind.REMOVED
    else:
        same = (old.text, old.strength, old.grade) == (new.text, new.strength, new.grade)
        kind = Kind.SAME if same else Kind.CHANGED
    return RecommendationChange(key, kind, old, new, words(old.text if old else "", new.text if new else ""))


def _compared(old: list[str], new: list[str]) -> Iterator[Line]:
    """The lines between the first and the last difference."""
    budget = Budget(MOST_WORDS_IN_ALL)
    if len(old) * len(new) > MOST_LINES:
        yield from _replaced(old, new, budget)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            yield from map(_same, old[a:b])
        else:
            yield from _replaced(old[a:b], new[c:d], budget)


def _replaced(old: list[str], new: list[str], budget: Budget) -> Iterator[Line]:
    """Lines that stand in the place of others: pairs that are alike are shown as changed."""
    pairs = min(len(old), len(new))
    for before, after in zip(old, new, strict=False):
        pieces = words(before, after, budget)
        kept = sum(len(piece.text.strip()) for piece in pieces if piece.kind == Kind.SAME)
        if kept >= ALIKE * max(len(before), len(after), 1):
            yield Line(Kind.CHANGED, before, after, pieces)
        else:
            yield _removed(before)
            yield _added(after)
    yield from map(_removed, old[pairs:])
    yield from map(_added, new[pairs:])


def _same(text: str) -> Line:
    return Line(Kind.SAME, text, text, (Piece(Kind.SAME, text),))


def _removed(text: str) -> Line:
    return Line(Kind.REMOVED, text, None, (Piece(Kind.REMOVED, text),))


def _added(text: str) -> Line:
    return Line(Kind.ADDED, None, text, (Piece(Kind.ADDED, text),))


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _joined(found: list[tuple[Kind, str]]) -> Iterator[Piece]:
    """Runs of changed words with only a space between them are one change each: easier to read than confetti."""
    removed = added = ""
    for place, (kind, text) in enumerate(found):
        is_gap = kind == Kind.SAME and not text.strip() and 0 < place < len(found) - 1 and (removed or added)
        if kind == Kind.REMOVED or is_gap:
            removed += text
        if kind == Kind.ADDED or is_gap:
            added += text
        if kind == Kind.SAME and not is_gap:
            yield from _pair(removed, added)
            removed = added = ""
            yield Piece(kind, text)
    yield from _pair(removed, added)


def _pair(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece(Kind.REMOVED, removed)
    if added:
        yield Piece(Kind.ADDED, added)
