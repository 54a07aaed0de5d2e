"""When a weekly digest is due, and what it says. Pure: values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR = time(7)
WEEK = timedelta(days=7)
LONGEST_GAP = timedelta(days=35)
MOST_TITLES = 40
_LONGEST_TITLE = 200


@dataclass(frozen=True)
class Due:
    """A digest that is due: its Monday, and the moment of that Monday in the person's zone."""

    week: date
    moment: datetime


@dataclass(frozen=True)
class Title:
    """One document that changed, for one line of the mail. ``section`` is a key of SECTIONS."""

    section: str
    title: str
    path: str


SECTIONS = {"practice": "Changes practice", "new": "New", "revised": "Revised", "retired": "Retired"}


def due(now: datetime, zone: ZoneInfo) -> Due:
    """The last Monday at seven in the zone that is not after ``now``."""
    local = now.astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    moment = datetime.combine(monday, HOUR, tzinfo=zone)
    if moment > now:
        monday -= WEEK
        moment = datetime.combine(monday, HOUR, tzinfo=zone)
    return Due(monday, moment)


def since(found: Due, last_until: datetime | None) -> datetime:
    """From when on changes belong to the digest: where the last one ended, unless that is long ago; else a week."""
    if last_until is None or last_until < found.moment - LONGEST_GAP:
        return found.moment - WEEK
    return last_until


def subject(titles: Sequence[Title]) -> str:
    """What stands in the list of mails: how many, and nothing of what they say."""
    number = len(titles)
    return f"{number:,} {'document' if number == 1 else 'documents'} changed in what you follow"


def body(*, name: str, titles: Sequence[Title], site: str, stop: str) -> str:
    """The mail: titles by section, each with its address, and the link that stops it."""
    lines = [f"{name},", "", "What changed in what you follow, by title:"]
    shown = titles[:MOST_TITLES]
    for key, heading in SECTIONS.items():
        rows = [row for row in shown if row.section == key]
        if rows:
            lines += ["", heading]
            lines += [line for row in rows for line in (f"- {_short(row.title)}", f"  {site}{row.path}")]
    if len(titles) > len(shown):
        lines += ["", f"And {len(titles) - len(shown):,} more: {site}/account/following/"]
    lines += ["", "Open them after signing in. This message carries titles only, and replies to it are not read."]
    lines += ["", "Stop this weekly mail with one click:", stop, ""]
    return "\n".join(lines)


def _short(title: str) -> str:
    title = " ".join(title.split())
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
