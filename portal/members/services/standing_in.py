"""Looking at the site as somebody else: for a reason, for a time, and on the record with both names."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from portal.common import circumstances, tenancy
from portal.common.audit import record
from portal.common.notices import tell
from portal.common.refusals import Invalid, Refused
from portal.members.models import Person, StandIn
from portal.members.policy import Denied, can_stand_in

LONGEST = 300


@transaction.atomic
def begin(*, by: Person, person: Person, reason: str, at: datetime) -> StandIn:
    """Let ``by`` look as ``person`` for STAND_IN_MINUTES; the person is told. What ran before ends.

    Raises Refused for who may not and whom nobody may, Invalid without a reason.
    """
    decision = can_stand_in(by.actor, person.actor)
    if isinstance(decision, Denied) or not person.can_sign_in:
        raise Refused(decision.reason if isinstance(decision, Denied) else "This account is not active.")
    reason = " ".join(reason.replace("\0", "").split())
    if not reason or len(reason) > LONGEST:
        raise Invalid(reason=f"Write why, in at most {LONGEST} characters.")
    Person.objects.select_for_update(no_key=True).get(pk=by.pk)
    for row in StandIn.objects.filter(administrator=by, ended_at=None).select_related("person", "administrator"):
        end(stand_in=row, at=at)
    ends_at = at + timedelta(minutes=settings.STAND_IN_MINUTES)
    row = StandIn.objects.create(administrator=by, person=person, reason=reason, began_at=at, ends_at=ends_at)
    _record(row, "begin", reason=reason, minutes=settings.STAND_IN_MINUTES)
    tell(
        person=person,
        kind="stand-in",
        text=f"{by.name}, an administrator of the network, looks at the site as you. The page says why.",
        path="/account/stand-ins/",
        key=f"stand-in:{row.pk}",
    )
    return row


def end(*, stand_in: StandIn, at: datetime) -> None:
    """End it, at the latest at the end of its time. A second call changes nothing."""
    with tenancy.everything():
        over = StandIn.objects.filter(pk=stand_in.pk, ended_at=None)
        was_in_time = at < stand_in.ends_at
        if over.update(ended_at=at if was_in_time else F("ends_at")):
            _record(stand_in, "end" if was_in_time else "run out")


def may_go_on(stand_in: StandIn, *, at: datetime) -> bool:
    """Whether it holds still: its time, and what both of them are."""
    both = can_stand_in(stand_in.administrator.actor, stand_in.person.actor)
    return stand_in.holds(at) and bool(both) and stand_in.person.can_sign_in


def _record(row: StandIn, act: str, **detail: Any) -> None:
    with circumstances.standing_in(row.administrator):
        record(by=row.person, action=f"stand-in.{act}", object_type="person", object_id=row.person_id, **detail)
