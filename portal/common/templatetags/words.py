"""Dates, durations and counts in words, the same on every page. Moments are in the reader's time zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 604800
# Up to here hours say more than days: a promise is made in hours.
HOURS_ONLY = 100 * HOUR

# In this order: most browsers also name the ones they descend from.
BROWSERS = {"Edg": "Edge", "Firefox": "Firefox", "Chrom": "Chrome", "Safari": "Safari"}
DEVICES = {
    "iPhone": "an iPhone",
    "iPad": "an iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "a Mac",
    "Linux": "Linux",
}


def day_words(value: date) -> str:
    return f"{value:%a} {value.day} {value:%b %Y}"


def _moment_words(local: datetime) -> str:
    return f"{day_words(local)}, {local:%H:%M}"


def _zone_words(local: datetime) -> str:
    name = local.tzinfo.key if isinstance(local.tzinfo, ZoneInfo) else timezone.get_current_timezone_name()
    return f"{name} ({local:%Z})"


def _time_element(local: datetime, text: str, hover: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), hover, text)


@register.filter
def moment(value: datetime | None) -> str:
    """``Thu 26 Nov 2026, 14:20``, with the zone on hover; nothing for nothing."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return _time_element(local, _moment_words(local), _zone_words(local))


@register.filter
def brief(value: datetime | None) -> str:
    """``14:20`` today, ``Thu 14:20`` within six days, the whole moment otherwise; the whole one on hover."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    days = abs((local.date() - timezone.localdate()).days)
    text = f"{local:%H:%M}" if days == 0 else f"{local:%a %H:%M}" if days <= 6 else _moment_words(local)
    return _time_element(local, text, f"{_moment_words(local)}, {_zone_words(local)}")


@register.filter
def day(value: date | datetime | None) -> str:
    """``Thu 26 Nov 2026``; of a moment, its day in the reader's zone."""
    if value is None:
        return ""
    found = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', found.isoformat(), day_words(found))


def relative(seconds: float) -> str:
    """How long ago (positive) or from now (negative), in the largest unit that fits."""
    size = abs(seconds)
    if size < MINUTE:
        return "just now" if seconds >= 0 else "in under a minute"
    if size < HOUR:
        text = f"{int(size // MINUTE)} min"
    elif size < DAY:
        text = f"{int(size // HOUR)} h"
    else:
        text = count(int(size // DAY), "day")
    return f"{text} ago" if seconds > 0 else f"in {text}"


@register.filter
def ago(value: datetime | None) -> str:
    """Relative under a week with the exact moment on hover; the day itself beyond."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    seconds = (timezone.now() - value).total_seconds()
    if abs(seconds) >= WEEK:
        return _time_element(local, day_words(local), f"{_moment_words(local)}, {_zone_words(local)}")
    return _time_element(local, relative(seconds), f"{_moment_words(local)}, {_zone_words(local)}")


@register.filter
def duration(seconds: float | None) -> str:
    """``31 h 12 min`` for a length in seconds, either sign; days and hours from 100 hours on."""
    if seconds is None:
        return ""
    minutes = int(abs(seconds) // MINUTE)
    if minutes == 0:
        return "less than a minute"
    if abs(seconds) >= HOURS_ONLY:
        return _two(*divmod(minutes // 60, 24), units=("days", "h"))
    return _two(*divmod(minutes, 60), units=("h", "min"))


def _two(large: int, small: int, *, units: tuple[str, str]) -> str:
    parts = [f"{size} {unit}" for size, unit in zip((large, small), units, strict=True) if size]
    return " ".join(parts)


@register.filter
def count(number: int | None, noun: str) -> str:
    """``1 consult``, ``2 consults``; an irregular plural follows a comma: ``person,people``."""
    singular, _, plural = noun.partition(",")
    number = number or 0
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


@register.filter
def percent(share: float | None) -> str:
    """``92 %`` for 0.92; words where there is nothing to count."""
    return "none yet" if share is None else f"{share * 100:.0f}\N{NO-BREAK SPACE}%"


@register.filter
def bar(share: float | None) -> str:
    """A share as a width out of 100 that a drawing can use, never outside it."""
    return f"{min(max(share or 0, 0), 1) * 100:.1f}"


@register.filter
def is_past(value: date | None) -> bool:
    """Whether a day lies before today in the reader's zone."""
    return value is not None and value < timezone.localdate()


@register.filter
def is_within(value: date | None, days: int) -> bool:
    """Whether a day lies between today and ``days`` from now."""
    today = timezone.localdate()
    return value is not None and today <= value <= today + timedelta(days=days)


@register.filter
def browser(user_agent: str) -> str:
    """``Firefox on Windows`` for what a browser says of itself."""
    name = next((word for token, word in BROWSERS.items() if token in user_agent), "Another browser")
    device = next((word for token, word in DEVICES.items() if token in user_agent), "")
    return f"{name} on {device}" if device else name
