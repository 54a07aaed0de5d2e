"""Where a person's name may stand in free text. It looks at words and the words beside them.

Lists of names tell a name from other capitals; what introduces a name, or follows one, tells names that no list has.
Eponyms, and words that are names too, are left alone.
"""

import re
from collections.abc import Iterator

from portal.common.likely.lists import is_family, is_given, is_known, is_other, is_word
from portal.common.likely.name_words import AGED, BY, EPONYM, IS_GRADED, LED, RELATED, TITLE
from portal.common.likely.vocabulary import is_clinical

Span = tuple[int, int]

# A word with a capital, in any alphabet that has them: Håkansson, O'Brien, Al-Sayed, Thompson-Reid; not "PTU".
_CAPITAL = r"(?:(?!\d)[^\W\d_a-z])(?:[^\W\d_]|['’](?=[^\W\d_]))*[^\W\d_A-Z]"
_NAME = rf"{_CAPITAL}(?:-(?:{_CAPITAL}|[a-z]{{2,4}}\b)){{0,3}}"
_SHOUTED = r"[A-Z]{2,}(?:['’-][A-Z]+)*"
_MORE = (
    rf"(?: (?:[A-Z]\.? )?(?:\"[A-Z][a-z]+\" )?(?:(?:de|del|de la|van|von|der|bin|al|el|da|dos|la)"
    rf" )?{_NAME}){{0,2}}(?: [A-Z]\.)?"
)
_RULES = [
    re.compile(rule)
    for rule in (
        rf"\b{TITLE} (?:and Mrs\.? )?(?:[A-Z]\.? ){{0,2}}(?:{_NAME}|{_SHOUTED}|(?<=MR )[A-Z]+){_MORE}",
        r"\b(?:[Ii]nitials?)(?: are| is|:)? [A-Z]\.? ?[A-Z]\b\.?(?: ?[A-Z]\b\.?)?",
        (
            r"(?<![\w.])(?:[Pp]t|[Pp]atient|[Nn]amed?|[Rr]e:?|[Aa]bout|[Ff]or|[Ww]ith)[,:]? [A-Z]\.["
            r" -]?[A-Z]\.(?:[A-Z]\.)?(?! ?[A-Z][a-z])"
        ),
        (
            r"(?<![\w.])(?!U\.S|P\.O|D\.C|M\.D|P\.A|N\.P|R\.N|D\.O|I\.V|I\.M|B\.I|T\.I|P\.R|S\.C|H\.S|A\.M"
            r"|P\.M)[A-Z]\. ?[A-Z]\.(?=,? ?(?:\d\d|is\b|has\b|had\b|age|DOB|a \d))"
        ),
        (
            r"\b(?:[Pp]t|[Pp]atient|PT):? (?!AF|PE|CT|MI|HD|PD|RA|MS)[A-Z]{2},? (?=(?:is )?(?:an? )?\d{1,2} ?"
            r"(?:y|Y|M\b|F\b|m\b|f\b|-year))"
        ),
    )
]
_LED_BY = re.compile(
    rf"(?<![\w-]){LED}(?: is| was|[:;,]|, named| called| named| name is| at)?[ (]{{1,2}}"
    rf"({_NAME}{_MORE})"
)
_BY_WHOM = re.compile(rf"(?<![\w-]){BY} ({_NAME}{_MORE})")
_LAST_FIRST = re.compile(rf"(?:^|[:;] ?|\b\d\d?[MF] |\b[Pp]t )({_NAME}|{_SHOUTED}), ({_NAME}|{_SHOUTED})(?=[ ,.;])")
_COMMA = re.compile(rf"(?<![\w'’-])({_NAME}|[A-Z]{{3,20}}), ({_NAME}|[A-Z]{{3,20}})(?: {_NAME})?(?![\w'’-])")
_SEVERAL = re.compile(
    rf"(?<![\w'’-]){_NAME}"
    rf"(?: (?:[A-Z]\.|[\"“]{_NAME}[\"”]|(?:(?:de|del|van|von|bin|al) |al-|el-)?{_NAME})){{1,3}}"
)
_INITIAL = re.compile(rf"(?<![\w'’.-])(?:[A-Z]\. ?){{1,3}}({_NAME})(?![\w'’-])")
_ONE = re.compile(rf"(?<![\w'’-])({_NAME})(?![\w'’-])")
_CALLED = re.compile(r"(?<!\w)(?:[Ll]ittle|[Bb]ig|[Bb]aby|[Oo]ld|[Yy]oung|de la|del|de|van der|van|von) $")
# "Gardner's, on", "Wilson's vs": what owns nothing is a disease.
_OWNS_NOTHING = re.compile(
    r"['’]s(?:$|[,.;:?!+)/]| (?:vs|and|or|with|w|w/|on|in|for|after|but|is|has|had|s/p|flare|pt"
    r"|patient|since|at|x ?\d|\d|[+=<>])\b| ?[+=<>])"
)
_SMALL = re.compile(r"(?<![\w'’-])([a-z]{3,})(?= ([a-z'’-]{3,})(?![\w'’-]))")
_SMALL_LED = re.compile(
    rf"(?<!\d )(?i:\bpt|\bpatient|\bmr|\bmrs|\bms|\bmiss|\bdr|\bnurse|\bname is|\bnamed|\bgoes by|\baka"
    rf"|\bseen by|\bper|\bhi|\bdear"
    rf"|\b(?:{RELATED}))(?: is|[.,:])? (?:[a-z]\.? )?([a-z][a-z'’]{{2,}}(?:-[a-z]{{2,}})?)(?: "
    rf"([a-z'’-]{{3,}}))?(?![\w'’-])"
)
_SMALL_TITLE = re.compile(r"\b(?:[Mm]rs?\.|[Mm]rs|[Mm]s\.|[Dd]r\.?) (?:[a-z]\.? )?([a-z][a-z'’-]{2,})(?![\w'’-])")
# The same without its full stop, and of other languages: what follows must be a known name, or have a capital.
_FOREIGN_TITLE = re.compile(
    r"\b(?:[Mm]r|[Hh]r\.?|[Ff]rau|[Hh]err|[Dd]ona|[Ss]enhora?|[Ss]e[nñ]ora?|[Mm]onsieur|[Mm]me\.?) "
    r"([^\W\d_][^\W\d_a-z]{0,1}[^\W\d_A-Z]{2,20})(?![\w’'-])"
)
_SMALL_INITIAL = re.compile(r"(?<![\w'’.@/-])([a-z]{4,20}) [a-z]\.(?=[ ,]|$)")
_SMALL_ONE = re.compile(r"(?<![\w'’.@/-])([a-z]{4,}(?:-[a-z]{3,})?)(?![\w@/-])")
_FIRST_WORD = re.compile(r"[a-z]{3,20} ")
_SMALL_AGED = re.compile(r",? \d{1,3} ?(?:yo|y/o|yr|[mfMF])\b")
_SHOUTED_TWO = re.compile(r"(?<![\w'’-])([A-Z]{4,})(?: [A-Z]\.?)?[, ]{1,2}([A-Z]{3,})(?![\w'’-])")
_SURELY_FOLLOWED = re.compile(r",? (?i:\(?(?:dob|d\.o\.b|mrn|ssn|acct|member id|dl num|dl #)\b)")
_FOLLOWED = re.compile(rf"(?:['’]s)?(?:, ?| ){AGED}")
_IS_THING = re.compile(rf" (?:{EPONYM}|failure|stones|factor|scale|lesion|graft|alliance)", re.IGNORECASE)
_IS_EPONYM = re.compile(
    rf"(?:['’]s?)?[ -](?:(?!(?:and|or|with|w|has|had|is|was|on|in|for|to)\b)[a-z]+ )?(?:{EPONYM})", re.IGNORECASE
)
_BARE_WORDS = frozenset(
    "and the who has was with for not had are but pts lab labs appt ext now can may did does will"
    " went from says said wants"
    " thinks told asked started stopped gave put sent ordered recommended visit office note notes"
    " took seen saw prescribed"
    " recommends wrote called suggests suggested refuses wont appointment order orders here there"
    " today yesterday".split()
)
_IS_EPONYM_NEXT = re.compile(rf"(?:['’]s?)?[ -](?:{EPONYM})", re.IGNORECASE)


def spans(text: str) -> Iterator[Span]:
    """Where what looks like a name begins and ends; they may overlap."""
    for rule in _RULES:
        yield from (match.span() for match in rule.finditer(text))
    yield from _introduced(text)
    yield from _family_first(text)
    for match in _INITIAL.finditer(text):
        if is_known(match[1]) and not is_other(match[1]) and not _is_eponym(text, match.end(1)):
            yield match.span()
    yield from _several(text)
    yield from _alone(text)
    yield from _in_small_letters(text)
    yield from _by_title_or_initial(text)
    yield from _in_large_letters(text)


def _introduced(text: str) -> Iterator[Span]:
    """What follows "named", "daughter", "seen by" and their like; the weaker of them ask for a listed name."""
    for match in _LED_BY.finditer(text):
        if _plausible(match[1]) and not _is_eponym(text, match.end(1)):
            yield match.span(1)
    for match in _BY_WHOM.finditer(text):
        words = match[1].split()
        if is_known(words[0]) and not any(map(is_other, words)) and not _is_eponym(text, match.end(1)):
            yield match.span(1)


def _family_first(text: str) -> Iterator[Span]:
    """Tran, Bich Ngoc."""
    for match in _LAST_FIRST.finditer(text):
        if _one_known(match[1], match[2]):
            yield match.start(1), match.end(2)
    for match in _COMMA.finditer(text):
        family = is_family(match[1]) and (is_given(match[2]) or not (is_word(match[1]) or match[2].isupper()))
        if family and not is_other(match[1]) and not is_other(match[2]):
            yield match.span()


def _several(text: str) -> Iterator[Span]:
    """Two or more capitals in a row: one of them a known name, or followed by what follows a person."""
    for match in _SEVERAL.finditer(text):
        words = match[0].split()
        start = match.start()
        known = next((place for place, word in enumerate(words) if is_given(word) and not is_other(word)), 0)
        while words and (known > 0 or (is_other(words[0]) and not _is_full_name(words))):
            start += len(words.pop(0)) + 1
            known -= 1
        if len(words) < 2 or (words[-1].isascii() and is_other(words[-1])):
            continue
        if _IS_EPONYM_NEXT.match(text, match.end()) if is_given(words[0]) else _is_eponym(text, match.end()):
            continue
        sure = any(map(is_given, words[:-1])) or (is_family(words[-1]) and not is_word(words[-1]))
        if sure or (_FOLLOWED.match(text, match.end()) and not _IS_THING.search(match[0])):
            yield start, match.end()


def _is_full_name(words: list[str]) -> bool:
    """Duane Pickerel, though Duane is a syndrome."""
    last = words[-1]
    return len(words) > 1 and len(last) > 3 and is_given(words[0]) and not is_other(last) and not is_clinical(last)


def _alone(text: str) -> Iterator[Span]:
    """One name by itself: a given name, a family name that is no word or is followed as a person is, or an owner."""
    for match in _ONE.finditer(text):
        word = re.sub(r"['’]s$", "", match[1])
        end = match.start() + len(word)
        if is_other(word) or _is_eponym(text, end) or _OWNS_NOTHING.match(text, end):
            continue
        if "-" in word and not all(map(is_given, word.split("-"))) and not _FOLLOWED.match(text, end):
            continue  # Jackson-Pratt
        family = is_family(word) and (not is_word(word) or word != match[1] or _FOLLOWED.match(text, end))
        owner = len(word) > 4 and word.endswith("s") and not is_other(word[:-1]) and is_given(word[:-1])
        if is_given(word) or family or owner or _SURELY_FOLLOWED.match(text, end):
            called = _CALLED.search(text, max(0, match.start() - 8), match.start())
            yield called.start() if called else match.start(), end


def _in_small_letters(text: str) -> Iterator[Span]:
    for match in _SMALL_LED.finditer(text):
        if is_known(match[1]) and not is_word(match[1]):
            more = match[2] and is_known(match[2]) and not is_word(match[2])
            yield match.start(1), match.end(2) if more else match.end(1)
    yield from (match.span() for match in _SMALL_TITLE.finditer(text) if match[1] not in _BARE_WORDS)
    before = _FIRST_WORD.match(text)
    for match in _SMALL_ONE.finditer(text):
        known = is_given(match[1]) or (len(match[1]) > 4 and is_family(match[1]))
        if known and not is_word(match[1]) and not _IS_EPONYM_NEXT.match(text, match.end()):
            yield (0 if before and before.end() == match.start() else match.start()), match.end()
    for match in _SMALL.finditer(text):
        named = is_given(match[1]) and is_family(match[2]) and _plausible(match[1]) and _plausible(match[2])
        if named and _names_more_than_words(match[1], match[2], _SMALL_AGED.match(text, match.end(2))):
            yield match.start(), match.end(2)


def _by_title_or_initial(text: str) -> Iterator[Span]:
    for match in _FOREIGN_TITLE.finditer(text):
        if (is_known(match[1]) or not match[1].islower()) and not is_other(match[1]):
            yield match.span()
    for match in _SMALL_INITIAL.finditer(text):
        if is_given(match[1]) and not is_word(match[1]):
            yield match.span()


def _in_large_letters(text: str) -> Iterator[Span]:
    for match in _SHOUTED_TWO.finditer(text):
        named = all(is_known(word) and not is_other(word) for word in match.groups())
        if named and _names_more_than_words(match[1], match[2], _FOLLOWED.match(text, match.end())):
            yield match.span()


def _names_more_than_words(first: str, last: str, followed: re.Match[str] | None) -> bool:
    return bool(followed) or not (is_word(first) and is_word(last))


def _plausible(words: str) -> bool:
    return not all(is_other(word) for word in words.split())


def _one_known(*words: str) -> bool:
    return any(map(is_known, words)) and not any(map(is_other, words))


def _is_eponym(text: str, end: int) -> bool:
    return bool(_IS_EPONYM.match(text, end) or IS_GRADED.match(text, end))
