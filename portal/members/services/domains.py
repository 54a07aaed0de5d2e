"""E-mail domains of an organization: listed by its administrators, confirmed by the network or by a mail to whoever
runs the domain's mail.
"""

import re
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from portal.common import tenancy
from portal.common.audit import record
from portal.common.notices import send_mail
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Organization, Person
from portal.members.models_domains import OrganizationDomain
from portal.members.policy import Action, Denied, can

MAILBOXES = ("postmaster", "hostmaster", "webmaster", "administrator", "admin")
"""Who runs a domain reads one of these (as authorities for certificates hold it, too). Any other address would let
whoever has a mailbox at a public provider claim the provider.
"""
MOST = 20
LASTS = timedelta(days=3)
SALT = "portal.members.services.domains"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]")
TAKEN = "Another organization has confirmed this domain. The network can tell you more."


@transaction.atomic
def add_domain(*, by: Person, organization: Organization, domain: str) -> OrganizationDomain:
    """List a domain; it counts once it is confirmed. Listing it again changes nothing.

    Raises Invalid for what is no domain, Conflict for too many.
    """
    _check(by, organization)
    name = domain.strip().lower().removeprefix("@").rstrip(".")
    if len(name) > 253 or not _DOMAIN.fullmatch(name):
        raise Invalid(domain="This is no domain. Write what stands behind the @, such as hospital.example.")
    if organization.domains.count() >= MOST:
        raise Conflict(f"An organization lists at most {MOST} domains.")
    row, is_new = OrganizationDomain.objects.get_or_create(organization=organization, domain=name)
    if is_new:
        _record(by, "add domain", row)
    return row


@transaction.atomic
def remove_domain(*, by: Person, row: OrganizationDomain) -> None:
    """Take a domain off the list: nobody joins, or signs in, by it any more."""
    _check(by, row.organization)
    _record(by, "remove domain", row)
    row.delete()


@transaction.atomic
def confirm_domain(*, by: Person, row: OrganizationDomain, at: datetime) -> None:
    """The network says that the domain is the organization's. Raises Conflict where it is another's."""
    decision = can(by.actor, Action.MANAGE_ORGANIZATION)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    _confirm(row, by=by, at=at)
    _record(by, "confirm domain", row)


@transaction.atomic
def ask_to_confirm(*, by: Person, row: OrganizationDomain, mailbox: str) -> str:
    """Mail a link to one of the addresses that whoever runs the domain reads; that address."""
    _check(by, row.organization)
    if mailbox not in MAILBOXES:
        raise Invalid(mailbox=f"Choose one of {', '.join(MAILBOXES)}.")
    if row.confirmed_at:
        raise Conflict("This domain is confirmed already.")
    address = f"{mailbox}@{row.domain}"
    token = signing.dumps([row.pk, row.domain], salt=SALT)
    link = settings.SITE_URL + reverse("domain-confirm", args=[token])
    body = render_to_string("mail/confirm_domain.txt", {"domain": row, "by": by, "link": link})
    send_mail(
        to=address, subject=f"Does {row.domain} belong to this organization?", body=body, key=f"domain:{uuid.uuid4()}"
    )
    _record(by, "ask to confirm domain", row)
    return address


def asked_about(token: str) -> OrganizationDomain | None:
    """The domain that a link confirms; None for a link that is not ours, too old, used, or about one taken off."""
    try:
        pk, domain = signing.loads(token, salt=SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    with tenancy.everything():
        rows = OrganizationDomain.objects.select_related("organization")
        return rows.filter(pk=pk, domain=domain, confirmed_at=None).first()


def confirm_by_link(*, token: str, at: datetime) -> OrganizationDomain:
    """Whoever reads the mailbox confirms. Raises Conflict, always in the same words, for a link that does not work."""
    row = asked_about(token)
    if row is None:
        raise Conflict("This link does not work any more.")
    with tenancy.everything():
        _confirm(row, by=None, at=at)
        _record("domain link", "confirm domain", row)
    return row


def _confirm(row: OrganizationDomain, *, by: Person | None, at: datetime) -> None:
    if row.confirmed_at:
        return
    row.confirmed_at, row.confirmed_by = at, by
    try:
        with transaction.atomic():
            row.save(update_fields=["confirmed_at", "confirmed_by"])
    except IntegrityError:
        row.confirmed_at = None
        raise Conflict(TAKEN) from None


def _check(by: Person, organization: Organization) -> None:
    decision = can(by.actor, Action.MANAGE_PEOPLE, organization.pk)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)


def _record(by: Person | str, action: str, row: OrganizationDomain) -> None:
    record(
        by=by,
        action=action,
        object_type="domain",
        object_id=row.pk,
        organization_id=row.organization_id,
        domain=row.domain,
    )
