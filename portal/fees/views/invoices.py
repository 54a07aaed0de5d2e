"""What organizations are billed: the list with its standing, one invoice, and the same on paper."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.common import pdf
from portal.fees import presenting
from portal.fees.models import Account, Allocation, Invoice, InvoiceLine
from portal.fees.services import checkouts, listing, standing
from portal.fees.services.balances import open_cents
from portal.fees.views import finding
from portal.members.access import needs, person_of
from portal.members.models import Organization
from portal.members.policy import Action, can
from portal.members.views.helpers import as_csv, paged

CSV = ("number", "organization", "issued", "due", "from", "until", "currency", "net", "tax", "total", "open", "state")


@needs(Action.SEE_INVOICES)
@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    """Those one may see, the newest first, drafts before; for an organization's administrator with its standing."""
    person, now = person_of(request), timezone.now()
    rows = listing.invoices(person, wanted(request), timezone.localdate())
    if request.GET.get("format") == "csv":
        return _as_csv(rows)
    page = paged(request, rows)
    own = Account.objects.filter(organization__in=person.actor.administrator_of).select_related("organization")
    found = {
        "page": page,
        "rows": [presenting.row(invoice, invoice.account.day(now)) for invoice in page],
        "standings": [presenting.standing(account, standing.now_of(account)) for account in own],
        "is_network": bool(can(person.actor, Action.SEE_FEES)),
        "states": listing.STATES.items(),
        "organizations": Organization.objects.filter(accounts__in=Account.objects.visible_to(person)).distinct(),
        "asked": request.GET,
        "is_narrowed": any(request.GET.get(name) for name in ("state", "organization", "since", "until")),
    }
    return render(request, "fees/invoices.html", found)


@needs(Action.SEE_INVOICES)
@require_safe
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """One invoice: what it is for, what was taken back, and what paid it."""
    found = get_object_or_404(_seen(request), pk=pk)
    open_, rows = open_cents(found), _lines(found)
    state, tone = presenting.state_of(found, open_, found.account.day(timezone.now()))
    allocations = list(found.allocations.select_related("payment", "credit_note"))
    page = {
        "invoice": found,
        "days": presenting.stretch(found.days),
        "state": state,
        "tone": tone,
        "lines": presenting.lines(found, rows),
        "sums": presenting.sums(found, open_, rows),
        "taken_back": presenting.taken_back(found.credit_notes.order_by("sequence"), found.account.currency),
        "paid": presenting.paid(allocations, found.account.currency),
        "write_offs": found.write_offs.select_related("by"),
        "may_keep": bool(can(person_of(request).actor, Action.KEEP_FEES)),
        "open_cents": open_,
        "standing_allocations": _standing(allocations),
        "may_pay": bool(open_) and checkouts.may_pay(found, person_of(request)),
    }
    return render(request, "fees/invoice.html", page)


@needs(Action.SEE_INVOICES)
@require_safe
def on_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The invoice as a PDF, to save."""
    found = get_object_or_404(_seen(request), pk=pk)
    values = presenting.paper(found, _lines(found), open_cents(found))
    made = pdf.typeset("invoice.typ", values, at=found.final_at or found.drafted_at)
    name = found.number or f"draft-{found.pk}"
    headers = {"Content-Disposition": f"attachment; filename={name}.pdf"}
    return HttpResponse(made, content_type=pdf.CONTENT_TYPE, headers=headers)


def wanted(request: HttpRequest) -> listing.Wanted:
    """What the address narrows a list to."""
    asked = request.GET
    return listing.Wanted(
        asked.get("state", ""),
        asked.get("organization", ""),
        finding.day_of(asked, "since"),
        finding.day_of(asked, "until"),
    )


def _standing(allocations: list[Allocation]) -> list[Allocation]:
    """Those that were not taken back."""
    released = {row.releases_id for row in allocations}
    return [row for row in allocations if row.cents > 0 and row.pk not in released]


def _as_csv(rows: "QuerySet[Invoice]") -> HttpResponse:
    today = timezone.localdate()
    return as_csv("invoices", CSV, (_csv_row(row, today) for row in rows))


def _csv_row(row: Any, today: date) -> list[object]:
    open_ = row.total_cents - row.paid - row.written_off
    state, _ = presenting.state_of(row, open_, today)
    amounts = [presenting.plain(cents) for cents in (row.net_cents, row.tax_cents, row.total_cents, open_)]
    account = row.account
    days = [row.issued_on, row.due_on, row.starts_on, row.until]
    return [row.number or "", account.organization.name, *days, account.currency, *amounts, state]


def _seen(request: HttpRequest) -> "QuerySet[Invoice]":
    return Invoice.objects.visible_to(person_of(request)).select_related("account__organization")


def _lines(found: Invoice) -> list[InvoiceLine]:
    return list(found.lines.select_related("terms__version"))
