"""Invoices: drafted before their period, open to change for some days, then final with a number that stays."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from portal.common import tenancy
from portal.common.refusals import Conflict, Invalid
from portal.fees.models import Account, Agreement, Invoice, UsageRecord
from portal.fees.pricing import Usage
from portal.fees.proration import periods
from portal.fees.services import base, drafting, numbering, paying, posting
from portal.members.models import Person

LEAD = timedelta(days=14)
"""How long before a period its invoice is drafted."""


@transaction.atomic
def draft_period(agreement: Agreement, *, by: Person | str, number: int, at: datetime) -> Invoice | None:
    """The invoice of the agreement's ``number``-th period, drafted unless there is one; None where it costs nothing.

    Raises Conflict for a period outside the term, Refused.
    """
    if isinstance(by, Person):
        base.require(by)
    account = base.lock(agreement.account)
    row = Agreement.objects.get(pk=agreement.pk)
    row.account = account
    kind = Invoice.Kind.PERIOD
    if found := row.invoices.filter(kind=kind, period=number).first():
        return found
    if number < 0 or row.period(number).stretch.start >= row.term.until:
        raise Conflict("The agreement has no such period.")
    invoice = drafting.draft(row, kind, number, row.period(number).stretch.start, at=at)
    if invoice:
        base.record(account, by=by, action="draft", kind="invoice", pk=invoice.pk)
    return invoice


@transaction.atomic
def record_usage(agreement: Agreement, *, by: Person | str, number: int, used: Usage, at: datetime) -> Invoice | None:
    """What was used in a period that has ended, and the draft that bills what is beyond the plan; None if nothing is.

    Periods are recorded in their order; the last one again, as long as its invoice is not final. Raises Conflict,
    Invalid for less than nothing, Refused.
    """
    if isinstance(by, Person):
        base.require(by)
    if used.consults < 0 or used.calls < 0 or used.hours < 0 or used.hours != round(used.hours, 2):
        raise Invalid(used="Give what was used, nought or more; hours to the hundredth.")
    account = base.lock(agreement.account)
    row = Agreement.objects.get(pk=agreement.pk)
    row.account = account
    whole = row.period(number).stretch
    if number < 0 or whole.start >= row.term.until or min(whole.until, row.term.until) > account.day(at):
        raise Conflict("The agreement has no such period, or it has not ended yet.")
    if row.usage.filter(period__gt=number).exists():
        raise Conflict("A later period is recorded already.")
    invoice = row.invoices.filter(kind=Invoice.Kind.USAGE, period=number).first()
    if invoice and invoice.number:
        raise Conflict("The use of this period is billed already.")
    amounts = {"consults": used.consults, "calls": used.calls, "hours": Decimal(used.hours), "recorded_at": at}
    UsageRecord.objects.update_or_create(agreement=row, period=number, defaults=amounts)
    base.record(account, by=by, action="usage", kind="agreement", pk=row.pk, period=number)
    if invoice:
        return drafting.fill(invoice, row)
    return drafting.draft(row, Invoice.Kind.USAGE, number, whole.start, at=at)


@transaction.atomic
def finalize(invoice: Invoice, *, by: Person | str, at: datetime) -> Invoice:
    """Make a draft final: numbered, dated, posted, and paid from what is left of earlier credit and payments.

    The site itself waits for the end of the draft's window; an administrator need not. Raises Conflict, Refused.
    """
    if isinstance(by, Person):
        base.require(by)
    account = base.lock(invoice.account)
    row = Invoice.objects.select_related("agreement").filter(pk=invoice.pk).first()
    if row is None or row.number is not None:
        raise Conflict("It is final already, or is no more.")
    if isinstance(by, str) and at < row.final_from:
        raise Conflict("It is still a draft for a while.")
    row.issued_on = account.day(at)
    row.due_on = row.issued_on + timedelta(days=row.agreement.days_to_pay)
    row.final_at = at
    row.series, row.sequence = numbering.next_number(numbering.INVOICES, row.issued_on)
    row.number = row.series.number(row.sequence)
    row.save(update_fields=["issued_on", "due_on", "final_at", "series", "sequence", "number"])
    posting.post(row, day=row.issued_on, at=at)
    base.record(account, by=by, action="finalize", kind="invoice", pk=row.pk, number=row.number)
    paying.settle(account, by=by, at=at)
    return row


def bill(*, at: datetime) -> tuple[int, int]:
    """Draft what begins soon and finalize what has been a draft long enough. Returns how many of each.

    Each in a transaction of its own: what was done before one that fails stays. Safe to run twice and at once.
    """
    drafted = finalized = 0
    with tenancy.everything():
        agreements = list(Agreement.objects.select_related("account__organization"))
    for agreement in agreements:
        drafted += _draft_due(agreement, at)
    with tenancy.everything():
        due = list(Invoice.objects.drafts().filter(final_from__lte=at).select_related("account").order_by("pk"))
    for invoice in due:
        with tenancy.everything():
            finalized += _finalized(invoice, at)
    return drafted, finalized


def _draft_due(agreement: Agreement, at: datetime) -> int:
    account: Account = agreement.account
    horizon, count = account.day(at) + LEAD, 0
    with tenancy.everything():
        there = set(agreement.invoices.filter(kind=Invoice.Kind.PERIOD).values_list("period", flat=True))
        for period in periods(agreement.term, agreement.cycle):
            if period.stretch.start <= horizon and period.number not in there:
                count += draft_period(agreement, by="bill", number=period.number, at=at) is not None
    return count


def _finalized(invoice: Invoice, at: datetime) -> bool:
    try:
        finalize(invoice, by="bill", at=at)
    except Conflict:  # another run was faster
        return False
    return True
