"""The bank's lines that wait: matched by hand, or set aside with a reason."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.fees import presenting_bank
from portal.fees.forms_bank import AccountForm, ReasonForm, parts_of
from portal.fees.models import Account, BankLine, Invoice, Payment
from portal.fees.money import in_words
from portal.fees.services import bank_booking
from portal.fees.services.bank_matching import open_rows
from portal.members.access import needs, person_of
from portal.members.policy import Action
from portal.members.views.helpers import attempt, carry_out, paged

MOST_PAYMENTS = 20


@needs(Action.KEEP_FEES)
@require_safe
def lines(request: HttpRequest) -> HttpResponse:
    """Lines of every file, in one of their states: those to be matched, unless another is asked for."""
    state = request.GET.get("state", "")
    state = state if state in BankLine.State.values else BankLine.State.WAITING.value
    rows = BankLine.objects.filter(state=state).select_related("account__organization", "undoes", "settled_by")
    page = paged(request, rows)
    shown = {"page": page, "rows": presenting_bank.lines(page), "state": state, "states": BankLine.State.choices}
    return render(request, "fees/bank_lines.html", shown)


@needs(Action.KEEP_FEES)
@require_http_methods(["GET", "HEAD", "POST"])
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """One line. A POST books it as the payment of the organization chosen, over the amounts typed."""
    found = get_object_or_404(BankLine.objects.select_related("account__organization", "undoes", "file"), pk=pk)
    chosen = AccountForm(request.POST or request.GET or None, line=found)
    account = chosen.cleaned_data["account"] if chosen.is_bound and chosen.is_valid() else found.account
    invoices = _open(account) if account and found.cents > 0 else []
    if request.method == "POST" and account:
        by, now = person_of(request), timezone.now()
        known = Invoice.objects.in_bulk([row["pk"] for row in invoices])

        def book() -> None:
            bank_booking.match_by_hand(found, by=by, account=account, pays=parts_of(request.POST, known), at=now)

        if attempt(chosen, book):
            return redirect("bank-lines")
        found.refresh_from_db()
    for row in invoices:
        cents = found.parts.get(str(row["pk"]), 0)
        row["typed"] = request.POST.get(f"pays-{row['pk']}", f"{cents / 100:.2f}" if cents else "")
    page = {
        "line": found,
        "words": presenting_bank.lines([found])[0],
        "form": chosen,
        "account": account,
        "invoices": invoices,
        "aside": ReasonForm(),
        "payments": _payments(found) if found.cents < 0 else [],
    }
    return render(request, "fees/bank_line.html", page)


def _open(account: Account) -> list[dict[str, object]]:
    rows = open_rows(Invoice.objects.filter(account=account))
    return [
        {"pk": row.invoice, "number": row.number, "due_on": row.due_on, "open": in_words(row.cents, account.currency)}
        for row in rows
    ]


def _payments(found: BankLine) -> list[Payment]:
    """Those of this amount that the bank could have taken back."""
    rows = Payment.objects.filter(cents=-found.cents, account__currency=found.currency, refunds=None, method="bank")
    return list(rows.select_related("account__organization")[:MOST_PAYMENTS])


@needs(Action.KEEP_FEES)
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Book a line that went out as the taking back of a payment."""
    found = get_object_or_404(BankLine, pk=pk)
    text = request.POST.get("payment", "")
    payment = get_object_or_404(Payment, pk=int(text) if text.isdecimal() and len(text) < 19 else 0)
    by, reason, now = person_of(request), request.POST.get("reason", ""), timezone.now()

    def book() -> None:
        bank_booking.return_by_hand(found, by=by, payment=payment, reason=reason, at=now)

    carry_out(request, book, "It is booked: what the payment had paid is open again.")
    return redirect("bank-line", pk)


@needs(Action.KEEP_FEES)
@require_POST
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    found, by, now = get_object_or_404(BankLine, pk=pk), person_of(request), timezone.now()
    reason = request.POST.get("reason", "")
    carry_out(request, lambda: bank_booking.set_aside(found, by=by, reason=reason, at=now), "The line is set aside.")
    return redirect("bank-line", pk)


@needs(Action.KEEP_FEES)
@require_POST
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    found, by = get_object_or_404(BankLine, pk=pk), person_of(request)
    carry_out(request, lambda: bank_booking.take_up(found, by=by), "The line waits to be matched again.")
    return redirect("bank-line", pk)
