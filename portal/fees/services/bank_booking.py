"""What a person confirmed of the bank's lines is booked, each line once; the rest is matched by hand or set aside.

The lines are locked before the accounts, each in the order of their numbers, so that nothing waits in a circle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from portal.common import audit, tenancy
from portal.common.hints import wake_on_commit
from portal.common.refusals import Conflict, Invalid, Refused
from portal.fees.models import Account, BankLine, Invoice, Payment
from portal.fees.services import base, paying
from portal.fees.services.balances import open_cents
from portal.fees.services.bank_matching import match_again
from portal.members.models import Person

AT_ONCE = 25
"""So many lines are booked in the request that confirmed them; more by a worker."""


@dataclass
class Outcome:
    """``left``: lines that could not be booked as confirmed, with why."""

    booked: int = 0
    later: int = 0
    left: list[tuple[BankLine, str]] = field(default_factory=list)


@transaction.atomic
def confirm(lines: Sequence[int], *, by: Person, at: datetime) -> Outcome:
    """Book the suggestions of these lines, exactly as they were shown. What is booked already is left alone.

    Raises Refused.
    """
    base.require(by)
    rows = BankLine.objects.select_for_update(of=("self",)).filter(pk__in=lines, state=BankLine.State.WAITING)
    found = [row for row in rows.order_by("pk") if row.account_id]
    if not found:
        return Outcome()
    for row in found:
        row.state, row.settled_by, row.settled_at, row.reason = BankLine.State.CONFIRMED, by, at, ""
    BankLine.objects.bulk_update(found, ["state", "settled_by", "settled_at", "reason"])
    audit.record(by=by, action="fees.bank.confirm", object_type="bank line", object_id=found[0].pk, lines=len(found))
    if len(found) <= AT_ONCE:
        return _book([row.pk for row in found])
    wake_on_commit("portal.fees.tasks_bank.book_bank_lines")
    return Outcome(later=len(found))


def book_confirmed() -> int:
    """Book what was confirmed, some lines a transaction. Safe to run twice and at once."""
    booked = 0
    while True:
        with tenancy.everything():
            rows = BankLine.objects.filter(state=BankLine.State.CONFIRMED).order_by("pk")
            some = list(rows.values_list("pk", flat=True)[:AT_ONCE])
            if not some:
                return booked
            booked += _book(some).booked


@transaction.atomic
def match_by_hand(
    line: BankLine, *, by: Person, account: Account, pays: Mapping[Invoice, int], at: datetime
) -> BankLine:
    """Book a line that came in as a payment of an account; what its invoices leave stays as credit.

    Raises Conflict when it is booked already or is not money of this account's currency, Invalid for amounts that do
    not fit, Refused.
    """
    base.require(by)
    row = _locked(line)
    if row.cents < 0:
        raise Conflict("This line is money that went out.")
    if row.currency != account.currency:
        raise Conflict(f"This line is in {row.currency}, and the account in {account.currency}.")
    if sum(pays.values()) > row.cents:
        raise Invalid(pays="These come to more than the line.")
    row.settled_by, row.settled_at = by, at
    _pay(row, account, pays)
    return row


@transaction.atomic
def return_by_hand(line: BankLine, *, by: Person, payment: Payment, reason: str, at: datetime) -> BankLine:
    """Book a line that went out as the bank's taking back of a payment. Raises Conflict, Invalid, Refused."""
    base.require(by)
    row = _locked(line)
    if row.cents != -payment.cents or row.currency != payment.account.currency:
        raise Conflict("The bank takes back whole payments: choose one of this amount.")
    row.settled_by, row.settled_at = by, at
    _take_back(row, payment, base.reason_of(reason))
    return row


@transaction.atomic
def set_aside(line: BankLine, *, by: Person, reason: str, at: datetime) -> BankLine:
    """A line that is no organization's payment: the bank's fee, interest. Raises Conflict, Invalid, Refused."""
    base.require(by)
    row = _locked(line)
    row.state, row.reason, row.settled_by, row.settled_at = BankLine.State.ASIDE, base.reason_of(reason), by, at
    row.save()
    audit.record(by=by, action="fees.bank.aside", object_type="bank line", object_id=row.pk)
    return row


@transaction.atomic
def take_up(line: BankLine, *, by: Person) -> BankLine:
    """Put a line that was set aside back among those to be matched. Raises Conflict, Refused."""
    base.require(by)
    row = BankLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if row.state != BankLine.State.ASIDE:
        raise Conflict("This line is not set aside.")
    row.state, row.reason, row.settled_by, row.settled_at = BankLine.State.WAITING, "", None, None
    row.save()
    match_again(BankLine.objects.filter(pk=row.pk))
    audit.record(by=by, action="fees.bank.take up", object_type="bank line", object_id=row.pk)
    row.refresh_from_db()
    return row


def _locked(line: BankLine) -> BankLine:
    row = BankLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if row.state != BankLine.State.WAITING:
        raise Conflict("This line is settled already.")
    return row


@transaction.atomic
def _book(lines: Sequence[int]) -> Outcome:
    rows = BankLine.objects.select_for_update(of=("self",)).filter(pk__in=lines, state=BankLine.State.CONFIRMED)
    found, outcome = list(rows.select_related("settled_by", "undoes").order_by("pk")), Outcome()
    accounts = {pk: base.lock(Account(pk=pk)) for pk in sorted({row.account_id for row in found if row.account_id})}
    for row in found:
        account = accounts[row.account_id or 0]
        try:
            with transaction.atomic():
                _book_one(row, account)
            outcome.booked += 1
        except (Conflict, Invalid, Refused) as why:
            row.state, row.reason = BankLine.State.WAITING, str(why)[:300]
            row.payment = row.refund = row.settled_by = row.settled_at = None
            row.save()
            outcome.left.append((row, row.reason))
    match_again(BankLine.objects.filter(pk__in=[row.pk for row, _ in outcome.left]))
    return outcome


def _book_one(row: BankLine, account: Account) -> None:
    if row.undoes:
        _take_back(row, row.undoes, "Returned by the bank")
        return
    invoices = Invoice.objects.filter(account=account).in_bulk([int(pk) for pk in row.parts])
    pays = {invoices[int(pk)]: cents for pk, cents in row.parts.items()}
    if any(open_cents(invoice) < cents for invoice, cents in pays.items()):
        raise Conflict("What is open has changed since you looked. Look at the new suggestion.")
    _pay(row, account, pays)


def _pay(row: BankLine, account: Account, pays: Mapping[Invoice, int]) -> None:
    assert row.settled_by
    assert row.settled_at
    row.payment = paying.record_payment(
        account,
        by=row.settled_by,
        cents=row.cents,
        received_on=row.day,
        method=Payment.Method.BANK,
        reference=_reference(row, account),
        pays=pays,
        at=row.settled_at,
    )
    row.account = account
    _booked(row)


def _reference(row: BankLine, account: Account) -> str:
    """The bank's, under which a payment may have been recorded by hand already; some banks use one for many lines."""
    own = f"line {row.key[:32]}"
    taken = BankLine.objects.filter(account=account, reference=row.reference, payment__isnull=False)
    return own if not row.reference or taken.exclude(pk=row.pk).exists() else row.reference


def _take_back(row: BankLine, payment: Payment, reason: str) -> None:
    assert row.settled_by
    assert row.settled_at
    row.refund = paying.return_payment(payment, by=row.settled_by, reason=reason, at=row.settled_at)
    row.account, row.undoes = payment.account, payment
    _booked(row)


def _booked(row: BankLine) -> None:
    row.state, row.reason = BankLine.State.BOOKED, ""
    row.save()
    audit.record(
        by=row.settled_by or "bank",
        action="fees.bank.book",
        object_type="bank line",
        object_id=row.pk,
        organization_id=row.account.organization_id if row.account else None,
        cents=row.cents,
    )
