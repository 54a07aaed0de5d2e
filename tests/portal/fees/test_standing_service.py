"""Standing from what is owed: looked at by the site, kept as a history, extended and held with a reason."""

from datetime import date

import pytest

from portal.common.refusals import Conflict, Invalid
from portal.fees.models import StandingRecord
from portal.fees.services import paying, standing
from portal.fees.standing import State
from tests.cast import Cast
from tests.portal.fees.helpers import NOON, billed, noon, paid, signed

pytestmark = pytest.mark.django_db

DUE = date(2026, 1, 31)


def test_overdue_then_grace_then_suspended_then_paid_and_reinstated(cast: Cast) -> None:
    agreement = signed(cast)
    account = agreement.account
    billed(cast, agreement)

    def on(day: date) -> str:
        standing.review_all(at=noon(day))
        standing.review_all(at=noon(day))
        row = standing.now_of(account)
        assert row
        return str(row.state)

    assert on(DUE) == "good"
    assert on(date(2026, 2, 1)) == "grace"
    assert on(date(2026, 3, 2)) == "grace"
    assert not standing.is_suspended(cast.prairie)
    assert on(date(2026, 3, 3)) == "suspended"
    assert standing.is_suspended(cast.prairie)
    assert not standing.is_suspended(cast.lakeside)
    paid(cast, account, 140_400, at=noon(date(2026, 3, 10)))
    assert on(date(2026, 3, 10)) == "reinstated"
    assert not standing.is_suspended(cast.prairie)
    assert on(date(2026, 4, 8)) == "reinstated"
    assert on(date(2026, 4, 9)) == "good"
    history = [(row.state, row.since, row.suspends_on) for row in account.standings.all()]
    assert history == [
        ("good", DUE, None),
        ("grace", date(2026, 2, 1), date(2026, 3, 3)),
        ("suspended", date(2026, 3, 3), None),
        ("reinstated", date(2026, 3, 10), None),
        ("good", date(2026, 4, 9), None),
    ]


def test_the_reasons_are_kept_with_dates_and_amounts(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    paid(cast, agreement.account, 40_400)
    standing.review(agreement.account, at=noon(date(2026, 2, 10)))
    row = standing.now_of(agreement.account)
    assert row
    assert row.reasons[0] == "Invoice INV-2026-00001: $1,000.00 was due on 31 January 2026, 10 days ago."
    assert row.reasons[1].endswith("from 3 March 2026 on.")


def test_an_extension_lifts_a_suspension_until_its_day(cast: Cast) -> None:
    agreement = signed(cast)
    account = agreement.account
    billed(cast, agreement)
    at = noon(date(2026, 3, 5))
    assert standing.review(account, at=at).state is State.SUSPENDED
    standing.extend(account, by=cast.network_admin, until=date(2026, 3, 20), reason="Their bank moved", at=at)
    assert not standing.is_suspended(cast.prairie)
    row = standing.now_of(account)
    assert row
    assert row.suspends_on == date(2026, 3, 21)
    assert any("Their bank moved" in reason for reason in row.reasons)
    assert standing.review(account, at=noon(date(2026, 3, 21))).state is State.SUSPENDED
    with pytest.raises(Invalid):
        standing.extend(account, by=cast.network_admin, until=date(2026, 3, 4), reason="Late", at=at)
    with pytest.raises(Invalid):
        standing.extend(account, by=cast.network_admin, until=date(2026, 4, 4), reason=" ", at=at)


def test_a_disputed_invoice_leaves_the_standing_alone(cast: Cast) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    at = noon(date(2026, 2, 5))
    standing.review(agreement.account, at=at)
    standing.hold(
        invoice, by=cast.network_admin, kind="dispute", until=date(2026, 4, 1), reason="One clinic closed", at=at
    )
    assert standing.review(agreement.account, at=noon(date(2026, 4, 1))).state is State.GOOD
    assert standing.review(agreement.account, at=noon(date(2026, 4, 2))).state is State.SUSPENDED
    paying.write_off(invoice, by=cast.network_admin, reason="Agreed", at=at)
    with pytest.raises(Conflict):
        standing.hold(invoice, by=cast.network_admin, kind="promise", until=date(2026, 4, 9), reason="x", at=at)


def test_nobody_looked_yet_is_not_suspended(cast: Cast) -> None:
    account = signed(cast).account
    assert standing.now_of(account) is None
    assert not standing.is_suspended(cast.prairie)
    assert standing.review(account, at=NOON).state is State.GOOD
    assert StandingRecord.objects.count() == 1
