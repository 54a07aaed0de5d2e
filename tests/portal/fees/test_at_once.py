"""Many at the same moment: no number is missing or given twice, and no cent is spent twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial

import pytest
from django.db import connections, transaction

from portal.common import tenancy
from portal.common.refusals import Conflict, Invalid
from portal.fees.models import Allocation, Invoice, Series
from portal.fees.services import agreements, invoicing, paying, verifying
from portal.fees.services.balances import left_of, open_cents
from tests.cast import Cast, make_organization
from tests.portal.fees.helpers import NOON, a_plan, billed, drafted, later, paid, signed

Work = Callable[[], object]


def at_once(*works: Work, threads: int = 10) -> list[object]:
    """What each returned, or the refusal or failure it raised."""

    def run(work: Work) -> object:
        try:
            with tenancy.everything():
                return work()
        except (Conflict, Invalid, transaction.TransactionManagementError, ZeroDivisionError) as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, works))


def test_fifty_invoices_made_final_at_once_have_fifty_numbers(committed_cast: Cast) -> None:
    """Of fifty organizations, and fifteen that fail after they were given a number: those give it back."""
    cast = committed_cast
    version = a_plan(cast)
    drafts = [
        drafted(cast, signed(cast, make_organization(f"Group{number} of physicians"), version=version))
        for number in range(65)
    ]

    def final(draft: Invoice) -> object:
        return invoicing.finalize(draft, by=cast.network_admin, at=NOON)

    def failing(draft: Invoice) -> object:
        final(draft)
        return 1 / 0

    works = [partial(failing if number % 13 in (3, 7, 11) else final, draft) for number, draft in enumerate(drafts)]
    found = at_once(*works, threads=16)
    assert sum(isinstance(row, ZeroDivisionError) for row in found) == 15
    given = list(Invoice.objects.final().order_by("number").values_list("number", flat=True))
    assert given == [f"INV-2026-{number:05}" for number in range(1, 51)]
    assert Series.objects.get(prefix="INV-2026-").last == 50
    assert verifying.verify().faults == []


def test_one_draft_made_final_by_ten_at_once_is_one_invoice(committed_cast: Cast) -> None:
    cast = committed_cast
    draft = drafted(cast, signed(cast))
    found = at_once(*[lambda: invoicing.finalize(draft, by=cast.network_admin, at=NOON)] * 10)
    assert sum(isinstance(row, Invoice) for row in found) == 1
    assert sum(isinstance(row, Conflict) for row in found) == 9
    assert Series.objects.get(prefix="INV-2026-").last == 1


def test_one_payment_given_to_two_invoices_at_once_is_spent_once(committed_cast: Cast) -> None:
    cast = committed_cast
    agreement = signed(cast)
    payment = paid(cast, agreement.account, 140_400)
    one, other = (invoicing.draft_period(agreement, by=cast.network_admin, number=n, at=NOON) for n in (0, 1))
    assert one
    assert other
    at_once(*[lambda row=row: invoicing.finalize(row, by=cast.network_admin, at=NOON) for row in (one, other)])
    assert left_of(payment) == 0
    assert sorted(open_cents(Invoice.objects.get(pk=row.pk)) for row in (one, other)) == [0, 140_400]
    assert verifying.verify().faults == []


def test_ten_refunds_of_the_same_money_at_once_are_one(committed_cast: Cast) -> None:
    cast = committed_cast
    payment = paid(cast, signed(cast).account, 700)
    works = [lambda: paying.refund(payment, by=cast.network_admin, cents=700, reason="Twice", at=NOON)] * 10
    assert sum(isinstance(row, Invalid) for row in at_once(*works)) == 9
    assert verifying.verify().faults == []


def test_a_change_and_a_payment_at_once_both_count(committed_cast: Cast) -> None:
    cast = committed_cast
    agreement = signed(cast)
    billed(cast, agreement)
    at_once(
        *[lambda: paid(cast, agreement.account, 10_000)] * 5,
        lambda: agreements.change(agreement, by=cast.network_admin, on=date(2026, 1, 11), clinicians=40, at=NOON),
        *[lambda: paid(cast, agreement.account, 10_000)] * 5,
    )
    assert Allocation.objects.filter(payment__isnull=False).count() >= 5
    assert verifying.verify().faults == []


def test_two_runs_of_the_bill_at_once_bill_once(committed_cast: Cast) -> None:
    cast = committed_cast
    signed(cast)
    signed(cast, cast.lakeside, version=a_plan(cast))
    at_once(*[lambda: invoicing.bill(at=NOON)] * 4)
    at_once(*[lambda: invoicing.bill(at=later(3))] * 4)
    assert Invoice.objects.count() == Invoice.objects.final().count() == 2
    assert verifying.verify().faults == []


@pytest.mark.parametrize("reference", ["tx-77"])
def test_a_reference_reported_ten_times_at_once_is_one_payment(committed_cast: Cast, reference: str) -> None:
    cast = committed_cast
    account = signed(cast).account
    found = at_once(*[lambda: paid(cast, account, 500, reference=reference)] * 10)
    assert sum(isinstance(row, Conflict) for row in found) == 9
    assert account.payments.get().cents == 500
