"""Offers to renew in the words of their pages: what a year costs beside the one before, and what happened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.fees import presenting, presenting_plans, renewing
from portal.fees.models import Agreement, Renewal, Terms
from portal.fees.presenting_plans import Fact
from portal.fees.proration import after_months
from portal.members.models import Person

TONES = {"offered": "attention", "accepted": "good", "declined": "late", "lapsed": "late"}


@dataclass(frozen=True)
class Happened:
    at: datetime
    what: str
    why: str = ""


def ending(person: Person, today: Any, months: int) -> "QuerySet[Agreement]":
    """Agreements one may see that end within so many months and that nothing follows, the soonest first.

    Each says whether an offer is ``open`` (or drafted, for who may see drafts).
    """
    later = Agreement.objects.filter(
        account__organization=OuterRef("account__organization"), starts_on__gte=OuterRef("until")
    )
    offers = Renewal.objects.visible_to(person).filter(agreement=OuterRef("pk"))
    rows = Agreement.objects.visible_to(person).filter(
        Q(ended_on=None), until__gt=today, until__lte=after_months(today, months)
    )
    return (
        rows.filter(~Exists(later))
        .annotate(is_offered=Exists(offers.filter(state__in=["draft", "offered"])))
        .select_related("account__organization")
        .order_by("until", "pk")
    )


def last_terms(row: Renewal) -> Terms:
    """What holds at the end of the agreement that it follows."""
    return list(row.agreement.terms.select_related("version__plan"))[-1]


def costs(row: Renewal, now: Terms) -> list[renewing.Beside]:
    """Each part of a year's price, now and as offered."""
    return renewing.beside(renewing.Side(now.prices, now.size), renewing.Side(row.prices, row.size))


def facts(row: Renewal, now: Terms) -> list[Fact]:
    """What is agreed now beside what is offered; then what the plans' versions say differently."""
    old = row.agreement
    found = [
        Fact("Term", presenting.stretch(old.term), presenting.stretch(row.term)),
        Fact("Plan", str(now.version), str(row.version)),
        Fact("Tier", now.get_tier_display(), row.get_tier_display()),
        Fact("Facilities", f"{now.facilities:,}", f"{row.facilities:,}"),
        Fact("Clinicians", f"{now.clinicians:,}", f"{row.clinicians:,}"),
        Fact("Discount on dues", f"{now.discount_points / 100:g} %", f"{row.discount_points / 100:g} %"),
        Fact("Billed", old.get_cycle_display(), row.get_cycle_display()),
        Fact("Days to pay", str(old.days_to_pay), str(row.days_to_pay)),
    ]
    own = {"Discount on dues"}
    plans = presenting_plans.compared(now.version, row.version)
    return found + [fact for fact in plans if fact.differs and fact.name not in own]


def history(row: Renewal, person: Person) -> list[Happened]:
    """The newest first. Who drafted it is the network's own affair."""
    found = []
    if person.actor.is_network_administrator or person.actor.is_auditor:
        found.append(Happened(row.drafted_at, f"Drafted by {row.drafted_by.name}"))
    if row.offered_at and row.offered_by:
        told = (
            f"Told: {', '.join(row.offered_to)}." if row.offered_to else "Nobody was told: there is no administrator."
        )
        found.append(Happened(row.offered_at, f"Offered by {row.offered_by.name}", told))
    for one in row.reminders.all():
        what = f"Reminded, {one.days_before} days before the end, due {one.due_on.day} {one.due_on:%B %Y}"
        found.append(Happened(one.sent_at, what, f"Told: {', '.join(one.sent_to)}." if one.sent_to else ""))
    if row.ended_at:
        by = f" by {row.signed_name or row.ended_by.name}" if row.ended_by else ""
        found.append(Happened(row.ended_at, f"{row.get_state_display()}{by}", row.reason or f"“{row.sentence}”"))
    return sorted(found, key=lambda one: one.at, reverse=True)
