"""The blocks of a rendered text that a note can stand beside: found in the tokens, marked, cut apart after cleaning.

A mark is a number between two characters of private use, which the cleaning lets through as text. A text's own such
characters are taken out before it is parsed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from markdown_it.token import Token

_BEGIN, _END = "\ue000", "\ue001"
_MARK = re.compile(f"{_BEGIN}([0-9]+){_END}")
_STRUCK = {"s_open": "~~", "s_close": "~~"}


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, list item, table row or piece of code, in plain words; ``under`` is the heading above."""

    kind: str
    text: str
    under: str


def without_marks(markdown: str) -> str:
    """The text without the characters that marks are made of."""
    return markdown.replace(_BEGIN, "").replace(_END, "")


def mark(tokens: list[Token]) -> tuple[Block, ...]:
    """Put a mark behind each block of the tokens, and give the blocks in the order of their numbers."""
    blocks: list[Block] = []
    marked: list[Token] = []
    rows: list[Token] = []
    under = ""
    for place, token in enumerate(tokens):
        marked.append(token)
        if token.type == "table_close":
            marked += rows  # between rows there is no room for a note
            rows = []
        if (block := _block(tokens, place, under)) is None:
            continue
        under = block.text if block.kind == "heading" else under
        if block.text:
            (rows if block.kind == "table row" else marked).append(_marking(len(blocks)))
            blocks.append(block)
    tokens[:] = marked
    return tuple(blocks)


def cut(html: str) -> tuple[tuple[SafeString, int | None], ...]:
    """Clean HTML in pieces, each up to a mark, with the number of the block that ends there."""
    parts = _MARK.split(html)
    numbers = [*map(int, parts[1::2]), None]
    return tuple((mark_safe(part), number) for part, number in zip(parts[::2], numbers, strict=True))  # noqa: S308 - cut from clean HTML


def _marking(number: int) -> Token:
    return Token("html_block", "", 0, content=f"{_BEGIN}{number}{_END}")


def _block(tokens: list[Token], place: int, under: str) -> Block | None:
    """The block that ends at this token."""
    token = tokens[place]
    if token.type in ("fence", "code_block"):
        return Block("code", " ".join(token.content.split()), under)
    if token.type in ("heading_close", "paragraph_close"):
        kind = "heading" if token.type == "heading_close" else _kind_of_paragraph(tokens, place)
        return Block(kind, plain(tokens[place - 1]), under)
    if token.type == "tr_close":
        cells = list(_cells(tokens, place))
        return Block("table row", " | ".join(cells).strip(), under) if any(cells) else None
    return None


def _kind_of_paragraph(tokens: list[Token], place: int) -> str:
    return "list item" if place >= 3 and tokens[place - 3].type == "list_item_open" else "paragraph"


def _cells(tokens: list[Token], place: int) -> Iterator[str]:
    """The cells of the row that ends here; none for a row of headings."""
    start = place
    while tokens[start].type != "tr_open":
        start -= 1
    for at in range(start + 1, place):
        if tokens[at].type == "inline" and tokens[at - 1].type == "td_open":
            yield plain(tokens[at])


def plain(inline: Token) -> str:
    """The words of a line with one space between them; what is struck through is marked, for that is a change."""
    words = []
    for part in inline.children or []:
        if part.type in ("text", "code_inline"):
            words.append(part.content)
        elif part.type in ("softbreak", "hardbreak"):
            words.append(" ")
        else:
            words.append(_STRUCK.get(part.type, ""))
    return " ".join("".join(words).split())
