"""Pointing out what looks like a patient identifier in free text. Pure.

A warning, never a guarantee: what it does not find may still be there, and it never changes the text. The kinds
follow the Safe Harbor list, 45 CFR 164.514(b)(2).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_STREET = r"(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd|court|ct)"
_RECORD = r"(?:mrn|med(?:ical)? rec(?:ord)?(?: (?:no|number))?|chart|account|acct)"
_RULES = (
    ("an e-mail address", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}\b"),
    ("a social security number", r"\b\d{3}-\d{2}-\d{4}\b"),
    ("a telephone number", r"(?<![\d.])(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b"),
    ("a record number", rf"\b{_RECORD}\b\W{{0,3}}(?:(?:no|number|is)\W{{0,3}})?[A-Z]{{0,3}}\d{{4,}}"),
    ("a date of birth", r"\b(?:dob|d\.o\.b\.|born(?: on)?|date of birth)\W{0,3}[\w ,/.-]{0,20}\d{2,4}"),
    ("an exact date", r"\b(?:0?[1-9]|1[0-2])[/.-](?:0?[1-9]|[12]\d|3[01])[/.-](?:19|20)?\d{2}\b"),
    ("an exact date", r"\b(?:19|20)\d{2}-\d{2}-\d{2}\b"),
    ("an exact date", rf"\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d{{2}}\b"),
    ("an exact date", rf"\b\d{{1,2}} {_MONTH}\.?,? (?:19|20)\d{{2}}\b"),
    ("an age over 89", r"\b(?:9\d|1[01]\d)[ -]?(?:years?|yrs?|y\.?o\.?|y/o)\b"),
    ("a street address", rf"\b\d{{1,5}} (?:[NSEW]\.? )?[A-Za-z][a-z]+(?: [A-Za-z][a-z]+)? {_STREET}\b\.?"),
    ("a web or network address", r"\bhttps?://\S+|\b(?:\d{1,3}\.){3}\d{1,3}\b"),
)
# Names need their capitals: after a title, or after "patient" or "named".
_WORD = r"[A-Z][a-z'’-]+"
_NAMES = (
    rf"\b(?:Mr|Mrs|Ms|Miss|Mx)\.? [A-Z][\w'’-]+(?: {_WORD})?",
    rf"\b(?:[Pp]atient(?:'s name)?(?: is)?(?: named| called)?|[Nn]amed|[Cc]alled|[Nn]ame:?) {_WORD} {_WORD}",
)
_COMPILED = [(kind, re.compile(rule, re.IGNORECASE)) for kind, rule in _RULES] + [
    ("a person's name", re.compile(rule)) for rule in _NAMES
]


@dataclass(frozen=True)
class Finding:
    """What it looks like, the words, and where they stand in the text."""

    kind: str
    words: str
    start: int
    end: int


def find(text: str) -> list[Finding]:
    """What looks like an identifier, in order, overlapping findings merged into the first."""
    found = sorted(_all(text), key=lambda finding: (finding.start, -finding.end))
    kept: list[Finding] = []
    for finding in found:
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
    return kept


def _all(text: str) -> Iterator[Finding]:
    for kind, rule in _COMPILED:
        for match in rule.finditer(text):
            yield Finding(kind, match.group().strip(), match.start(), match.end())


WORDS = {
    "an e-mail address": "[e-mail]",
    "a social security number": "[number]",
    "a telephone number": "[phone]",
    "a record number": "[record number]",
    "a date of birth": "[birth date]",
    "an exact date": "[date]",
    "an age over 89": "[90 or older]",
    "a street address": "[address]",
    "a web or network address": "[address]",
    "a person's name": "[name]",
}
"""What stands in the place of each kind once it is taken out."""


@dataclass(frozen=True)
class Replaced:
    """One piece that was taken out: where its bracketed word begins in the new text, that word, and what it was."""

    start: int
    word: str
    words: str


PASSES = 5
"""Taking one piece out can make another stand out; so many times is looked again."""


def redact(text: str, *, only: str = "") -> tuple[str, list[Replaced]]:
    """The text with each finding (or those whose words are ``only``) replaced by a bracketed word, and what was."""
    replaced: list[Replaced] = []
    for _ in range(1 if only else PASSES):
        text, pieces = _redact_once(text, only)
        if not pieces:
            break
        replaced += pieces
    return text, replaced


def _redact_once(text: str, only: str) -> tuple[str, list[Replaced]]:
    parts: list[str] = []
    replaced: list[Replaced] = []
    last = length = 0
    for finding in find(text):
        if only and finding.words != only:
            continue
        end = finding.start + len(finding.words)  # without the blanks around it
        before, word = text[last : finding.start], WORDS[finding.kind]
        replaced.append(Replaced(length + len(before), word, finding.words))
        parts += [before, word]
        length += len(before) + len(word)
        last = end
    return "".join([*parts, text[last:]]), replaced


def restore(text: str, replaced: list[Replaced]) -> str:
    """Put back what was taken out, the last first: where its bracketed word stands, or the nearest such word."""
    for one in reversed(replaced):
        places = [match.start() for match in re.finditer(re.escape(one.word), text)]
        if places:
            at = min(places, key=lambda place: abs(place - one.start))
            text = text[:at] + one.words + text[at + len(one.word) :]
    return text
