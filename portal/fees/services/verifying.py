"""The books against the documents, every number and every sum: what does not balance is named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count, Model, QuerySet, Sum

from portal.common import tenancy
from portal.fees.models import (
    Account,
    Allocation,
    Book,
    CreditNote,
    Entry,
    Invoice,
    Payment,
    Posting,
    Refund,
    Series,
    WriteOff,
)
from portal.fees.services import posting
from portal.fees.services.balances import lines_left, open_invoices, sources


@dataclass(frozen=True)
class Fault:
    """One thing that is stored as one value and follows from the rest as another."""

    where: str
    what: str
    stored: object
    follows: object

    def __str__(self) -> str:
        return f"{self.where}: {self.what} is {self.stored}, and should be {self.follows}"


@dataclass(frozen=True)
class Result:
    """What was looked at, and every fault found."""

    accounts: int
    entries: int
    faults: list[Fault]


def verify() -> Result:
    """Look at all of the books, as they are in one moment: what is paid meanwhile is no fault."""
    with _one_moment(), tenancy.everything():
        faults = [fault for check in CHECKS for fault in check()]
        return Result(Account.objects.count(), Entry.objects.count(), faults)


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction that sees the database as it was at its beginning; inside another one, that one's view."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _entries_balance() -> Iterator[Fault]:
    """Every entry sums to nought, over two postings or more, all of its own account."""
    summed = Entry.objects.annotate(sum=Sum("postings__cents"), count=Count("postings"))
    for row in summed.exclude(sum=0, count__gte=2).order_by("pk"):
        yield Fault(f"{row} (entry {row.pk})", "the sum of its postings", row.sum, 0)
    for posted in Posting.objects.select_related("entry"):
        if posted.account_id != posted.entry.account_id:
            yield Fault(f"{posted.entry}", "the account of a posting", posted.account_id, posted.entry.account_id)


def _documents_posted() -> Iterator[Fault]:
    """Every document has the entry that follows from it, and every entry has its document."""
    found: tuple[tuple[type[posting.Document], QuerySet[Model]], ...] = (
        (Invoice, Invoice.objects.final().prefetch_related("lines")),
        (CreditNote, CreditNote.objects.prefetch_related("lines__line")),
        (Payment, Payment.objects.all()),
        (Allocation, Allocation.objects.all()),
        (Refund, Refund.objects.all()),
        (WriteOff, WriteOff.objects.all()),
    )
    for model, documents in found:
        kind = posting.KINDS[model]
        posted: dict[int, dict[str, int]] = {}
        for row in Posting.objects.filter(entry__kind=kind).select_related("entry"):
            posted.setdefault(row.entry.document, {})[row.book] = row.cents
        for document in documents.order_by("pk").iterator(chunk_size=500):
            assert isinstance(document, model)
            stored = posted.pop(document.pk, {})
            follows = {book.value: cents for book, cents in posting.sides(document).items()}
            if stored != follows:
                yield Fault(f"{kind.label} {document.pk} ({document})", "what is posted", stored, follows)
        for orphan, stored in posted.items():
            yield Fault(f"{kind.label} {orphan}", "what is posted", stored, "nothing: there is no such document")


def _accounts_agree() -> Iterator[Fault]:
    """What is owed and what is left, counted from the documents, is what the books say; nothing is below nought."""
    books: dict[tuple[int, str], int] = {}
    for row in Posting.objects.values("account", "book").annotate(sum=Sum("cents")).order_by():
        books[row["account"], row["book"]] = row["sum"]
    for account in Account.objects.select_related("organization"):
        open_, left = open_invoices(account), sources(account)
        owed, credit = sum(cents for _, cents in open_), sum(cents for _, cents in left)
        for book, follows in ((Book.RECEIVABLE, owed), (Book.CREDIT, -credit)):
            if (stored := books.get((account.pk, book.value), 0)) != follows:
                yield Fault(str(account), f"the book “{book.label}”", stored, follows)
        for document, cents in [*open_, *left]:
            if cents < 0:
                yield Fault(f"{account}, {document}", "what is open or left", cents, "nought or more")


def _sums() -> Iterator[Fault]:
    """Every invoice and credit note is the sum of its lines, and no line gave back more than it was."""
    for invoice in Invoice.objects.final():
        lines = lines_left(invoice)
        follows = (sum(line.cents for line, _ in lines), sum(line.tax_cents for line, _ in lines))
        if (stored := (invoice.net_cents, invoice.tax_cents)) != follows:
            yield Fault(f"Invoice {invoice}", "its net and its tax", stored, follows)
        for line, taken in lines:
            if taken > line.cents:
                yield Fault(f"Invoice {invoice}, line {line.position}", "what was taken back", taken, line.cents)
    for note in CreditNote.objects.annotate(lines_net=Sum("lines__cents"), lines_tax=Sum("lines__tax_cents")):
        if (stored := (note.net_cents, note.tax_cents)) != (note.lines_net, note.lines_tax):
            yield Fault(f"Credit note {note}", "its net and its tax", stored, (note.lines_net, note.lines_tax))


def _numbers() -> Iterator[Fault]:
    """Every series runs from one to its last number, none missing, each once, written as its number."""
    for series in Series.objects.all():
        rows = [*Invoice.objects.filter(series=series), *CreditNote.objects.filter(series=series)]
        given = sorted(row.sequence or 0 for row in rows)
        if given != list(range(1, series.last + 1)):
            missing = sorted(set(range(1, series.last + 1)) - set(given))
            yield Fault(
                f"Series {series}", "the numbers given", f"{len(given)}, without {missing}", f"1 to {series.last}"
            )
        for row in rows:
            if row.number != (follows := series.number(row.sequence or 0)):
                yield Fault(f"Series {series}", "a number", row.number, follows)


CHECKS: tuple[Callable[[], Iterator[Fault]], ...] = (
    _entries_balance,
    _documents_posted,
    _accounts_agree,
    _sums,
    _numbers,
)
