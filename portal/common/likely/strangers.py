"""Names that are words, or no words at all: told by what only a person does, is called or is followed by."""

import re
from collections.abc import Iterator

from portal.common.likely.lists import any_of, is_family, is_given, is_known, is_other, is_word
from portal.common.likely.name_words import EPONYM, RELATED

Span = tuple[int, int]

_NAME = r"[^\W\d_a-z][^\W\d_]*[^\W\d_A-Z](?:[-’'](?!s\b)[^\W\d_]{2,20}){0,3}"
_START = r"(?:^|(?<=[.;:?!/] )|(?<=\bre )|(?<=\bpt )|(?<=\bis )|(?<=- ))"
# What only a person does.
_DOES = any_of("does") + r"\b"
_AGED = (
    r"(?:,? \(?(?:aged? )?\d{1,3} ?(?:y/?o|y\.o|yrs?|years?|mos?|wks?|M|F|m|f)\b(?! (?:old|of|x|ago))"
    r"|, \(?\d{1,2}\)?[,;:]|, \d{2,3} ?(?:lbs?|kg)\b"
    r"| \d\d [mfMF]\b| \(\d\d[,) MFyo]|,? an? \d{1,2}[ -]?y|, (?:age|dob|DOB|MRN)\b)"
)
_ENGLISH = re.compile(rf".*{any_of('english')}$", re.IGNORECASE)
_DISEASE = re.compile(rf"(?:['’]s?)?[ -](?:{EPONYM})", re.IGNORECASE)
_MIXED = re.compile(r"[A-Z]{2}|(?<!^Mc)(?<=[a-z])[A-Z]|\d")

_CERTAIN = [
    re.compile(rule)
    for rule in (
        r"(?<!\w)\(?[A-Z]\.[A-Z]\.\)(?=,? )|(?:^|(?<=\bre ))[A-Z]\.[A-Z]\.(?=, )",
        (
            rf"\b(?:[Bb]/[Oo]|[Ss]/[Oo]|[Dd]/[Oo]|[Bb][Bb]|[Bb][Gg]|[Bb]aby(?: (?:boy|girl))?|[Ll]ittle|[Ww]ee"
            rf"|[Ll]il) "
            rf"(?!(?i:{EPONYM})){_NAME}"
        ),
        (
            rf"{_START}(?!(?:This|She|He|Who|It|There|Case|Cl\w+|Donor|Recipient|Male|Female|Wom[ae]n|M[ae]n|Child"
            rf"|Infant|Bab\w+|Kid|Newborn|Mine|One|Index|Sib\w*|(?i:{RELATED}|pt|patient))\b){_NAME} is an? "
            rf"\d{{1,3}}[ -]?(?:y|mo\b|M\b|F\b)"
        ),
        (
            r"\b(?:NAME|Name|PATIENT NAME|Pt name|pt name)[: ]{1,2}[A-Z]{2,}(?:[-'’][A-Z]{2,})?(?:,? [A-Z]{2,}"
            r"(?! \d)){0,2}"
        ),
        (
            r"(?<![\w’'-])(?:Kenya|India|Asia|China|Jordan|Israel|Georgia|Virginia|Carolina|Montana|Dakota|Austin"
            r"|Paris|London|Chelsea|Brooklyn|Savannah|Phoenix|Sydney|Cheyenne|Florence|Victoria|Lourdes|Trinidad"
            r"|Africa|America|Ireland|Holland|Devon|Troy|Houston|Dallas|Denver|Lincoln|Madison|Tyler|Raleigh|Camden"
            r"|Alexandria|Geneva|Siena|Adelaide|Catalina|Chad|April|May|June|August|Summer|Autumn|Wednesday) "
            r"[A-Z][a-z]+(?=,? (?:\(?\d\d ?[,yMFmf)]|is \d|a \d|w |says|wants))"
        ),
        (
            r"(?:^|(?<=[.;] ))[a-z]{2,6} (?:t[sz]?|z|s|ch?|sh?|zh|hs|[bpmfdnlgkhjqxryw])?h?[aeiou]{1,3}(?:n|ng|r|h)?-"
            r"(?:t[sz]?|z|s|ch?|sh?|zh|hs|[bpmfdnlgkhjqxryw])?h?[aeiou]{1,3}(?:n|ng|r|h)?(?=,? \d\d\b)"
        ),
    )
]
_GRAVES = re.compile(rf"(?:^|(?<=[.;:/] )|(?<=pt ))({_NAME}), ({_NAME})(?![\w’'-])(?=[ ,.;:])")
_PERSON_DOES = re.compile(rf"{_START}({_NAME}) {_DOES}")
# Winsome, 34F; for Winsome, 34: a word of English may be a name here.
_LIKELY = re.compile(rf"(?:{_START}|\b(?:[Oo]n|[Aa]bout|[Ff]or|[Rr]e|[Ww]ith|w|[Oo]f|[Aa]nd|&) )({_NAME}){_AGED}")


def spans(text: str) -> Iterator[Span]:
    """Where what looks like a name of no list begins and ends; they may overlap."""
    for rule in _CERTAIN:
        yield from (match.span() for match in rule.finditer(text) if not _DISEASE.match(text, match.end()))
    for match in _GRAVES.finditer(text):
        if is_given(match[2]) and not is_word(match[2]) and (is_family(match[1]) or is_other(match[1])):
            yield match.span()
    yield from (match.span(1) for match in _PERSON_DOES.finditer(text) if is_known(match[1]) or _is_strange(match[1]))
    yield from (match.span(1) for match in _LIKELY.finditer(text) if _is_strange(match[1]))


def _is_strange(word: str) -> bool:
    """No word of medicine, as far as its letters and the lists tell."""
    if _MIXED.search(word):
        return False
    return len(word) > 2 and not is_other(word) and not is_word(word) and not _ENGLISH.match(word)
