"""What is known of each member: standing, dues, what is owed, what ends, what is used, when it was last active.

Reads only, in a fixed number of queries, however many members there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from consults import metering
from consults.models import Consult
from knowledge.models import Reading
from portal.fees import money
from portal.fees.models import Agreement, Invoice, StandingRecord, Terms
from portal.fees.pricing import Kind
from portal.fees.services.balances import with_open
from portal.members.models import Organization, Role

SOON = timedelta(days=90)
NEAR_PERCENT, ALL_PERCENT = 80, 100
AGES = {
    "current": "Not yet due",
    "1-30": "1–30 days",
    "31-60": "31–60 days",
    "61-90": "61–90 days",
    "90+": "over 90 days",
}
_UNTIL = ((0, "current"), (30, "1-30"), (60, "31-60"), (90, "61-90"))
_FROM_BEST = ["good", "reinstated", "grace", "suspended"]


@dataclass
class Money:
    """What a member pays and owes in one currency, in cents."""

    currency: str
    account: int
    dues: int = 0
    owed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AGES, 0))

    @property
    def all_owed(self) -> int:
        return sum(self.owed.values())

    @property
    def dues_words(self) -> str:
        return money.in_words(self.dues, self.currency)

    @property
    def owed_words(self) -> str:
        return money.in_words(self.all_owed, self.currency)


@dataclass(frozen=True)
class Used:
    """How much of one entitlement is used in the agreement's year so far."""

    included: Decimal
    used: Decimal

    @property
    def percent(self) -> int | None:
        """Whole percent, downwards; None where nothing is included."""
        return int(self.used / self.included * 100) if self.included else None

    @property
    def is_over(self) -> bool:
        return self.used > self.included

    @property
    def is_near(self) -> bool:
        return not self.is_over and (self.percent or 0) >= NEAR_PERCENT


@dataclass
class Member:
    """An organization's row. ``ends_on`` is the day after its term's last."""

    pk: int
    name: str
    slug: str
    tier: str
    since: datetime
    standing: str = "good"
    money: dict[str, Money] = field(default_factory=dict)
    ends_on: date | None = None
    agreement: int | None = None
    used: dict[Kind, Used] = field(default_factory=dict)
    signed_in: datetime | None = None
    read: datetime | None = None
    asked: datetime | None = None
    keys: set[str] = field(default_factory=set)

    @property
    def last_active(self) -> datetime | None:
        return max(filter(None, (self.signed_in, self.read, self.asked)), default=None)

    @property
    def most_used(self) -> int | None:
        return max((one.percent for one in self.used.values() if one.percent is not None), default=None)

    @property
    def is_over(self) -> bool:
        return any(one.is_over for one in self.used.values())

    def in_currency(self, currency: str, account: int) -> Money:
        return self.money.setdefault(currency, Money(currency, account))


def quiet_after() -> timedelta:
    return timedelta(days=settings.QUIET_DAYS)


def members(now: datetime) -> list[Member]:
    """Every active organization, by name."""
    places = Organization.objects.filter(deactivated_at=None).order_by("name")
    found = {row.pk: Member(row.pk, row.name, row.slug, row.get_tier_display(), row.created_at) for row in places}
    _standing(found)
    _owed(found, now)
    _agreements(found, now)
    _active(found)
    for member in found.values():
        member.keys = set(_keys(member, now))
    return list(found.values())


def _standing(found: dict[int, Member]) -> None:
    """The worst of its accounts."""
    newest = StandingRecord.objects.order_by("account_id", "-recorded_at", "-pk").distinct("account_id")
    for record in newest.select_related("account"):
        if member := found.get(record.account.organization_id):
            member.in_currency(record.account.currency, record.account_id)
            member.standing = max(member.standing, record.state, key=_FROM_BEST.index)


def _owed(found: dict[int, Member], now: datetime) -> None:
    for invoice in with_open(Invoice.objects.final()).select_related("account__organization"):
        member, open_ = found.get(invoice.account.organization_id), invoice.total_cents
        open_ -= invoice.paid + invoice.written_off
        if member and open_:
            days = (invoice.account.day(now) - invoice.due_on).days
            owed = member.in_currency(invoice.account.currency, invoice.account_id).owed
            owed[next((name for most, name in _UNTIL if days <= most), "90+")] += open_


def _agreements(found: dict[int, Member], now: datetime) -> None:
    """Dues of all that runs; use of the one that began last."""
    rows = Agreement.objects.running(now).select_related("account__organization").order_by("starts_on", "pk")
    for meter in metering.meters(rows.prefetch_related("terms__version__plan"), now):
        row = meter.agreement
        if member := found.get(row.account.organization_id):
            terms = [one for one in row.terms.all() if one.starts_on < meter.until]
            held = member.in_currency(row.account.currency, row.account_id)
            held.dues += _a_year(terms[-1]) if terms else 0
            member.agreement = row.pk
            member.used = {line.kind: Used(line.included, line.used) for line in meter.entitlements}
    ends = Agreement.objects.filter(ended_on=None).values("account__organization").order_by().annotate(end=Max("until"))
    for place, end in ends.values_list("account__organization", "end"):
        if place in found:
            found[place].ends_on = end


def _a_year(terms: Terms) -> int:
    prices, size = terms.prices, terms.size
    listed = prices.dues_cents + size.facilities * prices.facility_cents + prices.band(size.clinicians).cents
    return listed - money.points(listed, prices.discount_points)


def _active(found: dict[int, Member]) -> None:
    """When anybody of it last signed in, opened a document or sent a question."""
    people = Role.objects.exclude(organization=None).order_by().values("organization")
    read = Reading.objects.filter(person__roles__organization__isnull=False).order_by()
    sources: dict[str, Iterable[tuple[int, datetime | None]]] = {
        "signed_in": people.annotate(last=Max("person__last_login")).values_list("organization", "last"),
        "read": read.values("person__roles__organization")
        .annotate(last=Max("at"))
        .values_list("person__roles__organization", "last"),
        "asked": Consult.objects.order_by()
        .values("organization")
        .annotate(last=Max("submitted_at"))
        .values_list("organization", "last"),
    }
    for name, source in sources.items():
        for place, last in source:
            if place in found:
                setattr(found[place], name, last)


def _keys(member: Member, now: datetime) -> Iterable[str]:
    """Of which figures the member is a row."""
    yield f"standing-{member.standing}"
    yield f"tier-{member.tier}"
    for held in member.money.values():
        if held.dues:
            yield f"dues-{held.currency}"
        yield from (f"owed-{age}-{held.currency}" for age, cents in held.owed.items() if cents)
    today = timezone.localdate(now)
    if member.ends_on and today <= member.ends_on <= today + SOON:
        yield "renewal"
    if (member.last_active or member.since) < now - quiet_after():
        yield "quiet"
    yield from _keys_of_use(member)


def _keys_of_use(member: Member) -> Iterable[str]:
    for kind, one in member.used.items():
        if one.included or one.used:
            yield f"used-{kind.value}"
        if one.is_near:
            yield f"near-{kind.value}"
        if one.is_over:
            yield f"over-{kind.value}"
