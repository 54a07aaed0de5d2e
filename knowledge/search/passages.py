"""The part of a document that answers best, with the typed words marked."""

import re
from array import array
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from functools import cached_property, lru_cache
from html import escape
from itertools import chain

from django.utils.safestring import SafeString, mark_safe

from knowledge.flows import BLOCK
from knowledge.models import Recommendation, Revision
from knowledge.search.folding import Word, placed, spelled, stem_of

LENGTH = 280
_LEAD_IN = 60  # characters kept before the first word, for the beginning of its sentence
_EQUAL = 1e-9
_FENCE = re.compile(r"^(?:```|~~~).*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_RULE = re.compile(r"^[\s|:+-]+$", re.MULTILINE)
_LEAD = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+(?:\[[ xX]\]\s*)?|\d+[.)]\s+)", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*\*|__|~~|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w))")
_CELL = re.compile(r"\s*\|\s*")


class _Part:
    """A passage: its text, the stems in it, in order, and which recommendation it is."""

    def __init__(self, text: str, recommendation: int | None = None) -> None:
        self.text, self.recommendation = text, recommendation
        self.stems = tuple(map(stem_of, spelled(text)))

    def hits(self, wanted: Container[str]) -> list[Word]:
        """Its words with these stems, with their places."""
        at = self._places
        return [Word(at[2 * n], at[2 * n + 1], stem) for n, stem in enumerate(self.stems) if stem in wanted]

    @cached_property
    def _places(self) -> "array[int]":
        """Where each of its words begins and ends, which only a passage that is shown needs."""
        return array("I", chain.from_iterable(match.span() for match in placed(self.text)))


def best(revision: Revision, weights: Mapping[str, float]) -> tuple[SafeString, Recommendation | None]:
    """The passage of ``revision`` in which the heaviest of the wanted stems meet, and its recommendation, if it is one.

    ``weights`` says how telling each stem is. Without any match it is how the document begins.
    """
    recommendations = list(revision.recommendations.all())
    parts = _parts(revision.summary, tuple(row.text for row in recommendations), revision.body)
    if not parts:
        return SafeString(""), None
    chosen, top = parts[0], 0.0
    for part in parts:
        if found := weights.keys() & part.stems:
            score = sum(weights[stem] for stem in found) * (1.0 if part.recommendation is None else 1.2)
            if score > top:
                chosen, top = part, score
    hits = chosen.hits(weights) if top else []
    recommendation = None if chosen.recommendation is None else recommendations[chosen.recommendation]
    return _marked(chosen.text, hits, weights), recommendation


@lru_cache(maxsize=5_000)
def _parts(summary: str, recommendations: tuple[str, ...], body: str) -> tuple[_Part, ...]:
    """The passages of a document, in order, taken apart; kept, for what is found once is found again."""
    told = (_Part(text, number) for number, text in enumerate(recommendations))
    return (*((_Part(summary),) if summary else ()), *told, *map(_Part, _body(body)))


def plain(markdown: str) -> str:
    """Markdown as plain text, paragraphs kept apart; flows and code fences go."""
    text = BLOCK.sub("", markdown) if "```" in markdown or "~~~" in markdown else markdown
    text = _RULE.sub("", _FENCE.sub("", text)) if "```" in text or "~~~" in text or "|" in text else text
    text = _LEAD.sub("", text)
    text = _LINK.sub(r"\1", text) if "](" in text else text
    return _EMPHASIS.sub("", text) if any(mark in text for mark in "*_`~") else text


def _body(body: str) -> Iterator[str]:
    """The passages of a document's text."""
    for block in re.split(r"\n\s*\n", BLOCK.sub("", body)):
        if not block.lstrip().startswith("#") or "\n" in block.strip():
            yield from _pieces(block)


def _pieces(block: str) -> Iterator[str]:
    """A paragraph whole; a list or a table by its lines."""
    lines = [line for line in plain(block).splitlines() if line.strip()]
    is_prose = not re.search(r"^\s*(?:[-*+|#]|\d+[.)])", block, re.MULTILINE)
    for text in [" ".join(lines)] if is_prose else lines:
        if text := _CELL.sub(" · ", text.strip().strip("|")).strip(" ·"):
            yield text


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
    best_start = _densest(hits, weights)
    lead = text[max(0, best_start - _LEAD_IN) : best_start]
    sentence = max(lead.rfind(". "), lead.rfind("? "))
    start = best_start - len(lead) + (sentence + 2 if sentence >= 0 else lead.find(" ") + 1)
    start = 0 if best_start <= _LEAD_IN else start
    end = len(text) if len(text) <= start + LENGTH else text.rfind(" ", start + 1, start + LENGTH)
    return start, end if end > start else start + LENGTH


def _densest(hits: list[Word], weights: Mapping[str, float]) -> int:
    """Where the stretch begins whose words, each counted once, weigh most."""
    start, top, score, end = 0, 0.0, 0.0, 0
    inside = Counter[str]()
    for place, first in enumerate(hits):
        while (end < len(hits) and hits[end].end <= first.start + LENGTH - _LEAD_IN) or end == place:
            score += 0.0 if inside[hits[end].stem] else weights[hits[end].stem]
            inside[hits[end].stem] += 1
            end += 1
        if score > top + _EQUAL:
            start, top = first.start, score
        inside[first.stem] -= 1
        score -= 0.0 if inside[first.stem] else weights[first.stem]
    return start
