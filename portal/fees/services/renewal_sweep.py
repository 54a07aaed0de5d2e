"""Open offers of a next agreement, looked at each hour: reminders on their days, and those that nobody answered."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Min

from portal.common import tenancy
from portal.fees import renewing
from portal.fees.models import Renewal, RenewalReminder
from portal.fees.services import base, renewal_telling
from portal.fees.services.reminding import administrators_of

SITE = "renewals"


def sweep(*, at: datetime) -> tuple[int, int]:
    """Remind of every open offer that is due it, and let lapse those whose agreement is over.

    Each in a transaction of its own. Returns how many of each. Safe to run twice and at once.
    """
    with tenancy.everything():
        rows = list(Renewal.objects.waiting().select_related("account__organization").order_by("pk"))
    reminded = lapsed = 0
    for row in rows:
        with tenancy.everything():
            sent, over = look_at(row, at=at)
        reminded, lapsed = reminded + sent, lapsed + over
    return reminded, lapsed


@transaction.atomic
def look_at(renewal: Renewal, *, at: datetime) -> tuple[bool, bool]:
    """Whether this offer was reminded of, and whether it lapsed."""
    account = base.lock(renewal.account)
    row = Renewal.objects.select_related("agreement").get(pk=renewal.pk)
    row.account = account
    if row.state != Renewal.State.OFFERED:  # somebody answered meanwhile
        return False, False
    if row.agreement.ended_on or not row.is_open(at):
        _lapse(row, at=at)
        return False, True
    return _remind(row, at=at), False


def _remind(row: Renewal, *, at: datetime) -> bool:
    assert row.offered_at is not None  # it is offered
    account, today = row.account, row.account.day(at)
    marks = list(renewing.marks(row.starts_on, settings.RENEWAL_REMINDER_DAYS, offered_on=account.day(row.offered_at)))
    last = row.reminders.aggregate(least=Min("days_before"))["least"]
    if not (mark := renewing.due(marks, today, last=last)):
        return False
    people = administrators_of(account)
    reminder = RenewalReminder.objects.create(
        account=account,
        renewal=row,
        days_before=mark.days_before,
        due_on=mark.due_on,
        sent_at=at,
        sent_to=[person.name for person in people],
    )
    renewal_telling.reminded(row, reminder)
    base.record(account, by=SITE, action="renewal.remind", kind="renewal", pk=row.pk, days=mark.days_before)
    return True


def _lapse(row: Renewal, *, at: datetime) -> None:
    row.state, row.ended_at = Renewal.State.LAPSED, at
    row.reason = "The agreement was ended early." if row.agreement.ended_on else "Nobody answered before the end."
    row.save(update_fields=["state", "ended_at", "reason"])
    renewal_telling.answered(row)
    base.record(row.account, by=SITE, action="renewal.lapse", kind="renewal", pk=row.pk)
