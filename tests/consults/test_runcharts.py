"""The run chart's rules: by example, as properties, and its table against the exact distribution."""

from datetime import date, timedelta
from math import comb
from statistics import median
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consults import runcharts, runpictures

values = st.lists(st.integers(-20, 20).map(float), max_size=60)


def test_a_shift_is_six_on_one_side_and_points_on_the_median_do_not_count() -> None:
    assert runcharts.read([1, 1, 1, 1, 1, 9, 9, 9, 9, 9]).shifts == ()
    assert runcharts.read([1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9]).shifts == ((0, 5), (6, 11))
    skipped = runcharts.read([1, 1, 1, 5, 1, 1, 1, 9, 9, 9, 9, 9, 9])
    assert skipped.median == 5
    assert skipped.shifts == ((0, 6), (7, 12))
    assert runcharts.read([1, 1, 1, 1, 1, 5, 9, 9, 9, 9, 9]).shifts == (), "five and one on the median are not six"


def test_a_trend_is_five_rising_or_falling_and_equal_neighbours_count_once() -> None:
    assert runcharts.read([1, 2, 3, 4]).trends == ()
    assert runcharts.read([1, 2, 3, 4, 5]).trends == ((0, 4),)
    assert runcharts.read([1, 2, 2, 3, 4]).trends == (), "four that differ"
    assert runcharts.read([1, 2, 2, 3, 4, 5]).trends == ((0, 5),)
    assert runcharts.read([5, 4, 3, 2, 1, 2, 3, 4, 5]).trends == ((0, 4), (4, 8))
    assert runcharts.read([3, 3, 3, 3, 3, 3]).trends == ()


def test_runs_and_their_limits() -> None:
    chart = runcharts.read([1, 9] * 10)
    assert (chart.useful, chart.runs, chart.limits) == (20, 20, (6, 16))
    assert chart.has_too_many_runs
    few = runcharts.read([1] * 10 + [9] * 10)
    assert (few.runs, few.has_too_few_runs) == (2, True)
    assert runcharts.read([1, 9, 1, 9]).limits is None, "too few points to judge"
    assert runcharts.read([1, 5, 1, 5, 9, 9, 9, 5, 5][:7]).runs == 2, "on the median breaks no run"
    assert runcharts.read([]) == runcharts.Chart(None, 0, 0, None, (), ())


def exact_limits(n: int, each_side: float) -> tuple[int, int]:
    """Between which numbers of runs n points lie by chance, as many above the median as below."""
    above, below = n // 2, n - n // 2
    chance = {}
    for runs in range(2, n + 1):
        half = runs // 2
        if runs % 2 == 0:
            ways = 2 * comb(above - 1, half - 1) * comb(below - 1, half - 1)
        else:
            ways = comb(above - 1, half) * comb(below - 1, half - 1) + comb(above - 1, half - 1) * comb(below - 1, half)
        chance[runs] = ways / comb(n, above)
    low = next(runs for runs in chance if sum(chance[one] for one in chance if one <= runs) > each_side)
    high = next(
        runs for runs in sorted(chance, reverse=True) if sum(chance[k] for k in chance if k >= runs) > each_side
    )
    return low, high


@pytest.mark.parametrize("n", runcharts.RUNS)
def test_the_table_follows_from_the_distribution_of_runs(n: int) -> None:
    """Printed tables differ from each other by one where the chance lies near 2.5 %."""
    low, high = exact_limits(n, 0.025)
    assert abs(runcharts.RUNS[n][0] - low) <= 1
    assert abs(runcharts.RUNS[n][1] - high) <= 1


@given(values)
def test_upside_down_and_backwards_say_the_same(series: list[float]) -> None:
    chart, last = runcharts.read(series), len(series) - 1
    for other in (runcharts.read([-value for value in series]), runcharts.read([value + 7 for value in series])):
        assert (other.runs, other.limits, other.shifts, other.trends) == (
            chart.runs,
            chart.limits,
            chart.shifts,
            chart.trends,
        )
    back = runcharts.read(series[::-1])
    assert (back.runs, back.useful) == (chart.runs, chart.useful)
    assert len(back.trends) == len(chart.trends)
    assert back.shifts == tuple((last - end, last - start) for start, end in reversed(chart.shifts))


@given(values)
def test_each_stretch_is_what_it_says(series: list[float]) -> None:
    chart = runcharts.read(series)
    for first, last in chart.shifts:
        off = [value > median(series) for value in series[first : last + 1] if value != median(series)]
        assert len(off) >= 6
        assert len(set(off)) == 1
    for first, last in chart.trends:
        part = series[first : last + 1]
        kept = [value for place, value in enumerate(part) if place == 0 or value != part[place - 1]]
        assert len(kept) >= 5
        assert kept in (sorted(kept), sorted(kept, reverse=True))
    assert chart.useful == sum(value != chart.median for value in series)
    assert chart.runs <= chart.useful


@given(values, st.text(max_size=20).filter(str.isprintable))
def test_the_picture_is_well_formed_and_names_itself(series: list[float], unit: str) -> None:
    days = [(date(2026, 1, 1) + timedelta(days=place), value) for place, value in enumerate(series)]
    drawn = runpictures.picture(days, runcharts.read(series), name="Door <to> needle", unit=unit)
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((tag, attributes))
    parser.Parse(drawn, True)
    assert found[0][1]["aria-label"].startswith("Run chart of Door <to> needle")
    assert not any("style" in attributes for _, attributes in found)
    assert sum(tag in ("circle", "rect") for tag, _ in found) == len(series) + 1


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_the_lines_stand_at_round_figures_inside(low: float, length: float) -> None:
    found = runpictures.ticks(low, low + length)
    assert 2 <= len(found) <= 8
    assert all(low - length * 1e-6 <= value <= low + length * (1 + 1e-6) for value in found)
