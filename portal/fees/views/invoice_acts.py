"""What an administrator of the network does with an invoice: finalize a draft, credit, write off."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from portal.fees.forms import CreditForm, NothingForm, WriteOffForm
from portal.fees.models import Invoice
from portal.fees.services import crediting, invoicing, paying
from portal.fees.services.balances import open_cents
from portal.fees.views import finding
from portal.fees.views.acting import Act, carry
from portal.members.access import needs, person_of
from portal.members.policy import Action


@needs(Action.KEEP_FEES)
def finalize(request: HttpRequest, pk: int) -> HttpResponse:
    found, by = finding.invoice(request, pk), person_of(request)
    act = Act(
        title="Make this invoice final now",
        word="Make final",
        done="The invoice is final, and has its number.",
        organization=found.account.organization,
        back=_page(found),
        run=lambda form, at: invoicing.finalize(found, by=by, at=at),
        undo="A final invoice is never changed. A mistake is taken back by a credit note.",
    )
    return carry(request, act, NothingForm)


@needs(Action.KEEP_FEES)
def credit(request: HttpRequest, pk: int) -> HttpResponse:
    found, by = finding.invoice(request, pk), person_of(request)
    left, currency = crediting.left_of_lines(found), found.account.currency

    def run(form: CreditForm, at: datetime) -> object:
        return crediting.credit(found, by=by, reason=form.cleaned_data["reason"], parts=form.parts, at=at)

    act = Act(
        title=f"Credit invoice {found}",
        word="Issue the credit note",
        done="The credit note is issued.",
        organization=found.account.organization,
        back=_page(found),
        run=run,
        says="Give back so much of each line. It pays this invoice as far as it is open, then others; the rest stays "
        "as money left.",
        undo="A credit note stays. What was credited too much is billed again.",
    )
    return carry(request, act, lambda data: CreditForm(data, left=left, currency=currency))


@needs(Action.KEEP_FEES)
def write_off(request: HttpRequest, pk: int) -> HttpResponse:
    found, by = finding.invoice(request, pk), person_of(request)
    open_ = open_cents(found)
    act = Act(
        title=f"Write off invoice {found}",
        word="Write off",
        done="It is written off.",
        organization=found.account.organization,
        back=_page(found),
        run=lambda form, at: paying.write_off(found, by=by, at=at, **form.cleaned_data),
        says="The network expects no more of it. Reminders and standing leave alone what is written off.",
        undo="A write-off stays. Money that comes in all the same is recorded as a payment, and stays as money left.",
        danger=True,
    )
    return carry(request, act, lambda data: WriteOffForm(data, initial={"cents": open_}))


def _page(found: Invoice) -> str:
    return reverse("invoice", args=[found.pk])
