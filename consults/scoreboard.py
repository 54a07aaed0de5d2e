"""The scoreboard: what came of answered questions, by specialty, specialist, organization or month. Reads only.

Months are those of the network's own time zone, and are named as ``2026-11``. Every figure is worked out in PostgreSQL
from one row for each first answer, in a fixed number of queries.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Avg, CharField, Count, DateTimeField, F, FloatField, Func, Q, QuerySet, Sum, Value

from consults.figures import Percentile
from consults.hours import NETWORK
from consults.models import CloseOut, Outcome, OutcomeQuerySet
from portal.members.models import Organization, Person, Specialty

MONTHS = 6
"""Shown where the address does not say which."""
MOST_ROWS = 500
GROUPS = {"specialty": "Specialty", "specialist": "Specialist", "organization": "Organization", "month": "Month"}
_COLUMNS = {
    "specialty": ("specialty__slug", "specialty__name"),
    "specialist": ("specialist", "specialist__name"),
    "organization": ("organization__slug", "organization__name"),
}


@dataclass(frozen=True)
class Figures:
    """The figures of some answered questions. Lengths are in hours; what nothing was counted for is None."""

    n: int = 0
    median_hours: float | None = None
    p90_hours: float | None = None
    median_counted_hours: float | None = None
    p90_counted_hours: float | None = None
    on_time: int = 0
    without_asking: int = 0
    median_taken_hours: float | None = None
    minutes_n: int = 0
    minutes: int | None = None
    mean_minutes: float | None = None
    surveys: int = 0
    confirmed: int = 0
    new: int = 0
    not_useful: int = 0
    contemplated: int = 0
    avoided: int = 0

    def share(self, part: int, of: int) -> float | None:
        return part / of if of else None

    @property
    def on_time_share(self) -> float | None:
        return self.share(self.on_time, self.n)

    @property
    def without_asking_share(self) -> float | None:
        return self.share(self.without_asking, self.n)

    @property
    def confirmed_share(self) -> float | None:
        return self.share(self.confirmed, self.surveys)

    @property
    def new_share(self) -> float | None:
        return self.share(self.new, self.surveys)

    @property
    def not_useful_share(self) -> float | None:
        return self.share(self.not_useful, self.surveys)

    @property
    def avoided_share(self) -> float | None:
        return self.share(self.avoided, self.contemplated)


@dataclass(frozen=True)
class Row:
    """A line of the scoreboard: ``key`` is a slug, a month or a number, ``name`` what the reader sees."""

    key: str
    name: str
    figures: Figures


@dataclass(frozen=True)
class Chosen:
    """What is asked for: the grouping, the months from the first to the last, and what it is narrowed to."""

    by: str
    since: str
    until: str
    specialty: str = ""
    organization: str = ""


FIRST_YEAR, LAST_YEAR = 1900, 2999


def month_of(moment: datetime) -> str:
    return f"{moment.astimezone(NETWORK):%Y-%m}"


def start_of(month: str) -> datetime:
    """When the month begins for the network. Raises ValueError for what is no month."""
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=NETWORK)


def read_month(text: str) -> str:
    """A month as somebody wrote it. Raises ValueError for what is none, or none that a question may be of."""
    start = start_of(text)
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise ValueError(text)
    return month_of(start)


def end_of(month: str) -> datetime:
    return start_of(plus(month, 1))


def plus(month: str, months: int) -> str:
    """The month so many after (or, negative, before) this one."""
    first = start_of(month)
    year, place = divmod(first.year * 12 + first.month - 1 + months, 12)
    return f"{year:04}-{place + 1:02}"


def usual(now: datetime) -> tuple[str, str]:
    """The months shown where none are asked for: this one and the five before."""
    this = month_of(now)
    return plus(this, 1 - MONTHS), this


def may_see(person: Person) -> bool:
    """Whether there is a scoreboard for this person at all."""
    actor = person.actor
    return bool(actor.specialist_in or actor.administrator_of or actor.is_network_administrator or actor.is_auditor)


def groupings(person: Person) -> dict[str, str]:
    """How this person may group: an organization's administrator not by specialist, a specialist by themselves."""
    actor = person.actor
    found = dict(GROUPS)
    if not (actor.specialist_in or actor.is_network_administrator or actor.is_auditor):
        del found["specialist"]
    return found


def chosen_rows(person: Person, chosen: Chosen) -> OutcomeQuerySet:
    """The answers the figures are of: those the person sees, in the months, narrowed as asked."""
    rows = Outcome.objects.visible_to(person, by_name=chosen.by == "specialist")
    rows = rows.filter(answered_at__gte=start_of(chosen.since), answered_at__lt=end_of(chosen.until))
    if chosen.specialty:
        rows = rows.filter(specialty__slug=chosen.specialty)
    if chosen.organization:
        rows = rows.filter(organization__slug=chosen.organization)
    return rows


def scoreboard(rows: "QuerySet[Outcome]", by: str) -> tuple[list[Row], Figures]:
    """The lines, in order of their name, and the figures of all together. Two queries, however many rows."""
    key, name = (month_expression(), month_expression()) if by == "month" else map(F, _COLUMNS[by])
    grouped = rows.annotate(key=key, name=name).order_by("name", "key").values("key", "name")
    lines = (dict(line) for line in grouped.annotate(**_AGGREGATES)[:MOST_ROWS])
    shown = [Row(str(line["key"]), str(line["name"]), _figures(line)) for line in lines]
    return shown, totals(rows)


def totals(rows: "QuerySet[Outcome]") -> Figures:
    return _figures(rows.aggregate(**_AGGREGATES))


def month_expression() -> Func:
    """The month of an answer, as the database works it out."""
    local = Func(Value(NETWORK.key), "answered_at", function="timezone", output_field=DateTimeField())
    return Func(local, Value("YYYY-MM"), function="to_char", output_field=CharField())


_SURVEY = "consult__close_out"
_THOUGHT_OF = [CloseOut.Referral.AVOIDED, CloseOut.Referral.STILL_NEEDED]


def _of(column: str, share: float) -> Percentile:
    return Percentile(F(column), share, FloatField())


def _count(**where: Any) -> Count:
    return Count("pk", filter=Q(**where))


_AGGREGATES: dict[str, Any] = {
    "n_": Count("pk"),
    "median_hours_": _of("elapsed_seconds", 0.5),
    "p90_hours_": _of("elapsed_seconds", 0.9),
    "median_counted_hours_": _of("counted_seconds", 0.5),
    "p90_counted_hours_": _of("counted_seconds", 0.9),
    "median_taken_hours_": _of("taken_seconds", 0.5),
    "on_time_": _count(is_late=False),
    "without_asking_": _count(asked_back=False),
    "minutes_n_": Count("answer__minutes"),
    "minutes_": Sum("answer__minutes"),
    "mean_minutes_": Avg("answer__minutes"),
    "surveys_": Count(_SURVEY),
    "confirmed_": _count(**{f"{_SURVEY}__course": CloseOut.Course.CONFIRMED}),
    "new_": _count(**{f"{_SURVEY}__course": CloseOut.Course.NEW}),
    "not_useful_": _count(**{f"{_SURVEY}__course": CloseOut.Course.NOT_USEFUL}),
    "contemplated_": _count(**{f"{_SURVEY}__referral__in": _THOUGHT_OF}),
    "avoided_": _count(**{f"{_SURVEY}__referral": CloseOut.Referral.AVOIDED}),
}


def _figures(line: dict[str, Any]) -> Figures:
    values = {field.name: line[f"{field.name}_"] for field in fields(Figures)}
    for name, value in values.items():
        if name.endswith("_hours") and value is not None:
            values[name] = value / 3600
    return Figures(**values)


def choices(person: Person) -> tuple[Iterable[Specialty], Iterable[Organization]]:
    """What the figures may be narrowed to: specialties, and organizations the person has figures of."""
    actor = person.actor
    specialties, places = Specialty.objects.all(), Organization.objects.all()
    if actor.is_network_administrator or actor.is_auditor:
        return specialties, places
    if not actor.specialist_in:
        return specialties, places.filter(pk__in=actor.administrator_of)
    seen = Outcome.objects.visible_to(person).values("organization").distinct()
    mine = specialties if actor.administrator_of else specialties.filter(pk__in=actor.specialist_in)
    return mine, places.filter(pk__in=seen)


def this_month(person: Person, now: datetime) -> Figures:
    """The figures of the running month, of all that the person sees."""
    month = month_of(now)
    return totals(chosen_rows(person, Chosen("month", month, month)))
