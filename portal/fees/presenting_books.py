"""Entries, statements and the ageing report in the words of pages, files and paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from portal.fees.models import Allocation, CreditNote, Entry, Invoice, Payment, Refund, WriteOff
from portal.fees.money import in_words
from portal.fees.presenting import stretch
from portal.fees.services.documents import Key
from portal.fees.services.posting import Document
from portal.fees.services.statements import Statement


@dataclass(frozen=True)
class Named:
    """A document in words, and its page."""

    text: str
    url: str = ""


def named(document: Document | None) -> Named:
    match document:
        case Invoice():
            return Named(f"Invoice {document} for {stretch(document.days)}", _url("invoice", document.pk))
        case CreditNote():
            text = f"Credit note {document} against invoice {document.invoice}"
            return Named(text, _url("credit-note", document.pk))
        case Payment():
            words = f"Payment by {document.get_method_display().lower()}"
            return Named(f"{words}, {document.reference}" if document.reference else words, _payment(document.pk))
        case Allocation():
            text = (
                f"What paid invoice {document.invoice}, taken back"
                if document.cents < 0
                else f"Pays {document.invoice}"
            )
            return Named(text, _url("invoice", document.invoice_id))
        case Refund():
            where = (
                _payment(document.payment_id) if document.payment_id else _url("credit-note", document.credit_note_id)
            )
            return Named(f"{document.get_kind_display()}: {document.reason}", where)
        case WriteOff():
            return Named(f"Written off of invoice {document.invoice}", _url("invoice", document.invoice_id))
    return Named("A document that is no more")


def sides(entry: Entry, currency: str) -> list[tuple[str, str, str]]:
    """Each posting of an entry: the book, and the amount on its side, debit or credit."""
    return [
        (row.get_book_display(), in_words(row.cents, currency), "")
        if row.cents > 0
        else (row.get_book_display(), "", in_words(-row.cents, currency))
        for row in entry.postings.all()
    ]


def ledger(entries: list[Entry], documents: Mapping[Key, Document], currency: str) -> list[dict[str, Any]]:
    return [
        {
            "entry": entry,
            "named": named(documents.get((entry.kind, entry.document))),
            "sides": sides(entry, currency),
        }
        for entry in entries
    ]


def balance(cents: int, currency: str) -> str:
    """What a balance says: above nought is owed, below is money left."""
    if cents == 0:
        return f"{in_words(0, currency)}"
    return f"{in_words(abs(cents), currency)} {'owed' if cents > 0 else 'left'}"


def statement_rows(found: Statement) -> list[dict[str, Any]]:
    """Each movement as it reads: day, what, charged or credited, and the balance after it."""
    currency = found.account.currency
    return [
        {
            "day": row.entry.day,
            "named": named(row.document),
            "charged": in_words(row.cents, currency) if row.cents > 0 else "",
            "credited": in_words(-row.cents, currency) if row.cents < 0 else "",
            "balance": balance(row.balance, currency),
        }
        for row in found.movements
    ]


def statement_paper(found: Statement) -> dict[str, Any]:
    """What the template of the PDF is given."""
    organization, currency = found.account.organization, found.account.currency
    title = "Statement of account"
    return {
        "title": title,
        "paper": paper_of(organization.time_zone),
        "organization": organization.name,
        "facts": [
            ["From", day(found.first)],
            ["To", day(found.last)],
            ["Currency", currency],
            ["Before", balance(found.opening, currency)],
            ["After", balance(found.closing, currency)],
        ],
        "head": ["Day", "What", "Charged", "Paid or credited", "Balance"],
        "rows": [
            [day(row["day"]), row["named"].text, row["charged"], row["credited"], row["balance"]]
            for row in statement_rows(found)
        ],
        "empty": "Nothing moved the balance in these days.",
        "foot": [f"{title}, {organization.name}", f"{day(found.first)} to {day(found.last)}"],
    }


def credit_note_paper(note: CreditNote) -> dict[str, Any]:
    """What the template of the PDF is given."""
    organization, currency = note.account.organization, note.account.currency
    title = f"Credit note {note.number}"
    lines = [[line.text, in_words(line.cents, currency)] for line in note.lines.all()]
    return {
        "title": title,
        "paper": paper_of(organization.time_zone),
        "organization": organization.name,
        "facts": [["Issued", day(note.issued_on)], ["Against invoice", str(note.invoice)], ["Why", note.reason]],
        "head": ["What", "Amount"],
        "rows": [
            *lines,
            ["Net", in_words(note.net_cents, currency)],
            ["Tax", in_words(note.tax_cents, currency)],
            ["Total", in_words(note.total_cents, currency)],
        ],
        "empty": "",
        "foot": [f"{title}, {organization.name}"],
    }


def paper_of(zone: str) -> str:
    """Letter paper in the Americas, A4 elsewhere."""
    return "us-letter" if zone.startswith(("America/", "US/")) else "a4"


def day(value: date) -> str:
    return f"{value.day} {value:%b %Y}"


def _url(name: str, pk: int | None) -> str:
    return reverse(name, args=[pk])


def _payment(pk: int | None) -> str:
    return _url("payment", pk)
