"""The membership of an organization: joining, active, ended, and active again; each a period that stays on record.

The one writer of both the periods and the state that the organization's row carries.
"""

from datetime import datetime

from django.db import transaction

from portal.common import words
from portal.common.audit import record
from portal.common.refusals import Conflict, Refused
from portal.members.models import Organization, Person
from portal.members.models_applications import MembershipPeriod
from portal.members.policy import Action, Denied, can

State = MembershipPeriod.State
LONGEST_WHY = 1000
SIGNED_FIRST = "Its first agreement is signed."
SIGNED_AGAIN = "Renewed: another agreement is signed."
ENDED = "The membership of this organization has ended. Reopen it first."


def why_not(organization: Organization, *, what: str) -> str:
    """Why new ``what`` of the organization wait, in a sentence; nothing where they do not."""
    match organization.membership:
        case Organization.Membership.ENDED:
            return (
                f"The membership of {organization.name} has ended, so no new {what} are taken. What is open goes on, "
                "and you can go on reading. The administrators of your organization can tell you more."
            )
        case Organization.Membership.JOINING:
            return f"{organization.name} is joining the network: new {what} wait until its first agreement is signed."
    return ""


def begin(
    organization: Organization,
    state: State,
    *,
    why: str,
    by: Person | None,
    at: datetime,
    since: datetime | None = None,
) -> MembershipPeriod:
    """Close the period that holds and begin the next; the first begins ``since``. Part of the caller's transaction.

    The caller holds the organization's row, or has just made it.
    """
    last = organization.periods.filter(ends_at=None).first()
    start = max(at, last.starts_at) if last else since or at
    if last:
        last.ends_at = start
        last.save(update_fields=["ends_at"])
    row = MembershipPeriod.objects.create(organization=organization, state=state, starts_at=start, why=why, by=by)
    if state != State.APPLIED:
        organization.membership = Organization.Membership(state)
        organization.save(update_fields=["membership"])
    return row


@transaction.atomic
def agreement_signed(organization: Organization, *, by: Person, is_first: bool, at: datetime) -> None:
    """An agreement makes a joining organization active, and is the renewal of an active one.

    Raises Conflict where the membership has ended.
    """
    row = lock(organization)
    if row.membership == Organization.Membership.ENDED:
        raise Conflict(ENDED)
    was = row.membership
    begin(row, State.ACTIVE, why=SIGNED_FIRST if is_first else SIGNED_AGAIN, by=by, at=at)
    organization.membership = row.membership
    if was == Organization.Membership.JOINING:
        _record(by, "begin membership", row)


@transaction.atomic
def end(organization: Organization, *, by: Person, reason: str, at: datetime) -> None:
    """End the membership: nothing new is taken; what is open, and reading, goes on.

    Raises Invalid without a reason, Conflict where it has ended already, Refused.
    """
    _check(by)
    row, why = lock(organization), reason_of(reason)
    if row.membership == Organization.Membership.ENDED:
        raise Conflict(f"The membership of {row.name} has ended already.")
    begin(row, State.ENDED, why=why, by=by, at=at)
    organization.membership = row.membership
    _record(by, "end membership", row)


@transaction.atomic
def reopen(organization: Organization, *, by: Person, reason: str, at: datetime) -> None:
    """Begin a new active period of a membership that has ended. Raises Invalid, Conflict, Refused."""
    _check(by)
    row, why = lock(organization), reason_of(reason)
    if row.membership != Organization.Membership.ENDED:
        raise Conflict(f"The membership of {row.name} has not ended.")
    begin(row, State.ACTIVE, why=why, by=by, at=at)
    organization.membership = row.membership
    _record(by, "reopen membership", row)


def reason_of(text: str) -> str:
    """The reason, trimmed. Raises Invalid where there is none, or too much."""
    return words.said(text, field="reason", most=LONGEST_WHY, empty="Say why.")


def lock(organization: Organization) -> Organization:
    """The organization as it is now, held until the transaction ends."""
    return Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)


def _check(by: Person) -> None:
    decision = can(by.actor, Action.MANAGE_ORGANIZATION)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)


def _record(by: Person, action: str, row: Organization) -> None:
    record(by=by, action=action, object_type="organization", object_id=row.pk, organization_id=row.pk)
