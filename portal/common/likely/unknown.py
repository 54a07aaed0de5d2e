"""Words that are neither of English nor of medicine: names, as a rule. With a capital any of them is pointed out; in
small letters only what is not formed of a word of medicine. A word of English with a capital within a sentence, too."""

import re
from collections.abc import Iterator

from portal.common.likely.lists import is_family, is_given, is_known, is_other, is_word
from portal.common.likely.name_words import EPONYM, IS_GRADED
from portal.common.likely.vocabulary import is_clinical, is_cut, is_english, is_formed, is_unknown

Span = tuple[int, int]

_LETTERS = r"[^\W\d_]"
_SMALL_LETTERS = r"[^\W\d_A-Z]"
# Berhane, O'Shea, McAllister; not MRI, MoCA, NTproBNP.
_PART = rf"(?:(?:Mc|Mac|[DOL]['’])?(?!\d)[^\W\d_a-z](?:[^\W\d_A-Z]{_LETTERS}*)?[^\W\d_A-Z])"
_INNER = re.compile(r"(?<!^Mc)(?<!^Mac)(?<=[a-z])[A-Z]")
_BEGIN, _END = r"(?<![\w@/.'’-])", r"(?![\w@]|['’](?!s\b)\w)"
_CAPITAL = re.compile(
    rf"(?<![\w@'’.-])(?<!\w/)(?:(?i:van|von|de|der|den|del|la|le|du|di|da|dos|al|el|bin|bint|ibn|abu|ter|ten) ){{0,2}}"
    rf"({_PART}(?:-{_LETTERS}{{2,20}}){{0,3}}){_END}"
)
_NEXT = re.compile(rf" ({_PART})(?![\w’'-])")  # Obion Bluff
# "near Ballard Park", "on Winsome"; not within "Clinical Frailty Scale".
_WITHIN = re.compile(
    rf"(?<![\w’'-])(?:[a-z\d]|[A-Z]{{2}})(?:[\w/%.’'-]{{0,30}}[\w%,)])? "
    rf"([A-Z][a-z]{{2,}}(?: [A-Z][a-z]{{2,}})?)(?:['’]s)?{_END}(?! [A-Z][a-z])"
)
_EPONYM = re.compile(rf"(?:['’]s?)?[ -](?:(?-i:[A-Z][a-z]+) )?(?:{EPONYM})", re.IGNORECASE)
_IS_EPONYM = re.compile(rf".* (?:{EPONYM})|(?:{EPONYM})", re.IGNORECASE)

# After "L." it is a species.
_SMALL = re.compile(rf"{_BEGIN}(?<![A-Z]\. ){_SMALL_LETTERS}{{5,}}(?:-{_SMALL_LETTERS}{{2,}})?{_END}(?![/.-]\w)")
_SMALL_IRISH = re.compile(rf"{_BEGIN}(?:[a-z]{{3,20}} )?[od]['’][a-z]{{4,20}}(?![\w-])")  # mary o'toole
_LONG_WORD = re.compile(rf"{_LETTERS}{{4,}}")
_SMALL_NEXT = re.compile(rf"(?: {_SMALL_LETTERS}{{2,20}}){{1,2}}(?![\w’'/.-])")
_LED = (
    r"(?:(?:^|[.;:] )(?:(?:pt|patient|mr|mrs|ms|miss|dr|named|re|mum|mom|dad) )?"
    r"|\b(?:pt|patient|mr|mrs|ms|miss|dr|named|called|see|saw|re|about) )"
)
_AGED = r"(?=,? (?:[a-z]{2,12} )?\d{1,3} ?(?:yo|y/o|yrs?|[mfMF])\b|, \d{1,2}, )"
_SMALL_AGED = re.compile(rf"{_LED}({_SMALL_LETTERS}{{3,20}}){_AGED}")

# OKAFOR, Ngozi; Ngozi OKAFOR.
_ONE_LOUD = re.compile(
    rf"(?<![\w-])([A-Z]{{3,20}}(?:['’-][A-Z]{{2,20}})?),? ({_PART})(?![\w-])"
    rf"|(?<![\w-])({_PART}) ([A-Z]{{4,20}})(?![\w-])"
)
_LOUD = re.compile(rf"{_BEGIN}[A-Z]{{5,}}(?![\w@/.-])")
_OLD = re.compile(
    rf"(?<![\w’'-])({_PART})(?:(?: is|,| turned| turns|[’']s) |[’']s )"
    r"((?:9\d|1[01]\d)\b(?!%|[./-]\d| ?(?:mg|mcg|mm|kg|lb|/|%)))"
)


def spans(text: str) -> Iterator[Span]:
    """Where an unknown word stands, and what belongs to it."""
    for match in _CAPITAL.finditer(text):
        if _is_strange(match[1]) and not _is_eponym(text, match.end()):
            more = _NEXT.match(text, match.end())
            yield match.start(), more.end() if more and not _is_thing(more[1]) else match.end()
    if not _is_headline(text):
        yield from (match.span(1) for match in _WITHIN.finditer(text) if _is_named(match, text))
    yield from _small(text)
    yield from _loud(text)


def ages(text: str) -> Iterator[Span]:
    """Where an age over 89 stands behind a name: Elmer is 101."""
    for match in _OLD.finditer(text):
        if is_given(match[1]) or _is_strange(match[1]):
            yield match.span(2)


def _small(text: str) -> Iterator[Span]:
    for match in _SMALL.finditer(text):
        if all(_is_strange_small(part) for part in match[0].split("-")):
            yield match.span()
            more = _SMALL_NEXT.match(text, match.end())
            if more and all(map(_is_strange_small, more[0].split())):
                yield more.span()
    yield from (match.span() for match in _SMALL_IRISH.finditer(text))
    for match in _SMALL_AGED.finditer(text):
        if _is_strange_small(match[1]) or (is_known(match[1]) and not is_other(match[1])):
            yield match.span(1)


def _loud(text: str) -> Iterator[Span]:
    for match in _ONE_LOUD.finditer(text):
        loud, name = match[1] or match[4], match[2] or match[3]
        if (is_given(name) or is_unknown(name)) and (is_unknown(loud) or is_family(loud)) and not is_other(name):
            yield match.span()
    if _is_loud(text):
        yield from (match.span() for match in _LOUD.finditer(text) if _is_strange_small(match[0].lower()))


def _is_loud(text: str) -> bool:
    """Most of it is in large letters."""
    letters = [one for one in text if one.isalpha()]
    return sum(map(str.isupper, letters)) * 4 > len(letters) * 3


def _is_headline(text: str) -> bool:
    """Its words have capitals: Managing Difficult Asthma in Primary Care."""
    words = _LONG_WORD.findall(text)
    return sum(map(str.istitle, words)) * 2 > len(words) > 1


def _is_named(match: re.Match[str], text: str) -> bool:
    """Words of English, and no beginning or end of a disease, a score, a study."""
    words = match[1].split()
    if _IS_EPONYM.match(match[1]) or _is_eponym(text, match.end(1)):
        return False
    return all(is_english(word) and not _is_thing(word) for word in words)


def _is_eponym(text: str, end: int) -> bool:
    return bool(_EPONYM.match(text, end) or IS_GRADED.match(text, end))


def _is_thing(word: str) -> bool:
    return is_other(word) or is_clinical(word)


def _is_strange(words: str) -> bool:
    parts = words.split("-")
    if not is_unknown(words) or is_cut(words) or any(part.isupper() or _INNER.search(part) for part in parts):
        return False
    return any(len(part) > 2 and is_unknown(part) for part in parts if part[0].isupper())


def _is_strange_small(word: str) -> bool:
    return is_unknown(word) and not is_formed(word) and not is_word(word)
