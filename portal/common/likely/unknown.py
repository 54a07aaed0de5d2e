"""Words that are neither of English nor of medicine: what stands with a capital and is unknown is a name, as a rule."""

import re
from collections.abc import Iterator

from portal.common.likely.lists import is_family, is_given, is_other, is_word
from portal.common.likely.name_words import EPONYM
from portal.common.likely.vocabulary import is_clinical, is_english, is_shortened, is_unknown

Span = tuple[int, int]

_LETTERS = r"[^\W\d_]"
# Berhane, O'Shea, McAllister, Njoroge-Smith; not MRI, MoCA, NTproBNP.
_PART = rf"(?:(?:Mc|Mac|[DOL]['’])?(?!\d)[^\W\d_a-z]{_LETTERS}*[^\W\d_A-Z])"
_END = r"(?![\w@]|['’](?!s\b)\w)"
_WORD = re.compile(rf"(?<![\w@'’.-])(?<!\w/){_PART}(?:-{_LETTERS}{{2,20}}){{0,3}}{_END}")
_INNER = re.compile(r"(?<!^Mc)(?<!^Mac)(?<=[a-z])[A-Z]")
_EPONYM = re.compile(rf"(?:['’]s?)?[ -](?:{EPONYM})", re.IGNORECASE)
# Within a sentence.
_WITHIN = re.compile(rf"(?<=[a-z\d,%)] )([A-Z][a-z]{{2,}}(?: [A-Z][a-z]{{2,}})?)(?:['’]s)?{_END}")
_SMALL = re.compile(rf"(?<![\w@/.'’-])[^\W\d_A-Z]{{5,}}(?:-[^\W\d_A-Z]{{2,}})?{_END}(?![/.-]\w)")

# A name beside one in large letters: OKAFOR, Ngozi; Ngozi OKAFOR.
_SHOUTED = re.compile(rf"(?<![\w-])([A-Z]{{3,20}}(?:['’-][A-Z]{{2,20}})?),? ({_PART})(?![\w-])|(?<![\w-])({_PART}) ([A-Z]{{4,20}})(?![\w-])")
_LOUD = re.compile(r"(?<![\w@/.'’-])[A-Z]{5,}(?![\w@/.-])")
_SMALL_LED = re.compile(rf"(?:(?:^|[.;:] )(?:(?:pt|patient|mr|mrs|ms|miss|dr|named|re|mum|mom|dad) )?|\b(?:pt|patient|mr|mrs|ms|miss|dr|named|called) )([^\W\d_A-Z]{{3,4}})(?=,? (?:[a-z]{{2,12}} )?\d{{1,3}} ?(?:yo|y/o|yrs?|[mfMF])\b)")


def spans(text: str) -> Iterator[Span]:
    """Where an unknown word with a capital stands."""
    for match in _WORD.finditer(text):
        if _is_strange(match[0]) and not _EPONYM.match(text, match.end()):
            yield match.span()
    for match in _WITHIN.finditer(text):
        words = match[1].split()
        if all(is_english(word) and not is_other(word) for word in words) and not _EPONYM.match(text, match.end(1)):
            yield match.span()
    yield from _shouted(text)
    for match in _SMALL_LED.finditer(text):
        if is_unknown(match[1]) and not is_shortened(match[1]):
            yield match.span(1)
    for match in _SMALL.finditer(text):
        if all(is_unknown(part) and not is_shortened(part) and not is_word(part) for part in match[0].split("-")):
            yield match.span()


def _is_strange(words: str) -> bool:
    parts = words.split("-")
    if not is_unknown(words) or any(part.isupper() or _INNER.search(part) for part in parts):
        return False
    return any(len(part) > 2 and is_unknown(part) for part in parts if part[0].isupper())


def _shouted(text: str) -> Iterator[Span]:
    for match in _SHOUTED.finditer(text):
        loud, name = match[1] or match[4], match[2] or match[3]
        if (is_given(name) or is_unknown(name)) and (is_unknown(loud) or is_family(loud)) and not is_other(name):
            yield match.span()
    letters = [one for one in text if one.isalpha()]
    if len(letters) > 20 and sum(map(str.isupper, letters)) * 4 > len(letters) * 3:
        for match in _LOUD.finditer(text):
            small = match[0].lower()
            if is_unknown(small) and not is_shortened(small):
                yield match.span()
