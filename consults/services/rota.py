"""Who is on call and how a specialty's questions are routed: what its section lead decides."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from consults.hours import NETWORK
from consults.models import OnCallDay, RoutingPolicy
from consults.policy import may_lead
from portal.common import audit
from portal.common.refusals import Invalid, Refused
from portal.members.models import Person, Specialty
from portal.members.policy import Denied

MOST_DAYS = 92


@transaction.atomic
def set_days(
    *, by: Person, specialty: Specialty, since: date, until: date, primary: Person | None, backup: Person | None
) -> int:
    """Put someone on call, with a backup, on each day from ``since`` to ``until``, both included; nobody where
    ``primary`` is None. Says for how many days. Raises Refused for anyone but the specialty's section lead."""
    _check_lead(by, specialty)
    if until < since:
        raise Invalid(until="The last day is not before the first.")
    if (until - since).days >= MOST_DAYS:
        raise Invalid(until=f"Set at most {MOST_DAYS} days at once.")
    for field, person in (("primary", primary), ("backup", backup)):
        if person and (not person.is_active or specialty.pk not in person.actor.specialist_in):
            raise Invalid(**{field: f"{person.name} does not answer for {specialty}."})
    if backup and backup == primary:
        raise Invalid(backup="The backup is someone else.")
    if backup and not primary:
        raise Invalid(primary="Choose who is on call, or leave both empty to clear these days.")
    days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
    OnCallDay.objects.filter(specialty=specialty, day__range=(since, until)).delete()
    if primary:
        OnCallDay.objects.bulk_create(
            OnCallDay(specialty=specialty, day=day, primary=primary, backup=backup) for day in days
        )
    _record(by, "set on call", specialty, since=since.isoformat(), until=until.isoformat())
    return len(days)


@transaction.atomic
def set_policy(*, by: Person, specialty: Specialty, mode: str, direct_allowed: bool) -> RoutingPolicy:
    """Decide how the specialty's questions find their specialist, from the next one on."""
    _check_lead(by, specialty)
    if mode not in RoutingPolicy.Mode.values:
        raise Invalid(mode=f"Choose one of {', '.join(RoutingPolicy.Mode.values)}.")
    row, _ = RoutingPolicy.objects.update_or_create(
        specialty=specialty, defaults={"mode": mode, "direct_allowed": direct_allowed}
    )
    _record(by, "set routing", specialty, mode=mode, direct_allowed=int(direct_allowed))
    return row


def _check_lead(by: Person, specialty: Specialty) -> None:
    if isinstance(decision := may_lead(by.actor, specialty.pk), Denied):
        raise Refused(decision.reason)


def today(now: datetime) -> date:
    """The day on call at the moment."""
    return now.astimezone(NETWORK).date()


def _record(by: Person, action: str, specialty: Specialty, **detail: str | int | None) -> None:
    audit.record(
        by=by, action=action, object_type="specialty", object_id=specialty.slug, organization_id=None, **detail
    )


def runs(days: Iterable[OnCallDay]) -> list[tuple[OnCallDay, date]]:
    """Days that follow on each other with the same people, as the first with the date of the last; in order."""
    found: list[tuple[OnCallDay, date]] = []
    last: dict[tuple[int, int, int | None], int] = {}
    for duty in days:
        key = (duty.specialty_id, duty.primary_id, duty.backup_id)
        place = last.get(key)
        if place is not None and found[place][1] == duty.day - timedelta(days=1):
            found[place] = (found[place][0], duty.day)
        else:
            last[key] = len(found)
            found.append((duty, duty.day))
    return found
