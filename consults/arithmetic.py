"""The clock's arithmetic in sentences, and durations in words. Pure."""

from datetime import datetime, timedelta, tzinfo

from consults.clock import Reading, Span, State, Target
from consults.ladder import Wait


def in_words(length: timedelta) -> str:
    """``31 h 12 min``; below a minute, seconds. Never negative: the caller says early or late."""
    seconds = round(abs(length).total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def moment(at: datetime, zone: tzinfo) -> str:
    """``Thu 26 Nov 2026, 14:20`` on the wall clock of ``zone``."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def explain(reading: Reading, *, zone: tzinfo) -> list[str]:
    """Each start, pause and end with its length, and the sum; all moments in ``zone``."""
    if reading.started_at is None:
        return ["The clock starts when the question is sent."]
    first = reading.targets[0]
    lines = [
        f"Promised: an answer within {in_words(first.promised)}, {first.counting.words}.",
        f"Started {moment(reading.started_at, zone)}.",
    ]
    dated = [(target.at, _retargeted(target, zone)) for target in reading.targets[1:]]
    dated += [(pause.start, _paused(pause, reading, zone)) for pause in reading.pauses]
    lines += [line for _, line in sorted(dated, key=lambda pair: pair[0])]
    lines += _days_off(reading)
    total = f" − {in_words(reading.paused)} paused" if reading.pauses else ""
    end = reading.stopped_at or reading.now
    since = end - reading.started_at
    closed = since - reading.paused - reading.elapsed
    total += f" − {in_words(closed)} outside the hours that count" if closed else ""
    lines.append(
        f"Counted {'until it stopped' if reading.stopped_at else 'so far'}: "
        f"{in_words(since)} since the start{total} = {in_words(reading.elapsed)}."
    )
    lines.append(_outcome(reading, zone))
    return lines


def _paused(pause: Span, reading: Reading, zone: tzinfo) -> str:
    going_on = reading.state is State.PAUSED and pause is reading.pauses[-1]
    until = "still paused" if going_on else f"until {moment(pause.end, zone)}"
    return f"Paused {moment(pause.start, zone)}, {until} ({in_words(pause.length)}): waiting for the requester."


def _retargeted(target: Target, zone: tzinfo) -> str:
    kept = f"; the {in_words(target.elapsed_before)} that had counted stay counted" if target.elapsed_before else ""
    promised = f"within {in_words(target.promised)}, {target.counting.words}"
    return f"Promised anew {moment(target.at, zone)}: an answer {promised}{kept}."


def _days_off(reading: Reading) -> list[str]:
    """The holidays that lengthened it, by name."""
    assert reading.started_at is not None
    end = max(filter(None, (reading.stopped_at or reading.now, reading.due_at)))
    days = reading.counting.days_off(reading.started_at, end)
    if not days:
        return []
    named = ", ".join(f"{day:%a} {day.day} {day:%b} ({name})" for day, name in days)
    return [f"Not counted, because closed: {named}."]


def _outcome(reading: Reading, zone: tzinfo) -> str:
    left = in_words(reading.remaining)
    if reading.stopped_at:
        how = f"{left} late" if reading.is_late else f"{left} early"
        how = "late, in hours that do not count" if reading.is_late and not reading.remaining else how
        return f"Stopped {moment(reading.stopped_at, zone)}, {how}."
    if reading.is_late:
        due = f" Was due {moment(reading.due_at, zone)}." if reading.due_at else ""
        late = f"Late by {left}." if reading.remaining else "Late."
        return f"{late}{due}"
    if reading.due_at is None:
        return f"{left} left, and the time stands still until the requester replies."
    added = " (the pauses added to the start and the promise)" if reading.pauses else ""
    return f"{left} left: due {moment(reading.due_at, zone)}{added}."


def climbing(reading: Reading, *, zone: tzinfo) -> list[str]:
    """Who is told when, rung by rung; and, while a reply is waited for, what comes when there is none."""
    if reading.started_at is None:
        return []
    reached = reading.crossings
    lines = []
    for step in reading.ladder.steps:
        at = reached.get((step.rung.value, 0))
        who = step.rung.words[0].upper() + step.rung.words[1:]
        if at is not None and at <= reading.now:
            lines.append(f"{who} was due to be told {moment(at, zone)} ({step.words}).")
        elif at is not None:
            lines.append(f"{who} is told {moment(at, zone)} ({step.words}), unless an answer is there.")
    return lines + _waiting(reading, zone)


def _waiting(reading: Reading, zone: tzinfo) -> list[str]:
    if reading.state is not State.PAUSED:
        return []
    pause = reading.pauses[-1]
    days = "working days" if pause.ladder.working_days else "days"
    at = pause.ladder.waits(pause.start)
    ends = pause.ladder.days.reach(pause.start, timedelta(days=pause.ladder.close))
    reminded = f"The requester is reminded {moment(at[Wait.FIRST], zone)} and {moment(at[Wait.SECOND], zone)}."
    closed = f"Without a reply it closes after {pause.ladder.close} {days}, not before {moment(ends, zone)}"
    announced = f"that is announced {moment(at[Wait.CLOSING], zone)}. A reply opens it again, with a new clock."
    return [reminded, f"{closed}; {announced}"]
