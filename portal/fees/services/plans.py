"""Plans and their versions, kept by administrators of the network."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from portal.common import audit
from portal.common.refusals import Conflict, Invalid
from portal.fees.models import Plan, PlanVersion
from portal.fees.money import CURRENCIES, WHOLE
from portal.fees.pricing import Usage
from portal.fees.services import base
from portal.members.models import Organization, Person

NOTHING = Usage()


@transaction.atomic
def define_plan(
    *,
    by: Person,
    name: str,
    currency: str,
    dues: Mapping[str, int],
    bands: Sequence[tuple[int | None, int]],
    at: datetime,
    facility_cents: int = 0,
    included: Usage = NOTHING,
    consult_cents: int = 0,
    call_cents: int = 0,
    hour_cents: int = 0,
    discount_points: int = 0,
    tax_name: str = "",
    tax_points: int = 0,
) -> PlanVersion:
    """The plan's next version, for agreements from now on. What was signed keeps the version it was signed with.

    Prices are in cents for a year, those of use for each beyond what is included. Raises Invalid for a tier without a
    price, bands that are not in order or do not end with one for any number, a share above the whole, Refused.
    """
    base.require(by)
    _check(currency, dues, bands, discount_points, tax_points)
    amounts = [*dues.values(), *(cents for _, cents in bands), facility_cents, consult_cents, call_cents, hour_cents]
    if min(amounts) < 0:
        raise Invalid(dues="No price is below nought; give a discount instead.")
    plan, _ = Plan.objects.get_or_create(name=name.strip(), defaults={"created_at": at})
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    version = PlanVersion.objects.create(
        plan=plan,
        number=(plan.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        currency=currency,
        dues=dict(dues),
        facility_cents=facility_cents,
        bands=[list(band) for band in bands],
        included_consults=included.consults,
        included_calls=included.calls,
        included_hours=included.hours,
        consult_cents=consult_cents,
        call_cents=call_cents,
        hour_cents=hour_cents,
        discount_points=discount_points,
        tax_name=tax_name,
        tax_points=tax_points,
        made_by=by,
        made_at=at,
    )
    audit.record(by=by, action="fees.plan", object_type="plan", object_id=plan.pk, version=version.number)
    return version


@transaction.atomic
def withdraw(plan: Plan, *, by: Person, at: datetime) -> Plan:
    """No new agreement gets it; those that have it keep it. Raises Conflict where it is withdrawn, Refused."""
    base.require(by)
    row = Plan.objects.select_for_update().get(pk=plan.pk)
    if row.withdrawn_at:
        raise Conflict("It is withdrawn already.")
    return _set_withdrawn(row, at, by=by, action="fees.plan.withdraw")


@transaction.atomic
def restore(plan: Plan, *, by: Person) -> Plan:
    """It may be signed again. Raises Conflict where it is not withdrawn, Refused."""
    base.require(by)
    row = Plan.objects.select_for_update().get(pk=plan.pk)
    if not row.withdrawn_at:
        raise Conflict("It is not withdrawn.")
    return _set_withdrawn(row, None, by=by, action="fees.plan.restore")


def _set_withdrawn(plan: Plan, at: datetime | None, *, by: Person, action: str) -> Plan:
    plan.withdrawn_at = at
    plan.save(update_fields=["withdrawn_at"])
    audit.record(by=by, action=action, object_type="plan", object_id=plan.pk)
    return plan


def _check(
    currency: str, dues: Mapping[str, int], bands: Sequence[tuple[int | None, int]], discount: int, tax: int
) -> None:
    if currency not in CURRENCIES:
        raise Invalid(currency=f"Choose one of {', '.join(CURRENCIES)}.")
    if set(dues) != set(Organization.Tier.values):
        raise Invalid(dues=f"Give a price for each tier: {', '.join(Organization.Tier.labels)}.")
    ends = [up_to for up_to, _ in bands[:-1]]
    if not bands or bands[-1][0] is not None or None in ends or ends != sorted(set(ends), key=lambda end: end or 0):
        raise Invalid(bands="Give the bands from the smallest, and a last one for any number of clinicians.")
    if not (0 <= discount <= WHOLE and 0 <= tax <= WHOLE):
        raise Invalid(discount_points="A share is between nothing and all of it.")
