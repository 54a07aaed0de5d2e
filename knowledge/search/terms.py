"""What a question asks for: its telling words, codes, operators, and the kind of question it is."""

import re
from dataclasses import dataclass

from knowledge.search.folding import compounds, pairs, stem_of, words
from knowledge.search.intents import Intent, intents_of

__all__ = ["QUERY_LIMIT", "Terms", "code_of", "stem_of", "terms_of", "words"]

QUERY_LIMIT = 2000
_CODE = re.compile(r"\b[A-Za-z]\d[0-9A-Za-z](?:\.?[0-9A-Za-z]{1,4})?\b")
_DOTTED_CODE = re.compile(r"\b[A-Za-z]\d[0-9A-Za-z]\.[0-9A-Za-z]{1,4}\b")
_QUOTED = re.compile(r'(?<![^\s(])(title:)?["“]([^"“”]{2,200})["”]', re.IGNORECASE)
_TITLED = re.compile(r"(?<!\S)title:(\S+)", re.IGNORECASE)
_WITHOUT = re.compile(r"(?<!\S)[-–−]([^\W\d_][\w'’-]*)")
# How a question begins or ends; a few words are one too.
_ASKS = re.compile(
    r"^\W*(?:what|when|where|which|who|whom|whose|why|how|is|are|am|do|does|did|can|could|should|would|will|may|has|have|"
    r"tell|explain|describe|give|show)\b|\?\W*$",
    re.IGNORECASE,
)
_FEW = 5
# What people put around a question: searched for only when nothing else is left.
_FILLER = frozenset(
    "about also always am anyone anybody best between both bring choose common commonly consider describe determine "
    "dose each either ever every everyone explain find first further get getting give given giving go going good got "
    "happen happens help how include includes including kind know known like likely long look looks make makes many "
    "me mean means more most much must need needed needs new normally not often one option options other ought people "
    "person patient patients please possible recommended role safe say see shall show someone something start step "
    "still sure take taken taking tell thing things too type up us use used useful using usual usually versus vs want "
    "way ways well what when where whether who whom whose why work works worry worried old".split()
) - {"dose", "type", "safe", "step", "old"}


@dataclass(frozen=True)
class Terms:
    """What a question asks for: stems with the words as typed, and ICD-10-CM codes.

    ``row`` are all its stems in order, ``pairs`` the neighbours among them, ``joined`` compounds written as one.
    ``phrases`` must stand as they are, ``titled`` in a title, ``without`` nowhere; ``typing`` is the last word, which
    may go on. ``intents`` are the kinds of question it is; ``asks`` says that it reads like a question.
    """

    stems: dict[str, str]
    codes: tuple[str, ...] = ()
    row: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str, str], ...] = ()
    joined: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()
    titled: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    intents: tuple[Intent, ...] = ()
    asks: bool = False
    typing: str = ""

    @property
    def required(self) -> frozenset[str]:
        """The stems of the phrases."""
        return frozenset(word.stem for phrase in self.phrases for word in words(phrase))

    def __bool__(self) -> bool:
        return bool(self.stems or self.codes)


def terms_of(query: str) -> Terms:
    """What to look for. Never fails, whatever was typed."""
    query = query[:QUERY_LIMIT]
    codes = tuple(dict.fromkeys(_dotted(found[0].upper()) for found in _CODE.finditer(query)))
    phrases = tuple(found[2] for found in _QUOTED.finditer(query))
    titled = {word.stem for found in _QUOTED.finditer(query) if found[1] for word in words(found[2])}
    titled |= {word.stem for found in _TITLED.finditer(query) for word in words(found[1])}
    without = frozenset(word.stem for found in _WITHOUT.finditer(query) for word in words(found[1]))
    text = _TITLED.sub(r" \1 ", _QUOTED.sub(r" \2 ", _WITHOUT.sub(" ", _DOTTED_CODE.sub(" ", query))))
    intents, left = intents_of(text)
    typed = _typed(text)
    kept = _typed(left)
    telling = {stem: word for stem, word in typed.items() if word not in _FILLER}
    if not kept.keys() & telling.keys():
        intents = ()
    asks = bool(_ASKS.search(text)) or len(telling) <= _FEW
    last = re.search(r"[^\W\d_]{3,}$", text)
    return Terms(
        stems=telling or typed,
        codes=codes,
        row=tuple(word.stem for word in words(text)),
        pairs=_pairs(left),
        joined=frozenset(compounds(text)) - {word.stem for word in words(text)},
        phrases=phrases,
        titled=frozenset(titled),
        without=without - titled,
        intents=intents,
        asks=asks,
        typing=last[0].lower() if last else "",
    )


def _typed(text: str) -> dict[str, str]:
    return {word.stem: text[word.start : word.end].lower() for word in words(text)}


def _pairs(text: str) -> tuple[tuple[str, str, str], ...]:
    found = [word.stem for word in words(text)]
    return tuple(zip(pairs(text), found, found[1:], strict=False))


def code_of(typed: str) -> str:
    """A code as documents write it: capitals, and a point after the third sign."""
    return _dotted(typed.strip().upper().replace(".", "", 1)) if typed.isascii() else typed


def _dotted(code: str) -> str:
    return code if len(code) <= 3 or "." in code else f"{code[:3]}.{code[3:]}"
