"""Stripe: Checkout Sessions, refunds and webhooks, in the version of the API that the package `stripe` speaks.

The events to subscribe the webhook to: ``checkout.session.completed``, ``checkout.session.async_payment_succeeded``,
``payment_intent.succeeded``, ``refund.created``, ``refund.updated``, ``refund.failed``, ``charge.dispute.created``,
``charge.dispute.funds_withdrawn`` and ``charge.dispute.funds_reinstated``. Others are answered and change nothing.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import stripe

from portal.fees.providers.base import NotGenuineError, Order, Said, Started, UnreachableError, What

TOLERANCE_SECONDS = 300
ANSWERS_WITHIN_SECONDS = 10
RETRIES = 1
LONGEST = 120


class StripeCheckout:
    """``address`` is empty for Stripe's own, or that of a stand-in that speaks the same endpoints."""

    def __init__(self, *, secret_key: str, webhook_secret: str, address: str = "") -> None:
        self.webhook_secret = webhook_secret
        self.client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": address} if address else {},
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=ANSWERS_WITHIN_SECONDS),
        )

    def start(self, order: Order) -> Started:
        ours = {"checkout": order.key, "invoice": order.number}
        asked: dict[str, Any] = {
            "mode": "payment",
            "client_reference_id": order.number,
            "customer_email": order.email,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": order.currency.lower(),
                        "unit_amount": order.cents,
                        "product_data": {"name": f"Invoice {order.number}"},
                    },
                }
            ],
            "metadata": ours,
            "payment_intent_data": {"metadata": ours, "description": f"Invoice {order.number}"},
            "expires_at": int(order.until.timestamp()),
            "success_url": order.paid_url,
            "cancel_url": order.back_url,
        }
        options: Any = {"idempotency_key": f"checkout-{order.key}"}
        session = _asked(lambda: self.client.v1.checkout.sessions.create(cast(Any, asked), options))
        if not session.url or not session.url.startswith("https://"):
            raise UnreachableError("The provider gave no page to pay on.")
        return Started(session.id, session.url)

    def refund(self, *, intent: str, cents: int, key: str) -> str:
        found = _asked(
            lambda: self.client.v1.refunds.create(
                {"payment_intent": intent, "amount": cents}, {"idempotency_key": f"refund-{key}"}
            )
        )
        return str(found.id)

    def hear(self, body: bytes, signature: str) -> Said:
        try:
            stripe.WebhookSignature.verify_header(body, signature, self.webhook_secret, TOLERANCE_SECONDS)
            event = json.loads(body)
            return _said(event["id"], event["type"], event["data"]["object"])
        except stripe.SignatureVerificationError as error:
            raise NotGenuineError(str(error)) from None
        except (UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError):
            raise NotGenuineError("This is no event.") from None


def _asked(ask: "Callable[[], Any]") -> Any:
    try:
        return ask()
    except stripe.StripeError as error:
        raise UnreachableError(type(error).__name__) from error


def _said(event: Any, kind: Any, thing: Mapping[str, Any]) -> Said:
    if not isinstance(event, str) or not 0 < len(event) <= LONGEST:
        raise ValueError("An event has a name.")
    read = READERS.get(kind)
    said = read(event, thing) if read else None
    return said or Said(event, What.OTHER, name=str(kind)[:LONGEST])


def _session(event: str, thing: Mapping[str, Any]) -> Said | None:
    """Complete, and paid: one that is paid by bank debit is so only later, and says so by another event."""
    if thing["payment_status"] != "paid" or not thing.get("payment_intent"):
        return None
    return _about(event, What.PAID, thing["payment_intent"], thing["payment_intent"], thing["amount_total"], thing)


def _intent(event: str, thing: Mapping[str, Any]) -> Said | None:
    return _about(event, What.PAID, thing["id"], thing["id"], thing["amount_received"], thing)


def _refund(event: str, thing: Mapping[str, Any]) -> Said | None:
    what = {
        "succeeded": What.REFUNDED,
        "pending": What.REFUNDED,
        "failed": What.REFUND_FAILED,
        "canceled": What.REFUND_FAILED,
    }.get(thing["status"])
    if what is None or not thing["payment_intent"]:
        return None
    return _about(event, what, thing["payment_intent"], thing["id"], thing["amount"], thing)


def _dispute(what: What) -> "Callable[[str, Mapping[str, Any]], Said | None]":
    def read(event: str, thing: Mapping[str, Any]) -> Said | None:
        if not thing["payment_intent"]:
            return None
        return _about(event, what, thing["payment_intent"], thing["id"], thing["amount"], thing)

    return read


def _about(event: str, what: What, intent: Any, name: Any, cents: Any, thing: Mapping[str, Any]) -> Said:
    named = intent["id"] if isinstance(intent, Mapping) else intent  # an endpoint may be set to send it whole
    if not isinstance(cents, int) or isinstance(cents, bool) or cents < 0 or not isinstance(named, str):
        raise ValueError("An amount in cents, of a payment that has a name.")
    if name is intent:
        name = named
    key = (thing.get("metadata") or {}).get("checkout", "")
    return Said(event, what, named[:LONGEST], str(name)[:LONGEST], cents, str(thing["currency"]).upper(), str(key)[:36])


READERS: Mapping[str, Callable[[str, Mapping[str, Any]], Said | None]] = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _session,
    "payment_intent.succeeded": _intent,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute(What.DISPUTED),
    "charge.dispute.funds_withdrawn": _dispute(What.WITHDRAWN),
    "charge.dispute.funds_reinstated": _dispute(What.REINSTATED),
}
