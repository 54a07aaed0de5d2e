"""What counts as used under an agreement, and an organization's meter. Reads only, in a fixed number of queries.

The rules stand once, in ``RULES``, and are printed beside the figures. Days are those of the organization's time zone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import F

from consults.models import CallNote, ClockEvent, Consult, EngagementHours
from portal.fees import money, pricing
from portal.fees.models import Agreement, Terms
from portal.fees.pricing import USAGE, Kind, Usage
from portal.fees.proration import MONTHS, Stretch, after_months

RULES = {
    Kind.CONSULTS: "A consult counts once, on the day its clock first started. One that was withdrawn before any "
    "specialist had it, or that the network declined, does not count. Follow-up questions are part of it; a question "
    "first asked by phone is a call.",
    Kind.CALLS: "A call counts once, on the day its note was signed, if specialist and clinician spoke. A call about "
    "a consult that was open already is part of that consult.",
    Kind.HOURS: "Consulting hours count on the day they were worked, as entered on an engagement; corrections are "
    "entries of their own.",
}
BY_PHONE = "asked by phone"
"""Why the clock of a consult started that a call made."""

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Use:
    """Something that was used: how much of what, on which day where the organization is, by whom and from where."""

    organization: int
    kind: Kind
    day: date
    person: str
    email: str
    place: str
    amount: Decimal


def uses(places: Mapping[int, ZoneInfo], days: Stretch) -> list[Use]:
    """All that these organizations used in the days. Three queries, however many they are."""
    since, until = (datetime.combine(day, time(), UTC) for day in (days.start - _A_DAY, days.until + _A_DAY))
    starts = ClockEvent.objects.filter(
        kind=ClockEvent.Kind.START, cycle=1, at__gte=since, at__lt=until, consult__organization__in=places
    )
    starts = starts.exclude(why=BY_PHONE).exclude(consult__state=Consult.State.DECLINED)
    starts = starts.exclude(consult__state=Consult.State.WITHDRAWN, consult__assignments=None)
    notes = CallNote.objects.filter(
        is_addendum=False,
        outcome__in=CallNote.SPOKEN,
        signed_at__gte=since,
        signed_at__lt=until,
        call__organization__in=places,
        call__consult__submitted_at=F("call__requested_at"),
        call__consult__clock_events__cycle=1,
        call__consult__clock_events__kind=ClockEvent.Kind.START,
        call__consult__clock_events__why=BY_PHONE,
    )
    worked = EngagementHours.objects.filter(
        day__gte=days.start, day__lt=days.until, engagement__organization__in=places
    ).values_list("engagement__organization", "day", *_named("engagement__sponsor"), "hours")
    found = [
        Use(place, Kind.CONSULTS, at.astimezone(places[place]).date(), who, email, where or "", Decimal(1))
        for place, at, who, email, where in starts.values_list(
            "consult__organization", "at", *_named("consult__requester"), "consult__facility__name"
        )
    ]
    found += [
        Use(place, Kind.CALLS, at.astimezone(places[place]).date(), who, email, "", Decimal(1))
        for place, at, who, email in notes.values_list("call__organization", "signed_at", *_named("call__requester"))
    ]
    found += [Use(place, Kind.HOURS, day, who, email, "", hours) for place, day, who, email, hours in worked]
    return [use for use in found if days.start <= use.day < days.until]


def total(found: Iterable[Use], days: Stretch) -> dict[Kind, Decimal]:
    """How much of each was used in the days. Corrections may leave less than nothing."""
    sums = dict.fromkeys(USAGE, Decimal(0))
    for use in found:
        if days.start <= use.day < days.until:
            sums[use.kind] += use.amount
    return sums


def still(counted: Mapping[Kind, Decimal], recorded: Usage) -> Usage:
    """What is to be recorded now, when so much was counted since the year began and so much was recorded before.

    The difference of two running totals: what changed after its period was billed falls on the next. Never less than
    nothing; the rest waits for the period after.
    """
    left = {kind: max(counted[kind] - recorded.of(kind), Decimal(0)) for kind in USAGE}
    return Usage(int(left[Kind.CONSULTS]), int(left[Kind.CALLS]), left[Kind.HOURS])


def year_of(agreement: Agreement, number: int) -> Stretch:
    """The agreement's ``number``-th year, from nought, as far as its term reaches."""
    start, until = (after_months(agreement.starts_on, MONTHS * years) for years in (number, number + 1))
    return Stretch(start, min(until, agreement.term.until))


def year_on(agreement: Agreement, day: date) -> Stretch:
    """The agreement's year that has the day; the last one after it ended, the first one before it began."""
    number = 0
    while (year := year_of(agreement, number)).until <= day and year.until < agreement.term.until:
        number += 1
    return year


@dataclass(frozen=True)
class Entitlement:
    """One thing that an agreement includes, and how much of it is used in the year so far."""

    kind: Kind
    included: Decimal
    used: Decimal
    each_cents: int
    projected: Decimal
    """At this pace, by the year's end."""

    @property
    def left(self) -> Decimal:
        return max(self.included - self.used, Decimal(0))

    @property
    def beyond(self) -> Decimal:
        return max(self.used - self.included, Decimal(0))

    @property
    def beyond_cents(self) -> int:
        return money.times(self.beyond, self.each_cents)

    @property
    def projected_cents(self) -> int:
        return money.times(max(self.projected - self.included, Decimal(0)), self.each_cents)

    @property
    def share(self) -> Decimal | None:
        """Of what is included, how much is used; None where nothing is included."""
        return self.used / self.included if self.included else None

    @property
    def name(self) -> str:
        return pricing.NAMES[self.kind]

    @property
    def rule(self) -> str:
        return RULES[self.kind]


@dataclass(frozen=True)
class Meter:
    """An agreement's year so far: each entitlement, and who used it. ``until`` is the day after the last counted."""

    agreement: Agreement
    year: Stretch
    until: date
    entitlements: Sequence[Entitlement]
    uses: Sequence[Use]


def meters(agreements: Iterable[Agreement], at: datetime) -> list[Meter]:
    """The meter of each, up to and with the day of ``at``. A fixed number of queries, however many they are."""
    rows = list(agreements)
    if not rows:
        return []
    today = {row.pk: row.account.day(at) for row in rows}
    years = {row.pk: year_on(row, today[row.pk]) for row in rows}
    span = Stretch(min(year.start for year in years.values()), max(year.until for year in years.values()))
    found = uses({row.account.organization_id: row.account.zone for row in rows}, span)
    return [_meter(row, years[row.pk], today[row.pk], found) for row in rows]


def _meter(row: Agreement, year: Stretch, today: date, found: Iterable[Use]) -> Meter:
    until = min(max(today + _A_DAY, year.start), year.until)
    days = Stretch(year.start, until)
    mine = [use for use in found if use.organization == row.account.organization_id and _in(use.day, days)]
    sums, prices = total(mine, days), _terms_on(row, until).prices
    pace = Decimal(year.days) / Decimal(days.days or 1)
    lines = [
        Entitlement(
            kind,
            prices.included.of(kind),
            sums[kind],
            prices.each(kind),
            (sums[kind] * pace).quantize(Decimal("0.01") if kind is Kind.HOURS else Decimal(1)),
        )
        for kind in USAGE
    ]
    return Meter(row, year, until, lines, mine)


def _in(day: date, days: Stretch) -> bool:
    return days.start <= day < days.until


def _terms_on(row: Agreement, until: date) -> Terms:
    """The terms of the last of the days counted; the first where none has begun."""
    terms = list(row.terms.all())
    begun = [one for one in terms if one.starts_on < until]
    return (begun or terms[:1])[-1]


def _named(person: str) -> tuple[str, str]:
    """The columns that say who somebody is."""
    return f"{person}__name", f"{person}__email"


@dataclass(frozen=True)
class Share:
    """How much of each was used by one person, or from one place (which has no address)."""

    name: str
    email: str
    amounts: Mapping[Kind, Decimal]

    def plain(self) -> dict[str, object]:
        """The same with each amount under the name that REST and files have for it."""
        return {"name": self.name, "email": self.email} | {kind.value: self.amounts[kind] for kind in USAGE}


def by_person(found: Iterable[Use], kind: Kind | None = None) -> list[Share]:
    """By each person, by name; those who used some of ``kind`` alone, most of it first. Two of one name stay two."""
    shares = _shares((use.person, use.email, use) for use in found if kind in (None, use.kind))
    return sorted(shares, key=lambda share: -share.amounts[kind]) if kind else shares


def by_place(found: Iterable[Use]) -> list[Share]:
    return _shares((use.place, "", use) for use in found)


def _shares(found: Iterable[tuple[str, str, Use]]) -> list[Share]:
    sums: dict[tuple[str, str], dict[Kind, Decimal]] = {}
    for name, email, use in found:
        sums.setdefault((name, email), dict.fromkeys(USAGE, Decimal(0)))[use.kind] += use.amount
    return [Share(name, email, amounts) for (name, email), amounts in sorted(sums.items())]
