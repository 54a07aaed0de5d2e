"""The pure rule of calls: from when they count, when the backup is asked, when they are late."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from consults import calling
from portal.members.policy import Actor

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SPANS = st.lists(
    st.builds(
        lambda start, length: (NOW + timedelta(minutes=start), NOW + timedelta(minutes=start + length)),
        st.integers(-600, 6000),
        st.integers(10, 600),
    ),
    max_size=3,
)


@given(SPANS, st.integers(10, 60))
def test_the_promise_holds_its_order_and_never_leaves_its_window(spans: list[calling.Span], minutes: int) -> None:
    found = calling.promised(NOW, spans, minutes)
    assert NOW <= found.starts_at < found.passes_at < found.due_at
    assert found.due_at - found.starts_at <= timedelta(minutes=minutes)
    left = [span for span in spans if span[1] > NOW]
    if left:
        assert any(span[0] <= found.starts_at and found.due_at <= span[1] for span in left)
        assert found.starts_at == max(NOW, min(left)[0])
    else:
        assert (found.starts_at, found.due_at) == (NOW, NOW + timedelta(minutes=minutes))


@given(SPANS, st.integers(10, 60), st.randoms())
def test_the_order_of_windows_does_not_matter(spans: list[calling.Span], minutes: int, random: object) -> None:
    other = sorted(spans, reverse=True)
    assert calling.promised(NOW, spans, minutes) == calling.promised(NOW, other, minutes)


@given(SPANS, st.integers(10, 60))
def test_each_mark_comes_once_and_in_order(spans: list[calling.Span], minutes: int) -> None:
    promise = calling.promised(NOW, spans, minutes)
    seen: list[str] = []
    moments: list[datetime] = []
    while found := calling.next_mark(promise, seen):
        seen.append(found[0])
        moments.append(found[1])
    assert seen == ["begun", "passed", "missed"]
    assert moments == sorted(moments)


def test_windows_that_cannot_be() -> None:
    hour = timedelta(hours=1)
    assert calling.why_not([(NOW + hour, NOW + 2 * hour)], now=NOW) == ""
    assert "at most 3" in calling.why_not([(NOW + hour, NOW + 2 * hour)] * 4, now=NOW)
    assert "ends after it starts" in calling.why_not([(NOW + hour, NOW)], now=NOW)
    assert "over" in calling.why_not([(NOW - 2 * hour, NOW - hour)], now=NOW)
    assert "14 days" in calling.why_not([(NOW + 400 * hour, NOW + 401 * hour)], now=NOW)


def test_a_window_across_the_change_of_the_clock_is_as_long_as_it_is() -> None:
    """On 1 November 2026 the hour from 1 to 2 comes twice in Chicago: from 00:30 to 02:30 are three hours."""
    zone = ZoneInfo("America/Chicago")
    start, end = datetime(2026, 11, 1, 0, 30, tzinfo=zone), datetime(2026, 11, 1, 2, 30, tzinfo=zone)
    begin, last = start.astimezone(UTC), end.astimezone(UTC)
    assert last - begin == timedelta(hours=3)
    found = calling.promised(datetime(2026, 10, 31, tzinfo=UTC), [(begin, last)], 60)
    assert found.due_at.astimezone(zone).strftime("%H:%M %Z") == "01:30 CDT"


def test_a_time_that_there_is_not_or_twice_is_asked_again() -> None:
    field = forms.DateTimeField()
    with timezone.override("America/Chicago"):
        for text in ("2027-03-14 02:30", "2026-11-01 01:30"):
            try:
                field.clean(text)
            except forms.ValidationError:
                continue
            raise AssertionError(text)
        assert field.clean("2027-03-14 03:30") == datetime(2027, 3, 14, 8, 30, tzinfo=UTC)


def test_who_may() -> None:
    mine, other, lead = Actor(1, specialist_in=frozenset({5})), Actor(2), Actor(3, leads=frozenset({5}))
    assert calling.may_take(mine, specialty_id=5, requester_id=9)
    assert not calling.may_take(mine, specialty_id=5, requester_id=1)
    assert not calling.may_take(other, specialty_id=5, requester_id=9)
    assert calling.may_note(mine, specialty_id=5, assignee_id=1)
    assert not calling.may_note(mine, specialty_id=5, assignee_id=2)
    assert calling.may_note(lead, specialty_id=5, assignee_id=1)
    assert not calling.sees_number(other, specialty_id=5, requester_id=9)
