"""A revision's Markdown as HTML that is safe to show, with its contents list and its decision flows.

The HTML is sanitised after it has been rendered, so that nothing a plug-in or an author wrote gets past.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import nh3
from django.core.cache import caches
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.tasklists import tasklists_plugin

from knowledge import blocks, flows
from knowledge.blocks import Block
from knowledge.flows import Step
from knowledge.models import Revision

# Raise with every change to what is rendered, so that what caches hold is made anew.
VERSION = 3
_DAY = 86_400
_TAGS = set(
    "a blockquote br code dd del div dl dt em h2 h3 h4 h5 h6 hr img input label li ol p pre s strong sub sup table "
    "tbody td th thead tr ul".split()
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "div": {"class", "role", "tabindex", "aria-label"},
    "h2": {"id"},
    "h3": {"id"},
    "img": {"src", "alt", "loading"},
    "input": {"type", "class"},
    "label": {"class"},
    "li": {"class"},
    "ol": {"start"},
    "td": {"class"},
    "th": {"class", "scope"},
    "ul": {"class"},
}
_CLASSES = {"table-wide", "task-list", "task", "figures", "centred"}
_SCHEMES = {"http", "https", "mailto"}
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
_OWN_FILE = re.compile(rf"/documents/{_NAME}/files/{_NAME}")
# An address of the site or with a scheme of _SCHEMES; nothing that looks as if it had another.
_LINK = re.compile(r"(?i:https?:|mailto:)|/|#|[^:]*$")
_ALIGNED = {"text-align:right": "figures", "text-align:center": "centred"}


@dataclass(frozen=True)
class Heading:
    """One entry of the contents list; ``level`` is 2 or 3."""

    anchor: str
    text: str
    level: int


@dataclass(frozen=True)
class FlowText:
    """A decision flow for the page: its place in the document, and its steps as text."""

    number: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Rendered:
    """``pieces`` are ``html`` in parts: each up to the end of one of the ``blocks``, with that block's number."""

    html: SafeString
    pieces: tuple[tuple[SafeString, int | None], ...]
    blocks: tuple[Block, ...]
    contents: tuple[Heading, ...]
    flows: tuple[FlowText, ...]
    has_tasks: bool


def rendered(revision: Revision) -> Rendered:
    """The revision's body, from this process's cache when it was shown before."""
    cache = caches["process"]
    files = files_of(revision.document.slug) if "](attachment:" in revision.body else ""
    key = f"rendered:{VERSION}:{files}:{hashlib.sha256(revision.body.encode()).hexdigest()}"
    found: Rendered | None = cache.get(key)
    if found is None:
        found = render(revision.body, files)
        cache.set(key, found, _DAY)
    return found


def files_of(slug: str) -> str:
    """Where a document's pictures and PDFs are found."""
    return f"/documents/{slug}/files/"


def render(markdown: str, files: str = "") -> Rendered:
    """Render and sanitise. A flow that cannot be read stays where it was, as text.

    ``files`` is where the document's own pictures are; no other picture is ever shown.
    """
    parsed = parse(blocks.without_marks(markdown))
    _wrap_tables(parsed.tokens)
    marked = blocks.mark(parsed.tokens)
    html = _sanitised(str(_PARSER.renderer.render(parsed.tokens, _PARSER.options, {"files": files})))
    pieces = blocks.cut(html)
    return Rendered(
        html=mark_safe("".join(piece for piece, _ in pieces)),  # noqa: S308 - sanitised above
        pieces=pieces,
        blocks=marked,
        contents=tuple(parsed.contents),
        flows=tuple(parsed.flows),
        has_tasks='class="task"' in html,
    )


@dataclass(frozen=True)
class Parsed:
    """A body as tokens: flows are taken out, and first-level headings are second-level ones."""

    tokens: list[Token]
    contents: list[Heading]
    flows: list[FlowText]


def parse(markdown: str) -> Parsed:
    """Parse a body; what prints it without HTML begins here, too."""
    tokens = _PARSER.parse(markdown, {})
    contents, found = _anchor_headings(tokens), _take_flows(tokens)
    _drop_bare_headings(tokens, contents)
    return Parsed(tokens, contents, found)


def _sanitised(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_allowed,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    """What an attribute may say; None takes it away."""
    if attribute == "class":
        return " ".join(word for word in value.split() if word in _CLASSES) or None
    if tag == "a" and attribute == "href":
        return value if _LINK.match(value) else None
    if tag == "img" and attribute == "src":
        return value if _OWN_FILE.fullmatch(value) else None
    if tag == "input" and attribute == "type":
        return value if value == "checkbox" else None
    if tag == "div" and attribute in ("role", "tabindex"):
        return value if value in ("region", "0") else None
    return value


def _anchor_headings(tokens: Sequence[Token]) -> list[Heading]:
    """Give each heading of the second and third level an id of its own; first-level ones become second."""
    contents: list[Heading] = []
    taken: set[str] = set()
    for opening, inline, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opening.type != "heading_open":
            continue
        if opening.tag == "h1":
            opening.tag = closing.tag = "h2"
        if opening.tag in ("h2", "h3"):
            text = _plain(inline)
            anchor = _unused(f"s-{slugify(text)[:60] or 'part'}", taken)
            opening.attrSet("id", anchor)
            contents.append(Heading(anchor, text, int(opening.tag[1])))
    return contents


def _plain(inline: Token) -> str:
    parts = inline.children or []
    return "".join(part.content for part in parts if part.type in ("text", "code_inline")).strip()


def _unused(anchor: str, taken: set[str]) -> str:
    number, candidate = 1, anchor
    while candidate in taken:
        number += 1
        candidate = f"{anchor}-{number}"
    taken.add(candidate)
    return candidate


def _take_flows(tokens: list[Token]) -> list[FlowText]:
    """Take the readable flows out of the text: the page shows them in a place of their own."""
    found: list[FlowText] = []
    number = 0
    for token in list(tokens):
        if token.type == "fence" and token.info.strip() == "mermaid":
            try:
                steps = tuple(flows.steps(flows.parse(token.content)))
            except flows.FlowError:
                pass
            else:
                found.append(FlowText(number, steps))
                tokens.remove(token)
            number += 1
    return found


def _drop_bare_headings(tokens: list[Token], contents: list[Heading]) -> None:
    """A heading that introduced nothing but a flow goes with it."""
    place = 0
    while place + 2 < len(tokens):
        opening, after = tokens[place], tokens[place + 3 : place + 4]
        bare = opening.type == "heading_open" and (
            not after or (after[0].type == "heading_open" and after[0].tag <= opening.tag)
        )
        if bare:
            contents[:] = [heading for heading in contents if heading.anchor != opening.attrGet("id")]
            del tokens[place : place + 3]
        else:
            place += 1


def _wrap_tables(tokens: Sequence[Token]) -> None:
    """Name each table's scrolling box after the heading above it, and mark its columns of figures."""
    title = "Table"
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            title = _plain(tokens[place + 1])
        elif token.type == "table_open":
            token.meta["label"] = f"Table: {title}" if title != "Table" else title
        elif token.type in ("th_open", "td_open"):
            if named := _ALIGNED.get(str(token.attrs.pop("style", ""))):
                token.attrSet("class", named)
            if token.type == "th_open":
                token.attrSet("scope", "col")


class _Renderer(RendererHTML):
    """Tables scroll in a box of their own; links to documents and files become addresses of the site."""

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        box = Token("div_open", "div", 1, attrs={"class": "table-wide", "role": "region", "tabindex": "0"})
        box.attrSet("aria-label", str(tokens[idx].meta.get("label", "Table")))
        return f"<div{self.renderAttrs(box)}>\n<table>\n"

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table>\n</div>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        target = str(tokens[idx].attrGet("href") or "")
        if found := re.fullmatch(r"document:([A-Za-z0-9._-]+)", target):
            tokens[idx].attrSet("href", f"/documents/{found[1]}/")
        elif found := re.fullmatch(rf"attachment:({_NAME})", target):
            tokens[idx].attrSet("href", f"{env['files']}{found[1]}")
        return self.renderToken(tokens, idx, options, env)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A picture of the document's own, with words for those who cannot see it; of any other, its words alone."""
        words = " ".join(self.renderInlineAsText(tokens[idx].children, options, env).split())
        found = re.fullmatch(rf"attachment:({_NAME})", str(tokens[idx].attrGet("src") or ""))
        if not found or not words or not env["files"]:
            return escapeHtml(words)
        shown = Token("image", "img", 0)
        shown.attrSet("src", f"{env['files']}{found[1]}")
        shown.attrSet("alt", words)
        shown.attrSet("loading", "lazy")
        return f"<img{self.renderAttrs(shown)}>"

    def html_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """The only HTML inside a line is the check box that the task list plug-in wrote."""
        return '<input type="checkbox" class="task">' if "checkbox" in tokens[idx].content else tokens[idx].content


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    parser.enable(["table", "strikethrough"])
    return parser.use(tasklists_plugin, enabled=True, label=True)


_PARSER = _parser()
