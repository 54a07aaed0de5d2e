"""What a document said before, what differs, and what changed since it was last read."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consults.models import Citation
from consults.services import answering
from knowledge.models import Document, Reading
from knowledge.services import publish_revision, retire_document
from tests.cast import Cast
from tests.consults.helpers import after, claimed
from tests.knowledge.helpers import approve, load_rows, make_document, row
from tests.knowledge.test_api import api, get
from tests.knowledge.test_importing import score
from tests.knowledge.test_pages import as_, text

pytestmark = pytest.mark.django_db


def recommendation(key: str, words: str, strength: str = "strong", grade: str = "low") -> dict[str, str]:
    return {"key": key, "text": words, "strength": strength, "grade": grade}


def two_revisions(folder: Path) -> None:
    first = [recommendation("dose", "Give 5 mg."), recommendation("gone", "Weigh twice."), recommendation("s", "Same.")]
    second = [recommendation("dose", "Give 10 mg.", "conditional"), recommendation("new", "Call."), first[2]]
    load_rows(folder, row("a", title="Old title", body="## Part\n\nGive 5 mg now.", recommendations=first))
    load_rows(folder, row("a", title="New title", body="## Part\n\nGive 10 mg now.", recommendations=second))


def test_a_superseded_revision_stays_readable_under_a_banner(tmp_path: Path, cast: Cast) -> None:
    two_revisions(tmp_path)
    client = as_(cast.clinician_prairie)
    page = text(client, "/documents/a/revisions/1/")
    for part in (
        "Superseded",
        "Old title",
        "Give 5 mg now.",
        "Weigh twice.",
        'href="/documents/a/"',
        "?from=1&amp;to=2",
    ):
        assert part in page, part
    assert "Give 10 mg" not in page
    assert not Reading.objects.exists(), "reading history is not reading the document"
    now = text(client, "/documents/a/revisions/2/")
    assert "Superseded" not in now
    assert Reading.objects.get().revision.number == 2
    for missing in (0, 3, 10**9, 10**30):
        text(client, f"/documents/a/revisions/{missing}/", 404)


def test_a_retired_document_says_so_on_every_revision(tmp_path: Path, cast: Cast) -> None:
    two_revisions(tmp_path)
    retire_document(document=Document.objects.get(), by="test")
    client = as_(cast.clinician_prairie)
    for path in ("revisions/1/", "revisions/2/", "history/", "history/?from=1&to=2"):
        assert "no longer stands behind this document" in text(client, f"/documents/a/{path}"), path
    assert "Superseded" in text(client, "/documents/a/revisions/1/")
    assert "Superseded" not in text(client, "/documents/a/revisions/2/")


def test_a_past_calculator_can_be_read_and_not_used(tmp_path: Path, cast: Cast) -> None:
    load_rows(tmp_path, score())
    load_rows(tmp_path, score() | {"title": "Another title"})
    page = text(as_(cast.clinician_prairie), "/documents/score/revisions/1/")
    assert "It cannot be added up here" in page
    assert "/documents/score/score/" not in page


def test_a_draft_is_in_no_history_but_an_editor_s(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    load_rows(tmp_path, row("a", title="Secret wombat"), draft=True)
    load_rows(tmp_path, row("b"), draft=True)
    client = as_(cast.clinician_prairie)
    for path in ("a/revisions/2/", "b/revisions/1/", "b/history/"):
        text(client, f"/documents/{path}", 404)
    assert "wombat" not in text(client, "/documents/a/history/?from=1&to=2")
    assert "There are no two such revisions" in text(client, "/documents/a/history/?from=1&to=2")
    editor = as_(cast.editor)
    assert "wombat" in text(editor, "/documents/a/history/?from=1&to=2")
    text(editor, "/documents/a/revisions/2/", 404)


@pytest.mark.parametrize("view", ["inline", "side"])
def test_the_difference_in_words(tmp_path: Path, cast: Cast, view: str) -> None:
    two_revisions(tmp_path)
    page = text(as_(cast.clinician_prairie), f"/documents/a/history/?from=1&to=2&view={view}")
    removed = '<del><span class="visually-hidden"> [removed: </span>5'
    added = '<ins><span class="visually-hidden"> [added: </span>10'
    for part in (
        removed,
        added,
        "Added",
        "Removed",
        "Weigh twice.",
        "Call.",
        "Strength: from strong to <b>conditional",
    ):
        assert part in page, part
    assert "Same." not in page
    assert ("diff-side" in page) == (view == "side")


@pytest.mark.parametrize("query", ["from=1", "from=x&to=1", "from=1&to=9", "from=-1&to=1", "to=99999999"])
def test_a_wrong_question_gets_the_list(tmp_path: Path, cast: Cast, query: str) -> None:
    two_revisions(tmp_path)
    page = text(as_(cast.clinician_prairie), f"/documents/a/history/?{query}")
    assert "There are no two such revisions" in page
    assert "<del>" not in page


def test_markup_in_a_text_is_shown_as_text(tmp_path: Path, cast: Cast) -> None:
    load_rows(tmp_path, row("a", body="<script>alert(1)</script>"))
    load_rows(tmp_path, row("a", body="<script>alert(2)</script>"))
    assert "<script>alert" not in text(as_(cast.clinician_prairie), "/documents/a/history/?from=1&to=2")


def test_who_published_what_is_listed(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    load_rows(tmp_path, row("a", title="Next"), draft=True)
    draft = Document.objects.get().revisions.get(state="draft")
    publish_revision(revision=approve(draft, cast.reviewer), by=cast.editor)
    page = text(as_(cast.clinician_prairie), "/documents/a/history/")
    assert cast.editor.name in page
    assert "Superseded" in page
    assert "Import" in page


def test_what_changed_since_it_was_last_read(tmp_path: Path, cast: Cast) -> None:
    words, link = "What changed since you last read this", "/documents/a/history/?from=1&amp;to=2"
    load_rows(tmp_path, row("a", title="One"))
    client, other = as_(cast.clinician_prairie), as_(cast.specialist)
    assert words not in text(client, "/documents/a/")
    load_rows(tmp_path, row("a", title="Two"))
    assert words not in text(other, "/documents/a/"), "never read before"
    page = text(client, "/documents/a/")
    assert words in page
    assert link in page
    assert words not in text(client, "/documents/a/"), "read again"
    load_rows(tmp_path, row("a", title="Three"))
    text(client, "/documents/a/history/?from=2&to=3")
    assert words not in text(client, "/documents/a/"), "the difference was opened"


def test_a_citation_leads_to_the_revision_it_cited(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a", title="As it was")
    consult = answering.answer(
        claimed(cast), by=cast.specialist, text="As cited.", documents=[document], minutes=1, at=after(2)
    )
    load_rows(tmp_path, row("a", title="As it is"))
    assert Citation.objects.get().get_absolute_url() == "/documents/a/revisions/1/"
    client = as_(cast.clinician_prairie)
    assert 'href="/documents/a/revisions/1/"' in text(client, consult.get_absolute_url())
    assert "As it was" in text(client, "/documents/a/revisions/1/")
    messages = get(api(cast.clinician_prairie), f"consults/{consult.number}/")["messages"]
    cited = [part for message in messages for part in message["documents"]]
    assert cited == [{"id": "a", "title": "As it was", "revision": 1, "url": "/documents/a/revisions/1/"}]


def test_over_rest(tmp_path: Path, cast: Cast) -> None:
    two_revisions(tmp_path)
    load_rows(tmp_path, row("a", title="Secret"), draft=True)
    load_rows(tmp_path, row("b"), draft=True)
    client = api(cast.clinician_prairie)
    rows = get(client, "documents/a/revisions/")["results"]
    assert [(part["number"], part["state"]) for part in rows] == [(2, "published"), (1, "superseded")]
    first = get(client, "documents/a/revisions/1/")
    assert first["body"] == "## Part\n\nGive 5 mg now."
    assert first["superseded_at"] == get(client, "documents/a/revisions/2/")["published_at"]
    assert get(client, "documents/a/revisions/2/")["superseded_at"] is None
    assert [part["key"] for part in first["recommendations"]] == ["dose", "gone", "s"]
    editor = api(cast.editor)
    for path in ("a/revisions/3/", "b/revisions/", "b/revisions/1/", "none/revisions/", f"a/revisions/{10**20}/"):
        get(client, f"documents/{path}", 404)
        get(editor, f"documents/{path}", 404)


@pytest.mark.parametrize("path", ["/documents/a/history/", "/api/v1/documents/a/revisions/?page_size=100"])
def test_the_cost_is_flat(tmp_path: Path, cast: Cast, path: str) -> None:
    client: Client = api(cast.clinician_prairie) if "/api/" in path else as_(cast.clinician_prairie)

    def queries(revisions: int) -> int:
        for number in range(revisions):
            load_rows(tmp_path, row("a", title=f"{revisions} {number}"))
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    assert queries(2) == queries(20) <= 25
