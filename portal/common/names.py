"""Where a person's name may stand in free text. Pure: it looks at words and the words beside them.

Names of the 1990 census of the United States (given_names.txt, family_names.txt) tell a name from other capitals; what
introduces a name, or follows one, tells names that no list has. Eponyms, and words that are names too (not_names.txt),
are left alone.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

Span = tuple[int, int]

# A word with a capital, in any alphabet that has them: Håkansson, O'Brien, Al-Sayed, Thompson-Reid; not "PTU".
_CAPITAL = r"(?:(?!\d)[^\W\d_a-z])(?:[^\W\d_]|['’](?=[^\W\d_]))*[^\W\d_A-Z]"
_NAME = rf"{_CAPITAL}(?:-{_CAPITAL}){{0,3}}"
_SHOUTED = r"[A-Z]{2,}(?:['’-][A-Z]+)*"
_MORE = rf"(?: (?:[A-Z]\.? )?(?:\"[A-Z][a-z]+\" )?{_NAME}){{0,2}}(?: [A-Z]\.)?"
_TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Sr|Sra|Judge|Coach|Sister|Brother|Father|Deacon|Rev|Pastor|Pvt"
    r"|Sgt|Cpl|Capt|Baby (?:[Bb]oy|[Gg]irl)"
    r"|Twins?|MR|MRS|MS)\b\.?"
)
_RELATED = (
    r"mother|father|mom|dad|parents?|son|daughter|wife|husband|spouse|partner|brother"
    r"|sister|cousin|aunt|uncle|niece|nephew"
    r"|grand(?:mother|father|son|daughter)|neighbou?r|friend|caregiver|guardian|contact|maiden name"
)
_LED = (
    rf"(?:[Pp]atient(?:[’']s)?(?: name)?|[Pp]ts?|PT|[Nn]amed?|[Cc]alled|[Rr]egarding|[Rr]e"
    rf"|[Aa]bout|[Ss]aw|[Ss]een|[Ss]poke with|[Cc]ase"
    rf"|[Dd]iscussed w(?:ith|/)|[Cc]are of|[Ff]ollow-up for|[Cc]aller|(?:[Hh]is|[Hh]er"
    rf"|[Oo]ur|[Mm]y|[Tt]he) (?:[\w-]+ )?(?:{_RELATED})|[Mm]other of"
    rf"|[Ff]ather of|[Ss]on of|[Dd]aughter of|[Ss]ister of|[Bb]rother of|[Cc]ontact)"
)
_AGED = (
    r"(?:\d{1,3}\b|\d{1,3}[MFmf]\b|[MF]\b|\((?:[Pp]hone|MRN|DOB|SSN|they|she|he)\b|G\d"
    r"|[Aa]ged?\b|DOB|MRN|SSN|acct|who\b|is\b|has\b|had\b|was\b|came\b|called\b|wants\b"
    r"|asks\b|and (?:his|her)\b|born\b)"
)
_EPONYM = (
    r"disease|syndrome|palsy|sign|score|scale|criteri|test|index|formula|equation|maneuver"
    r"|manoeuvre|classification|stage|grade|rule"
    r"|lymphoma|thyroiditis|tumou?r|anemia|arteritis|esophagus|fracture|procedure|operation"
    r"|repair|shunt|wrap|line|catheter|cyst|foot"
    r"|contracture|hernia|granulomatosis|encephalopathy|encephalitis|fever|virus|antigen"
    r"|scan|diverticul|murmur|nodes?|node|injury"
    r"|de \w+ syndrome|Witness|[Cc]linic|[Hh]ospital|[Gg]uid|[Mm]edic|[Uu]nivers|trial"
    r"|antibody|serology|stain|positive|negative|bypass|block|pain"
)
_RULES = [
    re.compile(rule)
    for rule in (
        rf"\b{_TITLE} (?:and Mrs\.? )?(?:[A-Z]\. ){{0,2}}(?:{_NAME}|{_SHOUTED}|(?<=MR )[A-Z]+){_MORE}",
        r"\b(?:mr|mrs|ms)\b\.? [a-z][a-z'’-]{2,}",
        rf"(?:(?<=^)|(?<=[Pp]t )|(?<=[Pp]t: )|(?<=M[rs]\. )|(?<=patient ))[A-Z]\. ?(?:[A-Z]\. ?)?{_NAME}",
        r"\b(?:[Ii]nitials?) [A-Z]\.? ?[A-Z]\b\.?",
    )
]
_LED_BY = re.compile(rf"(?<![\w-]){_LED}(?: is| was|[:;,]|, named| called| named)? ({_NAME}{_MORE})")
_LAST_FIRST = re.compile(rf"(?:^|[:;] ?|\b\d\d?[MF] |\b[Pp]t )({_NAME}|{_SHOUTED}), ({_NAME}|{_SHOUTED})(?=[ ,.;])")
_SEVERAL = re.compile(rf"(?<![\w'’-]){_NAME}(?: (?:[A-Z]\.|[\"“]{_NAME}[\"”]|{_NAME})){{1,3}}")
_ONE = re.compile(rf"(?<![\w'’-])({_NAME})(?![\w'’-])")
_SMALL = re.compile(r"(?<![\w'’-])([a-z]{3,}) ([a-z'’-]{3,})(?![\w'’-])")
_SMALL_LED = re.compile(r"(?i:\bpt|\bpatient|\bmr|\bmrs|\bms)\.? ([a-z]{3,})(?: ([a-z]{3,}))?(?= \d|[.,;]| [mf]\b)")
_FOLLOWED = re.compile(rf"(?:['’]s)?(?:, ?| ){_AGED}")
_IS_THING = re.compile(rf" (?:{_EPONYM}|failure|stones|factor|scale|lesion|graft|alliance)", re.IGNORECASE)
_IS_EPONYM = re.compile(rf"(?:['’]s?)?[ -](?:[a-z]+ )?(?:{_EPONYM})", re.IGNORECASE)


def spans(text: str) -> Iterator[Span]:
    """Where what looks like a name begins and ends; they may overlap."""
    for rule in _RULES:
        yield from (match.span() for match in rule.finditer(text))
    for match in _LED_BY.finditer(text):
        if _plausible(match[1]) and not _is_eponym(text, match.end(1)):
            yield match.span(1)
    yield from (
        match.span(1)[:1] + match.span(2)[1:] for match in _LAST_FIRST.finditer(text) if _one_known(match[1], match[2])
    )
    yield from _several(text)
    yield from _alone(text)
    yield from _in_small_letters(text)


def _several(text: str) -> Iterator[Span]:
    """Two or more capitals in a row: one of them a known name, or followed by what follows a person."""
    for match in _SEVERAL.finditer(text):
        words = match[0].split()
        start = match.start()
        known = next((place for place, word in enumerate(words) if _given(word) and not _is_other(word)), 0)
        while words and (known > 0 or _is_other(words[0])):
            start += len(words.pop(0)) + 1
            known -= 1
        if len(words) < 2 or (words[-1].isascii() and _is_other(words[-1])) or _is_eponym(text, match.end()):
            continue
        if any(map(_given, words[:-1])) or (_FOLLOWED.match(text, match.end()) and not _IS_THING.search(match[0])):
            yield start, match.end()


def _alone(text: str) -> Iterator[Span]:
    """One given name by itself, or anything that owns something and names no disease."""
    for match in _ONE.finditer(text):
        word = re.sub(r"['’]s$", "", match[1])
        end = match.start() + len(word)
        if _is_other(word) or _is_eponym(text, end):
            continue
        if _given(word) or (word != match[1] and _family(word)):
            yield match.start(), end


def _in_small_letters(text: str) -> Iterator[Span]:
    for match in _SMALL_LED.finditer(text):
        if (_given(match[1]) or _family(match[1])) and not _is_other(match[1]):
            yield match.start(1), match.end(2) if match[2] and _family(match[2]) else match.end(1)
    for match in _SMALL.finditer(text):
        if _given(match[1]) and _family(match[2]) and not _is_other(match[1]) and not _is_other(match[2]):
            yield match.span()


def _plausible(words: str) -> bool:
    return not all(_is_other(word) for word in words.split())


def _one_known(*words: str) -> bool:
    return any(_given(word) or _family(word) for word in words) and not any(_is_other(word) for word in words)


def _is_eponym(text: str, end: int) -> bool:
    return bool(_IS_EPONYM.match(text, end))


def _is_other(word: str) -> bool:
    return word.lower().rstrip(".") in _listed("not")


def _given(word: str) -> bool:
    return word.lower() in _listed("given")


def _family(word: str) -> bool:
    return word.lower() in _listed("family")


@cache
def _listed(kind: str) -> frozenset[str]:
    lines = Path(__file__).with_name(f"{kind}_names.txt").read_text().splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
