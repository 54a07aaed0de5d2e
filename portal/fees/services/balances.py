"""What is open, and what is left to use: always counted from the rows, never stored."""

from typing import Any, TypeVar

from django.db.models import F, Model, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from portal.fees.models import (
    Account,
    Allocation,
    CreditLine,
    CreditNote,
    Invoice,
    InvoiceLine,
    Payment,
    Refund,
    WriteOff,
)

Row = TypeVar("Row", bound=Model)
Source = Payment | CreditNote


def _sum(rows: "QuerySet[Any]", key: str) -> Coalesce:
    """The cents of the rows that point to the outer row."""
    summed = rows.filter(**{key: OuterRef("pk")}).order_by().values(key).annotate(sum=Sum("cents")).values("sum")
    return Coalesce(Subquery(summed), Value(0))


def with_open(invoices: "QuerySet[Invoice]") -> "QuerySet[Any]":
    """Each with ``paid`` (allocated), ``written_off`` and ``credited`` (net), in cents, in one query."""
    return invoices.annotate(
        paid=_sum(Allocation.objects.all(), "invoice"),
        written_off=_sum(WriteOff.objects.all(), "invoice"),
    )


def with_left(payments: "QuerySet[Payment]") -> "QuerySet[Any]":
    """Each with ``left``: what is neither allocated nor gone back, in cents, in one query."""
    used, back = _sum(Allocation.objects.all(), "payment"), _sum(Refund.objects.all(), "payment")
    return payments.annotate(left=F("cents") - used - back)


def open_cents(invoice: Invoice) -> int:
    """What is still to be paid of a final invoice; a draft has nothing open."""
    if invoice.number is None:
        return 0
    row = with_open(Invoice.objects.filter(pk=invoice.pk)).get()
    return int(invoice.total_cents - row.paid - row.written_off)


def open_invoices(account: Account) -> list[tuple[Invoice, int]]:
    """Final invoices with something open and how much, the first due first."""
    rows = with_open(account.invoices.final()).order_by("due_on", "sequence", "pk")
    found = [(row, row.total_cents - row.paid - row.written_off) for row in rows]
    return [(row, cents) for row, cents in found if cents]


def left_of(source: Source) -> int:
    """What of a payment or a credit note is neither allocated nor refunded."""
    total = source.cents if isinstance(source, Payment) else source.total_cents
    used = source.allocations.aggregate(sum=Sum("cents"))["sum"] or 0
    return int(total - used - (source.refunds.aggregate(sum=Sum("cents"))["sum"] or 0))


def sources(account: Account) -> list[tuple[Source, int]]:
    """Credit notes, then payments, with something left and how much, the oldest first."""
    found: list[tuple[Source, int]] = []
    notes = account.credit_notes.annotate(
        used=_sum(Allocation.objects.all(), "credit_note"), refunded=_sum(Refund.objects.all(), "credit_note")
    )
    found += [(row, row.total_cents - row.used - row.refunded) for row in notes.order_by("issued_on", "pk")]
    payments = account.payments.annotate(
        used=_sum(Allocation.objects.all(), "payment"), refunded=_sum(Refund.objects.all(), "payment")
    )
    found += [(row, row.cents - row.used - row.refunded) for row in payments.order_by("received_on", "pk")]
    return [(row, left) for row, left in found if left]


def lines_left(invoice: Invoice) -> list[tuple[InvoiceLine, int]]:
    """Each line with what of it was already taken back, before tax."""
    rows = invoice.lines.annotate(taken=_sum(CreditLine.objects.all(), "line"))
    return [(row, row.taken) for row in rows]
