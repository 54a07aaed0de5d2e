"""Weekly hours, absences and days on call as stretches of time."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from consults.hours import Hours, Shift, joined, spans_of, without

CHICAGO = ZoneInfo("America/Chicago")


def shown(spans: list[tuple[float, float]]) -> list[str]:
    return ["-".join(f"{datetime.fromtimestamp(moment, CHICAGO):%a %H:%M}" for moment in span) for span in spans]


def spans(*week: Shift, days: int = 7, since: datetime | None = None, **more: object) -> list[str]:
    since = since or datetime(2026, 3, 2, tzinfo=CHICAGO)
    found = spans_of(week, zone=CHICAGO, since=since, until=since + timedelta(days=days), **more)  # type: ignore[arg-type]
    return shown(found)


def test_a_split_shift_is_two_stretches() -> None:
    assert spans(Shift(0, time(8), time(9)), Shift(0, time(16), time(17))) == [
        "Mon 08:00-Mon 09:00",
        "Mon 16:00-Mon 17:00",
    ]


def test_midnight_ends_the_day() -> None:
    assert spans(Shift(1, time(22), time(0))) == ["Tue 22:00-Wed 00:00"]


def test_daylight_saving_moves_the_instant_and_not_the_wall() -> None:
    """On 8 March 2026 clocks in Chicago go forward."""
    found = spans_of(
        [Shift(5, time(8), time(9)), Shift(6, time(8), time(9))],
        zone=CHICAGO,
        since=datetime(2026, 3, 7, tzinfo=CHICAGO),
        until=datetime(2026, 3, 9, tzinfo=CHICAGO),
    )
    assert shown(found) == ["Sat 08:00-Sat 09:00", "Sun 08:00-Sun 09:00"]
    assert found[1][0] - found[0][0] == 23 * 3600


def test_absences_are_taken_out_and_days_on_call_put_in() -> None:
    since = datetime(2026, 3, 2, tzinfo=CHICAGO)
    absence = (since + timedelta(hours=9), since + timedelta(hours=12))
    week = [Shift(0, time(8), time(17))]
    assert spans(*week, absences=[absence]) == ["Mon 08:00-Mon 09:00", "Mon 12:00-Mon 17:00"]
    assert spans(*week, duties=[date(2026, 3, 7)])[-1] == "Sat 08:00-Sat 20:00"


PAIRS = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 30)).map(lambda p: (p[0], p[0] + p[1])), max_size=8)


@given(PAIRS, PAIRS)
def test_without_and_joined_second_by_second(some: list[tuple[int, int]], gone: list[tuple[int, int]]) -> None:
    left = list(without(joined(some), sorted(gone)))
    seconds = {second for start, end in left for second in range(int(start), int(end))}
    assert seconds == {s for a, b in some for s in range(a, b)} - {s for a, b in gone for s in range(a, b)}
    assert all(one[1] <= other[0] for one, other in pairwise(left))


@given(PAIRS, st.integers(0, 260), st.integers(1, 300))
def test_worked_and_moment_are_each_others_inverse(some: list[tuple[int, int]], at: int, more: int) -> None:
    spans = joined(some)
    hours = Hours(spans)
    assert hours.worked(at) == sum(max(0, min(at, end) - start) for start, end in spans)
    moment = hours.moment(more)
    assert (moment is None) == (more > hours.total)
    if moment is not None:
        assert hours.worked(moment) == more
        assert hours.worked(moment - 1) < more


def test_the_next_stretch() -> None:
    hours = Hours([(0, 10), (20, 30), (40, 45)])
    assert hours.after(5, 4) == 24
    assert hours.after(5, 12) == 42
    assert hours.after(50, 1) > 45
    assert Hours([]).after(5, 1) > 5
    assert Hours([]).moment(1) is None
