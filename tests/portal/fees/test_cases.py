"""The billing cases of cases.yaml, each through the services; the books balance after each."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal.fees.models import Agreement, CreditNote, Invoice
from portal.fees.pricing import Usage
from portal.fees.services import agreements, crediting, invoicing, paying, verifying
from portal.fees.services.balances import open_cents, sources
from tests.cast import Cast
from tests.portal.fees.helpers import NOON, a_plan, noon, paid, signed

BOOK = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8"))
CASES = BOOK["cases"]


class Desk:
    """Does what a case says happens."""

    def __init__(self, cast: Cast, case: Mapping[str, Any]) -> None:
        self.cast, self.by, self.now = cast, cast.network_admin, NOON
        self.prices = {"tax_points": 0, **BOOK["plan"][case["plan"]], **case.get("prices", {})}
        if tier := case.get("tier"):
            cast.prairie.tier = tier
            cast.prairie.save()
        changes = BOOK["agreement"] | case.get("agreement", {})
        self.now = noon(changes["starts_on"])
        self.agreement: Agreement = signed(cast, version=self.plan(), at=self.now, **changes)
        self.account = self.agreement.account

    def plan(self, **changes: Any) -> Any:
        prices = self.prices | changes
        consults, calls, hours = prices.get("included", (0, 0, 0))
        prices["included"] = Usage(consults, calls, Decimal(hours))
        return a_plan(self.cast, **prices)

    def last(self) -> Invoice:
        return Invoice.objects.final().order_by("sequence").last() or Invoice()

    def bill(self, number: int) -> None:
        if invoice := self.draft(number):
            invoicing.finalize(invoice, by=self.by, at=self.now)

    def draft(self, number: int) -> Invoice | None:
        return invoicing.draft_period(self.agreement, by=self.by, number=number, at=self.now)

    def finalize(self) -> None:
        for invoice in Invoice.objects.drafts().order_by("pk"):
            invoicing.finalize(invoice, by=self.by, at=self.now)

    def change(self, changes: dict[str, Any]) -> None:
        changes = dict(changes)
        on = changes.pop("day")
        if prices := changes.pop("prices", None):
            changes["version"] = self.plan(**prices)
        self.now = noon(on)
        agreements.change(self.agreement, by=self.by, on=on, at=self.now, **changes)

    def end(self, on: date) -> None:
        agreements.end(self.agreement, by=self.by, on=on, reason="They left", at=noon(on))

    def use(self, row: list[Any]) -> None:
        number, consults, calls, hours = row
        self.now = max(self.now, noon(self.agreement.period(number).stretch.until))
        used = Usage(consults, calls, Decimal(str(hours)))
        invoicing.record_usage(self.agreement, by=self.by, number=number, used=used, at=self.now)

    def pay(self, cents: int) -> None:
        self.payment = paid(self.cast, self.account, cents, at=self.now)

    def return_(self) -> None:
        paying.return_payment(self.payment, by=self.by, reason="No funds", at=self.now)

    def refund(self, cents: int) -> None:
        paying.refund(self.payment, by=self.by, cents=cents, reason="Too much", at=self.now)

    def write_off(self, cents: int) -> None:
        paying.write_off(self.last(), by=self.by, cents=cents, reason="Not to be had", at=self.now)

    def credit(self, cents: int | str) -> None:
        first = self.last().lines.all()[0].pk
        parts = None if isinstance(cents, str) else {first: cents}
        crediting.credit(self.last(), by=self.by, reason="A mistake", parts=parts, at=self.now)

    def do(self, step: str | dict[str, Any]) -> None:
        if isinstance(step, str):
            step = {step: None}
        for name, value in step.items():
            method: Callable[..., None] = getattr(self, {"return": "return_", "write-off": "write_off"}.get(name, name))
            method() if value is None else method(value)


def pair(row: int | list[int]) -> tuple[int, int]:
    return (row, 0) if isinstance(row, int) else (row[0], row[1])


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_case(cast: Cast, case: dict[str, Any]) -> None:
    desk = Desk(cast, case)
    for step in case["steps"]:
        desk.do(step)
    invoices = list(Invoice.objects.final().order_by("sequence"))
    found = {
        "invoices": [(row.net_cents, row.tax_cents) for row in invoices],
        "credits": [(row.net_cents, row.tax_cents) for row in CreditNote.objects.order_by("sequence")],
        "lines": [line.cents for line in invoices[-1].lines.all()] if invoices else [],
        "open": [open_cents(row) for row in invoices],
        "left": sum(cents for _, cents in sources(desk.account)),
    }
    expected = {name: case[name] for name in found if name in case}
    for name in {"invoices", "credits"} & set(expected):
        expected[name] = [pair(row) for row in expected[name]]
    assert {name: found[name] for name in expected} == expected
    assert verifying.verify().faults == []


def test_there_are_forty_and_each_expects_something() -> None:
    assert len(CASES) >= 40
    assert len({case["case"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert set(case) & {"invoices", "credits", "lines", "open", "left"}, case["case"]
        assert set(case) <= {
            "case",
            "plan",
            "prices",
            "agreement",
            "tier",
            "steps",
            "invoices",
            "credits",
            "lines",
            "open",
            "left",
        }
