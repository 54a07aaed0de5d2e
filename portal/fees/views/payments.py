"""Payments: the list, one of them, and what an administrator of the network does with money that came in."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.fees import presenting
from portal.fees.forms import AllocateForm, NothingForm, PaymentForm, ReasonForm, RefundForm
from portal.fees.models import Account
from portal.fees.money import in_words
from portal.fees.services import listing, paying
from portal.fees.services.balances import Source, left_of, open_invoices
from portal.fees.views import finding
from portal.fees.views.acting import Act, carry
from portal.fees.views.invoices import wanted
from portal.members.access import needs, person_of
from portal.members.models import Organization
from portal.members.policy import Action, can
from portal.members.views.helpers import as_csv, paged

CSV = ("received", "organization", "method", "reference", "currency", "amount", "left")


@needs(Action.SEE_INVOICES)
@require_safe
def payments(request: HttpRequest) -> HttpResponse:
    """Money that came in, the newest first, with what is left of it."""
    person = person_of(request)
    rows = listing.payments(person, wanted(request))
    if request.GET.get("format") == "csv":
        return as_csv("payments", CSV, map(_csv_row, rows))
    seen = Account.objects.visible_to(person)
    page = {
        "page": paged(request, rows),
        "is_network": bool(can(person.actor, Action.SEE_FEES)),
        "may_keep": bool(can(person.actor, Action.KEEP_FEES)),
        "organizations": Organization.objects.filter(accounts__in=seen).distinct(),
        "asked": request.GET,
        "is_narrowed": any(request.GET.get(name) for name in ("state", "organization", "since", "until")),
    }
    return render(request, "fees/payments.html", page)


@needs(Action.SEE_INVOICES)
@require_safe
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    """One payment: what it paid, what went back, what is left."""
    found = finding.payment(request, pk)
    rows = list(found.allocations.select_related("invoice"))
    released = {row.releases_id for row in rows}
    page = {
        "payment": found,
        "currency": found.account.currency,
        "left": left_of(found),
        "allocations": rows,
        "releasable": [row for row in rows if row.cents > 0 and row.pk not in released],
        "refunds": found.refunds.all(),
        "may_keep": bool(can(person_of(request).actor, Action.KEEP_FEES)),
    }
    return render(request, "fees/payment.html", page)


@needs(Action.KEEP_FEES)
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Money came in for an account."""
    account, by = finding.account(request, pk), person_of(request)
    waiting = open_invoices(account)

    def run(form: PaymentForm, at: datetime) -> object:
        values = {name: form.cleaned_data[name] for name in ("cents", "received_on", "method", "reference")}
        return paying.record_payment(account, by=by, at=at, pays=form.pays, **values)

    act = Act(
        title=f"Record a payment of {account.organization.name}",
        word="Record the payment",
        done="The payment is recorded.",
        organization=account.organization,
        back=reverse("fees-account", args=[account.pk]),
        run=run,
        undo="A payment the bank takes back is returned on its page; what it paid is open again.",
        then=lambda row: reverse("payment", args=[getattr(row, "pk", None)]),
    )
    initial = {"received_on": account.day(timezone.now())}
    return carry(
        request, act, lambda data: PaymentForm(data, waiting=waiting, currency=account.currency, initial=initial)
    )


@needs(Action.KEEP_FEES)
def distribute(request: HttpRequest, pk: int) -> HttpResponse:
    """All money left of an account pays what is open."""
    account, by = finding.account(request, pk), person_of(request)
    act = Act(
        title=f"Use the money left of {account.organization.name}",
        word="Pay what is open",
        done="What was left paid what was open.",
        organization=account.organization,
        back=reverse("fees-account", args=[account.pk]),
        run=lambda form, at: paying.distribute(account, by=by, at=at),
        undo="Each part can be taken back on the invoice's page.",
    )
    return carry(request, act, NothingForm)


@needs(Action.KEEP_FEES)
def allocate(request: HttpRequest, pk: int) -> HttpResponse:
    return allocate_of(request, finding.payment(request, pk), reverse("payment", args=[pk]))


@needs(Action.KEEP_FEES)
def refund(request: HttpRequest, pk: int) -> HttpResponse:
    return refund_of(request, finding.payment(request, pk), reverse("payment", args=[pk]))


@needs(Action.KEEP_FEES)
def return_(request: HttpRequest, pk: int) -> HttpResponse:
    """The bank took the payment back."""
    found, by = finding.payment(request, pk), person_of(request)
    act = Act(
        title="Record that the bank took this payment back",
        word="Record the return",
        done="The payment is returned; what it paid is open again.",
        organization=found.account.organization,
        back=reverse("payment", args=[pk]),
        run=lambda form, at: paying.return_payment(found, by=by, at=at, **form.cleaned_data),
        undo="Money that comes again is recorded as a new payment.",
        danger=True,
    )
    return carry(request, act, ReasonForm)


@needs(Action.KEEP_FEES)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what paid an invoice."""
    found, by = finding.allocation(request, pk), person_of(request)
    act = Act(
        title=f"Take back what paid invoice {found.invoice}",
        word="Take it back",
        done="It is taken back: the invoice is open again, the money is left to use.",
        organization=found.account.organization,
        back=reverse("invoice", args=[found.invoice_id]),
        run=lambda form, at: paying.release(found, by=by, at=at),
        undo="The money left can pay the invoice again. The next invoice that becomes final, or the next payment, "
        "uses it for whatever is due first.",
    )
    return carry(request, act, NothingForm)


def allocate_of(request: HttpRequest, source: Source, back: str) -> HttpResponse:
    """What is left of a payment or a credit note pays an invoice of one's choice."""
    by, account, left, waiting = person_of(request), source.account, left_of(source), open_invoices(source.account)
    act = Act(
        title=f"Let {_name(source)} pay an invoice",
        word="Pay the invoice",
        done="It pays the invoice.",
        organization=account.organization,
        back=back,
        run=lambda form, at: paying.allocate(source, form.chosen, by=by, cents=form.cleaned_data["cents"], at=at),
        says=f"{in_words(left, account.currency)} is left of it.",
        undo="It can be taken back on the invoice's page.",
    )
    first = min(left, waiting[0][1]) if waiting else left
    return carry(
        request,
        act,
        lambda data: AllocateForm(data, waiting=waiting, currency=account.currency, initial={"cents": first}),
    )


def refund_of(request: HttpRequest, source: Source, back: str) -> HttpResponse:
    """What is left of a payment or a credit note goes back."""
    by, account, left = person_of(request), source.account, left_of(source)
    act = Act(
        title=f"Pay back what is left of {_name(source)}",
        word="Book the refund",
        done="The refund is booked.",
        organization=account.organization,
        back=back,
        run=lambda form, at: paying.refund(source, by=by, at=at, **form.cleaned_data),
        says=f"{in_words(left, account.currency)} is left of it.",
        undo="Money that comes again is recorded as a new payment.",
        danger=True,
    )
    return carry(request, act, lambda data: RefundForm(data, initial={"cents": left}))


def _name(source: Source) -> str:
    return "the payment" if hasattr(source, "received_on") else f"credit note {source}"


def _csv_row(row: Any) -> list[object]:
    account = row.account
    amounts = [presenting.plain(row.cents), presenting.plain(row.left)]
    return [
        row.received_on,
        account.organization.name,
        row.get_method_display(),
        row.reference,
        account.currency,
        *amounts,
    ]
