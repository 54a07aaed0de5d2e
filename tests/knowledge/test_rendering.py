"""Markdown as HTML: what authors need comes through, and nothing else does."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.rendering import render
from tests.knowledge.helpers import FLOW

HOSTILE = Path(__file__).with_name("hostile.txt").read_text("utf-8").removesuffix("\n").split("\n%%\n")
FILES = "/documents/oxygen/files/"
TAGS = set(
    "a blockquote br code del div em h2 h3 h4 h5 h6 hr img input label li ol p pre s strong table tbody td th thead tr "
    "ul".split()
)
ATTRIBUTES = {
    "alt",
    "href",
    "loading",
    "src",
    "title",
    "rel",
    "class",
    "role",
    "tabindex",
    "aria-label",
    "id",
    "type",
    "start",
    "scope",
}


class Checker(HTMLParser):
    """Reads HTML as a browser would, and knows every tag and attribute that may be there."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, (tag, name)
            if name == "href":
                assert re.match(r"(https?://|mailto:|/|#|[^:]*$)", value or ""), value
            if name == "src":
                assert tag == "img"
                assert re.fullmatch(r"/documents/oxygen/files/[A-Za-z0-9._-]+", value or ""), value
            if tag == "input":
                assert (name, value) in {("type", "checkbox"), ("class", "task")}

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


@pytest.mark.parametrize("markdown", HOSTILE)
def test_hostile_markdown_is_only_text(markdown: str) -> None:
    for files in ("", FILES):
        Checker().feed(render(markdown, files).html)


def test_all_hostile_markdown_together_is_only_text() -> None:
    assert len(HOSTILE) >= 100
    Checker().feed(render("\n\n".join(HOSTILE), FILES).html)
    Checker().feed(render("\n".join(HOSTILE), FILES).html)


def test_only_the_documents_own_pictures_are_shown_and_only_with_words() -> None:
    assert (
        render("![The  *way* here](attachment:way.png)", FILES).html.strip()
        == '<p><img src="/documents/oxygen/files/way.png" alt="The way here" loading="lazy"></p>'
    )
    assert render("![](attachment:way.png)", FILES).html.strip() == "<p></p>"
    assert render("![a < b](https://example.org/a.png)", FILES).html.strip() == "<p>a &lt; b</p>"
    assert render("![words](attachment:way.png)").html.strip() == "<p>words</p>"
    assert '<a href="/documents/oxygen/files/a.pdf"' in render("[A](attachment:a.pdf)", FILES).html


@settings(max_examples=200)
@given(st.text(alphabet=st.sampled_from("<>[]()!&;:\"'=/#|`-*_ \nabonscriptjv0"), max_size=120))
def test_no_text_gets_past(markdown: str) -> None:
    Checker().feed(render(markdown, FILES).html)


def test_headings_get_addresses_of_their_own() -> None:
    found = render("# Dose\n\na\n\n## Dose\n\nb\n\n### Älter & *neu*\n\nc\n\n#### Deep\n\nd")
    assert [(part.anchor, part.text, part.level) for part in found.contents] == [
        ("s-dose", "Dose", 2),
        ("s-dose-2", "Dose", 2),
        ("s-alter-neu", "Älter & neu", 3),
    ]
    assert '<h2 id="s-dose">Dose</h2>' in found.html
    assert "<h1" not in found.html


def test_links_to_documents_are_addresses_of_the_site() -> None:
    assert 'href="/documents/faq-one/"' in render("[x](document:faq-one)").html


def test_tables_scroll_in_a_named_box() -> None:
    html = render("## Dosing\n\n| Drug | Dose |\n|---|--:|\n| A | 5 mg |").html
    assert '<div class="table-wide" role="region" tabindex="0" aria-label="Table: Dosing">' in html
    assert '<th class="figures" scope="col">Dose</th>' in html


def test_boxes_can_be_ticked_and_come_unticked() -> None:
    found = render("- [ ] Lactate\n- [x] Cultures")
    assert found.has_tasks
    assert found.html.count('<label><input type="checkbox" class="task">') == 2
    assert "checked" not in found.html
    assert "disabled" not in found.html
    assert not render("text").has_tasks


def test_flows_leave_the_text_with_their_heading() -> None:
    found = render(f"## Recognize\n\na\n\n## Decision flow\n\n{FLOW}\n## Dosing\n\nb")
    assert [part.text for part in found.contents] == ["Recognize", "Dosing"]
    assert [len(flow.steps) for flow in found.flows] == [3]
    assert "flowchart" not in found.html


def test_a_flow_that_cannot_be_read_stays_as_text() -> None:
    found = render("```mermaid\nflowchart TD\nA --> B\n```")
    assert not found.flows
    assert "A --&gt; B" in found.html
