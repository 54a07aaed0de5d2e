"""Which invoices, payments and accounts a list shows: the same for pages, files and REST."""

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from portal.fees.models import Account, Book, Invoice, Payment, Posting, StandingRecord
from portal.fees.services.balances import with_left, with_open
from portal.members.models import Person

Rows = TypeVar("Rows", bound="QuerySet[Any]")
STATES = {"draft": "Draft", "final": "Final", "open": "Open", "overdue": "Overdue"}


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to. ``since`` and ``until`` are the first and the last day."""

    state: str = ""
    organization: str = ""
    """The slug."""
    since: date | None = None
    until: date | None = None


def invoices(person: Person, wanted: Wanted, today: date) -> "QuerySet[Any]":
    """Those one may see, the newest first, drafts before; each with what is open of it."""
    seen = Invoice.objects.visible_to(person).select_related("account__organization")
    rows = _narrowed(seen, wanted, day="issued_on")
    if wanted.state == "draft":
        rows = rows.drafts()
    elif wanted.state in STATES:
        rows = rows.final()
    found = with_open(rows)
    if wanted.state in ("open", "overdue"):
        found = found.filter(net_cents__gt=F("paid") + F("written_off") - F("tax_cents"))
    if wanted.state == "overdue":
        found = found.filter(due_on__lt=today)
    return found.order_by(F("issued_on").desc(nulls_first=True), "-sequence", "-pk")


def payments(person: Person, wanted: Wanted) -> "QuerySet[Any]":
    """Those one may see, the newest first, each with what is ``left`` of it; state ``left``: those with something."""
    rows = Payment.objects.filter(account__in=Account.objects.visible_to(person))
    found = with_left(_narrowed(rows.select_related("account__organization"), wanted, day="received_on"))
    return found.filter(left__gt=0) if wanted.state == "left" else found


def postings(person: Person, wanted: Wanted) -> "QuerySet[Any]":
    """Every side of every entry of the accounts one may see."""
    rows = Posting.objects.filter(account__in=Account.objects.visible_to(person))
    return _narrowed(rows.select_related("entry", "account__organization"), wanted, day="entry__day")


def _narrowed(rows: Rows, wanted: Wanted, *, day: str) -> Rows:
    """Of the organization and the days that are wanted."""
    if wanted.organization:
        rows = rows.filter(account__organization__slug=wanted.organization)
    if wanted.since:
        rows = rows.filter(**{f"{day}__gte": wanted.since})
    if wanted.until:
        rows = rows.filter(**{f"{day}__lte": wanted.until})
    return rows


def accounts(person: Person) -> "QuerySet[Any]":
    """Those one may see, each with what is ``owed``, what is ``left``, and its standing, in one query."""
    newest = StandingRecord.objects.filter(account=OuterRef("pk")).order_by("-recorded_at", "-pk")
    return (
        Account.objects.visible_to(person)
        .select_related("organization")
        .annotate(
            owed=_book(Book.RECEIVABLE),
            credit=_book(Book.CREDIT),
            state=Coalesce(Subquery(newest.values("state")[:1]), Value("good")),
            state_since=Subquery(newest.values("since")[:1]),
            suspends_on=Subquery(newest.values("suspends_on")[:1]),
        )
        .annotate(left=-F("credit"))
    )


def _book(book: Book) -> Coalesce:
    rows = Posting.objects.filter(account=OuterRef("pk"), book=book).order_by().values("account")
    return Coalesce(Subquery(rows.annotate(sum=Sum("cents")).values("sum")), Value(0))
