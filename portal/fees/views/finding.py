"""What the fees' pages share: one's rows by their key, and days and choices of the address."""

from datetime import date
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date

from portal.fees.models import Account, Agreement, Allocation, CreditNote, Invoice, Payment
from portal.members.access import person_of
from portal.members.models import Person

M = TypeVar("M", bound=Model)


def account(request: HttpRequest, pk: int) -> Account:
    rows = Account.objects.visible_to(person_of(request)).select_related("organization")
    return get_object_or_404(rows, pk=pk)


def invoice(request: HttpRequest, pk: int) -> Invoice:
    rows = Invoice.objects.visible_to(person_of(request)).select_related("account__organization", "agreement")
    return get_object_or_404(rows, pk=pk)


def payments(person: Person) -> "QuerySet[Payment]":
    return of_accounts(Payment.objects.all(), person)


def payment(request: HttpRequest, pk: int) -> Payment:
    return get_object_or_404(payments(person_of(request)).select_related("recorded_by"), pk=pk)


def credit_note(request: HttpRequest, pk: int) -> CreditNote:
    rows = of_accounts(CreditNote.objects.select_related("invoice", "issued_by"), person_of(request))
    return get_object_or_404(rows, pk=pk)


def allocation(request: HttpRequest, pk: int) -> Allocation:
    rows = Allocation.objects.select_related("invoice", "payment", "credit_note")
    return get_object_or_404(of_accounts(rows, person_of(request)), pk=pk)


def agreement(request: HttpRequest, pk: int) -> Agreement:
    rows = Agreement.objects.visible_to(person_of(request)).select_related("account__organization")
    return get_object_or_404(rows, pk=pk)


def of_accounts(rows: "QuerySet[M]", person: Person) -> "QuerySet[M]":
    """Those of the accounts that the person may see."""
    filtered: Any = rows.filter(account__in=Account.objects.visible_to(person))
    return filtered.select_related("account__organization")  # type: ignore[no-any-return]


def day_of(asked: QueryDict, name: str, usual: date | None = None) -> date | None:
    """A day of the address; the usual one where it is none."""
    try:
        return parse_date(asked.get(name, "")) or usual
    except ValueError:
        return usual


def number_of(asked: QueryDict, name: str) -> int | None:
    """A whole number of the address that a key may be; None for nonsense."""
    text = asked.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else None
