"""The only way in: a link mailed to one address, used once, for two weeks."""

import uuid

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from portal.common.audit import record
from portal.common.notices import send_mail
from portal.common.refusals import Conflict, Invalid
from portal.members.models import Facility, Invitation, Organization, Person, Role, Specialty, digest, new_secret
from portal.members.npi import problem_of
from portal.members.policy import NETWORK_WIDE_ROLES, ORGANIZATION_ROLES
from portal.members.services.roles import check_may_give

FILLED = ("facility", "own_specialty", "npi")
GONE = "This invitation is not open any more."


@transaction.atomic
def invite(
    *,
    by: Person,
    email: str,
    role: str,
    organization: Organization | None = None,
    specialty: Specialty | None = None,
    name: str = "",
    facility: Facility | None = None,
    own_specialty: Specialty | None = None,
    npi: str = "",
) -> Invitation:
    """Invite an address to a role. A person who has an account gets the role added when they accept.

    Name, facility, the specialty they practise and the NPI are what the account will say; one that exists keeps its
    own. Raises Invalid for a facility of another organization and for an NPI that cannot be one.

    Raises Conflict when the organization is deactivated, when the same invitation is open, or when the person, as far
    as ``by`` may know of them, has the role or is deactivated.
    """
    check_may_give(by, role, organization, specialty)
    if organization and not organization.is_active:
        raise Conflict(f"{organization.name} is deactivated.")
    invitation = Invitation(
        email=email.strip().lower(),
        role=role,
        organization=organization if role in ORGANIZATION_ROLES else None,
        specialty=specialty if role not in ORGANIZATION_ROLES | NETWORK_WIDE_ROLES else None,
        invited_by=by,
        name=name,
        facility=facility,
        own_specialty=own_specialty,
        npi=npi,
    )
    _refuse_strange(invitation)
    _refuse_needless(by, invitation)
    _send(invitation)
    _record(by, "invite", invitation)
    return invitation


@transaction.atomic
def invite_first_administrator(*, email: str) -> str:
    """The link for the first network administrator of an installation, also mailed.

    Raises Conflict once there is one who can sign in: they invite the others.
    """
    if Role.objects.filter(name=Role.Name.NETWORK_ADMINISTRATOR, person__is_active=True).exists():
        raise Conflict("There is a network administrator already. They invite others on the page of network staff.")
    invitation = Invitation(email=email.strip().lower(), role=Role.Name.NETWORK_ADMINISTRATOR)
    link = _send(invitation)
    _record("invite_administrator", "invite", invitation)
    return link


def _refuse_strange(new: Invitation) -> None:
    if new.facility and new.facility.organization_id != new.organization_id:
        raise Invalid(facility="Choose a facility of this organization.")
    if new.npi and (problem := problem_of(new.npi)):
        raise Invalid(npi=problem)


def _refuse_needless(by: Person, new: Invitation) -> None:
    place = {"organization": new.organization, "specialty": new.specialty}
    known = Person.objects.visible_to(by).filter(email__iexact=new.email).first()
    if known and not known.is_active:
        raise Conflict(f"{known.name} has this address and is deactivated. Reactivate them instead.")
    if known and known.roles.filter(name=new.role, **place).exists():
        raise Conflict(f"{known.name} has this role already.")
    same = Invitation.objects.filter(email=new.email, role=new.role, **place)
    if same.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()).exists():
        raise Conflict("An invitation to this address is open. Send that one again, or revoke it.")


@transaction.atomic
def resend(*, by: Person, invitation: Invitation) -> None:
    """Send a new link with a new term; the old link is dead. Raises Conflict once accepted or revoked."""
    row = _locked(by, invitation)
    _send(row)
    _record(by, "resend invitation", row)


@transaction.atomic
def revoke(*, by: Person, invitation: Invitation) -> None:
    """Make the link useless. Raises Conflict once accepted or revoked."""
    row = _locked(by, invitation)
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    _record(by, "revoke invitation", row)


def find(secret: str) -> Invitation | None:
    """The invitation a link opens; None for one that is unknown, expired, used or revoked, all the same."""
    row = Invitation.objects.select_related("organization", "specialty").filter(digest=digest(secret)).first()
    return row if row and _is_usable(row) else None


def holder(invitation: Invitation) -> Person | None:
    """Who has the invited address already."""
    return Person.objects.filter(email__iexact=invitation.email).first()


@transaction.atomic
def accept(*, secret: str, name: str = "", password: str = "", time_zone: str = "") -> Person:
    """Take the role, making the account if the address has none; the address counts as proven.

    Raises Conflict, always with the same words, for a link that does not work.
    """
    row = Invitation.objects.select_for_update(of=("self",)).filter(digest=digest(secret)).first()
    if row is None or not _is_usable(row):
        raise Conflict(GONE)
    person = holder(row)
    if person is None:
        person = Person.objects.create_user(row.email, password, name=name, time_zone=time_zone)
    Role.objects.get_or_create(person=person, name=row.role, organization=row.organization, specialty=row.specialty)
    _fill_in(person, row)
    EmailAddress.objects.update_or_create(
        user=person, email=person.email.lower(), defaults={"verified": True, "primary": True}
    )
    row.accepted_at = timezone.now()
    row.save(update_fields=["accepted_at"])
    _record(person, "accept invitation", row)
    return person


def _fill_in(person: Person, row: Invitation) -> None:
    """What the invitation knew, where the person has not said otherwise."""
    missing = [field for field in FILLED if getattr(row, field) and not getattr(person, field)]
    for field in missing:
        setattr(person, field, getattr(row, field))
    person.save(update_fields=missing)


def _is_usable(row: Invitation) -> bool:
    person = holder(row)
    place_is_open = row.organization is None or row.organization.is_active
    return row.is_open(timezone.now()) and place_is_open and (person is None or person.is_active)


def _locked(by: Person, invitation: Invitation) -> Invitation:
    row = Invitation.objects.select_for_update().get(pk=invitation.pk)
    check_may_give(by, row.role, row.organization, row.specialty)
    if row.accepted_at or row.revoked_at:
        raise Conflict(GONE)
    return row


def _send(invitation: Invitation) -> str:
    secret = new_secret()
    invitation.digest = digest(secret)
    invitation.expires_at = timezone.now() + settings.INVITATION_LIFETIME
    invitation.save()
    link = settings.SITE_URL + reverse("invitation", args=[secret])
    body = render_to_string("mail/invitation.txt", {"invitation": invitation, "link": link})
    send_mail(to=invitation.email, subject="Your invitation to Consilium", body=body, key=f"invitation:{uuid.uuid4()}")
    return link


def _record(by: Person | str, action: str, invitation: Invitation) -> None:
    record(
        by=by,
        action=action,
        object_type="invitation",
        object_id=invitation.pk,
        organization_id=invitation.organization_id,
        role=invitation.role,
    )
