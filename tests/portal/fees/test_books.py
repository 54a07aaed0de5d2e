"""For any sequence of changes, payments, credits and refunds: the books balance, no number is missing or repeated."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.common.refusals import Conflict, Invalid
from portal.fees.models import Account, Agreement, CreditLine, CreditNote, Invoice, InvoiceLine, Payment, PlanVersion
from portal.fees.models import stretches as stretches_of
from portal.fees.pricing import Usage, recurring
from portal.fees.proration import periods
from portal.fees.services import agreements, crediting, invoicing, paying, verifying
from portal.fees.services.balances import open_cents, sources
from tests.cast import Cast
from tests.portal.fees.helpers import FIRST, NOON, a_plan, noon, paid, signed

pytestmark = pytest.mark.django_db
many = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
numbers = st.integers(min_value=0, max_value=10**6)
steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "bill",
                "draft",
                "finalize",
                "change",
                "end",
                "use",
                "pay",
                "return",
                "refund",
                "write off",
                "credit",
                "release",
            ]
        ),
        numbers,
        numbers,
    ),
    min_size=1,
    max_size=14,
)


@contextmanager
def rolled_back() -> Iterator[None]:
    """One example, gone again before the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass
class Story:
    """An agreement to which anything happens. What the services refuse does not happen."""

    cast: Cast
    agreement: Agreement
    versions: list[PlanVersion]
    day: date = FIRST
    refused: int = field(default=0)

    def do(self, name: str, one: int, other: int) -> None:
        act: Callable[[int, int], object] = getattr(self, name.replace(" ", "_") + "_")
        try:
            with transaction.atomic():
                act(one, other)
        except (Conflict, Invalid):
            self.refused += 1
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    @property
    def account(self) -> Account:
        return self.agreement.account

    @property
    def with_(self) -> dict[str, Any]:
        return {"by": self.cast.network_admin, "at": noon(self.day)}

    def some(self, rows: Any, number: int) -> Any:
        """One of the rows, by number. Raises Conflict where there are none."""
        found = list(rows.order_by("pk"))
        if not found:
            raise Conflict("nothing there")
        return found[number % len(found)]

    def bill_(self, one: int, other: int) -> None:
        if draft := invoicing.draft_period(self.agreement, number=one % 5, **self.with_):
            invoicing.finalize(draft, **self.with_)

    def draft_(self, one: int, other: int) -> None:
        invoicing.draft_period(self.agreement, number=one % 5, **self.with_)

    def finalize_(self, one: int, other: int) -> None:
        invoicing.finalize(self.some(Invoice.objects.drafts(), one), **self.with_)

    def change_(self, one: int, other: int) -> None:
        self.day += timedelta(days=one % 40)
        choices: list[dict[str, Any]] = [
            {"clinicians": other % 200},
            {"facilities": other % 7},
            {"version": self.versions[other % len(self.versions)]},
            {"discount_points": other % 10_001},
        ]
        agreements.change(self.agreement, on=self.day, **self.with_, **choices[one % 4])

    def end_(self, one: int, other: int) -> None:
        if one % 3 == 0:
            agreements.end(self.agreement, on=self.day + timedelta(days=other % 50), reason="x", **self.with_)

    def use_(self, one: int, other: int) -> None:
        self.day = max(self.day, self.agreement.period(one % 3).stretch.until)
        used = Usage(other % 60, one % 30, Decimal(other % 4000) / 100)
        invoicing.record_usage(self.agreement, number=one % 3, used=used, **self.with_)

    def pay_(self, one: int, other: int) -> None:
        paid(self.cast, self.account, one % 400_000, at=noon(self.day))

    def return_(self, one: int, other: int) -> None:
        paying.return_payment(self.some(Payment.objects.all(), one), reason="x", **self.with_)

    def refund_(self, one: int, other: int) -> None:
        found = sources(self.account)
        if found:
            source, left = found[one % len(found)]
            paying.refund(source, cents=1 + other % (left + 1), reason="x", **self.with_)

    def write_off_(self, one: int, other: int) -> None:
        invoice = self.some(Invoice.objects.final(), one)
        paying.write_off(invoice, cents=1 + other % (open_cents(invoice) + 1), reason="x", **self.with_)

    def credit_(self, one: int, other: int) -> None:
        invoice = self.some(Invoice.objects.final(), one)
        line = self.some(invoice.lines.all(), other)
        parts = {line.pk: 1 + other % (line.cents + 1)} if one % 4 else None
        crediting.credit(invoice, parts=parts, reason="x", **self.with_)

    def release_(self, one: int, other: int) -> None:
        paying.release(self.some(self.account.allocations.all(), one), **self.with_)


def begun(cast: Cast, cycle: int, tax: int) -> Story:
    odd = {
        "dues": {"member": 1_234_567, "regional": 7},
        "facility_cents": 33_333,
        "bands": [(9, 0), (50, 77_777), (None, 3)],
    }
    versions = [a_plan(cast, tax_points=tax), a_plan(cast, tax_points=tax + 77, **odd)]
    return Story(cast, signed(cast, version=versions[0], cycle=cycle, until=date(2027, 2, 20)), versions)


@many
@given(steps, st.sampled_from([1, 3, 12]), st.sampled_from([0, 725, 1999]))
def test_whatever_happens_the_books_balance(
    cast: Cast, happened: list[tuple[str, int, int]], cycle: int, tax: int
) -> None:
    with rolled_back():
        story = begun(cast, cycle, tax)
        for step in happened:
            story.do(*step)
            assert verifying.verify().faults == []
        for row in Invoice.objects.final():
            assert 0 <= open_cents(row) <= row.total_cents


changes = st.lists(st.tuples(numbers, numbers, st.booleans()), max_size=6)


@many
@given(changes, st.sampled_from([1, 3, 12]), st.integers(min_value=0, max_value=3), st.none() | st.integers(0, 60))
def test_whatever_changes_each_period_comes_to_the_sum_of_its_days(
    cast: Cast, changed: list[tuple[int, int, bool]], cycle: int, billed: int, ended: int | None
) -> None:
    """Invoices less credit notes are what the terms of each day cost, as if nothing had ever been billed ahead."""
    with rolled_back():
        story = begun(cast, cycle, 725)
        for number in range(billed + 1):
            story.do("bill", number, 0)
        for one, other, final in changed:
            story.do("change", one, other)
            if final:
                story.do("finalize", 0, 0)
        if ended is not None:
            story.do("end", 0, ended)
        story.agreement.refresh_from_db()
        rows, term = list(story.agreement.terms.all()), story.agreement.term
        for period in list(periods(story.agreement.term, cycle))[: billed + 1]:
            exact = sum(
                line.cents
                for terms, held in stretches_of(rows, term)
                if (days := held.meet(period.stretch))
                for line in recurring(terms.prices, terms.size, period, days)
            )
            lines = InvoiceLine.objects.filter(invoice__agreement=story.agreement, invoice__period=period.number)
            back = CreditLine.objects.filter(line__in=lines)
            assert sum(row.cents for row in lines) - sum(row.cents for row in back) == exact
        assert CreditNote.objects.exclude(net_cents__gt=0).count() == 0


def test_the_story_is_not_all_refusals(cast: Cast) -> None:
    story = begun(cast, 1, 725)
    for name in ("bill", "change", "finalize", "pay", "release", "credit", "use", "finalize", "refund", "write off"):
        story.do(name, 1, 345_678)
    assert story.refused <= 2
    assert story.day > NOON.date()
