"""How a clock looks: drawn here and not by a template, because a list shows twenty-five of them."""

from datetime import datetime
from typing import Protocol

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from portal.common.templatetags.words import bar, brief, duration


class Face(Protocol):
    """What is drawn of any clock, a consult's or a call's."""

    @property
    def state(self) -> str: ...
    @property
    def is_at_risk(self) -> bool: ...
    @property
    def is_late(self) -> bool: ...
    @property
    def promised_seconds(self) -> float: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def stopped_at(self) -> datetime | None: ...
    @property
    def paused_since(self) -> datetime | None: ...
    @property
    def remaining_seconds(self) -> float: ...
    @property
    def share_used(self) -> float: ...
    @property
    def counts_every_hour(self) -> bool: ...


_ICONS = {
    name: mark_safe(lucide(name, size=16, aria_hidden="true"))  # noqa: S308 - the package's own
    for name in ("clock", "triangle-alert", "pause", "circle-slash", "circle-check")
}
_WHOLE = """<div class="clock{}" data-clock data-state="{}"
  data-tone="{}"{}>
  <div class="clock-line">{}</div>{}{}
</div>"""
_TICKING = ' data-due="{}" data-promised="{}"'
_STATE = '\n    <span class="clock-state">{}<span class="clock-words">{}</span></span>\n    '
_RUNNING = (
    '\n    <span class="clock-state"><span class="icon-calm">{}</span><span class="icon-alert">{}</span>'
    '<span class="clock-words" data-clock-words>{}</span></span>\n    <span class="clock-due">{} {}{}</span>\n  '
)
_DUE = '<span class="clock-due">{}{}</span>\n  '
_FOR_YOU = mark_safe(", waiting for your reply")
_FOR_THEM = mark_safe(", waiting for the requester's reply")
_BAR = """
  <svg class="clock-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <rect class="clock-track" width="100" height="6"/>
    <rect class="clock-used" width="{}" height="6" data-clock-used/>
    <path class="clock-marks" d="M50 0v6M85 0v6"/>
  </svg>"""
_SUM = """
  <details>
    <summary>How this is counted</summary>
    <ul class="clock-sum">{}</ul>
  </details>"""


def small(clock: Face, *, outcome: str = "") -> SafeString:
    """For lists. ``outcome`` says how it ended if not by an answer."""
    return _whole(clock, _line(clock, outcome), outcome, " clock-compact", "")


def large(clock: Face, *, outcome: str = "", mine: bool = False, explanation: list[str]) -> SafeString:
    """With the arithmetic below it; ``mine``: the reader is who it waits for."""
    lines = format_html_join("", "<li>{}</li>", ((sentence,) for sentence in explanation))
    line = _line(clock, outcome, whose=" (your time)", waits=_FOR_YOU if mine else _FOR_THEM)
    return _whole(clock, line, outcome, "", format_html(_SUM, lines) if explanation else "")


def _whole(clock: Face, line: SafeString, outcome: str, size: str, below: str) -> SafeString:
    ticking = ""
    if clock.state == "running" and clock.due_at and clock.counts_every_hour:
        ticking = format_html(_TICKING, clock.due_at.isoformat(), clock.promised_seconds)
    width = "" if clock.state == "not started" else format_html(_BAR, bar(clock.share_used))
    return format_html(_WHOLE, size, clock.state, _tone(clock, outcome), ticking, line, width, below)


def _tone(clock: Face, outcome: str) -> str:
    if clock.state in ("not started", "paused") or outcome:
        return "quiet"
    if clock.is_late:
        return "late"
    if clock.is_at_risk:
        return "attention"
    return "good" if clock.state == "stopped" else "calm"


def _line(clock: Face, outcome: str, *, whose: str = "", waits: str = "") -> SafeString:
    left = duration(clock.remaining_seconds)
    if clock.state == "running":
        due = "was due" if clock.is_late else "due"
        icons = _ICONS["clock"], _ICONS["triangle-alert"]
        return format_html(_RUNNING, *icons, _running(clock, left), due, brief(clock.due_at), whose)
    if clock.state == "paused":
        words = format_html("Paused since {}{}", brief(clock.paused_since), waits)
        late = f"late by {left}" if clock.remaining_seconds < 0 else f"{left} left"
        return _ended("pause", words, late)
    if clock.state == "stopped" and outcome:
        return _ended("circle-slash", outcome, "the clock stopped ", brief(clock.stopped_at))
    if clock.state == "stopped":
        icon, how = ("triangle-alert", "late") if clock.is_late else ("circle-check", "early")
        when = (brief(clock.stopped_at), whose) if whose else ()
        return _ended(icon, f"Answered {left} {how}", *when)
    return _ended("clock", "The clock has not started")


def _ended(icon: str, words: str, *due: str) -> SafeString:
    """Of a clock that stands; ``due`` are the words beside it."""
    beside = format_html(_DUE, *due, *[""] * (2 - len(due))) if due else ""
    return format_html(_STATE + "{}", _ICONS[icon], words, beside)


def _running(clock: Face, left: str) -> str:
    if clock.is_late:
        return f"Late by {left}" if clock.remaining_seconds else "Late"
    if clock.is_at_risk:
        return f"At risk: {left} left"
    return f"{left}{'' if clock.counts_every_hour else ' of working time'} left"
