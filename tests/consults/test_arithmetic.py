"""The arithmetic in words, as the page and explain_clock print it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from consults.arithmetic import explain, in_words, moment
from consults.clock import PROMISE, Event, read

START = datetime(2026, 11, 24, 20, 20, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")


def lines(hours: float, *events: tuple[str, float]) -> list[str]:
    log = [Event("start", START, int(PROMISE.total_seconds()))]
    log += [Event(kind, START + timedelta(hours=when)) for kind, when in events]
    return explain(read(log, now=START + timedelta(hours=hours)), zone=CHICAGO)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h"), (112_320, "31 h 12 min"), (-7500, "2 h 5 min")],
)
def test_durations(seconds: int, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words


def test_moments_are_on_the_readers_wall_clock() -> None:
    assert moment(START, CHICAGO) == "Tue 24 Nov 2026, 14:20"
    assert moment(START, ZoneInfo("Asia/Kathmandu")) == "Wed 25 Nov 2026, 02:05"


def test_a_pause_is_added_to_the_due_moment_and_shown() -> None:
    assert lines(20, ("pause", 2), ("resume", 12)) == [
        "Promised: an answer within 48 h, every hour of every day counted.",
        "Started Tue 24 Nov 2026, 14:20.",
        "Paused Tue 24 Nov 2026, 16:20, until Wed 25 Nov 2026, 02:20 (10 h): waiting for the requester.",
        "Counted so far: 20 h since the start − 10 h paused = 10 h.",
        "38 h left: due Fri 27 Nov 2026, 00:20 (the pauses added to the start and the promise).",
    ]


def test_each_ending_says_early_or_late() -> None:
    assert lines(99, ("stop", 31.2))[-1] == "Stopped Wed 25 Nov 2026, 21:32, 16 h 48 min early."
    assert lines(99, ("stop", 50))[-1] == "Stopped Thu 26 Nov 2026, 16:20, 2 h late."
    assert lines(50)[-1] == "Late by 2 h. Was due Thu 26 Nov 2026, 14:20."
    assert lines(50, ("pause", 5))[-1] == "43 h left, and the time stands still until the requester replies."
    assert lines(-1) == ["The clock starts when the question is sent."]
