"""Bank files through the services: a dry run, a confirmation, each line once, and the rest by hand."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from portal.fees.bankcsv import Layout
from portal.fees.models import Allocation, BankFile, BankLayout, BankLine, Payment, Refund
from portal.fees.services import bank_booking, bank_matching, bank_reading, paying, verifying
from portal.fees.services.balances import left_of, open_cents
from portal.members.models import Person
from tests.cast import Cast
from tests.portal.fees.bank import LAYOUT, brought, camt_of, csv_of, entry, lines, row
from tests.portal.fees.helpers import NOON, a_plan, billed, paid, signed

pytestmark = pytest.mark.django_db
WHOLE = 140_400


def confirm(cast: Cast, file: BankFile) -> bank_booking.Outcome:
    return bank_booking.confirm([line.pk for line in lines(file)], by=cast.network_admin, at=NOON)


def balanced() -> None:
    assert verifying.verify().faults == []


def test_columns_are_asked_once_and_remembered(cast: Cast) -> None:
    file, is_new = bank_reading.bring(by=cast.network_admin, name="a.csv", content=csv_of(row("5.00")), at=NOON)
    assert (is_new, file.state) == (True, "columns")
    with pytest.raises(Invalid, match="Not one line"):
        bank_reading.say_columns(
            file,
            by=cast.network_admin,
            layout=Layout("Day", "%d.%m.%Y", ".", amount="Amount"),
            at=NOON,
        )
    assert not BankLayout.objects.exists()
    assert bank_reading.say_columns(file, by=cast.network_admin, layout=LAYOUT, at=NOON).state == "ready"
    other, _ = bank_reading.bring(by=cast.network_admin, name="b.csv", content=csv_of(row("6.00")), at=NOON)
    assert other.state == "ready"
    assert other.content is None, "the text of the bank's file is kept no longer than needed"


def test_a_dry_run_changes_nothing_and_a_confirmation_books_it(cast: Cast) -> None:
    invoice = billed(cast, signed(cast))
    file = brought(cast, csv_of(row("1404.00", "INV-2026-00001", iban="DE1", ref="R1"), row("x")))
    (line,) = lines(file)
    assert (line.score, line.parts, line.state) == (90, {str(invoice.pk): WHOLE}, "waiting")
    assert file.bad == [[3, "“x” is not an amount with the decimal mark “.”."]]
    assert not Payment.objects.exists()
    assert confirm(cast, file).booked == 1
    line.refresh_from_db()
    assert line.payment
    assert (line.payment.reference, line.payment.cents, open_cents(invoice)) == ("R1", WHOLE, 0)
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"fees.bank.bring", "fees.bank.columns", "fees.bank.confirm", "fees.bank.book", "fees.payment"} <= actions
    balanced()


def test_the_same_file_and_overlapping_ones_book_nothing_again(cast: Cast) -> None:
    billed(cast, signed(cast))
    one, two = row("1404.00", "INV-2026-00001", ref="R1"), row("5.00", "coffee")
    file = brought(cast, csv_of(one, two))
    confirm(cast, file)
    again, is_new = bank_reading.bring(by=cast.network_admin, name="x.csv", content=csv_of(one, two), at=NOON)
    assert (again.pk, is_new) == (file.pk, False)
    overlapping = brought(cast, csv_of(two, one, row("7.00")))
    assert [line.cents for line in lines(overlapping)] == [700]
    assert overlapping.total == 3
    confirm(cast, file)
    assert Payment.objects.count() == 1
    balanced()


def test_part_too_much_and_one_for_two(cast: Cast) -> None:
    agreement = signed(cast)
    first, second, third = (billed(cast, agreement, number) for number in range(3))
    file = brought(
        cast,
        csv_of(
            row("404.00", "part of INV-2026-00001", ref="A"),
            row("2404.00", "INV-2026-00001 + INV-2026-00002", ref="B"),
            row("1500.00", "INV-2026-00003", ref="C"),
        ),
    )
    assert [line.score >= 60 for line in lines(file)] == [True, True, True]
    assert confirm(cast, file).booked == 3
    assert [open_cents(invoice) for invoice in (first, second, third)] == [0, 0, 0]
    assert left_of(Payment.objects.get(reference="C")) == 150_000 - WHOLE
    assert Allocation.objects.filter(payment__reference="B").count() == 2
    balanced()


def test_what_changed_since_is_not_booked_but_shown_anew(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    file = brought(cast, csv_of(row("1404.00", "INV-2026-00001", ref="A")))
    paid(cast, agreement.account, 1_000)
    outcome = confirm(cast, file)
    assert outcome.booked == 0
    (line,) = lines(file)
    assert "changed since you looked" in line.reason
    assert list(line.parts.values()) == [WHOLE - 1_000]
    assert confirm(cast, file).booked == 1
    balanced()


def test_a_payment_recorded_by_hand_is_not_booked_twice(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    paid(cast, agreement.account, 100, reference="A")
    file = brought(cast, csv_of(row("1403.00", "INV-2026-00001", ref="A")))
    assert confirm(cast, file).booked == 0
    assert "recorded already" in lines(file)[0].reason
    assert Payment.objects.count() == 1


def test_one_reference_on_many_lines_is_no_hindrance(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    file = brought(
        cast,
        csv_of(*(row(f"{10 * day}.00", "INV-2026-00001", ref="SAME", day=f"2025-12-{day:02}") for day in (1, 2, 3))),
    )
    assert confirm(cast, file).booked == 3
    balanced()


def test_the_bank_takes_a_payment_back(cast: Cast) -> None:
    invoice = billed(cast, signed(cast))
    confirm(cast, brought(cast, camt_of(entry("1404.00", text="INV-2026-00001", iban="DE1", ref="R1"))))
    assert open_cents(invoice) == 0
    back = entry(
        "1404.00", way="DBIT", more="<RvslInd>true</RvslInd>", text="Return INV-2026-00001", iban="DE1", ref="R2"
    )
    file = brought(cast, camt_of(back, version="02"))
    (line,) = lines(file)
    assert line.score >= 60
    assert confirm(cast, file).booked == 1
    refund = Refund.objects.get()
    assert (refund.kind, refund.cents, open_cents(invoice)) == ("returned", WHOLE, WHOLE)
    balanced()


def test_by_hand_aside_and_back(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    admin = cast.network_admin
    line, fee = lines(brought(cast, csv_of(row("50.00", "thanks"), row("-3.00", "fee"))))
    with pytest.raises(Invalid, match="come to more"):
        bank_booking.match_by_hand(line, by=admin, account=agreement.account, pays={invoice: 5_001}, at=NOON)
    bank_booking.match_by_hand(line, by=admin, account=agreement.account, pays={invoice: 4_000}, at=NOON)
    assert open_cents(invoice) == WHOLE - 4_000
    assert left_of(Payment.objects.get()) == 1_000
    with pytest.raises(Conflict, match="settled already"):
        bank_booking.match_by_hand(line, by=admin, account=agreement.account, pays={}, at=NOON)
    with pytest.raises(Invalid, match="reason"):
        bank_booking.set_aside(fee, by=admin, reason=" ", at=NOON)
    bank_booking.set_aside(fee, by=admin, reason="Fee of the bank", at=NOON)
    with pytest.raises(Conflict, match="settled already"):
        bank_booking.match_by_hand(fee, by=admin, account=agreement.account, pays={}, at=NOON)
    assert bank_booking.take_up(fee, by=admin).state == "waiting"
    with pytest.raises(Conflict, match="went out"):
        bank_booking.match_by_hand(fee, by=admin, account=agreement.account, pays={}, at=NOON)
    with pytest.raises(Conflict, match="whole payments"):
        bank_booking.return_by_hand(fee, by=admin, payment=Payment.objects.get(), reason="x", at=NOON)
    balanced()


def test_another_currency_is_another_account(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    content = camt_of(entry("1404.00", text="INV-2026-00001")).replace(b'"USD"', b'"EUR"')
    (line,) = lines(brought(cast, content))
    assert line.account is None
    with pytest.raises(Conflict, match="in EUR"):
        bank_booking.match_by_hand(line, by=cast.network_admin, account=agreement.account, pays={}, at=NOON)
    strange = brought(cast, content.replace(b'"EUR"', b'"XAU"'))
    assert strange.bad == [[1, "The network keeps no accounts in XAU."]]


def test_money_of_tomorrow_is_not_booked_today(cast: Cast) -> None:
    billed(cast, signed(cast))
    file = brought(cast, csv_of(row("1404.00", "INV-2026-00001", day="2026-01-05")))
    assert confirm(cast, file).booked == 0
    assert "once it is there" in lines(file)[0].reason


def test_only_administrators_of_the_network(cast: Cast) -> None:
    agreement = signed(cast)
    file = brought(cast, csv_of(row("1404.00")))
    (line,) = lines(file)
    fresh, _ = bank_reading.bring(by=cast.network_admin, name="n", content=b"A,B\n1,2", at=NOON)

    def attempts(person: Person) -> list[Callable[[], object]]:
        return [
            lambda: bank_reading.bring(by=person, name="x", content=b"a,b", at=NOON),
            lambda: bank_reading.say_columns(fresh, by=person, layout=LAYOUT, at=NOON),
            lambda: bank_booking.confirm([line.pk], by=person, at=NOON),
            lambda: bank_booking.match_by_hand(line, by=person, account=agreement.account, pays={}, at=NOON),
            lambda: bank_booking.set_aside(line, by=person, reason="x", at=NOON),
            lambda: bank_booking.take_up(line, by=person),
        ]

    for person in (cast.admin_prairie, cast.auditor, cast.specialist, cast.editor, cast.clinician_prairie):
        for attempt in attempts(person):
            with pytest.raises(Refused):
                attempt()


def test_what_cannot_be_read_says_so_and_is_kept_as_failed(cast: Cast) -> None:
    with pytest.raises(Invalid, match="empty"):
        brought(cast, b"  \n")
    with pytest.raises(Invalid, match="name the columns"):
        brought(cast, b"a\nb")
    with pytest.raises(Invalid, match="larger than 10 MB"):
        brought(cast, b"a" * (bank_reading.LARGEST + 1))
    file = brought(cast, b"<!DOCTYPE x [<!ENTITY a 'b'>]><Document>&a;</Document>")
    assert (file.state, file.content) == ("failed", None)
    assert "entities" in file.problem


def test_a_large_file_is_left_to_a_worker_and_read_in_steps(cast: Cast) -> None:
    billed(cast, signed(cast))
    rows = [
        row(f"{1 + number}.00", f"line {number}", payer="Prairie Health", ref=f"N{number}") for number in range(2500)
    ]
    brought(cast, csv_of(row("3.00")))
    file, _ = bank_reading.bring(by=cast.network_admin, name="large.csv", content=csv_of(*rows), at=NOON)
    assert file.state == "waiting"
    assert bank_reading.read_waiting() == 1
    file.refresh_from_db()
    assert (file.state, file.total, file.done, len(lines(file))) == ("ready", 2500, 2500, 2500)
    assert bank_reading.read_waiting() == 0
    with CaptureQueriesContext(connection) as captured:
        bank_matching.match_again(BankLine.objects.filter(file=file))
    assert len(captured) < 20


def test_many_lines_are_booked_by_a_worker(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    day = date(2026, 1, 1) - timedelta(days=1)
    rows = [row("1.00", f"INV-2026-00001 {number}", ref=f"N{number}", day=str(day)) for number in range(60)]
    file = brought(cast, csv_of(*rows))
    outcome = confirm(cast, file)
    assert (outcome.booked, outcome.later) == (0, 60)
    assert bank_booking.book_confirmed() == 60
    assert bank_booking.book_confirmed() == 0
    assert open_cents(invoice) == WHOLE - 6_000
    balanced()


def test_the_payer_is_known_the_next_time(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    confirm(cast, brought(cast, csv_of(row("1404.00", "INV-2026-00001", payer="Holding PH", iban="DE7", ref="A"))))
    second = billed(cast, agreement, 1)
    (line,) = lines(brought(cast, csv_of(row("1404.00", "January", payer="Holding PH", iban="DE7", ref="B"))))
    assert line.parts == {str(second.pk): WHOLE}
    assert line.score >= 60
    other = billed(cast, signed(cast, cast.lakeside, version=a_plan(cast)))
    assert other.account_id != agreement.account.pk


def test_a_return_of_what_was_returned_is_left_to_a_person(cast: Cast) -> None:
    invoice = billed(cast, signed(cast))
    confirm(cast, brought(cast, csv_of(row("1404.00", "INV-2026-00001", ref="R1"))))
    back = brought(cast, csv_of(row("-1404.00", "back R1 INV-2026-00001", ref="R2")))
    paying.return_payment(Payment.objects.get(), by=cast.network_admin, reason="by hand", at=NOON)
    assert confirm(cast, back).booked == 0
    assert open_cents(invoice) == WHOLE
    balanced()
