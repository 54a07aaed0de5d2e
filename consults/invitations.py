"""The calendar file of a case conference: invitation, update and withdrawal of one and the same event. Pure.

Nothing of a question goes in, not even the conference's title: a calendar is read by many programs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, vCalAddress, vText
from icalendar import Event as Entry

PARTSTAT = {"yes": "ACCEPTED", "no": "DECLINED", "maybe": "TENTATIVE"}


@dataclass(frozen=True)
class Invitation:
    """What a calendar needs to know. ``uid`` stays the same and ``sequence`` grows, so that an update replaces."""

    uid: str
    sequence: int
    specialty: str
    starts_at: datetime
    ends_at: datetime
    place: str
    address: str
    organizer: str
    guest_name: str
    guest_email: str
    answer: str = ""


def calendar_file(invitation: Invitation, *, now: datetime, is_cancelled: bool = False) -> str:
    """An iTIP message (RFC 5546): METHOD REQUEST, or CANCEL. Times are written in UTC, which no reader can mistake."""
    calendar = Calendar()
    calendar.add("prodid", "-//Consilium//Case conference//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_cancelled else "REQUEST")
    entry = Entry()
    entry.add("uid", f"conference-{invitation.uid}@consilium")
    entry.add("sequence", invitation.sequence)
    entry.add("dtstamp", now.astimezone(UTC))
    entry.add("dtstart", invitation.starts_at.astimezone(UTC))
    entry.add("dtend", invitation.ends_at.astimezone(UTC))
    entry.add("summary", f"Case conference, {invitation.specialty}")
    entry.add("location", invitation.place)
    entry.add("url", invitation.address)
    entry.add("description", f"Agenda, after signing in: {invitation.address}")
    entry.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    entry.add("organizer", vCalAddress(f"mailto:{invitation.organizer}"))
    guest = vCalAddress(f"mailto:{invitation.guest_email}")
    guest.params["CN"] = vText(invitation.guest_name)
    guest.params["PARTSTAT"] = vText(PARTSTAT.get(invitation.answer, "NEEDS-ACTION"))
    entry.add("attendee", guest)
    calendar.add_component(entry)
    made: bytes = calendar.to_ical()
    return made.decode()
