"""Which house a person belongs to, as print and mail name it."""

from portal.members.models import Organization, Person

NETWORK = "the network"


def house_of(person: Person) -> str:
    """The organization the person works in: their facility's, else their first by name; the network for its staff."""
    own = person.actor.organizations
    if person.facility_id and person.facility and person.facility.organization_id in own:
        return person.facility.organization.name
    first = Organization.objects.filter(pk__in=own).order_by("name").first() if own else None
    return first.name if first else NETWORK
