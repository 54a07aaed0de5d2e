"""A document on paper: what stands on every page, for whom, and that no text can act as markup."""

import io
import re
import time
from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from knowledge import paper
from knowledge.models import Document, Reading
from knowledge.rendering import parse
from knowledge.services import import_documents, retire_document
from knowledge.views.printing import css_text
from portal.common import pdf
from portal.common.models import AuditEvent
from portal.members.models import Organization, Person
from tests.cast import Cast
from tests.knowledge.helpers import load_rows, make_document, row
from tests.knowledge.test_api import api
from tests.knowledge.test_importing import score
from tests.knowledge.test_pages import FULL, as_

SITE = "https://site.example"


def pages(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def printed(person: Person, path: str) -> list[str]:
    response = as_(person).get(path)
    assert response.status_code == 200, path
    assert response["Content-Type"] == "application/pdf"
    return pages(response.content)


@pytest.mark.django_db
@time_machine.travel("2026-11-26 15:00Z", tick=False)
def test_every_page_says_revision_dates_reader_and_number(tmp_path: Path, cast: Cast) -> None:
    long = "\n\n".join(f"## Part {number}\n\n" + "A long paragraph of advice. " * 60 for number in range(12))
    make_document(tmp_path, "long", body=long, source="Demonstration content for Consilium.", review_due="2027-06-30")
    found = printed(cast.clinician_prairie, "/documents/long/document.pdf")
    assert len(found) > 3
    for number, page in enumerate(found, 1):
        assert "Revision 1, published Thu 26 Nov 2026, review due Wed 30 Jun 2027" in page
        assert "Printed for Prairie Health on Thu 26 Nov 2026" in page
        assert f"Page {number} of {len(found)}" in page
        assert "Demonstration content. Not for clinical use." in page
    assert "Printed for Lakeside Medical Group" in printed(cast.clinician_lakeside, "/documents/long/document.pdf")[-1]
    assert "Printed for the network on" in printed(cast.specialist, "/documents/long/document.pdf")[0]


@pytest.mark.django_db
def test_everything_of_a_document_is_on_paper(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "full", title="Fever in adults", **FULL)
    load_rows(tmp_path, score())
    text = " ".join(printed(cast.clinician_prairie, "/documents/full/document.pdf"))
    for words in (
        "Fever in adults",
        "A summary of full.",
        "Act now.",
        "Strong · High certainty · Verified Tue 30 Jun 2026 by Dr. Reviewer",
        "Review overdue since Thu 1 Oct 2026",
        "Decision flow 1. Fever? Yes: go to step",
        "Tick me",
        "Drug Dose A 1",
        "A source. pmid:123",
        "ICD-10-CM: A41.9",
        "full, revision 1.",
    ):
        assert words in text, words
    content = as_(cast.clinician_prairie).get("/documents/full/document.pdf").content
    links = [
        str(note.get_object()["/A"]["/URI"])
        for page in PdfReader(io.BytesIO(content)).pages
        for note in page.get("/Annots", [])
    ]
    assert "https://pubmed.ncbi.nlm.nih.gov/123" in links
    calculator = " ".join(printed(cast.clinician_prairie, "/documents/score/document.pdf"))
    assert "Points" in calculator
    assert "What it means" in calculator


@pytest.mark.django_db
def test_past_and_retired_ones_warn_on_every_page_and_drafts_are_not_given_out(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a", body="## Old\n\nWords of old.")
    load_rows(tmp_path, row("a", body="## New\n\nWords of today."))
    load_rows(tmp_path, row("a", body="## Next\n\nWords of a draft."), draft=True)
    old = printed(cast.clinician_prairie, "/documents/a/revisions/1/document.pdf")
    assert all("SUPERSEDED by revision 2. Kept as history. Do not act on it." in page for page in old)
    assert "Words of old." in old[0]
    assert "SUPERSEDED" not in printed(cast.clinician_prairie, "/documents/a/document.pdf")[0]
    for path in ("revisions/3/document.pdf", "revisions/99/document.pdf", "revisions/99999999/print.css"):
        assert as_(cast.editor).get(f"/documents/a/{path}").status_code == 404, path
    retire_document(document=document, by="test")
    assert all("RETIRED" in page for page in printed(cast.clinician_prairie, "/documents/a/document.pdf"))
    load_rows(tmp_path, row("only-a-draft"), draft=True)
    for path in ("document.pdf", "print.css"):
        for person in (cast.clinician_prairie, cast.editor):
            assert as_(person).get(f"/documents/only-a-draft/{path}").status_code == 404


@pytest.mark.django_db
def test_who_may_not_read_gets_no_paper_and_taking_it_is_kept(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    assert Client().get("/documents/a/document.pdf").status_code == 302
    printed(cast.clinician_prairie, "/documents/a/document.pdf")
    event = AuditEvent.objects.get(action="document.print")
    assert (event.actor_id, event.object_id, event.detail) == (cast.clinician_prairie.pk, "a", {"revision": 1})
    assert Reading.objects.filter(person=cast.clinician_prairie, document__slug="a").exists()
    cast.clinician_lakeside.roles.all().delete()
    assert as_(Person.objects.get(pk=cast.clinician_lakeside.pk)).get("/documents/a/document.pdf").status_code in (
        302,
        404,
    )


@pytest.mark.django_db
def test_it_comes_over_rest_too(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    load_rows(tmp_path, row("a", body="Other."))
    client = api(cast.clinician_prairie)
    assert "Revision 2" in pages(client.get("/api/v1/documents/a/document.pdf").content)[0]
    assert "Revision 1" in pages(client.get("/api/v1/documents/a/document.pdf?revision=1").content)[0]
    for query, status in (("?revision=x", 400), ("?revision=9", 404)):
        assert client.get(f"/api/v1/documents/a/document.pdf{query}").status_code == status
    assert client.get("/api/v1/documents/none/document.pdf").status_code == 404


@pytest.mark.django_db
@time_machine.travel("2026-11-26 15:00Z", tick=False)
def test_a_browser_prints_the_same_at_the_foot_of_each_page(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a", review_due="2027-06-30")
    Organization.objects.filter(pk=cast.prairie.pk).update(name='A"} body{display:none} /*')
    page = as_(cast.clinician_prairie).get("/documents/a/").content.decode()
    assert 'media="print" href="/documents/a/print.css"' in page
    style = as_(cast.clinician_prairie).get("/documents/a/print.css")
    assert style["Content-Type"].startswith("text/css")
    text = style.content.decode()
    said = re.sub(r"\\([0-9a-f]{6}) ", lambda found: chr(int(found[1], 16)), text)
    assert "Revision 1, published Thu 26 Nov 2026, review due Wed 30 Jun 2027\nPrinted for A" in said
    assert "display:none" not in text
    assert text.count('"') == 6


def typeset(tree: list[paper.Node], **more: object) -> bytes:
    values = {
        "title": "T", "kind": "", "running": "", "warning": "", "foot": ["F"], "summary": "", "standing": "",
        "recommendations": [], "score": None, "flows": [], "body": tree, "references": [], "closing": [],
    }  # fmt: skip
    return pdf.typeset("document.typ", values | more)


HOSTILE = [
    '#panic("out")',
    '#read("/etc/passwd")',
    "$ x $ *bold* _em_ = Heading @ref <label> `raw`",
    '"]} #import "@preview/cetz:0.3.0"',
    "\\u{1F600} \\ \\# ~ -- --- //comment /* block",
    "#while true {}",
    "{{ }} {% %} &lt;script&gt;",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_what_looks_like_markup_is_printed_as_it_stands(words: str) -> None:
    step = {"number": 1, "text": words, "is_question": True, "ways": [{"answer": words, "step": 1}]}
    made = typeset(
        [{"t": "p", "c": [{"t": "text", "v": words}]}],
        title=words, running=words, foot=[words], summary=words, flows=[[step]], closing=[words],
        recommendations=[{"text": words, "facts": words, "warning": words, "evidence": words}],
        references=[{"citation": words, "link": "", "label": words}],
    )  # fmt: skip
    # In title, foot, summary, step, answer, recommendation, body, reference and close; lines may break anywhere.
    squeezed = "".join("".join(pages(made)).split())
    assert squeezed.count("".join(words.split())) >= 10


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(alphabet="#$*_`[]{}()<>\\\"'@=-+/~:;,.!|&%^ \n\t\0a1é中\u202e", max_size=120))
def test_no_text_breaks_out_or_breaks_the_printing(one: str, other: str) -> None:
    body = f"# {one}\n\n{other}\n\n- {one}\n- [ ] {other}\n\n| {one} | b |\n|---|--:|\n| {other} | c |\n\n> {other}"
    made = typeset(paper.tree(parse(body).tokens, site=SITE), title=one or " ", foot=[other], summary=one)
    assert made.startswith(b"%PDF")


def test_links_lead_to_the_web_alone() -> None:
    body = "[a](document:sepsis) [b](https://x.example/) [c](javascript:alert(1)) [d](/search/) [e](file:///etc/passwd)"
    nodes = paper.tree(parse(body).tokens, site=SITE)[0]["c"]
    addresses = [node["url"] for node in nodes if node["t"] == "link"]
    assert addresses == [f"{SITE}/documents/sepsis/", "https://x.example/", f"{SITE}/search/"]


def test_deep_nesting_is_printed() -> None:
    body = "> " * 60 + "deep\n\n" + "\n".join("  " * depth + "- item" for depth in range(40))
    assert typeset(paper.tree(parse(body).tokens, site=SITE)).startswith(b"%PDF")


def test_a_css_string_holds_exactly_its_words() -> None:
    assert css_text('a"\n\\é') == '"a\\000022 \\00000a \\00005c \\0000e9 "'


@pytest.mark.django_db
def test_every_demonstration_document_is_typeset_in_a_blink(settings: LazySettings, cast: Cast) -> None:
    import_documents(path=settings.ROOT / "knowledge" / "demonstration", by="test")
    client, slowest = as_(cast.clinician_prairie), 0.0
    for slug in Document.objects.order_by("slug").values_list("slug", flat=True):
        began = time.process_time()
        assert client.get(f"/documents/{slug}/document.pdf").status_code == 200, slug
        slowest = max(slowest, time.process_time() - began)
    assert slowest < 1.0, f"{slowest:.2f} s of work: too slow for a request (decision 10)"


def test_dates_are_as_on_the_pages() -> None:
    from portal.common.templatetags.words import day_words

    assert day_words(date(2026, 11, 26)) == "Thu 26 Nov 2026"
