"""Accounts: who owes what, one account with its ledger, statements of a period, credit notes."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.common import pdf
from portal.fees import presenting, presenting_books
from portal.fees.models import Account, Renewal, StandingRecord
from portal.fees.services import listing, standing, statements
from portal.fees.services.balances import left_of, sources
from portal.fees.services.documents import documents_of
from portal.fees.views import finding
from portal.fees.views.payments import allocate_of, refund_of
from portal.members.access import needs, person_of
from portal.members.policy import Action, can
from portal.members.views.helpers import as_csv, paged

LABELS = dict(StandingRecord.State.choices)
TONES = {"good": "good", "suspended": "late", "grace": "attention"}


@needs(Action.SEE_INVOICES)
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """Every account one may see: what it owes, what is left, its standing and when that changes."""
    person = person_of(request)
    rows = listing.accounts(person)
    if (state := request.GET.get("state", "")) in LABELS:
        rows = rows.filter(state=state)
    if request.GET.get("format") == "csv":
        header = ("organization", "currency", "owed", "left", "standing", "since", "suspends on")
        return as_csv("accounts", header, map(_csv_row, rows))
    page = paged(request, rows)
    shown = [{"account": row, "label": LABELS[row.state], "tone": TONES.get(row.state, "")} for row in page]
    found = {
        "page": page,
        "rows": shown,
        "is_network": bool(can(person.actor, Action.SEE_FEES)),
        "states": StandingRecord.State.choices,
        "asked": request.GET,
    }
    return render(request, "fees/accounts.html", found)


@needs(Action.SEE_INVOICES)
@require_safe
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its balance, money left, credit notes, and every entry with its two sides."""
    found, person = finding.account(request, pk), person_of(request)
    page = paged(request, statements.ledger(found))
    owed, _ = statements.balance_of(found)
    left = sources(found)
    entries = list(page)
    shown = {
        "account": found,
        "currency": found.currency,
        "owed": owed,
        "left": sum(cents for _, cents in left),
        "sources": [(row, presenting_books.named(row), cents) for row, cents in left],
        "credit_notes": found.credit_notes.select_related("invoice"),
        "renewals": [
            (row, presenting.stretch(row.term)) for row in Renewal.objects.visible_to(person).filter(account=found)
        ],
        "page": page,
        "ledger": presenting_books.ledger(entries, documents_of(entries), found.currency),
        "standing": presenting.standing(found, standing.now_of(found)),
        "may_keep": bool(can(person.actor, Action.KEEP_FEES)),
        "is_network": bool(can(person.actor, Action.SEE_FEES)),
    }
    return render(request, "fees/account.html", shown)


@needs(Action.SEE_INVOICES)
@require_safe
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """What moved the balance in a period; the same as a PDF or CSV."""
    found = finding.account(request, pk)
    today = found.day(timezone.now())
    last = finding.day_of(request.GET, "until", today) or today
    first = finding.day_of(request.GET, "since", date(last.year, 1, 1)) or today
    made = statements.statement(found, min(first, last), last)
    name = f"statement-{found.organization.slug}-{made.first}-{made.last}"
    if request.GET.get("format") == "csv":
        header = ("day", "what", "charged", "credited", "balance")
        return as_csv(name, header, _statement_csv(made))
    if request.GET.get("format") == "pdf":
        return _pdf(presenting_books.statement_paper(made), name)
    page = {
        "account": found,
        "statement": made,
        "rows": presenting_books.statement_rows(made),
        "opening": presenting_books.balance(made.opening, found.currency),
        "closing": presenting_books.balance(made.closing, found.currency),
    }
    return render(request, "fees/statement.html", page)


@needs(Action.SEE_INVOICES)
@require_safe
def credit_note(request: HttpRequest, pk: int) -> HttpResponse:
    found = finding.credit_note(request, pk)
    page = {
        "note": found,
        "currency": found.account.currency,
        "lines": found.lines.all(),
        "left": left_of(found),
        "allocations": found.allocations.select_related("invoice"),
        "refunds": found.refunds.all(),
        "may_keep": bool(can(person_of(request).actor, Action.KEEP_FEES)),
    }
    return render(request, "fees/credit_note.html", page)


@needs(Action.SEE_INVOICES)
@require_safe
def credit_note_on_paper(request: HttpRequest, pk: int) -> HttpResponse:
    found = finding.credit_note(request, pk)
    return _pdf(presenting_books.credit_note_paper(found), found.number)


@needs(Action.KEEP_FEES)
def credit_note_allocate(request: HttpRequest, pk: int) -> HttpResponse:
    return allocate_of(request, finding.credit_note(request, pk), reverse("credit-note", args=[pk]))


@needs(Action.KEEP_FEES)
def credit_note_refund(request: HttpRequest, pk: int) -> HttpResponse:
    return refund_of(request, finding.credit_note(request, pk), reverse("credit-note", args=[pk]))


def _pdf(values: dict[str, object], name: str) -> HttpResponse:
    headers = {"Content-Disposition": f"attachment; filename={name}.pdf"}
    return HttpResponse(pdf.typeset("account.typ", values), content_type=pdf.CONTENT_TYPE, headers=headers)


def _statement_csv(made: statements.Statement) -> list[list[object]]:
    plain = presenting.plain
    rows: list[list[object]] = [[made.first, "Before", "", "", plain(made.opening)]]
    for row in made.movements:
        charged, credited = (plain(row.cents), "") if row.cents > 0 else ("", plain(-row.cents))
        what = presenting_books.named(row.document).text
        rows.append([row.entry.day, what, charged, credited, plain(row.balance)])
    return [*rows, [made.last, "After", "", "", plain(made.closing)]]


def _csv_row(row: "Account") -> list[object]:
    found = vars(row)
    amounts = [presenting.plain(found["owed"]), presenting.plain(found["left"])]
    state = LABELS[found["state"]]
    return [row.organization.name, row.currency, *amounts, state, found["state_since"], found["suspends_on"]]
