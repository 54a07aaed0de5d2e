"""Credit notes: what is taken back of a final invoice, line by line, with exactly its tax."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from portal.common.refusals import Conflict, Invalid
from portal.fees.models import CreditLine, CreditNote, Invoice, InvoiceLine
from portal.fees.money import in_words
from portal.fees.pricing import taken_back
from portal.fees.services import base, numbering, paying, posting
from portal.fees.services.balances import lines_left
from portal.members.models import Person

Part = tuple[InvoiceLine, int, str]
"""A line, the cents of it to take back before tax, and what for."""


@transaction.atomic
def credit(
    invoice: Invoice, *, by: Person, reason: str, at: datetime, parts: Mapping[int, int] | None = None
) -> CreditNote:
    """Take back what is left of a final invoice, or so many cents (before tax) of lines given by their keys.

    It pays the invoice as far as that is open, then others; what is left stays as credit. Raises Invalid for more than
    a line has left, Conflict for a draft or where nothing is left, Refused.
    """
    base.require(by)
    base.lock(invoice.account)
    row = Invoice.objects.get(pk=invoice.pk)
    if row.number is None:
        raise Conflict("A draft is changed, not credited.")
    left = dict(left_of_lines(row))
    if parts is None:
        parts = {line.pk: cents for line, cents in left.items() if cents}
    chosen = [_part(row, left, pk, cents) for pk, cents in parts.items()]
    if not chosen:
        raise Conflict("Nothing is left of this invoice to take back.")
    kind = CreditNote.Kind.CORRECTION
    return issue(row, kind=kind, reason=base.reason_of(reason), parts=chosen, by=by, at=at)


def left_of_lines(invoice: Invoice) -> list[tuple[InvoiceLine, int]]:
    """Each line and what was not yet taken back of it, before tax."""
    return [(line, line.cents - taken) for line, taken in lines_left(invoice)]


def issue(
    invoice: Invoice, *, kind: CreditNote.Kind, reason: str, parts: Sequence[Part], by: Person, at: datetime
) -> CreditNote:
    """The credit note, numbered, posted, and paying what is open. Under the account's lock."""
    account = invoice.account
    taken = dict(lines_left(invoice))
    taxes = [taken_back(line.cents, line.tax_cents, taken[line], cents) for line, cents, _ in parts]
    day = account.day(at)
    series, sequence = numbering.next_number(numbering.CREDIT_NOTES, day)
    note = CreditNote.objects.create(
        account=account,
        invoice=invoice,
        kind=kind,
        reason=reason,
        series=series,
        sequence=sequence,
        number=series.number(sequence),
        issued_on=day,
        issued_at=at,
        issued_by=by,
        net_cents=sum(cents for _, cents, _ in parts),
        tax_cents=sum(taxes),
    )
    CreditLine.objects.bulk_create(
        CreditLine(credit_note=note, line=line, text=text, cents=cents, tax_cents=tax)
        for (line, cents, text), tax in zip(parts, taxes, strict=True)
    )
    posting.post(note, day=day, at=at)
    base.record(account, by=by, action="credit", kind="invoice", pk=invoice.pk, number=note.number)
    paying.pay_with_credit(note, by=by, at=at)
    return note


def _part(invoice: Invoice, left: Mapping[InvoiceLine, int], pk: int, cents: int) -> Part:
    found = next((line for line in left if line.pk == pk), None)
    if found is None:
        raise Invalid(parts="This line is not of this invoice.")
    if base.positive(cents) > left[found]:
        words = in_words(left[found], invoice.account.currency)
        raise Invalid(parts=f"Only {words} is left of “{found.text}”.")
    return found, cents, found.text
