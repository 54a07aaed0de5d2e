"""Asking to join by an address in an organization's domain. The organization's administrator decides; nobody comes in,
or gets a role, by the address alone.
"""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from portal.common import tenancy
from portal.common.audit import record
from portal.common.notices import Telling, send_mail, tell_all
from portal.common.refusals import Conflict
from portal.members.models import Facility, Invitation, Organization, Person, Role, digest, new_secret
from portal.members.models_domains import OrganizationDomain
from portal.members.models_roster import JoinRequest
from portal.members.services.invitations import invite
from portal.members.services.roles import check_may_give

LIVES = timedelta(days=JoinRequest.LIVES)
MOST_A_DAY = 3
GONE = "This link does not work any more."


def ask_to_join(*, email: str, name: str, at: datetime) -> None:
    """Mail a link to the address if its domain is a confirmed one; else nothing. The caller learns neither.

    At most three a day go to one address.
    """
    email = email.strip().lower()
    with tenancy.everything():
        place = _place_of(email)
        if place is None:
            return
        lately = JoinRequest.objects.filter(email=email, asked_at__gt=at - timedelta(days=1))
        if lately.count() >= MOST_A_DAY:
            return
        secret = new_secret()
        row = JoinRequest.objects.create(
            organization=place, email=email, name=name, digest=digest(secret), asked_at=at, expires_at=at + LIVES
        )
        holds = Role.objects.filter(person__email__iexact=email, organization=place, person__is_active=True).exists()
        link = settings.SITE_URL + reverse("join-proof", args=[secret])
        body = render_to_string("mail/join.txt", {"row": row, "link": link, "holds": holds})
        send_mail(to=email, subject="Joining Consilium", body=body, key=f"join:{uuid.uuid4()}")
        record(
            by="sign-in page",
            action="ask to join",
            object_type="join request",
            object_id=row.pk,
            organization_id=place.pk,
        )


def _place_of(email: str) -> Organization | None:
    domain = email.rpartition("@")[2]
    rows = OrganizationDomain.objects.select_related("organization").filter(domain__iexact=domain)
    row = rows.filter(confirmed_at__isnull=False, organization__deactivated_at=None).first()
    return row.organization if row else None


def find_request(secret: str, *, now: datetime) -> JoinRequest | None:
    """The request a link proves; None for any link that does not work."""
    with tenancy.everything():
        row = JoinRequest.objects.select_related("organization").filter(digest=digest(secret)).first()
    return row if row and row.is_open(now) and row.organization.is_active else None


def prove_address(*, secret: str, at: datetime) -> JoinRequest:
    """The address is the asker's: their organization's administrators are told. Raises Conflict for a dead link.

    A second link of the same address adds nothing while the first request waits.
    """
    with tenancy.everything():
        row = JoinRequest.objects.select_for_update(of=("self",)).filter(digest=digest(secret)).first()
        if row is None or not row.is_open(at):
            raise Conflict(GONE)
        place = Organization.objects.select_for_update(no_key=True).get(pk=row.organization_id)
        if place.join_requests.waiting().filter(email=row.email).exists():
            row.decided_at = at
            row.save(update_fields=["decided_at"])
            return row
        row.proven_at = at
        row.save(update_fields=["proven_at"])
        record(
            by="link in a mail",
            action="prove address",
            object_type="join request",
            object_id=row.pk,
            organization_id=place.pk,
        )
        _tell_administrators(row, place)
    return row


def _tell_administrators(row: JoinRequest, place: Organization) -> None:
    held = Role.objects.filter(organization=place, name=Role.Name.ORGANIZATION_ADMINISTRATOR)
    path = reverse("joining", args=[place.slug])
    text = f"Somebody asks to join {place.name}. You approve or decline."
    people = Person.objects.filter(is_active=True, pk__in=held.values("person"))
    tell_all(Telling(one, "join", text, path, f"join:{row.pk}") for one in people)


@transaction.atomic
def approve(*, by: Person, row: JoinRequest, role: str, facility: Facility | None = None, at: datetime) -> Invitation:
    """Invite the asker to the role. Raises Refused beyond one's rights, Conflict for what is decided already."""
    row = _locked(by, row, role)
    row.invitation = invite(
        by=by, email=row.email, role=role, organization=row.organization, name=row.name, facility=facility
    )
    _decide(by, row, "approve", at)
    return row.invitation


@transaction.atomic
def decline(*, by: Person, row: JoinRequest, at: datetime) -> None:
    """Say no; the asker is told so by mail, without a reason. Raises Conflict for what is decided already."""
    row = _locked(by, row, Role.Name.CLINICIAN)
    _decide(by, row, "decline", at)
    body = render_to_string("mail/join_declined.txt", {"row": row})
    send_mail(to=row.email, subject="Joining Consilium", body=body, key=f"join-declined:{row.pk}")


def forget_requests(*, now: datetime) -> None:
    """What was never proven goes with its link; what was decided, after a month."""
    with tenancy.everything():
        JoinRequest.objects.filter(proven_at=None, expires_at__lte=now).delete()
        JoinRequest.objects.filter(decided_at__lte=now - timedelta(days=30)).delete()


def _locked(by: Person, row: JoinRequest, role: str) -> JoinRequest:
    row = JoinRequest.objects.select_for_update(of=("self",)).select_related("organization").get(pk=row.pk)
    check_may_give(by, role, row.organization, None)
    if row.decided_at or row.proven_at is None:
        raise Conflict("This request is decided already.")
    return row


def _decide(by: Person, row: JoinRequest, act: str, at: datetime) -> None:
    row.decided_at, row.decided_by = at, by
    row.save(update_fields=["decided_at", "decided_by", "invitation"])
    record(
        by=by,
        action=f"{act} joining",
        object_type="join request",
        object_id=row.pk,
        organization_id=row.organization_id,
    )
