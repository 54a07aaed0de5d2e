"""Ageing and statements: what they sum to, as of which day, on the page, as a file and on paper; what follows next."""

import csv
from datetime import date, timedelta
from io import BytesIO, StringIO

import pytest
import time_machine
from django.test import Client
from pypdf import PdfReader

from portal.fees.dunning import AGES
from portal.fees.models import Allocation
from portal.fees.services import ageing, agreements, crediting, paying, statements
from portal.fees.services.balances import open_invoices
from portal.fees.standing import Debt, Standing, State, coming
from tests.cast import Cast, sign_in
from tests.portal.fees.helpers import FIRST, billed, later, noon, paid, signed

pytestmark = pytest.mark.django_db


def test_ageing_by_column_and_as_of_a_day(cast: Cast) -> None:
    agreement = signed(cast)
    for number in range(3):
        billed(cast, agreement, number, at=noon(date(2026, 1 + number, 1)))
    other = signed(cast, cast.lakeside, version=agreement.terms.get().version)
    billed(cast, other)
    day = date(2026, 3, 15)  # due 31 January, 3 March and 31 March
    rows = {row.account.organization.slug: row for row in ageing.ageing(cast.network_admin, day)}
    assert rows["prairie"].columns == [1_404_00, 1_404_00, 1_404_00, 0, 0]
    assert rows["lakeside"].columns == [0, 0, 1_404_00, 0, 0]
    paid(cast, agreement.account, 1_404_00, at=noon(date(2026, 3, 20)))
    assert ageing.ageing(cast.network_admin, day)[1].columns == [1_404_00, 1_404_00, 1_404_00, 0, 0], "as it was"
    after = ageing.ageing(cast.network_admin, date(2026, 3, 20))[1]
    assert after.total == sum(cents for _, cents in open_invoices(agreement.account)) == 2_808_00
    assert [row.account.organization.slug for row in ageing.ageing(cast.admin_prairie, day)] == ["prairie"]


@pytest.mark.parametrize(("days", "column"), [(0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4)])
def test_ageing_at_the_edges(cast: Cast, days: int, column: int) -> None:
    invoice = billed(cast, signed(cast))
    assert invoice.due_on
    row = ageing.ageing(cast.network_admin, invoice.due_on + timedelta(days=days))[0]
    assert [bool(cents) for cents in row.columns] == [place == column for place in range(len(AGES))]


def test_the_ageing_page_and_its_file(cast: Cast) -> None:
    billed(cast, signed(cast))
    client = sign_in(Client(), cast.auditor)
    with time_machine.travel(noon(date(2026, 3, 15)), tick=False):
        text = client.get("/fees/ageing/").content.decode()
        rows = list(csv.reader(StringIO(client.get("/fees/ageing/?format=csv").content.decode())))
        assert "Nothing is open" in client.get("/fees/ageing/?day=2025-12-31").content.decode()
        assert client.get("/fees/ageing/?day=nonsense&format=csv").status_code == 200
    assert "All in USD" in text
    assert rows[1] == ["Prairie Health", "USD", "0.00", "0.00", "1404.00", "0.00", "0.00", "1404.00"]


def test_a_statement_opens_and_closes_with_what_the_books_say(cast: Cast) -> None:
    agreement = signed(cast)
    account = agreement.account
    invoice = billed(cast, agreement)
    payment = paid(cast, account, 2_000_00, at=later(5))
    paying.refund(payment, by=cast.network_admin, cents=96_00, reason="Too much", at=later(6))
    agreements.change(agreement, by=cast.network_admin, on=date(2026, 1, 20), clinicians=40, at=later(40))
    billed(cast, agreement, 1, at=later(41))
    paying.release(Allocation.objects.filter(cents__gt=0)[0], by=cast.network_admin, at=later(42))
    crediting.credit(
        invoice, by=cast.network_admin, reason="Agreed", parts={invoice.lines.all()[0].pk: 1}, at=later(43)
    )
    whole = statements.statement(account, FIRST, later(60).date())
    owed, left = statements.balance_of(account)
    assert (whole.opening, whole.closing) == (0, owed - left)
    assert whole.opening + sum(row.cents for row in whole.movements) == whole.closing
    assert whole.movements[-1].balance == whole.closing
    first = statements.statement(account, FIRST, date(2026, 1, 31))
    second = statements.statement(account, date(2026, 2, 1), later(60).date())
    assert first.closing == second.opening == -500_00
    assert second.closing == whole.closing
    assert [row.entry.kind for row in first.movements] == ["invoice", "payment", "refund"], "no allocation moves it"


def test_a_statement_as_page_file_and_paper(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    paid(cast, agreement.account, 1_500_00, at=later(5))
    client = sign_in(Client(), cast.admin_prairie)
    path = f"/fees/accounts/{agreement.account_id}/statement/?since=2026-01-02&until=2026-01-31"
    text = client.get(path).content.decode()
    for words in ("$1,404.00 owed", "Payment by bank transfer", "$96.00 left"):
        assert words in text
    rows = list(csv.reader(StringIO(client.get(f"{path}&format=csv").content.decode())))
    assert [row[-1] for row in rows] == ["balance", "1404.00", "'-96.00", "'-96.00"]
    paper = client.get(f"{path}&format=pdf")
    words = " ".join(PdfReader(BytesIO(paper.content)).pages[0].extract_text().split())
    for part in ("Statement of account", "Prairie Health", "$1,404.00 owed", "$96.00 left"):
        assert part in words


def test_a_credit_note_on_paper(cast: Cast) -> None:
    invoice = billed(cast, signed(cast))
    note = crediting.credit(invoice, by=cast.network_admin, reason="Agreed by phone", at=later(1))
    paper = sign_in(Client(), cast.admin_prairie).get(f"/fees/credit-notes/{note.pk}/pdf/")
    words = " ".join(PdfReader(BytesIO(paper.content)).pages[0].extract_text().split())
    for part in ("Credit note CN-2026-00001", "INV-2026-00001", "Agreed by phone", "$1,404.00"):
        assert part in words


def test_the_list_is_narrowed(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    billed(cast, agreement, 1, at=noon(date(2026, 2, 1)))
    paid(cast, agreement.account, 1_404_00, at=noon(date(2026, 2, 2)))
    client = sign_in(Client(), cast.network_admin)

    def found(query: str) -> int:
        count: int = client.get(f"/invoices/?{query}").context["page"].paginator.count
        return count

    with time_machine.travel(noon(date(2026, 3, 10)), tick=False):
        assert [found(f"state={state}") for state in ("", "draft", "final", "open", "overdue")] == [2, 0, 2, 1, 1]
        assert (found("organization=prairie"), found("organization=lakeside")) == (2, 0)
        assert (found("since=2026-01-02"), found("until=2026-01-31"), found("since=nonsense")) == (1, 1, 2)
    with time_machine.travel(noon(date(2026, 2, 10)), tick=False):
        assert found("state=overdue") == 0
        text = client.get("/invoices/?state=open&format=csv").content.decode()
    assert text.count("INV-2026-") == 1
    assert "1404.00" in text


TODAY = date(2026, 3, 1)
DEBT = Debt("INV-2026-00001", date(2026, 3, 10), 1_404_00)


@pytest.mark.parametrize(
    ("state", "suspends_on", "debts", "days"),
    [
        (State.GOOD, None, [], []),
        (State.GOOD, None, [DEBT], [date(2026, 3, 11), date(2026, 4, 10)]),
        (State.GRACE, date(2026, 3, 20), [], [date(2026, 3, 20)]),
        (State.GRACE, date(2026, 3, 20), [DEBT], [date(2026, 3, 11), date(2026, 3, 20)]),
        (State.SUSPENDED, None, [DEBT], []),
        (State.REINSTATED, None, [], [date(2026, 3, 31)]),
    ],
)
def test_what_follows_and_when(state: State, suspends_on: date | None, debts: list[Debt], days: list[date]) -> None:
    found = coming(Standing(state, TODAY, (), suspends_on), debts, TODAY)
    assert [day for day, _ in found] == days
