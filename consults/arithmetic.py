"""The clock's arithmetic in sentences, and durations in words. Pure."""

from datetime import datetime, timedelta, tzinfo

from consults.clock import Reading, State


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
    lines = [
        f"Promised: an answer within {in_words(reading.promised)}, every hour of every day counted.",
        f"Started {moment(reading.started_at, zone)}.",
    ]
    for pause in reading.pauses:
        going_on = reading.state is State.PAUSED and pause is reading.pauses[-1]
        until = "still paused" if going_on else f"until {moment(pause.end, zone)}"
        lines.append(
            f"Paused {moment(pause.start, zone)}, {until} ({in_words(pause.length)}): waiting for the requester."
        )
    total = f" − {in_words(reading.paused)} paused" if reading.pauses else ""
    end = reading.stopped_at or reading.now
    lines.append(
        f"Counted {'until it stopped' if reading.stopped_at else 'so far'}: "
        f"{in_words(end - reading.started_at)} since the start{total} = {in_words(reading.elapsed)}."
    )
    lines.append(_outcome(reading, zone))
    return lines


def _outcome(reading: Reading, zone: tzinfo) -> str:
    left = in_words(reading.remaining)
    if reading.stopped_at:
        how = f"{left} late" if reading.is_late else f"{left} early"
        return f"Stopped {moment(reading.stopped_at, zone)}, {how}."
    if reading.is_late:
        due = f" Was due {moment(reading.due_at, zone)}." if reading.due_at else ""
        return f"Late by {left}.{due}"
    if reading.due_at is None:
        return f"{left} left, and the time stands still until the requester replies."
    added = " (the pauses added to the start and the promise)" if reading.pauses else ""
    return f"{left} left: due {moment(reading.due_at, zone)}{added}."
