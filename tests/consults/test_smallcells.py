"""Small cells: whatever the table, nothing withheld can be worked out from what is shown. The attack is played here."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from consults.smallcells import SMALLEST_CELL, Cell, Line, derivable, is_small, withheld

counts = st.one_of(st.integers(0, 14), st.integers(0, 200))
shapes = st.tuples(st.integers(1, 5), st.integers(1, 5))


def grid(rows: Sequence[Sequence[int]]) -> tuple[dict[Cell, int], list[Line]]:
    """A table with the totals of its rows and columns, and of all."""
    high, wide = len(rows), len(rows[0])
    table: dict[Cell, int] = {(r, c): rows[r][c] for r in range(high) for c in range(wide)}
    table |= {(r, "all"): sum(rows[r]) for r in range(high)}
    table |= {("all", c): sum(row[c] for row in rows) for c in range(wide)}
    table["all", "all"] = sum(map(sum, rows))
    places = [*range(high), "all"], [*range(wide), "all"]
    lines = [Line((r, "all"), tuple((r, c) for c in range(wide))) for r in places[0]]
    lines += [Line(("all", c), tuple((r, c) for r in range(high))) for c in places[1]]
    return table, lines


@st.composite
def grids(draw: st.DrawFn) -> tuple[dict[Cell, int], list[Line]]:
    high, wide = draw(shapes)
    return grid(draw(st.lists(st.lists(counts, min_size=wide, max_size=wide), min_size=high, max_size=high)))


@st.composite
def margins(draw: st.DrawFn) -> tuple[dict[Cell, int], list[Line]]:
    """What the page shows: the totals by row and by column of a table, and of all, without the table itself."""
    table, _ = draw(grids())
    shown = {cell: count for cell, count in table.items() if "all" in cell}  # type: ignore[operator]
    rows = tuple(cell for cell in shown if cell[1] == "all" and cell[0] != "all")  # type: ignore[index]
    columns = tuple(cell for cell in shown if cell[0] == "all" and cell[1] != "all")  # type: ignore[index]
    return shown, [Line(("all", "all"), rows), Line(("all", "all"), columns)]


def attacked(table: dict[Cell, int], lines: list[Line], hidden: frozenset[Cell]) -> dict[Cell, int]:
    """What least squares and the null space tell of the withheld cells, with no word from the code under test."""
    columns = sorted(hidden, key=repr)
    matrix = np.array([[(c in line.parts) - (c == line.total) for c in columns] for line in lines], dtype=float)
    known = [sum(table[c] for c in line.parts if c not in hidden) for line in lines]
    known = [k - (0 if line.total in hidden else table[line.total]) for k, line in zip(known, lines, strict=True)]
    if not columns:
        return {}
    guess = np.linalg.lstsq(matrix, -np.array(known, dtype=float), rcond=None)[0]
    _, sizes, basis = np.linalg.svd(matrix)
    null = basis[int((sizes > 1e-9).sum()) :]
    fixed = [place for place in range(len(columns)) if not len(null) or abs(null[:, place]).max() < 1e-9]
    return {columns[place]: round(guess[place]) for place in fixed}


@settings(max_examples=300, deadline=None)
@given(st.one_of(grids(), margins()))
def test_no_withheld_cell_can_be_worked_out(made: tuple[dict[Cell, int], list[Line]]) -> None:
    table, lines = made
    hidden = withheld([table], lines)
    assert attacked(table, lines, hidden) == {}
    assert not any(is_small(count) for cell, count in table.items() if cell not in hidden)


@settings(max_examples=300, deadline=None)
@given(st.one_of(grids(), margins()))
def test_what_is_withheld_of_a_line_together_is_not_small_either(made: tuple[dict[Cell, int], list[Line]]) -> None:
    table, lines = made
    hidden = withheld([table], lines)
    for line in lines:
        if line.total not in hidden:
            rest = table[line.total] - sum(table[cell] for cell in line.parts if cell not in hidden)
            assert not is_small(rest)


@settings(max_examples=200, deadline=None)
@given(margins(), st.data())
def test_of_several_tables_none_gives_another_away(
    made: tuple[dict[Cell, int], list[Line]], data: st.DataObject
) -> None:
    """A number, how many of it were on time, and how many were not: withheld in one is withheld in all."""
    table, lines = made
    cells = [cell for line in lines for cell in line.parts]
    on_time: dict[Cell, int] = {cell: data.draw(st.integers(0, table[cell])) for cell in cells}
    total = sum(on_time[cell] for cell in lines[0].parts)
    for cell in lines[1].parts:  # the same answers, counted the other way
        on_time[cell] = min(table[cell], total)
        total -= on_time[cell]
    on_time["all", "all"] = sum(on_time[cell] for cell in lines[0].parts)
    late: dict[Cell, int] = {cell: table[cell] - on_time[cell] for cell in table}
    hidden = withheld([table, on_time, late], lines)
    for each in (table, on_time, late):
        assert attacked(each, lines, hidden) == {}
        assert not any(is_small(count) for cell, count in each.items() if cell not in hidden)


def test_one_small_cell_takes_the_smallest_other_along() -> None:
    table: dict[Cell, int] = {"a": 3, "b": 40, "c": 15, "all": 58}
    assert withheld([table], [Line("all", ("a", "b", "c"))]) == {"a", "c"}


def test_two_small_cells_that_are_few_together_take_another_along() -> None:
    table: dict[Cell, int] = {"a": 3, "b": 2, "c": 40, "d": 50, "all": 95}
    assert withheld([table], [Line("all", ("a", "b", "c", "d"))]) == {"a", "b", "c"}


def test_where_nothing_else_is_left_the_total_goes_too() -> None:
    assert withheld([{"a": 3, "all": 3}], [Line("all", ("a",))]) == {"a", "all"}
    assert withheld([{"a": 3, "b": 20, "all": 23}], [Line("all", ("a", "b"))]) == {"a", "b"}


def test_nought_and_eleven_are_shown() -> None:
    table: dict[Cell, int] = {"a": 0, "b": SMALLEST_CELL, "all": 11}
    assert withheld([table], [Line("all", ("a", "b"))]) == frozenset()
    assert withheld([table], [Line("all", ("a", "b"))], also=["b"]) >= {"a", "b"}


def test_a_cell_isolated_only_by_adding_lines_is_found() -> None:
    """Every line withholds two cells or none, and yet the one that joins two blocks follows from all of them."""
    lines = [Line("r1", ("a", "b", "x")), Line("r2", ("c", "d")), Line("c1", ("a", "c")), Line("c2", ("b", "d"))]
    assert derivable({"a", "b", "c", "d", "x"}, lines) == {"x"}
