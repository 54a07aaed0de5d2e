"""What an account's balance is made of: its ledger, and statements of a period."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from portal.fees.models import Account, Book, Entry, Posting
from portal.fees.services.documents import documents_of
from portal.fees.services.posting import Document

MEMBERS = (Book.RECEIVABLE, Book.CREDIT)
"""The books that say what a member owes, and what of its money is left."""


@dataclass(frozen=True)
class Movement:
    """One document that changed the balance: plus is owed, minus is paid or taken back."""

    entry: Entry
    document: Document | None
    cents: int
    balance: int


@dataclass(frozen=True)
class Statement:
    """The days from ``first`` to and with ``last``. Balances in cents: above nought is owed, below is money left."""

    account: Account
    first: date
    last: date
    opening: int
    movements: list[Movement]
    closing: int


def statement(account: Account, first: date, last: date) -> Statement:
    """What was owed before the period, what moved it, and what is owed after. Allocations move nothing of it."""
    opening = balance = _sum(account, day__lt=first)
    rows = list(_moving(account).filter(day__gte=first, day__lte=last).order_by("day", "pk"))
    documents, movements = documents_of(rows), list[Movement]()
    for row in rows:
        balance += row.moved
        movements.append(Movement(row, documents.get((row.kind, row.document)), row.moved, balance))
    return Statement(account, first, last, opening, movements, balance)


def balance_of(account: Account) -> tuple[int, int]:
    """What is owed, and what money is left, in cents."""
    rows = account.postings.values("book").filter(book__in=MEMBERS).annotate(sum=Sum("cents")).order_by()
    sums = {row["book"]: row["sum"] for row in rows}
    return sums.get(Book.RECEIVABLE, 0), -sums.get(Book.CREDIT, 0)


def ledger(account: Account) -> "QuerySet[Entry]":
    """Every entry, the newest first, with its sides."""
    return account.entries.prefetch_related("postings").order_by("-at", "-pk")


def _moving(account: Account) -> "QuerySet[Any]":
    moved = Coalesce(Sum("postings__cents", filter=Q(postings__book__in=MEMBERS)), Value(0))
    return account.entries.annotate(moved=moved).exclude(moved=0)


def _sum(account: Account, *, day__lt: date) -> int:
    rows = Posting.objects.filter(account=account, book__in=MEMBERS, entry__day__lt=day__lt)
    return rows.aggregate(sum=Sum("cents"))["sum"] or 0
