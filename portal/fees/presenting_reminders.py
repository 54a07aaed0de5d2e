"""Reminders in the words of the page and of paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max

from portal.fees import letters
from portal.fees.dunning import days_overdue, level
from portal.fees.models import Account, Hold, Invoice, Reminder
from portal.fees.money import in_words
from portal.fees.services.bank_matching import open_rows


@dataclass(frozen=True)
class Overdue:
    """One overdue invoice: how late, which reminder it had, and what holds the next."""

    invoice: Invoice
    open: str
    days: int
    sent: int
    due: int
    """The level it has reached; nought before the first and while it is held."""
    hold: Hold | None
    broken: date | None
    """The day of a promise that was not kept."""


def overdue(accounts: Iterable[Account], today: date) -> list[Overdue]:
    """Every overdue invoice of the accounts, the longest overdue first, in a few queries."""
    by_pk = {row.pk: row for row in accounts}
    late = [row for row in open_rows(Invoice.objects.filter(account__in=by_pk)) if row.due_on < today]
    invoices = Invoice.objects.select_related("account__organization").in_bulk([row.invoice for row in late])
    last = dict(Reminder.objects.filter(invoice__in=invoices).values_list("invoice").annotate(Max("level")).order_by())
    holds: dict[int, list[Hold]] = {}
    for hold in Hold.objects.filter(invoice__in=invoices).order_by("until", "pk"):
        holds.setdefault(hold.invoice_id, []).append(hold)
    return [
        _row(invoices[row.invoice], row.cents, last.get(row.invoice, 0), holds.get(row.invoice, []), today)
        for row in late
    ]


def _row(invoice: Invoice, cents: int, sent: int, holds: Sequence[Hold], today: date) -> Overdue:
    assert invoice.due_on is not None  # it is final
    until = holds[-1].until if holds else None
    reached = level(invoice.due_on, today, held_until=until)
    passed = [row.until for row in holds if row.kind == Hold.Kind.PROMISE and row.until < today]
    return Overdue(
        invoice=invoice,
        open=in_words(cents, invoice.account.currency),
        days=days_overdue(invoice.due_on, today),
        sent=sent,
        due=reached.number if reached else 0,
        hold=holds[-1] if until is not None and until >= today else None,
        broken=passed[-1] if passed else None,
    )


def paper(row: Reminder) -> dict[str, Any]:
    """What the template of the PDF is given: what was true when it was sent."""
    invoice = row.invoice
    assert invoice.number is not None  # it is final
    assert invoice.issued_on is not None
    assert invoice.due_on is not None
    letter = letters.Letter(
        language=row.language,
        level=row.level,
        number=invoice.number,
        organization=row.account.organization.name,
        written_on=row.account.day(row.sent_at),
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        cents=row.open_cents,
        currency=row.account.currency,
    )
    return {**letters.written(letter), "paper": row.paper}
