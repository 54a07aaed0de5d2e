"""When a clinician leaves: their unfinished consults go to a colleague, or their administrators are told of them."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from consults.models import Consult
from consults.services.people import UNFINISHED, _pass_on
from portal.common.notices import tell
from portal.common.refusals import Invalid, Refused
from portal.members.models import Person, Role
from portal.members.policy import Denied, can_deactivate


def unfinished(person: Person) -> int:
    """How many consults this person asked that are neither closed nor withdrawn."""
    return Consult.objects.filter(requester=person, state__in=UNFINISHED).count()


def heirs(person: Person) -> QuerySet[Person]:
    """The clinicians who may take over at least one of them, by name."""
    places = Consult.objects.filter(requester=person, state__in=UNFINISHED).values("organization")
    roles = Role.objects.filter(organization__in=places, name=Role.Name.CLINICIAN)
    return Person.objects.filter(is_active=True, pk__in=roles.values("person")).exclude(pk=person.pk).order_by("name")


@transaction.atomic
def hand_on(person: Person, *, by: Person, to: Person | None, at: datetime) -> int:
    """Give what this person leaves unfinished to a colleague; how many were given.

    What the colleague cannot take (another organization's; or with ``to`` None: all) stays open, and its organization's
    administrators are told. Raises Refused beyond the reach of ``by``, Invalid for who is no colleague.
    """
    if isinstance(decision := can_deactivate(by.actor, person.actor), Denied):
        raise Refused(decision.reason)
    if to and not heirs(person).filter(pk=to.pk).exists():
        raise Invalid(heir="Choose a clinician of the same organization.")
    rows = list(
        Consult.objects.select_for_update(of=("self",))
        .filter(requester=person, state__in=UNFINISHED)
        .select_related("specialty", "requester", "assignee")
        .order_by("pk")
    )
    mine = [row for row in rows if to and row.organization_id in to.actor.clinician_in and row.assignee_id != to.pk]
    for row in mine:
        assert to is not None
        _pass_on(row, by=by, to=to, at=at)
    _tell_of_the_rest({row.organization_id for row in rows if row not in mine}, person, at=at)
    return len(mine)


def _tell_of_the_rest(places: set[int], person: Person, *, at: datetime) -> None:
    roles = Role.objects.filter(organization__in=places, name=Role.Name.ORGANIZATION_ADMINISTRATOR)
    for one in Person.objects.filter(is_active=True, pk__in=roles.values("person")):
        text = f"{person.name} left consults open. Choose a colleague who takes them over."
        path, key = f"/people/{person.pk}/consults/", f"left:{person.pk}:{at.isoformat()}"
        tell(person=one, kind="left", text=text, path=path, key=key)
