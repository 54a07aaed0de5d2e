"""Pointing out what looks like a patient identifier in free text. Pure.

A warning, never a guarantee: what it does not find may still be there, and it never changes the text. The kinds
follow the Safe Harbor list, 45 CFR 164.514(b)(2).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from portal.common.likely import codes, dates, days, distinct, eponyms, names, numbers, places, strangers, unknown

_COMPILED = [*numbers.COMPILED, *codes.COMPILED, *dates.COMPILED, *days.COMPILED, *places.COMPILED, *distinct.COMPILED]


@dataclass(frozen=True)
class Finding:
    """What it looks like, the words, and where they stand in the text."""

    kind: str
    words: str
    start: int
    end: int


def find(text: str, *, sure: bool = False) -> list[Finding]:
    """What looks like an identifier, in order; findings that overlap are one, of the kind of the first.

    ``sure`` leaves out words that are pointed out for being unknown alone: for texts that are refused for what is
    found, where nobody can say that it identifies nobody.
    """
    if not text:
        return []
    found = sorted(_all(text, sure=sure), key=lambda finding: (finding.start, -finding.end))
    kept: list[Finding] = []
    for finding in found:
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
        elif finding.end > kept[-1].end:
            first = kept.pop()
            kept.append(Finding(first.kind, text[first.start : finding.end].strip(), first.start, finding.end))
    return kept


def _all(text: str, *, sure: bool) -> Iterator[Finding]:
    for kind, rule in _COMPILED:
        for match in rule.finditer(text):
            start, end = match.span(match.lastindex or 0)  # a group marks the part of the match that identifies
            yield Finding(kind, text[start:end].strip(), start, end)
    named = chain(
        (("a place", span) for span in places.spans(text)),
        (("a person's name", span) for span in chain(names.spans(text), strangers.spans(text))),
        (("a person's name", span) for span in (() if sure else unknown.spans(text))),
    )
    nobody = list(eponyms.spans(text))
    for kind, (start, end) in named:
        if not any(first < end and start < last for first, last in nobody):
            yield Finding(kind, text[start:end], start, end)
    for start, end in days.spans(text):
        yield Finding("an exact date", text[start:end], start, end)
    for start, end in unknown.ages(text):
        yield Finding("an age over 89", text[start:end], start, end)


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
    "a place": "[place]",
    "a person's name": "[name]",
    "what sets somebody apart": "[detail]",
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
