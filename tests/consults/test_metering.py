"""What is used: what counts and on which day, records that repeat nothing, late changes, warnings, and the pages."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from consults import metering as rules
from consults.models import Consult
from consults.services import answering, calls, improving, metering, requesting, sending
from portal.common.models import AuditEvent, Notice
from portal.fees.models import Agreement, Invoice, UsageRecord
from portal.fees.pricing import USAGE, Kind, Usage
from portal.fees.proration import Stretch
from portal.fees.services import invoicing
from tests.cast import Cast, sign_in
from tests.consults import test_engagements
from tests.consults.helpers import answered, drafted
from tests.consults.test_api import Api
from tests.consults.test_calls import NOTE, NUMBER, TOPIC
from tests.portal.fees.helpers import a_plan, billed, noon, signed

CHICAGO = ZoneInfo("America/Chicago")
YEAR = Stretch(date(2026, 1, 1), date(2027, 1, 1))


def local(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=CHICAGO)  # type: ignore[misc, arg-type]


def sent(cast: Cast, at: datetime, by: Any = None) -> Consult:
    author = by or cast.clinician_prairie
    return sending.send(drafted(cast, by=author, at=at), by=author, attested=False, at=at)


def counted(cast: Cast, days: Stretch = YEAR) -> dict[Kind, Decimal]:
    return rules.total(rules.uses({cast.prairie.pk: CHICAGO}, days), days)


def records(agreement: Agreement) -> list[int]:
    return list(agreement.usage.order_by("period").values_list("consults", flat=True))


NUMBERS = st.tuples(*(st.integers(-5, 9),) * len(USAGE))


@given(st.lists(NUMBERS, min_size=1, max_size=12))
def test_records_sum_to_what_is_counted_however_late_it_changes(changes: list[tuple[int, ...]]) -> None:
    """A running count that goes up and down: what is recorded is its highest point, and never less than nothing."""
    sums, recorded, highest = dict.fromkeys(USAGE, Decimal(0)), Usage(), dict.fromkeys(USAGE, Decimal(0))
    for change in changes:
        sums = {kind: max(sums[kind] + more, Decimal(0)) for kind, more in zip(USAGE, change, strict=True)}
        highest = {kind: max(highest[kind], sums[kind]) for kind in USAGE}
        now = rules.still(sums, recorded)
        assert all(now.of(kind) >= 0 for kind in USAGE)
        recorded += now
    assert {kind: recorded.of(kind) for kind in USAGE} == highest


@pytest.mark.django_db
class TestWhatCounts:
    def test_by_the_day_the_clock_started_where_the_organization_is(self, cast: Cast) -> None:
        sent(cast, local(2026, 1, 31, 23, 59))
        sent(cast, local(2026, 2, 1, 0, 0))
        january, february = (Stretch(date(2026, month, 1), date(2026, month + 1, 1)) for month in (1, 2))
        assert [counted(cast, days)[Kind.CONSULTS] for days in (january, february)] == [1, 1]
        assert counted(cast, Stretch(date(2026, 2, 2), date(2026, 3, 1)))[Kind.CONSULTS] == 0

    def test_not_drafts_nor_withdrawn_before_pick_up_nor_declined_nor_of_others(self, cast: Cast) -> None:
        at = local(2026, 1, 5, 9)
        drafted(cast, at=at)
        requesting.withdraw(sent(cast, at), by=cast.clinician_prairie, at=at + timedelta(hours=1))
        taken = answering.claim(sent(cast, at), by=cast.specialist, at=at + timedelta(hours=1))
        answering.decline(taken, by=cast.specialist, reason="Not a question for us.", at=at + timedelta(hours=2))
        sent(cast, at, by=cast.clinician_lakeside)
        assert counted(cast)[Kind.CONSULTS] == 0
        taken = answering.claim(sent(cast, at), by=cast.specialist, at=at + timedelta(hours=1))
        assert counted(cast)[Kind.CONSULTS] == 1

    def test_a_call_once_and_never_as_a_consult_too(self, cast: Cast) -> None:
        at = local(2026, 1, 5, 9)
        for outcome in ("advised", "not-needed"):
            row = calls.request_call(
                by=cast.clinician_prairie, specialty=cast.cardiology, number=NUMBER, topic=TOPIC, at=at
            )
            calls.take(row, by=cast.specialist, at=at + timedelta(minutes=5))
            note = calls.Note(outcome, NOTE.asked, NOTE.advised, NOTE.minutes)
            calls.sign_note(row, by=cast.specialist, note=note, at=at + timedelta(minutes=20))
        assert [int(counted(cast)[kind]) for kind in (Kind.CALLS, Kind.CONSULTS)] == [1, 0]

    def test_a_call_about_an_open_consult_is_part_of_it(self, cast: Cast) -> None:
        at = local(2026, 1, 5, 9)
        consult = sent(cast, at)
        row = calls.request_call(
            by=cast.clinician_prairie, specialty=cast.cardiology, number=NUMBER, topic=TOPIC, consult=consult, at=at
        )
        calls.take(row, by=cast.specialist, at=at + timedelta(minutes=5))
        calls.sign_note(row, by=cast.specialist, note=NOTE, at=at + timedelta(minutes=20))
        assert [int(counted(cast)[kind]) for kind in (Kind.CALLS, Kind.CONSULTS)] == [0, 1]

    def test_hours_on_the_day_they_were_worked_less_corrections(self, cast: Cast) -> None:
        row = test_engagements.under_way(cast)
        for hours in ("2.5", "-1"):
            improving.log_hours(
                row,
                by=cast.specialist,
                day=test_engagements.DAY,
                hours=Decimal(hours),
                what="Visit",
                at=datetime(2026, 11, 25, tzinfo=UTC),
            )
        assert counted(cast)[Kind.HOURS] == Decimal("1.5")


@pytest.mark.django_db
class TestRecording:
    def test_each_ended_period_once_and_nothing_twice(self, cast: Cast) -> None:
        agreement = signed(cast)
        sent(cast, local(2026, 1, 31, 23, 59))
        sent(cast, local(2026, 2, 1, 0, 0))
        assert metering.record_due(at=local(2026, 1, 31, 23, 59)) == 0
        assert metering.record_due(at=local(2026, 2, 1, 0, 0)) == 1
        assert metering.record_due(at=local(2026, 3, 1, 4)) == 1
        assert records(agreement) == [1, 1]
        events = AuditEvent.objects.filter(action="fees.usage").count()
        assert metering.record_due(at=local(2026, 3, 1, 5)) == 0
        assert AuditEvent.objects.filter(action="fees.usage").count() == events == 2

    def test_beyond_what_is_included_is_billed(self, cast: Cast) -> None:
        agreement = signed(cast, version=a_plan(cast, included=Usage(1, 0, Decimal(0))))
        for day in (5, 6, 7):
            sent(cast, local(2026, 1, day, 9))
        metering.record_due(at=local(2026, 2, 1, 1))
        assert agreement.invoices.get(kind=Invoice.Kind.USAGE).net_cents == 2 * 150_00

    def test_withdrawn_before_it_was_billed_it_is_counted_anew(self, cast: Cast) -> None:
        agreement = signed(cast, version=a_plan(cast, included=Usage()))
        consult = sent(cast, local(2026, 1, 31, 20))
        metering.record_due(at=local(2026, 2, 1, 1))
        requesting.withdraw(consult, by=cast.clinician_prairie, at=local(2026, 2, 1, 8))
        metering.record_due(at=local(2026, 2, 2, 1))
        assert records(agreement) == [0]
        assert not agreement.invoices.filter(kind=Invoice.Kind.USAGE).exists()

    def test_withdrawn_after_it_was_billed_the_next_invoice_takes_it_up(self, cast: Cast) -> None:
        agreement = signed(cast, version=a_plan(cast, included=Usage()))
        consult = sent(cast, local(2026, 1, 31, 20))
        metering.record_due(at=local(2026, 2, 1, 1))
        draft = agreement.invoices.get(kind=Invoice.Kind.USAGE)
        invoicing.finalize(draft, by=cast.network_admin, at=local(2026, 2, 1, 2))
        requesting.withdraw(consult, by=cast.clinician_prairie, at=local(2026, 2, 1, 8))
        assert [difference.is_carried for difference in metering.verify()[1]] == [True]
        for day in (3, 4):
            sent(cast, local(2026, 2, day, 9))
        metering.record_due(at=local(2026, 3, 1, 1))
        assert records(agreement) == [1, 1]
        assert metering.verify()[1] == []

    def test_where_no_period_is_left_the_check_says_so(self, cast: Cast) -> None:
        agreement = signed(cast, until=date(2026, 2, 1), version=a_plan(cast, included=Usage()))
        consult = sent(cast, local(2026, 1, 31, 20))
        metering.record_due(at=local(2026, 2, 1, 1))
        out = StringIO()
        call_command("verify_usage", stdout=out)
        assert "1 years of agreements, 0 differences" in out.getvalue()
        invoicing.finalize(agreement.invoices.get(), by=cast.network_admin, at=local(2026, 2, 1, 2))
        requesting.withdraw(consult, by=cast.clinician_prairie, at=local(2026, 2, 1, 8))
        metering.record_due(at=local(2026, 2, 3, 1))
        with pytest.raises(CommandError, match="1 to put right"):
            call_command("verify_usage", stdout=out)
        assert "consults recorded 1, counted 0 (no period is left" in out.getvalue()

    def test_the_nightly_check_finds_a_record_that_was_tampered_with(self, cast: Cast) -> None:
        signed(cast)
        metering.record_due(at=local(2026, 2, 1, 1))
        UsageRecord.objects.update(consults=3)
        [difference] = metering.verify()[1]
        assert (difference.what, int(difference.recorded), int(difference.counted)) == ("consults", 3, 0)

    def test_what_comes_after_an_early_end_is_not_its(self, cast: Cast) -> None:
        agreement = signed(cast)
        Agreement.objects.filter(pk=agreement.pk).update(ended_on=date(2026, 1, 11), ended_because="It ended")
        sent(cast, local(2026, 1, 10, 23, 59))
        sent(cast, local(2026, 1, 11, 0, 1))
        metering.record_due(at=local(2026, 1, 11, 1))
        assert records(agreement) == [1]


@pytest.mark.django_db
def test_80_and_100_percent_are_told_once_each(cast: Cast) -> None:
    signed(cast, version=a_plan(cast, included=Usage(5, 0, Decimal(0))))

    def told() -> list[str]:
        metering.warn(at=local(2026, 1, 20, 9))
        return sorted(
            Notice.objects.filter(kind="usage", person_id=cast.admin_prairie.pk).values_list("text", flat=True)
        )

    for day in (5, 6, 7):
        sent(cast, local(2026, 1, day, 9))
    assert told() == []
    sent(cast, local(2026, 1, 8, 9))
    assert len(told()) == 1
    sent(cast, local(2026, 1, 9, 9))
    assert len(told()) == len(told()) == 2
    assert not Notice.objects.filter(kind="usage").exclude(person_id=cast.admin_prairie.pk).exists()


READERS = {"admin_prairie", "network_admin", "auditor"}
EVERYONE = (*READERS, "clinician_prairie", "clinician_lakeside", "specialist", "lead", "editor")


@pytest.mark.django_db
class TestPages:
    def test_who_opens_which(self, cast: Cast) -> None:
        agreement, other = signed(cast), signed(cast, cast.lakeside, version=a_plan(cast, name="Other"))
        invoice, foreign = billed(cast, agreement), billed(cast, other)
        for who in EVERYONE:
            person = getattr(cast, who)
            client, api = sign_in(Client(), person), Api(person)
            paths = [f"/usage/{agreement.pk}/", f"/invoices/{invoice.pk}/worth/", f"/invoices/{invoice.pk}/worth/pdf/"]
            for path in ["/usage/", "/usage/?format=csv", *paths]:
                assert client.get(path).status_code == (200 if who in READERS else 403), (who, path)
            for path in ("usage/", f"invoices/{invoice.pk}/worth/"):
                assert api.get(path).status_code == (200 if who in READERS else 403), (who, path)
            missing = 404 if who == "admin_prairie" else 200 if who in READERS else 403
            for path in (f"/usage/{other.pk}/", f"/invoices/{foreign.pk}/worth/", f"/invoices/{foreign.pk}/worth/pdf/"):
                assert client.get(path).status_code == missing, (who, path)
            assert api.get(f"invoices/{foreign.pk}/worth/").status_code == missing, who
        assert Client().get("/usage/").status_code == 302

    def test_the_meter_says_what_is_used_by_whom_and_where_it_leads(self, cast: Cast) -> None:
        agreement = signed(cast, version=a_plan(cast, included=Usage(2, 0, Decimal(0))))
        for day in (1, 2, 3):
            sent(cast, local(2026, 1, day, 9))
        sent(cast, local(2026, 1, 3, 9), by=cast.clinician_lakeside)
        client = sign_in(Client(), cast.admin_prairie)
        with time_machine.travel(local(2026, 1, 5, 12), tick=False):
            sign_in(client, cast.admin_prairie)
            text = client.get(f"/usage/{agreement.pk}/").content.decode()
            lines = client.get("/usage/?format=csv").content.decode()
            people = client.get(f"/usage/{agreement.pk}/?format=csv").content.decode()
            [body] = Api(cast.admin_prairie).get("usage/").json()
        for words in ("$150.00", "150 % used", "Dana Whitfield", "219", "1 – 5 Jan 2026", "A consult counts once"):
            assert words in text, words
        assert "Imani Brooks" not in text + people
        assert "Prairie Health,2026-01-01,2026-01-06,Consults,2,3,0,1,$150.00" in lines
        consults = body["entitlements"][0]
        assert (consults["used"], consults["beyond_cents"], consults["projected"]) == ("3.00", 150_00, "219.00")

    def test_what_the_fee_bought_is_of_this_organization_and_names_nobody(self, cast: Cast) -> None:
        agreement = signed(cast)
        invoice = billed(cast, agreement, 10)
        consult = answered(cast)
        at = consult.answered_at or noon(date(2026, 11, 24))
        requesting.close(consult, by=cast.clinician_prairie, course="new", referral="avoided", value=5, at=at)
        client = sign_in(Client(), cast.admin_prairie)
        text = client.get(f"/invoices/{invoice.pk}/worth/").content.decode()
        for words in ("1 – 30 Nov 2026", "100 % of 1", "5.0 h", "1 of 1", "Reported by the clinicians"):
            assert words in text, words
        paper = client.get(f"/invoices/{invoice.pk}/worth/pdf/")
        page = " ".join(PdfReader(BytesIO(paper.content)).pages[0].extract_text().split())
        assert "Consults answered 1" in page
        for words in ("apixaban", "Dana", consult.number):
            assert words not in text
            assert words not in page
        values = {
            row["key"]: row["value"] for row in Api(cast.admin_prairie).get(f"invoices/{invoice.pk}/worth/").json()
        }
        assert (values["consults"], values["referrals_avoided"], values["credits"]) == ("1", "1 of 1", "0")
        other = billed(cast, signed(cast, cast.lakeside, version=a_plan(cast, name="Other")), 10)
        text = sign_in(Client(), cast.network_admin).get(f"/invoices/{other.pk}/worth/").content.decode()
        assert "100 %" not in text

    def test_more_rows_ask_the_database_no_more(self, cast: Cast) -> None:
        agreement = signed(cast)
        invoice = billed(cast, agreement)

        def queries() -> list[int]:
            client, found = sign_in(Client(), cast.network_admin), []
            for path in ("/usage/", f"/usage/{agreement.pk}/", f"/invoices/{invoice.pk}/worth/"):
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(path).status_code == 200
                found.append(len(captured))
            return found

        with time_machine.travel(local(2026, 1, 20, 12), tick=False):
            sent(cast, local(2026, 1, 3, 9))
            few = queries()
            for day in range(1, 16):
                sent(cast, local(2026, 1, day, 9))
            signed(cast, cast.lakeside, version=a_plan(cast, name="Other"))
            assert queries() == few
