"""Differences: applying one gives the other text, whatever the texts; and what is shown is what a reader expects."""

import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import differences
from knowledge.differences import (
    Kind,
    applied,
    difference,
    parts,
    recommendation_changes,
    recommendations_applied,
    words,
)

LINES = st.lists(st.sampled_from(["", "Give 5 mg.", "Give 10 mg.", "Wait", "- a", "- a b c"]) | st.text(max_size=20))
TEXTS = LINES.map("\n".join)


@dataclass(frozen=True)
class Row:
    key: str
    text: str
    strength: str = ""
    grade: str = ""


GRADES = st.sampled_from(["", "high", "low"])
ROWS = st.lists(
    st.builds(Row, key=st.sampled_from("abcdef"), text=st.text(max_size=12), strength=GRADES, grade=GRADES),
    unique_by=lambda row: row.key,
)


@given(TEXTS, TEXTS)
def test_applying_a_difference_gives_the_other_text(before: str, after: str) -> None:
    lines = difference(before, after)
    assert applied(before, lines) == after
    for line in lines:
        assert "".join(piece.text for piece in line.old_pieces) == (line.before or "")
        assert "".join(piece.text for piece in line.new_pieces) == (line.after or "")


@given(TEXTS, TEXTS)
def test_words_hold_both_texts(before: str, after: str) -> None:
    pieces = words(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != Kind.ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.kind != Kind.REMOVED) == after


@given(TEXTS)
def test_nothing_differs_from_itself(text: str) -> None:
    assert {line.kind for line in difference(text, text)} == {Kind.SAME}


@given(TEXTS, TEXTS)
def test_parts_show_every_change_and_count_the_rest(before: str, after: str) -> None:
    lines = difference(before, after)
    shown = parts(lines)
    assert sum(len(part.lines) + part.skipped for part in shown) == len(lines)
    changed = [line for line in lines if line.kind != Kind.SAME]
    assert [line for part in shown for line in part.lines if line.kind != Kind.SAME] == changed


@given(ROWS, ROWS)
def test_applying_recommendation_changes_gives_the_other_side(before: list[Row], after: list[Row]) -> None:
    assert recommendations_applied(before, recommendation_changes(before, after)) == after


def test_a_difference_is_not_applied_to_another_text() -> None:
    with pytest.raises(ValueError, match="another text"):
        applied("other", difference("one", "two"))


def test_a_changed_dose_is_two_words() -> None:
    (line,) = difference("Give 5 mg of A.", "Give 10 mg of A.")
    assert line.kind == Kind.CHANGED
    assert [(piece.kind, piece.text) for piece in line.pieces] == [
        (Kind.SAME, "Give "),
        (Kind.REMOVED, "5"),
        (Kind.ADDED, "10"),
        (Kind.SAME, " mg of A."),
    ]


def test_a_line_that_has_nothing_of_the_old_one_is_not_called_changed() -> None:
    assert [line.kind for line in difference("Stop the drug", "0.9 % saline")] == [Kind.REMOVED, Kind.ADDED]


def test_unchanged_lines_far_from_a_change_are_counted() -> None:
    before = "\n".join(map(str, range(50)))
    shown = parts(difference(before, before.replace("25", "changed")))
    assert [part.skipped for part in shown] == [23, 0, 22]
    assert [line.before for line in shown[1].lines] == ["23", "24", "25", None, "26", "27"]


def test_recommendations_by_key() -> None:
    before = [Row("a", "Give A.", "strong", "high"), Row("b", "Give B."), Row("c", "Give C.", "strong"), Row("d", "D")]
    after = [
        Row("e", "New."),
        Row("c", "Give C.", "conditional"),
        Row("a", "Give A.", "strong", "low"),
        Row("b", "Stop B."),
    ]
    found = {change.key: change for change in recommendation_changes(before, after)}
    assert [(key, change.kind) for key, change in found.items()] == [
        ("e", Kind.ADDED),
        ("c", Kind.CHANGED),
        ("a", Kind.CHANGED),
        ("b", Kind.CHANGED),
        ("d", Kind.REMOVED),
    ]
    assert (found["c"].strength_changed, found["c"].certainty_changed) == (True, False)
    assert (found["a"].strength_changed, found["a"].certainty_changed) == (False, True)
    assert [piece.kind for piece in found["b"].pieces][:2] == [Kind.REMOVED, Kind.ADDED]


def test_large_texts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    before = "\n".join(f"line {number} {number % 7}" for number in range(6000))
    after = "\n".join(f"line {number} {number % 5} x" for number in range(3, 6003))
    start = time.process_time()
    assert applied(before, difference(before, after)) == after
    one, other = "word " * 40_000, "other words " * 40_000
    assert applied(one, difference(one, other)) == other
    one = "\n".join(f"{number} " + "word " * 200 for number in range(1500))
    assert applied(one, difference(one, one.replace("word", "other"))) == one.replace("word", "other")
    assert time.process_time() - start < 20
    monkeypatch.setattr(differences, "MOST_LINES", 4)
    assert applied("a\nb\nc", difference("a\nb\nc", "c\nb\na")) == "c\nb\na"
