"""Which cells of a table to withhold, so that no count from 1 to 10 is shown or follows from what is shown. Pure.

The rule is that of the CMS cell-size suppression policy: 1 to 10 are withheld; nought is not. Withholding them alone is
not enough where totals are shown: a single withheld cell is its total less the others. So more cells are withheld,
the smallest first, until no withheld cell follows from the totals by adding and subtracting lines, and what is withheld
of a line together is no small count either.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

SMALLEST_CELL = 11
"""No figure across organizations is shown from fewer."""
Cell = Hashable
Table = Mapping[Cell, int]


@dataclass(frozen=True)
class Line:
    """A total and the cells that add up to it."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (*self.parts, self.total)


def is_small(count: int) -> bool:
    return 0 < count < SMALLEST_CELL


def withheld(tables: Sequence[Table], lines: Sequence[Line], *, also: Iterable[Cell] = ()) -> frozenset[Cell]:
    """The cells to withhold in every one of these tables, which share their cells and lines.

    Several tables are those of which one gives away another: a number, and how many of it were on time and were not.
    ``also`` names cells that are withheld for a reason of their own.
    """
    hidden = set(also) | {cell for table in tables for cell, count in table.items() if is_small(count)}
    while exposed := derivable(hidden, lines) | _small_remainders(tables, lines, hidden):
        shown = _neighbours(exposed, lines, hidden) or {cell for line in lines for cell in line.cells} - hidden
        if not shown:
            break
        totals = {line.total for line in lines}
        hidden.add(min(shown, key=lambda cell: (cell in totals, sum(table[cell] for table in tables), repr(cell))))
    return frozenset(hidden)


def _neighbours(exposed: Collection[Cell], lines: Sequence[Line], hidden: Collection[Cell]) -> set[Cell]:
    return {cell for line in lines if set(line.cells) & set(exposed) for cell in line.cells if cell not in hidden}


def _small_remainders(tables: Sequence[Table], lines: Sequence[Line], hidden: Collection[Cell]) -> set[Cell]:
    """Withheld parts of a line that together are a small count, which its shown total gives away."""
    found: set[Cell] = set()
    for line in lines:
        parts = [cell for cell in line.parts if cell in hidden]
        if parts and line.total not in hidden and any(is_small(sum(table[cell] for cell in parts)) for table in tables):
            found.update(parts)
    return found


def derivable(hidden: Iterable[Cell], lines: Sequence[Line]) -> set[Cell]:
    """The withheld cells that follow exactly from the shown ones: what the lines, added and subtracted, isolate."""
    columns = sorted(hidden, key=repr)
    rows = [[_sign(line, cell) for cell in columns] for line in lines]
    alone = ([place for place, value in enumerate(row) if value] for row in _reduced(rows))
    return {columns[places[0]] for places in alone if len(places) == 1}


def _sign(line: Line, cell: Cell) -> Fraction:
    return Fraction((cell in line.parts) - (cell == line.total))


def _reduced(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """The rows in reduced echelon form: a column is alone in one of them where, and only where, it is determined."""
    rows, done = [row[:] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        at = next((place for place in range(done, len(rows)) if rows[place][column]), None)
        if at is None:
            continue
        rows[done], rows[at] = rows[at], rows[done]
        lead = rows[done][column]
        rows[done] = [value / lead for value in rows[done]]
        for place, row in enumerate(rows):
            if place != done and (factor := row[column]):
                rows[place] = [value - factor * own for value, own in zip(row, rows[done], strict=True)]
        done += 1
    return rows[:done]
