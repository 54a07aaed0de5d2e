"""Offers of a next agreement: drafted, offered, and accepted or declined by the organization, or withdrawn.

Under the account's lock, so that of an acceptance and a withdrawal at once one finds the other done.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from portal.common.refusals import Conflict, Invalid, Refused
from portal.fees import renewing
from portal.fees.models import Account, Agreement, PlanVersion, Renewal
from portal.fees.proration import Stretch
from portal.fees.services import agreements, base, renewal_telling
from portal.members.models import Person

LONGEST_NAME = 120


@dataclass(frozen=True)
class Terms:
    """What is offered, from the day on which the agreement ends."""

    version: PlanVersion
    until: date
    cycle: int
    facilities: int
    clinicians: int
    discount_points: int | None = None
    """The plan's own where none is given."""
    days_to_pay: int = 30
    draft_days: int = 3


@transaction.atomic
def draft(agreement: Agreement, *, by: Person, terms: Terms, at: datetime) -> Renewal:
    """An offer that only the network sees yet; an earlier draft for the same agreement becomes this one.

    Raises Conflict where the agreement is over, too far from its end, or followed already, or the plan is withdrawn;
    Invalid for terms that no agreement can have; Refused.
    """
    base.require(by)
    account, row = _locked(agreement)
    _renewable(account, row, at)
    if row.renewals.waiting().exists():
        raise Conflict("An offer is open already. Withdraw it to make another.")
    agreements.offered(terms.version)
    tier = str(account.organization.tier)
    discount = terms.version.discount_points if terms.discount_points is None else terms.discount_points
    agreements.check(agreements.Deal(terms.version, tier, terms.facilities, terms.clinicians, discount))
    _check(terms, row, account)
    values = {
        "account": account,
        "starts_on": row.until,
        "until": terms.until,
        "version": terms.version,
        "tier": tier,
        "facilities": terms.facilities,
        "clinicians": terms.clinicians,
        "discount_points": discount,
        "cycle": terms.cycle,
        "days_to_pay": terms.days_to_pay,
        "draft_days": terms.draft_days,
        "drafted_by": by,
        "drafted_at": at,
    }
    made, _ = Renewal.objects.update_or_create(agreement=row, state=Renewal.State.DRAFT, defaults=values)
    base.record(account, by=by, action="renewal.draft", kind="renewal", pk=made.pk, agreement=row.pk)
    return made


@transaction.atomic
def offer(renewal: Renewal, *, by: Person, at: datetime) -> Renewal:
    """Freeze the draft and tell the organization's administrators. Raises Conflict, Refused."""
    base.require(by)
    account, row = _lock(renewal)
    if row.state != Renewal.State.DRAFT:
        raise Conflict("Only a draft is offered.")
    _renewable(account, row.agreement, at)
    agreements.offered(row.version)
    people = renewal_telling.offered(row)
    row.state, row.offered_by, row.offered_at = Renewal.State.OFFERED, by, at
    row.offered_to = [person.name for person in people]
    row.save(update_fields=["state", "offered_by", "offered_at", "offered_to"])
    base.record(account, by=by, action="renewal.offer", kind="renewal", pk=row.pk)
    return row


@transaction.atomic
def withdraw(renewal: Renewal, *, by: Person, reason: str, at: datetime) -> Renewal:
    """Take a draft or an open offer back; who was offered it is told. Raises Conflict, Invalid, Refused."""
    base.require(by)
    account, row = _lock(renewal)
    if row.state not in (Renewal.State.DRAFT, Renewal.State.OFFERED):
        raise Conflict(_ended(row))
    _end(row, Renewal.State.WITHDRAWN, by=by, reason=base.reason_of(reason), at=at)
    if row.offered_at:
        renewal_telling.withdrawn(row)
    base.record(account, by=by, action="renewal.withdraw", kind="renewal", pk=row.pk)
    return row


@transaction.atomic
def accept(renewal: Renewal, *, by: Person, name: str, sentence: str, at: datetime) -> Agreement:
    """Sign the next agreement as it was offered. ``sentence`` is what was read: it must be what the offer says.

    For administrators of the organization alone. Raises Conflict where the offer is not open any more or its agreement
    ended early, Invalid, Refused.
    """
    _own(renewal, by)
    account, row = _lock(renewal)
    if not row.is_open(at):
        raise Conflict(_ended(row))
    if row.agreement.term.until != row.starts_on:
        raise Conflict("The agreement that this would follow was ended early. Ask the network for another offer.")
    name = name.replace("\x00", "").strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(name=f"Write your full name, in at most {LONGEST_NAME} characters.")
    if sentence != sentence_of(row):
        raise Invalid(sentence="Agree to the sentence of this offer.")
    deal = agreements.Deal(row.version, row.tier, row.facilities, row.clinicians, row.discount_points)
    days = agreements.Days(Stretch(row.starts_on, row.until), row.cycle, row.days_to_pay, row.draft_days)
    made = agreements.make(account.organization, deal, days, by=by, at=at)
    row.made, row.signed_name, row.sentence = made, name, sentence
    _end(row, Renewal.State.ACCEPTED, by=by, at=at)
    renewal_telling.answered(row)
    base.record(account, by=by, action="renewal.accept", kind="renewal", pk=row.pk, agreement=made.pk)
    return made


@transaction.atomic
def decline(renewal: Renewal, *, by: Person, reason: str, at: datetime) -> Renewal:
    """Say no, and why. For administrators of the organization alone. Raises Conflict, Invalid, Refused."""
    _own(renewal, by)
    account, row = _lock(renewal)
    if not row.is_open(at):
        raise Conflict(_ended(row))
    _end(row, Renewal.State.DECLINED, by=by, reason=base.reason_of(reason), at=at)
    renewal_telling.answered(row)
    base.record(account, by=by, action="renewal.decline", kind="renewal", pk=row.pk)
    return row


def sentence_of(row: Renewal) -> str:
    """What whoever accepts the offer agrees to."""
    name, currency = row.account.organization.name, row.account.currency
    return renewing.sentence(name, row.term, str(row.version), year_of(row), currency, row.size)


def year_of(row: Renewal) -> int:
    """What a year of it comes to, with tax, in cents."""
    return renewing.of_a_year(renewing.Side(row.prices, row.size))["A year"]


def _check(terms: Terms, row: Agreement, account: Account) -> None:
    if terms.version.currency != account.currency:
        raise Invalid(version="A plan in another currency needs another agreement.")
    if terms.until <= row.until:
        raise Invalid(until="The end comes after the beginning.")
    if terms.cycle not in Agreement.Cycle.values:
        raise Invalid(cycle="Bill every month, every quarter or every year.")


def _own(renewal: Renewal, by: Person) -> None:
    if renewal.account.organization_id not in by.actor.administrator_of:
        raise Refused("Only administrators of the organization answer an offer to it.")


def _renewable(account: Account, row: Agreement, at: datetime) -> None:
    today = account.day(at)
    if row.ended_on or row.until <= today:
        raise Conflict("This agreement is over or was ended early. Sign a new one instead.")
    if today < (first := renewing.opens_on(row.until, settings.RENEWAL_MONTHS)):
        raise Conflict(f"It is too early: an offer can be made from {first.day} {first:%B %Y} on.")
    if Agreement.objects.filter(account__organization=account.organization_id, starts_on__gte=row.until).exists():
        raise Conflict("Another agreement follows this one already.")


def _ended(row: Renewal) -> str:
    """Why it is not open."""
    if row.state == Renewal.State.DRAFT:
        return "It was not offered yet."
    if row.state == Renewal.State.OFFERED:
        return "The offer has lapsed: the agreement that it would have followed is over."
    return f"The offer is not open any more: it is {row.get_state_display().lower()}."


def _end(row: Renewal, state: Renewal.State, *, by: Person, at: datetime, reason: str = "") -> None:
    row.state, row.ended_by, row.ended_at, row.reason = state, by, at, reason
    row.save(update_fields=["state", "ended_by", "ended_at", "reason", "made", "signed_name", "sentence"])


def _locked(agreement: Agreement) -> tuple[Account, Agreement]:
    account = base.lock(agreement.account)
    row = Agreement.objects.get(pk=agreement.pk)
    row.account = account
    return account, row


def _lock(renewal: Renewal) -> tuple[Account, Renewal]:
    """The offer as it is now, under its account's lock."""
    account = base.lock(renewal.account)
    row = Renewal.objects.select_related("agreement", "version__plan").get(pk=renewal.pk)
    row.account = account
    return account, row
