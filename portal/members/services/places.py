"""An organization's facilities, as a tree, and whom to reach there: kept by its administrators, or the network's."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from portal.common.audit import record
from portal.common.refusals import Invalid, Refused
from portal.members.models import Facility, Organization, Person
from portal.members.models_house import Contact
from portal.members.places import DEEPEST, parts_of, tree
from portal.members.policy import Action, Denied, can

TAKEN = "This organization already has a facility of this name."
TWICE = "This address is listed for this kind already."


@dataclass(frozen=True)
class Place:
    """What is known of a facility."""

    name: str
    kind: str
    parent: Facility | None = None
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""


@transaction.atomic
def add_facility(*, by: Person, organization: Organization, place: Place) -> Facility:
    """Add a place where the organization gives care. Raises Invalid when it has one of this name, or for its parent."""
    check(by, organization)
    return _save(Facility(organization=organization), place, by=by, action="add facility")


@transaction.atomic
def change_facility(*, by: Person, facility: Facility, place: Place) -> Facility:
    """Change what is known of it, or what it is part of. Raises Invalid as above, and for a part of its own."""
    check(by, facility.organization)
    return _save(facility, place, by=by, action="change facility")


@transaction.atomic
def remove_facility(*, by: Person, facility: Facility) -> None:
    """Remove a facility; people who named it have none afterwards, and its parts become part of what it was part of."""
    check(by, facility.organization)
    _lock(facility.organization)
    facility.parts.update(parent=facility.parent_id)
    _record(by, "remove facility", facility.organization, facility_id=facility.pk)
    facility.delete()


@transaction.atomic
def add_contact(*, by: Person, organization: Organization, kind: str, name: str, email: str, phone: str) -> Contact:
    """Say whom to reach. Raises Invalid where this address is listed for the kind."""
    check(by, organization)
    email = email.strip().lower()
    contact, is_new = Contact.objects.get_or_create(
        organization=organization, kind=kind, email=email, defaults={"name": name, "phone": phone}
    )
    if not is_new:
        raise Invalid(email=TWICE)
    _record(by, "add contact", organization, contact_id=contact.pk)
    return contact


@transaction.atomic
def change_contact(*, by: Person, contact: Contact, kind: str, name: str, email: str, phone: str) -> Contact:
    """Change whom to reach. Raises Invalid as above."""
    check(by, contact.organization)
    contact.kind, contact.name, contact.email, contact.phone = kind, name, email.strip().lower(), phone
    try:
        with transaction.atomic():
            contact.save()
    except IntegrityError:
        raise Invalid(email=TWICE) from None
    _record(by, "change contact", contact.organization, contact_id=contact.pk)
    return contact


@transaction.atomic
def remove_contact(*, by: Person, contact: Contact) -> None:
    check(by, contact.organization)
    _record(by, "remove contact", contact.organization, contact_id=contact.pk)
    contact.delete()


def check(by: Person, organization: Organization) -> None:
    """Raise Refused for whoever does not keep the organization's house."""
    decision = can(by.actor, Action.KEEP_HOUSE, organization.pk)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)


def _save(facility: Facility, place: Place, *, by: Person, action: str) -> Facility:
    _lock(facility.organization)
    others = list(facility.organization.facilities.exclude(pk=facility.pk))
    if any(other.name.casefold() == place.name.casefold() for other in others):
        raise Invalid(name=TAKEN)
    _check_parent(facility, place.parent)
    for field, value in vars(place).items():
        setattr(facility, field, value)
    facility.save()
    _record(by, action, facility.organization, facility_id=facility.pk)
    return facility


def _check_parent(facility: Facility, parent: Facility | None) -> None:
    if parent is None:
        return
    rows = list(facility.organization.facilities.all())
    depths = {row.pk: depth for depth, row in tree(rows)}
    if parent.pk not in depths:
        raise Invalid(parent="Choose a facility of this organization.")
    mine = parts_of(facility.pk, rows) if facility.pk else set()
    if parent.pk in mine:
        raise Invalid(parent="A facility is not part of itself, nor of one of its parts.")
    height = max((depths[pk] for pk in mine), default=0) - depths.get(facility.pk, 0)
    if depths[parent.pk] + 1 + height >= DEEPEST:
        raise Invalid(parent=f"Facilities are nested at most {DEEPEST} deep.")


def _lock(organization: Organization) -> None:
    """Two changes of one tree wait for each other, so that they cannot make a ring."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)


def _record(by: Person, action: str, organization: Organization, **detail: int) -> None:
    record(
        by=by,
        action=action,
        object_type="organization",
        object_id=organization.pk,
        organization_id=organization.pk,
        **detail,
    )
