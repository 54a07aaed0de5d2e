"""An organization's note as HTML that is safe to show: paragraphs, lists, emphasis, links and telephone numbers."""

import re

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {"a", "br", "em", "li", "ol", "p", "strong", "ul"}
_SCHEMES = {"http", "https", "mailto", "tel"}
# A number as the network's own country writes it, or any with its country's code; an address; never a plain figure.
_LINKED = re.compile(
    r"(?P<url>https?://[^\s<>\"]{1,300}[^\s<>\".,;:!?)\]])"
    r"|(?P<phone>(?<![\w.])(?:\+[1-9][0-9]{0,2}[ .-]?)?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])"
    r"[0-9]{3}[ .-][0-9]{4}(?![\w-])"
    r"|(?<!\w)\+[1-9](?:[ .-]?[0-9]){7,13}(?!\w))"
)


def rendered_note(text: str) -> SafeString:
    """The note's text, rendered and sanitised."""
    tokens = _PARSER.parse(text)
    for token in tokens:
        if token.type == "inline":
            token.children = _with_links(token.children or [])
    html = str(_PARSER.renderer.render(tokens, _PARSER.options, {}))
    clean = nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes=_SCHEMES, link_rel="noopener noreferrer"
    )
    return mark_safe(clean)  # noqa: S308 - sanitised in the line above


def _with_links(children: list[Token]) -> list[Token]:
    """Addresses and telephone numbers in plain words become links; those inside a link stay as they are."""
    made: list[Token] = []
    depth = 0
    for token in children:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "text" and not depth:
            made += _linked(token.content)
        else:
            made.append(token)
    return made


def _linked(text: str) -> list[Token]:
    made, at = [], 0
    for found in _LINKED.finditer(text):
        href = found["url"] or "tel:" + re.sub(r"[^0-9+]", "", found["phone"])
        made += [
            _words(text[at : found.start()]),
            Token("link_open", "a", 1, attrs={"href": href}),
            _words(found[0]),
            Token("link_close", "a", -1),
        ]
        at = found.end()
    return [*made, _words(text[at:])]


def _words(text: str) -> Token:
    return Token("text", "", 0, content=text)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False, "breaks": True})
    return parser.enable(["list", "emphasis", "link", "autolink", "newline", "escape", "entity", "balance_pairs"])


_PARSER = _parser()
