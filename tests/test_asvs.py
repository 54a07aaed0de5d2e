"""The table of security controls names every requirement of the two levels, and only what is there."""

import re
from collections import Counter

import pytest

from tests.environment import ROOT

# How many requirements of each section of ASVS 5.0.0 are of level 1 or 2; in each of these sections they come first,
# except where the numbers are listed.
COUNTED: dict[str, int | list[int]] = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1,
    "17.2": [1, 2, 3, 4], "17.3": 2,
}  # fmt: skip
STATES = ("met", "operator", "partly", "not met", "none")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([a-z ]+) \| (.*) \| (.*?) ?\|$")
ROWS = [match.groups() for line in (ROOT / "docs/asvs.md").read_text().splitlines() if (match := ROW.match(line))]


def wanted() -> list[str]:
    """The 70 requirements of level 1 and the 183 of level 2."""
    return [
        f"{section}.{number}"
        for section, count in COUNTED.items()
        for number in (range(1, count + 1) if isinstance(count, int) else count)
    ]


def test_every_requirement_of_the_two_levels_is_there_once_and_in_order() -> None:
    assert len(wanted()) == 253
    assert [number for number, *_ in ROWS] == wanted()


@pytest.mark.parametrize(("number", "state", "how", "shown"), ROWS, ids=[row[0] for row in ROWS])
def test_each_says_how_and_what_it_names_exists(number: str, state: str, how: str, shown: str) -> None:
    assert state in STATES
    assert how.strip()
    named = re.findall(r"`([^`]+)`", shown)
    assert named or state in {"none", "not met"}, "what shows it?"
    for name in named:
        path, _, test = name.partition("::")
        assert (ROOT / path).exists(), path
        if test:
            assert re.search(rf"def {test}\(", (ROOT / path).read_text()), name


def test_the_sum_at_the_top_is_right() -> None:
    told = re.search(r"^In sum: (.*)\.$", (ROOT / "docs/asvs.md").read_text(), re.MULTILINE)
    assert told
    counted = Counter(state for _, state, *_ in ROWS)
    assert told[1] == ", ".join(f"{counted[state]} {state}" for state in STATES)
