"""Calendar files: absences read from an uploaded one, days on call written as a feed."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from icalendar import Calendar, Component
from icalendar import Event as Entry

from consults.models import OnCallDay
from consults.services.availability import Event
from portal.common.refusals import Invalid

LARGEST = 1_000_000
MOST = 500
AWAY = ("vacation", "holiday", "leave", "out of office", "ooo", "away", "sick", "absence", "pto", "congress")


def absences(data: bytes, *, zone: tzinfo) -> list[Event]:
    """The entries of a calendar file that say that someone is away. Raises Invalid where it is none.

    Away is what the calendar itself calls out of office (X-MICROSOFT-CDO-BUSYSTATUS), or a title such as “Vacation”.
    The title is not kept: it may say why. Entries that repeat count once, at their first date.
    """
    if len(data) > LARGEST:
        raise Invalid(calendar="The file is larger than 1 MB. Export fewer months.")
    try:
        calendar = Calendar.from_ical(data)
        found = list(_away(calendar.walk("VEVENT"), zone))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise Invalid(calendar="This is no calendar file (.ics) that can be read.") from error
    return found[:MOST]


def _away(entries: Iterable[Component], zone: tzinfo) -> Iterator[Event]:
    for entry in entries:
        if not _is_away(entry) or "DTSTART" not in entry:
            continue
        start = entry.decoded("DTSTART")
        end = entry.decoded("DTEND") if "DTEND" in entry else start + _length(entry, start)
        key = f"{entry.get('UID', '')}/{entry.get('RECURRENCE-ID', start)}"[:200]
        yield Event(key, _moment(start, zone), _moment(end, zone))


def _length(entry: Component, start: date) -> timedelta:
    if "DURATION" in entry:
        length: timedelta = entry.decoded("DURATION")
        return length
    return timedelta(hours=1) if isinstance(start, datetime) else timedelta(days=1)


def _is_away(entry: Component) -> bool:
    if str(entry.get("STATUS", "")).upper() == "CANCELLED":
        return False
    busy = str(entry.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    title = str(entry.get("SUMMARY", "")).lower()
    return busy == "OOF" or any(word in title for word in AWAY)


def _moment(value: date, zone: tzinfo) -> datetime:
    """A date is the beginning of that day; a time without a zone is the reader's own."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time(0))
    return value if value.tzinfo else value.replace(tzinfo=zone)


def feed(duties: Iterable[OnCallDay], *, person_id: int, now: datetime, site: str) -> bytes:
    """Days on call as a calendar to subscribe to."""
    calendar = Calendar()
    calendar.add("prodid", "-//Consilium//On call//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Consilium: on call")
    for duty in duties:
        entry = Entry()
        role = "On call" if duty.primary_id == person_id else "Backup"
        entry.add("uid", f"on-call-{duty.specialty_id}-{duty.day:%Y%m%d}@consilium")
        entry.add("dtstamp", now.astimezone(UTC))
        entry.add("dtstart", duty.day)
        entry.add("dtend", duty.day + timedelta(days=1))
        entry.add("summary", f"{role}: {duty.specialty.name}")
        entry.add("url", f"{site}/on-call/")
        entry.add("transp", "TRANSPARENT")
        calendar.add_component(entry)
    made: bytes = calendar.to_ical()
    return made
