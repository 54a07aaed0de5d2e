"""Pointing out what looks like a patient identifier in free text. Pure.

A warning, never a guarantee: what it does not find may still be there, and it never changes the text. The kinds
follow the Safe Harbor list, 45 CFR 164.514(b)(2).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from portal.common import names

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_STREET = (
    r"(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd|court|ct|way|place|pl|circle|trail|highway|hwy)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
# A number of 4 digits or more, or one with letters and hyphens, after the word for what it numbers.
_RECORD = (
    r"(?:mrn|med(?:ical)? rec(?:ord)?|chart|account|acct|encounter|accession|specimen"
    r"|specimen id|inmate|prisoner|student|donor|order(?! \d+ ?m)"
    r"|prescription|rx|policy|subscriber|member|medicare|medicaid|health plan|plan"
    r"|insurance|group|license|licence|plate|reads|vin"
    r"|serial|device|room|bed|case|claim|permit|certificate|passport|badge)"
)
_NUMBERED = r"(?:\s?(?:no|number|num|nr|id|is|plate|reads|serial)\b\.?|[#:.,]|\s){0,6}"
_NUMBER = r"(?:(?:[A-Z]{2,4}|rx) )?(?=[\w/-]*\d[\w/-]*\d)[A-Z]{0,4}[\dA-Z][\w-]*(?:[ -][\w-]*\d[\w-]*)*"
_AGE = r"(?:9\d|1[01]\d|ninety(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|(?:one )?hundred)"
_RULES = (
    ("an e-mail address", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,190}\b"),
    (
        "a social security number",
        r"\b\d{3}[- ]\d{2}[- ]\d{4}\b|\b(?:ssn|social(?: security)?)\b(?:[ :#.]|number|no|is|ending(?: in)?)*\d{4,9}",
    ),
    ("a telephone number", r"(?<![\d.])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}\b(?<!800-222-1222)"),
    (
        "a telephone number",
        (
            r"\b(?:phone|call(?: me)?|text(?: me)?|fax|cell|mobile|tel"
            r"|reach\w*)\b[^.?\d]{0,40}\+?\d{7,11}\b|(?<![\w-])\d{3}-\d{4}(?![\w-])"
        ),
    ),
    ("a record number", rf"\b{_RECORD}\b(?:[’']s)?(?:\s(?:of|for) \w+ [\w ]{{0,20}})?{_NUMBERED}{_NUMBER}"),
    ("a record number", r"\b(?:mrn|chart|room|bed)\b[ #:]*(?:[\d][\w-]*)"),
    ("a record number", r"#\s?[A-Z]{0,3}[\d-]{5,}|\b[A-Z]{1,3}-?\d{2}-\d{4,}\b"),
    (
        "a date of birth",
        (
            r"\b(?:dob|d\.o\.b\.|born(?: on)?|date of birth|birthday(?: is)?)\W{0,3}(?:the )?"
            rf"(?:\d[\w/.-]*|{_MONTH}\b\.?)(?:[ ,/-]{{1,2}}(?:of )?(?:\d[\w/.-]*|{_MONTH}\b\.?)){{0,2}}"
        ),
    ),
    (
        "an exact date",
        (
            rf"\b(?:0?[1-9]|1[0-2])[/.-]{_DAY}[/.-](?:19|20)?\d{{2}}\b|\b{_DAY}[.-](?:0?[1-9]"
            rf"|1[0-2])[.-](?:19|20)\d{{2}}\b"
        ),
    ),
    ("an exact date", r"\b(?:19|20)\d{2}[-/]\d{1,2}[-/]\d{1,2}\b"),
    (
        "an exact date",
        (
            rf"\b{_MONTH}\b\.?,? {_DAY}\b(?!\s?(?:%|percent|mg|weeks|months|days|patients"
            rf"|to \d))(?:,? (?:19|20)\d{{2}}\b)?"
        ),
    ),
    ("an exact date", rf"\b(?:the )?{_DAY}(?: of)? {_MONTH}\b\.?(?:,? (?:19|20)\d{{2}}\b)?"),
    (
        "an exact date",
        (
            r"\b(?:on|since|seen|admitted|discharged|vaccinated|operated|dated?|surgery|stent\w*"
            r"|in)(?: on)? ((?:0?[1-9]|1[0-2])/(?:0[1-9]|[12]\d|3[01])\b(?!/))"
        ),
    ),
    ("an age over 89", rf"\b{_AGE}[ -]?(?:years?|yrs?|y\.?o\.?|y/o)\b|\b(?:aged?|turns?|turned) {_AGE}\b"),
    (
        "a street address",
        rf"\b\d{{1,5}} (?:[NSEW]\.? )?(?:\d{{1,3}}(?:st|nd|rd|th)|[A-Z][a-z]+)(?: [A-Z][a-z]+){{0,2}} {_STREET}\b\.?",
    ),
    (
        "a street address",
        (
            r"\bp\.?o\.? box \d+(?:,? [A-Z]\w+)*|\b(?:county|rural|state) (?:road|route) \d+"
            r"|\bzip\W{0,3}(?:code )?\d{5}\b"
        ),
    ),
    ("a web or network address", r"\bhttps?://\S+|\bwww\.\S+|\b(?:\d{1,3}\.){3}\d{1,3}\b"),
)
# Where somebody lives or works, smaller than a state; the capitals count.
_PLACES = (
    (
        r"\b(?:[Ll]ives? (?:in|at|near|on)|[Rr]esid\w+ (?:of|in)|[Mm]ayor of|[Mm]ember (?:in"
        r"|of)|from(?: the)?"
        r"|patient in) ((?!Mayo)[A-Z][a-z]+(?: [A-Z][a-z]+)*(?:, [A-Z]{2}\b(?: \d{5})?)?)"
        r"(?= reserv|[,.:;]|$| (?:called|came|with|has|had|who|and|is|exposed)\b|\s\w+ [Cc]lin)"
    ),
    r"\b([A-Z][a-z]+(?: [A-Z][a-z]+)?, [A-Z]{2} \d{5})\b",
    r"\b([A-Z][a-z]+ County)\b",
)
_COMPILED = [(kind, re.compile(rule, re.IGNORECASE)) for kind, rule in _RULES]
_WHERE = [re.compile(rule) for rule in _PLACES]
# Where someone has been is no address: a whole country or state may be named.
_WIDE = re.compile(
    r"(?:Kenya|Ghana|Pakistan|India|China|Mexico|Brazil|Haiti|Nigeria|Vietnam|Ukraine|Syria"
    r"|Somalia|Sudan|Congo|Guatemala|Honduras"
    r"|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida"
    r"|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas"
    r"|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi"
    r"|Missouri|Montana|Nebraska|Nevada|New|North|South"
    r"|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode|Tennessee|Texas|Utah|Vermont|Virginia"
    r"|Washington|West|Wisconsin|Wyoming)\b"
)


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
            start, end = match.span(match.lastindex or 0)  # a group marks the part of the match that identifies
            yield Finding(kind, text[start:end].strip(), start, end)
    for rule in _WHERE:
        for match in rule.finditer(text):
            if not _WIDE.match(match[1]):
                yield Finding("a place", match[1], *match.span(1))
    for start, end in names.spans(text):
        yield Finding("a person's name", text[start:end], start, end)


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
