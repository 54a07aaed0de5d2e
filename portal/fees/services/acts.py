"""One act of an administrator with what follows from it: rehearsed to be shown, then carried out as it was shown.

A rehearsal is the act itself, undone before anything of it lasts. So what a page announces is worked out by what books
it, and no price is written twice.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import QuerySet, Sum

from portal.fees.models import Account, Book, Entry, Invoice, Posting
from portal.fees.services import standing
from portal.fees.services.effects import Effect, booked, drafted, stood
from portal.members.models import Organization

T = TypeVar("T")


@dataclass(frozen=True)
class Balance:
    """What an account owes and what of its money is left, in cents, before and after."""

    currency: str
    owed: tuple[int, int]
    left: tuple[int, int]


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What an act did, or would do."""

    result: T
    effects: tuple[Effect, ...]
    balances: tuple[Balance, ...]

    @property
    def mark(self) -> str:
        """The same for the same outcome: what somebody agreed to."""
        return hashlib.sha256(repr((self.effects, self.balances)).encode()).hexdigest()[:32]


class Changed(Exception):
    """The act would now do something else than what was agreed to. ``outcome`` is what."""

    def __init__(self, outcome: "Outcome[Any]") -> None:
        super().__init__("Something changed meanwhile.")
        self.outcome = outcome


class _Undone(Exception):
    """Takes a rehearsal back."""


@transaction.atomic
def perform(
    organization: Organization | None, act: Callable[[], T], *, at: datetime, agreed: str | None = None
) -> Outcome[T]:
    """Carry out an act that concerns an organization's accounts, and look at its standing anew.

    ``agreed`` is the mark of the outcome that was shown: raises Changed, with nothing done, where it is another now,
    and what the act itself raises.
    """
    if organization is None:
        return Outcome(act(), (), ())
    list(_accounts(organization).select_for_update())  # nothing else is booked on them from here on
    entries, drafts = _newest_entry(organization), _drafts(organization)
    sums, states = _sums(organization), _states(organization)
    result = act()
    for account in _accounts(organization):
        standing.review(account, at=at)
    found = (
        *booked(Entry.objects.filter(account__organization=organization, pk__gt=entries)),
        *drafted(drafts, _drafts(organization)),
        *stood(states, _states(organization)),
    )
    outcome = Outcome(result, found, tuple(_balances(sums, _sums(organization))))
    if agreed is not None and agreed != outcome.mark:
        raise Changed(outcome)
    return outcome


def rehearse(organization: Organization | None, act: Callable[[], T], *, at: datetime) -> Outcome[T]:
    """What ``perform`` would do; nothing lasts. Raises what the act raises."""
    try:
        with transaction.atomic():
            outcome = perform(organization, act, at=at)
            raise _Undone
    except _Undone:
        return outcome


def _accounts(organization: Organization) -> "QuerySet[Account]":
    return Account.objects.filter(organization=organization).order_by("pk")


def _newest_entry(organization: Organization) -> int:
    found = Entry.objects.filter(account__organization=organization).order_by("-pk").first()
    return found.pk if found else 0


def _drafts(organization: Organization) -> dict[int, Invoice]:
    rows = Invoice.objects.drafts().filter(account__organization=organization).select_related("account")
    return {row.pk: row for row in rows.prefetch_related("lines").order_by("starts_on", "pk")}


def _states(organization: Organization) -> dict[str, str]:
    found = {account.currency: standing.now_of(account) for account in _accounts(organization)}
    return {currency: row.get_state_display() if row else "Good" for currency, row in found.items()}


def _sums(organization: Organization) -> dict[tuple[str, str], int]:
    rows = Posting.objects.filter(account__organization=organization).values("account__currency", "book")
    return {(row["account__currency"], row["book"]): row["sum"] for row in rows.annotate(sum=Sum("cents")).order_by()}


def _balances(before: dict[tuple[str, str], int], after: dict[tuple[str, str], int]) -> list[Balance]:
    def pair(currency: str, book: Book) -> tuple[int, int]:
        return before.get((currency, book.value), 0), after.get((currency, book.value), 0)

    found = []
    for currency in sorted({currency for currency, _ in after}):
        was, now = pair(currency, Book.CREDIT)
        found.append(Balance(currency, pair(currency, Book.RECEIVABLE), (-was, -now)))
    return found
