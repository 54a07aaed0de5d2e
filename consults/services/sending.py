"""Sending a question: complete, free of likely identifiers or attested, routed, and the clock started."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from consults import gate, routing, statements
from consults.languages import name_of
from consults.models import Assignment, Consult, Statement, TimelineEntry
from consults.policy import Action
from consults.services import assigning, base, clockwork, gating, people, promising, telling
from portal.common import identifiers
from portal.common.refusals import Conflict, Invalid
from portal.members.models import Person, Role, Specialty
from portal.members.policy import Denied


def findings(consult: Consult) -> list[identifiers.Finding]:
    """What looks like a patient identifier in whatever was written freely."""
    return [finding for name in gate.TEXTS for finding in identifiers.find(getattr(consult, name))]


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
def send(consult: Consult, *, by: Person, attested: bool, at: datetime, consented: bool = False) -> Consult:
    """Send the draft: it is promised an answer within 48 hours from ``at``.

    It keeps the gate that it met, and what its author stated. Raises Invalid naming each field that the section's gate
    misses, or ``attested`` when likely identifiers are left in the text and the author has not said that they are none;
    Refused, also while the membership of the requester's organization is suspended; Conflict.
    """
    row = base.lock(consult, action=Action.SEND, by=by)
    if row.set_aside_at:
        raise Conflict(f"{row.number} was ended by reading. Take it up again to send it.")
    base.check_standing(row.organization, by=by, what="questions")
    version = gating.version_of(row.specialty_id)
    met = version.gate if version else gate.NETWORK
    problems = {gap.field: str(gap) for gap in gate.gaps(met, gating.asked(row, consented=consented))}
    if not problems and (found := findings(row)) and not attested:
        words = ", ".join(sorted({finding.kind for finding in found}))
        problems["attested"] = f"The text seems to hold {words}. Take it out, or confirm that it identifies nobody."
    if row.urgency not in dict(promising.urgencies()):
        problems["urgency"] = "Nothing is promised for this urgency any more. Choose another."
    problems = problems or _route(row, by=by, at=at)
    if problems:
        raise Invalid(**problems)
    row.submitted_at, row.gate = at, version
    row.attested_at = at if findings(row) else None
    row.state, row.assignee = Consult.State.QUEUED, row.named_specialist
    clockwork.start(row, at=at, why="sent", promise=promising.promise_for(row))
    base.note(row, TimelineEntry.Kind.SUBMITTED, at=at, by=by, detail=f"To {row.specialty}{_tongue(row)}")
    _state(row, by=by, at=at, consented=consented and met.consent != gate.NO_CONSENT)
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


def _tongue(row: Consult) -> str:
    return f", to be answered in {name_of(row.language)}" if row.language else ""


def _state(row: Consult, *, by: Person, at: datetime, consented: bool) -> None:
    """Keep what the author stated, in the words they read, and say so on the timeline."""
    stated = []
    if row.attested_at:
        stated.append((Statement.Kind.ATTESTATION, TimelineEntry.Kind.ATTESTED))
    if consented:
        stated.append((Statement.Kind.CONSENT, TimelineEntry.Kind.CONSENTED))
    for kind, entry in stated:
        wording, sentence = statements.sentence(kind)
        Statement.objects.create(consult=row, kind=kind, wording=wording, sentence=sentence, made_by=by, made_at=at)
        base.note(row, entry, at=at, by=by, detail=f"“{sentence}” (wording {wording})")
