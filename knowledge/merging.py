"""Bringing two people's changes to one text together: the three-way merge of lines, of single values, lists and rows.

Pure. What only one side changed is taken; what both changed alike is taken once; what both changed differently is a
clash, which holds the words of both, so that nothing either of them typed is lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum

MOST_LINES = 4_000_000
"""Lines here times lines there; beyond it two texts that both changed clash as a whole."""


class Choice(StrEnum):
    """What to do about a clash."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True)
class Clash:
    """A place both sides changed differently. Lines; of a single value one line."""

    base: tuple[str, ...]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]

    def settled(self, choice: Choice) -> tuple[str, ...]:
        if choice is Choice.BOTH:
            return self.mine + self.theirs
        return self.mine if choice is Choice.MINE else self.theirs


Part = tuple[str, ...] | Clash
"""Lines that are agreed on, or a clash."""


@dataclass
class Merged:
    """What came of a merge: parts in order. A text without clashes is agreed on."""

    parts: list[Part] = field(default_factory=list)

    @property
    def clashes(self) -> list[Clash]:
        return [part for part in self.parts if isinstance(part, Clash)]

    def text(self, choices: Sequence[Choice] = ()) -> str:
        """The merged text; each clash by its choice, and where none is given as ``mine``."""
        left = iter(choices)
        lines: list[str] = []
        for part in self.parts:
            lines += part.settled(next(left, Choice.MINE)) if isinstance(part, Clash) else part
        return "\n".join(lines)


def merge(base: str, mine: str, theirs: str) -> Merged:
    """The two changed texts brought together, line by line."""
    if mine == theirs or base == theirs:
        return Merged([tuple(mine.split("\n"))])
    if base == mine:
        return Merged([tuple(theirs.split("\n"))])
    old, one, other = base.split("\n"), mine.split("\n"), theirs.split("\n")
    if len(old) * max(len(one), len(other)) > MOST_LINES:
        return Merged([Clash(tuple(old), tuple(one), tuple(other))])
    return Merged(list(_joined(_parts(old, one, other))))


def merge_value(base: str, mine: str, theirs: str) -> str | Clash:
    """One value that is taken whole: a title, a date, a choice."""
    if mine == theirs or base == theirs:
        return mine
    if base == mine:
        return theirs
    return Clash((base,), (mine,), (theirs,))


def merge_list(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """A list in which each entry stands once: added by either is in, removed by either is out. Never a clash."""
    gone = (set(base) - set(mine)) | (set(base) - set(theirs))
    return [entry for entry in dict.fromkeys([*mine, *theirs]) if entry not in gone]


def order_of(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """The keys of both sides' rows, in the order of the side that changed it, each new one after its neighbour."""
    kept = set(mine) & set(theirs)
    moved_by_me = [key for key in mine if key in kept] != [key for key in base if key in kept]
    first, second = (mine, theirs) if moved_by_me else (theirs, mine)
    keys = list(first)
    for place, key in enumerate(second):
        if key not in keys:
            before = next((other for other in reversed(second[:place]) if other in keys), None)
            keys.insert(keys.index(before) + 1 if before is not None else 0, key)
    return keys


Row = Mapping[str, str]


def keep_row(base: Row | None, mine: Row | None, theirs: Row | None) -> bool:
    """Whether a row stays: one that a side took out goes, unless the other changed it meanwhile."""
    if mine is None and theirs is None:
        return False
    if mine is None or theirs is None:
        other = mine or theirs
        return base is None or other != base
    return True


def _parts(old: Sequence[str], one: Sequence[str], other: Sequence[str]) -> Iterator[Part]:
    """diff3: between the runs that all three share stand regions, each judged by itself."""
    at = (0, 0, 0)
    for start, first, second, length in [*_shared_runs(old, one, other), (len(old), len(one), len(other), 0)]:
        yield _region(old[at[0] : start], one[at[1] : first], other[at[2] : second])
        yield tuple(old[start : start + length])
        at = (start + length, first + length, second + length)


def _region(old: Sequence[str], one: Sequence[str], other: Sequence[str]) -> Part:
    if one == other or old == other:
        return tuple(one)
    if old == one:
        return tuple(other)
    return Clash(tuple(old), tuple(one), tuple(other))


def _shared_runs(old: Sequence[str], one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of lines that stand in all three, as (place in old, in one, in other, length)."""
    here, there = _places(old, one), _places(old, other)
    start = 0
    while start < len(old):
        if start not in here or start not in there:
            start += 1
            continue
        length = 1
        while here.get(start + length) == here[start] + length and there.get(start + length) == there[start] + length:
            length += 1
        yield start, here[start], there[start], length
        start += length


def _places(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Which line of ``new`` each line of ``old`` still is."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {a + step: b + step for a, b, length in blocks for step in range(length)}


def _joined(parts: Iterator[Part]) -> Iterator[Part]:
    """Agreed parts that follow one another as one, and none that is empty."""
    agreed: tuple[str, ...] = ()
    for part in parts:
        if isinstance(part, Clash):
            if agreed:
                yield agreed
            agreed = ()
            yield part
        else:
            agreed += part
    if agreed:
        yield agreed
