"""Places of a revision that a remark may be anchored to, and the words found there. Pure.

Words are compared without their white space: a selection made in a browser breaks its lines as the page did.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from itertools import accumulate

from django.utils.safestring import SafeString, mark_safe

RECOMMENDATION = "recommendation:"
_VOID = {"br", "hr", "img", "input"}
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Block:
    """One paragraph, list, table or heading of a rendered text."""

    html: SafeString
    text: str


def squeezed(text: str) -> str:
    """The words with single spaces."""
    return _SPACE.sub(" ", text).strip()


def occurs(quote: str, texts: Iterable[str]) -> bool:
    """Whether the words stand in one of the texts."""
    return any(_bare(quote) in _bare(text) for text in texts)


def places(
    *, title: str, summary: str, body: str, blocks: Sequence[Block], recommendations: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Each place with the texts its words may be found in: the body as it was written, and as it is shown."""
    found: dict[str, tuple[str, ...]] = {"title": (title,), "summary": (summary,)}
    found |= {f"{RECOMMENDATION}{key}": (text,) for key, text in recommendations.items()}
    return found | {"body": (body, " ".join(block.text for block in blocks))}


def block_of(quote: str, blocks: Sequence[Block]) -> int | None:
    """Which block the words end in; None where they stand in none."""
    texts = [_bare(block.text) for block in blocks]
    bare = _bare(quote)
    start = "".join(texts).find(bare) if bare else -1
    if start < 0:
        return None
    ends = accumulate(map(len, texts))
    return next(place for place, end in enumerate(ends) if end >= start + len(bare))


def blocks(html: str) -> list[Block]:
    """The outermost elements of HTML that is already safe, one after the other."""
    parser = _Blocks()
    parser.feed(html)
    parser.close()
    return parser.done()


def _bare(text: str) -> str:
    return _SPACE.sub("", text)


class _Blocks(HTMLParser):
    """Cuts well-formed HTML between its outermost elements, and writes each piece as it stood."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[Block] = []
        self._html: list[str] = []
        self._text: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._html.append(self.get_starttag_text() or "")
        self._text.append(" ")
        if tag not in _VOID:
            self._depth += 1
        elif not self._depth:
            self._cut()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._html.append(f"</{tag}>")
        self._text.append(" ")
        self._depth -= 1
        if self._depth <= 0:
            self._cut()

    def handle_data(self, data: str) -> None:
        self._html.append(escape(data, quote=False))
        self._text.append(data)

    def done(self) -> list[Block]:
        self._cut()
        return self._found

    def _cut(self) -> None:
        html, text = "".join(self._html), squeezed("".join(self._text))
        if html.strip():
            self._found.append(Block(mark_safe(html), text))  # noqa: S308 - cut from HTML that was sanitised
        self._html, self._text, self._depth = [], [], 0
