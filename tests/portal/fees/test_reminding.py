"""Reminders: each level once on its day, none while an invoice is held, letters in the organization's language."""

from datetime import date, timedelta
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from pypdf import PdfReader

from portal.common.models import Mail, Notice
from portal.common.refusals import Invalid, Refused
from portal.fees import letters, tasks_bank
from portal.fees.models import Invoice, Reminder
from portal.fees.services import reminding, standing
from tests.cast import Cast, sign_in
from tests.portal.fees.helpers import NOON, a_plan, billed, noon, paid, signed

pytestmark = pytest.mark.django_db
DUE = date(2026, 1, 31)


@pytest.fixture
def invoice(cast: Cast) -> Invoice:
    return billed(cast, signed(cast))


def on(days: int) -> int:
    """The task at noon, so many days after the invoice was due, twice."""
    with time_machine.travel(noon(DUE + timedelta(days=days)), tick=False):
        sent = tasks_bank.send_reminders()
        assert tasks_bank.send_reminders() == 0
        return sent


def test_each_level_once_on_its_day(cast: Cast, invoice: Invoice) -> None:
    sent = {days: on(days) for days in range(70)}
    assert [days for days, number in sent.items() if number] == [5, 15, 30, 45, 60]
    rows = list(Reminder.objects.order_by("level"))
    assert [(row.level, (row.since - DUE).days) for row in rows] == [(1, 5), (2, 15), (3, 30), (4, 45), (5, 60)]
    assert rows[0].sent_to == ["Robin Castell"]
    told = Notice.objects.filter(kind="reminder")
    assert {row.person for row in told} == {cast.admin_prairie}
    assert Mail.objects.filter(subject__startswith="Reminder").count() == 5
    assert not any("$" in mail.body for mail in Mail.objects.all())


def test_a_server_that_slept_sends_the_highest_once_on_the_day_it_was_reached(invoice: Invoice) -> None:
    assert on(33) == 1
    row = Reminder.objects.get()
    assert (row.level, row.since) == (3, DUE + timedelta(days=30))
    assert on(40) == 0


def test_what_is_paid_or_as_good_as_paid_is_left_alone(cast: Cast, invoice: Invoice) -> None:
    paid(cast, invoice.account, 140_400 - 99)
    assert on(20) == 0
    paid(cast, invoice.account, 99, at=noon(date(2026, 2, 1)))
    assert on(60) == 0


@pytest.mark.parametrize("kind", ["dispute", "promise"])
def test_a_hold_and_a_promise_stop_them_for_a_time(cast: Cast, invoice: Invoice, kind: str) -> None:
    until = DUE + timedelta(days=20)
    standing.hold(invoice, by=cast.network_admin, kind=kind, until=until, reason="By phone", at=NOON)
    assert [on(days) for days in (5, 15, 20)] == [0, 0, 0]
    assert on(21) == 1
    assert Reminder.objects.get().level == 2
    page = _page(cast, "network_admin", 21)
    assert ("not kept" in page) == (kind == "promise")
    assert "not kept" not in _page(cast, "network_admin", 20)


def _page(cast: Cast, who: str, days: int) -> str:
    with time_machine.travel(noon(DUE + timedelta(days=days)), tick=False):
        return sign_in(Client(), getattr(cast, who)).get("/reminders/").content.decode()


def test_the_log_is_seen_by_the_network_and_the_organization_and_nobody_else(cast: Cast, invoice: Invoice) -> None:
    other = billed(cast, signed(cast, cast.lakeside, version=a_plan(cast)))
    assert on(5) == 2
    mine, theirs = Reminder.objects.get(invoice=invoice), Reminder.objects.get(invoice=other)
    for who in ("admin_prairie", "network_admin", "auditor"):
        text, seen = _page(cast, who, 6), who != "admin_prairie"
        assert str(invoice.number) in text
        assert "Robin Castell" in text
        assert (str(other.number) in text) == seen
        client = sign_in(Client(), getattr(cast, who))
        with time_machine.travel(noon(DUE + timedelta(days=6)), tick=False):
            client = sign_in(Client(), getattr(cast, who))
            assert client.get(f"/reminders/{mine.pk}/letter/").status_code == 200
            assert client.get(f"/reminders/{theirs.pk}/letter/").status_code == (200 if seen else 404)
            allowed = 200 if who == "network_admin" else 403
            assert client.get(f"/invoices/{invoice.pk}/hold/").status_code == allowed
    for who in ("clinician_prairie", "specialist", "editor"):
        client = sign_in(Client(), getattr(cast, who))
        for path in ("/reminders/", f"/reminders/{mine.pk}/letter/", f"/invoices/{invoice.pk}/hold/"):
            assert client.get(path).status_code == 403
    assert Client().get("/reminders/").status_code == 302


@pytest.mark.parametrize(
    ("language", "paper", "width", "words"),
    [
        ("en", "", 612, ("Reminder 1: invoice INV-2026-00001", "31 January 2026", "$1,404.00", "Prairie Health")),
        ("es", "a4", 595, ("Recordatorio 1: factura", "31 de enero de 2026", "1.404,00", "avisos de seguridad")),
        ("fr", "us-letter", 612, ("Rappel 1 : facture", "31 janvier 2026", "Reste dû", "avis de sécurité")),
    ],
)
def test_the_letter(
    cast: Cast, invoice: Invoice, language: str, paper: str, width: int, words: tuple[str, ...]
) -> None:
    client = sign_in(Client(), cast.admin_prairie)
    path = f"/reminders/correspondence/{invoice.account_id}/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"language": language, "paper": paper}).status_code == 302
    on(5)
    answer = client.get(f"/reminders/{Reminder.objects.get().pk}/letter/")
    page = PdfReader(BytesIO(answer.content)).pages[0]
    text = " ".join(page.extract_text().split())
    assert int(page.mediabox.width) == width
    for word in words:
        assert word in text
    assert answer["Content-Disposition"] == "attachment; filename=reminder-1-INV-2026-00001.pdf"


def test_who_says_how_letters_are_written(cast: Cast, invoice: Invoice) -> None:
    account = invoice.account
    for person in (cast.auditor, cast.clinician_prairie, cast.specialist):
        with pytest.raises(Refused):
            reminding.write_in(account, by=person, language="es", paper="")
    for wrong in ({"language": "xx", "paper": ""}, {"language": "en", "paper": "a0"}):
        with pytest.raises(Invalid):
            reminding.write_in(account, by=cast.admin_prairie, **wrong)
    other = signed(cast, cast.lakeside, version=a_plan(cast)).account
    assert sign_in(Client(), cast.admin_prairie).get(f"/reminders/correspondence/{other.pk}/").status_code == 404


def test_a_hold_is_written_down_on_the_page(cast: Cast, invoice: Invoice) -> None:
    with time_machine.travel(noon(DUE + timedelta(days=1)), tick=False):
        client = sign_in(Client(), cast.network_admin)
        path = f"/invoices/{invoice.pk}/hold/"
        answer = client.post(path, {"kind": "promise", "until": "2026-01-01", "reason": "x"})
        assert b"still to come" in answer.content
        assert client.post(path, {"kind": "promise", "until": "2026-02-20", "reason": "Said so"}).status_code == 302
        assert b"Promised until 20 Feb 2026" in client.get("/reminders/").content
        assert b"Said so" in client.get(path).content


def test_every_language_has_every_level() -> None:
    for language, words in letters.LANGUAGES.items():
        assert len(words.levels) == 5, language
        assert len(words.months.split()) == 12
        for level in range(1, 8):
            made = letters.written(
                letters.Letter(language, level, "INV-1", "A", DUE, DUE, date(2026, 1, 1), 123_456_789, "EUR")
            )
            assert "{" not in str([made["title"], made["body"], made["foot"]])
