"""Paying online with Stripe: to its page over a real socket, and back through its signed events, in any order."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from portal.common.models import AuditEvent, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.fees.models import Checkout, Invoice, Payment, ProviderEvent, ProviderMove, Refund
from portal.fees.services import checkouts, paying, provider_events, verifying
from portal.fees.services.balances import left_of, open_cents
from tests.cast import Cast, sign_in
from tests.portal.fees import stripe_events as events
from tests.portal.fees import stripe_server
from tests.portal.fees.helpers import a_plan, billed, paid, signed

pytestmark = pytest.mark.django_db
HOOK = "/provider/webhook/"
WHOLE = 140_400


@pytest.fixture
def stripe(settings: LazySettings) -> Iterator[stripe_server.Server]:
    with stripe_server.running() as server:
        settings.STRIPE_SECRET_KEY = events.KEY
        settings.STRIPE_WEBHOOK_SECRET = events.SECRET
        settings.STRIPE_API_ADDRESS = server.address
        yield server


@pytest.fixture
def invoice(cast: Cast) -> Invoice:
    return billed(cast, signed(cast))


def begun(cast: Cast, invoice: Invoice) -> str:
    """A payment begun: the key that the provider gives back."""
    checkouts.start(invoice, by=cast.admin_prairie, at=timezone.now())
    return str(Checkout.objects.latest("pk").key)


def hear(kind: str, thing: dict[str, Any], name: str = "") -> int:
    """The answer to an event sent to the webhook."""
    body = events.body_of(events.event(kind, thing, name=name or f"evt_{kind}_{thing['id']}"))
    return post(body, events.signature(body))


def post(body: bytes, signature: str) -> int:
    headers = {"Stripe-Signature": signature} if signature else {}
    answer = Client(enforce_csrf_checks=True).post(HOOK, body, content_type="application/json", headers=headers)
    if answer.status_code != 404:
        assert answer.content == b""
    return answer.status_code


def balanced() -> None:
    assert verifying.verify().faults == []


def test_to_the_page_of_the_provider_and_what_it_is_told(
    cast: Cast, invoice: Invoice, stripe: stripe_server.Server
) -> None:
    answer = sign_in(Client(), cast.admin_prairie).post(f"/invoices/{invoice.pk}/pay/")
    assert answer.status_code == 200
    assert 'href="https://checkout.stripe.com/c/pay/cs_test_1"' in answer.content.decode()
    assert "form-action 'self'" in answer["Content-Security-Policy"], "the way out is a link, not a form"
    ((path, form, headers),) = stripe.asked
    assert path == "/v1/checkout/sessions"
    row = Checkout.objects.get()
    assert form["line_items[0][price_data][unit_amount]"] == str(WHOLE)
    assert form["line_items[0][price_data][currency]"] == "usd"
    assert form["client_reference_id"] == "INV-2026-00001"
    assert form["metadata[checkout]"] == form["payment_intent_data[metadata][checkout]"] == str(row.key)
    assert form["success_url"].endswith(f"/invoices/{invoice.pk}/?paid=online")
    assert headers["idempotency-key"] == f"checkout-{row.key}"
    assert headers["stripe-version"] == "2026-10-28.endive"
    assert (row.cents, row.started_by, row.session) == (WHOLE, cast.admin_prairie, "cs_test_1")
    assert AuditEvent.objects.filter(action="fees.checkout", organization_id=cast.prairie.pk).exists()
    assert not Payment.objects.exists()


def test_a_session_books_once_and_pays_its_invoice(cast: Cast, invoice: Invoice, stripe: stripe_server.Server) -> None:
    key = begun(cast, invoice)
    assert hear("checkout.session.completed", events.session(key, WHOLE)) == 200
    payment = Payment.objects.get()
    assert (payment.method, payment.reference, payment.recorded_by, payment.cents) == ("card", "pi_1", None, WHOLE)
    assert open_cents(invoice) == 0
    for _ in range(2):
        assert hear("checkout.session.completed", events.session(key, WHOLE)) == 200
    assert hear("checkout.session.completed", events.session(key, WHOLE), name="evt_other") == 200
    assert hear("payment_intent.succeeded", events.intent(key, WHOLE)) == 200
    assert Payment.objects.count() == 1
    assert list(ProviderEvent.objects.values_list("outcome", flat=True)) == ["booked", "nothing", "nothing"]
    balanced()


def test_a_debit_that_is_paid_only_later(cast: Cast, invoice: Invoice, stripe: stripe_server.Server) -> None:
    key = begun(cast, invoice)
    hear("checkout.session.completed", events.session(key, WHOLE, payment_status="unpaid"))
    assert not Payment.objects.exists()
    hear("checkout.session.async_payment_succeeded", events.session(key, WHOLE))
    assert Payment.objects.count() == 1
    balanced()


def test_what_is_paid_twice_stays_as_credit(cast: Cast, invoice: Invoice, stripe: stripe_server.Server) -> None:
    one, two = begun(cast, invoice), begun(cast, invoice)
    hear("payment_intent.succeeded", events.intent(one, WHOLE))
    hear("payment_intent.succeeded", events.intent(two, WHOLE, name="pi_2"))
    assert open_cents(invoice) == 0
    assert left_of(Payment.objects.get(reference="pi_2")) == WHOLE
    with pytest.raises(Conflict, match="Nothing of this invoice is open"):
        begun(cast, invoice)
    balanced()


def story(key: str) -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        "paid": ("checkout.session.completed", events.session(key, WHOLE)),
        "intent": ("payment_intent.succeeded", events.intent(key, WHOLE)),
        "refund": ("refund.created", events.refund(40_000, status="pending")),
        "updated": ("refund.updated", events.refund(40_000)),
        "second": ("refund.created", events.refund(400, name="re_2")),
        "failed": ("refund.failed", events.refund(400, name="re_2", status="failed")),
    }


@pytest.mark.parametrize("order", list(itertools.permutations(["paid", "intent", "refund", "second", "failed"]))[::7])
def test_any_order_comes_to_the_same(
    cast: Cast, invoice: Invoice, stripe: stripe_server.Server, order: tuple[str, ...]
) -> None:
    told = story(begun(cast, invoice))
    for name in (*order, "updated", *order):
        assert hear(*told[name]) == 200
    assert open_cents(invoice) == 40_000
    refunded = sum(row.cents for row in Refund.objects.all())
    received = sum(row.cents for row in Payment.objects.all())
    assert received - refunded == WHOLE - 40_000
    assert not ProviderEvent.objects.filter(outcome="waiting").exists()
    balanced()


def test_a_refund_before_its_payment_waits(cast: Cast, invoice: Invoice, stripe: stripe_server.Server) -> None:
    key = begun(cast, invoice)
    hear("refund.created", events.refund(500))
    assert ProviderEvent.objects.get().outcome == "waiting"
    assert provider_events.try_again(at=timezone.now()) == 1
    assert ProviderEvent.objects.get().outcome == "waiting"
    hear("payment_intent.succeeded", events.intent(key, WHOLE))
    assert Refund.objects.get().cents == 500
    assert open_cents(invoice) == 500
    assert provider_events.try_again(at=timezone.now()) == 0


def test_a_refund_gives_back_only_as_much_as_it_must(cast: Cast, stripe: stripe_server.Server) -> None:
    agreement = signed(cast)
    first = billed(cast, agreement)
    key = begun(cast, first)
    hear("payment_intent.succeeded", events.intent(key, WHOLE + 1_000))
    hear("refund.created", events.refund(1_000))
    assert open_cents(first) == 0
    hear("refund.created", events.refund(400, name="re_2"))
    assert open_cents(first) == 400
    balanced()


@pytest.mark.parametrize("turned", [False, True])
def test_a_dispute_takes_the_money_and_gives_it_back(
    cast: Cast, invoice: Invoice, stripe: stripe_server.Server, turned: bool
) -> None:
    hear("payment_intent.succeeded", events.intent(begun(cast, invoice), WHOLE))
    hear("charge.dispute.created", events.dispute(WHOLE))
    assert {row.person for row in Notice.objects.filter(kind="provider")} == {cast.network_admin}
    assert open_cents(invoice) == 0, "a dispute that has taken nothing books nothing"
    two = [
        ("charge.dispute.funds_withdrawn", events.dispute(WHOLE)),
        ("charge.dispute.funds_reinstated", events.dispute(WHOLE, status="won")),
    ]
    for name, thing in reversed(two) if turned else two:
        hear(name, thing)
        hear(name, thing, name=f"evt_again_{name}")
        balanced()
    assert provider_events.try_again(at=timezone.now()) <= 1
    assert open_cents(invoice) == 0
    assert Payment.objects.count() == 2
    assert Refund.objects.count() == 1
    balanced()


def test_what_does_not_fit_the_books_is_left_to_a_person(
    cast: Cast, invoice: Invoice, stripe: stripe_server.Server
) -> None:
    key = begun(cast, invoice)
    hear("payment_intent.succeeded", events.intent(key, WHOLE, name="pi_9", currency="eur"))
    hear("payment_intent.succeeded", events.intent(key, WHOLE))
    hear("refund.created", events.refund(WHOLE + 1))
    assert list(ProviderEvent.objects.filter(outcome="by-hand").values_list("intent", flat=True)) == ["pi_9", "pi_1"]
    assert open_cents(invoice) == 0, "nothing was released in vain"
    assert not Refund.objects.exists()
    assert Notice.objects.filter(kind="provider").count() == 2
    balanced()


def test_payments_that_are_none_of_ours_change_nothing(cast: Cast, stripe: stripe_server.Server) -> None:
    for thing in (
        events.intent("", 100),
        events.intent("no-key", 100),
        events.intent("00000000-0000-4000-8000-000000000000", 100),
        events.intent("", 100, metadata=None),
    ):
        assert hear("payment_intent.succeeded", thing, name=f"evt_{thing['metadata']}"[:60]) == 200
    assert hear("customer.created", {"id": "cus_1", "object": "customer"}) == 200
    assert hear("refund.created", events.refund(5) | {"payment_intent": None}) == 200
    assert not Payment.objects.exists()
    assert not ProviderEvent.objects.filter(outcome="waiting").exists()


def test_only_what_is_signed_is_heard(cast: Cast, invoice: Invoice, stripe: stripe_server.Server) -> None:
    body = events.body_of(events.event("payment_intent.succeeded", events.intent(begun(cast, invoice), WHOLE)))
    now = timezone.now().timestamp()
    good = events.signature(body, at=now)
    refused = [
        (body, ""),
        (body, "nonsense"),
        (body, events.signature(body, secret="whsec_other")),
        (body, events.signature(body, scheme="v0")),
        (body, events.signature(body, at=now - 301)),
        (body.replace(b"140400", b"140401"), good),
        (body, good.replace("t=", "t=1")),
        (b"\xff", events.signature(b"\xff".decode("latin-1").encode())),
    ]
    for sent, signature in refused:
        assert post(sent, signature) == 400, signature
    assert not ProviderEvent.objects.exists()
    assert post(body, f"{events.signature(body, secret='whsec_old', at=now)},{good.partition(',')[2]}") == 200, (
        "a rolled secret"
    )
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'{"id": 5}', b'{"id": "e", "type": "x", "data": 3}'])
def test_signed_nonsense_is_refused(stripe: stripe_server.Server, body: bytes, db: None) -> None:
    assert post(body, events.signature(body)) == 400


@pytest.mark.parametrize("cents", [True, -1, "5", 1.5, None])
def test_an_amount_that_is_none_is_refused(
    cast: Cast, invoice: Invoice, stripe: stripe_server.Server, cents: object
) -> None:
    thing = events.intent(begun(cast, invoice), WHOLE, amount_received=cents)
    assert hear("payment_intent.succeeded", thing) == 400


def test_a_message_that_is_too_large_is_not_read(stripe: stripe_server.Server, db: None) -> None:
    body = b'"' + b"a" * (256 * 1024) + b'"'
    assert post(body, events.signature(body)) == 400


def test_while_it_is_off_there_is_nothing_here(cast: Cast, invoice: Invoice) -> None:
    body = events.body_of(events.event("payment_intent.succeeded", events.intent("", 1)))
    assert post(body, events.signature(body)) == 404
    with pytest.raises(Conflict, match="not set up"):
        begun(cast, invoice)
    assert b"Pay online" not in sign_in(Client(), cast.admin_prairie).get(f"/invoices/{invoice.pk}/").content


def test_it_is_only_posted_to(stripe: stripe_server.Server, db: None) -> None:
    assert [Client().generic(method, HOOK).status_code for method in ("GET", "HEAD", "PUT", "DELETE")] == [404] * 4


def test_who_pays(cast: Cast, invoice: Invoice, stripe: stripe_server.Server) -> None:
    other = billed(cast, signed(cast, cast.lakeside, version=a_plan(cast)))
    assert sign_in(Client(), cast.admin_prairie).post(f"/invoices/{other.pk}/pay/").status_code == 404
    assert Client().post(f"/invoices/{invoice.pk}/pay/").status_code == 302
    for who in ("clinician_prairie", "specialist", "editor"):
        assert sign_in(Client(), getattr(cast, who)).post(f"/invoices/{invoice.pk}/pay/").status_code == 403
    for person in (cast.network_admin, cast.auditor):
        with pytest.raises(Refused):
            checkouts.start(invoice, by=person, at=timezone.now())
        answer = sign_in(Client(), person).post(f"/invoices/{invoice.pk}/pay/")
        assert answer["Location"] == f"/invoices/{invoice.pk}/"
    assert stripe.asked == []
    assert b"Pay online" in sign_in(Client(), cast.admin_prairie).get(f"/invoices/{invoice.pk}/").content
    assert b"Pay online" not in sign_in(Client(), cast.auditor).get(f"/invoices/{invoice.pk}/").content


def test_a_provider_that_is_away_charges_nothing_and_says_so(
    cast: Cast, invoice: Invoice, stripe: stripe_server.Server
) -> None:
    stripe.status = 500
    with pytest.raises(Conflict, match="Nothing was paid"):
        begun(cast, invoice)
    assert not Checkout.objects.exists()
    assert len(stripe.asked) == 2, "tried twice, under one key"
    assert len({headers["idempotency-key"] for _, _, headers in stripe.asked}) == 1


def test_paying_back_is_asked_and_booked_when_it_is_done(
    cast: Cast, invoice: Invoice, stripe: stripe_server.Server
) -> None:
    hear("payment_intent.succeeded", events.intent(begun(cast, invoice), WHOLE))
    payment, admin, now = Payment.objects.get(), cast.network_admin, timezone.now()
    with pytest.raises(Invalid, match="has not gone back"):
        checkouts.ask_refund(payment, by=admin, cents=WHOLE + 1, reason="x", at=now)
    with pytest.raises(Refused):
        checkouts.ask_refund(payment, by=cast.admin_prairie, cents=1, reason="x", at=now)
    name = checkouts.ask_refund(payment, by=admin, cents=5_000, reason="Agreed", at=now)
    again = checkouts.ask_refund(payment, by=admin, cents=5_000, reason="Agreed", at=now)
    assert name == again, "asked twice before it is booked, it is one"
    assert stripe.asked[-1][1] == {"payment_intent": "pi_1", "amount": "5000"}
    assert not Refund.objects.exists()
    hear("refund.created", events.refund(5_000, name=name))
    assert open_cents(invoice) == 5_000
    by_bank = paid(cast, invoice.account, 100)
    with pytest.raises(Conflict, match="did not come through"):
        checkouts.ask_refund(by_bank, by=admin, cents=1, reason="x", at=now)
    balanced()


def test_a_refund_written_down_by_hand_is_seen(cast: Cast, invoice: Invoice, stripe: stripe_server.Server) -> None:
    """Somebody booked it before the provider spoke: there is not enough left, and a person looks."""
    hear("payment_intent.succeeded", events.intent(begun(cast, invoice), WHOLE))
    payment = Payment.objects.get()
    paying.return_payment(payment, by=cast.network_admin, reason="by hand", at=timezone.now())
    hear("refund.created", events.refund(WHOLE))
    assert ProviderEvent.objects.get(event__contains="refund").outcome == "by-hand"
    balanced()


def test_moves_are_kept_for_the_account_and_no_card_or_name_is(
    cast: Cast, invoice: Invoice, stripe: stripe_server.Server
) -> None:
    thing = events.session(begun(cast, invoice), WHOLE, customer_details={"email": "a@b.example", "name": "Ann"})
    hear("checkout.session.completed", thing)
    assert ProviderMove.objects.get().account == invoice.account
    assert "Ann" not in str(ProviderEvent.objects.get().said)
    assert timezone.now() - ProviderEvent.objects.get().received_at < timedelta(minutes=1)
