"""Names that no list has: told by their shape, or by what only a person does, is called or has."""

import re
from collections.abc import Iterator

from portal.common.likely.lists import any_of, is_family, is_given, is_known, is_other, is_word
from portal.common.likely.name_words import EPONYM, RELATED

Span = tuple[int, int]

_NAME = r"[^\W\d_a-z][^\W\d_]*[^\W\d_A-Z](?:[-’'](?!s\b)[^\W\d_]{2,20}){0,3}"
_START = r"(?:^|(?<=[.;:?!/] )|(?<=\bre )|(?<=\bpt )|(?<=\bis )|(?<=- ))"
# What only a person does.
_DOES = any_of("does") + r"\b"
# What a person has, before a value or by itself.
_HAS = any_of("has")
_AGED = (
    r"(?:,? \(?(?:aged? )?\d{1,3} ?(?:y/?o|y\.o|yrs?|years?|mos?|wks?|M|F|m|f)\b(?! (?:old|of|x|ago))"
    r"|, \(?\d{1,2}\)?[,;:]|, \d{2,3} ?(?:lbs?|kg)\b"
    r"| \d\d [mfMF]\b| \(\d\d[,) MFyo]|,? an? \d{1,2}[ -]?y|, (?:age|dob|DOB|MRN)\b)"
)
# How family names of many peoples end, and how some begin.
_ENDS = any_of("ends")
_BEGINS = any_of("begins")
_ENGLISH = re.compile(rf".*{any_of('english')}$", re.IGNORECASE)

_DISEASE = re.compile(rf"(?:['’]s?)?[ -](?:{EPONYM})", re.IGNORECASE)
_MIXED = re.compile(r"[A-Z]{2}|(?<!^Mc)(?<=[a-z])[A-Z]|\d")

_CERTAIN = [
    re.compile(rule)
    for rule in (
        (
            r"(?<!\d )\b(?:[Mm]rs?|[Mm]s|[Mm]iss|[Dd]r|[Nn]urse|[Pp]rof|[Rr]ev|[Pp]astor|[Aa]unt|[Uu]ncle)\b\.?"
            r" (?!Google|Oz\b)[A-Z][a-z’']\w+(?:-[A-Z]\w+)?"
        ),
        r"(?<!\w)\(?[A-Z]\.[A-Z]\.\)(?=,? )|(?:^|(?<=\bre ))[A-Z]\.[A-Z]\.(?=, )",
        (
            rf"\b(?:[Bb]/[Oo]|[Ss]/[Oo]|[Dd]/[Oo]|[Bb][Bb]|[Bb][Gg]|[Bb]aby(?: (?:boy|girl))?|[Ll]ittle|[Ww]ee"
            rf"|[Ll]il) "
            rf"(?!(?i:{EPONYM})){_NAME}"
        ),
        (
            rf"(?<!\w)(?:{RELATED}|[Gg]ranny|[Nn]ana|[Aa]bue\w+|[Pp]opp?|[Tt]win [AB]),? {_NAME}(?=,? (?:\d\d|has\b"
            rf"|is\b|w\b|says|had\b))"
        ),
        (
            rf"\b(?:[Cc]all(?:s|ed)?|[Nn]icknamed?|[Aa]nswers to|[Gg]oes by|[Nn]ee|[Nn]ée|[Aa]lias|[Pp]refers)"
            rf" (?:(?:him|her|them|himself|herself|themself) )?[\"“'‘]?{_NAME}[\"”'’]?(?=[,.;:?!)]|$| \d| w "
            rf"| has | is )"
        ),
        rf"\b(?:{RELATED}) \({_NAME}\)",
        (
            r"\b(?:Pops?|Nana|Ma[wm]maw|Papaw|Pawpaw|Meemaw|Opa|Oma|Gramps|Granny|Abuel[ao]|Yiayia|Lola|Lolo|Bubbe"
            r"|Zayde)"
            r"(?=,| is\b| has\b|['’]s\b| \d\d)"
        ),
        (
            rf"{_START}(?!(?:This|She|He|Who|It|There|Case|Cl\w+|Donor|Recipient|Male|Female|Wom[ae]n|M[ae]n|Child"
            rf"|Infant"
            rf"|Bab\w+|Kid|Newborn|Mine|One|Index|Sib\w*|(?i:{RELATED}|pt|patient))\b){_NAME} is an? \d{{1,3}}[ -]?"
            rf"(?:y"
            rf"|mo\b|M\b|F\b)"
        ),
        rf"{_START}{_NAME} (?:bibi|begum|khatun|khanum|devi|bai|ben|bhai|kaur|kumari|amma|banu|jr|sr|san|ji)\b",
        (
            r"\b(?:NAME|Name|PATIENT NAME|Pt name|pt name)[: ]{1,2}[A-Z]{2,}(?:[-'’][A-Z]{2,})?(?:,? [A-Z]{2,}"
            r"(?! \d)){0,2}"
        ),
        (
            r"(?<![\w’'-])(?:Kenya|India|Asia|China|Jordan|Israel|Georgia|Virginia|Carolina|Montana|Dakota|Austin"
            r"|Paris"
            r"|London"
            r"|Chelsea|Brooklyn|Savannah|Phoenix|Sydney|Cheyenne|Florence|Victoria|Lourdes|Trinidad|Africa|America"
            r"|Ireland"
            r"|Holland|Devon|Troy|Houston|Dallas|Denver|Lincoln|Madison|Tyler|Raleigh|Camden|Alexandria|Geneva|Siena"
            r"|Adelaide"
            r"|Catalina|Chad|April|May|June|August|Summer|Autumn|Wednesday) [A-Z][a-z]+(?=,? (?:\(?\d\d ?[,yMFmf)]"
            r"|is \d|a \d|w |says|wants))"
        ),
        (
            r"(?:^|(?<=[.;] ))[a-z]{2,6} (?:t[sz]?|z|s|ch?|sh?|zh|hs|[bpmfdnlgkhjqxryw])?h?[aeiou]{1,3}(?:n|ng|r|h)?-"
            r"(?:t[sz]?|z|s|ch?"
            r"|sh?|zh|hs|[bpmfdnlgkhjqxryw])?h?[aeiou]{1,3}(?:n|ng|r|h)?(?=,? \d\d\b)"
        ),
    )
]
_QUOTED = re.compile(rf"[\"“]({_NAME})[\"”](?= |[,.;:?)])")
_GRAVES = re.compile(rf"(?:^|(?<=[.;:/] )|(?<=pt ))({_NAME}), ({_NAME})(?![\w’'-])(?=[ ,.;:])")
_LIKELY = [
    re.compile(rule)
    for rule in (
        rf"{_START}({_NAME}) {_DOES}",
        rf"{_START}({_NAME})['’]s? (?:\w+ )?{_HAS}",
        rf"{_START}({_NAME}){_AGED}",
        (
            rf"\b(?:[Hh]elp (?:w|with|me with)|[Cc]oncerned about|[Ww]orried about|[Ss]een? with|[Cc]aring for"
            rf"|[Tt]aking care of"
            rf"|[Ss]eeing|[Ss]aw|[Ff]ollowing|[Ii]nherited|[Aa]dmitted|[Mm]et|[Vv]isited|[Dd]ischarged|[Ee]xamined"
            rf"|[Oo]n behalf of|[Ii]s|[Dd]oes|[Cc]an|[Ss]hould|[Ww]ill)"
            rf" ({_NAME})(?=,? (?:\d\d\b|w\b|who\b)|, |['’]s )"
        ),
        rf"\b(?:[Oo]n|[Aa]bout|[Ff]or|[Rr]e|[Ww]ith|w|[Oo]f|[Hh](?:er|im) as|[Aa]nd|&) ({_NAME}){_AGED}",
        (
            rf"\b(?:[Dd]oes|[Cc]an|[Ss]hould|[Ww]ill|[Mm]ay|[Cc]ould|[Dd]id) ({_NAME}) (?:have|get|take|stop|go"
            rf"|qualify"
            rf"|fly|drive|donate"
            rf"|breastfeed|stay|start|switch|come|be (?:on|discharged|seen|admitted|cleared)|restart|keep|eat|travel"
            rf"|return|skip)\b"
        ),
        rf"{_START}({_NAME}) \((?:from|age|\d|she|he|they|my|our|DOB|MRN|pt|mom|dad|phone|M\b|F\b)",
        (
            rf"{_START}({_NAME}), (?:preg\w*|G\dP\d|s/p|w\b|c/o|our|my|who|a \d|an? [a-z]+ (?:man|woman|teen|boy|girl"
            rf"|farmer|nurse))"
        ),
        rf"{_START}({_NAME}) \d\d (?:preg\w*|s/p|with|h/o)\b",
        rf"{_START}({_NAME}) [A-Z](?:\.(?=,? )|(?=, \d|,? \d\d ?[mfMFy]| \d{3, 4}[ -]\d))",
        (
            rf"\b(?:[Ii][Dd]|[Pp]t|PT|[Pp]atient|[Cc]lient|[Tt]eam|[Kk]id|[Bb]oy|[Gg]irl|[Tt]een|[Gg]uy|[Ll]ady"
            rf"|[Mm]an"
            rf"|[Ww]oman),? ({_NAME}),"
        ),
    )
]
_PERSON_DOES = re.compile(_LIKELY[0].pattern)
_SMALL_DOES = re.compile(
    r"\b(?:pt|patient) ([a-z]{3,15})(?=,? (?:has|is a|is \d|wants|says|c/o|asks|\d\d ?(?:yo|[mf]))\b)", re.IGNORECASE
)
_SHOUTED = re.compile(r"(?<!\w)([A-Z]{3,20}), (?:[A-Z]{3,20}|[A-Z]\b\.?)(?=,? (?:[A-Z]\.? )?(?:\d|MRN|DOB|M\b|F\b))")
_SMALL = re.compile(r"\b(?:pt|patient|re|for|see) ([a-z]{5,20})(?: [a-z]{3,20})?,? \d\d ?(?:yo|y/o|[mfMF])\b")
_SHAPED = re.compile(rf"(?<![\w’'-])([A-Z][^\W\d_]*{_ENDS}|{_BEGINS}[^\W\d_]{{2,20}})(?![\w’'-])")
_TWO = re.compile(rf"{_START}({_NAME}) ({_NAME})(?=,? (?:\(?\d{{1,2}} ?(?:[yMFmf,)]|w )|w |with |has |is )|, [a-z])")


def spans(text: str) -> Iterator[Span]:
    """Where what looks like a name of no list begins and ends; they may overlap."""
    for rule in _CERTAIN:
        yield from (match.span() for match in rule.finditer(text) if not _DISEASE.match(text, match.end()))
    yield from (match.span(1) for match in _QUOTED.finditer(text) if is_known(match[1]) or _is_strange(match[1]))
    for match in _GRAVES.finditer(text):
        if is_given(match[2]) and not is_word(match[2]) and (is_family(match[1]) or is_other(match[1])):
            yield match.span()
    yield from _likely(text)
    yield from (match.span() for match in _SHAPED.finditer(text) if not _is_thing(match, text))
    for match in _TWO.finditer(text):
        if all(map(_is_strange, match.groups())):
            yield match.span()


def _likely(text: str) -> Iterator[Span]:
    yield from (match.span(1) for match in _PERSON_DOES.finditer(text) if is_known(match[1]))
    for rule in (*_LIKELY, _SMALL):
        yield from (match.span(1) for match in rule.finditer(text) if _is_strange(match[1]))
    yield from (match.span(1) for match in _SMALL_DOES.finditer(text) if is_given(match[1]) and not is_other(match[1]))
    yield from (match.span() for match in _SHOUTED.finditer(text) if is_family(match[1]) and not is_other(match[1]))


def _is_thing(match: re.Match[str], text: str) -> bool:
    return is_other(match[1]) or bool(_DISEASE.match(text, match.end()))


def _is_strange(word: str) -> bool:
    """No word of English or of medicine, as far as its letters and the lists tell."""
    if _MIXED.search(word):
        return False
    return len(word) > 2 and not is_other(word) and not is_word(word) and not _ENGLISH.match(word)
