"""Renewals: what a year costs beside the one before, when an offer is brought to mind, what is agreed to. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.fees import pricing
from portal.fees.money import in_words
from portal.fees.proration import MONTHS, Stretch, after_months, period

NAMES = {
    pricing.Kind.DUES: "Network dues",
    pricing.Kind.FACILITIES: "Facilities",
    pricing.Kind.CLINICIANS: "Clinicians",
}


@dataclass(frozen=True)
class Beside:
    """One part of a year's price: what it is now, and what it would be, in cents."""

    name: str
    old: int
    new: int

    @property
    def more(self) -> int:
        return self.new - self.old


@dataclass(frozen=True)
class Side:
    """A plan as one organization has it, of so much size."""

    terms: pricing.Terms
    size: pricing.Size


@dataclass(frozen=True)
class Mark:
    """A day on which an open offer is brought to mind, so many days before the end."""

    days_before: int
    due_on: date


def of_a_year(side: Side) -> dict[str, int]:
    """What twelve months come to: each part after the discount, the tax, and all of it. Use beyond the plan is not."""
    whole = period(date(2001, 1, 1), MONTHS, 0)  # any year: a whole one is never prorated
    lines = {line.kind: line for line in pricing.recurring(side.terms, side.size, whole, whole.stretch)}
    parts = {name: lines[kind].cents if kind in lines else 0 for kind, name in NAMES.items()}
    tax = sum(line.tax_cents for line in lines.values())
    return {**parts, "Tax": tax, "A year": sum(parts.values()) + tax}


def beside(old: Side, new: Side) -> list[Beside]:
    """Every part of either year, the sum last."""
    before, after = of_a_year(old), of_a_year(new)
    rows = [Beside(name, before[name], after[name]) for name in after]
    return [row for row in rows if row.old or row.new or row.name == "A year"]


def opens_on(until: date, months: int) -> date:
    """The first day on which an agreement that lasts until then may be offered another."""
    return after_months(until, -months)


def marks(until: date, days: Sequence[int], *, offered_on: date) -> Iterator[Mark]:
    """The days of the reminders of an offer, the soonest first; none up to the day of the offer itself."""
    for before in sorted(set(days), reverse=True):
        due_on = until - timedelta(days=before)
        if due_on > offered_on:
            yield Mark(before, due_on)


def due(found: Sequence[Mark], today: date, *, last: int | None) -> Mark | None:
    """The newest one reached that is nearer to the end than the ``last`` one sent. Those slept through are let be."""
    reached = [mark for mark in found if mark.due_on <= today < mark.due_on + timedelta(days=mark.days_before)]
    if not reached:
        return None
    newest = reached[-1]
    return newest if last is None or newest.days_before < last else None


def sentence(organization: str, days: Stretch, plan: str, year_cents: int, currency: str, size: pricing.Size) -> str:
    """What an administrator of the organization agrees to, in one sentence."""
    places = "facility" if size.facilities == 1 else "facilities"
    people = "clinician" if size.clinicians == 1 else "clinicians"
    last = days.until - timedelta(days=1)
    return (
        f"On behalf of {organization} I accept this offer: {plan}, from {_day(days.start)} up to and with "
        f"{_day(last)}, at {in_words(year_cents, currency)} a year with tax for {size.facilities:,} {places} and "
        f"{size.clinicians:,} {people}, and what is used beyond the plan at the plan's prices."
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
