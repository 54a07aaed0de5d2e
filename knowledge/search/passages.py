"""The part of a document that answers best, with the typed words marked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from knowledge.flows import BLOCK
from knowledge.models import Recommendation, Revision
from knowledge.search.terms import Word, words

LENGTH = 280
_FENCE = re.compile(r"^(?:```|~~~).*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_RULE = re.compile(r"^[\s|:+-]+$", re.MULTILINE)
_LEAD = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+(?:\[[ xX]\]\s*)?|\d+[.)]\s+)", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*\*|__|~~|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w))")
_CELL = re.compile(r"\s*\|\s*")


@dataclass(frozen=True)
class _Passage:
    text: str
    recommendation: Recommendation | None


def best(revision: Revision, weights: Mapping[str, float]) -> tuple[SafeString, Recommendation | None]:
    """The passage of ``revision`` in which the heaviest of the wanted stems meet, and its recommendation, if it is one.

    ``weights`` says how telling each stem is. Without any match it is how the document begins.
    """
    hints = tuple({stem[:4].rstrip("iy") or stem for stem in weights})
    chosen, found, top = None, [], 0.0
    for passage in _passages(revision):
        if chosen is None:
            chosen = passage
        folded = passage.text.lower().replace("ae", "e").replace("oe", "e")
        if not any(hint in folded for hint in hints):
            continue
        hits = [word for word in words(passage.text) if word.stem in weights]
        score = _score(hits, weights) * (1.2 if passage.recommendation else 1.0)
        if score > top:
            chosen, found, top = passage, hits, score
    if chosen is None:
        return SafeString(""), None
    return _marked(chosen.text, found, weights), chosen.recommendation


def plain(markdown: str) -> str:
    """Markdown as plain text, paragraphs kept apart; flows and code fences go."""
    text = _RULE.sub("", _FENCE.sub("", BLOCK.sub("", markdown)))
    return _EMPHASIS.sub("", _LINK.sub(r"\1", _LEAD.sub("", text)))


def _passages(revision: Revision) -> Iterator[_Passage]:
    if revision.summary:
        yield _Passage(revision.summary, None)
    for recommendation in revision.recommendations.all():
        yield _Passage(recommendation.text, recommendation)
    for block in re.split(r"\n\s*\n", BLOCK.sub("", revision.body)):
        if not block.lstrip().startswith("#") or "\n" in block.strip():
            yield from _pieces(block)


def _pieces(block: str) -> Iterator[_Passage]:
    """A paragraph whole; a list or a table by its lines."""
    lines = [line for line in plain(block).splitlines() if line.strip()]
    is_prose = not re.search(r"^\s*(?:[-*+|#]|\d+[.)])", block, re.MULTILINE)
    for text in [" ".join(lines)] if is_prose else lines:
        if text := _CELL.sub(" · ", text.strip().strip("|")).strip(" ·"):
            yield _Passage(text, None)


def _score(hits: list[Word], weights: Mapping[str, float]) -> float:
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
        inside = [word for word in hits[place:] if word.end <= first.start + LENGTH - 60]
        score = _score(inside, weights)
        if score > top:
            best_start, top = first.start, score
    lead = text[max(0, best_start - 60) : best_start]
    sentence = max(lead.rfind(". "), lead.rfind("? "))
    start = best_start - len(lead) + (sentence + 2 if sentence >= 0 else lead.find(" ") + 1)
    start = 0 if best_start <= 60 else start
    end = len(text) if len(text) <= start + LENGTH else text.rfind(" ", start + 1, start + LENGTH)
    return start, end if end > start else start + LENGTH
