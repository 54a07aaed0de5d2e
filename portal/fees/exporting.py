"""Invoices, payments and the books as files. Amounts are whole cents; days of a stretch end with the day after."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from portal.common.exports import Asked, Kind, Listed, Row
from portal.common.refusals import Invalid
from portal.fees.models import Account, Posting
from portal.fees.services import listing
from portal.members.exporting import NARROWING, day_of, narrowed, needs
from portal.members.models import Person
from portal.members.policy import Action

_OF = ("organization", "currency")
PAYMENT_STATES = {"left"}


def _account(account: Account) -> Row:
    return {"organization": account.organization.name, "currency": account.currency}


def _wanted(asked: Asked) -> listing.Wanted:
    since, until = day_of(asked, "since"), day_of(asked, "until")
    return listing.Wanted(asked.get("state", ""), asked.get("organization", ""), since, until)


def _state_among(states: Any) -> Any:
    def read(person: Person, given: Any) -> Asked:
        if given.get("state", "") not in {"", *states}:
            raise Invalid(state=f"Use one of {', '.join(sorted(states))}.")
        return narrowed(person, given)

    return read


def _invoices(person: Person, asked: Asked, until: datetime) -> Listed:
    return Listed(listing.invoices(person, _wanted(asked), timezone.localdate(until)), _invoice)


def _invoice(row: Any) -> Row:
    is_final = row.number is not None
    return {
        "number": row.number,
        **_account(row.account),
        "kind": row.kind,
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "starts_on": row.starts_on,
        "until": row.until,
        "net_cents": row.net_cents,
        "tax_cents": row.tax_cents,
        "total_cents": row.total_cents,
        "open_cents": row.total_cents - row.paid - row.written_off if is_final else 0,
        "state": "final" if is_final else "draft",
    }


def _payments(person: Person, asked: Asked, until: datetime) -> Listed:
    rows = listing.payments(person, _wanted(asked)).filter(recorded_at__lte=until)
    return Listed(rows, _payment)


def _payment(row: Any) -> Row:
    return {
        "id": row.pk,
        **_account(row.account),
        "received_on": row.received_on,
        "method": row.method,
        "reference": row.reference,
        "cents": row.cents,
        "left_cents": row.left,
        "recorded_at": row.recorded_at,
    }


def _postings(person: Person, asked: Asked, until: datetime) -> Listed:
    return Listed(listing.postings(person, _wanted(asked)).filter(entry__at__lte=until), _posting)


def _posting(row: Posting) -> Row:
    return {
        "entry": row.entry_id,
        **_account(row.account),
        "kind": row.entry.kind,
        "document": row.entry.document,
        "day": row.entry.day,
        "at": row.entry.at,
        "book": row.book,
        "cents": row.cents,
    }


_MAY = needs(Action.SEE_INVOICES)
INVOICES = Kind(
    key="invoices",
    name="Invoices",
    holds="An invoice in each row, with what is open of it.",
    columns=(
        "number",
        *_OF,
        *("kind", "issued_on", "due_on", "starts_on", "until"),
        *("net_cents", "tax_cents", "total_cents", "open_cents", "state"),
    ),
    why_not=_MAY,
    source=_invoices,
    takes=NARROWING | {"state"},
    read=_state_among(listing.STATES),
)
PAYMENTS = Kind(
    key="payments",
    name="Payments",
    holds="A payment in each row, with what is left of it.",
    columns=("id", *_OF, "received_on", "method", "reference", "cents", "left_cents", "recorded_at"),
    why_not=_MAY,
    source=_payments,
    takes=NARROWING | {"state"},
    read=_state_among(PAYMENT_STATES),
)
POSTINGS = Kind(
    key="postings",
    name="Ledger postings",
    holds="A side of an entry in each row: plus is debit, minus is credit, and the sides of an entry sum to nought.",
    columns=("entry", *_OF, "kind", "document", "day", "at", "book", "cents"),
    why_not=_MAY,
    source=_postings,
    takes=NARROWING,
    read=narrowed,
)
