"""The editor pages: written and saved by steps, merged, asked about, refused to everyone who is no editor."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.models import Code, Document, Revision
from knowledge.services import codes, drafting
from tests.cast import Cast, sign_in
from tests.knowledge.forms import fields
from tests.knowledge.helpers import FLOW, make_document, row
from tests.knowledge.pictures import picture
from tests.knowledge.test_drafting import OTHERS, RECOMMENDATION, REFERENCE
from tests.knowledge.words import docx

pytestmark = pytest.mark.django_db
EDIT = "/documents/oxygen/edit/"


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        }
    }


@pytest.fixture
def document(cast: Cast, tmp_path: Path) -> Document:
    return make_document(
        tmp_path, "oxygen", body="First line.\n\nSecond line.", recommendations=[RECOMMENDATION], references=[REFERENCE]
    )


@pytest.fixture
def draft(cast: Cast, document: Document) -> Revision:
    return drafting.open_draft(document=document, by=cast.editor)


@pytest.fixture
def editor(client: Client, cast: Cast) -> Client:
    return sign_in(client, cast.editor)


def other(cast: Cast) -> Client:
    return sign_in(Client(), cast.reviewer)


def shown(client: Client, address: str = EDIT) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_draft_begins_only_when_asked(editor: Client, document: Document) -> None:
    assert "Begin a draft" in shown(editor)
    assert not document.revisions.filter(state="draft").exists()
    response = editor.post(EDIT, {"act": "begin"})
    assert response.headers["Location"] == EDIT
    page = shown(editor)
    assert "Give oxygen." in page
    assert "Complete: it can go to review" in page


def test_what_is_saved_without_a_script_is_what_was_posted(editor: Client, draft: Revision) -> None:
    posted = fields(shown(editor), title="New title", body="New *text*", act="save")
    response = editor.post(EDIT, posted, follow=True)
    assert "The draft is saved." in response.content.decode()
    saved = Revision.objects.get(pk=draft.pk)
    assert (saved.title, saved.body, saved.edition) == ("New title", "New *text*", 1)
    [part] = saved.recommendations.all()
    assert (part.key, part.text, part.strength, part.evidence) == ("first", "Give oxygen.", "strong", "One trial.")
    assert saved.references.get().url == "https://example.org/a"
    assert saved.specialty_slugs == ["cardiology"]


def test_what_is_missing_is_said_at_its_field_and_at_the_top(editor: Client, draft: Revision) -> None:
    posted = fields(shown(editor), title="", act="submit") | {"recommendation-0-text": "", "specialties": []}
    page = editor.post(EDIT, posted, follow=True).content.decode()
    assert "3 things to finish before this can go to review" in page
    assert '<a href="#id_title">Title:' in page
    assert '<a href="#id_recommendation-0-text">Recommendation 1, what to do:' in page
    assert '<a href="#field-specialties">' in page
    assert 'id="id_recommendation-0-text_error"' in page


def test_rows_are_added_moved_and_taken_out(editor: Client, draft: Revision) -> None:
    page = editor.post(EDIT, fields(shown(editor), act="add-recommendation")).content.decode()
    assert "autofocus" in page
    posted = fields(page, act="up-recommendation-1") | {"recommendation-1-text": "Second"}
    page = editor.post(EDIT, posted).content.decode()
    assert [part.text for part in draft.recommendations.all()] == ["Second", "Give oxygen."]
    page = editor.post(EDIT, fields(page, act="remove-recommendation-1")).content.decode()
    assert [part.text for part in draft.recommendations.all()] == ["Second"]
    editor.post(EDIT, fields(page, act="remove-reference-0"))
    assert not draft.references.exists()
    for act in ("up-recommendation-77", "down-recommendation-x", "remove-x-1", "add-", "nonsense"):
        assert editor.post(EDIT, fields(page, act=act)).status_code in (200, 302)


def test_typing_saves_itself_and_shows_how_it_reads(editor: Client, draft: Revision) -> None:
    posted = fields(shown(editor), body=f"## Part\n\n**Bold**\n\n{FLOW}")
    response = editor.post(f"{EDIT}save/", posted, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert "<strong>Bold</strong>" in page
    assert 'id="id_edition" value="1"' in page
    assert "diagram.svg?n=0&amp;theme=light&amp;revision=2&amp;edition=1" in page
    assert editor.get("/documents/oxygen/diagram.svg?n=0&theme=light&revision=2&edition=1").status_code == 200
    from knowledge.models import FlowDrawing

    assert not FlowDrawing.objects.exists()
    assert "<strong>Bold</strong>" in shown(editor, f"{EDIT}preview/")


def test_two_who_write_are_told_of_each_other_and_merged(editor: Client, cast: Cast, draft: Revision) -> None:
    mine, theirs = shown(editor), shown(other(cast))
    assert f"{cast.editor.name} is editing this draft" in theirs
    editor.post(f"{EDIT}save/", fields(mine, body="First LINE.\n\nSecond line."))
    page = other(cast).post(f"{EDIT}save/", fields(theirs, body="First line.\n\nSecond LINE.")).content.decode()
    assert "What you type is merged with what Sam Okafor saved" in page
    assert Revision.objects.get(pk=draft.pk).body == "First LINE.\n\nSecond LINE."
    assert list(draft.contributors.all()) == [cast.reviewer]


def test_the_same_place_is_asked_about_and_survives_leaving_the_page(
    editor: Client, cast: Cast, draft: Revision
) -> None:
    mine, theirs = shown(editor), shown(other(cast))
    editor.post(f"{EDIT}save/", fields(mine, body="First of Sam.\n\nSecond line."))
    response = other(cast).post(f"{EDIT}save/", fields(theirs, body="First of Mei.\n\nSecond line."))
    assert response["X-Autosave"]
    assert "First of Mei." in response.content.decode()
    assert Revision.objects.get(pk=draft.pk).body.startswith("First of Sam.")
    page = shown(other(cast))
    assert "changed the same place" in page
    posted = fields(page, act="settle") | {"choice-0": "both"}
    assert posted["body"] == "First of Mei.\n\nSecond line."
    other(cast).post(EDIT, posted)
    assert Revision.objects.get(pk=draft.pk).body == "First of Mei.\nFirst of Sam.\n\nSecond line."
    assert "changed the same place" not in shown(other(cast))


def test_autosave_never_chooses(editor: Client, cast: Cast, draft: Revision) -> None:
    mine, theirs = shown(editor), shown(other(cast))
    editor.post(f"{EDIT}save/", fields(mine, title="Sam"))
    other(cast).post(f"{EDIT}save/", fields(theirs, title="Mei"))
    page = shown(other(cast))
    other(cast).post(f"{EDIT}save/", fields(page))
    assert Revision.objects.get(pk=draft.pk).title == "Sam"
    other(cast).post(EDIT, fields(page, act="drop"))
    assert 'value="Sam"' in shown(other(cast))


def test_a_draft_that_was_sent_on_gives_back_what_was_typed(editor: Client, draft: Revision) -> None:
    posted = fields(shown(editor), title="Too late", act="save")
    Revision.objects.filter(pk=draft.pk).update(state="in-review", approvals_needed=1)
    response = editor.post(EDIT, posted)
    assert "Your text is below" in response.content.decode()
    assert 'value="Too late"' in response.content.decode()
    assert editor.post(f"{EDIT}save/", posted).status_code == 409
    assert "It can be written on once" in shown(editor)


def test_what_was_typed_outlives_the_session(editor: Client, cast: Cast, draft: Revision) -> None:
    posted = fields(shown(editor), title="Typed before", act="save", icd10=["J96.0"])
    Session.objects.all().delete()
    response = editor.post(EDIT, posted)
    assert response.status_code == 302
    assert "/accounts/login/" in response.headers["Location"]
    login = editor.post(response.headers["Location"], {"login": cast.editor.email, "password": "orchard-lantern-47"})
    page = shown(editor, login.headers["Location"])
    assert 'value="Typed before"' in page
    assert "before your session ended" in page
    assert fields(page)["icd10"] == "J96.0"


def test_codes_are_found_by_letters_and_words(editor: Client, draft: Revision) -> None:
    Code.objects.bulk_create(
        [
            Code(code="A41", title="Other sepsis", is_leaf=False),
            Code(code="A41.9", title="Sepsis, unspecified organism", is_leaf=True),
            Code(code="J96.01", title="Acute respiratory failure with hypoxia", is_leaf=True),
        ]
    )
    assert [code.code for code in codes.find_codes("a41")] == ["A41", "A41.9"]
    assert [code.code for code in codes.find_codes("A419")] == ["A41.9"]
    assert [code.code for code in codes.find_codes("resp fail hypox")] == ["J96.01"]
    for nothing in ("", "x", "'; drop", "&|!():*", "\0", "a" * 500):
        assert codes.find_codes(nothing) == []
    page = editor.post(f"{EDIT}codes/", {"icd10": ["A41", "Q99"], "icd10_words": "sepsis"}).content.decode()
    assert re.findall(r'value="([^"]+)"( checked)?', page) == [("A41", " checked"), ("Q99", " checked"), ("A41.9", "")]
    page = editor.post(EDIT, fields(shown(editor), act="find", icd10_words="hypoxia")).content.decode()
    assert 'value="J96.01"' in page


def test_links_lead_to_published_documents_only(editor: Client, draft: Revision, tmp_path: Path) -> None:
    make_document(tmp_path, "air", title="Air for all")
    drafting.new_document(kind="topic", tool_type="", slug="air-draft", title="Air draft", by=draft.author)  # type: ignore[arg-type]
    page = editor.post(f"{EDIT}links/", {"link_words": "air all"}).content.decode()
    assert "[Air for all](document:air)" in page
    assert "air-draft" not in editor.post(f"{EDIT}links/", {"link_words": "air"}).content.decode()


def test_pasting_answers_with_markdown(editor: Client, draft: Revision) -> None:
    response = editor.post(f"{EDIT}pasted/", {"html": "<h2>A</h2><ul><li>b</li></ul><script>x</script>"})
    assert response.content.decode() == "## A\n\n- b"
    assert response["Content-Type"].startswith("text/plain")


def test_files_are_attached_and_removed(editor: Client, draft: Revision) -> None:
    posted = fields(shown(editor), act="attach", title="Saved with the file")
    files = [SimpleUploadedFile("way.png", picture()), SimpleUploadedFile("x.svg", b"<svg")]
    editor.post(EDIT, posted | {"file": files})
    page = shown(editor)
    assert "![way](attachment:way.png)" in page
    assert "“x.svg” cannot be attached" in page
    assert Revision.objects.get(pk=draft.pk).title == "Saved with the file"
    editor.post("/documents/oxygen/files/way.png/remove/")
    assert "attachment:way.png" not in shown(editor)


def test_a_new_document_and_one_from_word(editor: Client, cast: Cast) -> None:
    response = editor.post("/documents/new/", {"title": "Air & water", "kind": "faq"})
    assert response.headers["Location"] == "/documents/air-water/edit/"
    response = editor.post("/documents/new/", {"title": "Air & water", "kind": "faq"})
    assert "another document" in response.content.decode()
    upload = SimpleUploadedFile("Oxygen 2026.docx", docx())
    response = editor.post("/documents/new/", {"word": "1", "file": upload})
    assert response.headers["Location"] == "/documents/oxygen-2026/edit/"
    made = Revision.objects.get(document__slug="oxygen-2026")
    assert (made.title, made.document.kind, made.author) == ("Oxygen for adults", "topic", cast.editor)
    assert made.body.startswith("## When")
    for name, content in (("a.doc", b"x"), ("a.docx", b"x"), ("a.docx", b"")):
        page = editor.post("/documents/new/", {"word": "1", "file": SimpleUploadedFile(name, content)}).content.decode()
        assert "Word file (.docx):" in page


def test_discarding_asks_first(editor: Client, draft: Revision) -> None:
    assert "Discard the draft of" in shown(editor, f"{EDIT}discard/")
    assert Revision.objects.filter(pk=draft.pk).exists()
    editor.post(f"{EDIT}discard/")
    assert not Revision.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_writes(client: Client, cast: Cast, draft: Revision, who: str) -> None:
    sign_in(client, getattr(cast, who))
    for path in ("", "save/", "codes/", "links/", "pasted/", "discard/"):
        assert client.post(f"{EDIT}{path}", {"act": "save", "title": "x"}).status_code == 403, path
    for path in (EDIT, "/documents/new/", f"{EDIT}preview/", f"{EDIT}discard/"):
        assert client.get(path).status_code == 403
    assert client.post("/documents/oxygen/files/a.png/remove/").status_code == 403
    assert Revision.objects.get(pk=draft.pk).edition == 0


def test_the_page_costs_the_same_however_much_is_in_it(editor: Client, cast: Cast, tmp_path: Path) -> None:
    def cost(address: str, slug: str, rows: int) -> int:
        values = row(
            slug,
            recommendations=[{"text": f"R {n}", "key": f"r{n}"} for n in range(rows)],
            references=[{"citation": f"C {n}"} for n in range(rows)],
            codes=[f"A{n:02}" for n in range(rows)],
        )
        document = make_document(tmp_path, slug, **{k: v for k, v in values.items() if k != "id"})
        drafting.open_draft(document=document, by=cast.editor)
        page = shown(editor, f"/documents/{slug}/edit/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            shown(editor, f"/documents/{slug}/edit/")
            editor.post(f"/documents/{slug}/edit/save/", fields(page, title=f"At {timezone.now()}"))
        return len(queries)

    assert cost(EDIT, "few", 1) == cost(EDIT, "many", 30)
