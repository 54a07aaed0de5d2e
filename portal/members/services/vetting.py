"""What administrators of the network do with an application: check, note, ask back, decline, accept."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.common.audit import record
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members import checklist
from portal.members.models import Organization, Person, Role
from portal.members.models_applications import Application, ApplicationCheck, ApplicationNote, MembershipPeriod
from portal.members.models_house import Contact
from portal.members.policy import Action, Denied, can
from portal.members.services import applying, invitations, membership, organizations, places

DECIDED = "This application is decided already."
State = Application.State


@dataclass(frozen=True)
class Welcome:
    """How an accepted organization begins."""

    name: str
    tier: str
    time_zone: str
    facility: str
    facility_kind: str
    administrator_name: str
    administrator_email: str


def done(row: Application) -> dict[str, ApplicationCheck]:
    """The newest tick of each item that holds now."""
    newest = {check.item: check for check in row.checks.select_related("by")}
    return {item: check for item, check in newest.items() if check.is_done}


@transaction.atomic
def tick(row: Application, *, by: Person, item: str, is_done: bool, at: datetime) -> None:
    """Tick an item of the checklist, or take the tick back; both stay on record. As it is already, nothing changes."""
    row = _lock(row, by)
    if item not in {one.key for one in checklist.items()}:
        raise Invalid(item="There is no such item on the checklist.")
    if (item in done(row)) is not is_done:
        ApplicationCheck.objects.create(application=row, item=item, is_done=is_done, by=by, at=at)
        action = "tick application" if is_done else "untick application"
        record(by=by, action=action, object_type="application", object_id=row.pk, item=item)


@transaction.atomic
def add_note(row: Application, *, by: Person, text: str, at: datetime) -> ApplicationNote:
    """A note for colleagues, also after the decision. Never changed; the applicant does not see it."""
    _check(by)
    note = ApplicationNote.objects.create(
        application=row, kind=ApplicationNote.Kind.NOTE, text=applying.text_of(text), by=by, at=at
    )
    _record(by, "note on application", row)
    return note


@transaction.atomic
def ask(row: Application, *, by: Person, text: str, at: datetime) -> None:
    """Ask the applicant something; they are mailed the link, and answer on its page."""
    row = _lock(row, by)
    note = ApplicationNote.objects.create(
        application=row, kind=ApplicationNote.Kind.ASKED, text=applying.text_of(text), by=by, at=at
    )
    row.state = State.ASKED
    row.save(update_fields=["state"])
    applying.tell_applicant(row, "mail/apply_asked.txt", key=f"asked:{note.pk}")
    _record(by, "ask applicant", row)


@transaction.atomic
def decline(row: Application, *, by: Person, reason: str, at: datetime) -> None:
    """Say no, with a reason that the applicant reads on the page of their link."""
    row = _lock(row, by)
    row.reason = membership.reason_of(reason)
    _decide(row, State.DECLINED, by=by, at=at)
    applying.tell_applicant(row, "mail/apply_decided.txt", key=f"declined:{row.pk}")
    _record(by, "decline application", row)


@transaction.atomic
def accept(row: Application, *, by: Person, welcome: Welcome, at: datetime) -> Organization:
    """Make the organization, joining until its first agreement is signed, and invite its first administrator.

    Raises Conflict while what the checklist needs is missing, or once it is decided; Invalid for a name that is taken.
    """
    row = _lock(row, by)
    if lacking := checklist.missing(done(row), checklist.items()):
        raise Conflict(f"Still to be checked: {'; '.join(one.words for one in lacking)}.")
    place = organizations.found(by=by, name=welcome.name, tier=welcome.tier, time_zone=welcome.time_zone)
    assert row.confirmed_at is not None
    begin, states = membership.begin, MembershipPeriod.State
    begin(place, states.APPLIED, why="It applied.", by=None, at=row.confirmed_at)
    begin(place, states.JOINING, why="The network accepted it.", by=by, at=at)
    _place(place, row, welcome, by)
    row.organization, row.invitation = (
        place,
        invitations.invite(
            by=by,
            email=welcome.administrator_email,
            role=Role.Name.ORGANIZATION_ADMINISTRATOR,
            organization=place,
            name=welcome.administrator_name,
        ),
    )
    _decide(row, State.ACCEPTED, by=by, at=at)
    applying.tell_applicant(row, "mail/apply_decided.txt", key=f"accepted:{row.pk}")
    record(
        by=by,
        action="accept application",
        object_type="application",
        object_id=row.pk,
        organization_id=place.pk,
    )
    return place


def _place(place: Organization, row: Application, welcome: Welcome, by: Person) -> None:
    """Its first facility, at the address it gave, and its first contact."""
    first = places.Place(
        name=welcome.facility,
        kind=welcome.facility_kind,
        street=row.street,
        city=row.city,
        region=row.region,
        postal_code=row.postal_code,
    )
    places.add_facility(by=by, organization=place, place=first)
    places.add_contact(
        by=by,
        organization=place,
        kind=Contact.Kind.MAIN,
        name=row.contact_name,
        email=row.contact_email,
        phone="",
    )


def _decide(row: Application, state: State, *, by: Person, at: datetime) -> None:
    row.state, row.decided_at, row.decided_by = state, at, by
    row.save(update_fields=["state", "decided_at", "decided_by", "reason", "organization", "invitation"])


def _check(by: Person) -> None:
    decision = can(by.actor, Action.MANAGE_ORGANIZATION)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)


def _lock(row: Application, by: Person) -> Application:
    """The application as it is now. Raises Refused, Conflict once it is decided or before its address is confirmed."""
    _check(by)
    row = Application.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.state not in Application.UNDECIDED:
        raise Conflict(DECIDED)
    return row


def _record(by: Person, action: str, row: Application) -> None:
    record(by=by, action=action, object_type="application", object_id=row.pk)
