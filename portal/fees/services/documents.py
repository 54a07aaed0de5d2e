"""From an entry of the books to the document behind it, many at once."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from portal.fees.models import Allocation, CreditNote, Entry, Invoice, Payment, Refund, WriteOff
from portal.fees.services.posting import Document

Key = tuple[str, int]


def documents_of(entries: Iterable[Entry]) -> dict[Key, Document]:
    """The document of each entry by its kind and key, in one query for each kind there is."""
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        wanted.setdefault(entry.kind, set()).add(entry.document)
    return {(kind, row.pk): row for kind, keys in wanted.items() for row in _rows(kind).filter(pk__in=keys)}


def _rows(kind: str) -> "QuerySet[Any]":
    return {
        Entry.Kind.INVOICE: Invoice.objects.prefetch_related("lines"),
        Entry.Kind.CREDIT_NOTE: CreditNote.objects.select_related("invoice").prefetch_related("lines"),
        Entry.Kind.PAYMENT: Payment.objects.all(),
        Entry.Kind.ALLOCATION: Allocation.objects.select_related("invoice", "payment", "credit_note"),
        Entry.Kind.REFUND: Refund.objects.select_related("payment", "credit_note"),
        Entry.Kind.WRITE_OFF: WriteOff.objects.select_related("invoice"),
    }[Entry.Kind(kind)]
