"""The pages of bank files and payments online: who opens which, a file from its columns to its booking, and no more
questions to the database for a longer list.
"""

from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.fees.models import BankFile, BankLine, Payment
from portal.fees.services.balances import open_cents
from tests.cast import Cast, sign_in
from tests.portal.fees.bank import LAYOUT, brought, csv_of, lines, row
from tests.portal.fees.helpers import NOON, billed, noon, paid, signed

pytestmark = pytest.mark.django_db
COLUMNS = {name: value for name, value in LAYOUT.as_json().items() if value}


def client_of(cast: Cast, who: str = "network_admin") -> Client:
    return sign_in(Client(), getattr(cast, who))


def test_only_administrators_of_the_network_come_in(cast: Cast) -> None:
    file = brought(cast, csv_of(row("5.00")))
    (line,) = lines(file)
    read = ["/bank/", "/bank/example.csv", f"/bank/files/{file.pk}/", "/bank/lines/", f"/bank/lines/{line.pk}/"]
    read.append("/online-payments/")
    write = [f"/bank/files/{file.pk}/{act}/" for act in ("confirm", "match")]
    write += [f"/bank/lines/{line.pk}/{act}/" for act in ("take-back", "set-aside", "take-up")]
    write += ["/online-payments/1/refund/", "/bank/", f"/bank/lines/{line.pk}/"]
    for who in ("clinician_prairie", "admin_prairie", "specialist", "lead", "editor", "auditor"):
        client = client_of(cast, who)
        assert {client.get(path).status_code for path in read} == {403}, who
        assert {client.post(path).status_code for path in write} == {403}, who
    assert {Client().get(path).status_code for path in read} == {302}
    client = client_of(cast)
    assert {client.get(path).status_code for path in read} == {200}
    assert client.get("/bank/files/999999/").status_code == client.get("/bank/lines/999999/").status_code == 404
    assert client.post("/online-payments/1/refund/").status_code == 404


def test_a_file_from_its_columns_to_its_booking(cast: Cast) -> None:
    invoice = billed(cast, signed(cast))
    with time_machine.travel(noon(date(2026, 1, 10)), tick=False):
        client = client_of(cast)
        upload = SimpleUploadedFile("january.csv", csv_of(row("1404.00", "INV-2026-00001"), row("5.00", "?"), row("x")))
        answer = client.post("/bank/", {"file": upload}, follow=True)
        text = answer.content.decode()
        assert "Which column is what?" in text
        assert '<option value="Payer" selected>' in text, "guessed from the names"
        path = answer.redirect_chain[-1][0]
        wrong = client.post(path, COLUMNS | {"date_format": "%d.%m.%Y"}).content.decode()
        assert "Not one line can be read this way" in wrong
        text = client.post(path, COLUMNS, follow=True).content.decode()
        for words in ("The text names INV-2026-00001", "Prairie Health", "$1,404.00", "Line 4: “x” is not an amount"):
            assert words in text
        assert not Payment.objects.exists()
        marked = BankLine.objects.get(cents=140_400)
        assert f'value="{marked.pk}" checked' in text
        text = client.post(f"{path}confirm/", {"line": [marked.pk, "x"]}, follow=True).content.decode()
        assert "1 line is booked." in text
        assert open_cents(invoice) == 0
        text = client.post(f"{path}confirm/", follow=True).content.decode()
        assert "Mark the lines to be booked first" in text
        again = client.post(
            "/bank/",
            {
                "file": SimpleUploadedFile(
                    "again.csv", csv_of(row("1404.00", "INV-2026-00001"), row("5.00", "?"), row("x"))
                )
            },
            follow=True,
        )
        assert "was brought before" in again.content.decode()


def test_what_is_no_file_is_said_beside_the_field(cast: Cast) -> None:
    client = client_of(cast)
    assert b"empty" in client.post("/bank/", {"file": SimpleUploadedFile("a.csv", b"")}).content
    bomb = SimpleUploadedFile("a.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
    text = client.post("/bank/", {"file": bomb}, follow=True).content.decode()
    assert "defines entities or a document type" in text
    assert "name the columns" in client.post("/bank/", {"file": SimpleUploadedFile("a", b"x")}).content.decode()


def test_by_hand_aside_and_back_on_the_page(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    line, out = lines(brought(cast, csv_of(row("50.00", "thanks"), row("-3.00", "fee"))))
    with time_machine.travel(noon(date(2026, 1, 10)), tick=False):
        client = client_of(cast)
        path = f"/bank/lines/{line.pk}/"
        text = client.get(path, {"account": agreement.account.pk}).content.decode()
        assert f'name="pays-{invoice.pk}"' in text
        field = {"account": agreement.account.pk, f"pays-{invoice.pk}": "60.00"}
        assert "come to more than the line" in client.post(path, field).content.decode()
        assert "Enter a number" in client.post(path, field | {f"pays-{invoice.pk}": "abc"}).content.decode()
        assert client.post(path, field | {f"pays-{invoice.pk}": "40.00"}).status_code == 302
        assert open_cents(invoice) == 136_400
        client.post(f"/bank/lines/{out.pk}/set-aside/", {"reason": "Fee of the bank"})
        assert "Fee of the bank" in client.get("/bank/lines/?state=aside").content.decode()
        client.post(f"/bank/lines/{out.pk}/take-up/")
        assert "fee" in client.get("/bank/lines/").content.decode()


def test_a_payment_is_taken_back_on_the_page(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    payment = paid(cast, agreement.account, 140_400)
    (line,) = lines(brought(cast, csv_of(row("-1404.00", "odd"))))
    client = client_of(cast)
    assert f'value="{payment.pk}"' in client.get(f"/bank/lines/{line.pk}/").content.decode()
    back = f"/bank/lines/{line.pk}/take-back/"
    assert client.post(back, {"payment": "x", "reason": "r"}).status_code == 404
    client.post(back, {"payment": payment.pk, "reason": "Returned"})
    assert open_cents(invoice) == 140_400


def test_the_example_is_read_as_it_is(cast: Cast) -> None:
    client = client_of(cast)
    answer = client.get("/bank/example.csv")
    page = client.post("/bank/", {"file": SimpleUploadedFile("bank.csv", answer.content)}, follow=True)
    form = page.context["form"]
    guessed = {name: form[name].value() or "" for name in form.fields} | {"always": "USD"}
    text = client.post(page.redirect_chain[-1][0], guessed, follow=True).content.decode()
    assert "could not be read" not in text
    assert BankFile.objects.get().state == "ready"
    assert BankLine.objects.count() == 4


def test_a_longer_list_asks_the_database_no_more(cast: Cast) -> None:
    agreement = signed(cast)
    for number in range(2):
        billed(cast, agreement, number)

    def queries(path: str) -> int:
        client = client_of(cast)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    def rows(first: int, last: int) -> list[str]:
        return [row(f"{number}.00", "INV-2026-00001 INV-2026-00002", ref=f"N{number}") for number in range(first, last)]

    small = brought(cast, csv_of(*rows(1, 3)))
    paths = ["/bank/", "/bank/lines/", "/reminders/"]
    with time_machine.travel(noon(date(2026, 3, 30)), tick=False):
        two = [queries(path) for path in [*paths, f"/bank/files/{small.pk}/"]]
    large = brought(cast, csv_of(*rows(3, 23)))
    for number in range(2, 6):
        brought(cast, csv_of(*rows(number * 100, number * 100 + 1)))
        billed(cast, agreement, number)
    with time_machine.travel(noon(date(2026, 3, 30)), tick=False):
        twenty = [queries(path) for path in [*paths, f"/bank/files/{large.pk}/"]]
    assert twenty == two
    assert NOON.date() == date(2026, 1, 1)
