"""Short ways to the state a test begins with, through the services."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from consults.models import Consult
from consults.services import answering, drafting, requesting, sending
from portal.members.models import Person
from tests.cast import Cast

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
"""When the consult of a test is sent."""


def after(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def drafted(
    cast: Cast, *, by: Person | None = None, to: Person | None = None, at: datetime = NOON, **content: object
) -> Consult:
    fields = {
        "specialty": cast.cardiology,
        "reason": "dosing",
        "question": "Which dose of apixaban at an eGFR of 22?",
        "summary": "72-year-old with atrial fibrillation, 70 kg, eGFR 22 mL/min and stable.",
        "named_specialist": to,
    } | content
    return drafting.start_draft(
        by=by or cast.clinician_prairie,
        organization_id=None,
        content=drafting.Content(**fields),  # type: ignore[arg-type]
        at=at,
    )


def sent(cast: Cast, *, by: Person | None = None, to: Person | None = None, at: datetime = NOON) -> Consult:
    author = by or cast.clinician_prairie
    return sending.send(drafted(cast, by=author, to=to), by=author, attested=False, at=at)


def claimed(cast: Cast, hours: float = 1) -> Consult:
    return answering.claim(sent(cast), by=cast.specialist, at=after(hours))


def waiting(cast: Cast) -> Consult:
    return answering.ask_back(claimed(cast), by=cast.specialist, text="Which weight?", at=after(2))


def answered(cast: Cast, hours: float = 5) -> Consult:
    return answering.answer(
        claimed(cast), by=cast.specialist, text="5 mg twice daily.", documents=[], minutes=12, at=after(hours)
    )


def closed(cast: Cast) -> Consult:
    return requesting.close(
        answered(cast), by=cast.clinician_prairie, course="new", referral="avoided", value=5, at=after(6)
    )


def withdrawn(cast: Cast) -> Consult:
    return requesting.withdraw(sent(cast), by=cast.clinician_prairie, at=after(1))


def declined(cast: Cast) -> Consult:
    return answering.decline(claimed(cast), by=cast.specialist, reason="Not a question for us.", at=after(2))


IN_STATE: dict[str, Callable[[Cast], Consult]] = {
    "draft": drafted,
    "queued": sent,
    "assigned": claimed,
    "waiting": waiting,
    "answered": answered,
    "closed": closed,
    "withdrawn": withdrawn,
    "declined": declined,
}
