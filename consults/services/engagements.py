"""The life of an improvement engagement, from the question to what it changed; and who is named on it.

What is told names the engagement's number and organization, never its content.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from consults.engaging import Act, Facts, may_ask, state_allows, who_may
from consults.models import Engagement, EngagementPerson
from consults.services import base, telling
from portal.common import audit
from portal.common.notices import tell
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Organization, Person
from portal.members.policy import Denied

State = Engagement.State
MOST_HOURS = Decimal(2000)


def facts_of(row: Engagement) -> Facts:
    named = list(row.people.values_list("person_id", "is_consultant"))
    return Facts(
        row.organization_id,
        row.state,
        frozenset(person for person, consults in named if not consults),
        frozenset(person for person, consults in named if consults),
    )


@transaction.atomic
def ask(
    *, by: Person, organization: Organization, area: str, goal: str, scope: str, sponsor: Person, at: datetime
) -> Engagement:
    """Ask the network for help with one area. The sponsor, of the organization, is told of each step."""
    if isinstance(decision := may_ask(by.actor, organization.pk), Denied):
        raise Refused(decision.reason)
    base.check_standing(organization, by=by, what="engagements")
    _of_the_organization(sponsor, organization.pk, field="sponsor")
    area = base.text_of(area, field="area")
    if len(area) > 120:
        raise Invalid(area="Use at most 120 characters.")
    row = Engagement.objects.create(
        organization=organization,
        area=area,
        goal=base.text_of(goal, field="goal"),
        scope=base.text_of(scope, field="scope"),
        sponsor=sponsor,
        asked_by=by,
        asked_at=at,
        changed_at=at,
    )
    for person in {by.pk: by, sponsor.pk: sponsor}.values():
        EngagementPerson.objects.create(engagement=row, person=person, is_consultant=False, added_at=at)
    _tell(row, "was asked for.", at=at)
    for person in telling.network_administrators():
        _tell(row, "waits for your decision.", at=at, to=person)
    finish(row, "ask", by=by, at=at)
    return row


@transaction.atomic
def agree(engagement: Engagement, *, by: Person, hours: Decimal, at: datetime) -> Engagement:
    """Agree to it, with the hours it may take."""
    row = lock(engagement, act=Act.AGREE, by=by)
    row.hours_agreed, row.state = _hours(hours), State.AGREED
    _tell(row, "was agreed. Its page shows the hours.", at=at)
    finish(row, "agree", by=by, at=at)
    return row


@transaction.atomic
def allow_hours(engagement: Engagement, *, by: Person, hours: Decimal, at: datetime) -> Engagement:
    """Change how many hours it may take; never below what is used."""
    row = lock(engagement, act=Act.ALLOW, by=by)
    if _hours(hours) < row.hours_used:
        raise Invalid(hours=f"{row.hours_used} hours are used already.")
    row.hours_agreed = hours
    _tell(row, "has another number of hours. Its page shows them.", at=at)
    finish(row, "allow", by=by, at=at)
    return row


@transaction.atomic
def decline(engagement: Engagement, *, by: Person, reason: str, at: datetime) -> Engagement:
    """Decline it, with the reason the organization reads."""
    row = lock(engagement, act=Act.DECLINE, by=by)
    row.declined_because = base.text_of(reason, field="reason")
    row.state, row.ended_at = State.DECLINED, at
    _tell(row, "was declined. The reason is on its page.", at=at)
    finish(row, "decline", by=by, at=at)
    return row


@transaction.atomic
def begin(engagement: Engagement, *, by: Person, at: datetime) -> Engagement:
    """Say that the work has begun."""
    row = lock(engagement, act=Act.BEGIN, by=by)
    row.state = State.UNDER_WAY
    _tell(row, "is under way.", at=at)
    finish(row, "begin", by=by, at=at)
    return row


@transaction.atomic
def close(engagement: Engagement, *, by: Person, summary: str, at: datetime) -> Engagement:
    """Close it with a summary of what changed."""
    row = lock(engagement, act=Act.CLOSE, by=by)
    row.summary = base.text_of(summary, field="summary")
    row.state, row.ended_at = State.CLOSED, at
    _tell(row, "was closed. What changed is on its page.", at=at)
    finish(row, "close", by=by, at=at)
    return row


@transaction.atomic
def name(engagement: Engagement, *, by: Person, person: Person, is_consultant: bool, at: datetime) -> Engagement:
    """Name somebody of the organization, or a consultant of the network: from then on they see it."""
    row = lock(engagement, act=Act.NAME_CONSULTANT if is_consultant else Act.NAME, by=by)
    if is_consultant and not (person.is_active and person.actor.is_network_staff):
        raise Invalid(person=f"{person.name} does not work for the network.")
    if not is_consultant:
        _of_the_organization(person, row.organization_id, field="person")
    if row.people.filter(person=person).exists():
        raise Invalid(person=f"{person.name} is named already.")
    EngagementPerson.objects.create(engagement=row, person=person, is_consultant=is_consultant, added_at=at)
    _tell(row, "has you on it now.", at=at, to=person)
    finish(row, "name", by=by, at=at, person=person.pk)
    return row


@transaction.atomic
def unname(engagement: Engagement, *, by: Person, person: Person, at: datetime) -> Engagement:
    """Take somebody off it: they see it no more. The sponsor stays."""
    found = engagement.people.filter(person=person).first()
    if found is None:
        raise Conflict(f"{person.name} is not named on it.")
    row = lock(engagement, act=Act.NAME_CONSULTANT if found.is_consultant else Act.NAME, by=by)
    if person.pk == row.sponsor_id:
        raise Conflict("The sponsor stays on it.")
    found.delete()
    finish(row, "unname", by=by, at=at, person=person.pk)
    return row


def lock(engagement: Engagement, *, act: Act, by: Person) -> Engagement:
    """Its row as it is now, held until the transaction ends. Raises Refused or Conflict, in words for the person."""
    rows = Engagement.objects.select_for_update(of=("self",)).select_related("organization", "sponsor")
    row = rows.get(pk=engagement.pk)
    if isinstance(decision := who_may(by.actor, act, facts_of(row)), Denied):
        raise Refused(decision.reason)
    if isinstance(decision := state_allows(act, row.state), Denied):
        raise Conflict(decision.reason)
    return row


def finish(row: Engagement, action: str, *, by: Person, at: datetime, **detail: str | int) -> None:
    """Save the row and write the audit event."""
    row.changed_at = at
    row.save()
    audit.record(
        by=by,
        action=f"engagement.{action}",
        object_type="engagement",
        object_id=row.pk,
        organization_id=row.organization_id,
        **detail,
    )


def _hours(hours: Decimal) -> Decimal:
    if not 0 < hours <= MOST_HOURS:
        raise Invalid(hours=f"Give the hours as a number up to {MOST_HOURS}.")
    return hours


def _of_the_organization(person: Person, organization_id: int, *, field: str) -> None:
    if not person.is_active or organization_id not in person.actor.organizations:
        raise Invalid(**{field: f"{person.name} does not belong to this organization."})


def _tell(row: Engagement, what: str, *, at: datetime, to: Person | None = None) -> None:
    person = to or row.sponsor
    text = f"Improvement engagement {row.pk} of {row.organization.name} {what}"
    tell(
        person=person,
        kind="engagement",
        text=text,
        path=row.get_absolute_url(),
        key=f"engagement:{row.pk}:{what[:30]}:{at.isoformat()}",
    )
