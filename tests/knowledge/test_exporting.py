"""Exporting: what was written reads back as the very same, here and on a second site, and spares what others wrote."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from difflib import unified_diff
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import assume, given
from hypothesis import strategies as st

from knowledge import fhir
from knowledge.models import Document, Revision
from knowledge.services import ImportRefused, export_documents, import_documents, retire_document
from knowledge.services.exporting import MANIFEST
from knowledge.sources import Problem, SourceDocument, load, markdown
from knowledge.sources.checking import check
from portal.common import tenancy
from portal.common.models import AuditEvent
from portal.common.refusals import Refused
from portal.members.models import Specialty
from tests import database
from tests.cast import Cast
from tests.knowledge.helpers import FLOW, load_rows, make_document, make_documents, row
from tests.knowledge.test_api import api
from tests.knowledge.test_importing import CALCULATOR
from tests.knowledge.test_pages import FULL

DEMONSTRATION = Path("knowledge/demonstration")
HEADS = ("--", "++", "@@")
HOSTILE = [
    "no",
    "Null",
    "~",
    "2026-01-01",
    "2026-02-30",
    "1e3",
    "0x1F",
    "1_000",
    "12:30:45",
    "# not a comment",
    "- not a list",
    "a: b",
    "a #b",
    "{a: b}",
    "[a, b]",
    "&anchor *alias !tag %dir @at `tick`",
    "\"quoted\" and 'single' and \\back\\slash\\n",
    "---",
    "one\n---\ntwo",
    "one\n--- \n\n...\n two\n\n\nthree",
    "dos\r\nline\rends",
    "tab\tand\n\ttab first",
    "trailing   \nspaces  \n   \nkept",
    "| pipe\n> fold",
    "é ü 漢字 العربية 🩺",
    "no\u00a0break zero\u200bwidth",
    "line\u2028and\u2029paragraph\nseparator",
    "\ufeffmark\nof order\ufffe",
    "x" * 290,
]
_SAFE = st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=4).map("\n".join),
    st.text(st.one_of(_SAFE, st.sampled_from("\n\t\r :#-'\"|>[]{}&*!%@`\\"))),
)
SHORT = TEXTS.map(lambda text: text[:119])
DATES = st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2200, 1, 1)).map(str))
IDS = st.one_of(
    st.sampled_from(["no", "1e3", "2026-01-01", "0x1F", "a.b", "1_000", "null", "y", "007"]),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True),
)
RECOMMENDATION = st.fixed_dictionaries(
    {"text": TEXTS, "verified_by": SHORT, "verified_on": DATES},
    optional={
        "key": st.sampled_from(["no", "1e3", "2026-01-01", "a_b", "-", "_x", "0"]),
        "strength": st.sampled_from(["strong", "conditional", "good-practice"]),
        "grade": st.sampled_from(["high", "very-low"]),
    },
)
REFERENCE = st.fixed_dictionaries(
    {"citation": TEXTS, "identifier": SHORT, "year": st.one_of(st.none(), st.integers(1500, 2200))},
    optional={"url": st.sampled_from(["https://a.example/?q=a:b#c", "http://a.example/%20'é"])},
)


@st.composite
def calculators(draw: st.DrawFn) -> dict[str, Any]:
    label, points = SHORT.filter(str.strip), draw(st.integers(1, 9))
    choices = [{"label": draw(label), "points": 0}, {"label": draw(label), "points": -points}]
    items = [{"key": "no", "label": draw(label), "points": points}, {"key": "1", "label": "x", "choices": choices}]
    band = {"from": -points, "to": points, "label": draw(label), "text": draw(TEXTS)}
    return {"name": draw(label), "result": draw(SHORT), "items": items, "bands": [band]}


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": draw(IDS),
        "kind": draw(st.sampled_from(["protocol", "topic", "faq", "notice"])),
        "title": draw(TEXTS.map(lambda text: text[:300])),
        "summary": draw(TEXTS),
        "body": draw(TEXTS),
        "source": draw(TEXTS.map(lambda text: text[:300])),
        "specialties": draw(st.lists(st.sampled_from(["cardiology", "neurology", "no"]), unique=True)),
        "codes": draw(st.lists(st.sampled_from(["A41.9", "I10", "E11.9"]), unique=True)),
        "keywords": draw(st.lists(SHORT, max_size=3)),
        "review_due": draw(DATES),
        "recommendations": draw(st.lists(RECOMMENDATION, max_size=2)),
        "references": draw(st.lists(REFERENCE, max_size=2)),
        "retired_at": draw(st.one_of(st.none(), st.datetimes(datetime(1990, 1, 1), timezones=st.just(UTC)))),  # noqa: DTZ001 - hypothesis wants it bare
    }
    if draw(st.booleans()):
        made |= {"kind": "tool", "tool_type": "calculator", "calculator": draw(calculators())}
    return made


def checked(values: dict[str, Any]) -> tuple[SourceDocument, list[Problem]]:
    problems: list[Problem] = []
    return check(values, "given", ["cardiology", "neurology", "no"], problems), problems


def read_back(text: str, folder: Path) -> SourceDocument:
    file = folder / "read.md"
    file.write_bytes(text.encode())
    (found,), problems = load(file, specialties=["cardiology", "neurology", "no"], existing=set)
    assert not problems, (problems, text)
    return found


@given(values=rows())
def test_any_document_survives_its_file(values: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    first, problems = checked(values)
    assume(not problems)
    second = read_back(markdown(first), tmp_path_factory.getbasetemp())
    assert replace(second, where=first.where) == first
    assert second.content_hash == first.content_hash
    assert markdown(second) == markdown(first)


@given(values=rows())
def test_any_document_is_valid_fhir(values: dict[str, Any]) -> None:
    source, problems = checked(values)
    assume(not problems)
    made = json.loads(fhir.fhir_json(source, "https://consilium.example"))
    fhir.validate(made)
    assert made["status"] == ("retired" if source.retired_at else "active")
    attached = made["content"][0] if "content" in made else made["relatedArtifact"][0]["document"]
    assert base64.b64decode(attached["data"]).decode() == markdown(source)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_each_hostile_text_survives_in_every_field(text: str, tmp_path: Path) -> None:
    values = row(
        "h",
        title=text,
        summary=text,
        body=text,
        keywords=[text[:120]],
        source=text,
        recommendations=[{"key": "k", "text": text, "verified_by": text[:120]}],
        references=[{"citation": text, "identifier": text[:120]}],
    )
    first, problems = checked(values)
    assert not problems
    assert replace(read_back(markdown(first), tmp_path), where="given") == first


def test_the_file_reads_well() -> None:
    values = row(
        "fever",
        title="Fever: the “first” hour",
        summary="Act.\n\n- Soon.",
        keywords=["pyrexia", "no", "chest pain"],
        codes=["R50.9"],
        recommendations=[{"key": "act", "text": "Act: now.", "strength": "strong", "verified_on": "2026-06-30"}],
        references=[{"citation": "A source", "year": 2020}],
        retired_at="2026-11-22T14:20:00+02:00",
    )
    assert markdown(checked(values)[0]) == (
        '---\nid: fever\nkind: topic\nretired_at: 2026-11-22T12:20:00Z\ntitle: "Fever: the “first” hour"\n'
        "summary: |-\n  Act.\n\n  - Soon.\nspecialties: [cardiology]\ncodes: [R50.9]\n"
        'keywords: [pyrexia, "no", chest pain]\nreview_due: 2027-06-30\nsource: "Test"\n'
        "recommendations:\n  - key: act\n"
        '    text: "Act: now."\n    strength: strong\n    verified_on: 2026-06-30\nreferences:\n'
        '  - citation: "A source"\n    year: 2020\n    identifier: ""\n    url: ""\n'
        "---\n## Part\n\nA paragraph on fever.\n"
    )


@pytest.mark.django_db
def test_the_demonstration_keeps_its_format() -> None:
    """An export writes what was written by hand, but for quotes around keywords that need none."""
    sources, problems = load(
        DEMONSTRATION, specialties=set(Specialty.objects.values_list("slug", flat=True)), existing=set
    )
    assert len(sources) > 50
    assert not problems
    for source in sources:
        written = (DEMONSTRATION / source.where).read_text().splitlines()
        changed = [line for line in unified_diff(written, markdown(source).splitlines(), n=0) if line[:2] not in HEADS]
        assert all(line[1:].startswith("keywords: ") for line in changed), changed


def command(*words: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*words, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def hostile_rows() -> list[dict[str, Any]]:
    return [
        row(
            f"hostile-{number}",
            title=text,
            summary=text,
            body=text,
            keywords=[text[:120], "no"],
            specialties=["neurology", "cardiology"] if number % 2 else ["cardiology", "neurology"],
            recommendations=[{"text": text}],
            references=[{"citation": text}],
        )
        for number, text in enumerate(HOSTILE)
    ]


def test_the_round_trip_here_and_on_a_second_site(committed: None, tmp_path: Path) -> None:
    import_documents(path=DEMONSTRATION, by="test")
    load_rows(
        tmp_path,
        *hostile_rows(),
        row("draft-later"),
        row("score", kind="tool", tool_type="calculator", calculator=CALCULATOR),
    )
    load_rows(tmp_path, row("draft-later", title="Not said yet"), row("draft-only"), draft=True)
    retired = retire_document(document=Document.objects.get(slug="hostile-3"), by="test")
    total = Document.objects.exclude(current_revision=None).count()
    one, two = tmp_path / "one", tmp_path / "two"
    said, _ = command("export_documents", str(one), "--fhir")
    assert said == f"{total} documents (1 retired) in {2 * total} files in {one}"
    assert not (one / "draft-only.md").exists()
    assert "Not said yet" not in (one / "draft-later.md").read_text()
    assert command("import_documents", str(one))[0] == f"{total} documents: 0 added, 0 changed, {total} unchanged"
    assert Revision.objects.filter(state="published").count() == total - 1

    connections.close_all()
    database.reset()
    tenancy.open_session_scope()
    assert not Document.objects.exists()
    assert command("import_documents", str(one))[0] == f"{total} documents: {total} added, 0 changed, 0 unchanged"
    again = Document.objects.get(slug="hostile-3")
    assert again.retired_at == retired.retired_at
    assert again.current_revision is not None
    assert again.current_revision.state == "retired"
    command("export_documents", str(two), "--fhir")
    assert contents(one) == contents(two)
    assert command("import_documents", str(two))[0] == f"{total} documents: 0 added, 0 changed, {total} unchanged"


@pytest.mark.django_db
def test_what_a_page_changed_imports_as_unchanged(tmp_path: Path) -> None:
    """Also where the hash that was kept is not that of the content, as when specialties were set otherwise."""
    document = make_document(tmp_path, "a", specialties=["neurology", "cardiology"])
    places = {place.slug: place for place in document.specialties.all()}
    document.specialties.clear()
    document.specialties.add(places["cardiology"])
    folder = tmp_path / "out"
    command("export_documents", str(folder))
    assert command("import_documents", str(folder))[0].endswith("0 added, 0 changed, 1 unchanged")


@pytest.mark.django_db
def test_retirement_travels(tmp_path: Path) -> None:
    at = "2026-01-02T03:04:05Z"
    make_document(tmp_path, "a")
    assert load_rows(tmp_path, row("a", retired_at=at), row("b", retired_at=at)).changed == 1
    assert {str(one.retired_at) for one in Document.objects.all()} == {"2026-01-02 03:04:05+00:00"}
    assert not Document.objects.published().exists()
    assert AuditEvent.objects.filter(action="document.retire", object_id="a").exists()
    assert load_rows(tmp_path, row("a", retired_at=at), row("b")).unchanged == 2
    assert load_rows(tmp_path, row("a", title="Better", retired_at=at)).changed == 1
    document = Document.objects.select_related("current_revision").get(slug="a")
    assert document.retired_at
    assert document.current_revision is not None
    assert (document.current_revision.title, document.current_revision.state) == ("Better", "retired")
    assert load_rows(tmp_path, row("b", retired_at=at), draft=True).unchanged == 1
    for values, said in (
        ({"retired_at": "2026-01-02"}, "retired_at: '2026-01-02' is not a moment"),
        ({"retired_at": 7}, "retired_at: 7 is not a moment"),
    ):
        with pytest.raises(ImportRefused) as caught:
            load_rows(tmp_path, row("c", **values))
        assert said in str(caught.value.problems[0])
    with pytest.raises(ImportRefused) as caught:
        load_rows(tmp_path, row("c", retired_at=at), draft=True)
    assert "retired_at: says that the document is retired" in str(caught.value.problems[0])


@pytest.mark.django_db
def test_nothing_is_overwritten_that_no_export_made(tmp_path: Path) -> None:
    make_document(tmp_path, "a")
    make_document(tmp_path, "b")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "b.md").write_text("My own notes")
    with pytest.raises(CommandError, match=r"Nothing was written: .*holds b\.md, which no export made"):
        command("export_documents", str(folder))
    assert contents(folder) == {"b.md": b"My own notes"}
    command("export_documents", str(folder), "--force")
    assert b"About b" in (folder / "b.md").read_bytes()

    load_rows(tmp_path, row("a", title="Second"))
    command("export_documents", str(folder))
    assert b"Second" in (folder / "a.md").read_bytes()
    (folder / "a.md").write_text("Edited")
    (folder / "b.json").symlink_to(tmp_path / "elsewhere")
    (folder / "keep.txt").write_text("Mine")
    for words in ((), ("--fhir",)):
        with pytest.raises(CommandError, match=r"holds a\.md"):
            command("export_documents", str(folder), *words)
    command("export_documents", str(folder), "--fhir", "--force")
    assert not (folder / "b.json").is_symlink()
    assert not (tmp_path / "elsewhere").exists()
    assert (folder / "keep.txt").read_text() == "Mine"
    assert AuditEvent.objects.filter(action="documents.export").count() == 3


@pytest.mark.django_db
def test_an_export_that_lost_its_list_goes_on(tmp_path: Path) -> None:
    make_document(tmp_path, "a")
    folder = tmp_path / "out"
    command("export_documents", str(folder))
    listed = (folder / MANIFEST).read_text()
    assert listed == f"{hashlib.sha256((folder / 'a.md').read_bytes()).hexdigest()}  a.md\n"
    (folder / MANIFEST).unlink()
    command("export_documents", str(folder))
    assert (folder / MANIFEST).read_text() == listed
    (folder / MANIFEST).write_bytes(b"\xff")
    with pytest.raises(CommandError, match="is no list of exported files"):
        command("export_documents", str(folder))


@pytest.mark.django_db
def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_document(tmp_path, "a")
    (tmp_path / "file").write_text("x")
    with pytest.raises(CommandError, match=r"Nothing was written: .*/file is a file; name a folder"):
        command("export_documents", str(tmp_path / "file"))
    for folder in (tmp_path / "file" / "below", Path("/proc/none")):
        with pytest.raises(CommandError, match=f"{folder} cannot be written"):
            command("export_documents", str(folder))

    def full(*args: Any, **kwargs: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    with pytest.raises(CommandError, match="cannot be written: No space left on device"):
        command("export_documents", str(tmp_path / "full"))
    assert contents(tmp_path / "full") == {}


@pytest.mark.django_db
def test_links_to_what_is_not_exported_are_named(tmp_path: Path) -> None:
    load_rows(tmp_path, row("waiting"), draft=True)
    make_document(tmp_path, "a", body="See [it](document:waiting).")
    assert (
        "a.md links to document:waiting, which was never published"
        in command("export_documents", str(tmp_path / "o"))[1]
    )


@pytest.mark.django_db
def test_exporting_everything_needs_an_editor(tmp_path: Path, cast: Cast) -> None:
    with pytest.raises(Refused):
        export_documents(folder=tmp_path / "out", by=cast.clinician_prairie)
    assert not (tmp_path / "out").exists()


@pytest.mark.django_db
def test_the_cost_of_exporting_is_flat(tmp_path: Path) -> None:
    def queries(count: int) -> int:
        make_documents(tmp_path, count)
        with CaptureQueriesContext(connection) as captured:
            command("export_documents", str(tmp_path / "out"), "--force")
        return len(captured)

    assert queries(3) == queries(60)


@pytest.mark.django_db
def test_fhir_says_what_the_document_says(tmp_path: Path) -> None:
    make_document(tmp_path, "full", **FULL)
    make_document(tmp_path, "a_tool", kind="tool", tool_type="checklist", keywords=["word"])
    command("export_documents", str(tmp_path / "out"), "--fhir")
    plan = json.loads((tmp_path / "out" / "full.json").read_text())
    assert plan["resourceType"] == "PlanDefinition"
    assert (plan["id"], plan["status"], plan["title"]) == ("full", "active", "About full")
    action = plan["action"][0]
    assert action["id"] == "act"
    urls = {extension["url"].rpartition("/")[2] for extension in action["extension"]}
    assert {"cqf-strengthOfRecommendation", "cqf-qualityOfEvidence", "due"} <= urls
    citations = [one for one in plan["relatedArtifact"] if one["type"] == "citation"]
    assert citations[0]["url"] == "https://pubmed.ncbi.nlm.nih.gov/123"
    tool = json.loads((tmp_path / "out" / "a_tool.json").read_text())
    assert (tool["resourceType"], tool["type"]["text"], tool["name"]) == ("Library", "Checklist", "DocumentATool")
    assert tool["id"] == hashlib.sha256(b"a_tool").hexdigest()
    assert {"text": "word"} in tool["topic"]


def test_what_is_no_valid_fhir_is_refused() -> None:
    made = fhir.resource(checked(row("a"))[0], "https://consilium.example")
    fhir.validate(made)
    for broken in ({"title": ""}, {"content": [{"data": 7}]}, {"status": None}, {"flavour": "sweet"}, {"id": "a_b"}):
        with pytest.raises(fhir.NotValid, match=next(iter(broken))):
            fhir.validate(made | broken)


@pytest.mark.django_db
def test_nothing_is_written_as_fhir_that_is_not_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_document(tmp_path, "a")
    made = fhir.resource
    monkeypatch.setattr(fhir, "resource", lambda source, site: made(source, site) | {"flavour": "sweet"})
    with pytest.raises(CommandError, match="Stopped at what is no valid FHIR: About a: flavour"):
        command("export_documents", str(tmp_path / "out"), "--fhir")
    assert not (tmp_path / "out" / "a.json").exists()
    monkeypatch.undo()
    command("export_documents", str(tmp_path / "out"), "--fhir")


@pytest.mark.django_db
def test_an_editor_downloads_from_the_page(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "full", body=FLOW)
    load_rows(tmp_path, row("full", title="Secret draft"), row("draft"), draft=True)
    editor = Client()
    editor.force_login(cast.editor)
    page = editor.get("/documents/full/").content.decode()
    for suffix, content_type in (("md", "text/markdown; charset=utf-8"), ("json", "application/fhir+json")):
        assert f'href="/documents/full/export.{suffix}"' in page
        response = editor.get(f"/documents/full/export.{suffix}")
        assert response.status_code == 200
        assert response["Content-Type"] == content_type
        assert response["Content-Disposition"] == f'attachment; filename="full.{suffix}"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]
        assert b"Secret draft" not in response.content
        assert editor.get(f"/documents/draft/export.{suffix}").status_code == 404
        assert editor.get(f"/documents/none/export.{suffix}").status_code == 404
    assert read_back(editor.get("/documents/full/export.md").content.decode(), tmp_path).title == "About full"
    clinician = Client()
    clinician.force_login(cast.clinician_prairie)
    assert "export.md" not in clinician.get("/documents/full/").content.decode()
    assert clinician.get("/documents/full/export.md").status_code == 403


@pytest.mark.django_db
def test_anyone_who_may_read_exports_over_rest(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "full", **FULL)
    load_rows(tmp_path, row("draft"), draft=True)
    client, path = api(cast.clinician_prairie), "/api/v1/documents/full/export/"
    response = client.get(path, {"as": "markdown"})
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert client.get(path).content == response.content
    assert client.get(path, headers={"accept": "text/markdown"}).content == response.content
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "full.md").write_bytes(response.content)
    assert import_documents(path=tmp_path / "again", by="test").unchanged == 1
    made = client.get(path, {"as": "fhir"})
    assert made["Content-Type"] == "application/fhir+json"
    assert json.loads(made.content)["resourceType"] == "PlanDefinition"
    wrong = client.get(path, {"as": "pdf"})
    assert wrong.status_code == 400
    assert [one["field"] for one in wrong.json()["errors"]] == ["as"]
    missing = [client.get(f"/api/v1/documents/{slug}/export/") for slug in ("draft", "none")]
    assert [one.status_code for one in missing] == [404, 404]
    assert missing[0].json() == missing[1].json()
    assert Client().get(path).status_code == 401
