"""Drafts of invoices: their lines follow from the agreement, and are worked out anew until they are final."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from portal.fees import pricing
from portal.fees.models import Agreement, Invoice, InvoiceLine, Terms, UsageRecord, stretches
from portal.fees.proration import Period, Stretch

Priced = tuple[Terms, pricing.Line]


def draft(agreement: Agreement, kind: Invoice.Kind, number: int, start: date, *, at: datetime) -> Invoice | None:
    """A new draft that bills the period from ``start`` on; None where that costs nothing."""
    whole = agreement.period(number)
    invoice = Invoice.objects.create(
        account=agreement.account,
        agreement=agreement,
        kind=kind,
        period=number,
        starts_on=max(start, whole.stretch.start),
        until=min(whole.stretch.until, agreement.term.until),
        drafted_at=at,
        final_from=at + timedelta(days=agreement.draft_days),
    )
    return fill(invoice, agreement)


def fill(invoice: Invoice, agreement: Agreement) -> Invoice | None:
    """Work a draft's lines out anew. A draft of nothing is removed, and None returned."""
    invoice.lines.all().delete()
    whole = agreement.period(invoice.period)
    invoice.until = min(whole.stretch.until, agreement.term.until)
    priced = list(_usage(agreement, whole) if invoice.kind == Invoice.Kind.USAGE else _dues(invoice, agreement, whole))
    if not priced:
        invoice.delete()
        return None
    InvoiceLine.objects.bulk_create(_row(invoice, position, *pair) for position, pair in enumerate(priced, start=1))
    invoice.net_cents = sum(line.cents for _, line in priced)
    invoice.tax_cents = sum(line.tax_cents for _, line in priced)
    invoice.save(update_fields=["until", "net_cents", "tax_cents"])
    return invoice


def _dues(invoice: Invoice, agreement: Agreement, whole: Period) -> Iterator[Priced]:
    rows = list(agreement.terms.select_related("version__plan"))
    for terms, held in stretches(rows, agreement.term):
        if days := held.meet(invoice.days):
            yield from ((terms, line) for line in pricing.recurring(terms.prices, terms.size, whole, days))


def _usage(agreement: Agreement, whole: Period) -> Iterator[Priced]:
    """By the terms of the period's last day, after what earlier periods of the same year used."""
    days = Stretch(whole.stretch.start, min(whole.stretch.until, agreement.term.until))
    rows = list(agreement.terms.select_related("version__plan"))
    terms = [row for row in rows if row.starts_on < days.until][-1]
    records = UsageRecord.objects.filter(agreement=agreement, period__lte=whole.number)
    before, now = pricing.Usage(), pricing.Usage()
    for record in records:
        if record.period == whole.number:
            now = record.amounts
        elif agreement.period(record.period).year == whole.year:
            before += record.amounts
    yield from ((terms, line) for line in pricing.usage(terms.prices, before, now, days))


def _row(invoice: Invoice, position: int, terms: Terms, line: pricing.Line) -> InvoiceLine:
    return InvoiceLine(
        invoice=invoice,
        position=position,
        kind=line.kind.value,
        text=line.text,
        terms=terms,
        starts_on=line.days.start,
        until=line.days.until,
        quantity=line.quantity,
        unit_cents=line.unit_cents,
        whole_cents=line.whole_cents,
        discount_cents=line.discount_cents,
        cents=line.cents,
        tax_points=line.tax_points,
        tax_cents=line.tax_cents,
    )
