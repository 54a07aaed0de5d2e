"""The invoices' pages: who may open which, what they show, and that a longer list asks the database no more."""

from datetime import date
from io import BytesIO

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from portal.fees.services import agreements, crediting, standing
from tests.cast import Cast, sign_in
from tests.portal.fees.helpers import NOON, a_plan, billed, drafted, later, noon, paid, signed

pytestmark = pytest.mark.django_db

EVERYONE = (
    None,
    "clinician_prairie",
    "admin_prairie",
    "clinician_lakeside",
    "specialist",
    "lead",
    "editor",
    "network_admin",
    "auditor",
)
READERS = {"admin_prairie", "network_admin", "auditor"}


def as_(cast: Cast, who: str | None) -> Client:
    return sign_in(Client(), getattr(cast, who)) if who else Client()


def test_who_opens_which(cast: Cast) -> None:
    agreement = signed(cast)
    invoice, draft = billed(cast, agreement), drafted(cast, agreement, 1)
    other = billed(cast, signed(cast, cast.lakeside, version=a_plan(cast)))
    for who in EVERYONE:
        client, outside = as_(cast, who), 302 if who is None else 403
        for path in ("/invoices/", f"/invoices/{invoice.pk}/", f"/invoices/{invoice.pk}/pdf/"):
            assert client.get(path).status_code == (200 if who in READERS else outside), (who, path)
        for row in (draft, other):
            expected = 404 if who == "admin_prairie" else 200 if who in READERS else outside
            assert client.get(f"/invoices/{row.pk}/").status_code == expected, (who, row)
            assert client.get(f"/invoices/{row.pk}/pdf/").status_code == expected, (who, row)
        assert client.post("/invoices/").status_code == (405 if who in READERS else outside), who


def test_a_foreign_invoice_looks_like_a_missing_one(cast: Cast) -> None:
    other = billed(cast, signed(cast, cast.lakeside))
    client = as_(cast, "admin_prairie")
    foreign, missing = client.get(f"/invoices/{other.pk}/"), client.get(f"/invoices/{other.pk + 99}/")
    assert foreign.status_code == missing.status_code == 404


def test_the_list_says_what_is_open_and_overdue_and_why_the_standing_is_what_it_is(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    paid(cast, agreement.account, 40_400)
    at = noon(date(2026, 2, 10))
    standing.review(agreement.account, at=at)
    client = as_(cast, "admin_prairie")
    with time_machine.travel(at, tick=False):
        text = client.get("/invoices/").content.decode()
    for words in ("INV-2026-00001", "$1,404.00", "$1,000.00", "10 days overdue", "Grace", "was due on 31 January 2026"):
        assert words in text


def test_one_invoice_says_what_it_is_for_and_what_paid_it(cast: Cast) -> None:
    agreement = signed(cast, discount_points=1000)
    invoice = billed(cast, agreement)
    crediting.credit(
        invoice, by=cast.network_admin, reason="Agreed by phone", parts={invoice.lines.all()[0].pk: 1_000}, at=NOON
    )
    paid(cast, agreement.account, 50_000)
    text = as_(cast, "admin_prairie").get(f"/invoices/{invoice.pk}/").content.decode()
    for words in (
        "Network dues",
        "Discount −$100.00",
        "1 – 31 Jan 2026",
        "Sales tax, 8 %",
        "CN-2026-00001: Agreed by phone",
        "Set off against credit note CN-2026-00001",
        "Payment received 1 Jan 2026",
        "Still open",
    ):
        assert words in text


def test_nothing_yet(cast: Cast) -> None:
    assert "No invoices yet" in as_(cast, "admin_prairie").get("/invoices/").content.decode()


def test_the_draft_says_that_it_may_change(cast: Cast) -> None:
    draft = drafted(cast, signed(cast))
    assert "This may still change" in as_(cast, "network_admin").get(f"/invoices/{draft.pk}/").content.decode()


@pytest.mark.parametrize(("zone", "width"), [("America/Chicago", 612), ("Europe/Berlin", 595)])
def test_on_paper(cast: Cast, zone: str, width: int) -> None:
    cast.prairie.time_zone = zone
    cast.prairie.save()
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    agreements.change(agreement, by=cast.network_admin, on=date(2026, 1, 11), clinicians=40, at=later(10))
    answer = as_(cast, "admin_prairie").get(f"/invoices/{invoice.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == "attachment; filename=INV-2026-00001.pdf"
    reader = PdfReader(BytesIO(answer.content))
    text = " ".join(reader.pages[0].extract_text().split())
    assert int(reader.pages[0].mediabox.width) == width
    for words in ("Invoice INV-2026-00001", "Prairie Health", "Dues for 2 facilities", "$1,404.00"):
        assert words in text


@pytest.mark.parametrize("who", sorted(READERS))
def test_a_longer_list_asks_the_database_no_more(cast: Cast, who: str) -> None:
    agreement = signed(cast, until=date(2028, 1, 1))

    def queries() -> int:
        client = as_(cast, who)
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/invoices/").status_code == 200
        return len(captured)

    for number in range(2):
        billed(cast, agreement, number)
    two = queries()
    for number in range(2, 20):
        billed(cast, agreement, number)
    assert queries() == two
