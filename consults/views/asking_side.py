"""What stands beside a question while it is written: what matches, who answers and how soon, what is still missing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.html import format_html

from consults import figures, gate, redaction
from consults.arithmetic import in_words
from consults.calendars import ELAPSED
from consults.forms import AskForm
from consults.models import Consult, OnCallDay
from consults.services import expecting, learning, rota
from knowledge import search
from knowledge.models import Document
from knowledge.search import Hit
from portal.common import identifiers
from portal.common.templatetags.words import brief
from portal.members import directory
from portal.members.models import Organization, Person, Specialty

SEARCHED, ANSWERS, DOCUMENTS, NAMED = 12, 3, 5, 3
"""How many hits are looked through, and how many FAQ answers, other documents and people are shown."""
ENOUGH = 3
"""So many characters say nothing yet."""


@dataclass(frozen=True)
class Flagged:
    """What looks like an identifier, in which field, and the word that would stand for it."""

    field: str
    label: str
    kind: str
    words: str

    @property
    def word(self) -> str:
        return identifiers.WORDS[self.kind]


def beside(person: Person, form: AskForm, *, draft: Consult | None, now: datetime) -> dict[str, Any]:
    """The context of the side panel, and of what is renewed with it, for what is typed so far."""
    text = f"{_typed(form, 'question')} {_typed(form, 'summary')}".strip()
    offered = form.offered
    specialty = next((row for row in offered if row.slug == str(form["specialty"].value() or "")), None)
    asks = len(text) > ENOUGH and not specialty
    learned = [row for row in learning.suggest(text) if row.specialty in offered] if asks else []
    suggested = learned or ([row for row in search.specialties_for(text) if row.specialty in offered] if asks else [])
    likely = specialty or (suggested[0].specialty if suggested else None)
    files = draft.attachments.count() if draft else 0
    return {
        **_matching(text, person),
        "learned": bool(learned),
        "suggested": suggested,
        "findings": flagged(form),
        **_taken(form),
        "specialty": specialty,
        "missing": gate.gaps(form.gate, form.asked(files=files)),
        "advice": gate.advice(_typed(form, "question")),
        **_who(likely, now),
        **_promised(person, form, specialty, now),
    }


def _typed(form: AskForm, name: str) -> str:
    return str(form[name].value() or "").replace("\r\n", "\n")[:20_000]


def flagged(form: AskForm) -> list[Flagged]:
    """What looks like an identifier, each piece of a field once."""
    found = [
        Flagged(name, str(form.fields[name].label), finding.kind, finding.words)
        for name in gate.TEXTS
        for finding in identifiers.find(_typed(form, name))
    ]
    return list(dict.fromkeys(found))


def _taken(form: AskForm) -> dict[str, Any]:
    """What was replaced by bracketed words earlier, and can still be put back."""
    texts = {name: _typed(form, name) for name in gate.TEXTS}
    pieces = redaction.standing(texts, redaction.from_json(str(form.data.get("replaced", ""))))
    return {"taken": pieces, "replaced": redaction.as_json(pieces)}


def _matching(text: str, person: Person) -> dict[str, Any]:
    """What this person may read that matches: earlier answers apart from other documents."""
    hits = search.matching_documents(text, person=person, limit=SEARCHED) if len(text) > ENOUGH else []

    def of(faq: bool, most: int) -> list[Hit]:
        return [hit for hit in hits if (hit.document.kind == Document.Kind.FAQ) == faq][:most]

    return {"answers": of(True, ANSWERS), "matching": of(False, DOCUMENTS)}


def _who(specialty: Specialty | None, now: datetime) -> dict[str, Any]:
    """Who answers for the specialty, as the directory shows them, and how soon they lately did."""
    if specialty is None:
        return {"likely": None}
    expected = figures.expected_time(specialty.pk, now=now)
    duty = OnCallDay.objects.filter(specialty=specialty, day=rota.today(now)).select_related("primary").first()
    experts = directory.experts([specialty], limit=NAMED)
    listed = directory.specialists(specialties=[specialty.pk]).count()
    return {
        "likely": specialty,
        "experts": experts,
        "more_experts": listed - len(experts),
        "on_call": duty.primary if duty else None,
        "expected": expected,
        "looks": None if expected.median else expecting.next_by_rota(specialty, now=now),
    }


def _promised(person: Person, form: AskForm, specialty: Specialty | None, now: datetime) -> dict[str, Any]:
    """What would be promised if this were sent now; each urgency offered says by when."""
    slug = str(form["organization"].value() or "") if "organization" in form.fields else ""
    places = Organization.objects.filter(pk__in=person.actor.clinician_in).order_by("pk")
    mine = list(places)
    place = next((row for row in mine if row.slug == slug), mine[0] if mine else None)
    offered: list[tuple[str, str]] = [(Consult.Urgency.STANDARD.value, "")]
    if "urgency" in form.fields:
        offered = list(form.fields["urgency"].choices)  # type: ignore[attr-defined]
    promises = expecting.promised(place, specialty, urgencies=[value for value, _ in offered], now=now)
    if "urgency" in form.fields:
        form.fields["urgency"].choices = [  # type: ignore[attr-defined]
            (value, format_html("{}: answered by {}", label, brief(promises[value].due_at))) for value, label in offered
        ]
    chosen = str(form["urgency"].value() or "") if "urgency" in form.fields else ""
    promise = promises.get(chosen) or promises[offered[0][0]]
    return {
        "promise_due": promise.due_at,
        "promise_words": in_words(promise.length).replace(" h", " hours", 1),
        "promise_counting": promise.counting.words if promise.counting is not ELAPSED else "",
    }
