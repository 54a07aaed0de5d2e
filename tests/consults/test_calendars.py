"""Working hours and new promises on the way, against a recomputation minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from consults.calendars import ELAPSED, Counting, NeverOpen, Shift, WorkingHours, shifts_from
from consults.clock import BadLog, Event, Mark, State, read

OFFICE = shifts_from([["08:00", "12:00"], ["13:00", "17:00"]])
WEEK = (OFFICE,) * 5 + ((), ())
THANKSGIVING = {date(2026, 11, 26): "Thanksgiving Day"}
CHICAGO = WorkingHours("America/Chicago", WEEK, THANKSGIVING, {date(2026, 11, 27): shifts_from([["08:00", "12:00"]])})
ROUND = WorkingHours("Australia/Lord_Howe", ((Shift(0, 24 * 60),),) * 7)
NIGHT = WorkingHours("America/Chicago", (shifts_from([["00:30", "03:30"], ["22:00", "24:00"]]),) * 7)
COUNTINGS: tuple[Counting, ...] = (ELAPSED, CHICAGO, ROUND, NIGHT)
MINUTE = timedelta(minutes=1)
START = datetime(2026, 10, 29, 9, 17, tzinfo=UTC)  # three days before clocks change in Chicago
hours = st.integers(min_value=1, max_value=60)
gaps = st.lists(st.integers(min_value=0, max_value=3000), max_size=7)


def chicago(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/Chicago"))


def counts(counting: Counting, minute: datetime) -> bool:
    """Whether the minute that begins here counts, in the dullest way."""
    if not isinstance(counting, WorkingHours):
        return True
    local = minute.astimezone(ZoneInfo(counting.zone))
    now = local.hour * 60 + local.minute
    return any(shift.begins <= now < shift.ends for shift in counting.shifts(local.date()))


def plainly(counting: Counting, start: datetime, end: datetime) -> timedelta:
    total, at = timedelta(), start
    while at < end:
        total += MINUTE if counts(counting, at) else timedelta()
        at += MINUTE
    return total


@pytest.mark.parametrize(
    ("asked", "promised", "due"),
    [
        ("2026-11-23T09:00", 8, "2026-11-24T09:00"),  # three hours, lunch, four hours, and one the next morning
        ("2026-11-24T16:00", 2, "2026-11-25T09:00"),
        ("2026-11-25T16:00", 2, "2026-11-27T09:00"),  # Thanksgiving lengthens
        ("2026-11-25T13:00", 8, "2026-11-27T12:00"),  # and the half day after it is half
        ("2026-11-27T13:00", 1, "2026-11-30T09:00"),  # asked after closing: the weekend does not count
        ("2026-11-28T10:00", 4, "2026-11-30T12:00"),
    ],
)
def test_a_deadline_in_working_hours(asked: str, promised: int, due: str) -> None:
    reading = read([Event("start", chicago(asked), promised * 3600, CHICAGO)], now=chicago(asked))
    assert reading.due_at == chicago(due)


@given(st.sampled_from(COUNTINGS), st.integers(0, 5000), st.integers(0, 4000))
def test_counted_agrees_with_counting_minute_by_minute(counting: Counting, offset: int, length: int) -> None:
    start = START + offset * MINUTE
    end = start + length * MINUTE
    assert counting.counted(start, end) == plainly(counting, start, end)


@given(st.sampled_from(COUNTINGS), st.integers(0, 9000), st.integers(0, 4000))
def test_reach_is_the_first_moment_with_so_much(counting: Counting, offset: int, needed: int) -> None:
    start, wanted = START + offset * MINUTE, needed * MINUTE
    moment = counting.reach(start, wanted)
    assert counting.counted(start, moment) == wanted
    if needed:
        assert counting.counted(start, moment - timedelta(seconds=1)) < wanted


@given(st.integers(0, 20_000), hours, st.dates(date(2026, 10, 29), date(2026, 12, 1)))
def test_a_day_off_never_brings_a_deadline_forward(offset: int, promised: int, day: date) -> None:
    start = START + offset * MINUTE
    open_all = WorkingHours("America/Chicago", WEEK)
    with_day_off = WorkingHours("America/Chicago", WEEK, {day: "Closed"})
    needed = timedelta(hours=promised)
    assert with_day_off.reach(start, needed) >= open_all.reach(start, needed)


LEGS = st.lists(
    st.tuples(st.sampled_from(["flip", "retarget"]), st.integers(0, 2500), hours, st.sampled_from(COUNTINGS)),
    max_size=6,
)


def log_of(legs: list[tuple[str, int, int, Counting]], promised: int, counting: Counting) -> list[Event]:
    """A start, then pauses and resumes in turn with new promises among them."""
    log, at, paused = [Event("start", START, promised * 3600, counting)], START, False
    for kind, gap, to, by in legs:
        at += gap * MINUTE
        if kind == "flip":
            log.append(Event("resume" if paused else "pause", at))
            paused = not paused
        else:
            log.append(Event("retarget", at, to * 3600, by))
    return log


def walked(log: list[Event], now: datetime) -> tuple[timedelta, dict[Mark, datetime]]:
    """(what counted, when each mark was first passed) by walking minute by minute, with the promise of each minute."""
    elapsed, passed = timedelta(), dict[Mark, datetime]()
    at, running, promised, counting = log[0].at, False, timedelta(), ELAPSED
    waiting = list(log)
    while at < now or (waiting and waiting[0].at <= at):
        while waiting and waiting[0].at <= at:
            event = waiting.pop(0)
            if event.kind in ("start", "retarget"):
                promised, counting = timedelta(seconds=event.promised_seconds or 0), event.counting  # type: ignore[assignment]
            running = event.kind in ("start", "resume") or (running and event.kind == "retarget")
        if at >= now:
            break
        for mark in Mark:
            if running and mark not in passed and elapsed >= promised * mark.share:
                passed[mark] = at
        elapsed += MINUTE if running and counts(counting, at) else timedelta()
        at += MINUTE
    return elapsed, passed


@given(LEGS, hours, st.sampled_from(COUNTINGS), st.integers(0, 6000))
@example([("retarget", 60, 1, ELAPSED)], 48, ELAPSED, 60)
@example([("flip", 30, 1, ELAPSED), ("retarget", 60, 2, CHICAGO), ("flip", 60, 1, ELAPSED)], 48, ELAPSED, 3000)
def test_new_promises_keep_what_has_counted(
    legs: list[tuple[str, int, int, Counting]], promised: int, counting: Counting, when: int
) -> None:
    log, now = log_of(legs, promised, counting), START + when * MINUTE
    reading = read(log, now=now)
    elapsed, passed = walked(log, now)
    assert reading.elapsed == elapsed
    for mark in Mark:
        moment = reading.passed(mark)
        if moment is None or moment >= now:
            # Passed at the very end of what was walked, or not at all.
            assert mark not in passed
        else:
            # The walk sees a mark at the beginning of the next minute of a running stretch.
            assert mark in passed
            assert timedelta() <= passed[mark] - moment.replace(second=0, microsecond=0) <= MINUTE


@given(LEGS, hours, st.sampled_from(COUNTINGS), st.integers(0, 6000), st.integers(0, 3000))
def test_a_mark_once_passed_stays_where_it_was(
    legs: list[tuple[str, int, int, Counting]], promised: int, counting: Counting, when: int, more: int
) -> None:
    log = log_of(legs, promised, counting)
    early = read(log, now=START + when * MINUTE)
    late = read(log, now=START + (when + more) * MINUTE)
    for mark in Mark:
        if moment := early.passed(mark):
            assert late.passed(mark) == moment


def test_a_new_promise_is_counted_from_the_start_with_its_pauses() -> None:
    def at(hour: float) -> datetime:
        return START + timedelta(hours=hour)

    log = [
        Event("start", at(0), 48 * 3600),
        Event("pause", at(2)),
        Event("retarget", at(5), 8 * 3600),
        Event("resume", at(10)),
    ]
    reading = read(log, now=at(11))
    assert (reading.elapsed, reading.paused) == (timedelta(hours=3), timedelta(hours=8))
    assert reading.due_at == at(16), "eight hours after the start, and the eight of the pause"
    assert [target.elapsed_before for target in reading.targets] == [timedelta(), timedelta(hours=2)]
    assert read([*log[:2]], now=at(3)).state is State.PAUSED
    assert read(log[:3], now=at(6)).state is State.PAUSED
    assert read(log[:3], now=at(6)).paused == timedelta(hours=4)


def test_a_promise_already_used_up_is_due_when_it_is_given() -> None:
    late = START + timedelta(hours=10)
    reading = read([Event("start", START, 48 * 3600), Event("retarget", late, 4 * 3600)], now=late + MINUTE)
    assert reading.is_late
    assert reading.due_at == reading.passed(Mark.BREACH) == late


def test_late_also_while_nobody_works() -> None:
    start = chicago("2026-11-20T13:00")  # a Friday
    log = [Event("start", start, 4 * 3600, CHICAGO)]
    assert not read(log, now=chicago("2026-11-20T17:00")).is_late
    saturday = read(log, now=chicago("2026-11-21T09:00"))
    assert saturday.is_late
    assert saturday.due_at == saturday.passed(Mark.BREACH) == chicago("2026-11-20T17:00")
    assert saturday.remaining == timedelta()


@given(gaps)
def test_a_retarget_needs_a_running_or_paused_clock(gaps: list[int]) -> None:
    assume(gaps)
    for before in ([], [Event("start", START, 3600), Event("stop", START)]):
        with pytest.raises(BadLog):
            read([*before, Event("retarget", START, 3600)], now=START)
    with pytest.raises(BadLog, match="what is promised"):
        read([Event("start", START, 3600), Event("retarget", START)], now=START)


def test_shifts_are_read_and_refused() -> None:
    assert str(shifts_from([["13:00", "17:00"], ["08:30", "12:00"]])[0]) == "08:30–12:00"
    for wrong in ("8-12:00", "12:00-08:00", "08:00-12:00 11:00-13:00", "08:00-24:30", "08:00-08:61"):
        with pytest.raises(ValueError, match=r"stretch|time|overlap"):
            shifts_from([pair.split("-") for pair in wrong.split()])


def test_a_calendar_that_never_opens_says_so() -> None:
    with pytest.raises(NeverOpen):
        WorkingHours("UTC", ((),) * 7).reach(START, MINUTE)


def test_words() -> None:
    assert CHICAGO.words == ("only working hours counted (Mon–Fri 08:00–12:00 and 13:00–17:00, America/Chicago time)")
    assert CHICAGO.days_off(chicago("2026-11-25T16:00"), chicago("2026-11-27T09:00")) == [
        (date(2026, 11, 26), "Thanksgiving Day")
    ]
    assert ELAPSED.days_off(START, START) == []
