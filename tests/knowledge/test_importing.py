"""Importing: right the first time, nothing the second time, nothing at all when anything is wrong."""

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from knowledge.models import Document, Revision
from knowledge.services import ImportRefused, import_documents
from portal.common.models import AuditEvent
from portal.common.refusals import Refused
from tests.cast import Cast
from tests.knowledge.helpers import FLOW, load_rows, make_document, row, write_rows

pytestmark = pytest.mark.django_db

MARKDOWN = """---
id: fever
kind: protocol
title: "Fever: the first hour"
summary: "Act on fever."
specialties: [pediatrics, emergency-medicine]
codes: [R50.9]
keywords: [pyrexia]
review_due: 2027-06-30
source: "Test"
recommendations:
  - key: cultures-first
    text: "Take cultures first."
    strength: strong
    grade: low
    verified_on: 2026-06-30
    verified_by: "Reviewer"
    due_on: 2027-06-30
references:
  - citation: "Somebody. A guideline."
    year: 2020
    identifier: "doi:10.1/x"
    url: ""
---
## Recognize
See [the other](document:other).

"""
CALCULATOR = {
    "name": "Test score",
    "items": [
        {"key": "a", "label": "A", "points": 2},
        {"key": "b", "label": "B", "choices": [{"label": "no", "points": -1}, {"label": "yes", "points": 1}]},
    ],
    "bands": [
        {"from": -1, "to": 0, "label": "Low", "text": "Wait."},
        {"from": 1, "to": 3, "label": "High", "text": "Act."},
    ],
}


def score(**values: Any) -> dict[str, Any]:
    return row("score", kind="tool", tool_type="calculator", calculator=CALCULATOR | values)


def problems(folder: Path, *rows: dict[str, Any] | str) -> list[str]:
    """What the importer says is wrong, having imported nothing."""
    with pytest.raises(ImportRefused) as caught:
        import_documents(path=write_rows(folder, *rows), by="test")
    assert not Document.objects.exists()
    return [str(problem) for problem in caught.value.problems]


def test_markdown_with_front_matter(tmp_path: Path) -> None:
    (tmp_path / "fever.md").write_text(MARKDOWN + FLOW)
    write_rows(tmp_path, row("other"))
    done = import_documents(path=tmp_path, by="test")
    assert (done.added, done.changed, done.unchanged) == (2, 0, 0)
    document = Document.objects.get(slug="fever")
    revision = document.current_revision
    assert revision is not None
    assert revision.state == "published"
    assert revision.title == "Fever: the first hour"
    assert revision.codes == ["R50.9"]
    assert {place.slug for place in document.specialties.all()} == {"pediatrics", "emergency-medicine"}
    assert [part.key for part in revision.recommendations.all()] == ["cultures-first"]
    assert revision.references.get().link == "https://doi.org/10.1/x"
    assert document.version == 1


def test_gzip_and_plain_recommendations(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    values = row("zipped", recommendations=["Do this.", "Do this.", {"text": "Do that.", "strength": "strong"}])
    path.write_bytes(gzip.compress(json.dumps(values).encode()))
    import_documents(path=path, by="test")
    found = Document.objects.get(slug="zipped").current_revision
    assert found is not None
    parts = list(found.recommendations.values_list("key", "strength"))
    assert parts == [("do-this", ""), ("do-this-2", ""), ("do-that", "strong")]


def test_repeating_changes_nothing_and_a_change_supersedes(tmp_path: Path) -> None:
    load_rows(tmp_path, row("a"), row("b"))
    again = load_rows(tmp_path, row("a"), row("b"))
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    changed = load_rows(tmp_path, row("a", title="New"), row("b"))
    assert (changed.added, changed.changed, changed.unchanged) == (0, 1, 1)
    document = Document.objects.get(slug="a")
    assert list(document.revisions.values_list("number", "state")) == [(2, "published"), (1, "superseded")]
    assert document.version == 2
    assert AuditEvent.objects.filter(action="documents.import").count() == 2


def test_kind_and_specialties_are_content(tmp_path: Path) -> None:
    load_rows(tmp_path, row("a"))
    assert load_rows(tmp_path, row("a", kind="faq", specialties=["neurology"])).changed == 1
    document = Document.objects.get(slug="a")
    assert document.kind == "faq"
    assert [place.slug for place in document.specialties.all()] == ["neurology"]


def test_drafts_wait_and_are_not_passed_over(tmp_path: Path) -> None:
    load_rows(tmp_path, row("a"), draft=True)
    document = Document.objects.get(slug="a")
    assert document.current_revision is None
    assert load_rows(tmp_path, row("a"), draft=True).unchanged == 1
    assert load_rows(tmp_path, row("a", title="Second"), draft=True).changed == 1
    assert list(document.revisions.values_list("state", "title")) == [("draft", "Second")]
    with pytest.raises(ImportRefused, match="1 problem"):
        load_rows(tmp_path, row("a", title="Third"))
    assert load_rows(tmp_path, row("a", title="Second")).changed == 1
    document.refresh_from_db()
    assert document.current_revision is not None
    assert not document.revisions.filter(state=Revision.State.DRAFT).exists()


def test_retired_documents_stay_so_until_they_change(tmp_path: Path) -> None:
    from knowledge.services import retire_document

    document = retire_document(document=make_document(tmp_path, "a"), by="test")
    assert load_rows(tmp_path, row("a")).unchanged == 1
    document.refresh_from_db()
    assert document.retired_at
    load_rows(tmp_path, row("a", title="Better"))
    document.refresh_from_db()
    assert document.retired_at is None


BAD = [
    ({"id": ""}, "line 1: id: is missing or empty"),
    ({"id": "a b"}, "line 1: id: “a b” must be letters"),
    ({"id": "manage"}, "line 1: id: “manage” is an address"),
    ({"id": 7}, "line 1: id: must be text; put 7 in quotes"),
    ({"kind": "recipe"}, "line 1: kind: “recipe” is not one of protocol, topic, faq, tool, handout, notice"),
    ({"kind": "tool"}, "line 1: tool_type: is missing"),
    ({"tool_type": "checklist"}, "line 1: tool_type: belongs to the kind “tool” only"),
    ({"title": " "}, "line 1: title: is empty"),
    ({"title": "x" * 301}, "line 1: title: has 301 characters; at most 300"),
    ({"body": ""}, "line 1: body: is missing or empty"),
    ({"body": "bell \u0007"}, "line 1: body: holds the control character U+0007 after 5"),
    ({"title": "a\u202eb"}, "line 1: title: holds the control character U+202E"),
    ({"summary": "\ud800"}, "line 1: summary: holds the control character U+D800"),
    (
        {"specialties": ["alchemy"]},
        "line 1: specialties: “alchemy” is not known; the specialties are addiction-medicine",
    ),
    ({"specialties": "cardiology"}, "line 1: specialties: must be a list"),
    ({"codes": ["sepsis"]}, "line 1: codes: “sepsis” does not look like an ICD-10-CM code"),
    ({"codes": [410]}, "line 1: codes[1]: must be text"),
    ({"keywords": ["k" * 121]}, "line 1: keywords[1]: has 121 characters"),
    ({"review_due": "soon"}, "line 1: review_due: 'soon' is not a date such as 2027-06-30"),
    ({"review_due": 20270630}, "line 1: review_due: 20270630 is not a date"),
    ({"recommendations": [{"text": ""}]}, "line 1: recommendations[1].text: is missing"),
    ({"recommendations": [7]}, "line 1: recommendations[1]: must be an object"),
    ({"recommendations": [{"text": "x", "strength": "weak"}]}, "recommendations[1].strength: “weak” is not one of"),
    ({"recommendations": [{"text": "x", "grade": "A"}]}, "recommendations[1].grade: “A” is not one of high"),
    ({"recommendations": [{"text": "x", "colour": "A"}]}, "recommendations[1].colour: is not a field"),
    ({"recommendations": [{"text": "x", "key": "k"}, {"text": "y", "key": "k"}]}, "recommendations[2].key: “k” stands"),
    (
        {"recommendations": [{"text": "x", "verified_on": "2026-02-01", "due_on": "2026-01-01"}]},
        "recommendations[1].due_on: 2026-01-01 is before verified_on",
    ),
    ({"references": [{"year": 2020}]}, "references[1].citation: is missing"),
    ({"references": [{"citation": "x", "year": "2020"}]}, "references[1].year: must be a whole number"),
    ({"references": [{"citation": "x", "url": "javascript:alert(1)"}]}, "references[1].url: “javascript:alert(1)”"),
    ({"body": "[x](document:nowhere)"}, "line 1: body: links to document:nowhere"),
    (
        {"body": '```mermaid\nflowchart TD\nA["x"] --> B\n```'},
        "line 1: body: decision flow, “B” is used but has no text",
    ),
    ({"body": '```mermaid\nflowchart TD\nA["x"]'}, "line 1: body: opens a flow"),
    ({"recomendations": []}, "line 1: recomendations: is not a field; the fields are id, kind"),
]


@pytest.mark.parametrize(("values", "said"), BAD, ids=[said[:40] for _, said in BAD])
def test_a_bad_row_is_named_with_its_field_and_fix(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    found = problems(tmp_path, row("bad", **values), row("good"))
    assert any(said in text for text in found), found
    assert all(text.startswith("documents.jsonl line 1: ") for text in found)


BAD_SCORES: list[tuple[dict[str, Any], str]] = [
    (score(bands=[]), "calculator.bands: must cover every sum from -1 to 3"),
    (score(bands=CALCULATOR["bands"][:1]), "calculator.bands: must cover every sum from -1 to 3"),
    (score(bands=[{"from": 0, "to": 3, "label": "x"}]), "calculator.bands[1]: runs from 0 to 3; it must begin at -1"),
    (score(items=[]), "calculator.items: is missing"),
    (score(items=[{"key": "a", "label": "A", "points": "2"}]), "calculator.items[1].points: must be a whole number"),
    (score(items=[{"key": "a", "label": "A", "choices": [{"label": "x", "points": 1}]}]), "has one choice"),
    (row("s", kind="tool", tool_type="calculator"), "calculator: is missing"),
    (row("s", calculator=CALCULATOR), "calculator: belongs to tools"),
]


@pytest.mark.parametrize(("values", "said"), BAD_SCORES, ids=[said[:30] for _, said in BAD_SCORES])
def test_a_bad_calculator(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    assert any(said in text for text in problems(tmp_path, values))


def test_lines_that_are_no_rows(tmp_path: Path) -> None:
    found = problems(tmp_path, "{not json", "[]", "", row("twice"), row("twice"))
    assert found[0].startswith("documents.jsonl line 1: is not JSON")
    assert found[1] == "documents.jsonl line 2: must be an object of named fields."
    assert found[2] == "documents.jsonl line 5: id: “twice” stands in documents.jsonl line 4 already; rename one."


BAD_FILES = [
    ("a.md", b"no front matter", "a.md: must begin with front matter"),
    ("a.md", b"---\nid: [\n---\nbody", "a.md: line 2: the front matter is not YAML"),
    ("a.md", b"---\nreview_due: 2027-02-30\n---\nbody", "a.md: the front matter holds a value that cannot be"),
    ("a.md", b"---\n- x\n---\nbody", "a.md: the front matter must be named fields"),
    ("a.md", b"---\nid: !!python/object/apply:os.getcwd []\n---\nb", "is not YAML"),
    ("a.jsonl", b"\xff\xfe", "a.jsonl: is not UTF-8 (byte 0)"),
    ("a.jsonl.gz", b"no gzip", "a.jsonl.gz: cannot be read"),
    ("a.jsonl", b"", "holds no documents"),
    ("a.csv", b"x", "must end in .md, .jsonl, .jsonl.gz"),
]


@pytest.mark.parametrize(("name", "content", "said"), BAD_FILES, ids=[said[:30] for *_, said in BAD_FILES])
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ImportRefused) as caught:
        import_documents(path=tmp_path / name, by="test")
    assert any(said in str(problem) for problem in caught.value.problems), caught.value.problems


def test_a_bad_row_leaves_what_was_there_alone(tmp_path: Path) -> None:
    load_rows(tmp_path, row("a"))
    with pytest.raises(ImportRefused):
        load_rows(tmp_path, row("a", title="Changed"), row("b", kind="recipe"))
    assert list(Revision.objects.values_list("title", flat=True)) == ["About a"]


def test_the_command_reports_and_repeats(tmp_path: Path) -> None:
    path = write_rows(tmp_path, row("a"), row("b"))
    for line in ("2 documents: 2 added, 0 changed, 0 unchanged", "2 documents: 0 added, 0 changed, 2 unchanged"):
        out, err = StringIO(), StringIO()
        call_command("import_documents", str(path), stdout=out, stderr=err)
        assert out.getvalue().strip() == line
        assert "2 of 2 documents" in err.getvalue()


def test_the_command_lists_the_first_fifty_problems(tmp_path: Path) -> None:
    path, err = write_rows(tmp_path, *(row(f"r{n}", kind="x") for n in range(60))), StringIO()
    with pytest.raises(CommandError, match=r"Nothing was imported: 60 problems \(10 more not shown\)"):
        call_command("import_documents", str(path), stderr=err)
    assert len(err.getvalue().splitlines()) == 50


def test_by_needs_an_editor(tmp_path: Path, cast: Cast) -> None:
    path = write_rows(tmp_path, row("a"))
    with pytest.raises(Refused):
        import_documents(path=path, by=cast.clinician_prairie)
    with pytest.raises(CommandError, match="Only editors"):
        call_command("import_documents", str(path), by=cast.clinician_prairie.email, stderr=StringIO())
    with pytest.raises(CommandError, match="Nobody here signs in as"):
        call_command("import_documents", str(path), by="nobody@nowhere.example", stderr=StringIO())
    import_documents(path=path, by=cast.editor)
    assert Revision.objects.get().author == cast.editor
