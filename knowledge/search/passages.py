"""The part of a document that answers best, with the typed words marked."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from knowledge.flows import BLOCK
from knowledge.models import Recommendation, Revision
from knowledge.search.folding import Word, stem_of

LENGTH = 280
_CLOSE = 40  # words found, more than stand in one window
_FENCE = re.compile(r"^(?:```|~~~).*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_RULE = re.compile(r"^[\s|:+-]+$", re.MULTILINE)
_LEAD = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+(?:\[[ xX]\]\s*)?|\d+[.)]\s+)", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*\*|__|~~|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w))")
# How a folded letter may stand in a text: with an accent, or the British way.
_SPELLINGS = {
    "a": "[aáàâäãå]",
    "c": "[cç]",
    "e": "[ao]?[eéèêë]",
    "i": "[iíìîï]",
    "n": "[nñ]",
    "o": "[oóòôöõ]",
    "u": "[uúùûü]",
}
_CELL = re.compile(r"\s*\|\s*")


@dataclass(frozen=True)
class _Passage:
    text: str
    recommendation: Recommendation | None


def best(revision: Revision, weights: Mapping[str, float]) -> tuple[SafeString, Recommendation | None]:
    """The passage of ``revision`` in which the heaviest of the wanted stems meet, and its recommendation, if it is one.

    ``weights`` says how telling each stem is. Without any match it is how the document begins.
    """
    may_match = _pattern(frozenset(weights))
    chosen, found, top = None, [], 0.0
    for passage in _passages(revision, may_match):
        if chosen is None:
            chosen = passage
        hits = [word for word in _hits(passage.text, may_match) if word.stem in weights]
        score = _score(hits, weights) * (1.2 if passage.recommendation else 1.0)
        if score > top:
            chosen, found, top = passage, hits, score
    if chosen is None:
        return SafeString(""), None
    return _marked(chosen.text, found, weights), chosen.recommendation


@lru_cache(maxsize=256)
def _pattern(stems: frozenset[str]) -> re.Pattern[str]:
    """What words that may have one of these stems look like: stemming one in ten is quicker than stemming all."""
    beginnings = sorted({stem[:4].rstrip("iy") or stem for stem in stems}) or [""]
    spelled = ("".join(_SPELLINGS.get(letter, re.escape(letter)) for letter in start) for start in beginnings)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(spelled)})[^\W_]*", re.IGNORECASE)


def _hits(text: str, may_match: re.Pattern[str]) -> Iterator[Word]:
    for found in may_match.finditer(text):
        if stem := stem_of(found[0]):
            yield Word(found.start(), found.end(), stem)


def plain(markdown: str) -> str:
    """Markdown as plain text, paragraphs kept apart; flows and code fences go."""
    text = BLOCK.sub("", markdown) if "```" in markdown or "~~~" in markdown else markdown
    text = _RULE.sub("", _FENCE.sub("", text)) if "```" in text or "~~~" in text or "|" in text else text
    text = _LEAD.sub("", text)
    text = _LINK.sub(r"\1", text) if "](" in text else text
    return _EMPHASIS.sub("", text) if any(mark in text for mark in "*_`~") else text


def _passages(revision: Revision, may_match: re.Pattern[str]) -> Iterator[_Passage]:
    """The parts of a document that may match, and the first whatever it says."""
    if revision.summary:
        yield _Passage(revision.summary, None)
    for recommendation in revision.recommendations.all():
        yield _Passage(recommendation.text, recommendation)
    for place, text in enumerate(_body(revision.body)):
        if may_match.search(text) or not (place or revision.summary):
            yield _Passage(text, None)


@lru_cache(maxsize=5_000)
def _body(body: str) -> tuple[str, ...]:
    """The passages of a document's text; kept, for what is found once is found again."""
    blocks = re.split(r"\n\s*\n", BLOCK.sub("", body))
    return tuple(
        text
        for block in blocks
        if not block.lstrip().startswith("#") or "\n" in block.strip()
        for text in _pieces(block)
    )


def _pieces(block: str) -> Iterator[str]:
    """A paragraph whole; a list or a table by its lines."""
    lines = [line for line in plain(block).splitlines() if line.strip()]
    is_prose = not re.search(r"^\s*(?:[-*+|#]|\d+[.)])", block, re.MULTILINE)
    for text in [" ".join(lines)] if is_prose else lines:
        if text := _CELL.sub(" · ", text.strip().strip("|")).strip(" ·"):
            yield text


def _score(hits: Iterable[Word], weights: Mapping[str, float]) -> float:
    return sum(weights[stem] for stem in {word.stem for word in hits})


def _marked(text: str, hits: list[Word], weights: Mapping[str, float]) -> SafeString:
    start, end = _window(text, hits, weights)
    parts, at = ["… " if start else ""], start
    for word in hits:
        if start <= word.start and word.end <= end:
            parts += [escape(text[at : word.start]), "<mark>", escape(text[word.start : word.end]), "</mark>"]
            at = word.end
    parts += [escape(text[at:end]), " …" if end < len(text) else ""]
    return mark_safe("".join(parts))  # noqa: S308 - every part of the text went through escape


def _window(text: str, hits: list[Word], weights: Mapping[str, float]) -> tuple[int, int]:
    """The stretch of at most LENGTH characters, from a sentence's or a word's beginning, where most is said."""
    if len(text) <= LENGTH:
        return 0, len(text)
    best_start, top = 0, -1.0
    for place, first in enumerate(hits):
        end = first.start + LENGTH - 60
        inside = [word for word in hits[place : place + _CLOSE] if word.end <= end]
        score = _score(inside, weights)
        if score > top:
            best_start, top = first.start, score
    lead = text[max(0, best_start - 60) : best_start]
    sentence = max(lead.rfind(". "), lead.rfind("? "))
    start = best_start - len(lead) + (sentence + 2 if sentence >= 0 else lead.find(" ") + 1)
    start = 0 if best_start <= 60 else start
    end = len(text) if len(text) <= start + LENGTH else text.rfind(" ", start + 1, start + LENGTH)
    return start, end if end > start else start + LENGTH
