"""Places smaller than a state: addresses, towns, and houses with a name (hospitals, schools, employers)."""

import re
from collections.abc import Iterator

from portal.common.likely.lists import any_of, is_known, is_other, is_town, is_word
from portal.common.likely.place_words import DEPARTMENTS, HOUSE, NO_HOUSE, SURELY, TOWN, WIDE
from portal.common.likely.vocabulary import is_clinical

Span = tuple[int, int]

_SURE_STREET = r"(?:street|avenue|ave|road|rd|lane|ln|boulevard|blvd|drive|highway|hwy|parkway|pkwy|terrace)"
_STREET = r"(?:st|dr|ct|way|place|pl|circle|cir|trail|court|loop|square|sq|run|pike|alley|ridge|row)"
_NUMBERED = r"\b\d{1,5}[A-Z]? (?:[NSEW]{1,2}\.? |(?:north|south|east|west) )?"
_CAPITAL = r"[A-Z][\w’'-]{1,30}"

RULES = (
    (
        "a street address",
        rf"{_NUMBERED}(?:\d{{1,3}}(?:st|nd|rd|th)|[A-Z][a-z]+)(?: [A-Z][a-z]+){{0,2}} {_SURE_STREET}\b\.?",
    ),
    (
        "a street address",
        rf"{_NUMBERED}(?:\d{{1,3}}(?:st|nd|rd|th)|(?-i:[A-Z][a-z]+))(?: (?-i:[A-Z][a-z]+)){{0,2}} {_STREET}\b\.?",
    ),
    # SW1A 1AA, K1A 0B1, D02 X285
    (
        "a street address",
        (
            r"(?-i:\b(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d"
            r"|[AC-FHKNPRTV-Z]\d[\dW] (?=[A-Z]{0,3}\d)(?=\d{0,3}[A-Z])[A-Z\d]{4})\b)"
        ),
    ),
    ("a street address", r"\b\d{5}-\d{4}\b|(?-i:\b[A-Z][a-z]{2,20} (?:Road|Street|Lane|Avenue|Boulevard|Crescent))\b"),
    (
        "a street address",
        (
            r"\bp\.?o\.? box \d+(?:,? [A-Z]\w+)*|\b(?:county|rural|state|farm) (?:road|route|rd|rte) \d+"
            r"|(?-i:\b(?:Route|Rte|Rt|Hwy|Highway|Interstate|RR)\.? \d+)|\bmile marker \d+"
            r"|\bzip\W{0,3}(?:code )?(?:is )?\d{5}(?:-\d{4})?\b|\b(?:apt|apartment|suite|(?-i:[Ss]te)"
            r"|trailer)\b\.? ?#?"
            r" ?\d{1,5}[A-Z]?\b"
            r"|\b(?:lives at|resides at|stays at|home is|house is|address(?: is)?:?) \d{1,5} [A-Z]\w+"
            r"|\b(?:corner|intersection) of \w{2,20}(?: st)? (?:and|&) \w{2,20}"
        ),
    ),
)
COMPILED = [(kind, re.compile(rule, re.IGNORECASE)) for kind, rule in RULES]

_HOUSES = re.compile(
    rf"(?<![\w’'-])(?:(?:St|Saint|Mt|Mount)\. )?((?:{_CAPITAL} (?:(?:of|the|and|&|de|del|la)"
    rf" ){{0,2}}){{1,4}}){HOUSE}\b(?: [A-Z][\w’'-]+){{0,2}}"
    r"(?! (?:[Ss]tudy|[Ss]urvey|[Oo]rgani[sz]ation|[Qq]uestionnaire|[Ss]cores?|[Tt]rial|[Ss]cale"
    r"|[Ii]ndex|[Cc]riteria|[Gg]uid\w*"
    r"|[Pp]rotocol|[Cc]lassification|[Cc]alculator|[Ff]ever|[Vv]irus))"
)
_GENERIC = re.compile(rf"(?:{NO_HOUSE}|of|the|and|&|de|del|la)$")
_SAINT = re.compile(
    r"(?<![\w’'-])(?:St|Saint|Mt|Mount|Fort|Ft|Lake|Camp)\.? (?!Jude [Vv]alve|Sinai|Vitus|Louis [Ee]nc"
    r"|George[’']s [Rr]esp|John[’']?s [Ww]ort)"
    r"[A-Z][a-z]+(?:[’']s)?(?: [A-Z][a-z]+)?"
)
_SMALL_SAINT = re.compile(r"\b(?:at|from|to|in|near) ((?:st|saint|mt|mount)\.? ([a-z]{4,20})(?:[’']s)?)\b")
_SMALL_HOUSE = re.compile(
    r"\b(?:at|from|to|via|by|in|with|near)(?: the)? ((?:(?:st|saint|mt|mount)\.? )?([a-z][a-z’'-]{2,30})(?:[’']s)?"
    r"(?: (?:[a-z]{3,20} )?(?:hospital|clinic|pharmacy|manor|medical(?: center)?|nursing home"
    r"|elementary|high school|middle school"
    r"|church|farms?|dialysis|county|peds|pediatrics|ortho|health(?: center)?|rehab|va)))\b"
)
# A house whose kind is told in small letters: "the Tyson plant".
_MIXED = re.compile(
    rf"(?<![\w’'-])(?:the )?([A-Z][\w’'-]{{2,30}})(?: [A-Z][\w’'-]{{2,30}})? (?:{any_of('kind of house')} )?"
    rf"{any_of('small house')}\b"
)
# Letters that stand for a hospital, after what is done there.
_LETTERS = re.compile(
    r"\b(?:[Ff]ollowed|[Ss]een|[Tt]reated|[Ss]urgery|[Tt]ransferred|[Ww]orks?|[Dd]one|[Aa]dmitted"
    r"|[Dd]ischarged|[Tt]ransplant(?:ed)?|[Ss]tudent|[Nn]urse|[Rr]ecords?|[Rr]esident)"
    r" (?:\w{1,20} ){0,2}(?:at|from|to) (?!ICU|MICU|SICU|CCU|PACU|NICU|PICU|ED\b|ER\b|OSH|SNF|LTAC|LTC"
    r"|PCP|ENT|PT|OT|IR|OR\b|GI|OB|ID\b|IM\b|IV\b|PO\b|DC|ASAP|RN|NH|ALF|HD|PD)([A-Z]{3,6})\b"
)
_FROM = re.compile(
    rf"\b[Ff]rom(?: the)? {TOWN}"
    r"(?= reserv| E[DR]\b| ICU|[,.:;?]|$| (?:called|came|with|w|has|had|who|whose|and|is|was|exposed|here|p/w"
    r"|presents|presenting)\b|\s\w+ [Cc]lin)"
)
_AT = re.compile(
    r"\bat (?:the )?(?!Mayo|Cleveland Clinic|Johns|Hopkins|MD Anderson|Stanford|Harvard|McBurney|Erb|Lisfranc)"
    r"((?:[A-Z]{2,5} )?[A-Z][a-z]+(?:[A-Z][a-z]+)?(?!\w)(?:-[A-Z][a-z]+){0,2}(?: [A-Z][\w'’]+){0,3}"
    r"(?: in [A-Z][a-z]+)?)(?![\w'’])"
)
_LISTED = re.compile(
    r"\b(?:in|from|near|to|at|of|outside|around|through|via|resides?|lives|town|addr(?:ess)?:?|,) "
    r"(?=((?:[A-Za-z][a-z’'-]{0,30}\.? ){0,2}[A-Za-z][a-z’'-]{2,30})\b)"
)
_WITH_STATE = re.compile(
    r"(?<![\w’'-])((?:[A-Za-z][a-z’'-]+ ){0,2}[A-Za-z][a-z’'-]+),? (?:A[LKZR]|C[AOT]|DE|FL|GA|HI"
    r"|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]"
    r"|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])\b(?: \d{5}\b)?"
)
_CITY_ZIP = re.compile(
    r"\b([A-Z][a-z]+(?: [A-Z][a-z]+)?,?(?: [A-Z]{2})? \d{5})\b(?! ?(?:mg|mcg|units?|iu|copies|/|per))"
)
# A town of two words or more needs no word for where before it.
_LONG_TOWN = re.compile(r"(?<![\w’'-])(?=([A-Z][a-z]+\.? (?:[A-Z][a-z]+|du|de|la|del|of)(?: [A-Z][a-z]+)?)(?![\w’'-]))")
# "Our Minot patient".
_TOWNS_OWN = re.compile(
    r"\b(?:[Oo]ur|[Tt]he|[Aa]n?|[Mm]y|[Tt]his|[Tt]hat) ([A-Z][a-z]{3,20}) (?=pt\b|patient|man\b|woman\b|lady|guy\b"
    r"|kid\b|family|teen|boy|girl|rancher|farmer|resident|student|couple|baby|mom|elder|clinic|E[RD]\b|hospital|doc\b"
    r"|nurse|case\b|practice|team\b|police|school)"
)

_THING = re.compile(
    (
        r"[’']?s? (?:(?:valley|river|mountain|forest|equine) )?(?:spotted |breakage )?(?:type\b|disease|syndrome"
        r"|criteria|score|sign|protocol|manual|trial|study|fever|encephalitis"
        r"|virus|palsy|method|formula|test|family)"
    ),
    re.IGNORECASE,
)


def spans(text: str) -> Iterator[Span]:
    """Where what looks like a place begins and ends; they may overlap."""
    yield from _houses(text)
    yield from (match.span() for match in _SAINT.finditer(text))
    yield from (match.span(1) for match in _LETTERS.finditer(text))
    for rule in (SURELY, _FROM, _AT):
        yield from (match.span(1) for match in rule.finditer(text) if _may_be_a_place(match, text))
    yield from (match.span(1) for match in _CITY_ZIP.finditer(text) if not is_clinical(match[1].split()[-2]))
    yield from _listed(text)
    for match in _TOWNS_OWN.finditer(text):
        if is_town(match[1]) and not WIDE.match(match[1]) and not is_other(match[1]):
            yield match.span(1)
    for match in _LONG_TOWN.finditer(text):
        yield from _long_town(match[1], match.start(), text)


def _houses(text: str) -> Iterator[Span]:
    for match in _HOUSES.finditer(text):
        if not all(_is_generic(word) for word in match[1].split()):
            yield _without_generic(match)
    for match in _MIXED.finditer(text):
        if not _GENERIC.match(match[1]) and (is_known(match[1]) or not is_other(match[1])):
            yield match.span()
    yield from (match.span(1) for match in _SMALL_SAINT.finditer(text) if is_known(match[2]))
    for match in _SMALL_HOUSE.finditer(text):
        named = is_town(match[2]) or (is_known(match[2]) and not is_word(match[2]))
        if named or match[1].startswith(("st ", "st.")):
            yield match.span(1)


def _is_generic(word: str) -> bool:
    """It says no house: "The", "Nursing"; "Faith" and "Mercy" do."""
    return bool(_GENERIC.match(word)) or (is_other(word) and not is_known(word))


def _may_be_a_place(match: re.Match[str], text: str) -> bool:
    first = match[1].split()[0].lower().rstrip(",")
    if WIDE.match(match[1]) or _THING.match(text, match.end(1)) or first in DEPARTMENTS:
        return False
    return match.re is not _FROM or not is_other(match[1])


def _without_generic(match: re.Match[str]) -> Span:
    """From the first word that says which house it is."""
    start = match.start(1)
    for word in match[1].split():
        if not _is_generic(word):
            break
        start += len(word) + 1
    return (match.start() if start == match.start(1) else start), match.end()


def _long_town(words: str, start: int, text: str) -> Iterator[Span]:
    for name in (words, words.rpartition(" ")[0]):
        end = start + len(name)
        if " " in name and is_town(name) and not WIDE.match(name) and not is_other(name.split()[0]):
            if not _THING.match(text, end):
                yield start, end
            return


def _listed(text: str) -> Iterator[Span]:
    """A town of the list after a word for where, or before its state; in small letters too."""
    for match in _LISTED.finditer(text):
        words = match[1].split()
        for count in range(len(words), 0, -1):
            name = " ".join(words[:count])
            end = match.start(1) + len(name)
            if is_town(name) and not WIDE.match(name) and not is_other(name) and not _THING.match(text, end):
                if not (match[0].startswith((",", "of")) and count == 1 and name.islower()):
                    yield match.start(1), end
                break
    for match in _WITH_STATE.finditer(text):
        words = match[1].split()
        for first in range(len(words)):
            if is_town(" ".join(words[first:])) and not is_other(words[first]):
                yield match.start(1) + sum(len(word) + 1 for word in words[:first]), match.end()
                break
