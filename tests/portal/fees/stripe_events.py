"""Events as Stripe publishes them, version 2026-10-28.endive of its API, in the fields that matter here and their
neighbours; and their signatures, by the published scheme: HMAC-SHA256 of the moment, a point and the body.
"""

import hashlib
import hmac
import json
import time
from typing import Any

SECRET = "whsec_" + "of-the-tests"
KEY = "sk_test_" + "of_the_tests"


def event(kind: str, thing: dict[str, Any], *, name: str = "evt_1", created: int = 1_767_290_000) -> dict[str, Any]:
    return {
        "id": name,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": created,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
        "data": {"object": thing},
    }


def session(key: str, cents: int, *, intent: str = "pi_1", **changes: Any) -> dict[str, Any]:
    return {
        "id": f"cs_test_{intent}",
        "object": "checkout.session",
        "amount_subtotal": cents,
        "amount_total": cents,
        "client_reference_id": "INV-2026-00001",
        "currency": "usd",
        "customer": None,
        "metadata": {"checkout": key, "invoice": "INV-2026-00001"},
        "mode": "payment",
        "payment_intent": intent,
        "payment_status": "paid",
        "status": "complete",
        "url": None,
    } | changes


def intent(key: str, cents: int, *, name: str = "pi_1", **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "object": "payment_intent",
        "amount": cents,
        "amount_received": cents,
        "currency": "usd",
        "latest_charge": f"ch_{name}",
        "metadata": {"checkout": key, "invoice": "INV-2026-00001"},
        "status": "succeeded",
    } | changes


def refund(cents: int, *, name: str = "re_1", of: str = "pi_1", status: str = "succeeded") -> dict[str, Any]:
    return {
        "id": name,
        "object": "refund",
        "amount": cents,
        "charge": f"ch_{of}",
        "currency": "usd",
        "metadata": {},
        "payment_intent": of,
        "reason": None,
        "status": status,
    }


def dispute(cents: int, *, name: str = "du_1", of: str = "pi_1", status: str = "needs_response") -> dict[str, Any]:
    return {
        "id": name,
        "object": "dispute",
        "amount": cents,
        "balance_transactions": [],
        "charge": f"ch_{of}",
        "currency": "usd",
        "metadata": {},
        "payment_intent": of,
        "reason": "fraudulent",
        "status": status,
    }


def signature(body: bytes, *, secret: str = SECRET, at: float | None = None, scheme: str = "v1") -> str:
    moment = int(time.time() if at is None else at)
    made = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},{scheme}={made}"


def body_of(said: dict[str, Any]) -> bytes:
    return json.dumps(said).encode()
