"""Sending a question: complete, free of likely identifiers or attested, routed, and the clock started."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from consults import routing
from consults.models import Assignment, Consult, TimelineEntry
from consults.policy import Action
from consults.services import assigning, base, clockwork, people, promising, telling
from portal.common import identifiers
from portal.common.refusals import Invalid
from portal.members.models import Person, Role, Specialty
from portal.members.policy import Denied

MISSING = {
    "specialty": "Choose the specialty that should answer.",
    "reason": "Choose what you want help with.",
    "question": "Write one specific question.",
    "summary": "Say what the specialist needs to know to answer.",
}


def missing(consult: Consult) -> dict[str, str]:
    """What must still be filled in before this can be sent, each with what to do."""
    gaps = {name: text for name, text in MISSING.items() if not getattr(consult, name)}
    if "question" not in gaps and len(consult.question.strip()) < 10:
        gaps["question"] = "Write the question as a sentence of at least 10 characters."
    return gaps


def findings(consult: Consult) -> list[identifiers.Finding]:
    """What looks like a patient identifier in the question and the summary."""
    return identifiers.find(consult.question) + identifiers.find(consult.summary)


def _route(row: Consult, *, by: Person, at: datetime) -> dict[str, str]:
    """Why the question cannot go where it is addressed; empty when it can."""
    if not row.specialty_id:
        return {}
    if row.named_specialist:
        if not assigning.policy_of(row.specialty_id).direct_allowed:
            return {"assignee": f"{row.specialty} answers from its queue: leave the choice of the specialist open."}
        decision = routing.may_serve(assigning.candidate(row.named_specialist), assigning.asked(row, now=at), now=at)
        return {"assignee": decision.reason} if isinstance(decision, Denied) else {}
    if not answering_specialties().filter(pk=row.specialty_id).exists():
        return {"specialty": f"Nobody answers for {row.specialty} at present. Choose a neighbouring specialty."}
    return {}


def answering_specialties() -> QuerySet[Specialty]:
    """Specialties for which someone answers."""
    return Specialty.objects.filter(
        roles__name__in=[Role.Name.SPECIALIST, Role.Name.SECTION_LEAD], roles__person__is_active=True
    ).distinct()


@transaction.atomic
def send(consult: Consult, *, by: Person, attested: bool, at: datetime) -> Consult:
    """Send the draft: it is promised an answer within 48 hours from ``at``.

    Raises Invalid naming each field that is missing, or ``attested`` when likely identifiers are left in the text
    and the author has not said that they are none; Refused, Conflict.
    """
    row = base.lock(consult, action=Action.SEND, by=by)
    problems = missing(row)
    if not problems and (found := findings(row)) and not attested:
        words = ", ".join(sorted({finding.kind for finding in found}))
        problems["attested"] = f"The text seems to hold {words}. Take it out, or confirm that it identifies nobody."
    if row.urgency not in dict(promising.urgencies()):
        problems["urgency"] = "Nothing is promised for this urgency any more. Choose another."
    problems = problems or _route(row, by=by, at=at)
    if problems:
        raise Invalid(**problems)
    row.submitted_at = at
    row.attested_at = at if findings(row) else None
    row.state, row.assignee = Consult.State.QUEUED, row.named_specialist
    clockwork.start(row, at=at, why="sent", promise=promising.promise_for(row))
    base.note(row, TimelineEntry.Kind.SUBMITTED, at=at, by=by, detail=f"To {row.specialty}")
    if row.assignee:
        row.state = Consult.State.ASSIGNED
        Assignment.objects.create(consult=row, specialist=row.assignee, started_at=at)
        base.note(row, TimelineEntry.Kind.ASSIGNED, at=at, by=by, detail=row.assignee.name)
    else:
        assigning.place(row, at=at)
    telling.sent(row, at=at)
    people.sent_for(row, at=at)
    base.finish(row, action="send", by=by, at=at)
    return row
