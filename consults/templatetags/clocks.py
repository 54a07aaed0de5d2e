"""Clocks on pages."""

from django import template
from django.utils.safestring import SafeString

from consults import clockface
from consults.presenting import ClockView

register = template.Library()


@register.filter
def small_clock(clock: clockface.Face, outcome: str = "") -> SafeString:
    """As lists show it; ``outcome`` says how it ended if not by an answer."""
    return clockface.small(clock, outcome=outcome)


@register.simple_tag
def large_clock(clock: ClockView, outcome: str = "", *, mine: bool = False) -> SafeString:
    """With the arithmetic below it; ``mine``: the reader is who it waits for."""
    return clockface.large(clock, outcome=outcome, mine=mine, explanation=clock.explanation)
