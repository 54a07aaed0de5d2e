"""Merging: what either side typed is there afterwards, and only what both changed differently is asked about."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.merging import Choice, Clash, keep_row, merge, merge_list, merge_value, order_of

LINES = st.lists(st.sampled_from(["", "alpha", "beta", "gamma", "delta", "  alpha", "alpha "]), max_size=9)
TEXT = st.one_of(LINES.map("\n".join), st.text(max_size=40))


@given(TEXT, TEXT)
def test_what_one_side_alone_changed_is_taken(base: str, changed: str) -> None:
    for merged in (merge(base, changed, base), merge(base, base, changed), merge(base, changed, changed)):
        assert not merged.clashes
        assert merged.text() == changed


@given(TEXT, TEXT, TEXT)
def test_it_is_the_same_from_both_sides_but_for_who_is_who(base: str, one: str, other: str) -> None:
    there, back = merge(base, one, other), merge(base, other, one)
    assert [part if isinstance(part, tuple) else (part.base, part.mine, part.theirs) for part in there.parts] == [
        part if isinstance(part, tuple) else (part.base, part.theirs, part.mine) for part in back.parts
    ]
    assert there.text([Choice.MINE] * 99) == back.text([Choice.THEIRS] * 99)


@given(TEXT, TEXT, TEXT)
def test_no_line_that_either_side_wrote_is_lost(base: str, mine: str, theirs: str) -> None:
    merged = merge(base, mine, theirs)
    both = Counter(merged.text([Choice.BOTH] * len(merged.clashes)).split("\n"))
    old = Counter(base.split("\n"))
    for side in (mine, theirs):
        written = Counter(side.split("\n")) - old
        assert not written - both, f"lost {written - both}"


@given(TEXT, TEXT, TEXT)
def test_each_choice_of_a_clash_gives_that_sides_lines(base: str, mine: str, theirs: str) -> None:
    merged = merge(base, mine, theirs)
    for clash in merged.clashes:
        assert clash.mine != clash.theirs
        assert clash.base not in (clash.mine, clash.theirs)
        assert clash.settled(Choice.MINE) == clash.mine
        assert clash.settled(Choice.THEIRS) == clash.theirs
        assert clash.settled(Choice.BOTH) == clash.mine + clash.theirs


def test_changes_in_different_places_meet_without_a_question() -> None:
    base = "one\ntwo\nthree\nfour\nfive"
    merged = merge(base, base.replace("one", "ONE"), base.replace("five", "FIVE\nsix"))
    assert not merged.clashes
    assert merged.text() == "ONE\ntwo\nthree\nfour\nFIVE\nsix"


def test_the_same_line_changed_twice_is_a_clash_with_both_wordings() -> None:
    merged = merge("a\nb\nc", "a\nmine\nc", "a\ntheirs\nc")
    assert merged.clashes == [Clash(("b",), ("mine",), ("theirs",))]
    assert merged.text() == "a\nmine\nc"
    assert merged.text([Choice.THEIRS]) == "a\ntheirs\nc"
    assert merged.text([Choice.BOTH]) == "a\nmine\ntheirs\nc"


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "expected"),
    [("a", "b", "a", "b"), ("a", "a", "c", "c"), ("a", "b", "b", "b"), ("a", "b", "c", Clash(("a",), ("b",), ("c",)))],
)
def test_a_single_value_is_taken_whole(base: str, mine: str, theirs: str, expected: object) -> None:
    assert merge_value(base, mine, theirs) == expected


KEYS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


@given(KEYS, KEYS, KEYS)
def test_lists_keep_what_either_added_and_drop_what_either_removed(
    base: list[str], mine: list[str], theirs: list[str]
) -> None:
    merged = merge_list(base, mine, theirs)
    assert len(merged) == len(set(merged))
    assert set(merged) == {key for key in {*base, *mine, *theirs} if (key in mine and key in theirs) or key not in base}
    assert merge_list(base, mine, base) == [*mine]


@given(KEYS, KEYS, KEYS)
def test_rows_of_both_sides_have_a_place(base: list[str], mine: list[str], theirs: list[str]) -> None:
    order = order_of(base, mine, theirs)
    assert sorted(order) == sorted({*mine, *theirs})


@given(KEYS, st.randoms())
def test_rows_moved_by_one_side_stay_moved(base: list[str], random: "object") -> None:
    moved = list(base)
    random.shuffle(moved)  # type: ignore[attr-defined]
    assert order_of(base, moved, base) == moved
    assert order_of(base, base, moved) == moved


def test_a_row_goes_only_when_the_other_side_left_it_alone() -> None:
    row, changed = {"text": "a"}, {"text": "b"}
    assert not keep_row(row, None, row)
    assert not keep_row(row, row, None)
    assert keep_row(row, None, changed)
    assert keep_row(None, None, row)
    assert keep_row(row, row, changed)
    assert not keep_row(row, None, None)
