"""What a specialist says of their own time: weekly hours, absences, limits, and a feed of their days on call."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import transaction

from consults.hours import Shift
from consults.languages import LANGUAGES
from consults.models import Availability, WeeklyHours
from consults.policy import may_set_absence, may_set_hours
from portal.common import audit
from portal.common.refusals import Invalid, Refused
from portal.members.models import Absence, Organization, Person, digest, new_secret
from portal.members.policy import Denied

LONGEST = timedelta(days=730)


@transaction.atomic
def set_week(*, by: Person, person: Person, shifts: Collection[Shift]) -> None:
    """Replace the weekly hours. Raises Refused for another person's, Invalid where parts of a day overlap."""
    _may(may_set_hours(by.actor, person.pk))
    for one, other in pairwise(sorted(shifts)):
        if one.weekday == other.weekday and ((not _midnight(one) and one.end > other.start) or _midnight(one)):
            raise Invalid(week=f"Parts of a day may not overlap: {one.start:%H:%M} to {one.end:%H:%M} and the next.")
    for shift in shifts:
        if not (_midnight(shift) or shift.end > shift.start):
            raise Invalid(week=f"A part of a day ends after it begins: {shift.start:%H:%M} to {shift.end:%H:%M}.")
    WeeklyHours.objects.filter(person=person).delete()
    WeeklyHours.objects.bulk_create(
        WeeklyHours(person=person, weekday=shift.weekday, start=shift.start, end=shift.end) for shift in shifts
    )
    _record(by, "set weekly hours", person, parts=len(shifts))


def _midnight(shift: Shift) -> bool:
    return shift.end.hour == 0 and shift.end.minute == 0


@transaction.atomic
def set_limits(
    *,
    by: Person,
    person: Person,
    cap: int | None,
    languages: Collection[str],
    tiers: Collection[str],
    conflicts: Iterable[Organization],
) -> None:
    """Replace the cap on open work, languages, tiers served (none is all), and organizations not answered for."""
    _may(may_set_hours(by.actor, person.pk))
    if cap is not None and not 1 <= cap <= 99:
        raise Invalid(cap="Use a number from 1 to 99, or leave it empty for no limit.")
    if unknown := set(languages) - LANGUAGES.keys():
        raise Invalid(languages=f"Unknown: {', '.join(sorted(unknown))}.")
    if unknown := set(tiers) - set(Organization.Tier.values):
        raise Invalid(tiers=f"Unknown: {', '.join(sorted(unknown))}.")
    row = _lock(person)
    row.cap, row.languages, row.tiers = cap, sorted(languages), sorted(tiers)
    row.save()
    row.conflicts.set(conflicts)
    _record(by, "set limits of work", person, cap=cap)


@transaction.atomic
def add_absence(*, by: Person, person: Person, start_at: datetime, end_at: datetime, now: datetime) -> Absence:
    """Say that someone is away: oneself, or as section lead a colleague of one's specialty who fell ill."""
    _may(may_set_absence(by.actor, person.actor))
    _check(start_at, end_at, now=now)
    row = Absence.objects.create(person=person, start_at=start_at, end_at=end_at)
    _record(by, "add absence", person, start=start_at.isoformat(), end=end_at.isoformat())
    return row


def _check(start_at: datetime, end_at: datetime, *, now: datetime) -> None:
    if end_at <= start_at:
        raise Invalid(until="An absence ends after it begins.")
    if end_at <= now:
        raise Invalid(until="This is over already.")
    if end_at - start_at > LONGEST:
        raise Invalid(until="An absence lasts two years at most.")


@transaction.atomic
def remove_absence(*, by: Person, absence: Absence) -> None:
    """Take an absence back. What was handed over meanwhile stays where it is."""
    _may(may_set_absence(by.actor, absence.person.actor))
    _record(by, "remove absence", absence.person, start=absence.start_at.isoformat(), end=absence.end_at.isoformat())
    absence.delete()


@dataclass(frozen=True)
class Event:
    """An entry of a calendar that says one is away."""

    key: str
    start_at: datetime
    end_at: datetime


@transaction.atomic
def take_calendar(*, by: Person, events: Iterable[Event], now: datetime) -> int:
    """Take over the absences of one's own calendar and say how many came; the same file again changes only what
    changed in it, and what is over is left out."""
    _may(may_set_hours(by.actor, by.pk))
    rows = {event.key: event for event in events if event.end_at > now and event.end_at > event.start_at}
    kept = Absence.objects.filter(person=by, end_at__gt=now).exclude(event="")
    kept.exclude(event__in=rows).delete()
    for key, event in rows.items():
        end = min(event.end_at, event.start_at + LONGEST)
        Absence.objects.update_or_create(
            person=by, event=key[:200], defaults={"start_at": event.start_at, "end_at": end}
        )
    _record(by, "take over calendar", by, events=len(rows))
    return len(rows)


@transaction.atomic
def new_feed(*, by: Person) -> str:
    """A new secret for the feed of one's days on call; the old address shows nothing from now on."""
    _may(may_set_hours(by.actor, by.pk))
    secret, row = new_secret(), _lock(by)
    row.feed_digest = digest(secret)
    row.save()
    _record(by, "new calendar feed", by)
    return secret


def _lock(person: Person) -> Availability:
    Availability.objects.get_or_create(person=person)
    return Availability.objects.select_for_update().get(person=person)


def _may(decision: object) -> None:
    if isinstance(decision, Denied):
        raise Refused(decision.reason)


def _record(by: Person, action: str, person: Person, **detail: str | int | None) -> None:
    audit.record(by=by, action=action, object_type="person", object_id=person.pk, organization_id=None, **detail)
