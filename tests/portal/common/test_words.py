"""Dates, durations and counts in words."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from portal.common.templatetags import words

NOW = datetime(2026, 11, 26, 20, 20, tzinfo=UTC)  # Thursday, 14:20 in Chicago


@pytest.fixture(autouse=True)
def _chicago() -> Iterator[None]:
    with timezone.override("America/Chicago"), time_machine.travel(NOW, tick=False):
        yield


def test_moment_is_in_the_readers_zone_with_the_zone_on_hover() -> None:
    assert words.moment(NOW) == (
        '<time datetime="2026-11-26T14:20:00-06:00" title="America/Chicago (CST)">Thu 26 Nov 2026, 14:20</time>'
    )


def test_moment_before_the_change_of_the_clocks() -> None:
    assert "(CDT)" in words.moment(datetime(2026, 7, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("offset", "text"),
    [
        (timedelta(hours=-5), "09:20"),
        (timedelta(days=1), "Fri 14:20"),
        (timedelta(hours=12), "Fri 02:20"),
        (timedelta(days=7), "Thu 3 Dec 2026, 14:20"),
    ],
)
def test_brief_says_no_more_than_is_needed(offset: timedelta, text: str) -> None:
    assert f">{text}</time>" in words.brief(NOW + offset)


def test_day_of_a_moment_is_the_readers_day() -> None:
    assert ">Wed 25 Nov 2026<" in words.day(datetime(2026, 11, 26, 3, tzinfo=UTC))
    assert words.day(date(2026, 11, 6)) == '<time datetime="2026-11-06">Fri 6 Nov 2026</time>'


@pytest.mark.parametrize(
    ("offset", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1, hours=3), "1 day ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=7), "Thu 19 Nov 2026"),
        (timedelta(hours=-3), "in 3 h"),
    ],
)
def test_ago_is_relative_under_a_week(offset: timedelta, text: str) -> None:
    assert f">{text}</time>" in words.ago(NOW - offset)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 min"),
        (3600, "1 h"),
        (172800, "48 h"),
        (112320, "31 h 12 min"),
        (-7500, "2 h 5 min"),
        (360000, "4 days 4 h"),
        (864000, "10 days"),
    ],
)
def test_duration(seconds: int, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (0, "consult", "0 consults"),
        (1, "consult", "1 consult"),
        (1234, "consult", "1,234 consults"),
        (1, "person,people", "1 person"),
        (2, "person,people", "2 people"),
        (None, "consult", "0 consults"),
    ],
)
def test_count(number: int | None, noun: str, text: str) -> None:
    assert words.count(number, noun) == text


def test_shares() -> None:
    assert (words.percent(0.923), words.percent(None)) == ("92\N{NO-BREAK SPACE}%", "none yet")
    assert [words.bar(share) for share in (None, -1, 0.5, 1.7)] == ["0.0", "0.0", "50.0", "100.0"]


def test_days_against_today() -> None:
    today = date(2026, 11, 26)
    assert not words.is_past(today)
    assert words.is_past(today - timedelta(days=1))
    assert words.is_within(today, 30)
    assert not words.is_within(today + timedelta(days=31), 30)
    assert not words.is_past(None)


def test_nothing_is_said_of_nothing() -> None:
    assert [f(None) for f in (words.moment, words.brief, words.day, words.ago, words.duration)] == [""] * 5


@pytest.mark.parametrize(
    ("user_agent", "text"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on an iPhone"),
        ("curl/8.5", "Another browser"),
    ],
)
def test_browser(user_agent: str, text: str) -> None:
    assert words.browser(user_agent) == text
