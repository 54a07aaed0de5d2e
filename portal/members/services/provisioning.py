"""What an organization's directory does with its people here: adds, changes and deactivates them, and gives them roles
by groups. Never beyond the organization: neither its domains, nor its people, nor its own roles.

The directory acts for the administrator who made its token; while that one cannot act, for another administrator.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from portal.common.audit import record
from portal.common.refusals import Conflict, Invalid
from portal.members.models import Organization, Person, Role, digest, new_secret
from portal.members.models_sso import DirectoryGroup, DirectoryPerson, IdentityProvider, ProvisioningToken
from portal.members.policy import Action, can
from portal.members.services import people, roles
from portal.members.services.access import shut_out
from portal.members.services.single_sign_on import check_may
from portal.members.services.sso_looking import domains_of
from portal.members.sso_rules import domain_of

HINT = 6
MOST_TOKENS = 5
BEYOND = "This address belongs to an account that this organization does not keep."


@dataclass(frozen=True)
class Described:
    """A person as the directory describes them; ``kept`` is what it gets back as it sent it."""

    user_name: str
    name: str
    external_id: str
    is_active: bool
    kept: dict[str, Any]


@transaction.atomic
def make_token(*, by: Person, organization: Organization, name: str, at: datetime) -> tuple[ProvisioningToken, str]:
    """A token for the directory and its secret, shown this once. Raises Refused, or Conflict for too many."""
    check_may(by, organization)
    if organization.provisioning_tokens.filter(revoked_at=None).count() >= MOST_TOKENS:
        raise Conflict(f"An organization has at most {MOST_TOKENS} tokens at once. Revoke one first.")
    secret = new_secret()
    row = ProvisioningToken.objects.create(
        organization=organization,
        name=name,
        digest=digest(secret),
        hint=secret[:HINT],
        created_by=by,
        created_at=at,
    )
    record(
        by=by,
        action="provisioning.make token",
        object_type="provisioning token",
        object_id=row.pk,
        organization_id=organization.pk,
    )
    return row, secret


@transaction.atomic
def revoke_token(*, by: Person, token: ProvisioningToken, at: datetime) -> None:
    """End it at once. A second call changes nothing."""
    check_may(by, token.organization)
    if ProvisioningToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        record(
            by=by,
            action="provisioning.revoke token",
            object_type="provisioning token",
            object_id=token.pk,
            organization_id=token.organization_id,
        )


@transaction.atomic
def add_person(*, token: ProvisioningToken, told: Described, at: datetime) -> DirectoryPerson:
    """Add the person, or take on one of the organization who is here already.

    Raises Invalid for an address of no confirmed domain, Conflict for one that is another's.
    """
    place = _locked(token)
    address = _address(place, told.user_name)
    person = Person.objects.filter(email__iexact=address).first()
    if person and DirectoryPerson.objects.filter(organization=place, person=person).exists():
        raise Conflict("The directory has told of this address already.")
    if person and not _is_its_own(person, place):
        raise Conflict(BEYOND)
    if person is None:
        person = Person.objects.create_user(address, None, name=told.name, time_zone=place.time_zone)
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    row = DirectoryPerson(organization=place, person=person, created_at=at)
    _describe(row, told, at)
    _record(token, "add", row)
    if told.is_active:
        _let_in(token, row)
    else:
        _shut(token, row, at)
    return row


@transaction.atomic
def change_person(*, token: ProvisioningToken, row: DirectoryPerson, told: Described, at: datetime) -> DirectoryPerson:
    """Take over what is new. A person who becomes inactive is signed out, and their open work is handed on.

    Raises Invalid and Conflict as ``add_person``, Conflict too for the organization's last administrator.
    """
    place = _locked(token)
    was_active, person = row.is_active, row.person
    address = _address(place, told.user_name)
    renamed = (address, told.name) != (person.email.lower(), person.name)
    if renamed and _is_its_own(person, place):
        _rename(person, address, told.name)
    elif address != person.email.lower():
        raise Conflict(BEYOND)
    _describe(row, told, at)
    _record(token, "change", row)
    if was_active and not told.is_active:
        _shut(token, row, at)
    elif told.is_active and not was_active:
        _let_in(token, row)
    return row


@transaction.atomic
def forget_person(*, token: ProvisioningToken, row: DirectoryPerson, at: datetime) -> None:
    """Deactivate, and keep nothing of what the directory called them. What they wrote stays theirs."""
    _locked(token)
    if row.is_active:
        _shut(token, row, at)
    _record(token, "forget", row)
    row.delete()


@transaction.atomic
def save_group(
    *,
    token: ProvisioningToken,
    row: DirectoryGroup | None,
    name: str,
    external_id: str,
    members: Iterable[int],
    at: datetime,
) -> DirectoryGroup:
    """Make or change a group. One that is called as a role stands for it; the pages say so for others.

    Raises Invalid for members that the directory has not told of, Conflict for a name that is taken, or where the
    organization would lose its last administrator.
    """
    place = _locked(token)
    wanted = set(members)
    found = set(DirectoryPerson.objects.filter(organization=place, pk__in=wanted).values_list("pk", flat=True))
    if wanted - found:
        raise Invalid(members="A member is not a person that this directory has told of.")
    same = DirectoryGroup.objects.filter(organization=place, name=name)
    if (same.exclude(pk=row.pk) if row else same).exists():
        raise Conflict("Another group has this name.")
    is_new = row is None
    row = row or DirectoryGroup(organization=place, created_at=at, role=name if name in DirectoryGroup.ROLES else "")
    row.name, row.external_id, row.changed_at = name, external_id, at
    row.save()
    before = set(row.members.values_list("pk", flat=True))
    row.members.set(wanted)
    _record_group(token, "add group" if is_new else "change group", row, members=len(wanted))
    _settle(token, row.role, before ^ wanted)
    return row


@transaction.atomic
def forget_group(*, token: ProvisioningToken, row: DirectoryGroup) -> None:
    """Delete a group; its members lose the role it gave."""
    _locked(token)
    role, members = row.role, list(row.members.values_list("pk", flat=True))
    _record_group(token, "forget group", row)
    row.delete()
    _settle(token, role, members)


@transaction.atomic
def say_role_of_group(*, by: Person, group: DirectoryGroup, role: str) -> None:
    """Let a group stand for a role, or for none. Raises Refused, Conflict for the last administrator's."""
    check_may(by, group.organization)
    before = group.role
    group.role = role
    group.save(update_fields=["role"])
    record(
        by=by,
        action="provisioning.group role",
        object_type="directory group",
        object_id=group.pk,
        organization_id=group.organization_id,
        role=role,
    )
    for person in group.members.select_related("person", "organization"):
        for name in filter(None, {before, role}):
            _settle_one(by, person, name)


def _locked(token: ProvisioningToken) -> Organization:
    """The organization; one request of its directory at a time."""
    return Organization.objects.select_for_update(no_key=True).get(pk=token.organization_id)


def _address(place: Organization, user_name: str) -> str:
    address = user_name.strip().lower()
    domain = domain_of(address)
    if not domain or len(address) > 254:
        raise Invalid(userName="The userName must be the e-mail address that the person signs in with.")
    if domain not in domains_of(place.pk):
        raise Invalid(userName=f"{domain} is not a confirmed domain of this organization.")
    return address


def _is_its_own(person: Person, place: Organization) -> bool:
    """Whether the account works for this organization alone, or for nobody yet."""
    return not person.actor.is_network_staff and not person.actor.organizations - {place.pk}


def _rename(person: Person, address: str, name: str) -> None:
    if Person.objects.filter(email__iexact=address).exclude(pk=person.pk).exists():
        raise Conflict(BEYOND)
    person.email, person.name = address, name
    person.save(update_fields=["email", "name"])
    EmailAddress.objects.filter(user=person).exclude(email=address).delete()
    EmailAddress.objects.update_or_create(user=person, email=address, defaults={"verified": True, "primary": True})


def _describe(row: DirectoryPerson, told: Described, at: datetime) -> None:
    row.described, row.user_name, row.external_id = told.kept, told.user_name, told.external_id
    row.is_active, row.changed_at = told.is_active, at
    row.save()


def _let_in(token: ProvisioningToken, row: DirectoryPerson) -> None:
    """Switch the account on, with the role of newcomers and those of the person's groups."""
    person = row.person
    provider = IdentityProvider.objects.filter(organization=row.organization).first()
    newcomers = provider.default_role if provider else IdentityProvider.DefaultRole.CLINICIAN
    held = set(Role.objects.filter(person=person, organization=row.organization).values_list("name", flat=True))
    missing = {"" if held else newcomers, *row.groups.values_list("role", flat=True)} - {"", *held}
    by = _acting(token, person) if missing or not person.is_active else None
    if by is None:
        return
    for name in missing:
        roles.give_role(by=by, person=person, role=name, organization=row.organization)
    if not person.is_active:
        people.reactivate_person(by=by, person=person)


def _shut(token: ProvisioningToken, row: DirectoryPerson, at: datetime) -> None:
    """Switch the account off, or, where others need it, only what it is in this organization; always signed out."""
    person, place = Person.objects.get(pk=row.person_id), row.organization
    by = _acting(token, person)
    if _is_its_own(person, place) and person.actor.organizations:
        people.deactivate_person(by=by, person=person)
    elif _is_its_own(person, place):
        # Never let in: there is no role by which an administrator could reach the account.
        Person.objects.filter(pk=person.pk, is_active=True).update(is_active=False, deactivated_at=at)
    else:
        for role in Role.objects.filter(person=person, organization=place):
            roles.remove_role(by=by, role=role)
    shut_out([person.pk])


def _settle(token: ProvisioningToken, role: str, numbers: Iterable[int]) -> None:
    """Give the role to those of these people whose groups give it, and take it from the others."""
    if role:
        for row in DirectoryPerson.objects.filter(pk__in=list(numbers)).select_related("person", "organization"):
            _settle_one(token, row, role)


def _settle_one(by: Person | ProvisioningToken, row: DirectoryPerson, role: str) -> None:
    wanted = row.is_active and row.groups.filter(role=role).exists()
    held = Role.objects.filter(person=row.person, organization=row.organization, name=role).first()
    if wanted is bool(held) or not row.is_active:
        return
    acting = by if isinstance(by, Person) else _acting(by, row.person)
    if wanted:
        roles.give_role(by=acting, person=row.person, role=role, organization=row.organization)
    elif held:
        roles.remove_role(by=acting, role=held)


def _acting(token: ProvisioningToken, person: Person) -> Person:
    """The administrator the directory acts for: who made the token, or another who may; never the person themselves."""
    held = Role.objects.filter(organization=token.organization_id, name=Role.Name.ORGANIZATION_ADMINISTRATOR)
    others = Person.objects.able_to_sign_in().filter(pk__in=held.values("person")).order_by("pk")
    one: Person
    for one in [token.created_by, *others]:
        if one.pk != person.pk and one.can_sign_in and can(one.actor, Action.MANAGE_PEOPLE, token.organization_id):
            return one
    raise Conflict("This organization has no administrator for whom the directory could act.")


def _record(token: ProvisioningToken, act: str, row: DirectoryPerson) -> None:
    record(
        by=f"directory token {token.hint}",
        action=f"provisioning.{act}",
        object_type="person",
        object_id=row.person_id,
        organization_id=token.organization_id,
        active=int(row.is_active),
    )


def _record_group(token: ProvisioningToken, act: str, row: DirectoryGroup, **detail: int) -> None:
    record(
        by=f"directory token {token.hint}",
        action=f"provisioning.{act}",
        object_type="directory group",
        object_id=row.pk,
        organization_id=token.organization_id,
        role=row.role,
        **detail,
    )
