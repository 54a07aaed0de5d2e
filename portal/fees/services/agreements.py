"""Agreements: signed at a frozen price, changed from a day on, ended early. What was billed is put right at once."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypedDict, Unpack

from django.db import transaction

from portal.common.refusals import Conflict, Invalid
from portal.fees.models import Agreement, CreditNote, PlanVersion, Terms
from portal.fees.money import WHOLE
from portal.fees.proration import Stretch
from portal.fees.services import base, rebilling
from portal.members.models import Organization, Person
from portal.members.services import membership


@dataclass(frozen=True)
class Deal:
    """What terms are made of."""

    version: PlanVersion
    tier: str
    facilities: int
    clinicians: int
    discount_points: int


@dataclass(frozen=True)
class Days:
    """From when until when, and how it is billed."""

    term: Stretch
    cycle: int
    days_to_pay: int
    draft_days: int


class Changes(TypedDict, total=False):
    """What may change within a term; what is not named stays."""

    version: PlanVersion
    tier: str
    facilities: int
    clinicians: int
    discount_points: int


@transaction.atomic
def sign(
    *,
    by: Person,
    organization: Organization,
    version: PlanVersion,
    starts_on: date,
    until: date,
    cycle: int,
    facilities: int,
    clinicians: int,
    at: datetime,
    days_to_pay: int = 30,
    draft_days: int = 3,
    discount_points: int | None = None,
) -> Agreement:
    """An agreement from ``starts_on``, up to and without ``until``, billed every ``cycle`` months in advance.

    The discount is the plan's unless another is agreed. The first one makes a joining organization an active member.
    Raises Invalid, Conflict where another agreement of the organization has a day of the term, the plan is withdrawn
    or the membership has ended, Refused.
    """
    base.require(by)
    offered(version)
    discount = version.discount_points if discount_points is None else discount_points
    deal = Deal(version, str(organization.tier), facilities, clinicians, discount)
    agreement = make(organization, deal, Days(Stretch(starts_on, until), cycle, days_to_pay, draft_days), by=by, at=at)
    base.record(agreement.account, by=by, action="sign", kind="agreement", pk=agreement.pk, plan_version=version.pk)
    return agreement


def make(organization: Organization, deal: Deal, days: Days, *, by: Person, at: datetime) -> Agreement:
    """The row and its first terms, for a service that has seen who may. Raises Invalid, Conflict as ``sign``."""
    if days.term.until <= days.term.start:
        raise Invalid(until="The end comes after the beginning.")
    if days.cycle not in Agreement.Cycle.values:
        raise Invalid(cycle="Bill every month, every quarter or every year.")
    account = base.account_of(organization, deal.version.currency)
    others = list(Agreement.objects.filter(account__organization=organization))
    if any(days.term.meet(other.term) for other in others):
        raise Conflict("Another agreement of this organization covers some of these days.")
    agreement = Agreement.objects.create(
        account=account,
        starts_on=days.term.start,
        until=days.term.until,
        cycle=days.cycle,
        days_to_pay=days.days_to_pay,
        draft_days=days.draft_days,
        made_by=by,
        made_at=at,
    )
    _add_terms(agreement, deal, by=by, on=days.term.start, at=at)
    membership.agreement_signed(organization, by=by, is_first=not others, at=at)
    return agreement


@transaction.atomic
def change(
    agreement: Agreement, *, by: Person, on: date, at: datetime, **changes: Unpack[Changes]
) -> tuple[Terms, list[CreditNote]]:
    """Other terms from the day ``on``. What was billed beyond it is credited to the day, and billed anew as a draft.

    Returns the new terms and the credit notes. Raises Conflict for a day outside the term or before an earlier change,
    Invalid where nothing changes or the currency would, Refused.
    """
    base.require(by)
    row = _lock(agreement)
    last = list(row.terms.select_related("version__plan"))[-1]
    if not last.starts_on <= on < row.term.until:
        raise Conflict("Choose a day of the term that is not before the last change.")
    before = Deal(last.version, last.tier, last.facilities, last.clinicians, last.discount_points)
    after = replace(before, **changes)
    if after == before:
        raise Invalid(changes="Nothing would change.")
    if after.version.currency != row.account.currency:
        raise Invalid(version="A plan in another currency needs another agreement.")
    if after.version != before.version:
        offered(after.version)
    terms = _add_terms(row, after, by=by, on=on, at=at)
    notes = rebilling.put_right(row, on=on, kind=CreditNote.Kind.CHANGE, by=by, at=at)
    base.record(row.account, by=by, action="change", kind="agreement", pk=row.pk, terms=terms.pk)
    return terms, notes


@transaction.atomic
def end(agreement: Agreement, *, by: Person, on: date, reason: str, at: datetime) -> list[CreditNote]:
    """End an agreement early: ``on`` is the first day without it. What was billed beyond it is credited to the day.

    Raises Conflict for a day outside the term or before a change, Invalid without a reason, Refused.
    """
    base.require(by)
    row = _lock(agreement)
    last = list(row.terms.all())[-1]
    if row.ended_on or not last.starts_on <= on < row.until:
        raise Conflict("It has ended, or this is no day of its term after the last change.")
    row.ended_on, row.ended_because = on, base.reason_of(reason)
    row.save(update_fields=["ended_on", "ended_because"])
    notes = rebilling.put_right(row, on=on, kind=CreditNote.Kind.ENDING, by=by, at=at)
    base.record(row.account, by=by, action="end", kind="agreement", pk=row.pk)
    return notes


def _lock(agreement: Agreement) -> Agreement:
    """The agreement as it is now, under its account's lock."""
    account = base.lock(agreement.account)
    row = Agreement.objects.get(pk=agreement.pk)
    row.account = account
    return row


def offered(version: PlanVersion) -> None:
    """Raise Conflict where the plan is withdrawn."""
    if version.plan.withdrawn_at:
        raise Conflict(f"The plan “{version.plan}” is withdrawn: no new agreement gets it.")


def check(deal: Deal) -> None:
    """Raise Invalid for terms that no agreement can have."""
    if deal.tier not in Organization.Tier.values:
        raise Invalid(tier="There is no such tier.")
    if min(deal.facilities, deal.clinicians) < 0:
        raise Invalid(facilities="Give a number of facilities and of clinicians, nought or more.")
    if not 0 <= deal.discount_points <= WHOLE:
        raise Invalid(discount_points="A discount is between nothing and all of it.")
    try:
        deal.version.terms(deal.tier, deal.discount_points).band(deal.clinicians)
    except ValueError as error:
        raise Invalid(clinicians=str(error)) from error


def _add_terms(agreement: Agreement, deal: Deal, *, by: Person, on: date, at: datetime) -> Terms:
    check(deal)
    return Terms.objects.create(
        agreement=agreement,
        version=deal.version,
        tier=deal.tier,
        facilities=deal.facilities,
        clinicians=deal.clinicians,
        discount_points=deal.discount_points,
        starts_on=on,
        made_by=by,
        made_at=at,
    )
