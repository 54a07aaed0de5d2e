"""Two people's versions of one draft brought together, field by field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.drafts.content import RECOMMENDATION, REFERENCE, DraftContent, DraftRow
from knowledge.merging import Choice, Clash, keep_row, merge, merge_list, merge_value, order_of

LINES = ("summary", "body", "calculator", "text", "evidence", "citation")
NAMES = {
    "title": "Title",
    "summary": "Summary",
    "body": "Text",
    "source": "Source",
    "review_due": "Review due",
    "calculator": "Calculator",
    "text": "recommendation",
    "strength": "strength",
    "grade": "certainty",
    "evidence": "evidence",
    "verified_on": "verified on",
    "verified_by": "verified by",
    "due_on": "due",
    "citation": "citation",
    "year": "year",
    "identifier": "identifier",
    "url": "address",
}


@dataclass(frozen=True)
class Spot:
    """A place both changed differently, and where it is."""

    label: str
    clash: Clash
    has_lines: bool

    @property
    def mine(self) -> str:
        return "\n".join(self.clash.mine)

    @property
    def theirs(self) -> str:
        return "\n".join(self.clash.theirs)


@dataclass(frozen=True)
class Joined:
    """The content of both, clashes settled by the choices given, and by ``mine`` where none was; and each clash."""

    content: DraftContent
    spots: tuple[Spot, ...]


def join(base: DraftContent | None, mine: DraftContent, theirs: DraftContent, choices: Sequence[Choice] = ()) -> Joined:
    """``mine`` and ``theirs``, both begun from ``base``; where that is not known, all that differs is a clash."""
    joiner = _Joiner(choices)
    begun = base or DraftContent()
    values: dict[str, Any] = {
        name: joiner.value(name, NAMES[name], getattr(begun, name), getattr(mine, name), getattr(theirs, name))
        for name in ("title", "summary", "body", "source", "review_due", "calculator")
    }
    for name in ("specialties", "codes", "keywords"):
        values[name] = tuple(merge_list(getattr(begun, name), getattr(mine, name), getattr(theirs, name)))
    for name, parts, word in (
        ("recommendations", RECOMMENDATION, "Recommendation"),
        ("references", REFERENCE, "Reference"),
    ):
        rows = (getattr(begun, name), getattr(mine, name), getattr(theirs, name))
        values[name] = tuple(joiner.rows(word, parts, *rows))
    return Joined(DraftContent(**values), tuple(joiner.spots))


class _Joiner:
    """Walks the fields in their order, taking one choice for each clash."""

    def __init__(self, choices: Sequence[Choice]) -> None:
        self.spots: list[Spot] = []
        self._choices = list(choices)

    def value(self, name: str, label: str, base: str, mine: str, theirs: str) -> str:
        if name in LINES:
            merged = merge(base, mine, theirs)
            return merged.text([self._met(label, clash, has_lines=True) for clash in merged.clashes])
        found = merge_value(base, mine, theirs)
        if isinstance(found, Clash):
            return found.settled(self._met(label, found, has_lines=False))[0]
        return found

    def rows(
        self,
        word: str,
        parts: Sequence[str],
        base: Sequence[DraftRow],
        mine: Sequence[DraftRow],
        theirs: Sequence[DraftRow],
    ) -> list[DraftRow]:
        old, one, other = ({row.key: row for row in rows} for rows in (base, mine, theirs))
        joined = []
        for key in order_of(list(old), list(one), list(other)):
            before, here, there = old.get(key), one.get(key), other.get(key)
            if not keep_row(_values(before), _values(here), _values(there)):
                continue
            whole = here or there
            if here and there:
                read = _reader(before), _reader(here), _reader(there)
                title = (here.values.get("text") or here.values.get("citation") or "")[:60]
                label = f"{word} “{title}”"
                whole = DraftRow(
                    key,
                    {part: self.value(part, f"{label}, {NAMES[part]}", *(get(part) for get in read)) for part in parts},
                )
            if whole:
                joined.append(whole)
        return joined

    def _met(self, label: str, clash: Clash, *, has_lines: bool) -> Choice:
        place = len(self.spots)
        self.spots.append(Spot(label, clash, has_lines))
        choice = self._choices[place] if place < len(self._choices) else Choice.MINE
        return Choice.MINE if choice is Choice.BOTH and not has_lines else choice


def _values(row: DraftRow | None) -> dict[str, str] | None:
    return dict(row.values) if row else None


def _reader(row: DraftRow | None) -> Callable[[str], str]:
    return lambda name: row.values.get(name, "") if row else ""
