"""What every consult service begins and ends with."""

from datetime import datetime
from functools import cache

from consults.models import AnswerDraft, Consult, TimelineEntry
from consults.policy import Action, Facts, state_allows, who_may
from portal.common import audit, tenancy, words
from portal.common.planned import planned
from portal.common.refusals import Conflict, Refused
from portal.common.rows import Taken, add, columns, save
from portal.fees.services import standing
from portal.members.models import Organization, Person, Specialty
from portal.members.policy import Denied
from portal.members.services import membership

MAX_TEXT = 20_000
# Written out, because everything done with a consult begins with it.
_HELD = """
WITH c AS MATERIALIZED (SELECT * FROM consults_consult WHERE id = %s FOR UPDATE)
SELECT {consults}, {specialties}, {organizations}, {requesters}, {assignees}
  FROM c LEFT JOIN members_specialty s ON s.id = c.specialty_id JOIN members_organization o ON o.id = c.organization_id
  JOIN members_person r ON r.id = c.requester_id LEFT JOIN members_person a ON a.id = c.assignee_id
"""


def lock(consult: Consult, *, action: Action, by: Person) -> Consult:
    """The consult's row as it is now, held until the transaction ends, if ``by`` may do ``action`` with it.

    Raises Refused or Conflict, with the reason in words for the person.
    """
    row = held(consult)
    check(row, action=action, by=by)
    return row


def held(consult: Consult) -> Consult:
    """The consult's row as it is now, held until the transaction ends, with the rows it names.

    Those are found by what the row says once it is held: a wait for it may have changed who has it, and where it is.
    """
    with planned() as cursor:
        cursor.execute(_held(), [consult.pk])
        found = cursor.fetchone()
    if found is None:
        raise Consult.DoesNotExist
    beside = Taken(found)
    row, specialty, organization = beside.row(Consult), beside.row(Specialty), beside.row(Organization)
    assert row is not None
    row.specialty, row.organization = specialty, organization  # type: ignore[assignment] # a consult has one
    row.requester, row.assignee = beside.row(Person), beside.row(Person)  # type: ignore[assignment]
    return row


@cache
def _held() -> str:
    return _HELD.format(
        consults=columns(Consult, "c"),
        specialties=columns(Specialty, "s"),
        organizations=columns(Organization, "o"),
        requesters=columns(Person, "r"),
        assignees=columns(Person, "a"),
    )


def check(row: Consult, *, action: Action, by: Person) -> None:
    """Raise Refused where ``by`` may not do this, Conflict where the state does not allow it."""
    if isinstance(decision := who_may(by.actor, action, Facts.of(row)), Denied):
        raise Refused(decision.reason)
    if isinstance(decision := state_allows(action, row.state), Denied):
        raise Conflict(decision.reason)


def check_standing(organization: Organization, *, by: Person, what: str, is_suspended: bool = True) -> None:
    """Raise Refused where the organization's membership is suspended, has ended or has not begun: then new ``what``
    wait, and nothing else does.

    What is open is answered, reading goes on, notices of safety arrive: nobody is cut off in the midst of care. Whoever
    may see what the organization is billed reads what is overdue, the others whom to turn to. ``is_suspended`` is
    False where the caller knows that it is not, which spares the looking.
    """
    if reason := membership.why_not(organization, what=what):
        raise Refused(reason)
    if not is_suspended or not (found := standing.suspension(organization)):
        return
    since, owed = found
    why = " ".join(owed) if organization.pk in by.actor.administrator_of else ""
    raise Refused(
        f"The membership of {organization.name} is suspended since {since.day} {since:%B %Y}, so new {what} wait. "
        "What is open goes on. " + (why or "The administrators of your organization see under Invoices what is due.")
    )


def text_of(value: str, *, field: str = "text") -> str:
    """The text, trimmed. Raises Invalid when nothing is left, or too much."""
    return words.said(value, field=field, most=MAX_TEXT)


def note(consult: Consult, kind: TimelineEntry.Kind, *, at: datetime, by: Person | None, detail: str = "") -> None:
    """One line on the timeline that both sides read."""
    add(entry(consult, kind, at=at, by=by, detail=detail))


def entry(
    consult: Consult, kind: TimelineEntry.Kind, *, at: datetime, by: Person | None, detail: str = ""
) -> TimelineEntry:
    """The same line, not yet written."""
    return TimelineEntry(consult=consult, kind=kind, at=at, actor=by, detail=detail[:500])


def finish(consult: Consult, *, action: str, by: Person, at: datetime) -> None:
    """Save the row and write the audit event. A consult that has ended keeps nobody's half-written answer."""
    consult.changed_at = at
    if consult.ended_at:
        with tenancy.everything():  # the requester who ends it sees no draft of an answer
            AnswerDraft.objects.filter(consult=consult).delete()
    save(consult)
    audit.record(
        by=by,
        action=f"consult.{action}",
        object_type="consult",
        object_id=consult.number,
        organization_id=consult.organization_id,
    )
