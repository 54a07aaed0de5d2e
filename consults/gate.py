"""What a good question needs, and what one still lacks. Pure: values in, gaps in words out.

A gate is a section's own: per field whether it is required, how much is little enough to ask for more, and why it
matters in the section's words. Until a question meets it, it is a draft, and no clock runs.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

REQUIRED, OPTIONAL, OFF = "required", "optional", "off"
NEEDS = {REQUIRED: "Required", OPTIONAL: "Optional", OFF: "Not asked"}
NO_CONSENT, CONSENT_ASKED, CONSENT_REQUIRED = "off", "asked", "required"
CONSENTS = {
    NO_CONSENT: "Not asked",
    CONSENT_ASKED: "Asked, and noted where it is given",
    CONSENT_REQUIRED: "Required before a question is sent",
}
LONGEST_LEAST, LONGEST_WHY = 2000, 200


@dataclass(frozen=True)
class Field:
    """A part of a question: its name on the form, what to do where it is missing, and which needs it may have."""

    label: str
    act: str
    needs: Collection[str] = (REQUIRED, OPTIONAL)
    counts: bool = True
    """Whether its length is asked for."""


FIELDS: dict[str, Field] = {
    "reason": Field("What it is about", "Choose what you want help with.", counts=False),
    "question": Field("The question", "Write one specific question.", needs=(REQUIRED,)),
    "summary": Field("What the specialist needs to know", "Say what the specialist needs to know to answer."),
    "tried": Field("Read or tried", "Say what you have read or tried, or tick what you have read.", needs=NEEDS),
    "results": Field("Relevant results", "Give the results that matter, or attach them.", needs=NEEDS),
    "medicines": Field("Medicines and allergies", "List the medicines and allergies that matter.", needs=NEEDS),
}
TEXTS = ("question", "summary", "tried", "results", "medicines")
"""The parts of a question that are written freely, and may therefore name somebody."""
SPECIALTY = "Choose the specialty that should answer."
CONSENT = "Ask the patient, and say that they agreed: this section bills its answers."


@dataclass(frozen=True)
class Rule:
    """What is asked of one field. ``least`` counts characters, and only where the field is required."""

    need: str = OPTIONAL
    least: int = 0
    why: str = ""


@dataclass(frozen=True)
class Gate:
    """What a section asks of a question."""

    rules: Mapping[str, Rule]
    consent: str = NO_CONSENT

    def rule(self, name: str) -> Rule:
        return self.rules.get(name) or NETWORK.rules[name]

    def asks(self, name: str) -> bool:
        """Whether the field stands on the form at all."""
        return self.rule(name).need != OFF

    def as_json(self) -> dict[str, dict[str, Any]]:
        rules = {name: self.rule(name) for name in FIELDS}
        return {name: {"need": rule.need, "least": rule.least, "why": rule.why} for name, rule in rules.items()}


NETWORK = Gate(
    {
        "reason": Rule(REQUIRED, 0, "It says what kind of answer helps you."),
        "question": Rule(REQUIRED, 10, "Two questions in one are answered by half."),
        "summary": Rule(REQUIRED, 1, "Without it, the answer is a question back, and costs you a day."),
        "tried": Rule(OPTIONAL, 0, "The specialist does not send you back to it."),
        "results": Rule(OPTIONAL, 0, "Most questions back ask for a result."),
        "medicines": Rule(OFF, 0, "Doses and interactions depend on them."),
    }
)
"""What the network asks where a section has not said otherwise."""


def from_json(rules: Mapping[str, Mapping[str, Any]], consent: str) -> Gate:
    """A gate as it was kept. A field that was not known then is as the network has it."""
    return Gate({name: Rule(**dict(rule)) for name, rule in rules.items() if name in FIELDS}, consent)


@dataclass(frozen=True)
class Asked:
    """A question as far as the gate is concerned."""

    has_specialty: bool
    reason: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    documents: int = 0
    """How many were ticked as read; one of them says what was read."""
    files: int = 0
    """How many are attached; one of them may hold the results."""
    consented: bool = False


@dataclass(frozen=True)
class Gap:
    """What is missing: which field, what to do, and why it matters."""

    field: str
    act: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.act} {self.why}".strip()


def gaps(gate: Gate, asked: Asked) -> list[Gap]:
    """What this question still lacks, in the order of the form; nothing where it may be sent."""
    found = [] if asked.has_specialty else [Gap("specialty", SPECIALTY, "It decides who sees the question.")]
    for name in FIELDS:
        rule = gate.rule(name)
        if rule.need == REQUIRED and (act := _lacks(name, rule, asked)):
            found.append(Gap(name, act, rule.why))
    if gate.consent == CONSENT_REQUIRED and not asked.consented:
        found.append(Gap("consented", CONSENT))
    return found


def _lacks(name: str, rule: Rule, asked: Asked) -> str:
    """What to do about a required field; empty where it is there."""
    if name == "reason":
        return "" if asked.reason else FIELDS[name].act
    if (name == "tried" and asked.documents) or (name == "results" and asked.files):
        return ""
    length = len(asked.texts.get(name, "").strip())
    if not length:
        return FIELDS[name].act
    if length < rule.least:
        return f"Write a little more: at least {rule.least} characters; this has {length}."
    return ""


def advice(question: str) -> str:
    """A hint about the question itself, which never keeps it from being sent; empty where there is none."""
    marks = question.count("?")
    if marks > 1:
        return f"This reads as {marks} questions. One at a time is answered sooner: which matters most?"
    return ""


def problems(gate: Gate) -> dict[str, str]:
    """What is wrong with a gate that someone wants to keep, by field."""
    found: dict[str, str] = {}
    for name, one in FIELDS.items():
        rule = gate.rule(name)
        if rule.need not in one.needs:
            found[name] = f"Choose one of {', '.join(one.needs)}."
        elif not 0 <= rule.least <= (LONGEST_LEAST if name != "question" else 300):
            found[name] = f"Ask for at most {LONGEST_LEAST if name != 'question' else 300} characters."
        elif len(rule.why) > LONGEST_WHY:
            found[name] = f"Say why in at most {LONGEST_WHY} characters."
    if gate.consent not in CONSENTS:
        found["consent"] = f"Choose one of {', '.join(CONSENTS)}."
    return found
