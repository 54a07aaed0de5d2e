"""Telling people: a notice inside the site and a mail in the outbox, both in the transaction of the change.

Nothing clinical goes out: a number, what happened, what is asked of the reader, and a link.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.db.models import QuerySet

from portal.common import circumstances, present, rows
from portal.common.hints import wake_on_commit
from portal.common.models import Mail, Notice
from portal.common.trouble import can_be_missed

BATCH = 1000


class Reachable(Protocol):
    """A person, as far as telling them something is concerned."""

    pk: int
    email: str
    name: str
    is_active: bool


@dataclass(frozen=True)
class Telling:
    """One thing to tell one person; see `tell`."""

    person: Reachable
    kind: str
    text: str
    path: str
    key: str
    calendar: str = ""


def tell(*, person: Reachable, kind: str, text: str, path: str, key: str, calendar: str = "") -> None:
    """Tell ``person`` once: a second call with the same ``key`` changes nothing.

    ``text`` is one sentence without clinical content; ``path`` is the page it leads to;
    ``calendar`` is an invitation (.ics) that goes with the mail.
    """
    tell_all([Telling(person, kind, text, path, key, calendar)])


def tell_all(tellings: Iterable[Telling]) -> None:
    """The same for many people, in a few statements for every thousand of them."""
    due = [telling for telling in tellings if telling.person.is_active]
    if not due:
        return
    now = present.now()
    for begin in range(0, len(due), BATCH):
        some = due[begin : begin + BATCH]
        rows.add_unless_there(*(_notice(row, now) for row in some), *(_mail(row, now) for row in some))
    wake_on_commit("portal.common.tasks.send_outbox")


def _notice(row: Telling, now: datetime) -> Notice:
    return Notice(person_id=row.person.pk, kind=row.kind, text=row.text, path=row.path, key=row.key, created_at=now)


def _mail(row: Telling, now: datetime) -> Mail:
    return Mail(
        to=row.person.email,
        subject=row.text[:200],
        body=_body(row),
        key=f"{row.key}:{row.person.pk}",
        calendar=row.calendar,
        created_at=now,
        next_try_at=now,
    )


def _body(row: Telling) -> str:
    return (
        f"{row.person.name},\n\n{row.text}\n\nOpen it after signing in:\n{settings.SITE_URL}{row.path}\n\n"
        "This message carries no clinical content, and replies to it are not read.\n"
    )


def send_mail(*, to: str, subject: str, body: str, key: str) -> None:
    """Put one message into the outbox; the same ``key`` twice is one message. Wakes the sender on commit."""
    now = present.now()
    mail = Mail(to=to, subject=subject[:200], body=body, key=key, created_at=now, next_try_at=now)
    rows.add_unless_there(mail)
    wake_on_commit("portal.common.tasks.send_outbox")


def mark_read(*, by: Reachable, number: int | None = None) -> None:
    """Mark one notice of the person read, or all of them."""
    theirs = Notice.objects.filter(person_id=by.pk)
    _mark(by, theirs if number is None else theirs.filter(pk=number))


def mark_read_at(person: Reachable, path: str) -> None:
    """Mark read what leads to the page that the person has just opened."""
    if _has_any(person):
        with can_be_missed():
            _mark(person, Notice.objects.filter(person_id=person.pk, path=path))


def _has_any(person: Reachable) -> bool:
    """Whether there may be some to mark. Whose session knows that there are none (``unread``) is spared the looking."""
    return not circumstances.is_stand_in() and getattr(person, "unread", None) != 0


def _mark(person: Reachable, theirs: QuerySet[Notice]) -> None:
    """Mark these read."""
    if not _has_any(person):
        return
    if theirs.filter(read_at=None).update(read_at=present.now()) and hasattr(person, "unread"):
        del person.unread  # to be counted anew
