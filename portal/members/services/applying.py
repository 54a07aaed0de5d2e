"""An organization applies: the contact's address is proven by a mailed link, and the same link shows how it stands.

Whoever applies has no account: these services look past the walls, for one application at a time.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from portal.common import tenancy, words
from portal.common.audit import record
from portal.common.notices import Telling, send_mail, tell_all
from portal.common.refusals import Conflict
from portal.members.models import Person
from portal.members.models_applications import Application, ApplicationNote

SALT = "portal.members.services.applying"
PROVEN_WITHIN = timedelta(days=3)
SHOWN_FOR = timedelta(days=90)
"""How long after the decision the link still shows it."""
MOST_A_DAY = 3
MOST_TEXT = 4000
GONE = "This link does not work any more."
CLOSED = "The network takes no applications by this way at present."
State = Application.State


@dataclass(frozen=True)
class Applied:
    """What the form asks."""

    name: str
    kind: str
    street: str
    city: str
    region: str
    postal_code: str
    contact_name: str
    contact_email: str
    clinicians: int
    hopes: str


def apply(*, applied: Applied, at: datetime) -> None:
    """Keep the application and mail a link to its contact. The caller learns nothing of what is known of the address.

    An address whose application of the same name is under way gets the link to that one. At most three mails a day go
    to one address. Raises Conflict where the network takes none.
    """
    if not settings.APPLICATIONS_OPEN:
        raise Conflict(CLOSED)
    email = applied.contact_email.strip().lower()
    with tenancy.everything():
        mine = Application.objects.filter(contact_email=email)
        if mine.filter(applied_at__gt=at - timedelta(days=1)).count() >= MOST_A_DAY:
            return
        fields = vars(applied) | {"contact_email": email, "applied_at": at}
        row = Application.objects.create(**fields)
        _mail(mine.filter(state__in=Application.UNDECIDED, name__iexact=applied.name).first() or row)
        _record("application form", "apply", row)


def link_of(row: Application) -> str:
    """Where the applicant sees how it stands: signed, so that the database alone does not give it."""
    return settings.SITE_URL + reverse("apply-state", args=[signing.dumps(row.key.hex, salt=SALT)])


def find(token: str, *, now: datetime) -> Application | None:
    """The application of a link; None for any link that does not work, all the same."""
    try:
        key = uuid.UUID(signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    with tenancy.everything():
        row = Application.objects.filter(key=key).first()
    return row if row and _is_shown(row, now) else None


def questions(row: Application) -> list[ApplicationNote]:
    """What the network asked and the applicant answered; never its own notes."""
    with tenancy.everything():
        return list(row.notes.exclude(kind=ApplicationNote.Kind.NOTE))


def confirm(*, token: str, at: datetime) -> Application:
    """The address is the contact's: administrators of the network are told. A second time changes nothing.

    Raises Conflict for a link that does not work.
    """
    with _locked(token, at) as row:
        if row.state != State.UNCONFIRMED:
            return row
        row.state, row.confirmed_at = State.WAITING, at
        row.save(update_fields=["state", "confirmed_at"])
        _record("link in a mail", "confirm application", row)
        tell_network(row, "An organization applies to join the network.", key="confirmed")
    return row


def answer(*, token: str, text: str, at: datetime) -> Application:
    """The applicant answers what the network asked. Raises Invalid, Conflict where nothing is asked."""
    words = text_of(text)
    with _locked(token, at) as row:
        if row.state != State.ASKED:
            raise Conflict("Nothing is asked of you just now.")
        note = ApplicationNote.objects.create(
            application=row, kind=ApplicationNote.Kind.ANSWERED, text=words, by=None, at=at
        )
        row.state = State.WAITING
        row.save(update_fields=["state"])
        _record("link in a mail", "answer about application", row)
        tell_network(row, "An applicant answered what was asked.", key=f"answered:{note.pk}")
    return row


def forget_applications(*, now: datetime) -> None:
    """What was never confirmed goes with its link."""
    with tenancy.everything():
        Application.objects.filter(state=State.UNCONFIRMED, applied_at__lte=now - PROVEN_WITHIN).delete()


def text_of(text: str) -> str:
    """The words, trimmed. Raises Invalid where there are none, or too many."""
    return words.said(text, most=MOST_TEXT)


def tell_network(row: Application, text: str, *, key: str) -> None:
    """Tell every administrator of the network, without naming the applicant in the mail."""
    people = Person.objects.network_administrators()
    path = reverse("application", args=[row.pk])
    tell_all(Telling(one, "application", text, path, f"application:{row.pk}:{key}") for one in people)


def tell_applicant(row: Application, template: str, *, key: str) -> None:
    """Mail the contact the link: what is asked or decided stands on the page alone."""
    body = render_to_string(template, {"row": row, "link": link_of(row)})
    send_mail(to=row.contact_email, subject="Your application to the care network", body=body, key=f"application:{key}")


def _is_shown(row: Application, now: datetime) -> bool:
    if row.state == State.UNCONFIRMED:
        return now <= row.applied_at + PROVEN_WITHIN
    return row.decided_at is None or now <= row.decided_at + SHOWN_FOR


@contextmanager
def _locked(token: str, now: datetime) -> Iterator[Application]:
    with transaction.atomic(), tenancy.everything():
        found = find(token, now=now)
        if found is None:
            raise Conflict(GONE)
        yield Application.objects.select_for_update(of=("self",)).get(pk=found.pk)


def _mail(row: Application) -> None:
    tell_applicant(row, "mail/apply.txt", key=str(uuid.uuid4()))


def _record(by: str, action: str, row: Application) -> None:
    record(by=by, action=action, object_type="application", object_id=row.pk)
