"""The clock as a pure function, against a plain recomputation second by second."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consults.clock import PROMISE, BadLog, Event, Mark, Reading, State, read

START = datetime(2026, 11, 24, 14, 20, tzinfo=UTC)
PROMISED = int(PROMISE.total_seconds())
gaps = st.lists(st.integers(min_value=0, max_value=40 * 3600), max_size=8)
whens = st.integers(min_value=0, max_value=200 * 3600)


def log_of(gaps: list[int], *, stops: bool, start: datetime = START) -> list[Event]:
    """start, pause, resume, pause … each so many seconds after the one before; perhaps a stop at the end."""
    log, at = [Event("start", start, PROMISED)], start
    for number, gap in enumerate(gaps):
        at += timedelta(seconds=gap)
        last = number == len(gaps) - 1
        log.append(Event("stop" if stops and last else ("pause", "resume")[number % 2], at))
    return log


def plainly(log: list[Event], now: datetime) -> tuple[int, int]:
    """(seconds that count, seconds paused) by walking the log once, in the dullest way."""
    counted = paused = 0
    for number, event in enumerate(log):
        if event.at > now or event.kind == "stop":
            break
        end = min(now, log[number + 1].at) if number + 1 < len(log) else now
        length = int((end - event.at).total_seconds())
        if event.kind == "pause":
            paused += length
        else:
            counted += length
    return counted, paused


@given(gaps, st.booleans(), whens)
@example([3600, 7200], False, 50 * 3600)
def test_elapsed_and_paused_agree_with_a_plain_recomputation(gaps: list[int], stops: bool, when: int) -> None:
    log, now = log_of(gaps, stops=stops), START + timedelta(seconds=when)
    reading = read(log, now=now)
    counted, paused = plainly(log, now)
    assert (reading.elapsed.total_seconds(), reading.paused.total_seconds()) == (counted, paused)
    assert reading.remaining == PROMISE - reading.elapsed


@given(gaps, whens)
def test_a_running_clock_is_due_at_start_plus_promise_plus_pauses(gaps: list[int], when: int) -> None:
    log, now = log_of(gaps, stops=False), START + timedelta(seconds=when)
    reading = read(log, now=now)
    if reading.state is State.RUNNING and not reading.is_late:
        assert reading.due_at == START + PROMISE + reading.paused
    if reading.state is State.PAUSED and not reading.is_late:
        assert reading.due_at is None


@given(gaps, st.booleans(), whens, st.sampled_from(list(Mark)))
def test_a_mark_is_passed_when_so_much_counted_time_is_used(
    gaps: list[int], stops: bool, when: int, mark: Mark
) -> None:
    log, now = log_of(gaps, stops=stops), START + timedelta(seconds=when)
    moment = read(log, now=now).passed(mark)
    if moment is None:
        assert read(log, now=now).elapsed <= PROMISE * mark.share
    else:
        assert moment <= now
        assert read(log, now=moment).elapsed == PROMISE * mark.share


@given(gaps, whens, whens)
def test_later_readings_never_move_a_mark_that_was_passed(gaps: list[int], one: int, other: int) -> None:
    first, second = sorted((one, other))
    log = log_of(gaps, stops=True)
    early, late = (read(log, now=START + timedelta(seconds=when)) for when in (first, second))
    for mark in Mark:
        if moment := early.passed(mark):
            assert late.passed(mark) == moment


@given(st.sampled_from(["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]), gaps, whens)
def test_the_time_zone_of_the_entries_changes_nothing(zone: str, gaps: list[int], when: int) -> None:
    log, now = log_of(gaps, stops=False), START + timedelta(seconds=when)
    moved = [Event(event.kind, event.at.astimezone(ZoneInfo(zone)), event.promised_seconds) for event in log]
    here, there = read(log, now=now), read(moved, now=now.astimezone(ZoneInfo(zone)))
    assert (here.elapsed, here.paused, here.remaining) == (there.elapsed, there.paused, there.remaining)


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        # Clocks go back on 1 Nov 2026 and forward on 14 Mar 2027 in Chicago: 48 hours stay 48 hours.
        ("2026-10-31T10:00", "2026-11-02T09:00"),
        ("2027-03-13T10:00", "2027-03-15T11:00"),
    ],
)
def test_daylight_saving_moves_the_wall_clock_and_not_the_deadline(asked: str, due: str) -> None:
    chicago = ZoneInfo("America/Chicago")
    start = datetime.fromisoformat(asked).replace(tzinfo=chicago)
    reading = read([Event("start", start, PROMISED)], now=start)
    assert reading.due_at is not None
    assert reading.due_at.astimezone(chicago).isoformat(timespec="minutes")[:16] == due
    assert reading.due_at.astimezone(UTC) - start.astimezone(UTC) == PROMISE


def test_an_hour_is_an_hour_across_daylight_saving_inside_a_pause() -> None:
    chicago = ZoneInfo("America/Chicago")
    start = datetime(2026, 10, 31, 22, 0, tzinfo=chicago)
    pause, resume = datetime(2026, 10, 31, 23, 0, tzinfo=chicago), datetime(2026, 11, 1, 3, 0, tzinfo=chicago)
    log = [Event("start", start, PROMISED), Event("pause", pause), Event("resume", resume)]
    reading = read(log, now=resume)
    assert reading.paused == timedelta(hours=5), "from 23:00 to 03:00 there are five hours that night"
    assert reading.elapsed == timedelta(hours=1)


def at(hours: float, *events: tuple[str, float]) -> Reading:
    log = [Event("start", START, PROMISED)] + [Event(kind, START + timedelta(hours=when)) for kind, when in events]
    return read(log, now=START + timedelta(hours=hours))


def test_not_late_at_the_very_moment_and_late_right_after() -> None:
    assert not at(48).is_late
    assert at(48).passed(Mark.BREACH) == START + PROMISE
    assert at(48 + 1 / 3600).is_late


def test_the_clock_stands_still_while_paused_and_after_the_answer() -> None:
    assert at(30, ("pause", 10)).remaining == at(90, ("pause", 10)).remaining == timedelta(hours=38)
    assert at(90, ("stop", 10)).remaining == timedelta(hours=38)
    assert not at(90, ("stop", 10)).is_late
    assert at(90, ("stop", 50)).is_late


def test_entries_of_the_future_are_not_known_yet() -> None:
    assert at(5, ("pause", 10)).state is State.RUNNING
    assert at(-1).state is State.NOT_STARTED


@pytest.mark.parametrize(
    "kinds",
    [["pause"], ["start", "start"], ["start", "resume"], ["start", "pause", "pause"], ["start", "stop", "resume"]],
)
def test_a_log_out_of_order_is_refused(kinds: list[str]) -> None:
    log = [
        Event(kind, START + timedelta(hours=number), PROMISED if kind == "start" else None)
        for number, kind in enumerate(kinds)
    ]
    with pytest.raises(BadLog):
        read(log, now=START + timedelta(days=9))


def test_a_log_that_goes_back_in_time_is_refused() -> None:
    with pytest.raises(BadLog):
        read([Event("start", START, PROMISED), Event("pause", START - timedelta(seconds=1))], now=START)


def test_a_promise_that_is_used_up_when_it_is_given_during_a_pause_is_due_at_that_moment() -> None:
    paused, given = START + timedelta(hours=24), START + timedelta(days=15)
    log = [Event("start", START, PROMISED), Event("pause", paused), Event("retarget", given, 4 * 3600)]
    assert read(log[:2], now=given).due_at is None
    for now in (given, given + timedelta(hours=1)):
        assert read(log, now=now).due_at == given
    assert not read(log, now=given).is_late
