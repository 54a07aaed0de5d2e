"""Agreements, invoices, credit notes and payments through the services; the books balance after each."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from portal.fees.models import Account, Allocation, CreditNote, Invoice, Series
from portal.fees.pricing import Usage
from portal.fees.services import agreements, crediting, invoicing, paying, plans, standing, verifying
from portal.fees.services.balances import left_of, open_cents
from tests.cast import Cast
from tests.portal.fees.helpers import FIRST, NOON, a_plan, billed, drafted, later, noon, paid, signed

pytestmark = pytest.mark.django_db

MONTH = 130_000  # 1,000 dues, 100 for two facilities, 200 for clinicians
TAXED = 140_400


@pytest.fixture(autouse=True)
def _books_balance(db: None) -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert verifying.verify().faults == []


def test_a_draft_has_no_number_and_a_final_invoice_says_what_it_is_for(cast: Cast) -> None:
    draft = drafted(cast, signed(cast))
    assert (draft.number, open_cents(draft)) == (None, 0)
    invoice = invoicing.finalize(draft, by=cast.network_admin, at=NOON)
    assert (invoice.number, invoice.net_cents, invoice.total_cents) == ("INV-2026-00001", MONTH, TAXED)
    assert (invoice.issued_on, invoice.due_on) == (FIRST, date(2026, 1, 31))
    assert [line.text for line in invoice.lines.all()] == [
        "Network dues",
        "Dues for 2 facilities",
        "Dues for clinicians (up to 25; 20 on the day)",
    ]


def test_numbers_follow_each_other_and_start_anew_each_year(cast: Cast) -> None:
    agreement = signed(cast)
    numbers = [billed(cast, agreement, number).number for number in range(3)]
    numbers.append(billed(cast, agreement, 3, at=noon(date(2027, 2, 1))).number)
    assert numbers == ["INV-2026-00001", "INV-2026-00002", "INV-2026-00003", "INV-2027-00001"]


def test_a_number_is_given_back_when_finalizing_fails(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    agreement = signed(cast)
    drafted(cast, agreement)
    broken = drafted(cast, agreement, 1)
    Invoice.objects.filter(pk=broken.pk).update(net_cents=1)
    with pytest.raises(Exception, match="not the sum of its lines"):
        invoicing.finalize(broken, by=cast.network_admin, at=NOON)
    assert not Series.objects.filter(last__gt=0).exists()
    assert billed(cast, agreement).number == "INV-2026-00001"


def test_drafting_twice_is_one_draft_and_finalizing_twice_a_conflict(cast: Cast) -> None:
    agreement = signed(cast)
    assert drafted(cast, agreement) == drafted(cast, agreement)
    invoice = billed(cast, agreement)
    with pytest.raises(Conflict):
        invoicing.finalize(invoice, by=cast.network_admin, at=NOON)


def test_the_site_itself_waits_for_the_end_of_the_drafts_window(cast: Cast) -> None:
    signed(cast)
    assert invoicing.bill(at=NOON) == (1, 0)
    assert invoicing.bill(at=later(2)) == (0, 0)
    assert invoicing.bill(at=later(3)) == (0, 1)
    assert invoicing.bill(at=later(17)) == (1, 0)  # the second month's, two weeks before it


def test_bigger_from_a_day_on_is_credited_and_billed_anew_to_the_day(cast: Cast) -> None:
    agreement = signed(cast)
    january = billed(cast, agreement)
    paid(cast, agreement.account, TAXED)
    on = date(2026, 1, 11)
    _, notes = agreements.change(agreement, by=cast.network_admin, on=on, clinicians=40, at=noon(on))
    draft = agreement.invoices.get(kind="change")
    # 21 of 31 days: of 1,000.00, 100.00 and 200.00 back; of 1,000.00, 100.00 and 500.00 anew.
    assert [line.cents for line in notes[0].lines.all()] == [67_742, 6_774, 13_548]
    assert [line.cents for line in draft.lines.all()] == [67_742, 6_774, 33_871]
    assert (notes[0].invoice, notes[0].number) == (january, "CN-2026-00001")
    assert left_of(notes[0]) == notes[0].total_cents
    final = invoicing.finalize(draft, by=cast.network_admin, at=noon(on))
    assert open_cents(final) == final.total_cents - notes[0].total_cents
    assert left_of(notes[0]) == 0


def test_smaller_before_it_was_paid_takes_it_off_the_invoice(cast: Cast) -> None:
    agreement = signed(cast)
    january = billed(cast, agreement)
    _, notes = agreements.change(agreement, by=cast.network_admin, on=date(2026, 1, 16), facilities=1, at=later(15))
    assert open_cents(january) == TAXED - notes[0].total_cents
    assert [line.kind for line in agreement.invoices.get(kind="change").lines.all()] == [
        "dues",
        "facilities",
        "clinicians",
    ]


def test_a_change_while_the_invoice_is_a_draft_changes_the_draft(cast: Cast) -> None:
    agreement = signed(cast)
    draft = drafted(cast, agreement)
    _, notes = agreements.change(agreement, by=cast.network_admin, on=date(2026, 1, 16), clinicians=40, at=NOON)
    assert notes == []
    assert [(line.kind, line.cents) for line in draft.lines.all()] == [
        ("dues", 48_387),
        ("facilities", 4_839),
        ("clinicians", 9_677),
        ("dues", 51_613),
        ("facilities", 5_161),
        ("clinicians", 25_806),
    ]


def test_two_changes_credit_no_day_twice(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    agreements.change(agreement, by=cast.network_admin, on=date(2026, 1, 11), clinicians=40, at=later(10))
    invoicing.finalize(agreement.invoices.get(kind="change"), by=cast.network_admin, at=later(10))
    _, notes = agreements.change(agreement, by=cast.network_admin, on=date(2026, 1, 21), clinicians=20, at=later(20))
    assert [note.invoice.kind for note in notes] == ["change"]
    invoicing.finalize(agreement.invoices.get(number=None), by=cast.network_admin, at=later(20))
    net = sum(row.net_cents for row in Invoice.objects.all()) - sum(row.net_cents for row in CreditNote.objects.all())
    assert net == MONTH + 9_678  # ten of 31 days at 500.00 instead of 200.00: 16,129 − 6,451


def test_an_agreement_that_ends_early_gives_back_what_it_billed_ahead(cast: Cast) -> None:
    agreement = signed(cast, cycle=12)
    year = billed(cast, agreement)
    paid(cast, agreement.account, year.total_cents)
    on = date(2026, 7, 1)
    (note,) = agreements.end(agreement, by=cast.network_admin, on=on, reason="Merged with another group", at=noon(on))
    assert note.net_cents == 786_411  # 184 of 365 days of 12,000.00, 1,200.00 and 2,400.00: 604,932 + 60,493 + 120,986
    paying.refund(note, by=cast.network_admin, cents=note.total_cents, reason="The agreement ended", at=noon(on))
    assert not agreement.invoices.drafts().exists()
    with pytest.raises(Conflict):
        agreements.end(agreement, by=cast.network_admin, on=on, reason="Again", at=noon(on))


def test_use_beyond_what_is_included_is_billed_when_the_year_has_used_it_up(cast: Cast) -> None:
    agreement = signed(cast)
    first = Usage(20, 0, Decimal("9.5"))
    assert invoicing.record_usage(agreement, by="bill", number=0, used=first, at=noon(date(2026, 2, 1))) is None
    used = Usage(7, 0, Decimal("2.25"))
    draft = invoicing.record_usage(agreement, by="bill", number=1, used=used, at=noon(date(2026, 3, 1)))
    assert draft
    assert [(line.kind, line.quantity, line.cents) for line in draft.lines.all()] == [
        ("consults", Decimal(3), 45_000),
        ("hours", Decimal("1.75"), 38_500),
    ]
    with pytest.raises(Conflict):
        invoicing.record_usage(agreement, by="bill", number=2, used=used, at=noon(date(2026, 3, 1)))
    invoicing.finalize(draft, by=cast.network_admin, at=noon(date(2026, 3, 1)))
    with pytest.raises(Conflict):
        invoicing.record_usage(agreement, by="bill", number=1, used=first, at=noon(date(2026, 3, 1)))


def test_a_partial_payment_leaves_the_rest_open_and_too_much_pays_the_next(cast: Cast) -> None:
    agreement = signed(cast)
    january = billed(cast, agreement)
    paid(cast, agreement.account, 40_400)
    assert open_cents(january) == 100_000
    more = paid(cast, agreement.account, 150_000)
    assert (open_cents(january), left_of(more)) == (0, 50_000)
    february = billed(cast, agreement, 1, at=later(31))
    assert (open_cents(february), left_of(more)) == (TAXED - 50_000, 0)


def test_a_payment_can_name_what_it_pays(cast: Cast) -> None:
    agreement = signed(cast)
    january, february = billed(cast, agreement), billed(cast, agreement, 1)
    payment = paid(cast, agreement.account, TAXED, pays={february: 100_000})
    assert (open_cents(january), open_cents(february), left_of(payment)) == (TAXED, TAXED - 100_000, TAXED - 100_000)
    with pytest.raises(Invalid):
        paying.allocate(payment, february, by=cast.network_admin, cents=TAXED, at=NOON)


def test_a_reference_is_recorded_once(cast: Cast) -> None:
    account = signed(cast).account
    paid(cast, account, 100, reference="tx-1")
    with pytest.raises(Conflict):
        paid(cast, account, 100, reference="tx-1")


def test_a_released_allocation_opens_the_invoice_again_and_only_once(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    payment = paid(cast, agreement.account, TAXED)
    paying.release(payment.allocations.get(), by=cast.network_admin, at=NOON)
    assert (open_cents(invoice), left_of(payment)) == (TAXED, TAXED)
    with pytest.raises(Conflict):
        paying.release(payment.allocations.filter(releases=None).get(), by=cast.network_admin, at=NOON)


def test_a_payment_the_bank_takes_back_pays_nothing(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    payment = paid(cast, agreement.account, TAXED + 500)
    paying.return_payment(payment, by=cast.network_admin, reason="No funds", at=NOON)
    assert (open_cents(invoice), left_of(payment)) == (TAXED, 0)
    with pytest.raises(Conflict):
        paying.return_payment(payment, by=cast.network_admin, reason="No funds", at=NOON)


def test_no_more_goes_back_than_is_left(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    payment = paid(cast, agreement.account, TAXED + 500)
    with pytest.raises(Invalid):
        paying.refund(payment, by=cast.network_admin, cents=501, reason="Paid twice", at=NOON)
    paying.refund(payment, by=cast.network_admin, cents=500, reason="Paid twice", at=NOON)
    assert left_of(payment) == 0


def test_a_write_off_closes_what_is_open_and_no_more(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    paid(cast, agreement.account, TAXED - 7)
    with pytest.raises(Invalid):
        paying.write_off(invoice, by=cast.network_admin, reason="Bank charges", cents=8, at=NOON)
    paying.write_off(invoice, by=cast.network_admin, reason="Bank charges", at=NOON)
    assert open_cents(invoice) == 0


def test_a_correction_takes_a_line_back_with_its_tax_and_no_more_than_it_was(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    line = invoice.lines.get(kind="facilities")
    part = crediting.credit(invoice, by=cast.network_admin, reason="One closed", parts={line.pk: 3_333}, at=NOON)
    assert (part.net_cents, part.tax_cents) == (3_333, 267)
    with pytest.raises(Invalid):
        crediting.credit(invoice, by=cast.network_admin, reason="Again", parts={line.pk: 6_668}, at=NOON)
    rest = crediting.credit(invoice, by=cast.network_admin, reason="All of it", at=NOON)
    assert part.total_cents + rest.total_cents == TAXED
    assert open_cents(invoice) == 0
    with pytest.raises(Conflict):
        crediting.credit(invoice, by=cast.network_admin, reason="More", at=NOON)


def test_a_signed_agreement_keeps_its_price_when_the_plan_has_a_new_version(cast: Cast) -> None:
    agreement = signed(cast)
    dearer = a_plan(cast, dues={"member": 99_000_00, "regional": 99_000_00})
    assert dearer.number == 2
    assert billed(cast, agreement).net_cents == MONTH


@pytest.mark.parametrize(
    "wrong",
    [
        {"currency": "JPY"},
        {"dues": {"member": 1}},
        {"bands": [(25, 1)]},
        {"bands": [(25, 1), (25, 2), (None, 3)]},
        {"bands": [(None, 1), (None, 2)]},
        {"discount_points": 10_001},
        {"consult_cents": -1},
    ],
)
def test_a_plan_that_could_not_be_billed_is_refused(cast: Cast, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        a_plan(cast, **wrong)


def test_terms_do_not_overlap_and_follow_each_other(cast: Cast) -> None:
    agreement = signed(cast)
    version = agreement.terms.get().version
    with pytest.raises(Conflict):
        signed(cast, version=version, starts_on=date(2026, 12, 31), until=date(2027, 6, 1))
    signed(cast, version=version, starts_on=date(2027, 1, 1), until=date(2028, 1, 1))


@pytest.mark.parametrize("on", [date(2025, 12, 31), date(2027, 1, 1)])
def test_a_change_is_within_the_term(cast: Cast, on: date) -> None:
    with pytest.raises(Conflict):
        agreements.change(signed(cast), by=cast.network_admin, on=on, clinicians=3, at=NOON)


def test_a_change_comes_after_the_last_and_changes_something(cast: Cast) -> None:
    agreement = signed(cast)
    agreements.change(agreement, by=cast.network_admin, on=date(2026, 5, 1), clinicians=3, at=NOON)
    with pytest.raises(Conflict):
        agreements.change(agreement, by=cast.network_admin, on=date(2026, 4, 30), clinicians=4, at=NOON)
    with pytest.raises(Invalid):
        agreements.change(agreement, by=cast.network_admin, on=date(2026, 6, 1), clinicians=3, at=NOON)


WHO = ["clinician_prairie", "admin_prairie", "specialist", "lead", "editor", "auditor"]


@pytest.mark.parametrize("who", WHO)
def test_only_administrators_of_the_network_touch_money(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    agreement = signed(cast)
    invoice, draft = billed(cast, agreement), drafted(cast, agreement, 1)
    payment = paid(cast, agreement.account, 1_000)
    allocation = payment.allocations.get()
    day = FIRST + timedelta(5)
    attempts: list[Callable[[], object]] = [
        lambda: plans.define_plan(by=person, name="x", currency="USD", dues={}, bands=[], at=NOON),
        lambda: agreements.change(agreement, by=person, on=day, clinicians=1, at=NOON),
        lambda: agreements.end(agreement, by=person, on=day, reason="x", at=NOON),
        lambda: invoicing.draft_period(agreement, by=person, number=2, at=NOON),
        lambda: invoicing.finalize(draft, by=person, at=NOON),
        lambda: invoicing.record_usage(agreement, by=person, number=0, used=Usage(), at=later(90)),
        lambda: crediting.credit(invoice, by=person, reason="x", at=NOON),
        lambda: paying.record_payment(agreement.account, by=person, cents=1, received_on=FIRST, method="bank", at=NOON),
        lambda: paying.allocate(payment, invoice, by=person, cents=1, at=NOON),
        lambda: paying.release(allocation, by=person, at=NOON),
        lambda: paying.refund(payment, by=person, cents=1, reason="x", at=NOON),
        lambda: paying.return_payment(payment, by=person, reason="x", at=NOON),
        lambda: paying.write_off(invoice, by=person, reason="x", at=NOON),
        lambda: standing.extend(agreement.account, by=person, until=day, reason="x", at=NOON),
        lambda: standing.hold(invoice, by=person, kind="dispute", until=day, reason="x", at=NOON),
    ]
    for attempt in attempts:
        with pytest.raises(Refused):
            attempt()


def test_invoices_are_seen_by_who_administers_and_drafts_by_the_network(cast: Cast) -> None:
    agreement = signed(cast)
    invoice, draft = billed(cast, agreement), drafted(cast, agreement, 1)

    def seen(who: str) -> set[Invoice]:
        return set(Invoice.objects.visible_to(getattr(cast, who)))

    assert seen("admin_prairie") == {invoice}
    for who in ("network_admin", "auditor"):
        assert seen(who) == {invoice, draft}
    for who in ("clinician_prairie", "clinician_lakeside", "specialist", "lead", "editor"):
        assert seen(who) == set()
        assert not Account.objects.visible_to(getattr(cast, who)).exists()


def test_everything_is_on_the_record(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    payment = paid(cast, agreement.account, TAXED + 1)
    paying.refund(payment, by=cast.network_admin, cents=1, reason="Too much", at=NOON)
    actions = set(AuditEvent.objects.filter(organization_id=cast.prairie.pk).values_list("action", flat=True))
    assert actions >= {"fees.sign", "fees.draft", "fees.finalize", "fees.payment", "fees.allocate", "fees.refund"}
    assert Allocation.objects.get().by == cast.network_admin
