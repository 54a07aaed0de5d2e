"""What the author of a question states, word for word and numbered: the wording that was read is the one that is kept.

Never change a sentence that has a number; add one below it.
"""

ATTESTATION, CONSENT = "attestation", "consent"
SENTENCES: dict[str, list[str]] = {
    ATTESTATION: ["I have checked: nothing in this text identifies a patient."],
    CONSENT: ["The patient agreed that a specialist is asked about their care, and that this may be billed."],
}


def sentence(kind: str) -> tuple[int, str]:
    """The present wording and its number, from 1."""
    wordings = SENTENCES[kind]
    return len(wordings), wordings[-1]
