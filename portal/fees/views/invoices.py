"""What an organization is billed: the list with its standing, one invoice, and the same on paper."""

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.common import pdf
from portal.fees import presenting
from portal.fees.models import Account, Invoice, InvoiceLine
from portal.fees.services import checkouts, standing
from portal.fees.services.balances import open_cents, with_open
from portal.members.access import needs, person_of
from portal.members.policy import Action
from portal.members.views.helpers import paged


@needs(Action.SEE_INVOICES)
@require_safe
def invoices(request: HttpRequest) -> HttpResponse:
    """Those one may see, the newest first, drafts before; for an organization's administrator with its standing."""
    person, now = person_of(request), timezone.now()
    rows = with_open(_seen(request)).order_by(F("issued_on").desc(nulls_first=True), "-sequence", "-pk")
    page = paged(request, rows)
    own = Account.objects.filter(organization__in=person.actor.administrator_of).select_related("organization")
    found = {
        "page": page,
        "rows": [presenting.row(invoice, invoice.account.day(now)) for invoice in page],
        "standings": [presenting.standing(account, standing.now_of(account)) for account in own],
        "is_network": person.actor.is_network_administrator or person.actor.is_auditor,
    }
    return render(request, "fees/invoices.html", found)


@needs(Action.SEE_INVOICES)
@require_safe
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """One invoice: what it is for, what was taken back, and what paid it."""
    found = get_object_or_404(_seen(request), pk=pk)
    open_, rows = open_cents(found), _lines(found)
    state, tone = presenting.state_of(found, open_, found.account.day(timezone.now()))
    page = {
        "invoice": found,
        "days": presenting.stretch(found.days),
        "state": state,
        "tone": tone,
        "lines": presenting.lines(found, rows),
        "sums": presenting.sums(found, open_, rows),
        "taken_back": presenting.taken_back(found.credit_notes.order_by("sequence"), found.account.currency),
        "paid": presenting.paid(found.allocations.select_related("payment", "credit_note"), found.account.currency),
        "write_offs": found.write_offs.exists(),
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


def _seen(request: HttpRequest) -> "QuerySet[Invoice]":
    return Invoice.objects.visible_to(person_of(request)).select_related("account__organization")


def _lines(found: Invoice) -> list[InvoiceLine]:
    return list(found.lines.select_related("terms__version"))
