"""Words as search sees them: folded, stemmed, without filler. The same for what is indexed and what is asked."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from whoosh.lang.porter import stem as porter

QUERY_LIMIT = 2000
_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"\b[A-Za-z]\d[0-9A-Za-z](?:\.?[0-9A-Za-z]{1,4})?\b")
_DOTTED_CODE = re.compile(r"\b[A-Za-z]\d[0-9A-Za-z]\.[0-9A-Za-z]{1,4}\b")
# Words that carry no meaning of their own: not indexed.
_EMPTY = frozenset(
    "a an and are as at be been but by can could did do does for from had has have he her his i if in into is it its "
    "may might my of on or our s she should so such than that the their them then there these they this those to was "
    "we were which while will with would you your".split()
)
# What people put around a question: searched for only when nothing else is left.
_FILLER = frozenset(
    "about any best describe explain get give how know long many me much need new patient patients people please "
    "someone start tell use used using versus vs want what when where whether who whom whose why".split()
)


@dataclass(frozen=True)
class Word:
    """One word of a text: where it stands and what it is folded to."""

    start: int
    end: int
    stem: str


@dataclass(frozen=True)
class Terms:
    """What a question asks for: stems with the words as typed, and ICD-10-CM codes."""

    stems: dict[str, str]
    codes: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.stems or self.codes)


def words(text: str) -> Iterator[Word]:
    """The words of a text that search knows, in order."""
    for found in _WORD.finditer(text):
        if stem := stem_of(found[0]):
            yield Word(found.start(), found.end(), stem)


def stems(text: str) -> str:
    """A text as it is indexed: its stems, a space between."""
    return " ".join(word.stem for word in words(text))


def surface(text: str) -> str:
    """The distinct words of a text as they are read, for the dictionary that spelling is checked against."""
    return " ".join({found[0].lower() for found in _WORD.finditer(text) if found[0].isalpha() and len(found[0]) > 3})


def terms_of(query: str) -> Terms:
    """What to look for. Never fails, whatever was typed."""
    query = query[:QUERY_LIMIT]
    codes = tuple(dict.fromkeys(_dotted(found[0].upper()) for found in _CODE.finditer(query)))
    query = _DOTTED_CODE.sub(" ", query)
    typed = {word.stem: query[word.start : word.end].lower() for word in words(query)}
    telling = {stem: word for stem, word in typed.items() if word not in _FILLER}
    return Terms(telling or typed, codes)


def _dotted(code: str) -> str:
    return code if len(code) <= 3 or "." in code else f"{code[:3]}.{code[3:]}"


@lru_cache(maxsize=200_000)
def stem_of(word: str) -> str:
    """The folded stem of one word; empty when it carries no meaning.

    British spellings fold onto American ones (haemorrhage, oedema, tumour), and accents go.
    """
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    word = word.lower()
    if word in _EMPTY:
        return ""
    if len(word) < 3 or not word.isalpha() or not word.isascii():
        return word[:40]
    folded = word.replace("ae", "e").replace("oe", "e") if len(word) > 4 else word
    return str(porter(re.sub(r"(?<=[a-z]{3})our(?=s?$|ed|ing)", "or", folded)))[:40]
