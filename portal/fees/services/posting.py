"""From a document to the two sides of its cents."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from portal.fees.models import (
    Allocation,
    Book,
    CreditLine,
    CreditNote,
    Entry,
    Invoice,
    InvoiceLine,
    Payment,
    Posting,
    Refund,
    WriteOff,
)
from portal.fees.pricing import Kind

Document = Invoice | CreditNote | Payment | Allocation | Refund | WriteOff
Sides = Mapping[Book, int]

KINDS: Mapping[type[Document], Entry.Kind] = {
    Invoice: Entry.Kind.INVOICE,
    CreditNote: Entry.Kind.CREDIT_NOTE,
    Payment: Entry.Kind.PAYMENT,
    Allocation: Entry.Kind.ALLOCATION,
    Refund: Entry.Kind.REFUND,
    WriteOff: Entry.Kind.WRITE_OFF,
}


def sides(document: Document) -> dict[Book, int]:
    """What a document moves, in cents: plus is debit, minus is credit. It sums to nought; none of it is nought."""
    match document:
        case Invoice():
            moved = {book: -cents for book, cents in _earned(document.lines.all()).items()}
            moved[Book.RECEIVABLE] = -sum(moved.values())
        case CreditNote():
            moved = _taken_back(document.lines.all())
            moved[Book.CREDIT] = -sum(moved.values())
        case Payment():
            moved = {Book.CASH: document.cents, Book.CREDIT: -document.cents}
        case Allocation():
            moved = {Book.CREDIT: document.cents, Book.RECEIVABLE: -document.cents}
        case Refund():
            moved = {Book.CREDIT: document.cents, Book.CASH: -document.cents}
        case WriteOff():
            moved = {Book.WRITTEN_OFF: document.cents, Book.RECEIVABLE: -document.cents}
    return {book: cents for book, cents in moved.items() if cents}


def post(document: Document, *, day: date, at: datetime) -> None:
    """Write the document's entry. One of nothing at all has none."""
    moved = sides(document)
    if not moved:
        return
    entry = Entry.objects.create(
        account_id=document.account_id, kind=KINDS[type(document)], document=document.pk, day=day, at=at
    )
    Posting.objects.bulk_create(
        Posting(entry=entry, account_id=document.account_id, book=book, cents=cents) for book, cents in moved.items()
    )


def _earned(lines: Iterable[InvoiceLine]) -> dict[Book, int]:
    earned: dict[Book, int] = defaultdict(int)
    for line in lines:
        earned[_book(line)] += line.cents
        earned[Book.TAX] += line.tax_cents
    return dict(earned)


def _taken_back(lines: Iterable[CreditLine]) -> dict[Book, int]:
    taken: dict[Book, int] = defaultdict(int)
    for row in lines:
        taken[_book(row.line)] += row.cents
        taken[Book.TAX] += row.tax_cents
    return dict(taken)


def _book(line: InvoiceLine) -> Book:
    return Book.USAGE if Kind(line.kind).is_usage else Book.DUES
