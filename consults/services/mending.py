"""Minutes mended after the answer: by whoever spent them, with the reason, within some months. What was is kept."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from consults.hours import NETWORK
from consults.models import CallNote, Consult, Message, MinutesMend
from consults.services.answering import MAX_MINUTES
from portal.common import audit
from portal.common.refusals import Conflict, Invalid, Refused
from portal.fees.proration import after_months
from portal.members.models import Person

MAX_REASON = 200


@dataclass(frozen=True)
class Spent:
    """One answer (or signed note of a call) with its minutes: until when they may be mended, and what they were."""

    message: Message
    until: date
    may_mend: bool
    mends: list[MinutesMend]


def counted(consult: Consult) -> QuerySet[Message]:
    """What specialists spent minutes on: answers, with or without them, and calls on which somebody spoke."""
    silent = CallNote.objects.filter(
        call__consult=OuterRef("consult"), signed_by=OuterRef("author"), signed_at=OuterRef("created_at"), minutes=None
    )
    rows = Message.objects.filter(Q(kind=Message.Kind.ANSWER) | Q(minutes__isnull=False), consult=consult)
    return rows.filter(~Exists(silent))


def until(message: Message) -> date:
    """The last day, in network time, on which its minutes may be mended."""
    return after_months(message.created_at.astimezone(NETWORK).date(), settings.MINUTES_MENDED_MONTHS)


def sees_all(consult: Consult, person: Person) -> bool:
    """Whether this person may see everybody's minutes in it, and what they were: those who see them in the figures."""
    actor = person.actor
    return consult.specialty_id in actor.leads or actor.is_network_administrator or actor.is_auditor


def spent(consult: Consult, *, person: Person, now: datetime) -> list[Spent]:
    """What this person may see of the minutes of a consult they may read: their own, or all."""
    rows = counted(consult).select_related("author").prefetch_related("mends")
    if not sees_all(consult, person):
        rows = rows.filter(author=person) if person.actor.specialist_in else rows.none()
    today = now.astimezone(NETWORK).date()
    return [
        Spent(row, until(row), row.author_id == person.pk and today <= until(row), list(row.mends.all()))
        for row in rows
    ]


@transaction.atomic
def mend(message: Message, *, by: Person, minutes: int, reason: str, at: datetime) -> MinutesMend:
    """Set one's minutes right, with the reason. What follows from them follows from these.

    Raises Refused for anybody but its author, Conflict once its time is over, Invalid for the minutes or the reason.
    """
    consult = Consult.objects.select_for_update(of=("self",)).get(pk=message.consult_id)
    row = counted(consult).filter(pk=message.pk).first()
    if row is None or row.author_id != by.pk or not by.actor.specialist_in:
        raise Refused("Only the specialist whose minutes they are mends them.")
    if at.astimezone(NETWORK).date() > until(row):
        raise Conflict(f"These minutes could be mended until {until(row):%d %b %Y}.")
    why = " ".join(reason.replace("\0", "").split())
    _check(row, minutes=minutes, why=why)
    made = MinutesMend.objects.create(message=row, by=by, at=at, before=row.minutes, after=minutes, reason=why)
    audit.record(
        by=by,
        action="consult.minutes",
        object_type="consult",
        object_id=consult.number,
        organization_id=consult.organization_id,
        before=made.before,
        after=made.after,
    )
    return made


def _check(row: Message, *, minutes: int, why: str) -> None:
    if not 1 <= minutes <= MAX_MINUTES:
        raise Invalid(minutes=f"Give your minutes as a whole number from 1 to {MAX_MINUTES}.")
    if minutes == row.minutes:
        raise Invalid(minutes=f"These are the minutes on record: {minutes}.")
    if not 0 < len(why) <= MAX_REASON:
        raise Invalid(reason=f"Say in a few words why, in at most {MAX_REASON} characters.")
