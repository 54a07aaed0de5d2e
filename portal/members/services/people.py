"""A person's account: switched off and on by administrators, looked after by the person."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from portal.common import present
from portal.common.audit import record
from portal.common.refusals import Invalid, Refused
from portal.members import leaving
from portal.members.models import Absence, Facility, Person, Specialty
from portal.members.npi import problem_of
from portal.members.policy import Denied, can_deactivate, can_keep_facts, shared
from portal.members.services.access import shut_out
from portal.members.services.roles import keep_an_administrator


@transaction.atomic
def deactivate_person(*, by: Person, person: Person, heir: Person | None = None) -> None:
    """Switch the account off: no sign-in, and every session and token ends now. What the person leaves unfinished goes
    to ``heir``, or stays and is told to their administrators.

    Raises Refused for oneself and for people beyond one's reach, Conflict for an organization's last administrator,
    Invalid (``heir``) for someone who cannot take it over.
    """
    row = _locked(by, person)
    if not row.is_active:
        return
    keep_an_administrator(row, sorted(row.actor.administrator_of))
    now = present.now()
    row.is_active, row.deactivated_at = False, now
    row.save(update_fields=["is_active", "deactivated_at"])
    shut_out([row.pk])
    leaving.hand_on(row, by=by, to=heir, at=now)
    record(by=by, action="deactivate", object_type="person", object_id=row.pk)


@transaction.atomic
def reactivate_person(*, by: Person, person: Person) -> None:
    """Switch the account on again, with the roles it had; its tokens stay revoked."""
    row = _locked(by, person)
    if row.is_active:
        return
    row.is_active, row.deactivated_at = True, None
    row.save(update_fields=["is_active", "deactivated_at"])
    record(by=by, action="reactivate", object_type="person", object_id=row.pk)


def _locked(by: Person, person: Person) -> Person:
    """The person's row, locked with the acting person's, so that two people cannot deactivate each other at once."""
    both = Person.objects.select_for_update(no_key=True).filter(pk__in=[by.pk, person.pk]).order_by("pk")
    rows = {row.pk: row for row in both}
    if not rows[by.pk].can_sign_in:
        raise Refused("Your own account is not active any more.")
    decision = can_deactivate(rows[by.pk].actor, rows[person.pk].actor)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    return rows[person.pk]


@transaction.atomic
def update_profile(*, by: Person, name: str, time_zone: str, facility: Facility | None) -> None:
    """Change what a person says of themselves. Raises Invalid for a facility of an organization that is not theirs."""
    if facility and facility.organization_id not in by.actor.organizations:
        raise Invalid(facility="Choose a facility of your own organization.")
    by.name, by.time_zone, by.facility = name, time_zone, facility
    by.save(update_fields=["name", "time_zone", "facility"])
    record(by=by, action="update profile", object_type="person", object_id=by.pk)


@transaction.atomic
def keep_facts(
    *, by: Person, person: Person, facility: Facility | None, own_specialty: Specialty | None, npi: str
) -> None:
    """Say where a member of one's organization works, in which field, and under which NPI.

    A facility in an organization that is not ``by``'s stays as it is unless another is chosen. Raises Refused for
    people beyond one's reach, Invalid for a facility that is not theirs or not ``by``'s, and for a wrong NPI.
    """
    row = Person.objects.select_for_update(no_key=True, of=("self",)).select_related("facility").get(pk=person.pk)
    decision = can_keep_facts(by.actor, row.actor)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    reach = row.actor.organizations if by.actor.is_network_administrator else shared(by.actor, row.actor)
    if facility and facility.organization_id not in reach:
        raise Invalid(facility="Choose a facility of this person's organization.")
    if npi and (problem := problem_of(npi)):
        raise Invalid(npi=problem)
    if facility or (row.facility and row.facility.organization_id in reach):
        row.facility = facility
    row.own_specialty, row.npi = own_specialty, npi
    row.save(update_fields=["facility", "own_specialty", "npi"])
    place = min(reach, default=None)
    record(by=by, action="keep facts", object_type="person", object_id=row.pk, organization_id=place)


@transaction.atomic
def set_away(*, by: Person, until: datetime | None) -> None:
    """Say that nothing is to be assigned to oneself before ``until``; None ends the absence."""
    now = present.now()
    if until and until <= now:
        raise Invalid(away_until="Choose a moment that is still to come, or leave it empty.")
    Absence.objects.at(now).filter(person=by, start_at__lt=now).update(end_at=now)
    Absence.objects.at(now).filter(person=by).delete()
    if until:
        Absence.objects.create(person=by, start_at=now, end_at=until)
    record(by=by, action="set away", object_type="person", object_id=by.pk, until=until.isoformat() if until else None)


@transaction.atomic
def remove_demonstration_accounts(*, by: str) -> int:
    """Switch off every demonstration account for good, and say how many there were.

    The rows stay, for consults and the audit trail name them; the published password opens nothing.
    """
    people = list(Person.objects.select_for_update().filter(is_demonstration=True, is_active=True).order_by("pk"))
    for person in people:
        person.is_active, person.deactivated_at = False, timezone.now()
        person.set_unusable_password()
        person.save(update_fields=["is_active", "deactivated_at", "password"])
        record(by=by, action="deactivate", object_type="person", object_id=person.pk)
    shut_out(person.pk for person in people)
    return len(people)
