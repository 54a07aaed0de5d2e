"""What an organization asks of its people's way in, set by its administrators within the network's bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.common import circumstances
from portal.common.audit import record
from portal.common.notices import Telling, tell_all
from portal.common.refusals import Invalid, Refused
from portal.members import doors
from portal.members.models import Organization, Person, Role
from portal.members.policy import Action, Denied, can


@dataclass(frozen=True)
class Rules:
    """See portal.members.doors.House."""

    networks: Sequence[str] = ()
    second_factor_for: str = doors.NOBODY
    second_factor_from: date | None = None
    idle_minutes: int | None = None
    session_hours: int | None = None


def rules_of(organization: Organization) -> Rules:
    return Rules(
        organization.allowed_networks,
        organization.second_factor_for,
        organization.second_factor_from,
        organization.session_idle_minutes,
        organization.session_hours,
    )


@transaction.atomic
def set_rules(*, by: Person, organization: Organization, rules: Rules, knowingly: bool = False) -> None:
    """Set all of them; they hold from the next request of each person.

    Raises Refused beyond one's rights, Invalid for what is out of bounds, and (``networks``) for a list that would lock
    out ``by`` as they sit there, unless they say that they know.
    """
    decision = can(by.actor, Action.MANAGE_PEOPLE, organization.pk)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    networks = _networks(rules.networks)
    _in_bounds(rules)
    mine = organization.pk in by.actor.organizations
    if networks and mine and not knowingly and not doors.contains(networks, circumstances.current().address):
        raise Invalid(networks="Your own address is not in this list: you would lock yourself out. Add it, or confirm.")
    row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before = (row.second_factor_for, row.second_factor_from)
    row.allowed_networks = networks
    row.second_factor_for = rules.second_factor_for
    row.second_factor_from = rules.second_factor_from if rules.second_factor_for else None
    row.session_idle_minutes, row.session_hours = rules.idle_minutes, rules.session_hours
    row.save(
        update_fields=[
            "allowed_networks",
            "second_factor_for",
            "second_factor_from",
            "session_idle_minutes",
            "session_hours",
        ]
    )
    record(
        by=by,
        action="set rules of sign-in",
        object_type="organization",
        object_id=row.pk,
        organization_id=row.pk,
        networks=",".join(networks),
        second_factor=row.second_factor_for,
        second_factor_from=str(row.second_factor_from or ""),
        idle_minutes=row.session_idle_minutes,
        session_hours=row.session_hours,
    )
    if row.second_factor_for and before != (row.second_factor_for, row.second_factor_from):
        _tell(row)


def _networks(texts: Sequence[str]) -> list[str]:
    given = [text for text in texts if text.strip()]
    if len(given) > doors.MOST_NETWORKS:
        raise Invalid(networks=f"At most {doors.MOST_NETWORKS} networks. Join neighbouring ones.")
    try:
        return list(dict.fromkeys(doors.network_of(text) for text in given))
    except ValueError as error:
        raise Invalid(networks=str(error)) from None


def _in_bounds(rules: Rules) -> None:
    idle, hours = settings.SESSION_IDLE_SECONDS // 60, settings.SESSION_ABSOLUTE_SECONDS // 3600
    least = min(doors.LEAST_IDLE_MINUTES, idle)
    if rules.idle_minutes is not None and not least <= rules.idle_minutes <= idle:
        raise Invalid(idle_minutes=f"From {least} to {idle} minutes: the network ends a session after {idle}.")
    if rules.session_hours is not None and not 1 <= rules.session_hours <= hours:
        raise Invalid(session_hours=f"From 1 to {hours} hours: the network ends a session after {hours}.")
    if rules.second_factor_for not in (doors.NOBODY, doors.ADMINISTRATORS, doors.EVERYBODY):
        raise Invalid(second_factor_for="Choose who must use a second step.")


def _tell(row: Organization) -> None:
    """Once to each whom it concerns, so that the date does not find them without."""
    held = Role.objects.filter(organization=row)
    if row.second_factor_for == doors.ADMINISTRATORS:
        held = held.filter(name=Role.Name.ORGANIZATION_ADMINISTRATOR)
    day = row.second_factor_from
    when = f"from {day:%B} {day.day}, {day.year}" if day else "from now on"
    text = f"{row.name} asks for a second step at sign-in {when}. Set one up under My account."
    key = f"second-factor:{row.pk}:{row.second_factor_for}:{day or timezone.now().date()}"
    people = Person.objects.filter(is_active=True, pk__in=held.values("person"))
    tell_all(Telling(one, "second factor", text, "/accounts/2fa/", key) for one in people)
