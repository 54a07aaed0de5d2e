"""The demonstration's case conferences, one past and one to come, and an improvement engagement with its run chart."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from consults.models import Conference, Consult, Engagement, Measure
from consults.services import agenda, conferences, engagements, improving
from consults.services.conferences import When
from portal.members.models import Organization, Person, Specialty

ZONE = ZoneInfo("America/Chicago")

LAST = 10_000
"""After the consults of the same moment."""

MINUTES = (94, 102, 88, 97, 110, 91, 99, 105, 84, 90, 78, 71, 66, 69, 61, 58, 63, 55, 59, 54)
"""Weekly medians, invented: from door to antibiotic."""

CHANGED = {8: "Sepsis kit at triage", 11: "Order set at the door"}


def meeting_moments(now: datetime) -> list[tuple[datetime, int, Callable[[datetime], None]]]:
    """When each is called, held and entered, as steps to replay among the consults."""
    past, to_come = _afternoon(now - timedelta(hours=2), step=-1), _afternoon(now + timedelta(days=2), step=1)
    return [
        (now - timedelta(weeks=22), LAST, lambda _: _engagement(now)),
        (past - timedelta(hours=30), LAST, lambda at: _call(at, "Weekly board (demonstration)", starts_at=past)),
        (past + timedelta(minutes=30), LAST, _conclude),
        (now - timedelta(hours=1), LAST, lambda at: _call(at, "Monthly board (demonstration)", starts_at=to_come)),
    ]


def _afternoon(near: datetime, *, step: int) -> datetime:
    """Three in the afternoon of the network's nearest working day, not after ``near`` (-1) or not before it (1)."""
    at = near.astimezone(ZONE).replace(hour=15, minute=0, second=0, microsecond=0)
    while (at - near).total_seconds() * step < 0 or at.weekday() > 4:
        at += timedelta(days=step)
    return at


def _person(name: str) -> Person:
    return Person.objects.get(email=name)


def _call(at: datetime, title: str, *, starts_at: datetime) -> None:
    """A conference of hospital medicine, with up to two questions that are open or answered then."""
    lead, one, other = (_person(f"{name}@network.example") for name in ("lead", "specialist", "specialist2"))
    row = conferences.schedule(
        by=lead,
        specialty=Specialty.objects.get(slug="hospital-medicine"),
        title=title,
        when=When(starts_at, str(ZONE), 60, "Room 2.14, or the network's video room"),
        invited=[one, other],
        at=at,
    )
    conferences.answer(row, by=one, answer="yes", at=at)
    open_to_it = Consult.objects.filter(state__in=agenda.DISCUSSED, specialty__in=lead.actor.leads)
    for consult in open_to_it.order_by("-submitted_at")[:2]:
        agenda.put_on(row, by=lead, consult=consult, minutes=15, at=at)


def _conclude(at: datetime) -> None:
    """The chair signs on the first question of the past conference, and says who came."""
    row = Conference.objects.order_by("pk").first()
    if row is None:
        return
    item = row.agenda.exclude(consult__state__in=[Consult.State.WITHDRAWN, Consult.State.DECLINED]).first()
    if item:
        words = "The board agrees with the plan in the thread. Review after one week. (Demonstration.)"
        agenda.conclude(item, by=row.chair, text=words, at=at)
    agenda.record_attendance(row, by=row.chair, present=[row.chair, _person("specialist@network.example")], at=at)


def _engagement(now: datetime) -> None:
    """An engagement of 22 weeks ago, with a point for each of twenty weeks."""
    admin, network = _person("admin@prairie.example"), _person("network-admin@network.example")
    consultant, start = _person("specialist2@network.example"), now - timedelta(weeks=22)
    row = engagements.ask(
        by=admin,
        organization=Organization.objects.get(slug="prairie-health"),
        area="Time to antibiotics in sepsis (demonstration)",
        goal="A weekly median under 60 minutes from arrival to the first dose, within six months. Invented figures.",
        scope="The emergency department of the hospital. Not the wards, not the choice of antibiotic.",
        sponsor=admin,
        at=start,
    )
    engagements.agree(row, by=network, hours=Decimal(40), at=start)
    engagements.name(row, by=network, person=consultant, is_consultant=True, at=start)
    engagements.name(row, by=admin, person=_person("clinician@prairie.example"), is_consultant=False, at=start)
    engagements.begin(row, by=consultant, at=start)
    for weeks, hours, what in ((1, "6", "First visit"), (5, "3.5", "Review of the kit"), (11, "4", "Order set")):
        at = start + timedelta(weeks=weeks)
        day = improving.today_of(consultant, at)
        improving.log_hours(row, by=consultant, day=day, hours=Decimal(hours), what=what, at=at)
    _milestones(row.pk, consultant, start=start)
    measure = improving.add_measure(
        row,
        by=consultant,
        name="Arrival to first antibiotic",
        unit="minutes",
        definition="Median of the week among adults with sepsis. Invented figures.",
        better=Measure.Better.DOWN,
        at=start,
    )
    for week, value in enumerate(MINUTES):
        at = start + timedelta(weeks=week + 1)
        day = improving.today_of(admin, at)
        improving.set_point(measure, by=admin, day=day, value=value, note=CHANGED.get(week, ""), at=at)


def _milestones(pk: int, consultant: Person, *, start: datetime) -> None:
    row = Engagement.objects.get(pk=pk)

    def day(weeks: int) -> date:
        return (start + timedelta(weeks=weeks)).date()

    kit = improving.add_milestone(row, by=consultant, name="Kit at every triage desk", due_on=day(8), at=start)
    improving.reach(kit, by=consultant, at=start + timedelta(weeks=8))
    improving.add_milestone(row, by=consultant, name="Median under 60 for a month", due_on=day(26), at=start)
