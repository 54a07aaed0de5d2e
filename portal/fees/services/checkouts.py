"""An organization's administrator pays an invoice on the provider's page; the network pays back through it."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from portal.common.refusals import Conflict, Invalid, Refused
from portal.fees import providers
from portal.fees.models import Checkout, Invoice, Payment, ProviderMove
from portal.fees.money import in_words
from portal.fees.providers.base import Order, UnreachableError
from portal.fees.services import base
from portal.fees.services.balances import left_of, open_cents
from portal.members.models import Person

LASTS = timedelta(minutes=45)
AWAY = "The payment page cannot be opened at the moment. Nothing was paid. Try again later, or pay by bank transfer."
OFF = "Payments online are not set up here."


def may_pay(invoice: Invoice, by: Person) -> bool:
    """Who administers the organization that owes."""
    return providers.current() is not None and invoice.account.organization_id in by.actor.administrator_of


@transaction.atomic
def start(invoice: Invoice, *, by: Person, at: datetime) -> str:
    """Begin to pay what is open of an invoice: the provider's page. Nothing is booked before the provider says so.

    Raises Refused for others than the organization's administrators, Conflict where nothing is open or the provider
    is off or away.
    """
    if invoice.account.organization_id not in by.actor.administrator_of:
        raise Refused("Only administrators of the organization pay its invoices.")
    provider = providers.current()
    if provider is None:
        raise Conflict(OFF)
    cents, key = open_cents(invoice), uuid.uuid4()
    if not cents or invoice.number is None:
        raise Conflict("Nothing of this invoice is open.")
    page = settings.SITE_URL + reverse("invoice", args=[invoice.pk])
    order = Order(
        key=str(key),
        number=invoice.number,
        cents=cents,
        currency=invoice.account.currency,
        email=by.email,
        until=at + LASTS,
        paid_url=f"{page}?paid=online",
        back_url=page,
    )
    try:
        started = provider.start(order)
    except UnreachableError:
        raise Conflict(AWAY) from None
    row = Checkout.objects.create(
        key=key,
        account=invoice.account,
        invoice=invoice,
        session=started.session,
        cents=cents,
        started_by=by,
        started_at=at,
    )
    base.record(invoice.account, by=by, action="checkout", kind="invoice", pk=invoice.pk, checkout=row.pk, cents=cents)
    return started.url


@transaction.atomic
def ask_refund(payment: Payment, *, by: Person, cents: int, reason: str, at: datetime) -> str:
    """Ask the provider to pay back part or all of a payment; it is booked when the provider says that it did.

    Raises Invalid for more than the payment was, Conflict where it is none of the provider's or that is away, Refused.
    """
    base.require(by)
    base.reason_of(reason)
    account = base.lock(payment.account)
    move = ProviderMove.objects.filter(kind=ProviderMove.Kind.PAID, payment=payment).first()
    provider = providers.current()
    if move is None or provider is None:
        raise Conflict("This payment did not come through the payment provider, or that is not set up any more.")
    used = sum(row.cents for row in payment.allocations.all())
    rest = left_of(payment) + used
    if base.positive(cents) > rest:
        raise Invalid(cents=f"Only {in_words(rest, account.currency)} of it has not gone back.")
    key = f"{payment.pk}-{payment.cents - rest}-{cents}"
    base.record(account, by=by, action="ask refund", kind="payment", pk=payment.pk, cents=cents)
    try:
        return provider.refund(intent=move.intent, cents=cents, key=key)
    except UnreachableError:
        raise Conflict("The payment provider did not pay back. Nothing was booked.") from None
