"""What the site does by itself: bills, looks at standings, checks the books, and tells who must know."""

from datetime import date

import pytest
import time_machine
from django.conf import settings

from portal.common.models import Heartbeat, Notice
from portal.fees import tasks
from portal.fees.models import Invoice, Payment
from tests.cast import Cast
from tests.portal.fees.helpers import billed, noon, paid, signed

pytestmark = pytest.mark.django_db


def test_every_task_is_on_the_beat() -> None:
    scheduled = {row["task"] for row in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {f"portal.fees.tasks.{name}" for name in ("bill", "review_standing", "verify_books")} <= scheduled


def test_a_year_of_days_bills_twelve_months_on_time(cast: Cast) -> None:
    signed(cast)
    for month in range(1, 13):
        for day in (1, 5, 20, 25):
            with time_machine.travel(noon(date(2026, month, day)), tick=False):
                tasks.bill()
                tasks.bill()
    found = Invoice.objects.final().order_by("sequence")
    assert [(row.period, row.sequence) for row in found] == [(number, number + 1) for number in range(12)]
    assert all(row.issued_on and row.issued_on <= row.starts_on for row in found[1:])


def test_administrators_learn_a_new_standing_once_and_no_amount(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    days = [date(2026, 1, 20), date(2026, 2, 5), date(2026, 2, 6), date(2026, 3, 20)]
    for day in days:
        with time_machine.travel(noon(day), tick=False):
            tasks.review_standing()
    paid(cast, agreement.account, 140_400, at=noon(date(2026, 3, 21)))
    with time_machine.travel(noon(date(2026, 3, 21)), tick=False):
        tasks.review_standing()
    told = Notice.objects.filter(kind="standing").order_by("pk")
    assert {notice.person_id for notice in told} == {cast.admin_prairie.pk}
    assert [notice.text.split(" is ")[1][:9] for notice in told] == ["in its gr", "suspended", "reinstate"]
    assert not any("$" in notice.text for notice in told)


def test_books_that_do_not_balance_are_told_to_the_network(cast: Cast) -> None:
    account = signed(cast).account
    assert tasks.verify_books() == 0
    assert Heartbeat.objects.filter(name="verify-books").exists()
    Payment.objects.create(
        account=account,
        cents=5,
        received_on=date(2026, 1, 1),
        method="bank",
        recorded_at=noon(date(2026, 1, 1)),
        recorded_by=cast.network_admin,
    )
    assert tasks.verify_books() == 2
    assert {notice.person_id for notice in Notice.objects.filter(kind="books")} == {cast.network_admin.pk}
