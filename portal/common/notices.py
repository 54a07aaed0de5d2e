"""Telling people: a notice inside the site and a mail in the outbox, both in the transaction of the change.

Nothing clinical goes out: a number, what happened, what is asked of the reader, and a link.
"""

from typing import Protocol

from django.conf import settings
from django.utils import timezone

from portal.common.hints import wake_on_commit
from portal.common.models import Mail, Notice


class Reachable(Protocol):
    """A person, as far as telling them something is concerned."""

    pk: int
    email: str
    name: str
    is_active: bool


def tell(*, person: Reachable, kind: str, text: str, path: str, key: str) -> None:
    """Tell ``person`` once: a second call with the same ``key`` changes nothing.

    ``text`` is one sentence without clinical content; ``path`` is the page it leads to.
    """
    if not person.is_active:
        return
    Notice.objects.bulk_create(
        [Notice(person_id=person.pk, kind=kind, text=text, path=path, key=key)], ignore_conflicts=True
    )
    body = (
        f"{person.name},\n\n{text}\n\nOpen it after signing in:\n{settings.SITE_URL}{path}\n\n"
        "This message carries no clinical content, and replies to it are not read.\n"
    )
    send_mail(to=person.email, subject=text, body=body, key=f"{key}:{person.pk}")


def send_mail(*, to: str, subject: str, body: str, key: str) -> None:
    """Put one message into the outbox; the same ``key`` twice is one message. Wakes the sender on commit."""
    Mail.objects.bulk_create([Mail(to=to, subject=subject[:200], body=body, key=key)], ignore_conflicts=True)
    wake_on_commit("portal.common.tasks.send_outbox")


def mark_read(*, by: Reachable, number: int | None = None) -> None:
    """Mark one notice of the person read, or all of them."""
    rows = Notice.objects.filter(person_id=by.pk, read_at=None)
    (rows if number is None else rows.filter(pk=number)).update(read_at=timezone.now())


def mark_read_at(person: Reachable, path: str) -> None:
    """Mark read what leads to the page that the person has just opened."""
    Notice.objects.filter(person_id=person.pk, path=path, read_at=None).update(read_at=timezone.now())
