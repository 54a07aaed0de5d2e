"""Calls: asked for, taken, tried, noted, cancelled. No call ends without a note or a reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from consults import calling, routing
from consults.calling import Span
from consults.languages import LANGUAGES
from consults.metering import BY_PHONE
from consults.models import Assignment, Call, CallEvent, CallNote, CallPolicy, Consult, Message, TimelineEntry
from consults.policy import may_lead
from consults.services import assigning, base, calls_telling, clockwork, drafting, promising
from portal.common import audit, identifiers
from portal.common.refusals import Conflict, Invalid, Refused
from portal.common.rows import add_one
from portal.members.models import Organization, Person, Specialty
from portal.members.policy import Denied

Kind, State = CallEvent.Kind, Call.State
_NUMBER = re.compile(r"\+?[\d ().-]{7,24}(?: ?(?:x|ext\.?) ?\d{1,6})?", re.IGNORECASE)
MAX_MINUTES = 240


def number_of(value: str, *, field: str = "number") -> str:
    """A telephone number, trimmed. Raises Invalid, without repeating what was typed."""
    text = value.strip()
    if not _NUMBER.fullmatch(text) or not 7 <= len(re.sub(r"\D", "", text)) <= 21 or len(text) > 30:
        raise Invalid(**{field: "Give a telephone number with its area code, such as 217 555 0143."})
    return text


def policy_of(specialty_id: int) -> CallPolicy:
    return CallPolicy.objects.filter(specialty=specialty_id).first() or CallPolicy(specialty_id=specialty_id)


@transaction.atomic
def set_policy(*, by: Person, specialty: Specialty, minutes: int, dial: str) -> CallPolicy:
    """Promise calls within so many minutes (10 to 60) from the next one on; ``dial`` is shown to every clinician."""
    if isinstance(decision := may_lead(by.actor, specialty.pk), Denied):
        raise Refused(decision.reason)
    if not 10 <= minutes <= 60:
        raise Invalid(minutes="Promise a call within 10 minutes at least and 60 at most.")
    dial = number_of(dial, field="dial") if dial.strip() else ""
    values = {"minutes": minutes, "dial": dial}
    row, _ = CallPolicy.objects.update_or_create(specialty=specialty, defaults=values)
    audit.record(by=by, action="set phone", object_type="specialty", object_id=specialty.slug, minutes=minutes)
    return row


def _topic(value: str) -> str:
    text = " ".join(value.replace("\x00", "").split())
    if not 5 <= len(text) <= 200:
        raise Invalid(topic="Say in one sentence of at most 200 characters what it is about.")
    if found := identifiers.find(text, sure=True):
        words = ", ".join(sorted({one.kind for one in found}))
        raise Invalid(topic=f"The sentence seems to hold {words}. Take it out: say it on the phone.")
    return text


def _asked_for(consult: Consult | None, organization_id: int | None, *, by: Person) -> int:
    """The organization a call is asked for. Raises Refused where ``by`` may not ask for it anew."""
    found = consult.organization_id if consult else organization_id or by.actor.clinician_for
    if found is None or found not in by.actor.clinician_in:
        raise Refused("Only clinicians of a member organization ask for a call.")
    if consult is None:
        base.check_standing(Organization.objects.get(pk=found), by=by, what="calls")
    return found


def _about(consult: Consult | None, *, requester: Person, specialty: Specialty) -> None:
    if consult and (consult.requester_id != requester.pk or consult.specialty_id != specialty.pk):
        raise Invalid(consult="A call belongs to a question of the same clinician and specialty.")
    if consult and consult.state not in Consult.OPEN_STATES:
        raise Conflict(f"{consult.number} is no longer open. Ask for a call as a new question.")


@transaction.atomic
def request_call(
    *,
    by: Person,
    specialty: Specialty,
    number: str,
    topic: str,
    windows: Sequence[Span] = (),
    organization_id: int | None = None,
    consult: Consult | None = None,
    language: str = "",
    at: datetime,
) -> Call:
    """Ask to be called back, in a language where one is given. Whoever is on call is told at once.

    Raises Refused for anyone but a clinician of the organization, and where its membership is suspended or over, unless
    the call is about a question that is open; Invalid naming each wrong field, Conflict for a question that is over.
    """
    organization_id = _asked_for(consult, organization_id, by=by)
    _about(consult, requester=by, specialty=specialty)
    if why := calling.why_not(windows, now=at):
        raise Invalid(windows=why)
    if language and language not in LANGUAGES:
        raise Invalid(language="Choose one of the languages offered.")
    if not assigning.answering(specialty.pk):
        raise Invalid(specialty=f"Nobody answers for {specialty} at present. Choose a neighbouring specialty.")
    minutes = policy_of(specialty.pk).minutes
    promise = calling.promised(at, windows, minutes)
    row = Call(
        organization_id=organization_id,
        requester=by,
        specialty=specialty,
        consult=consult,
        topic=_topic(topic),
        language=language,
        number=number_of(number),
        windows=[[start.isoformat(), end.isoformat()] for start, end in sorted(windows)],
        promised_minutes=minutes,
        requested_at=at,
        starts_at=promise.starts_at,
        due_at=promise.due_at,
    )
    row.assignee = calls_telling.on_duty(row, at=promise.starts_at)
    row.save()
    event(row, Kind.REQUESTED, by=by, at=at)
    if promise.starts_at <= at:
        event(row, Kind.BEGUN, at=at)
    set_next_mark(row)
    calls_telling.waiting(row, at=at)
    _finish(row, "request", by=by)
    return row


def promise_of(row: Call) -> calling.Promised:
    """The promise of the call's present round: as it was asked for, or anew from when it is tried again."""
    if row.again_at:
        return calling.promised(row.again_at, (), row.promised_minutes)
    return calling.promised(row.requested_at, row.spans, row.promised_minutes)


def _recorded(row: Call) -> set[str]:
    """The kinds of what is recorded of the present round."""
    return set(row.events.filter(round=row.round).values_list("kind", flat=True))


def set_next_mark(row: Call) -> None:
    """When the sweep next has something to record of a waiting call; not saved."""
    found = calling.next_mark(promise_of(row), _recorded(row))
    row.next_mark_at = found[1] if found else None


def event(row: Call, kind: CallEvent.Kind, *, at: datetime, by: Person | None = None, detail: str = "") -> None:
    CallEvent.objects.create(call=row, kind=kind, round=row.round, at=at, actor=by, detail=detail[:300])


def lock(call: Call) -> Call:
    rows = Call.objects.select_for_update(of=("self",)).select_related("specialty", "requester", "organization")
    return rows.get(pk=call.pk)


def _finish(row: Call, action: str, *, by: Person) -> None:
    row.save()
    audit.record(
        by=by, action=f"call.{action}", object_type="call", object_id=row.pk, organization_id=row.organization_id
    )


@transaction.atomic
def take(call: Call, *, by: Person, at: datetime) -> Call:
    """Say that one makes this call. Of two at once one wins; the other gets Conflict naming who has it."""
    row = lock(call)
    decision = calling.may_take(by.actor, specialty_id=row.specialty_id, requester_id=row.requester_id)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    if row.state != State.WAITING:
        holder = row.assignee.name if row.assignee and row.state == State.TAKEN else "somebody"
        raise Conflict(
            "You already have this call." if row.assignee == by else f"It no longer waits: {holder} took it."
        )
    asked = routing.Asked(
        number="",
        specialty_id=row.specialty_id,
        requester_id=row.requester_id,
        due_at=row.due_at,
        organization_id=row.organization_id,
        tier=row.organization.tier,
    )  # not the language: who takes a call by hand may know better
    if isinstance(fit := routing.may_serve(assigning.candidate(by), asked, now=at), Denied):
        raise Conflict(
            "You have said that you are away. End your absence, then take it." if by.is_away(at) else fit.reason
        )
    pass_marks(row, now=at)
    row.state, row.assignee, row.taken_at = State.TAKEN, by, at
    row.next_mark_at = at + calling.NOTE_WITHIN
    event(row, Kind.TAKEN, by=by, at=at)
    calls_telling.requester(row, "was taken. You will be called.", at=at)
    _finish(row, "take", by=by)
    return row


def pass_marks(row: Call, *, now: datetime) -> list[str]:
    """Record each mark a (locked) call has passed by ``now``, at its own moment; the kinds that are new."""
    new: list[str] = []
    promise, seen = promise_of(row), _recorded(row)
    while row.state == State.WAITING and (found := calling.next_mark(promise, seen)) and found[1] <= now:
        kind, moment = found
        if kind == "begun":
            row.assignee = calls_telling.on_duty(row, at=moment, before=row.assignee if row.again_at else None)
        if kind == "passed":
            row.assignee = calls_telling.backup(row, at=moment) or row.assignee
        detail = row.assignee.name if kind == "passed" and row.assignee else ""
        event(row, Kind(kind), at=moment, detail=detail)
        seen.add(kind)
        new.append(kind)
    if row.state == State.TAKEN and row.next_mark_at and row.next_mark_at <= now:
        event(row, Kind.OVERDUE, at=row.next_mark_at)
        row.next_mark_at = None
        new.append("note-due")
    elif row.state == State.WAITING:
        set_next_mark(row)
    return new


@transaction.atomic
def tried(call: Call, *, by: Person, again_at: datetime | None = None, at: datetime) -> Call:
    """Note that nobody answered. With ``again_at`` the call waits again: it is due from then on as it first was, told
    to whoever tried it, or who is on call where they are away, and to the backup where nobody takes it.

    Raises Invalid where that is past, or further away than two weeks.
    """
    row = lock(call)
    _check_noting(row, by=by)
    if again_at and (why := calling.why_not_again(again_at, now=at)):
        raise Invalid(again_at=why)
    pass_marks(row, now=at)
    event(row, Kind.TRIED, by=by, at=at)
    if again_at:
        row.state, row.taken_at = State.WAITING, None
        row.round, row.again_at = row.round + 1, again_at
        promise = promise_of(row)
        row.starts_at, row.due_at = promise.starts_at, promise.due_at
        event(row, Kind.AGAIN, by=by, at=at)
        set_next_mark(row)
    calls_telling.requester(row, "was tried without an answer. It is tried again.", at=at)
    _finish(row, "try", by=by)
    return row


def _check_writer(row: Call, *, by: Person) -> None:
    who = calling.may_note(by.actor, specialty_id=row.specialty_id, assignee_id=row.assignee_id)
    if isinstance(who, Denied):
        raise Refused(who.reason)


def _check_noting(row: Call, *, by: Person) -> None:
    if isinstance(
        who := calling.may_note(by.actor, specialty_id=row.specialty_id, assignee_id=row.assignee_id), Denied
    ):
        raise Refused(who.reason)
    if row.state != State.TAKEN:
        raise Conflict(f"This call is {row.get_state_display().lower()}: take it first, or add to its note.")


@dataclass(frozen=True)
class Note:
    """What a note says. Where nobody spoke, ``advised`` says what happened."""

    outcome: str
    asked: str
    advised: str
    minutes: int | None


@transaction.atomic
def sign_note(call: Call, *, by: Person, note: Note, at: datetime) -> Call:
    """Sign the note of a call that was taken. It joins the record of its question, and nobody changes it any more."""
    row = lock(call)
    _check_noting(row, by=by)
    pass_marks(row, now=at)
    _sign(row, by=by, note=note, at=at)
    return row


def clinician(email: str) -> Person | None:
    """The active clinician who has this address, if there is one."""
    return Person.objects.filter(is_active=True, email__iexact=email, roles__name="clinician").distinct().first()


def _dialled_for(requester: Person, organization_id: int | None) -> int:
    """The organization a clinician dialled for: their only one, or else the one that is named."""
    theirs = requester.actor.clinician_in
    if not theirs or not requester.is_active:
        raise Invalid(requester="No clinician of a member organization has this e-mail address.")
    if organization_id is None and len(theirs) == 1:
        return min(theirs)
    if organization_id not in theirs:
        raise Invalid(organization="Choose the organization they called for.")
    return organization_id


@transaction.atomic
def note_dialled(
    *,
    by: Person,
    requester: Person,
    specialty: Specialty,
    topic: str,
    note: Note,
    at: datetime,
    organization_id: int | None = None,
) -> Call:
    """Note a call of a clinician who dialled themselves; one who works for several has to have one of them named."""
    organization_id = _dialled_for(requester, organization_id)
    decision = calling.may_take(by.actor, specialty_id=specialty.pk, requester_id=requester.pk)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    row = Call.objects.create(
        organization_id=organization_id,
        requester=requester,
        specialty=specialty,
        topic=_topic(topic),
        promised_minutes=policy_of(specialty.pk).minutes,
        requested_at=at,
        starts_at=at,
        due_at=at,
        taken_at=at,
        assignee=by,
        state=State.TAKEN,
    )
    event(row, Kind.DIALLED, by=requester, at=at)
    _sign(row, by=by, note=note, at=at)
    return row


def _sign(row: Call, *, by: Person, note: Note, at: datetime) -> None:
    if note.outcome not in CallNote.Outcome.values:
        raise Invalid(outcome="Choose how the call ended.")
    spoken = note.outcome in CallNote.SPOKEN
    advised = base.text_of(note.advised, field="advised")
    asked = base.text_of(note.asked, field="asked") if spoken else note.asked.strip()[: base.MAX_TEXT]
    if spoken and not (note.minutes and 1 <= note.minutes <= MAX_MINUTES):
        raise Invalid(minutes=f"Give your minutes as a whole number from 1 to {MAX_MINUTES}.")
    CallNote.objects.create(
        call=row,
        outcome=note.outcome,
        asked=asked,
        advised=advised,
        minutes=note.minutes if spoken else None,
        signed_by=by,
        signed_as=by.name,
        signed_at=at,
    )
    outcome = CallNote.Outcome(note.outcome).label
    text = f"{outcome}.\n\nAsked: {asked}\n\nAdvised: {advised}" if spoken else f"{outcome}. {advised}"
    if row.consult is None and spoken:
        row.consult = _record(row, asked=asked, by=by, in_writing=note.outcome == CallNote.Outcome.IN_WRITING, at=at)
    if row.consult:
        signed = f"By phone. {text}\n\nSigned by {by.name}."
        minutes = note.minutes if spoken else None
        kind = Message.Kind.ANSWER if row.consult.state == Consult.State.ANSWERED else Message.Kind.CALL
        Message.objects.create(
            consult=row.consult, kind=kind, author=by, text=signed[: base.MAX_TEXT], created_at=at, minutes=minutes
        )
        base.note(row.consult, TimelineEntry.Kind.CALL, at=at, by=by, detail=outcome)
    row.state, row.ended_at, row.number, row.next_mark_at = State.NOTED, at, "", None
    event(row, Kind.NOTED, by=by, at=at)
    calls_telling.requester(row, "has its signed note. Please read it.", at=at)
    _finish(row, "note", by=by)


def _record(row: Call, *, asked: str, by: Person, in_writing: bool, at: datetime) -> Consult:
    """A question asked by phone, as a consult: answered, or given to who was on the phone to answer in writing."""
    consult = Consult(
        organization_id=row.organization_id,
        requester=row.requester,
        specialty=row.specialty,
        reason=Consult.Reason.OTHER,
        question=row.topic,
        summary=asked,
        state=Consult.State.ASSIGNED,
        assignee=by,
        created_at=row.requested_at,
        submitted_at=row.requested_at,
        changed_at=at,
    )
    add_one(consult, number=drafting.NUMBER)
    clockwork.start(consult, at=row.requested_at, why=BY_PHONE, terms=promising.terms_for(consult))
    base.note(consult, TimelineEntry.Kind.SUBMITTED, at=row.requested_at, by=row.requester, detail="By phone")
    begun = row.taken_at or at
    Assignment.objects.create(consult=consult, specialist=by, started_at=begun, ended_at=None if in_writing else at)
    clockwork.taken(consult, at=begun)
    if not in_writing:
        consult.state, consult.answered_at = Consult.State.ANSWERED, at
        clockwork.stop(consult, at=at, why="answered by phone")
        base.note(consult, TimelineEntry.Kind.ANSWERED, at=at, by=by, detail="By phone")
    base.finish(consult, action="phone", by=by, at=at)
    return consult


@transaction.atomic
def add_to_note(call: Call, *, by: Person, text: str, at: datetime) -> Call:
    """Sign an addendum; the note itself stays as it is."""
    row = lock(call)
    if isinstance(
        who := calling.may_note(by.actor, specialty_id=row.specialty_id, assignee_id=row.assignee_id), Denied
    ):
        raise Refused(who.reason)
    if row.state != State.NOTED:
        raise Conflict("There is no note yet to add to.")
    added = base.text_of(text)
    CallNote.objects.create(call=row, is_addendum=True, advised=added, signed_by=by, signed_as=by.name, signed_at=at)
    if row.consult:
        Message.objects.create(
            consult=row.consult,
            kind=Message.Kind.CALL,
            author=by,
            text=f"Addendum to the note of the call. {added}\n\nSigned by {by.name}."[: base.MAX_TEXT],
            created_at=at,
        )
    event(row, Kind.ADDED, by=by, at=at)
    calls_telling.requester(row, "has an addendum to its note.", at=at)
    _finish(row, "add", by=by)
    return row


@transaction.atomic
def cancel(call: Call, *, by: Person, reason: str, at: datetime) -> Call:
    """Take back a call one asked for, with the reason. Once taken, its note ends it."""
    row = lock(call)
    if row.requester_id != by.pk:
        raise Refused("Only the clinician who asked for the call cancels it.")
    if row.state != State.WAITING:
        raise Conflict("This call no longer waits. Whoever took it writes its note.")
    why = base.text_of(reason, field="reason")
    pass_marks(row, now=at)
    event(row, Kind.CANCELLED, by=by, at=at, detail=why)
    calls_telling.assignee(row, "was cancelled. Nothing more is asked of you.", at=at)
    row.state, row.ended_at, row.number, row.next_mark_at = State.CANCELLED, at, "", None
    _finish(row, "cancel", by=by)
    return row
