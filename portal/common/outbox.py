"""Sending what the outbox holds: claim with a lease, commit, send, mark sent."""

import fcntl
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from smtplib import SMTPException
from typing import IO

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from portal.common import present
from portal.common.models import Mail
from portal.common.trouble import later

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
OURS = timedelta(minutes=3)
"""What was claimed is worked on for so long, which is less than the lease and than a task may take."""
STAYS = timedelta(minutes=1)
"""Whoever sends looks for more to send for so long; with the last of it, less than a task may take."""
LONGEST_WAIT = timedelta(hours=1)
PAUSE_SECONDS = 1.0


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


def send_all() -> int:
    """Send what is due, and what falls due meanwhile, for a minute or a little more; how many went out.

    On each host one process at a time: a mail server that takes its time holds it, and no other, so that clocks are
    looked at in time. Who finds another at it leaves it what is due.
    """
    sent, end = 0, time.monotonic() + STAYS.total_seconds()
    with _turn() as is_ours:
        while is_ours and time.monotonic() < end:
            if not (now_sent := send_due()):
                break
            sent += now_sent
    return sent


@contextmanager
def _turn() -> Iterator[bool]:
    """Whether this process is the host's sender until the end; it is, too, where its disk takes no file to lock."""
    with ExitStack() as opened:
        is_ours = True
        with suppress(OSError):
            lock = opened.enter_context((Path(settings.STATE_DIR) / "outbox.lock").open("w"))
            is_ours = _locks(lock)
        yield is_ours


def _locks(file: IO[str]) -> bool:
    """Whether nobody else holds the lock, which ends with the process at the latest."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def send_due(*, limit: int = 50, clock: Callable[[], datetime] = present.now) -> int:
    """Send up to ``limit`` due messages and say how many went out."""
    sent = 0
    due = claim(now=clock(), limit=limit)
    if not due:
        return 0
    end = time.monotonic() + OURS.total_seconds()
    server = get_connection()
    for mail in due:
        if time.monotonic() > end:
            break  # whoever comes when the lease is over takes the rest
        try:
            server.open()
            _message(mail, server).send()
        except (SMTPException, OSError, ValueError) as error:
            server.close()  # the next message begins on a fresh one
            _postpone(mail, clock=clock, error=error, until=end)
        else:
            _note(mail, lambda: {"sent_at": clock(), "body": "", "calendar": "", "last_error": ""}, until=end)
            sent += 1
    server.close()
    return sent


def _note(mail: Mail, fields: Callable[[], dict[str, object]], *, until: float) -> None:
    """Write what became of a message. A database that is away, or full, is waited for as long as the message is ours:
    one that went out and is not marked would go out again. ``fields`` may ask it for the time."""
    while True:
        try:
            Mail.objects.filter(pk=mail.pk).update(**fields())
        except DatabaseError as error:
            if not later(error) or time.monotonic() > until:
                raise
            log.warning("What became of mail %s cannot be written (%s); trying again.", mail.pk, type(error).__name__)
            connection.close_if_unusable_or_obsolete()
            time.sleep(PAUSE_SECONDS)
        else:
            return


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


def _postpone(mail: Mail, *, clock: Callable[[], datetime], error: Exception, until: float) -> None:
    """Try again later, waiting twice as long each time. The error's class is kept, not its text: it may name people."""
    wait = min(timedelta(seconds=30) * 2 ** min(mail.attempts, 10), LONGEST_WAIT)
    _note(mail, lambda: {"next_try_at": clock() + wait, "last_error": type(error).__name__}, until=until)
    log.warning("Mail %s was not taken (%s); next try in %s.", mail.pk, type(error).__name__, wait)
