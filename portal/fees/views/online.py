"""Paying online: to the provider's page and back, what the provider says, and what needs a look."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from portal.common import tenancy
from portal.common.notices import mark_read_at
from portal.common.refusals import Conflict, Refused
from portal.fees import providers
from portal.fees.forms_bank import RefundForm
from portal.fees.models import Invoice, Payment, ProviderEvent, ProviderMove
from portal.fees.money import in_words
from portal.fees.providers.base import NotGenuineError
from portal.fees.services import checkouts, provider_events
from portal.members.access import needs, person_of
from portal.members.policy import Action
from portal.members.views.helpers import carry_out, paged

LARGEST_MESSAGE = 256 * 1024


@csrf_exempt
def webhook(request: HttpRequest) -> HttpResponse:
    """A message of the provider: genuine by its signature, booked once. Anybody else learns nothing here."""
    provider = providers.current()
    if provider is None or request.method != "POST":
        raise Http404
    if len(request.body) > LARGEST_MESSAGE:
        return HttpResponse(status=400)
    try:
        said = provider.hear(request.body, request.headers.get("Stripe-Signature", ""))
    except NotGenuineError:
        return HttpResponse(status=400)
    tenancy.narrow(None)  # up to the end of the transaction, where the database adds the postings up
    provider_events.receive(said, at=timezone.now())
    return HttpResponse(status=200)


@needs(Action.SEE_INVOICES)
@require_POST
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin to pay what is open of an invoice, and show the way to the provider's page.

    A link, not a redirect: browsers follow a form to our own pages only (the policy says form-action 'self').
    """
    person = person_of(request)
    seen = Invoice.objects.visible_to(person).select_related("account__organization")
    invoice = get_object_or_404(seen, pk=pk)
    try:
        address = checkouts.start(invoice, by=person, at=timezone.now())
    except (Conflict, Refused) as why:
        messages.error(request, str(why))
        return redirect("invoice", pk)
    where = urlsplit(address).hostname
    return render(request, "fees/leaving.html", {"invoice": invoice, "address": address, "where": where})


@needs(Action.KEEP_FEES)
@require_safe
def online(request: HttpRequest) -> HttpResponse:
    """Payments that came through the provider, and messages of it that need a look."""
    mark_read_at(person_of(request), request.path)
    moves = ProviderMove.objects.filter(kind=ProviderMove.Kind.PAID).select_related("payment", "account__organization")
    page = paged(request, moves.order_by("-at", "-pk"))
    shown = {
        "page": page,
        "rows": [(row, in_words(row.payment.cents, row.account.currency)) for row in page if row.payment],
        "look": ProviderEvent.objects.filter(outcome=ProviderEvent.Outcome.BY_HAND).order_by("-received_at")[:20],
        "waiting": ProviderEvent.objects.filter(outcome=ProviderEvent.Outcome.WAITING).count(),
        "is_on": providers.current() is not None,
    }
    return render(request, "fees/online.html", shown)


@needs(Action.KEEP_FEES)
@require_POST
def refund(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the provider to pay back."""
    payment = get_object_or_404(Payment.objects.select_related("account"), pk=pk, provider_moves__kind="paid")
    form, by, now = RefundForm(request.POST), person_of(request), timezone.now()
    if not form.is_valid():
        messages.error(request, "Give an amount and a reason.")
        return redirect("online-payments")
    done = "The provider was asked. It is booked as soon as the provider says that it paid back."
    reason = form.cleaned_data["reason"]
    carry_out(request, lambda: checkouts.ask_refund(payment, by=by, cents=form.cents, reason=reason, at=now), done)
    return redirect("online-payments")
