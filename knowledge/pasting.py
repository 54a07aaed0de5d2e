"""From HTML as Word, a web page or a mail puts it on the clipboard to the Markdown a document is written in.

The HTML is sanitised first and only then looked at; what Word says by styles (lists, bold) is turned into elements.
"""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import nh3
from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

LARGEST = 2_000_000
_TAGS = set(
    "a b blockquote br caption code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre s span strike strong sub "
    "sup table tbody td tfoot th thead tr u ul".split()
)
_ATTRIBUTES = {
    "a": {"href"},
    "p": {"style", "class"},
    "span": {"style"},
    "b": {"style"},
    "li": {"style"},
    "td": {"colspan"},
    "th": {"colspan"},
    **{f"h{level}": {"style", "class"} for level in range(1, 7)},
}
_HEADINGS = [f"h{level}" for level in range(1, 7)]
_GONE = {"script", "style", "title", "xml", "noscript", "template"}
_LIST = re.compile(r"mso-list:\s*l(\d+)\s+level(\d+)")
_MARKER = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
_NUMBERED = re.compile(r"\s*\(?(?:\d+|[a-zA-Z]{1,3}|[ivxIVX]+)[.)]")
_BOLD = re.compile(r"font-weight:\s*(?:bold|[6-9]00)")
_ITALIC = re.compile(r"font-style:\s*italic")
_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")


def markdown_from_html(html: str) -> str:
    """The Markdown of what was pasted: headings, lists, tables, emphasis and links; nothing else. Pictures go."""
    clean = nh3.clean(
        html[:LARGEST],
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        clean_content_tags=_GONE,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    try:
        return _converted(BeautifulSoup(f"<div>{clean}</div>", "html.parser"))
    except RecursionError:  # nothing a person wrote is nested that deep; the words are kept
        return _tidy(unescape(nh3.clean(clean, tags=set())))


def _converted(soup: BeautifulSoup) -> str:
    _join_lines(soup)
    _make_lists(soup)
    _mend_lists(soup)
    _name_styles(soup)
    _mend_links(soup)
    _flatten_cells(soup)
    return _tidy(_Converter(heading_style="ATX", bullets="-", table_infer_header=True).convert_soup(soup))


class _Converter(MarkdownConverter):
    """Markdown as documents here are written."""

    def convert_u(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return text

    def convert_sup(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _moved(text, _RAISED)

    def convert_sub(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return _moved(text, _LOWERED)


def _moved(text: str, places: dict[int, int]) -> str:
    """Raised or lowered where each character has such a form; as it stands where not."""
    return text.translate(places) if text and all(ord(letter) in places for letter in text) else text


def _join_lines(soup: BeautifulSoup) -> None:
    """Where the source's own lines end says nothing."""
    for text in soup.find_all(string=True):
        if "\n" in text and text.find_parent("pre") is None:
            text.replace_with(re.sub(r"\s*\n\s*", " ", text))


def _make_lists(soup: BeautifulSoup) -> None:
    """Word's list paragraphs, which are lists by their style only, as nested lists."""
    for paragraph in soup.find_all(["p", *_HEADINGS]):
        if paragraph.parent is None or not _level(paragraph):
            continue
        run = [paragraph, *_followers(paragraph)]
        rows = [(_level(one), *_unmarked(one)) for one in run]
        paragraph.insert_before(_nested(soup, rows))
        for one in run:
            one.extract()


def _followers(paragraph: Tag) -> Iterator[Tag]:
    for other in paragraph.next_siblings:
        if isinstance(other, Tag):
            if not _level(other):
                return
            yield other
        elif str(other).strip():
            return


def _level(element: Tag) -> int:
    """How deep in a Word list the paragraph stands; 0 when it is in none."""
    found = _LIST.search(str(element.get("style") or ""))
    return min(int(found[2]), 9) if found else 0


def _unmarked(paragraph: Tag) -> tuple[bool, Tag]:
    """Whether the paragraph is numbered, and it without the number or dot that Word wrote as text."""
    marker = next((span for span in paragraph.find_all("span") if _MARKER.search(str(span.get("style") or ""))), None)
    text = marker.get_text() if marker else ""
    if marker:
        marker.extract()
    return bool(_NUMBERED.match(text)), paragraph


def _nested(soup: BeautifulSoup, rows: list[tuple[int, bool, Tag]]) -> Tag:
    root = soup.new_tag("ol" if rows[0][1] else "ul")
    open_lists = [(rows[0][0], root)]
    for level, numbered, paragraph in rows:
        while len(open_lists) > 1 and open_lists[-1][0] > level:
            open_lists.pop()
        if level > open_lists[-1][0]:
            inner = soup.new_tag("ol" if numbered else "ul")
            items = open_lists[-1][1].find_all("li", recursive=False)
            (items[-1] if items else open_lists[-1][1]).append(inner)
            open_lists.append((level, inner))
        item = soup.new_tag("li")
        item.extend(list(paragraph.contents))
        open_lists[-1][1].append(item)
    return root


def _mend_lists(soup: BeautifulSoup) -> None:
    """A list inside a list belongs to the entry before it; a paragraph alone in an entry is the entry."""
    for inner in soup.select("ul > ul, ul > ol, ol > ol, ol > ul"):
        before = inner.find_previous_sibling("li")
        if before is not None:
            before.append(inner.extract())
    for item in soup.find_all("li"):
        paragraphs = item.find_all("p", recursive=False)
        if len(paragraphs) == 1:
            paragraphs[0].unwrap()


def _name_styles(soup: BeautifulSoup) -> None:
    """Bold and italic by style become elements; what is bold by name and not by style becomes plain."""
    for bold in soup.find_all("b"):
        style = str(bold.get("style") or "")
        if "font-weight" in style and not _BOLD.search(style):
            bold.unwrap()
    for span in soup.find_all("span"):
        style = str(span.get("style") or "")
        names = [name for name, found in (("strong", _BOLD), ("em", _ITALIC)) if found.search(style)]
        if names and span.get_text().strip():
            span.name = names[0]
            if len(names) > 1:
                span.wrap(soup.new_tag(names[1]))
    _name_headings(soup)


def _name_headings(soup: BeautifulSoup) -> None:
    """Word's title is a heading; headings are not bold besides, and none is empty."""
    for paragraph in soup.find_all("p"):
        if "MsoTitle" in (paragraph.get("class") or []):
            paragraph.name = "h1"
    for heading in soup.find_all(_HEADINGS):
        for strong in heading.find_all(["b", "strong"]):
            strong.unwrap()
        if not heading.get_text().strip():
            heading.extract()


def _mend_links(soup: BeautifulSoup) -> None:
    for link in soup.find_all("a"):
        href = str(link.get("href") or "")
        parts = urlsplit(href) if "[" not in href and "]" not in href else urlsplit("")
        if parts.netloc.endswith("google.com") and parts.path == "/url":
            asked = parse_qs(parts.query)
            href = next((value for name in ("q", "url") for value in asked.get(name, [])), href)
        if href.startswith(("http://", "https://", "mailto:")) and link.get_text().strip():
            link["href"] = href.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
        else:
            link.unwrap()


def _flatten_cells(soup: BeautifulSoup) -> None:
    """A cell is one line: its paragraphs and entries follow one another, its bars are written as such."""
    for strong in soup.select("table tr:first-child b, table tr:first-child strong"):
        strong.unwrap()
    for cell in soup.find_all(["td", "th"]):
        for inner in cell.find_all(["p", "div", "li", "ul", "ol", *_HEADINGS]):
            if inner.name in ("p", "div", "li") and inner.find_next_sibling() is not None:
                inner.append("; " if inner.name == "li" else " ")
            inner.unwrap()
        for line in cell.find_all("br"):
            line.replace_with(" ")
        for text in cell.find_all(string=re.compile(r"\|")):
            text.replace_with(text.replace("|", "\u2223"))


def _tidy(markdown: str) -> str:
    text = _INVISIBLE.sub("", markdown.replace("\u00a0", " "))
    lines = [re.sub(" +", " ", line) if line.startswith("|") else line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
