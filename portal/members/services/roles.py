"""Giving and taking roles."""

from django.db import transaction

from portal.common.audit import record
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Organization, Person, Role, Specialty
from portal.members.policy import NETWORK_WIDE_ROLES, ORGANIZATION_ROLES, Denied, can_give
from portal.members.services.access import shut_out

ADMINISTRATOR = Role.Name.ORGANIZATION_ADMINISTRATOR


def check_may_give(by: Person, role: str, organization: Organization | None, specialty: Specialty | None) -> None:
    """Raise Invalid when the role does not fit its place, and Refused when it is not ``by``'s to give or take."""
    if role in ORGANIZATION_ROLES and organization is None:
        raise Invalid(organization="Choose the organization.")
    if role not in ORGANIZATION_ROLES | NETWORK_WIDE_ROLES and specialty is None:
        raise Invalid(specialty="Choose the specialty.")
    decision = can_give(by.actor, role, organization.pk if organization else None)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)


@transaction.atomic
def give_role(
    *,
    by: Person,
    person: Person,
    role: str,
    organization: Organization | None = None,
    specialty: Specialty | None = None,
) -> Role:
    """Give the person a role; having it already changes nothing."""
    check_may_give(by, role, organization, specialty)
    given, is_new = Role.objects.get_or_create(
        person=person,
        name=role,
        organization=organization if role in ORGANIZATION_ROLES else None,
        specialty=specialty if role not in ORGANIZATION_ROLES | NETWORK_WIDE_ROLES else None,
    )
    if is_new:
        _record(by, "give role", given)
    return given


@transaction.atomic
def remove_role(*, by: Person, role: Role) -> None:
    """Take a role away. Raises Conflict where an organization or the network would lose its administrator.

    Who is left without any active role is signed out at once.
    """
    check_may_give(by, role.name, role.organization, role.specialty)
    person = role.person
    if role.name == Role.Name.NETWORK_ADMINISTRATOR and person == by:
        raise Conflict("You cannot take this role from yourself. Ask another administrator of the network.")
    if role.name == ADMINISTRATOR and role.organization_id:
        keep_an_administrator(person, [role.organization_id])
    _record(by, "remove role", role)
    role.delete()
    if not Person.objects.get(pk=person.pk).can_sign_in:
        shut_out([person.pk])


def keep_an_administrator(person: Person, organizations: list[int]) -> None:
    """Raise Conflict when an active organization has no administrator but ``person``.

    Locks the organizations, so that two administrators cannot remove each other at the same moment.
    """
    rows = Organization.objects.select_for_update(no_key=True).filter(pk__in=organizations, deactivated_at=None)
    for organization in rows.order_by("pk"):
        others = organization.roles.filter(name=ADMINISTRATOR, person__is_active=True).exclude(person=person)
        if not others.exists():
            raise Conflict(
                f"{person.name} is the only administrator of {organization.name}. "
                "Make someone else administrator first."
            )


def _record(by: Person, action: str, role: Role) -> None:
    record(
        by=by,
        action=action,
        object_type="person",
        object_id=role.person_id,
        organization_id=role.organization_id,
        role=role.name,
        specialty_id=role.specialty_id,
    )
