"""What the network promises: calendars and promises in versions, which of them a consult gets, and a new urgency."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import available_timezones

import holidays
from django.db import transaction
from django.db.models import Max

from consults.calendars import NeverOpen, shifts_from
from consults.models import Calendar, CalendarVersion, Consult, Promise, PromiseVersion, TimelineEntry
from consults.policy import Action
from consults.promises import choose
from consults.services import base, clockwork, ladders, telling
from portal.common import audit, present
from portal.common.refusals import Invalid, Refused
from portal.members.models import Organization, Person, Specialty

YEARS_BACK, YEARS_AHEAD = 1, 5
_LONGEST = timedelta(days=60)


def terms_for(consult: Consult) -> clockwork.Terms:
    """The promise and the ladder that hold for this consult now."""
    return clockwork.Terms(promise_for(consult), ladders.holding(consult.specialty_id))


def promise_for(consult: Consult) -> PromiseVersion | None:
    """The newest version of the promise that holds for this consult; None: the network's standard of 48 hours."""
    return version_for(consult, Promise.objects.filter(ended_at=None, urgency=consult.urgency).order_by())


def version_for(consult: Consult, promises: Iterable[Promise]) -> PromiseVersion | None:
    """The same among these promises."""
    found = choose(
        promises,
        urgency=consult.urgency,
        specialty_id=consult.specialty_id,
        tier=consult.organization.tier,
        organization_id=consult.organization_id,
    )
    return found.versions.select_related("calendar").order_by("-number").first() if found else None


def promise_as_now(row: Consult, *, at: datetime, why: str) -> None:
    """Promise anew where something else holds for the (locked) consult than the promise it runs under."""
    given = row.clock_events.filter(cycle=row.cycle, promised_seconds__isnull=False).order_by("at", "pk").last()
    terms = terms_for(row)
    holds, ladder = terms.promise, terms.ladder
    other = given is None or (ladder.pk if ladder else None) != given.ladder_id
    if other or (holds.promise_id if holds else None) != (
        given.promise.promise_id if given and given.promise else None
    ):
        clockwork.retarget(row, at=at, why=why, terms=terms)


def urgencies() -> list[tuple[str, str]]:
    """The urgencies that something is promised for; the standard one always is."""
    return urgencies_among(Promise.objects.filter(ended_at=None).order_by().values_list("urgency", flat=True))


def urgencies_among(promised: Iterable[str]) -> list[tuple[str, str]]:
    """The same, where something is promised for these."""
    offered = set(promised)
    return [(value, label) for value, label in Consult.Urgency.choices if value == "standard" or value in offered]


@transaction.atomic
def set_urgency(consult: Consult, *, by: Person, urgency: str, at: datetime) -> Consult:
    """Give an open consult another urgency, and so another promise. What has counted and every pause stay.

    Raises Invalid for an urgency that nothing is promised for, Refused and Conflict.
    """
    row = base.lock(consult, action=Action.RETARGET, by=by)
    if urgency not in dict(urgencies()):
        raise Invalid(urgency="Nothing is promised for this urgency. Choose one that is offered.")
    if urgency == row.urgency:
        raise Invalid(urgency=f"It is {row.get_urgency_display().lower()} already.")
    row.urgency = urgency
    clockwork.retarget(row, at=at, why="another urgency", terms=terms_for(row))
    base.note(row, TimelineEntry.Kind.RETARGETED, at=at, by=by, detail=row.get_urgency_display())
    telling.requester(row, what=f"is now {row.get_urgency_display().lower()}. Its page shows the new time.", at=at)
    telling.assignee(row, what=f"is now {row.get_urgency_display().lower()}. Its page shows the new time.", at=at)
    base.finish(row, action="retarget", by=by, at=at)
    return row


@transaction.atomic
def define_promise(
    *,
    by: Person,
    urgency: str,
    answer: timedelta,
    response: timedelta | None = None,
    calendar: CalendarVersion | None = None,
    specialty: Specialty | None = None,
    tier: str = "",
    organization: Organization | None = None,
) -> PromiseVersion:
    """Promise so much time for these consults from now on, as a new version. Consults under way keep theirs.

    Raises Refused for anyone but a network administrator, Invalid for a time below an hour or above 60 days, and for
    a first response that is not before the answer.
    """
    _require_administrator(by)
    if not timedelta(hours=1) <= answer <= _LONGEST:
        raise Invalid(answer="Promise an answer within one hour at least and 60 days at most.")
    if response is not None and not timedelta(minutes=5) <= response < answer:
        raise Invalid(response="Give a specialist five minutes at least, and less than until the answer.")
    promise, _ = Promise.objects.get_or_create(
        urgency=urgency, specialty=specialty, tier=tier, organization=organization
    )
    promise = Promise.objects.select_for_update(of=("self",)).get(pk=promise.pk)
    promise.ended_at = None
    promise.save(update_fields=["ended_at"])
    version = PromiseVersion.objects.create(
        promise=promise,
        number=(promise.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        answer_seconds=int(answer.total_seconds()),
        response_seconds=int(response.total_seconds()) if response else None,
        calendar=calendar,
        made_by=by,
        made_at=present.now(),
    )
    audit.record(by=by, action="promise.define", object_type="promise", object_id=promise.pk, version=version.number)
    return version


@transaction.atomic
def end_promise(promise: Promise, *, by: Person, at: datetime) -> None:
    """No new consult gets it. Those that have it keep it."""
    _require_administrator(by)
    if Promise.objects.filter(pk=promise.pk, ended_at=None).update(ended_at=at):
        audit.record(by=by, action="promise.end", object_type="promise", object_id=promise.pk)


@transaction.atomic
def define_calendar(
    *,
    by: Person,
    name: str,
    zone: str,
    week: Sequence[Sequence[Sequence[str]]],
    closed: Mapping[date, str] | None = None,
    short: Mapping[date, Sequence[Sequence[str]]] | None = None,
    country: str = "",
    region: str = "",
    today: date,
) -> CalendarVersion:
    """A calendar's next version; promises made with it from now on count by it.

    The public holidays of ``country`` are written down by date, from a year before ``today`` to five after, so that no
    later release of a library moves a deadline. Raises Refused, and Invalid naming what is no time, zone or country, or
    where nothing is ever open.
    """
    _require_administrator(by)
    if zone not in available_timezones():
        raise Invalid(zone=f"“{zone}” is not a time zone name such as America/Chicago.")
    days = _holidays(country, region, today) | dict(closed or {})
    calendar, _ = Calendar.objects.get_or_create(name=name)
    calendar = Calendar.objects.select_for_update().get(pk=calendar.pk)
    version = CalendarVersion(
        calendar=calendar,
        number=(calendar.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        zone=zone,
        week=[[list(pair) for pair in day] for day in week],
        closed={day.isoformat(): label for day, label in sorted(days.items())},
        short={day.isoformat(): [list(pair) for pair in pairs] for day, pairs in sorted((short or {}).items())},
        country=country,
        region=region,
        made_by=by,
    )
    _check(version)
    version.save()
    audit.record(by=by, action="calendar.define", object_type="calendar", object_id=calendar.pk, version=version.number)
    return version


def _check(version: CalendarVersion) -> None:
    if len(version.week) != len(range(7)):
        raise Invalid(week="Give the hours of seven days, Monday first.")
    try:
        for pairs in version.short.values():
            shifts_from(pairs)
        version.hours.reach(version.made_at, timedelta(hours=1))
    except NeverOpen:
        raise Invalid(week="Nothing is ever open. Give at least one day its hours.") from None
    except ValueError as error:
        raise Invalid(week=str(error)) from None


def _holidays(country: str, region: str, today: date) -> dict[date, str]:
    if not country:
        return {}
    years = range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1)
    try:
        return dict(holidays.country_holidays(country, subdiv=region or None, years=years))
    except NotImplementedError as error:
        raise Invalid(country=f"No public holidays are known for it: {error}") from None


def _require_administrator(by: Person) -> None:
    if not by.actor.is_network_administrator:
        raise Refused("Only administrators of the network say what it promises.")
