"""What is open by how long it is overdue, by organization, as it was at the end of a day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Model, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from portal.fees.dunning import AGES, age
from portal.fees.models import Account, Allocation, Entry, Invoice, WriteOff
from portal.members.models import Person

COLUMNS = tuple(name for name, _ in AGES)


@dataclass
class Aged:
    """What one account has open, in cents, by column."""

    account: Account
    cents: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))

    @property
    def total(self) -> int:
        return sum(self.cents.values())

    @property
    def columns(self) -> list[int]:
        return [self.cents[name] for name in COLUMNS]


def ageing(person: Person, day: date) -> list[Aged]:
    """Accounts that the person may see with something open at the end of the day, by name; in two queries."""
    found: dict[int, Aged] = {}
    for invoice in _as_of(Invoice.objects.visible_to(person).final(), day):
        if open_ := invoice.total_cents - invoice.paid - invoice.written_off:
            row = found.setdefault(invoice.account_id, Aged(invoice.account))
            row.cents[age(invoice.due_on, day)] += open_
    return sorted(found.values(), key=lambda row: (row.account.organization.name, row.account.currency))


def totals(rows: Iterable[Aged]) -> list[tuple[str, list[int], int]]:
    """For each currency its sums by column, and the sum of all."""
    sums: dict[str, list[int]] = {}
    for row in rows:
        held = sums.setdefault(row.account.currency, [0] * len(COLUMNS))
        sums[row.account.currency] = [one + other for one, other in zip(held, row.columns, strict=True)]
    return [(currency, columns, sum(columns)) for currency, columns in sorted(sums.items())]


def _as_of(invoices: "QuerySet[Invoice]", day: date) -> "QuerySet[Any]":
    rows = invoices.filter(issued_on__lte=day).select_related("account__organization")
    return rows.annotate(
        paid=_until(Allocation, Entry.Kind.ALLOCATION, day), written_off=_until(WriteOff, Entry.Kind.WRITE_OFF, day)
    )


def _until(model: type[Model], kind: Entry.Kind, day: date) -> Coalesce:
    """Cents of the rows that point to the outer invoice and were booked up to and with the day."""
    booked = Entry.objects.filter(kind=kind, day__lte=day).values("document")
    rows = model._default_manager.filter(invoice=OuterRef("pk"), pk__in=booked)
    summed = rows.order_by().values("invoice").annotate(sum=Sum("cents")).values("sum")
    return Coalesce(Subquery(summed), Value(0))
