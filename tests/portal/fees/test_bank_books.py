"""Whatever comes of bank files, provider's events and reminders, the books balance; at once, each books once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.db import connection, connections, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.common import tenancy
from portal.common.refusals import Conflict, Invalid
from portal.fees.models import (
    Account,
    Allocation,
    BankLine,
    Checkout,
    Invoice,
    Payment,
    ProviderEvent,
    Refund,
    Reminder,
)
from portal.fees.providers.base import Said, What
from portal.fees.services import bank_booking, bank_reading, provider_events, reminding, verifying
from portal.fees.services.balances import open_cents, sources
from tests.cast import Cast
from tests.portal.fees import stripe_events as events
from tests.portal.fees.bank import brought, csv_of, lines, row
from tests.portal.fees.helpers import FIRST, NOON, a_plan, billed, noon, signed
from tests.portal.fees.test_books import rolled_back

WHOLE = 140_400
numbers = st.integers(min_value=0, max_value=10**6)
acts = ["bill", "file", "again", "confirm", "return", "hand", "paid", "refund", "failed", "dispute", "won", "remind"]
steps = st.lists(st.tuples(st.sampled_from(acts), numbers, numbers), min_size=1, max_size=16)
many = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@dataclass
class Story:
    """Two organizations to which anything happens by the bank and the provider."""

    cast: Cast
    accounts: list[Account]
    day: date = FIRST
    files: int = 0
    said: int = 0

    def do(self, name: str, one: int, other: int) -> None:
        act: Callable[[int, int], object] = getattr(self, f"{name}_")
        with suppress(Conflict, Invalid), transaction.atomic():
            act(one, other)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def bill_(self, one: int, other: int) -> None:
        self.day += timedelta(days=one % 25)
        agreement = self.accounts[one % 2].agreements.get()
        billed(self.cast, agreement, other % 4, at=noon(self.day))

    def file_(self, one: int, other: int) -> None:
        """Three lines: of a named invoice, of an amount, and of a payer."""
        found = list(Invoice.objects.final().order_by("pk"))
        named = found[one % len(found)].number if found else "nothing"
        rows = [
            row(f"{1 + other % 3000}.{one % 100:02}", f"for {named}", day=str(self.day), ref=f"R{self.files}"),
            row(f"{one % 2000 + 1}.00", "", payer="Prairie Health", day=str(self.day)),
            row("1404.00", "?", iban=f"DE{other % 3}", day=str(self.day)),
        ]
        self.files += 1
        brought(self.cast, csv_of(*rows), at=noon(self.day))

    def again_(self, one: int, other: int) -> None:
        bank_reading.read_waiting()
        bank_booking.book_confirmed()

    def confirm_(self, one: int, other: int) -> None:
        rows = list(BankLine.objects.order_by("pk").values_list("pk", flat=True))
        chosen = [pk for pk in rows if (pk + one) % 3]
        bank_booking.confirm(chosen, by=self.cast.network_admin, at=noon(self.day))

    def return_(self, one: int, other: int) -> None:
        found = list(Payment.objects.filter(method="bank").order_by("pk"))
        if found:
            payment = found[one % len(found)]
            text = f"back {payment.reference}"
            brought(self.cast, csv_of(row(f"-{payment.cents / 100:.2f}", text, day=str(self.day), ref=f"X{other}")))

    def hand_(self, one: int, other: int) -> None:
        found = list(BankLine.objects.filter(state="waiting", cents__gt=0).order_by("pk"))
        if found:
            account = self.accounts[one % 2]
            pays = dict.fromkeys(Invoice.objects.filter(account=account)[:1], 1 + other % 90000)
            bank_booking.match_by_hand(
                found[one % len(found)], by=self.cast.network_admin, account=account, pays=pays, at=noon(self.day)
            )

    def tell(self, what: What, name: str, intent: str, cents: int, key: str = "") -> None:
        self.said += 1
        said = Said(f"evt_{self.said}", what, intent, name, cents, "USD", key)
        provider_events.receive(said, at=noon(self.day))
        provider_events.receive(said, at=noon(self.day))

    def paid_(self, one: int, other: int) -> None:
        invoice = Invoice.objects.final().order_by("pk").first()
        if invoice is None:
            return
        key = UUID(int=one % 4)
        Checkout.objects.get_or_create(
            key=key,
            defaults={
                "account": invoice.account,
                "invoice": invoice,
                "session": f"cs_{one % 4}",
                "cents": 1,
                "started_by": self.cast.admin_prairie,
                "started_at": noon(self.day),
            },
        )
        self.tell(What.PAID, f"pi_{one % 4}", f"pi_{one % 4}", 1 + other, str(key))

    def refund_(self, one: int, other: int) -> None:
        self.tell(What.REFUNDED, f"re_{one % 5}", f"pi_{one % 4}", 1 + other % 200_000)

    def failed_(self, one: int, other: int) -> None:
        self.tell(What.REFUND_FAILED, f"re_{one % 5}", f"pi_{one % 4}", 1 + other % 200_000)

    def dispute_(self, one: int, other: int) -> None:
        self.tell(What.WITHDRAWN, f"du_{one % 3}", f"pi_{one % 4}", 1 + other % 200_000)

    def won_(self, one: int, other: int) -> None:
        self.tell(What.REINSTATED, f"du_{one % 3}", f"pi_{one % 4}", 1 + other % 200_000)

    def remind_(self, one: int, other: int) -> None:
        self.day += timedelta(days=one % 20)
        reminding.send_due(at=noon(self.day))


def begun(cast: Cast) -> Story:
    version = a_plan(cast)
    one, two = signed(cast, version=version), signed(cast, cast.lakeside, version=version)
    return Story(cast, [one.account, two.account])


@pytest.mark.django_db
@many
@given(steps)
def test_whatever_comes_from_the_bank_and_the_provider_the_books_balance(
    cast: Cast, happened: list[tuple[str, int, int]]
) -> None:
    with rolled_back():
        story = begun(cast)
        story.do("bill", 0, 0)
        for step in happened:
            story.do(*step)
            assert verifying.verify().faults == []
        for invoice in Invoice.objects.final():
            assert 0 <= open_cents(invoice) <= invoice.total_cents
        received = sum(payment.cents for payment in Payment.objects.all())
        gone = sum(refund.cents for refund in Refund.objects.all())
        pays = sum(allocation.cents for allocation in Allocation.objects.all())
        left = sum(cents for account in story.accounts for _, cents in sources(account))
        assert received == gone + pays + left


@pytest.mark.django_db
def test_the_story_does_book(cast: Cast) -> None:
    story = begun(cast)
    for name, one, other in (
        ("bill", 0, 0),
        ("bill", 1, 1),
        ("file", 2, 40),
        ("confirm", 0, 0),
        ("return", 0, 7),
        ("confirm", 1, 0),
        ("paid", 1, 90_000),
        ("refund", 1, 500),
        ("dispute", 1, 20_000),
        ("won", 1, 20_000),
        ("remind", 19, 0),
        ("remind", 19, 0),
        ("remind", 19, 0),
    ):
        story.do(name, one, other)
    assert BankLine.objects.filter(state="booked").exists()
    assert ProviderEvent.objects.filter(outcome="booked").count() >= 3
    assert Reminder.objects.exists()
    assert verifying.verify().faults == []


def at_once(work: Callable[[], object], threads: int = 8) -> list[object]:
    """What each thread's work returned, or the refusal it met."""

    def run(_: int) -> object:
        try:
            return work()
        except (Conflict, Invalid) as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


@pytest.fixture
def secrets(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = events.KEY, events.SECRET


def test_one_webhook_from_eight_threads_books_once(committed_cast: Cast, secrets: None) -> None:
    cast = committed_cast
    invoice = billed(cast, signed(cast))
    key = UUID(int=7)
    Checkout.objects.create(
        key=key,
        account=invoice.account,
        invoice=invoice,
        session="cs_1",
        cents=WHOLE,
        started_by=cast.admin_prairie,
        started_at=NOON,
    )

    def post(kind: str, thing: dict[str, object]) -> int:
        body = events.body_of(events.event(kind, thing, name=f"evt_{kind}"))
        headers = {"Stripe-Signature": events.signature(body)}
        return Client().post("/provider/webhook/", body, content_type="application/json", headers=headers).status_code

    kinds = [("payment_intent.succeeded", events.intent(str(key), WHOLE)), ("refund.created", events.refund(400))]
    for kind, thing in kinds:
        assert at_once(partial(post, kind, thing)) == [200] * 8
    session = ("checkout.session.completed", events.session(str(key), WHOLE))
    assert at_once(partial(post, *session)) == [200] * 8
    assert Payment.objects.count() == Refund.objects.count() == 1
    assert ProviderEvent.objects.count() == 3
    assert open_cents(invoice) == 400
    assert verifying.verify().faults == []


def test_one_file_from_eight_threads_is_kept_and_booked_once(committed_cast: Cast) -> None:
    cast = committed_cast
    invoice = billed(cast, signed(cast))
    brought(cast, csv_of(row("1.00", "first")))
    content = csv_of(*(row("10.00", f"INV-2026-00001 {number}", ref=f"N{number}") for number in range(20)))

    def whole() -> int:
        with tenancy.everything():
            file, _ = bank_reading.bring(by=cast.network_admin, name="a", content=content, at=NOON)
        with tenancy.everything():
            return bank_booking.confirm([line.pk for line in lines(file)], by=cast.network_admin, at=NOON).booked

    booked = at_once(whole)
    assert sum(number for number in booked if isinstance(number, int)) == 20, booked
    assert Payment.objects.count() == 20
    assert open_cents(invoice) == WHOLE - 20_000
    assert verifying.verify().faults == []


def test_eight_workers_read_book_and_remind_once(committed_cast: Cast) -> None:
    cast = committed_cast
    agreement = signed(cast)
    billed(cast, agreement)
    brought(cast, csv_of(row("1.00", "first")))
    rows = [row("1.00", f"INV-2026-00001 {'x' * 60} {number}", ref=f"N{number}") for number in range(1100)]
    file, _ = bank_reading.bring(by=cast.network_admin, name="a", content=csv_of(*rows), at=NOON)
    assert file.state == "waiting"
    at_once(bank_reading.read_waiting)
    found = lines(file)
    assert len(found) == 1100
    with tenancy.everything():
        bank_booking.confirm([line.pk for line in found[:40]], by=cast.network_admin, at=NOON)
    assert sum(number for number in at_once(bank_booking.book_confirmed) if isinstance(number, int)) == 40
    assert Payment.objects.count() == 40
    sent = at_once(partial(reminding.send_due, at=noon(date(2026, 2, 20))))
    assert sum(number for number in sent if isinstance(number, int)) == 1
    assert Reminder.objects.count() == 1
    assert verifying.verify().faults == []


def test_a_line_matched_by_hand_and_confirmed_at_once_is_one_payment(committed_cast: Cast) -> None:
    cast = committed_cast
    invoice = billed(cast, signed(cast))
    (line,) = lines(brought(cast, csv_of(row("1404.00", "INV-2026-00001"))))

    def by_hand() -> object:
        with tenancy.everything():
            return bank_booking.match_by_hand(
                line, by=cast.network_admin, account=invoice.account, pays={invoice: WHOLE}, at=NOON
            )

    def confirmed() -> object:
        with tenancy.everything():
            return bank_booking.confirm([line.pk], by=cast.network_admin, at=NOON)

    works = iter([by_hand, confirmed] * 4)
    at_once(lambda: next(works)())
    assert Payment.objects.count() == 1
    assert open_cents(invoice) == 0
    assert Allocation.objects.count() == 1
