"""The live board: what is open in each section, who is on call, who is away, who has how much. Reads only.

A fixed number of queries, however many sections and consults.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from django.db.models import Count, DateTimeField, DurationField, ExpressionWrapper, F, Q, QuerySet, Value

from consults.clock import Mark
from consults.hours import NETWORK
from consults.models import Consult, ConsultQuerySet, OnCallDay
from portal.common import tenancy
from portal.members.models import Person, Role, Specialty

FIGURES = {
    "open": "Open",
    "not-taken": "Not taken",
    "waiting": "Waiting on requester",
    "due-today": "Due today",
    "at-risk": "At risk",
    "late": "Late",
}
"""In the order of the page."""
TONES = {"at-risk": "attention", "late": "late"}
_LAST_PART = timedelta(seconds=1) * (1 - Mark.AT_RISK.share)


@dataclass(frozen=True)
class Figure:
    key: str
    name: str
    count: int

    @property
    def tone(self) -> str:
        return TONES.get(self.key, "") if self.count else ""


@dataclass(frozen=True)
class Colleague:
    """Someone who answers for the section: what they have open (in every section) against their cap."""

    person: Person
    open_work: int
    cap: int | None
    away_until: datetime | None

    @property
    def is_full(self) -> bool:
        return self.cap is not None and self.open_work >= self.cap


@dataclass(frozen=True)
class Section:
    specialty: Specialty
    figures: list[Figure]
    on_call: Colleague | None
    backup: Colleague | None
    people: list[Colleague]


def may_see(person: Person) -> bool:
    actor = person.actor
    return bool(actor.specialist_in) or actor.is_network_administrator or actor.is_auditor


def specialties(person: Person) -> list[Specialty]:
    """The sections on this person's board: their own; for administrators of the network and auditors all that answer
    or have something open."""
    if not may_see(person):
        return []
    actor = person.actor
    if not (actor.is_network_administrator or actor.is_auditor):
        return list(Specialty.objects.filter(pk__in=actor.specialist_in))
    at_work = Q(pk__in=_roles().values("specialty")) | Q(pk__in=Consult.objects.open().values("specialty"))
    return list(Specialty.objects.filter(at_work))


def conditions(*, now: datetime, zone: tzinfo) -> dict[str, Q]:
    """What each figure counts, of open consults. ``zone`` says when today ends."""
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    last_part = ExpressionWrapper(F("promised_seconds") * Value(_LAST_PART), DurationField())
    risk_from = ExpressionWrapper(Value(now, DateTimeField()) + last_part, DateTimeField())
    return {
        "open": Q(),
        "not-taken": Q(assignee=None),
        "waiting": Q(state=Consult.State.WAITING),
        "due-today": Q(due_at__gte=now, due_at__lt=tomorrow),
        "at-risk": Q(due_at__gte=now, due_at__lte=risk_from),
        "late": Q(due_at__lt=now),
    }


def behind(person: Person, specialty: Specialty, figure: str, *, now: datetime, zone: tzinfo) -> ConsultQuerySet:
    """The consults that a figure of a section counts, the most urgent first."""
    rows = Consult.objects.visible_to(person).open().filter(specialty=specialty)
    return rows.filter(conditions(now=now, zone=zone)[figure]).most_urgent_first()


def board(person: Person, shown: Iterable[Specialty], *, now: datetime, zone: tzinfo) -> list[Section]:
    """The sections with their figures and people. The caller has checked that the person may see them."""
    shown = list(shown)
    counts = _counts(person, shown, now=now, zone=zone)
    duties = {
        duty.specialty_id: duty
        for duty in OnCallDay.objects.filter(specialty__in=shown, day=now.astimezone(NETWORK).date())
    }
    roles = list(_roles().filter(specialty__in=shown).values_list("specialty", "person"))
    called = {pk for duty in duties.values() for pk in (duty.primary_id, duty.backup_id) if pk}
    people = _colleagues({pk for _, pk in roles} | called, now=now)
    return [
        Section(
            specialty=specialty,
            figures=[Figure(key, name, counts.get(specialty.pk, {}).get(key, 0)) for key, name in FIGURES.items()],
            on_call=people.get(duty.primary_id) if (duty := duties.get(specialty.pk)) else None,
            backup=people.get(duty.backup_id or 0) if duty else None,
            people=_in_order(people[pk] for place, pk in roles if place == specialty.pk and pk in people),
        )
        for specialty in shown
    ]


def _in_order(people: Iterable[Colleague]) -> list[Colleague]:
    return sorted({one.person.pk: one for one in people}.values(), key=lambda one: one.person.name)


def _roles() -> "QuerySet[Role]":
    return Role.objects.filter(name__in=[Role.Name.SPECIALIST, Role.Name.SECTION_LEAD], person__is_active=True)


def _counts(person: Person, shown: list[Specialty], *, now: datetime, zone: tzinfo) -> dict[int, dict[str, int]]:
    wanted = conditions(now=now, zone=zone)
    aggregates = {key.replace("-", "_"): Count("pk", filter=where or None) for key, where in wanted.items()}
    rows = Consult.objects.visible_to(person).open().filter(specialty__in=shown).order_by().values("specialty")
    lines: list[dict[str, Any]] = [dict(row) for row in rows.annotate(**aggregates)]
    return {row["specialty"]: {key: row[key.replace("-", "_")] for key in wanted} for row in lines}


def _colleagues(people: set[int], *, now: datetime) -> dict[int, Colleague]:
    rows = Person.objects.filter(pk__in=people, is_active=True).select_related("availability")
    with tenancy.everything():
        held = Consult.objects.filter(assignee__in=people, state__in=[Consult.State.ASSIGNED, Consult.State.WAITING])
        work = Counter(dict(held.order_by().values_list("assignee").annotate(n=Count("pk"))))
    return {
        row.pk: Colleague(
            row,
            work[row.pk],
            row.availability.cap if hasattr(row, "availability") else None,
            row.away_at(now),
        )
        for row in rows.prefetch_related("absences")
    }
