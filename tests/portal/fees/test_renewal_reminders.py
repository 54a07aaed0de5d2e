"""Reminders of an open offer: each once on its day, none of what was answered or had passed before the offer."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings

from portal.common.models import Mail, Notice
from portal.fees import tasks
from portal.fees.models import RenewalReminder
from portal.fees.services import renewals
from tests.cast import Cast
from tests.portal.fees.helpers import noon, signed
from tests.portal.fees.renewals import AUTUMN, ENDS, accepted, an_offer

pytestmark = pytest.mark.django_db


def on(days: int) -> int:
    """The task at noon, so many days before the end, twice."""
    with time_machine.travel(noon(ENDS - timedelta(days=days)), tick=False):
        sent, _ = tasks.remind_of_renewals()
        assert tasks.remind_of_renewals() == (0, 0)
        return sent


def test_each_reminder_once_on_its_day(cast: Cast) -> None:
    row = an_offer(cast, signed(cast))
    sent = {days: on(days) for days in range(108, 0, -1)}
    assert [days for days, number in sent.items() if number] == [90, 60, 30]
    rows = list(RenewalReminder.objects.filter(renewal=row))
    assert [(one.days_before, (ENDS - one.due_on).days) for one in rows] == [(90, 90), (60, 60), (30, 30)]
    assert rows[0].sent_to == ["Robin Castell"]
    assert {one.person for one in Notice.objects.filter(text__contains="unless it is renewed")} == {cast.admin_prairie}
    mails = Mail.objects.filter(to=cast.admin_prairie.email)
    assert mails.filter(subject__contains="unless it is renewed").count() == 3
    assert not any("$" in mail.body for mail in mails)


def test_a_server_that_slept_reminds_once_of_the_day_it_was_due(cast: Cast) -> None:
    an_offer(cast, signed(cast))
    assert on(45) == 1
    row = RenewalReminder.objects.get()
    assert (row.days_before, row.due_on) == (60, ENDS - timedelta(days=60))
    assert [on(44), on(30)] == [0, 1]


def test_an_offer_made_late_is_not_reminded_of_what_had_passed(cast: Cast, settings: LazySettings) -> None:
    settings.RENEWAL_REMINDER_DAYS = (90, 60, 30)
    an_offer(cast, signed(cast), noon(ENDS - timedelta(days=60)))
    assert [on(60), on(31), on(30)] == [0, 0, 1]


@pytest.mark.parametrize("answer", ["accept", "decline", "withdraw"])
def test_what_was_answered_is_not_reminded_of(cast: Cast, answer: str) -> None:
    row = an_offer(cast, signed(cast))
    if answer == "accept":
        accepted(cast, row)
    elif answer == "decline":
        renewals.decline(row, by=cast.admin_prairie, reason="No", at=AUTUMN)
    else:
        renewals.withdraw(row, by=cast.network_admin, reason="No", at=AUTUMN)
    assert [on(90), on(60), on(1)] == [0, 0, 0]
