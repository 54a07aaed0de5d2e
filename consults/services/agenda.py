"""The agenda of a case conference, who came, and the signed conclusion on each consult."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from consults.boards import may_conclude, may_manage, may_put_on
from consults.models import AgendaItem, Conclusion, Conference, Consult, Message, TimelineEntry
from consults.services import base, telling
from consults.services.conferences import board_of, lock, tell_requester
from portal.common import audit
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person
from portal.members.policy import Decision, Denied

State = Consult.State
Kind = TimelineEntry.Kind
DISCUSSED = (State.QUEUED, State.ASSIGNED, State.WAITING, State.ANSWERED)
MOST = 30
USUAL_MINUTES = 10


@transaction.atomic
def put_on(
    conference: Conference, *, by: Person, consult: Consult, minutes: int = USUAL_MINUTES, at: datetime
) -> AgendaItem:
    """Put a consult on the agenda, last. The requester is told the day; the clock runs on."""
    row = lock(conference)
    asked = base.held(consult)
    _require(may_put_on(by.actor, assignee_id=asked.assignee_id, specialty_id=asked.specialty_id))
    if row.cancelled_at or row.ends_at <= at:
        raise Conflict("This conference is over or was cancelled.")
    if asked.state not in DISCUSSED:
        raise Conflict(f"{asked.number} is {State(asked.state).label.lower()}, so it is not put on an agenda.")
    if not 1 <= minutes <= 240:
        raise Invalid(minutes="Give its minutes as a whole number from 1 to 240.")
    if row.agenda.filter(consult=asked).exists():
        raise Conflict(f"{asked.number} is on this agenda already.")
    last = row.agenda.aggregate(last=Max("position"))["last"] or 0
    if row.agenda.count() >= MOST:
        raise Conflict(f"An agenda holds at most {MOST} questions.")
    item = AgendaItem.objects.create(
        conference=row, consult=asked, position=last + 1, minutes=minutes, added_by=by, added_at=at
    )
    tell_requester(asked, row, kind=Kind.BOARD, by=by, at=at)
    base.finish(asked, action="board", by=by, at=at)
    return item


@transaction.atomic
def take_off(item: AgendaItem, *, by: Person, at: datetime) -> None:
    """Take a consult off the agenda again; not once a conclusion is signed."""
    row = lock(item.conference)
    found = _item(item)
    mine = may_put_on(by.actor, assignee_id=found.consult.assignee_id, specialty_id=found.consult.specialty_id)
    if not mine:
        _require(may_manage(by.actor, board_of(row)))
    if found.conclusions.exists():
        raise Conflict("Its conclusion is signed, so it stays on the agenda.")
    consult = found.consult
    found.delete()
    tell_requester(consult, row, kind=Kind.BOARD_LEFT, by=by, at=at)
    base.finish(consult, action="board-left", by=by, at=at)


@transaction.atomic
def arrange(item: AgendaItem, *, by: Person, move: int = 0, minutes: int | None = None) -> None:
    """Move it up (-1) or down (1) among the others, or set its minutes."""
    row = lock(item.conference)
    _require(may_manage(by.actor, board_of(row)))
    if minutes is not None and not 1 <= minutes <= 240:
        raise Invalid(minutes="Give its minutes as a whole number from 1 to 240.")
    items = list(row.agenda.all())
    place = next((index for index, one in enumerate(items) if one.pk == item.pk), None)
    if place is None:
        raise Conflict("It is not on the agenda any more.")
    if minutes is not None:
        items[place].minutes = minutes
    items.insert(max(place + move, 0), items.pop(place))
    for position, one in enumerate(items, 1):
        one.position = position
    AgendaItem.objects.bulk_update(items, ["position", "minutes"])
    audit.record(by=by, action="conference.arrange", object_type="conference", object_id=row.pk)


@transaction.atomic
def conclude(item: AgendaItem, *, by: Person, text: str, at: datetime) -> Conclusion:
    """Sign the conclusion on one consult. It joins the thread, which the requester reads, and is never changed.

    The clock runs on: the specialist's answer ends it. Of two signing at once one wins; the other gets Conflict.
    """
    found = _signing(item, by=by, at=at)
    if found.conclusions.exists():
        raise Conflict("The conclusion on this question is signed already. Write an addendum.")
    signed = _sign(found, by=by, text=text, at=at, is_addendum=False)
    base.note(found.consult, Kind.CONCLUDED, at=at, by=by)
    telling.requester(found.consult, what="has the conclusion of a case conference in its thread.", at=at)
    telling.assignee(found.consult, what="has the conclusion of a case conference in its thread.", at=at)
    base.finish(found.consult, action="conclude", by=by, at=at)
    return signed


@transaction.atomic
def addend(item: AgendaItem, *, by: Person, text: str, at: datetime) -> Conclusion:
    """Add to a signed conclusion, which itself stays as it is."""
    found = _signing(item, by=by, at=at)
    if not found.conclusions.exists():
        raise Conflict("Sign the conclusion first.")
    signed = _sign(found, by=by, text=text, at=at, is_addendum=True)
    telling.requester(found.consult, what="has an addendum to the conclusion of a case conference.", at=at)
    base.finish(found.consult, action="conclude-addendum", by=by, at=at)
    return signed


@transaction.atomic
def record_attendance(conference: Conference, *, by: Person, present: Iterable[Person], at: datetime) -> Conference:
    """Say who of those on the list came; what is not named was absent. May be set again."""
    row = lock(conference)
    _require(may_conclude(by.actor, board_of(row), now=at))
    here = {person.pk for person in present}
    listed = row.invitations.filter(removed_at=None)
    listed.filter(person__in=here).update(attended=True)
    listed.exclude(person__in=here).update(attended=False)
    audit.record(by=by, action="conference.attendance", object_type="conference", object_id=row.pk, present=len(here))
    return row


def _item(item: AgendaItem) -> AgendaItem:
    rows = AgendaItem.objects.select_for_update(of=("self",)).select_related(
        "consult__requester", "consult__assignee", "consult__specialty"
    )
    found = rows.filter(pk=item.pk).first()
    if found is None:
        raise Conflict("It is not on the agenda any more.")
    return found


def _signing(item: AgendaItem, *, by: Person, at: datetime) -> AgendaItem:
    row = lock(item.conference)
    _require(may_conclude(by.actor, board_of(row), now=at))
    found = _item(item)
    if found.consult.state in (State.WITHDRAWN, State.DECLINED):
        raise Conflict(f"{found.consult.number} has ended without an answer; nothing joins its thread any more.")
    return found


def _sign(found: AgendaItem, *, by: Person, text: str, at: datetime, is_addendum: bool) -> Conclusion:
    kind = Message.Kind.ADDENDUM if is_addendum else Message.Kind.CONCLUSION
    message = Message.objects.create(
        consult=found.consult, kind=kind, author=by, text=base.text_of(text), created_at=at
    )
    return Conclusion.objects.create(
        item=found, message=message, is_addendum=is_addendum, signed_by=by, signed_name=by.name, signed_at=at
    )


def _require(decision: Decision) -> None:
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
