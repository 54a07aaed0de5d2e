"""What administrators do with money on the pages: shown first, done once, undone by another document, nothing lost."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from portal.common.models import Notice
from portal.fees.models import (
    Account,
    Agreement,
    Allocation,
    CreditNote,
    Entry,
    Invoice,
    Payment,
    Plan,
    Refund,
    WriteOff,
)
from portal.fees.services import paying, standing, verifying
from portal.fees.services.balances import open_cents
from tests.cast import Cast, sign_in
from tests.portal.fees.helpers import FIRST, NOON, a_plan, billed, drafted, later, paid, signed

pytestmark = pytest.mark.django_db


class Page:
    """An administrator at one act's page."""

    def __init__(self, cast: Cast, path: str) -> None:
        self.client, self.path = sign_in(Client(), cast.network_admin), path
        self.fields: dict[str, Any] = {}

    def open(self) -> str:
        return self._kept(self.client.get(self.path))

    def look(self, **typed: Any) -> str:
        """Fill in and ask what will be booked."""
        self.fields = {"press": self.path, **typed}
        return self._kept(self.client.post(self.path, {**self.fields, "step": "look"}))

    def do(self) -> Any:
        return self.client.post(self.path, {**self.fields, "agreed": self.agreed, "step": "do"})

    def _kept(self, answer: Any) -> str:
        assert answer.status_code == 200, answer.content[:300]
        outcome = answer.context.get("outcome")
        self.agreed = outcome.mark if outcome else ""
        self.fields.setdefault("press", answer.context["press"])
        text: str = answer.content.decode()
        return text


@pytest.fixture(autouse=True)
def _balanced() -> Any:
    """Whatever a test did, the books balance."""
    with time_machine.travel(NOON, tick=False):
        yield
    assert verifying.verify().faults == []


def test_a_draft_is_made_final_as_it_was_shown(cast: Cast) -> None:
    draft = drafted(cast, signed(cast))
    page = Page(cast, f"/invoices/{draft.pk}/finalize/")
    text = page.open()
    for words in ("An invoice for 1 January 2026 to 31 January 2026 is final", "$1,404.00", "due 31 January 2026"):
        assert words in text
    draft.refresh_from_db()
    assert draft.number is None, "only shown"
    assert not Entry.objects.exists()
    assert page.do().status_code == 302
    draft.refresh_from_db()
    assert draft.number == "INV-2026-00001", "the rehearsal took no number"


def test_pressed_twice_it_is_done_once(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    page = Page(cast, f"/fees/accounts/{agreement.account_id}/pay/")
    text = page.look(cents="1,500.00", received_on="2026-01-01", method="bank", reference="", how="auto")
    assert "The payment pays invoice INV-2026-00001" in text
    assert "$96.00" in text, "what is left after it"
    assert not Payment.objects.exists()
    first, second = page.do(), page.do()
    assert Payment.objects.count() == 1
    assert first["Location"] == second["Location"] == f"/fees/payments/{Payment.objects.get().pk}/"
    assert "and not again" in page.client.get(second["Location"]).content.decode()


def test_a_form_sent_again_with_other_numbers_is_refused_and_keeps_them(cast: Cast) -> None:
    agreement = signed(cast)
    page = Page(cast, f"/fees/accounts/{agreement.account_id}/pay/")
    typed = {"received_on": "2026-01-01", "method": "bank", "how": "leave"}
    page.look(cents="10.00", **typed)
    page.do()
    page.look(cents="12.34", **typed)
    answer = page.do()
    assert "sent before" in answer.content.decode()
    assert 'value="12.34"' in answer.content.decode()
    assert Payment.objects.count() == 1


def test_what_changed_meanwhile_is_shown_anew_and_not_done(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    page = Page(cast, f"/fees/accounts/{agreement.account_id}/pay/")
    page.look(cents="500.00", received_on="2026-01-01", method="bank", how="auto")
    paid(cast, agreement.account, 1_000_00)
    answer = page.do()
    assert "Something changed meanwhile" in answer.content.decode()
    assert Payment.objects.count() == 1
    page._kept(answer)
    assert page.do().status_code == 302
    assert Payment.objects.count() == 2
    assert open_cents(invoice) == 0


def test_nothing_is_done_without_having_been_shown(cast: Cast) -> None:
    draft = drafted(cast, signed(cast))
    client = sign_in(Client(), cast.network_admin)
    for fields in ({"step": "do"}, {"step": "do", "press": "p"}, {"step": "do", "press": "p", "agreed": "x"}):
        assert client.post(f"/invoices/{draft.pk}/finalize/", fields).status_code == 200
    draft.refresh_from_db()
    assert draft.number is None


def test_a_refused_amount_stays_where_it_was_typed(cast: Cast) -> None:
    invoice = billed(cast, signed(cast))
    line = invoice.lines.all()[0]
    page = Page(cast, f"/invoices/{invoice.pk}/credit/")
    text = page.look(**{f"line_{line.pk}": "99,999.99", "reason": "Agreed by phone"})
    assert "Only $1,000.00 is left of" in text
    assert 'value="99,999.99"' in text
    assert "Agreed by phone" in text
    assert "What will be booked" not in text


def test_credit_by_line_pays_the_invoice(cast: Cast) -> None:
    invoice = billed(cast, signed(cast))
    line = invoice.lines.all()[0]
    page = Page(cast, f"/invoices/{invoice.pk}/credit/")
    text = page.look(**{f"line_{line.pk}": "100.00", "reason": "Agreed by phone"})
    for words in ("A credit note against invoice INV-2026-00001: Agreed by phone", "$108.00", "Tax", "$1,296.00"):
        assert words in text
    page.do()
    note = CreditNote.objects.get()
    assert (note.total_cents, open_cents(invoice)) == (108_00, 1_296_00)


def test_change_shows_credit_note_and_new_invoice_to_the_day(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    page = Page(cast, f"/fees/agreements/{agreement.pk}/change/")
    terms = agreement.terms.get()
    typed = {"version": terms.version_id, "tier": "member", "facilities": 2, "clinicians": 40, "discount_points": "0"}
    text = page.look(on="2026-01-11", **typed)
    assert "back for 21 days from 11 January 2026" in text
    assert "A new draft of an invoice for 11 January 2026 to 31 January 2026" in text
    assert agreement.terms.count() == 1
    assert page.do().status_code == 302
    assert CreditNote.objects.get().kind == "change"
    draft = Invoice.objects.drafts().get()
    assert f"{draft.total_cents / 100:,.2f}" in text


def test_end_with_reason(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    page = Page(cast, f"/fees/agreements/{agreement.pk}/end/")
    assert "This field is required" in page.look(on="2026-01-11", reason="")
    assert "A credit note against" in page.look(on="2026-01-11", reason="Merged with another member")
    page.do()
    agreement.refresh_from_db()
    assert (agreement.ended_on, agreement.ended_because) == (date(2026, 1, 11), "Merged with another member")


def test_sign_shows_the_first_invoice_to_the_cent(cast: Cast) -> None:
    version = a_plan(cast, discount_points=1000)
    page = Page(cast, "/organizations/prairie/agreements/new/")
    assert 'value="2"' in page.open(), "its facilities are counted"
    typed = {"version": version.pk, "starts_on": "2026-01-01", "months": 12, "cycle": 1, "facilities": 2}
    text = page.look(**typed, clinicians=20, discount_points="", days_to_pay=30, draft_days=3)
    for words in ("A new draft of an invoice for 1 January 2026 to 31 January 2026", "$1,263.60", "$900.00"):
        assert words in text
    assert not Agreement.objects.exists()
    assert not Account.objects.exists()
    page.do()
    assert Invoice.objects.get().total_cents == 1_263_60
    assert Agreement.objects.get().until == date(2027, 1, 1)


def test_a_withdrawn_plan_is_not_offered_and_not_signed(cast: Cast) -> None:
    version = a_plan(cast)
    page = Page(cast, f"/fees/plans/{version.plan_id}/withdraw/")
    assert "No new agreement gets it" in page.open()
    page.do()
    assert Plan.objects.get().withdrawn_at
    text = Page(cast, "/organizations/prairie/agreements/new/").open()
    assert f'<option value="{version.pk}"' not in text
    again = Page(cast, f"/fees/plans/{version.plan_id}/withdraw/")
    assert "Offer Standard again" in again.open()
    again.do()
    assert Plan.objects.get().withdrawn_at is None


def test_write_off_release_allocate_refund_and_return(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    payment = paid(cast, agreement.account, 1_000_00)
    allocation = Allocation.objects.get()
    page = Page(cast, f"/fees/allocations/{allocation.pk}/release/")
    assert "What paid invoice INV-2026-00001 is taken back" in page.open()
    page.do()
    assert open_cents(invoice) == 1_404_00

    page = Page(cast, f"/fees/payments/{payment.pk}/allocate/")
    page.look(invoice=invoice.pk, cents="600")
    page.do()
    assert open_cents(invoice) == 804_00

    page = Page(cast, f"/fees/payments/{payment.pk}/refund/")
    assert "Only $400.00 is left" in page.look(cents="400.01", reason="Too much")
    page.look(cents="400.00", reason="Too much")
    page.do()
    assert Refund.objects.get().cents == 400_00

    page = Page(cast, f"/invoices/{invoice.pk}/write-off/")
    assert "Written off of invoice" in page.look(cents="804.00", reason="The practice closed")
    page.do()
    assert WriteOff.objects.get().cents == 804_00

    other = paid(cast, agreement.account, 5_00)
    page = Page(cast, f"/fees/payments/{other.pk}/return/")
    page.look(reason="Not enough funds")
    page.do()
    assert Refund.objects.filter(kind="returned").get().cents == 5_00


def test_money_left_pays_what_is_open(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    paying.record_payment(
        agreement.account, by=cast.network_admin, cents=100_00, received_on=FIRST, method="bank", at=NOON, pays={}
    )
    page = Page(cast, f"/fees/accounts/{agreement.account_id}/distribute/")
    assert "The payment pays invoice INV-2026-00001" in page.open()
    page.do()
    assert open_cents(invoice) == 1_304_00
    assert "No money is left" in Page(cast, page.path).client.get(page.path).content.decode()


def test_by_hand_the_invoices_named_are_paid(cast: Cast) -> None:
    agreement = signed(cast)
    first, second = billed(cast, agreement), billed(cast, agreement, 1)
    page = Page(cast, f"/fees/accounts/{agreement.account_id}/pay/")
    typed = {"cents": "50.00", "received_on": "2026-01-01", "method": "bank", "how": "hand"}
    assert "together get more" in page.look(**typed, **{f"pays_{second.pk}": "60"})
    page.look(**typed, **{f"pays_{second.pk}": "20"})
    page.do()
    assert (open_cents(first), open_cents(second)) == (1_404_00, 1_384_00)
    assert "With money left" in page.client.get("/fees/payments/?state=left").content.decode()


def test_paid_in_suspension_it_is_reinstated_at_once_and_the_page_said_so(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    with time_machine.travel(later(70), tick=False):
        standing.review(agreement.account, at=later(70))
        page = Page(cast, f"/fees/accounts/{agreement.account_id}/pay/")
        notices = Notice.objects.count()
        text = page.look(cents="1404", received_on="2026-03-01", method="bank", how="auto")
        assert "The standing becomes “Reinstated”; it was “Suspended”" in text
        assert Notice.objects.count() == notices, "a rehearsal tells nobody"
        page.do()
        assert Notice.objects.count() == notices + 1
        last = standing.now_of(agreement.account)
        assert last
        assert last.state == "reinstated"


def test_more_time_with_a_reason_is_in_the_history(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    with time_machine.travel(later(70), tick=False):
        standing.review(agreement.account, at=later(70))
        page = Page(cast, f"/fees/accounts/{agreement.account_id}/standing/extend/")
        assert "still to come" in page.look(until="2026-01-01", reason="Promised")
        page.look(until="2026-04-01", reason="Promised for March")
        page.do()
        client = sign_in(Client(), cast.admin_prairie)
        text = client.get(f"/fees/accounts/{agreement.account_id}/standing/").content.decode()
        assert "Extended to 1 April 2026 by Jo Lindqvist" in text
        assert "Promised for March" in text
        assert "2 April 2026" in text, "what follows, and when"
        assert "Give more time" not in text


def test_a_new_version_begins_with_the_last_and_shows_what_differs(cast: Cast) -> None:
    version = a_plan(cast)
    page = Page(cast, f"/fees/plans/{version.plan_id}/version/")
    text = page.open()
    assert 'value="12000.00"' in text
    form = page.client.get(page.path).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    shown = {name: "" if value is None else value for name, value in typed.items()}
    assert "Make this version" in page.look(**(shown | {"dues_member": "13000"}))
    page.do()
    newest = version.plan.versions.get(number=2)
    assert (newest.dues["member"], newest.bands, newest.tax_points) == (13_000_00, version.bands, 800)
    text = page.client.get(f"/fees/plans/{version.plan_id}/").content.decode()
    assert text.count("Changed</span>") == 1
    assert "$13,000.00" in text
    assert "$12,000.00" in text


def test_a_plan_of_a_name_that_is_taken_is_refused(cast: Cast) -> None:
    a_plan(cast)
    page = Page(cast, "/fees/plans/new/")
    money = {f"{name}_cents": "1" for name in ("facility", "any", "consult", "call", "hour")}
    rest = {"included_consults": 0, "included_calls": 0, "included_hours": 0, "discount_points": 0, "tax_points": 0}
    typed = {"currency": "USD", "dues_member": "1", "dues_regional": "1", **money, **rest}
    assert "There is a plan of this name" in page.look(name="Standard", **typed)
    page.look(name="Small", **typed)
    assert page.do().status_code == 302
    assert Plan.objects.count() == 2
