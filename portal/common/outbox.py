"""Sending what the outbox holds: claim with a lease, commit, send, mark sent."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F

from portal.common import present
from portal.common.models import Mail

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=1)


def claim(*, now: datetime, limit: int) -> list[Mail]:
    """Due messages, leased to the caller: no one else tries them before the lease ends."""
    with transaction.atomic():
        due = list(
            Mail.objects.select_for_update(skip_locked=True)
            .filter(sent_at=None, next_try_at__lte=now)
            .order_by("next_try_at", "id")[:limit]
        )
        Mail.objects.filter(pk__in=[mail.pk for mail in due]).update(
            next_try_at=now + LEASE, attempts=F("attempts") + 1
        )
    return due


def send_due(*, limit: int = 50, clock: Callable[[], datetime] = present.now) -> int:
    """Send up to ``limit`` due messages and say how many went out."""
    sent = 0
    due = claim(now=clock(), limit=limit)
    if not due:
        return 0
    connection = get_connection()
    for mail in due:
        try:
            connection.open()
            _message(mail, connection).send()
        except (SMTPException, OSError, ValueError) as error:
            connection.close()  # the next message begins on a fresh one
            _postpone(mail, now=clock(), error=error)
        else:
            Mail.objects.filter(pk=mail.pk).update(sent_at=clock(), body="", calendar="", last_error="")
            sent += 1
    connection.close()
    return sent


def _message(mail: Mail, connection: BaseEmailBackend) -> EmailMessage:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    message = EmailMessage(
        subject=mail.subject,
        body=mail.body,
        to=[mail.to],
        connection=connection,
        headers=mail.headers | {"Message-ID": f"<{mail.message_id}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    if mail.calendar:
        method = "CANCEL" if "METHOD:CANCEL" in mail.calendar else "REQUEST"
        message.attach("invitation.ics", mail.calendar, f"text/calendar; method={method}")
    return message


def _postpone(mail: Mail, *, now: datetime, error: Exception) -> None:
    """Try again later, waiting twice as long each time. The error's class is kept, not its text: it may name people."""
    wait = min(timedelta(seconds=30) * 2 ** min(mail.attempts, 10), LONGEST_WAIT)
    Mail.objects.filter(pk=mail.pk).update(next_try_at=now + wait, last_error=type(error).__name__)
    log.warning("Mail %s was not taken (%s); next try in %s.", mail.pk, type(error).__name__, wait)
