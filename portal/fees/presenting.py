"""Invoices and standings in the words of the pages and of paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.fees.dunning import days_overdue
from portal.fees.models import Account, Allocation, CreditNote, Invoice, InvoiceLine, StandingRecord
from portal.fees.money import in_words
from portal.fees.proration import Stretch


@dataclass(frozen=True)
class Row:
    """One invoice in a list."""

    invoice: Invoice
    total: str
    open: str
    state: str
    tone: str
    """Of the tag: good, late or nothing."""


@dataclass(frozen=True)
class StandingWords:
    account: Account
    state: str
    since: date | None
    reasons: Sequence[str]
    tone: str


def row(invoice: Any, today: date) -> Row:
    """An invoice that ``with_open`` counted."""
    currency, open_ = invoice.account.currency, invoice.total_cents - invoice.paid - invoice.written_off
    state, tone = state_of(invoice, open_, today)
    return Row(invoice, in_words(invoice.total_cents, currency), in_words(open_, currency), state, tone)


def state_of(invoice: Invoice, open_cents: int, today: date) -> tuple[str, str]:
    """In words, and the tone of their tag."""
    if invoice.number is None or invoice.due_on is None:
        return "Draft", ""
    if not open_cents:
        return "Settled", "good"
    if days := days_overdue(invoice.due_on, today):
        return f"{days:,} {'day' if days == 1 else 'days'} overdue", "late"
    return "Open", ""


def stretch(days: Stretch) -> str:
    """``1 – 31 Jan 2026``: the last day itself, not the day after."""
    first, last = days.start, days.until - timedelta(days=1)
    if first == last:
        return _day(first)
    if first.year != last.year:
        return f"{_day(first)} – {_day(last)}"
    if first.month != last.month:
        return f"{first.day} {first:%b} – {_day(last)}"
    return f"{first.day} – {_day(last)}"


def standing(account: Account, found: StandingRecord | None) -> StandingWords:
    if found is None:
        return StandingWords(account, "Good", None, ["Nothing is overdue."], "good")
    tone = {"good": "good", "suspended": "late"}.get(found.state, "")
    return StandingWords(account, found.get_state_display(), found.since, found.reasons, tone)


def lines(invoice: Invoice, rows: Iterable[InvoiceLine]) -> list[dict[str, str]]:
    """Each line in words: for what, for which days, how much of what, and what it comes to before tax."""
    currency = invoice.account.currency
    return [
        {
            "text": line.text,
            "days": stretch(line.days),
            "quantity": number(line.quantity),
            "unit": in_words(line.unit_cents, currency) + (" a year" if line.kind in RECURRING else " each"),
            "discount": in_words(-line.discount_cents, currency) if line.discount_cents else "",
            "amount": in_words(line.cents, currency),
        }
        for line in rows
    ]


RECURRING = ("dues", "facilities", "clinicians")


def sums(invoice: Invoice, open_cents: int, rows: Sequence[InvoiceLine]) -> list[tuple[str, str]]:
    """Net, the tax by its rates, total, and what is open."""
    currency = invoice.account.currency
    taxes: dict[tuple[str, int], int] = {}
    for line in rows:
        key = (line.terms.version.tax_name or "Tax", line.tax_points)
        taxes[key] = taxes.get(key, 0) + line.tax_cents
    found = [("Net", in_words(invoice.net_cents, currency))]
    found += [
        (f"{name}, {number(Decimal(points) / 100)} %", in_words(cents, currency))
        for (name, points), cents in taxes.items()
        if points
    ]
    found.append(("Total", in_words(invoice.total_cents, currency)))
    if invoice.number and open_cents != invoice.total_cents:
        found.append(("Still open", in_words(open_cents, currency)))
    return found


def taken_back(notes: Iterable[CreditNote], currency: str) -> list[dict[str, str]]:
    """Each credit note of an invoice, with its reason."""
    return [
        {
            "day": _day(note.issued_on),
            "what": f"{note.number}: {note.reason}",
            "amount": in_words(note.total_cents, currency),
        }
        for note in notes
    ]


def paid(allocations: Iterable[Allocation], currency: str) -> list[dict[str, str]]:
    """What paid an invoice, in order: payments, and credit notes set off. What was undone shows as a minus."""
    found = []
    for row in allocations:
        if row.payment:
            what = f"Payment received {_day(row.payment.received_on)}"
        else:
            what = f"Set off against credit note {row.credit_note}"
        if row.cents < 0:
            what += ", undone"
        found.append({"day": _day(row.at.date()), "what": what, "amount": in_words(row.cents, currency)})
    return found


def number(value: Decimal) -> str:
    """Without noughts after the point that say nothing."""
    return f"{value.normalize():f}"


def paper(invoice: Invoice, rows: Sequence[InvoiceLine], open_cents: int) -> dict[str, Any]:
    """What the template of the PDF is given. Letter paper in the Americas, A4 elsewhere."""
    organization = invoice.account.organization
    title = f"Invoice {invoice.number}" if invoice.number else "Draft of an invoice"
    return {
        "title": title,
        "paper": "us-letter" if organization.time_zone.startswith(("America/", "US/")) else "a4",
        "warning": "" if invoice.number else "A draft: not to be paid, and may still change.",
        "organization": organization.name,
        "facts": [
            ["Issued", _day(invoice.issued_on) if invoice.issued_on else "not yet"],
            ["Due", _day(invoice.due_on) if invoice.due_on else "not yet"],
            ["For", stretch(invoice.days)],
        ],
        "lines": lines(invoice, rows),
        "sums": [list(pair) for pair in sums(invoice, open_cents, rows)],
        "foot": [f"{title}, {organization.name}", "Please give the invoice's number when you pay."],
    }


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def plain(cents: int) -> str:
    """``1234.50``, for files that other programs read."""
    units, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{units}.{rest:02}"
