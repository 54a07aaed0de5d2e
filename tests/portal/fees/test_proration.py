"""Proration to the day: however a period is cut, its parts sum to the whole to the cent."""

import itertools
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.fees import money
from portal.fees.proration import Stretch, after_months, of_period, of_year, period, periods

cents = st.integers(min_value=0, max_value=10**12)
starts = st.dates(min_value=date(2000, 1, 1), max_value=date(2090, 12, 31))
cycles = st.sampled_from([1, 3, 12])


@given(cents, starts, cycles, st.lists(st.integers(min_value=0, max_value=366), max_size=12))
@example(100, date(2026, 2, 1), 1, [1, 2, 3])
@example(1, date(2028, 2, 29), 12, [59, 60])
def test_parts_that_follow_each_other_sum_to_the_whole(whole: int, start: date, months: int, cuts: list[int]) -> None:
    found = period(start, months, 0).stretch
    days = sorted({0, found.days, *(min(cut, found.days) for cut in cuts)})
    parts = [
        of_period(whole, Stretch(start + timedelta(first), start + timedelta(last)), found)
        for first, last in itertools.pairwise(days)
    ]
    assert sum(parts) == whole
    assert min(parts) >= 0


@given(cents, starts, cycles, st.integers(0, 366), st.integers(0, 366))
def test_a_part_is_its_exact_share_within_a_cent(whole: int, start: date, months: int, one: int, other: int) -> None:
    found = period(start, months, 0).stretch
    first, last = sorted((min(one, found.days), min(other, found.days)))
    part = of_period(whole, Stretch(start + timedelta(first), start + timedelta(last)), found)
    assert abs(part - Fraction(whole * (last - first), found.days)) <= 1


@given(cents, starts, cycles)
def test_the_periods_of_a_year_sum_to_the_years_price(whole: int, start: date, months: int) -> None:
    assert sum(of_year(whole, period(start, months, number)) for number in range(12 // months)) == whole


@given(starts, cycles, st.integers(min_value=1, max_value=1500))
def test_periods_follow_each_other_without_a_gap(start: date, months: int, days: int) -> None:
    term = Stretch(start, start + timedelta(days))
    found = list(periods(term, months))
    assert found[0].stretch.start == start
    assert found[-1].stretch.start < term.until <= found[-1].stretch.until
    for one, other in itertools.pairwise(found):
        assert one.stretch.until == other.stretch.start
        assert one.stretch.meet(other.stretch) is None


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_keep_the_day_or_take_the_months_last(start: date, months: int, expected: date) -> None:
    assert after_months(start, months) == expected


@given(st.integers(min_value=-(10**9), max_value=10**9), st.integers(min_value=1, max_value=10**4))
def test_a_credit_mirrors_its_charge(amount: int, whole: int) -> None:
    assert money.share(-amount, 1, whole) == -money.share(amount, 1, whole)


@given(cents, st.integers(0, 10_000), st.lists(st.integers(min_value=0, max_value=10**12), max_size=8))
def test_taking_all_of_a_line_back_takes_all_of_its_tax_back(line: int, points: int, steps: list[int]) -> None:
    from portal.fees.pricing import taken_back

    tax, taken, back = money.points(line, points), 0, 0
    for step in [*steps, line]:
        now = min(step, line - taken)
        back += taken_back(line, tax, taken, now)
        taken += now
    assert (taken, back) == (line, tax)


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [(123450, "USD", "$1,234.50"), (-5, "EUR", "−€0.05"), (0, "GBP", "£0.00"), (100000000, "CAD", "CA$1,000,000.00")],
)
def test_money_in_words(amount: int, currency: str, words: str) -> None:
    assert money.in_words(amount, currency) == words
