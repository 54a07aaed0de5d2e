"""Which house a person belongs to, as print and mail name it."""

from portal.members.models import Person

NETWORK = "the network"


def house_of(person: Person) -> str:
    """The organization the person works in: the one they act for, else their facility's, else their first by name; the
    network for its staff.
    """
    own, house = person.actor.organizations, person.actor.house
    if house and person.actor.acting_for == house.pk:
        return house.name
    if person.facility_id and person.facility and person.facility.organization_id in own:
        return person.facility.organization.name
    return house.name if house else NETWORK
