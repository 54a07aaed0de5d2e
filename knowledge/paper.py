"""A body's Markdown as the tree that the templates of ``templates/pdf`` print. Pure: values in, values out.

Every text stays a value all the way to the page; a link keeps its address only when it leads to the web or to mail.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

Node = dict[str, Any]
_SCHEMES = ("http", "https", "mailto")
_SPANS = {"strong": "strong", "em": "em", "s": "s"}
_ALIGNED = {"text-align:right": "right", "text-align:center": "center"}


def tree(tokens: Sequence[Token], *, site: str) -> list[Node]:
    """The blocks of a parsed body; ``site`` is what addresses without a host begin with."""
    return list(_blocks(SyntaxTreeNode(tokens).children, site))


def _blocks(nodes: Iterable[SyntaxTreeNode], site: str) -> Iterator[Node]:
    for node in nodes:
        if make := _MAKERS.get(node.type):
            yield make(node, site)


def _paragraph(node: SyntaxTreeNode, site: str) -> Node:
    return {"t": "p", "c": _spans(node, site)}


def _heading(node: SyntaxTreeNode, site: str) -> Node:
    return {"t": "heading", "level": min(int(node.tag[1]), 4), "c": _spans(node, site)}


def _quote(node: SyntaxTreeNode, site: str) -> Node:
    return {"t": "quote", "c": list(_blocks(node.children, site))}


def _code(node: SyntaxTreeNode, site: str) -> Node:
    return {"t": "code", "v": node.content.rstrip("\n")}


def _rule(node: SyntaxTreeNode, site: str) -> Node:
    return {"t": "rule"}


def _list(node: SyntaxTreeNode, site: str) -> Node:
    items = [list(_blocks(item.children, site)) for item in node.children]
    return {
        "t": "list",
        "ordered": node.type == "ordered_list",
        "start": int(node.attrs.get("start", 1)),
        "tasks": "task-list" in str(node.attrs.get("class", "")) or any(map(_begins_with_a_box, items)),
        "items": items,
    }


def _begins_with_a_box(blocks: Sequence[Node]) -> bool:
    spans = blocks[0].get("c", []) if blocks and blocks[0]["t"] == "p" else []
    return bool(spans) and spans[0]["t"] == "box"


def _table(node: SyntaxTreeNode, site: str) -> Node:
    rows = [row for part in node.children for row in part.children]
    head, *others = rows
    return {
        "t": "table",
        "columns": len(head.children),
        "align": [_ALIGNED.get(str(cell.attrs.get("style", "")), "left") for cell in head.children],
        "head": [_spans(cell, site) for cell in head.children],
        "cells": [_spans(cell, site) for row in others for cell in row.children],
    }


def _spans(node: SyntaxTreeNode, site: str) -> list[Node]:
    """What stands inside a paragraph, a heading or a cell."""
    found = node.children if node.children and node.children[0].type != "inline" else None
    inner = found if found is not None else [part for line in node.children for part in line.children]
    return [span for part in inner if (span := _span(part, site)) is not None]


def _span(part: SyntaxTreeNode, site: str) -> Node | None:
    if part.type in _SPANS:
        return {"t": _SPANS[part.type], "c": _spans(part, site)}
    match part.type:
        case "text":
            return {"t": "text", "v": part.content}
        case "softbreak":
            return {"t": "text", "v": " "}
        case "hardbreak":
            return {"t": "break"}
        case "code_inline":
            return {"t": "code", "v": part.content}
        case "html_inline":  # the parser reads no HTML: this is the task list's own
            return {"t": "box"} if "checkbox" in part.content else None
        case "link":
            return _link(part, site)
    return None


def _link(part: SyntaxTreeNode, site: str) -> Node:
    target = str(part.attrs.get("href", ""))
    scheme, _, rest = target.partition(":")
    address = urljoin(site, f"/documents/{rest}/" if scheme == "document" else target)
    spans = _spans(part, site)
    if urlsplit(address).scheme in _SCHEMES:
        return {"t": "link", "url": address, "c": spans}
    return {"t": "em", "c": spans}


_MAKERS: Mapping[str, Callable[[SyntaxTreeNode, str], Node]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "bullet_list": _list,
    "ordered_list": _list,
    "blockquote": _quote,
    "fence": _code,
    "code_block": _code,
    "hr": _rule,
    "table": _table,
}
