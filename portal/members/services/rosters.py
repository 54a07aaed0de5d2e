"""Many people invited at once: a list is checked as a whole, changes nothing while checked, and is then sent.

Checking and sending go on in parts, each in a transaction of its own, so that a worker that dies loses one part at
most, progress can be seen, and nobody is invited twice.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Lower, Now

from portal.common import tenancy
from portal.common.audit import record
from portal.common.hints import wake_on_commit
from portal.common.notices import tell
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members import roster
from portal.members.models import Facility, Invitation, Organization, Person, Role, Specialty
from portal.members.models_roster import Roster, RosterLine
from portal.members.policy import ORGANIZATION_ROLES, Action, Denied, can, can_give
from portal.members.services.invitations import invite

AT_ONCE = 100
"""So many lines are dealt with while the page is waited for; longer lists by a worker."""
CHECKED_AT_A_TIME, SENT_AT_A_TIME = 500, 50
KEPT = timedelta(days=30)
MOST_WAITING = 3
WORK = "portal.members.tasks.work_on_rosters"
State = Roster.State


@transaction.atomic
def make_roster(*, by: Person, organization: Organization, text: str, at: datetime) -> Roster:
    """Take a list in and have it checked. Nothing else changes.

    Raises Refused beyond one's rights, Invalid (``text``) for a list that cannot be read as one, Conflict for an
    organization that is deactivated or has several lists under way.
    """
    _check(by, organization)
    if len(text.encode()) > roster.MOST_BYTES:
        raise Invalid(text=f"The list is larger than {roster.MOST_BYTES // 1024 // 1024} MB. Divide it into several.")
    try:
        lines = roster.read(text)
    except roster.Unreadable as error:
        raise Invalid(text=str(error)) from None
    busy = organization.rosters.filter(state__in=[State.CHECKING, State.SENDING]).count()
    if busy >= MOST_WAITING:
        raise Conflict("Several lists of this organization are under way. Wait until one is ready.")
    row = Roster.objects.create(organization=organization, made_by=by, made_at=at, text=text, total=len(lines))
    record(
        by=by,
        action="check list",
        object_type="roster",
        object_id=row.pk,
        organization_id=organization.pk,
        lines=row.total,
    )
    if row.total <= AT_ONCE:
        _check_part(row)
    else:
        wake_on_commit(WORK)
    return row


@transaction.atomic
def send_roster(*, by: Person, row: Roster, leave_out: bool, at: datetime) -> Roster:
    """Invite everyone on a checked list. A second call changes nothing.

    Raises Conflict while it is checked, and for a list with bad lines unless they are to be left out; Refused beyond
    one's rights.
    """
    row = Roster.objects.select_for_update(of=("self",)).select_related("organization").get(pk=row.pk)
    _check(by, row.organization)
    if row.state in (State.SENDING, State.SENT):
        return row
    if row.state == State.CHECKING:
        raise Conflict("The list is still being checked. Wait until that is done.")
    if row.bad and not leave_out:
        raise Conflict("Some lines are wrong, so nothing was sent. Mend them, or say that they are to be left out.")
    if not row.good:
        raise Conflict("No line is right, so there is nobody to invite.")
    row.state, row.made_by, row.done = State.SENDING, by, 0
    row.save(update_fields=["state", "made_by", "done"])
    record(
        by=by,
        action="send list",
        object_type="roster",
        object_id=row.pk,
        organization_id=row.organization_id,
        lines=row.good,
        left_out=row.bad,
    )
    if row.good <= AT_ONCE:
        while row.state == State.SENDING:
            _send_part(row, at)
    else:
        wake_on_commit(WORK)
    return row


def work_on_rosters(*, now: datetime) -> int:
    """Go on with every list under way until none is left; say how many parts were done. Two at once share the lists."""
    parts = 0
    while _one_part(now):
        parts += 1
    return parts


def forget_rosters(*, now: datetime) -> None:
    """Lists are deleted after a month; what was sent stays as invitations and in the audit trail."""
    with tenancy.everything():
        old = Roster.objects.filter(made_at__lte=now - KEPT, state__in=[State.CHECKED, State.SENT])
        old.delete()


def known_for(by: Person, organization: Organization, addresses: list[str] | None = None) -> roster.Known:
    """What the lines with these addresses are judged by, in as many queries for one as for thousands."""
    addresses = addresses or []
    facilities = Facility.objects.filter(organization=organization).values_list("name", "pk")
    specialties = {key.lower(): one.pk for one in Specialty.objects.all() for key in (one.slug, one.name)}
    invited = Invitation.objects.filter(organization=organization, email__in=addresses, accepted_at=None)
    invited = invited.filter(revoked_at=None, expires_at__gt=Now())
    return roster.Known(
        facilities={name.lower(): pk for name, pk in facilities},
        specialties=specialties,
        may_give=frozenset(role for role in ORGANIZATION_ROLES if can_give(by.actor, role, organization.pk)),
        members=_members(organization, addresses),
        invited=frozenset(invited.values_list("email", "role")),
    )


def _members(organization: Organization, addresses: list[str]) -> dict[str, roster.Member]:
    """Those of the organization with one of the addresses. Who is elsewhere is not known here."""
    people = Person.objects.annotate(small=Lower("email")).filter(small__in=addresses)
    held: dict[int, set[str]] = {}
    for person_id, name in Role.objects.filter(person__in=people, organization=organization).values_list(
        "person_id", "name"
    ):
        held.setdefault(person_id, set()).add(name)
    mine = people.filter(pk__in=held)
    return {one.email.lower(): roster.Member(one.name, one.is_active, frozenset(held[one.pk])) for one in mine}


def _check(by: Person, organization: Organization) -> None:
    decision = can(by.actor, Action.MANAGE_PEOPLE, organization.pk)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    if not organization.is_active:
        raise Conflict(f"{organization.name} is deactivated.")


def _one_part(now: datetime) -> bool:
    with tenancy.everything():
        waiting = Roster.objects.select_for_update(skip_locked=True, of=("self",)).order_by("id")
        waiting = waiting.filter(state__in=[State.CHECKING, State.SENDING])
        row = waiting.select_related("organization", "made_by").first()
        if row is None:
            return False
        if row.state == State.CHECKING:
            _check_part(row)
        else:
            _send_part(row, now)
        if row.state in (State.CHECKED, State.SENT):
            _tell(row)
        return True


def _check_part(row: Roster) -> None:
    """Judge the next lines. The row is locked, or not yet seen by anyone else."""
    part = roster.read(row.text)[row.done : row.done + CHECKED_AT_A_TIME]
    known = known_for(row.made_by, row.organization, [line.cells.get("email", "").lower() for line in part])
    judged = roster.judge(part, known)
    RosterLine.objects.bulk_create(_as_row(row, one) for one in judged)
    row.done += len(judged)
    row.bad += sum(bool(one.problems) for one in judged)
    if row.done >= row.total:
        row.state = State.CHECKED
    row.save(update_fields=["done", "bad", "state"])


def _as_row(row: Roster, one: roster.Judged) -> RosterLine:
    return RosterLine(
        roster=row,
        line=one.number,
        email=one.email,
        name=one.name,
        role=one.role,
        facility_id=one.facility,
        own_specialty_id=one.specialty,
        npi=one.npi,
        problems=[{"column": at.column, "value": at.value, "words": at.words} for at in one.problems],
        is_bad=bool(one.problems),
    )


def _send_part(row: Roster, at: datetime) -> None:
    """Invite the next lines; what has changed since the check is said of the line. The row is locked."""
    # One list of an organization at a time, so that two lists with one address make one invitation.
    Organization.objects.select_for_update(no_key=True).get(pk=row.organization_id)
    lines = row.lines.filter(is_bad=False, dealt_with_at=None).select_related("facility", "own_specialty")
    part = list(lines[:SENT_AT_A_TIME])
    for line in part:
        _send_line(row, line, at)
    row.done += len(part)
    if len(part) < SENT_AT_A_TIME:
        row.state, row.ended_at, row.text = State.SENT, at, ""
    row.save(update_fields=["done", "state", "ended_at", "text"])


def _send_line(row: Roster, line: RosterLine, at: datetime) -> None:
    line.dealt_with_at = at
    try:
        if not row.made_by.can_sign_in:
            raise Refused("Whoever sent the list may not sign in any more.")
        with transaction.atomic():
            line.invitation = invite(
                by=row.made_by,
                email=line.email,
                role=line.role,
                organization=row.organization,
                name=line.name,
                facility=line.facility,
                own_specialty=line.own_specialty,
                npi=line.npi,
            )
    except (Conflict, Refused, Invalid) as error:
        line.why_not = str(error)[:300]
    line.save(update_fields=["dealt_with_at", "invitation", "why_not"])


def _tell(row: Roster) -> None:
    sent = row.state == State.SENT
    tell(
        person=row.made_by,
        kind="list",
        text="Your list of people is sent." if sent else "Your list of people is checked. Nothing has been sent yet.",
        path=row.get_absolute_url(),
        key=f"roster:{row.pk}:{row.state}",
    )
