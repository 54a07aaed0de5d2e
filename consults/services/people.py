"""The requester's own practice around a consult: who follows it, for whom it is written, and who takes it over."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from consults.models import Consult, OnBehalf, TimelineEntry, Watcher
from consults.services import base, telling
from portal.common import audit
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role

UNFINISHED = (*Consult.OPEN_STATES, Consult.State.ANSWERED)
"""States in which the requester still has something to do: reply, read, or close."""


def colleagues(organization_id: int, *, besides: Person | None = None) -> QuerySet[Person]:
    """The clinicians of an organization who can sign in, by name."""
    roles = Role.objects.filter(organization=organization_id, name=Role.Name.CLINICIAN)
    rows = Person.objects.filter(is_active=True, pk__in=roles.values("person")).order_by("name", "pk")
    return rows.exclude(pk=besides.pk) if besides else rows


@transaction.atomic
def watch(consult: Consult, *, by: Person, person: Person, at: datetime) -> None:
    """Let a colleague follow: added by the requester, or by themselves where they may read it already.

    Raises Refused for anyone else, Invalid for a person who is no clinician of the consult's organization.
    """
    row = base.held(consult)
    is_own = by == person and Consult.objects.visible_to(by).filter(pk=row.pk).exists()
    if not (is_own or _asked(row, by)):
        raise Refused("Only the clinician who asked lets a colleague follow.")
    _colleague(row, person, field="person")
    if person.pk == row.requester_id:
        raise Invalid(person="Whoever asked is told anyway.")
    _, is_new = Watcher.objects.get_or_create(consult=row, person=person, defaults={"added_by": by, "since": at})
    if is_new:
        if person != by:
            telling.person(person, row, what=f"is shown to you by {by.name}. You are told when it is answered.", at=at)
        _record(row, by, "watch", person)


@transaction.atomic
def unwatch(consult: Consult, *, by: Person, person: Person) -> None:
    """Stop following; the requester may end it for a colleague. A second time changes nothing."""
    row = base.held(consult)
    if by != person and not _asked(row, by):
        raise Refused("Only they themselves, or the clinician who asked, end this.")
    if Watcher.objects.filter(consult=row, person=person).delete()[0]:
        _record(row, by, "unwatch", person)


@transaction.atomic
def write_for(draft: Consult, *, by: Person, colleague: Person | None) -> None:
    """Say for whom a draft is written; None is for oneself. Raises Refused, Conflict, Invalid (``behalf``)."""
    row = base.held(draft)
    if row.requester != by:
        raise Refused("Only its author says for whom a question is written.")
    if row.state != Consult.State.DRAFT:
        raise Conflict(f"{row.number} was sent already.")
    if colleague is None:
        OnBehalf.objects.filter(consult=row).delete()
        return
    if colleague == by:
        raise Invalid(behalf="Leave this empty to ask for yourself.")
    _colleague(row, colleague, field="behalf")
    OnBehalf.objects.update_or_create(consult=row, defaults={"colleague": colleague, "written_by": by})


def sent_for(row: Consult, *, at: datetime) -> None:
    """As a question is sent: tell the colleague it is for. Raises Invalid where they are none of the practice now."""
    found = OnBehalf.objects.select_related("colleague").filter(consult=row).first()
    if found:
        _colleague(row, found.colleague, field="behalf")
        telling.person(found.colleague, row, what=f"was asked for you by {row.requester.name}.", at=at)


@transaction.atomic
def pass_on(consult: Consult, *, by: Person, to: Person, at: datetime) -> Consult:
    """The requester gives an unfinished consult to a colleague of the same organization. The clock goes on.

    Whoever gave it keeps following until they stop. Raises Refused, Conflict, Invalid (``to``).
    """
    row = base.held(consult)
    if not _asked(row, by):
        raise Refused("Only the clinician who asked hands it to a colleague.")
    before = row.requester
    _pass_on(row, by=by, to=to, at=at)
    Watcher.objects.get_or_create(consult=row, person=before, defaults={"added_by": by, "since": at})
    return row


def _pass_on(row: Consult, *, by: Person, to: Person, at: datetime) -> None:
    if row.state not in UNFINISHED:
        raise Conflict(f"{row.number} is {Consult.State(row.state).label.lower()}: nothing is left to hand over.")
    _colleague(row, to, field="to")
    if to.pk in (row.requester_id, row.assignee_id):
        raise Invalid(to=f"{to.name} has {row.number} already.")
    before, row.requester = row.requester, to
    Watcher.objects.filter(consult=row, person=to).delete()
    detail = f"{to.name} asks on in place of {before.name}; the clock goes on"
    base.note(row, TimelineEntry.Kind.HANDED_OVER, at=at, by=by, detail=detail)
    telling.requester(row, what=f"came to you from {before.name}. Its page says what is asked of you.", at=at)
    telling.assignee(row, what=f"is now asked by {to.name} in place of {before.name}.", at=at)
    base.finish(row, action="pass-on", by=by, at=at)


def _asked(row: Consult, by: Person) -> bool:
    return row.requester_id == by.pk and row.organization_id in by.actor.clinician_in


def _colleague(row: Consult, person: Person, *, field: str) -> None:
    if not colleagues(row.organization_id).filter(pk=person.pk).exists():
        raise Invalid(**{field: "Choose a clinician of the organization this question is asked for."})


def _record(row: Consult, by: Person, action: str, person: Person) -> None:
    audit.record(
        by=by,
        action=f"consult.{action}",
        object_type="consult",
        object_id=row.number,
        organization_id=row.organization_id,
        person=person.pk,
    )
