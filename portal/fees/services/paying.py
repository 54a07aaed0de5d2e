"""Payments and what they pay; refunds and write-offs. Nothing is changed: a mistake is undone by another row."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from portal.common.refusals import Conflict, Invalid
from portal.fees.models import Account, Allocation, CreditNote, Invoice, Payment, Refund, WriteOff
from portal.fees.money import in_words
from portal.fees.services import base, posting
from portal.fees.services.balances import Source, left_of, open_cents, open_invoices, sources
from portal.members.models import Person


@transaction.atomic
def record_payment(
    account: Account,
    *,
    by: Person | str,
    cents: int,
    received_on: date,
    method: str,
    at: datetime,
    reference: str = "",
    pays: Mapping[Invoice, int] | None = None,
) -> Payment:
    """Money came in. It pays the invoices named, or else the first due first; what is left stays as credit.

    Raises Invalid for an amount that is none or an invoice that takes less, Conflict when the reference was recorded
    before, Refused.
    """
    base.require(by)
    account = base.lock(account)
    if received_on > account.day(at):
        raise Invalid(received_on="Money is recorded once it is there: give a day that has come.")
    if reference and account.payments.filter(method=method, reference=reference).exists():
        raise Conflict("A payment with this reference is recorded already.")
    payment = Payment.objects.create(
        account=account,
        cents=base.positive(cents),
        received_on=received_on,
        method=method,
        reference=reference,
        recorded_at=at,
        recorded_by=base.person(by),
    )
    posting.post(payment, day=received_on, at=at)
    base.record(account, by=by, action="payment", kind="payment", pk=payment.pk, cents=cents)
    for invoice, part in (pays or {}).items():
        _allocate(payment, invoice, part, by=by, at=at)
    if pays is None:
        settle(account, by=by, at=at)
    return payment


@transaction.atomic
def allocate(source: Source, invoice: Invoice, *, by: Person, cents: int, at: datetime) -> Allocation:
    """Let what is left of a payment or a credit note pay an invoice.

    Raises Invalid for more than is left or open, Conflict for another account's invoice, Refused.
    """
    base.require(by)
    base.lock(source.account)
    return _allocate(source, invoice, cents, by=by, at=at)


@transaction.atomic
def distribute(account: Account, *, by: Person, at: datetime) -> None:
    """Let all that is left of the account's money pay what is open, the first due first.

    Raises Conflict where nothing is left or nothing is open, Refused.
    """
    base.require(by)
    account = base.lock(account)
    if not (sources(account) and open_invoices(account)):
        raise Conflict("No money is left, or no invoice is open.")
    settle(account, by=by, at=at)


@transaction.atomic
def release(allocation: Allocation, *, by: Person | str, at: datetime) -> Allocation:
    """Take an allocation back, whole: the invoice is open again, the money left to use. Raises Conflict, Refused."""
    base.require(by)
    base.lock(allocation.account)
    return _release(allocation, by=by, at=at)


@transaction.atomic
def refund(source: Source, *, by: Person | str, cents: int, reason: str, at: datetime) -> Refund:
    """Pay back what is left of a payment or a credit note. Raises Invalid for more than that, Refused."""
    base.require(by)
    base.lock(source.account)
    return _refund(source, base.positive(cents), Refund.Kind.REFUND, by=by, reason=base.reason_of(reason), at=at)


@transaction.atomic
def return_payment(payment: Payment, *, by: Person | str, reason: str, at: datetime) -> Refund:
    """The bank took a payment back: whatever it paid is open again. Raises Conflict where some went back before."""
    base.require(by)
    base.lock(payment.account)
    if payment.refunds.exists():
        raise Conflict("Some of this payment went back already.")
    for allocation in payment.allocations.filter(releases=None, released_by=None):
        _release(allocation, by=by, at=at)
    return _refund(payment, payment.cents, Refund.Kind.RETURNED, by=by, reason=base.reason_of(reason), at=at)


@transaction.atomic
def write_off(invoice: Invoice, *, by: Person, reason: str, at: datetime, cents: int | None = None) -> WriteOff:
    """Expect no more of what is open: all of it, or so many cents. Raises Invalid for more than is open, Refused."""
    base.require(by)
    account = base.lock(invoice.account)
    open_ = open_cents(Invoice.objects.get(pk=invoice.pk))
    amount = base.positive(open_ if cents is None else cents)
    if amount > open_:
        raise Invalid(cents=f"Only {in_words(open_, account.currency)} of this invoice is open.")
    row = WriteOff.objects.create(
        account=account, invoice=invoice, cents=amount, reason=base.reason_of(reason), at=at, by=by
    )
    posting.post(row, day=account.day(at), at=at)
    base.record(account, by=by, action="write off", kind="invoice", pk=invoice.pk, cents=amount)
    return row


def pay_with_credit(note: CreditNote, *, by: Person, at: datetime) -> None:
    """Let a new credit note pay its own invoice as far as that is open, then what else is. Under the account's lock."""
    own = min(open_cents(note.invoice), note.total_cents)
    if own:
        _allocate(note, note.invoice, own, by=by, at=at)
    settle(note.account, by=by, at=at)


def settle(account: Account, *, by: Person | str, at: datetime) -> None:
    """Let everything that is left pay what is open, credit notes before payments, the first due first."""
    waiting = open_invoices(account)
    for source, left in sources(account):
        while left and waiting:
            invoice, open_ = waiting.pop(0)
            part = min(left, open_)
            _allocate(source, invoice, part, by=by, at=at)
            left -= part
            if part < open_:
                waiting.insert(0, (invoice, open_ - part))


def _allocate(source: Source, invoice: Invoice, cents: int, *, by: Person | str, at: datetime) -> Allocation:
    account = source.account
    if invoice.account_id != account.pk:
        raise Conflict("The invoice is of another account.")
    base.positive(cents)
    if cents > (left := left_of(source)):
        raise Invalid(cents=f"Only {in_words(left, account.currency)} is left of it.")
    if cents > (open_ := open_cents(Invoice.objects.get(pk=invoice.pk))):
        raise Invalid(cents=f"Only {in_words(open_, account.currency)} of this invoice is open.")
    row = Allocation.objects.create(
        account=account,
        payment=source if isinstance(source, Payment) else None,
        credit_note=source if isinstance(source, CreditNote) else None,
        invoice=invoice,
        cents=cents,
        at=at,
        by=base.person(by),
    )
    posting.post(row, day=account.day(at), at=at)
    base.record(account, by=by, action="allocate", kind="invoice", pk=invoice.pk, cents=cents)
    return row


def _release(allocation: Allocation, *, by: Person | str, at: datetime) -> Allocation:
    if allocation.releases_id or Allocation.objects.filter(releases=allocation).exists():
        raise Conflict("This was taken back already.")
    account = allocation.account
    row = Allocation.objects.create(
        account=account,
        payment=allocation.payment,
        credit_note=allocation.credit_note,
        invoice=allocation.invoice,
        cents=-allocation.cents,
        releases=allocation,
        at=at,
        by=base.person(by),
    )
    posting.post(row, day=account.day(at), at=at)
    base.record(account, by=by, action="release", kind="invoice", pk=allocation.invoice_id, cents=allocation.cents)
    return row


def _refund(source: Source, cents: int, kind: Refund.Kind, *, by: Person | str, reason: str, at: datetime) -> Refund:
    account = source.account
    if cents > (left := left_of(source)):
        raise Invalid(cents=f"Only {in_words(left, account.currency)} is left of it.")
    row = Refund.objects.create(
        account=account,
        kind=kind,
        payment=source if isinstance(source, Payment) else None,
        credit_note=source if isinstance(source, CreditNote) else None,
        cents=cents,
        reason=reason,
        at=at,
        by=base.person(by),
    )
    posting.post(row, day=account.day(at), at=at)
    base.record(account, by=by, action=kind.value, kind="refund", pk=row.pk, cents=cents)
    return row
