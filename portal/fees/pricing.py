"""What a plan costs: the lines of an invoice from a plan's terms, an organization's size and what was used. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from portal.fees import money
from portal.fees.proration import Period, Stretch, of_period, of_year


class Kind(Enum):
    """What a line of an invoice is for."""

    DUES = "dues"
    FACILITIES = "facilities"
    CLINICIANS = "clinicians"
    CONSULTS = "consults"
    CALLS = "calls"
    HOURS = "hours"

    @property
    def is_usage(self) -> bool:
        """Billed afterwards, by what was used beyond what is included; never prorated."""
        return self in USAGE


USAGE = (Kind.CONSULTS, Kind.CALLS, Kind.HOURS)
NAMES = {Kind.CONSULTS: "Consults", Kind.CALLS: "Calls", Kind.HOURS: "Consulting hours"}


@dataclass(frozen=True)
class Band:
    """A price for the whole organization while it has at most so many clinicians; without a number, any."""

    up_to: int | None
    cents: int


@dataclass(frozen=True)
class Usage:
    """How much was used, or is included, of what is counted."""

    consults: int = 0
    calls: int = 0
    hours: Decimal = Decimal(0)

    def of(self, kind: Kind) -> Decimal:
        return {
            Kind.CONSULTS: Decimal(self.consults),
            Kind.CALLS: Decimal(self.calls),
            Kind.HOURS: Decimal(self.hours),
        }[kind]

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.consults + other.consults, self.calls + other.calls, self.hours + other.hours)


@dataclass(frozen=True)
class Terms:
    """A plan at one version, as one organization has it. Prices are for a year; those of usage, for each beyond."""

    currency: str
    dues_cents: int
    facility_cents: int
    bands: tuple[Band, ...]
    included: Usage
    consult_cents: int
    call_cents: int
    hour_cents: int
    discount_points: int
    tax_points: int

    def band(self, clinicians: int) -> Band:
        """The first band that holds so many. Raises ValueError where the plan is for fewer."""
        for band in self.bands:
            if band.up_to is None or clinicians <= band.up_to:
                return band
        raise ValueError(f"The plan has no price for {clinicians} clinicians.")

    def each(self, kind: Kind) -> int:
        return {Kind.CONSULTS: self.consult_cents, Kind.CALLS: self.call_cents, Kind.HOURS: self.hour_cents}[kind]


@dataclass(frozen=True)
class Size:
    """What an organization pays for: its places and its clinicians."""

    facilities: int
    clinicians: int


@dataclass(frozen=True)
class Line:
    """One line. ``cents`` is what it comes to after the discount; ``whole_cents`` the same for the whole period."""

    kind: Kind
    text: str
    quantity: Decimal
    unit_cents: int
    """Of a year; of one, for usage. Before the discount."""
    whole_cents: int
    discount_cents: int
    """What was taken off, within these days."""
    cents: int
    tax_points: int
    tax_cents: int
    days: Stretch


def recurring(terms: Terms, size: Size, whole: Period, days: Stretch) -> Iterator[Line]:
    """The dues for some days of a period: base, facilities, clinicians. What costs nothing has no line."""
    band = terms.band(size.clinicians)
    reach = f"up to {band.up_to:,}" if band.up_to is not None else "any number"
    places = "facility" if size.facilities == 1 else "facilities"
    yield from _prorated(terms, Kind.DUES, "Network dues", 1, terms.dues_cents, whole, days)
    text = f"Dues for {size.facilities:,} {places}"
    yield from _prorated(terms, Kind.FACILITIES, text, size.facilities, terms.facility_cents, whole, days)
    text = f"Dues for clinicians ({reach}; {size.clinicians:,} on the day)"
    yield from _prorated(terms, Kind.CLINICIANS, text, 1, band.cents, whole, days)


def _prorated(
    terms: Terms, kind: Kind, text: str, quantity: int, unit: int, whole: Period, days: Stretch
) -> Iterator[Line]:
    listed = of_year(quantity * unit, whole)
    if not listed:
        return
    price = listed - money.points(listed, terms.discount_points)
    cents = of_period(price, days, whole.stretch)
    if days != whole.stretch:
        text += f", {days.days} of {whole.stretch.days} days"
    yield Line(
        kind=kind,
        text=text,
        quantity=Decimal(quantity),
        unit_cents=unit,
        whole_cents=price,
        discount_cents=of_period(listed, days, whole.stretch) - cents,
        cents=cents,
        tax_points=terms.tax_points,
        tax_cents=money.points(cents, terms.tax_points),
        days=days,
    )


def beyond(included: Decimal, before: Decimal, now: Decimal) -> Decimal:
    """How much of what was used now is beyond what a year includes, when ``before`` was used earlier in that year."""
    return max(before + now - included, Decimal(0)) - max(before - included, Decimal(0))


def usage(terms: Terms, before: Usage, now: Usage, days: Stretch) -> Iterator[Line]:
    """What was used beyond what is included, at the plan's prices; discounts are for dues."""
    for kind in USAGE:
        more, each = beyond(terms.included.of(kind), before.of(kind), now.of(kind)), terms.each(kind)
        cents = money.times(more, each)
        if not cents:
            continue
        yield Line(
            kind=kind,
            text=f"{NAMES[kind]} beyond the {terms.included.of(kind):f} included in a year",
            quantity=more,
            unit_cents=each,
            whole_cents=cents,
            discount_cents=0,
            cents=cents,
            tax_points=terms.tax_points,
            tax_cents=money.points(cents, terms.tax_points),
            days=days,
        )


def taken_back(cents: int, tax_cents: int, before: int, now: int) -> int:
    """The tax that goes back with ``now`` cents of a line, when ``before`` cents of it went back earlier.

    Credits that take back all of a line take back all of its tax to the cent, in however many steps.
    """
    return money.between(tax_cents, before, before + now, cents)
