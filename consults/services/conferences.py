"""Calling a case conference, moving and cancelling it, and who is invited. Every invitation goes out as mail with a
calendar file; nothing in either comes from a question."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from consults.arithmetic import moment
from consults.boards import Board, may_manage, may_schedule
from consults.invitations import Invitation, calendar_file
from consults.models import AgendaItem, Conference, ConferenceInvitation, ConferencePolicy, Consult, TimelineEntry
from consults.policy import may_lead
from consults.services import base, telling
from portal.common import audit
from portal.common.identifiers import find
from portal.common.notices import Telling, tell_all
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Specialty
from portal.members.policy import Decision, Denied

LONGEST = 480


@dataclass(frozen=True)
class When:
    """Time and place: a moment, its time zone, a length in minutes, a room or an address."""

    starts_at: datetime
    zone: str
    minutes: int
    place: str


def board_of(row: Conference) -> Board:
    return Board(row.specialty_id, row.chair_id, row.starts_at, row.cancelled_at is not None)


def specialists_schedule(specialty_id: int) -> bool:
    return ConferencePolicy.objects.filter(specialty_id=specialty_id, specialists_schedule=True).exists()


@transaction.atomic
def set_policy(*, by: Person, specialty: Specialty, specialists_schedule: bool) -> ConferencePolicy:
    """Whether any specialist of the specialty calls its conferences. Raises Refused for anyone but its lead."""
    _require(may_lead(by.actor, specialty.pk))
    row, _ = ConferencePolicy.objects.update_or_create(
        specialty=specialty, defaults={"specialists_schedule": specialists_schedule}
    )
    audit.record(by=by, action="conference.policy", object_type="specialty", object_id=specialty.slug)
    return row


@transaction.atomic
def schedule(
    *, by: Person, specialty: Specialty, title: str, when: When, invited: Iterable[Person], at: datetime
) -> Conference:
    """Call a conference; whoever calls it chairs it and is on the list. Raises Invalid, Refused."""
    allowed = may_schedule(by.actor, specialty.pk, specialists_schedule=specialists_schedule(specialty.pk))
    _require(allowed)
    _check(title=title, place=when.place)
    _check_time(when, at=at)
    row = Conference.objects.create(
        specialty=specialty,
        title=title.strip(),
        chair=by,
        starts_at=when.starts_at,
        ends_at=when.starts_at + timedelta(minutes=when.minutes),
        zone=when.zone,
        place=when.place.strip(),
        created_at=at,
        changed_at=at,
    )
    ConferenceInvitation.objects.create(
        conference=row, person=by, invited_at=at, answer=ConferenceInvitation.Answer.YES, answered_at=at
    )
    _record(row, "schedule", by=by)
    _invite(row, [by, *(person for person in invited if person != by)], at=at, chair=by)
    return row


@transaction.atomic
def change(conference: Conference, *, by: Person, title: str, when: When, at: datetime) -> Conference:
    """Move it, or change its title or place. Everyone invited gets the update, and is asked anew where the
    time changed; those whose question is on its agenda are told the new time."""
    row = lock(conference)
    _require(may_manage(by.actor, board_of(row)))
    if row.ends_at <= at:
        raise Conflict("This conference is over.")
    _check(title=title, place=when.place)
    _check_time(when, at=at)
    is_moved = row.starts_at != when.starts_at
    row.title, row.zone, row.place = title.strip(), when.zone, when.place.strip()
    row.starts_at, row.ends_at = when.starts_at, when.starts_at + timedelta(minutes=when.minutes)
    _save(row, at=at)
    if is_moved:
        guests = row.invitations.exclude(person=row.chair_id)
        guests.update(answer="", answered_at=None)
        for item in _waiting(row):
            tell_requester(item.consult, row, kind=TimelineEntry.Kind.BOARD_MOVED, by=by, at=at)
    _send(row, guests_of(row), what="has changed. The attached file updates your calendar.", at=at)
    _record(row, "change", by=by)
    return row


@transaction.atomic
def cancel(conference: Conference, *, by: Person, at: datetime) -> Conference:
    """Call it off. Calendars take it out; those whose question was to be discussed are told."""
    row = lock(conference)
    _require(may_manage(by.actor, board_of(row)))
    if row.ends_at <= at:
        raise Conflict("This conference is over.")
    if AgendaItem.objects.filter(conference=row, conclusions__isnull=False).exists():
        raise Conflict("A conclusion of this conference is signed, so it is not cancelled any more.")
    row.cancelled_at = at
    _save(row, at=at)
    for item in _waiting(row):
        tell_requester(item.consult, row, kind=TimelineEntry.Kind.BOARD_LEFT, by=by, at=at)
    _send(row, guests_of(row), what="was cancelled. The attached file takes it out of your calendar.", at=at)
    _record(row, "cancel", by=by)
    return row


@transaction.atomic
def invite(conference: Conference, *, by: Person, person: Person, at: datetime) -> Conference:
    """Invite one more specialist, of any section: they read the questions on its agenda. Raises Invalid."""
    row = lock(conference)
    _require(may_manage(by.actor, board_of(row)))
    if row.invitations.filter(person=person, removed_at=None).exists():
        raise Invalid(person=f"{person.name} is invited already.")
    _invite(row, [person], at=at)
    _record(row, "invite", by=by, person=person.pk)
    return row


@transaction.atomic
def uninvite(conference: Conference, *, by: Person, person: Person, at: datetime) -> Conference:
    """Take somebody off the list: from now on they read nothing of it. The chair stays."""
    row = lock(conference)
    _require(may_manage(by.actor, board_of(row)))
    if person.pk == row.chair_id:
        raise Conflict("The chair stays on the list.")
    found = row.invitations.select_related("person").filter(person=person, removed_at=None).first()
    if found is None:
        raise Conflict(f"{person.name} is not on the list.")
    found.removed_at = at
    found.save(update_fields=["removed_at"])
    _save(row, at=at)
    _send(row, [found], what="goes on without you. The attached file takes it out of your calendar.", at=at, ends=True)
    _record(row, "uninvite", by=by, person=person.pk)
    return row


@transaction.atomic
def answer(conference: Conference, *, by: Person, answer: str, at: datetime) -> ConferenceInvitation:
    """Say yes, maybe or no to one's own invitation; until it begins."""
    row = lock(conference)
    found = row.invitations.filter(person=by, removed_at=None).first()
    if found is None:
        raise Refused("You are not on the list of this conference.")
    if row.cancelled_at or row.ends_at <= at:
        raise Conflict("This conference is over or was cancelled.")
    if answer not in ConferenceInvitation.Answer.values:
        raise Invalid(answer="Answer yes, maybe or no.")
    found.answer, found.answered_at = answer, at
    found.save(update_fields=["answer", "answered_at"])
    _record(row, "answer", by=by)
    return found


def guests_of(row: Conference) -> list[ConferenceInvitation]:
    """Everyone on the list, with the person."""
    return list(row.invitations.filter(removed_at=None).select_related("person"))


def file_for(row: Conference, guest: ConferenceInvitation, *, now: datetime) -> str:
    """The calendar file of one invitation as it stands."""
    address = settings.DEFAULT_FROM_EMAIL
    invitation = Invitation(
        uid=str(row.uid),
        sequence=row.sequence,
        specialty=row.specialty.name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        place=row.place,
        address=f"{settings.SITE_URL}{row.get_absolute_url()}",
        organizer=address.rpartition("<")[2].rstrip(">"),
        guest_name=guest.person.name,
        guest_email=guest.person.email,
        answer=guest.answer,
    )
    return calendar_file(invitation, now=now, is_cancelled=bool(row.cancelled_at or guest.removed_at))


def lock(conference: Conference) -> Conference:
    """Its row as it is now, held until the transaction ends."""
    return Conference.objects.select_for_update(of=("self",)).select_related("specialty").get(pk=conference.pk)


def tell_requester(consult: Consult, row: Conference, *, kind: TimelineEntry.Kind, by: Person, at: datetime) -> None:
    """A line on the timeline, and a notice: their question goes to the board on a day, or no longer does."""
    when = f"{moment(row.starts_at, ZoneInfo(row.zone))} ({row.zone})"
    base.note(consult, kind, at=at, by=by, detail=f"{row.specialty.name}, {when}")
    zone = ZoneInfo(consult.requester.time_zone)
    day = moment(row.starts_at, zone)
    words = {
        TimelineEntry.Kind.BOARD: f"goes to the case conference on {day}. The clock runs on.",
        TimelineEntry.Kind.BOARD_MOVED: f"goes to the case conference on {day} instead. The clock runs on.",
    }.get(kind, f"is no longer on the agenda of the case conference on {day}.")
    telling.requester(consult, what=words, at=at)


def _waiting(row: Conference) -> list[AgendaItem]:
    """What of the agenda has no conclusion yet."""
    return list(row.agenda.filter(conclusions=None).select_related("consult__requester"))


def _invite(row: Conference, people: Iterable[Person], *, at: datetime, chair: Person | None = None) -> None:
    for person in {person.pk: person for person in people}.values():
        if not person.actor.specialist_in:
            raise Invalid(invited=f"{person.name} answers no questions of the network.")
        if person != chair:
            fields = {"invited_at": at, "removed_at": None, "answer": "", "answered_at": None, "attended": None}
            ConferenceInvitation.objects.update_or_create(conference=row, person=person, defaults=fields)
    chosen = {person.pk for person in people}
    guests = [guest for guest in guests_of(row) if guest.person_id in chosen]
    _send(row, guests, what="is called, and you are invited. Please answer on its page.", at=at)


def _send(
    row: Conference, guests: Iterable[ConferenceInvitation], *, what: str, at: datetime, ends: bool = False
) -> None:
    """One notice and one mail with the calendar file for each. Whoever is off the list is led to their list instead."""
    path = "/conferences/" if ends else row.get_absolute_url()
    tell_all(
        Telling(
            guest.person,
            "conference",
            f"The case conference of {row.specialty.name} on "
            f"{moment(row.starts_at, ZoneInfo(guest.person.time_zone))} {what}",
            path,
            f"conference:{row.pk}:{row.sequence}:{at.isoformat()}",
            file_for(row, guest, now=at),
        )
        for guest in guests
    )


def _save(row: Conference, *, at: datetime) -> None:
    row.sequence += 1
    row.changed_at = at
    row.save()


def _check(**texts: str) -> None:
    """Title and place go out: neither empty, nor with what looks like a patient's identifier."""
    limits = {"title": 120, "place": 200}
    for field, text in texts.items():
        base.text_of(text, field=field)
        if len(text.strip()) > limits[field]:
            raise Invalid(**{field: f"Use at most {limits[field]} characters."})
        if field == "title" and (found := _about_a_patient(text)):
            raise Invalid(title=f"{found} may be about a patient. The title goes out with the invitations.")


def _about_a_patient(title: str) -> str:
    """The words of a title that may be; a meeting may be named after its day."""
    return ", ".join(f"“{one.words}”" for one in find(title, sure=True) if one.kind != "an exact date")


def _check_time(when: When, *, at: datetime) -> None:
    if when.starts_at <= at:
        raise Invalid(starts_at="Choose a time to come.")
    if not 5 <= when.minutes <= LONGEST:
        raise Invalid(minutes=f"Give its length in minutes, from 5 to {LONGEST}.")


def _require(decision: Decision) -> None:
    if isinstance(decision, Denied):
        raise Refused(decision.reason)


def _record(row: Conference, action: str, *, by: Person, **detail: int) -> None:
    audit.record(by=by, action=f"conference.{action}", object_type="conference", object_id=row.pk, **detail)
