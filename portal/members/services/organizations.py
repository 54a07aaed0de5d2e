"""Organizations, kept by administrators of the network."""

from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from portal.common.audit import record
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Organization, Person, Role
from portal.members.models_applications import MembershipPeriod
from portal.members.policy import Action, Denied, can
from portal.members.services.access import shut_out
from portal.members.services.membership import begin

ADDED = "Added by the network."


class Facts(TypedDict):
    """What is known of an organization."""

    name: str
    tier: str
    time_zone: str
    second_factor_required: bool


@transaction.atomic
def create_organization(*, by: Person, **facts: Unpack[Facts]) -> Organization:
    """Add an organization. Raises Invalid for a name that is taken, or that gives the same address as another."""
    organization = found(by=by, **facts)
    begin(organization, MembershipPeriod.State.ACTIVE, why=ADDED, by=by, at=organization.created_at)
    return organization


def found(*, by: Person, name: str, tier: str, time_zone: str, second_factor_required: bool = False) -> Organization:
    """An organization without a period of membership yet: the caller begins one. Part of the caller's transaction."""
    _check(by)
    slug = slugify(name)[:50]
    if not slug or Organization.objects.filter(Q(slug=slug) | Q(name__iexact=name)).exists():
        raise Invalid(name="Another organization has this name. Choose one that tells them apart.")
    organization = Organization.objects.create(
        slug=slug, name=name, tier=tier, time_zone=time_zone, second_factor_required=second_factor_required
    )
    _record(by, "create", organization)
    return organization


@transaction.atomic
def update_organization(*, by: Person, organization: Organization, **facts: Unpack[Facts]) -> None:
    """Change an organization's facts; its address stays."""
    _check(by)
    if Organization.objects.filter(name__iexact=facts["name"]).exclude(pk=organization.pk).exists():
        raise Invalid(name="Another organization has this name. Choose one that tells them apart.")
    for field, value in facts.items():
        setattr(organization, field, value)
    organization.save(update_fields=list(facts))
    _record(by, "update", organization)


@transaction.atomic
def deactivate_organization(*, by: Person, organization: Organization) -> None:
    """Close an organization's doors: who has no active role elsewhere is signed out now and stays out."""
    _check(by)
    row = Organization.objects.select_for_update().get(pk=organization.pk)
    if row.deactivated_at:
        raise Conflict(f"{row.name} is already deactivated.")
    row.deactivated_at = organization.deactivated_at = timezone.now()
    row.save(update_fields=["deactivated_at"])
    active = Role.objects.filter(Q(organization=None) | Q(organization__deactivated_at=None))
    people = Person.objects.filter(roles__organization=row).exclude(pk__in=active.values("person_id"))
    shut_out(people.values_list("pk", flat=True))
    _record(by, "deactivate", row)


@transaction.atomic
def reactivate_organization(*, by: Person, organization: Organization) -> None:
    """Open the doors again; tokens stay revoked."""
    _check(by)
    Organization.objects.filter(pk=organization.pk).update(deactivated_at=None)
    organization.deactivated_at = None
    _record(by, "reactivate", organization)


def _check(by: Person) -> None:
    decision = can(by.actor, Action.MANAGE_ORGANIZATION)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)


def _record(by: Person, action: str, organization: Organization) -> None:
    record(
        by=by,
        action=action,
        object_type="organization",
        object_id=organization.pk,
        organization_id=organization.pk,
    )
