"""Sending a question: complete, free of likely identifiers or attested, routed, and the clock started."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from consults import gate, routing, statements
from consults.languages import name_of
from consults.models import Assignment, Consult, RoutingPolicy, Statement, TimelineEntry
from consults.policy import Action
from consults.services import assigning, base, clockwork, gating, people, promising, telling
from consults.services.known import Known, known_of
from portal.common import identifiers
from portal.common.refusals import Conflict, Invalid
from portal.common.rows import add
from portal.members.models import Person, Role, Specialty
from portal.members.policy import Denied

Entry = TimelineEntry.Kind


def findings(consult: Consult) -> list[identifiers.Finding]:
    """What looks like a patient identifier in whatever was written freely."""
    return [finding for name in gate.TEXTS for finding in identifiers.find(getattr(consult, name))]


def _route(row: Consult, known: Known, *, at: datetime) -> dict[str, str]:
    """Why the question cannot go where it is addressed; empty when it can."""
    if not row.specialty_id:
        return {}
    if row.named_specialist:
        if not known.policy.direct_allowed:
            return {"assignee": f"{row.specialty} answers from its queue: leave the choice of the specialist open."}
        decision = routing.may_serve(assigning.candidate(row.named_specialist), assigning.asked(row, now=at), now=at)
        return {"assignee": decision.reason} if isinstance(decision, Denied) else {}
    if not known.is_answered_for:
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
    known = known_of(row, now=at)
    base.check_standing(row.organization, by=by, what="questions", is_suspended=known.is_suspended)
    met, found = known.gate.gate if known.gate else gate.NETWORK, findings(row)
    asked = gating.asked(row, consented=consented, documents=known.documents, files=known.files)
    problems = _missing(row, known, gate.gaps(met, asked), found if not attested else []) or _route(row, known, at=at)
    if problems:
        raise Invalid(**problems)
    row.submitted_at, row.gate = at, known.gate
    row.attested_at = at if found else None
    row.state, row.assignee = Consult.State.QUEUED, row.named_specialist
    terms = clockwork.Terms(promising.version_for(row, known.promises), known.ladder)
    clockwork.start(row, at=at, why="sent", terms=terms)
    _write(row, by=by, at=at, consented=consented and met.consent != gate.NO_CONSENT)
    if not row.assignee and known.policy.mode == RoutingPolicy.Mode.ASSIGN:
        assigning.place(row, at=at)
    telling.sent(row, at=at, here=known.here)
    if known.is_for_colleague:
        people.sent_for(row, at=at)
    base.finish(row, action="send", by=by, at=at)
    return row


def _missing(row: Consult, known: Known, gaps: Sequence[gate.Gap], found: list[identifiers.Finding]) -> dict[str, str]:
    """What must be mended in what was written, by field."""
    problems = {gap.field: str(gap) for gap in gaps}
    if not problems and found:
        words = ", ".join(sorted({finding.kind for finding in found}))
        problems["attested"] = f"The text seems to hold {words}. Take it out, or confirm that it identifies nobody."
    if row.urgency not in dict(promising.urgencies_among(promise.urgency for promise in known.promises)):
        problems["urgency"] = "Nothing is promised for this urgency any more. Choose another."
    return problems


def _tongue(row: Consult) -> str:
    return f", to be answered in {name_of(row.language)}" if row.language else ""


def _write(row: Consult, *, by: Person, at: datetime, consented: bool) -> None:
    """Keep that it was sent, what the author stated in the words they read, and whom it was given to."""
    rows: list[Statement | Assignment] = []
    entries = [base.entry(row, Entry.SUBMITTED, at=at, by=by, detail=f"To {row.specialty}{_tongue(row)}")]
    for kind, entry in _stated(row, consented=consented):
        wording, sentence = statements.sentence(kind)
        rows.append(Statement(consult=row, kind=kind, wording=wording, sentence=sentence, made_by=by, made_at=at))
        entries.append(base.entry(row, entry, at=at, by=by, detail=f"“{sentence}” (wording {wording})"))
    if row.assignee:
        row.state = Consult.State.ASSIGNED
        rows.append(Assignment(consult=row, specialist=row.assignee, started_at=at))
        entries.append(base.entry(row, Entry.ASSIGNED, at=at, by=by, detail=row.assignee.name))
    add(*rows, *entries)


def _stated(row: Consult, *, consented: bool) -> list[tuple[Statement.Kind, TimelineEntry.Kind]]:
    """What the author stated, and as what the timeline shows it."""
    stated = []
    if row.attested_at:
        stated.append((Statement.Kind.ATTESTATION, Entry.ATTESTED))
    if consented:
        stated.append((Statement.Kind.CONSENT, Entry.CONSENTED))
    return stated
