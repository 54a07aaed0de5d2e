"""Two calls of the demonstration: one that waits, one that is noted."""

from datetime import datetime, timedelta

from consults.services import calls
from portal.members.models import Person, Specialty

NUMBER = "217 555 0143"


def load_calls(now: datetime) -> None:
    """A noted call of this morning, and one asked for three minutes ago, through the services."""
    lead, one, asks = (
        Person.objects.get(email=address)
        for address in ("lead@network.example", "specialist@network.example", "clinician@prairie.example")
    )
    specialty = Specialty.objects.get(slug="cardiology")
    calls.set_policy(by=lead, specialty=specialty, minutes=30, dial="217 555 0100")
    at = now - timedelta(hours=3)
    past = calls.request_call(
        by=asks,
        specialty=specialty,
        number=NUMBER,
        topic="May apixaban be restarted two days after a small bowel resection?",
        at=at,
    )
    calls.take(past, by=one, at=at + timedelta(minutes=7))
    note = calls.Note(
        outcome="advised",
        asked="Full or reduced dose on day two, drain dry, hemoglobin stable.",
        advised="Wait for day three; then the full dose, if the surgeon agrees and the drain stays dry.",
        minutes=6,
    )
    calls.sign_note(past, by=one, note=note, at=at + timedelta(minutes=15))
    calls.request_call(
        by=asks,
        specialty=specialty,
        number=NUMBER,
        topic="Which rate control in new atrial fibrillation with soft pressures?",
        at=now - timedelta(minutes=3),
    )
