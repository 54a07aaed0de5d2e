"""Agreements, invoices and payments of the demonstration network, through the services, up to now."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from portal.common import tenancy
from portal.common.models import Mail
from portal.fees.demonstration_more import load_more, load_offers
from portal.fees.models import Account, Agreement, PlanVersion
from portal.fees.pricing import Usage
from portal.fees.proration import after_months
from portal.fees.services import agreements, invoicing, paying, plans, reminding, standing
from portal.members.models import Organization, Person, Role

MONTHS = 4
"""How long ago the agreements began."""

GROWS = 2
"""The period in which they grow."""

TERM = {"prairie-health": MONTHS + 3, "lakeside-family-practice": 12}
"""In months: the first one ends soon and is offered another."""

PAYS = {"prairie-health": MONTHS + 1, "lakeside-family-practice": 2}
"""How many of its invoices each organization has paid: the second one owes."""


def load_fees() -> None:
    """A plan, an agreement of each demonstration organization, and what it was billed and paid. Once."""
    with tenancy.everything(), transaction.atomic():
        by = Person.objects.filter(is_demonstration=True, roles__name=Role.Name.NETWORK_ADMINISTRATOR).first()
        if by is None or Account.objects.exists():
            return
        mails = set(Mail.objects.values_list("pk", flat=True))
        start = after_months(timezone.localdate().replace(day=1), -MONTHS)
        version = _plan(by, _noon(start))
        signed = [_sign(by, row, version, start) for row in Organization.objects.filter(slug__in=PAYS)]
        for number in range(MONTHS + 1):
            for agreement in signed:
                _month(by, agreement, number)
            for agreement in signed if number == GROWS else ():
                _grow(by, agreement, number)
        load_more(by, version, _paid_up(signed), MONTHS + 1, at=timezone.now())
        load_offers(by, min(signed, key=lambda row: row.until), at=timezone.now())
        for agreement in signed:
            standing.review(agreement.account, at=timezone.now())
            if PAYS[agreement.account.organization.slug] <= MONTHS:
                _extend(by, agreement.account)
        _remind(signed)
        Mail.objects.exclude(pk__in=mails).delete()  # nothing is mailed for what is past


def _paid_up(signed: list[Agreement]) -> Agreement:
    return max(signed, key=lambda agreement: PAYS[agreement.account.organization.slug])


def _plan(by: Person, at: datetime) -> PlanVersion:
    return plans.define_plan(
        by=by,
        at=at,
        name="Network membership",
        currency="USD",
        dues={"member": 24_000_00, "regional": 12_000_00},
        facility_cents=1_200_00,
        bands=[(25, 6_000_00), (100, 15_000_00), (None, 30_000_00)],
        included=Usage(120, 40, Decimal(20)),
        consult_cents=140_00,
        call_cents=90_00,
        hour_cents=220_00,
    )


def _sign(by: Person, organization: Organization, version: PlanVersion, start: date) -> Agreement:
    return agreements.sign(
        by=by,
        organization=organization,
        version=version,
        starts_on=start,
        until=after_months(start, TERM[organization.slug]),
        cycle=Agreement.Cycle.MONTHLY,
        facilities=organization.facilities.count(),
        clinicians=20,
        at=_noon(start),
    )


def _month(by: Person, agreement: Agreement, number: int) -> None:
    first = agreement.period(number).stretch.start
    if draft := invoicing.draft_period(agreement, by=by, number=number, at=_noon(first)):
        _pay(by, invoicing.finalize(draft, by=by, at=_noon(first)).total_cents, agreement, number, first)


def _grow(by: Person, agreement: Agreement, number: int) -> None:
    """More clinicians from the eleventh of the month on."""
    day = agreement.period(number).stretch.start + timedelta(days=10)
    agreements.change(agreement, by=by, on=day, clinicians=40, at=_noon(day))
    for draft in agreement.invoices.drafts():
        invoicing.finalize(draft, by=by, at=_noon(day))


def _pay(by: Person, cents: int, agreement: Agreement, number: int, first: date) -> None:
    day = first + timedelta(days=9)
    if number >= PAYS[agreement.account.organization.slug] or day >= timezone.localdate():
        return
    paying.record_payment(agreement.account, by=by, cents=cents, received_on=day, method="bank", at=_noon(day))


def _extend(by: Person, account: Account) -> None:
    """More time for the one that owes, so that its clinicians can ask while somebody looks around."""
    until, reason = timezone.localdate() + timedelta(days=60), "Payment is promised for the new year (demonstration)"
    standing.extend(account, by=by, until=until, reason=reason, at=timezone.now())
    standing.review(account, at=timezone.now())


def _remind(signed: Iterable[Agreement]) -> None:
    """The letters of every day since the agreements began."""
    for agreement in signed:
        last = timezone.localdate()
        for days in range((last - agreement.starts_on).days, -1, -5):
            reminding.send_due_of(agreement.account, at=_noon(last - timedelta(days=days)))


def _noon(day: date) -> datetime:
    """Noon in Chicago, near enough; never later than now."""
    return min(datetime.combine(day, time(18), UTC), timezone.now())
