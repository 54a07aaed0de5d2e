"""What every consult service begins and ends with."""

from datetime import datetime

from consults.models import AnswerDraft, Consult, TimelineEntry
from consults.policy import Action, Facts, state_allows, who_may
from portal.common import audit, tenancy, words
from portal.common.refusals import Conflict, Refused
from portal.fees.services import standing
from portal.members.models import Organization, Person
from portal.members.policy import Denied
from portal.members.services import membership

MAX_TEXT = 20_000


def lock(consult: Consult, *, action: Action, by: Person) -> Consult:
    """The consult's row as it is now, held until the transaction ends, if ``by`` may do ``action`` with it.

    Raises Refused or Conflict, with the reason in words for the person.
    """
    row = Consult.objects.select_for_update(of=("self",)).select_related("specialty", "requester").get(pk=consult.pk)
    check(row, action=action, by=by)
    return row


def check(row: Consult, *, action: Action, by: Person) -> None:
    """Raise Refused where ``by`` may not do this, Conflict where the state does not allow it."""
    if isinstance(decision := who_may(by.actor, action, Facts.of(row)), Denied):
        raise Refused(decision.reason)
    if isinstance(decision := state_allows(action, row.state), Denied):
        raise Conflict(decision.reason)


def check_standing(organization: Organization, *, by: Person, what: str) -> None:
    """Raise Refused where the organization's membership is suspended, has ended or has not begun: then new ``what``
    wait, and nothing else does.

    What is open is answered, reading goes on, notices of safety arrive: nobody is cut off in the midst of care. Whoever
    may see what the organization is billed reads what is overdue, the others whom to turn to.
    """
    if reason := membership.why_not(organization, what=what):
        raise Refused(reason)
    if not (found := standing.suspension(organization)):
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
    TimelineEntry.objects.create(consult=consult, kind=kind, at=at, actor=by, detail=detail[:500])


def finish(consult: Consult, *, action: str, by: Person, at: datetime) -> None:
    """Save the row and write the audit event. A consult that has ended keeps nobody's half-written answer."""
    consult.changed_at = at
    if consult.ended_at:
        with tenancy.everything():  # the requester who ends it sees no draft of an answer
            AnswerDraft.objects.filter(consult=consult).delete()
    consult.save()
    audit.record(
        by=by,
        action=f"consult.{action}",
        object_type="consult",
        object_id=consult.number,
        organization_id=consult.organization_id,
    )
