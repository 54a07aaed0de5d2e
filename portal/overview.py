"""The network's members at a glance: standing, dues, what is owed, what ends, what is used, who has gone quiet.

Above every app, like the editors' page. One row for each organization; each figure on the page leads to its rows. Reads
only, in a fixed number of queries. For administrators of the network, and its auditors.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consults import metering
from consults.models import Consult
from knowledge.models import Reading
from portal.fees import money
from portal.fees.models import Agreement, Invoice, StandingRecord, Terms
from portal.fees.services.balances import with_open
from portal.members.access import person_of, signed_in
from portal.members.models import Organization, Role
from portal.members.views.helpers import as_csv

SOON = timedelta(days=90)
QUIET = timedelta(days=30)
AGES = {
    "current": "Not yet due",
    "1-30": "1–30 days",
    "31-60": "31–60 days",
    "61-90": "61–90 days",
    "90+": "over 90 days",
}
_UNTIL = ((0, "current"), (30, "1-30"), (60, "31-60"), (90, "61-90"))
HEAD = (
    "organization",
    "tier",
    "standing",
    "currency",
    "dues a year in cents",
    *(f"owed in cents, {name}" for name in AGES.values()),
    "ends on",
    "most used, percent",
    "last active",
)


@dataclass
class Member:
    """An organization's row. Amounts are in cents of its currency; ``ends_on`` is the day after its term's last."""

    name: str
    slug: str
    tier: str
    standing: str = "good"
    currency: str = ""
    dues: int = 0
    owed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AGES, 0))
    ends_on: date | None = None
    most_used: int | None = None
    last_active: datetime | None = None
    keys: set[str] = field(default_factory=set)

    @property
    def dues_words(self) -> str:
        return money.in_words(self.dues, self.currency) if self.currency else ""

    @property
    def owed_words(self) -> str:
        return money.in_words(sum(self.owed.values()), self.currency) if self.currency else ""


@dataclass(frozen=True)
class Figure:
    """A number that leads to the rows with its key."""

    key: str
    name: str
    value: str


@signed_in
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The figures and the rows they are of; ``show`` narrows to one figure's, ``format`` makes a file."""
    actor = person_of(request).actor
    if not (actor.is_network_administrator or actor.is_auditor):
        raise PermissionDenied("The members at a glance are for administrators and auditors of the network.")
    now = timezone.now()
    everyone = members(now)
    found = figures(everyone)
    shown = next((row for row in found if row.key == request.GET.get("show")), None)
    rows = [row for row in everyone if shown is None or shown.key in row.keys]
    if request.GET.get("format") == "csv":
        return as_csv("members", HEAD, map(_cells, rows))
    if request.GET.get("format") == "json":
        response = JsonResponse({"members": [_plain(row) for row in rows]})
        response["Content-Disposition"] = 'attachment; filename="members.json"'
        return response
    context = {"figures": found, "shown": shown, "rows": rows, "soon": SOON.days, "quiet": QUIET.days}
    return render(request, "home/overview.html", context)


def members(now: datetime) -> list[Member]:
    """Every active organization, by name."""
    places = Organization.objects.filter(deactivated_at=None).order_by("name")
    found = {row.pk: Member(row.name, row.slug, row.get_tier_display()) for row in places}
    newest = StandingRecord.objects.order_by("account_id", "-recorded_at", "-pk").distinct("account_id")
    for record in newest.select_related("account"):
        if member := found.get(record.account.organization_id):
            member.standing, member.currency = record.state, record.account.currency
    _owed(found, now)
    _agreements(found, now)
    _active(found)
    for member in found.values():
        member.keys = set(_keys(member, now))
    return list(found.values())


def _owed(found: dict[int, Member], now: datetime) -> None:
    for invoice in with_open(Invoice.objects.final()).select_related("account__organization"):
        member, open_ = found.get(invoice.account.organization_id), invoice.total_cents
        open_ -= invoice.paid + invoice.written_off
        if member and open_:
            member.currency = invoice.account.currency
            days = (invoice.account.day(now) - invoice.due_on).days
            member.owed[next((name for most, name in _UNTIL if days <= most), "90+")] += open_


def _agreements(found: dict[int, Member], now: datetime) -> None:
    rows = Agreement.objects.running(now).select_related("account__organization")
    for meter in metering.meters(rows.prefetch_related("terms__version__plan"), now):
        row = meter.agreement
        if member := found.get(row.account.organization_id):
            terms = [one for one in row.terms.all() if one.starts_on < meter.until]
            member.currency, member.dues = row.account.currency, _a_year(terms[-1]) if terms else 0
            member.most_used = max((int(line.share * 100) for line in meter.entitlements if line.share), default=None)
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
    sources: list[Iterable[tuple[int, datetime | None]]] = [
        people.annotate(last=Max("person__last_login")).values_list("organization", "last"),
        read.values("person__roles__organization")
        .annotate(last=Max("at"))
        .values_list("person__roles__organization", "last"),
        Consult.objects.order_by()
        .values("organization")
        .annotate(last=Max("submitted_at"))
        .values_list("organization", "last"),
    ]
    for source in sources:
        for place, last in source:
            member = found.get(place)
            if member and last and (member.last_active is None or last > member.last_active):
                member.last_active = last


def _keys(member: Member, now: datetime) -> Iterable[str]:
    yield f"standing-{member.standing}"
    yield f"tier-{member.tier}"
    if member.dues:
        yield f"dues-{member.currency}"
    yield from (f"owed-{age}-{member.currency}" for age, cents in member.owed.items() if cents)
    today = timezone.localdate(now)
    if member.ends_on and today <= member.ends_on <= today + SOON:
        yield "renewal"
    if member.most_used is not None and member.most_used >= 80:
        yield "used"
    if member.last_active is None or member.last_active < now - QUIET:
        yield "quiet"


def figures(rows: list[Member]) -> list[Figure]:
    """Each number of the page. Amounts stand by currency, and are never added across them."""
    found = [_count(f"standing-{key}", f"In standing “{label}”", rows) for key, label in StandingRecord.State.choices]
    found += [_count(f"tier-{tier}", str(tier), rows) for tier in sorted({row.tier for row in rows})]
    for currency in sorted({row.currency for row in rows if row.currency}):
        mine = [row for row in rows if row.currency == currency]
        dues = money.in_words(sum(row.dues for row in mine), currency)
        found.append(Figure(f"dues-{currency}", f"Recurring dues a year, {currency}", dues))
        for age, name in AGES.items():
            owed = money.in_words(sum(row.owed[age] for row in mine), currency)
            found.append(Figure(f"owed-{age}-{currency}", f"Owed, {name[0].lower()}{name[1:]}, {currency}", owed))
    found.append(_count("renewal", f"End within {SOON.days} days", rows))
    found.append(_count("used", "Have used 80 % or more of something", rows))
    found.append(_count("quiet", f"Quiet for {QUIET.days} days", rows))
    return found


def _count(key: str, name: str, rows: list[Member]) -> Figure:
    return Figure(key, name, f"{sum(key in row.keys for row in rows):,}")


def _cells(row: Member) -> tuple[object, ...]:
    last = row.last_active.isoformat(timespec="seconds") if row.last_active else ""
    owed = (row.owed[age] for age in AGES)
    return (row.name, row.tier, row.standing, row.currency, row.dues, *owed, row.ends_on, row.most_used, last)


def _plain(row: Member) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "keys"}
