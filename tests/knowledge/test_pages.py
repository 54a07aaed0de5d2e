"""The pages: who sees what, what stands on them, and that they cost the same however many documents there are."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.models import Document, Reading, Revision, SearchLog
from knowledge.services import import_documents, indexing, retire_document
from portal.members.models import Person
from tests.cast import Cast, sign_in
from tests.knowledge.helpers import FLOW, approve, load_rows, make_document, make_documents, make_draft, row, write_rows
from tests.knowledge.test_importing import score

pytestmark = pytest.mark.django_db
FULL = {
    "kind": "protocol",
    "body": f"## Recognize\n\n- [ ] Tick me\n\n{FLOW}\n## Dosing\n\n| Drug | Dose |\n|---|---|\n| A | 1 |",
    "codes": ["A41.9"],
    "references": [{"citation": "A source.", "year": 2020, "identifier": "pmid:123"}],
    "recommendations": [
        {
            "key": "act",
            "text": "Act now.",
            "strength": "strong",
            "grade": "high",
            "verified_on": "2026-06-30",
            "verified_by": "Dr. Reviewer",
            "due_on": "2026-10-01",
        }
    ],
}


def as_(person: Person) -> Client:
    return sign_in(Client(), person)


def text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def test_a_document_says_all_it_should(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "full", **FULL)
    make_document(tmp_path, "near", codes=["A41.9"])
    make_document(tmp_path, "far")
    client = as_(cast.clinician_prairie)
    page = text(client, "/documents/full/")
    for part in (
        "About full",
        "A summary of full.",
        "by Dr. Reviewer",
        "Review overdue since",
        'id="r-act"',
        'href="#s-dosing"',
        "theme=dark&amp;revision=1",
        "The same steps follow as text",
        "Take cultures",
        '<input type="checkbox" class="task">',
        "https://pubmed.ncbi.nlm.nih.gov/123",
        "/ask/?document=full",
        "full, revision 1",
        "/documents/near/",
    ):
        assert part in page, part
    text(client, "/documents/full/")
    reading = Reading.objects.get()
    assert (reading.person, reading.document.slug) == (cast.clinician_prairie, "full")
    assert "/documents/far/" not in page, "of the same specialty, and about something else"


def test_everything_needs_a_person(tmp_path: Path, client: Client) -> None:
    make_document(tmp_path, "a")
    for path in ("/search/?q=a", "/documents/", "/documents/manage/", "/documents/a/", "/documents/matching/?q=a"):
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


def test_a_draft_is_for_editors_and_looks_missing_to_others(tmp_path: Path, cast: Cast) -> None:
    load_rows(tmp_path, row("wombat", body=FLOW), draft=True)
    missing = text(as_(cast.clinician_prairie), "/documents/nothing/", 404)
    for person in (cast.clinician_prairie, cast.specialist, cast.network_admin):
        client = as_(person)
        for path in ("/documents/wombat/", "/documents/wombat/draft/", "/documents/wombat/diagram.svg?revision=1"):
            page = text(client, path, 404)
        assert "wombat" not in page
        assert "wombat" not in text(client, "/documents/")
    assert len(text(as_(cast.clinician_prairie), "/documents/wombat/draft/", 404)) == len(missing)
    editor = as_(cast.editor)
    assert "Only editors see it" in text(editor, "/documents/wombat/draft/")
    assert text(editor, "/documents/wombat/diagram.svg?revision=1").startswith("<svg")
    text(editor, "/documents/wombat/", 404)


def test_a_retired_document_stays_readable(tmp_path: Path, cast: Cast) -> None:
    retire_document(document=make_document(tmp_path, "old"), by="test")
    client = as_(cast.clinician_prairie)
    assert "no longer stands behind this document" in text(client, "/documents/old/")
    assert "About old" not in text(client, "/documents/")


def test_the_diagram_is_an_image_and_nothing_more(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "flow", body=FLOW)
    client = as_(cast.clinician_prairie)
    response = client.get("/documents/flow/diagram.svg?n=0&theme=dark&revision=1")
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert "immutable" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    for query in ("n=1", "n=-1", "n=x", "theme=pink", "revision=2", "revision=x", "revision=99999999"):
        assert client.get(f"/documents/flow/diagram.svg?{query}").status_code == 404, query


def test_a_calculator_adds_up_with_and_without_javascript(tmp_path: Path, cast: Cast) -> None:
    load_rows(tmp_path, score())
    client = as_(cast.clinician_prairie)
    assert "+2 points" in text(client, "/documents/score/")
    answers = {"score-a": "on", "score-b": "1"}
    whole = client.post("/documents/score/score/", answers).content.decode()
    assert "3 points" in whole
    assert "<b>High.</b> Act." in whole
    part = client.post("/documents/score/score/", answers, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "High" in part
    assert "data-score" in part
    lowest = client.post("/documents/score/score/", {"score-b": "0"}).content.decode()
    assert "-1 points" in lowest or "-1 point" in lowest
    incomplete = client.post("/documents/score/score/", {"score-a": "on"}).content.decode()
    assert "B: choose one." in incomplete
    assert "data-score" not in incomplete
    make_document(tmp_path, "plain")
    assert client.post("/documents/plain/score/").status_code == 404


def test_search_pages(tmp_path: Path, cast: Cast) -> None:
    make_documents(tmp_path, 25)
    make_document(tmp_path, "faq", kind="faq", title="Murmur question")
    indexing.index_pending()
    client = as_(cast.clinician_prairie)
    first = text(client, "/search/?q=murmur")
    assert "26 documents" in first
    assert "<mark>murmur</mark>" in first
    assert "Strong recommendation, low certainty" in first
    assert "kind=faq" in first
    assert "q=murmur" in first
    search = SearchLog.objects.get()
    assert f"/documents/murmur-000/?from={search.pk}&amp;at=1#r-listen-for-a-murmur-in-every-patient" in first
    assert "21 to 26 of 26" in text(client, "/search/?q=murmur&page=2")
    assert "21 to 26 of 26" in text(client, "/search/?q=murmur&page=99")
    narrowed = text(client, "/search/?q=murmur&kind=faq&specialty=cardiology")
    assert "1 document" in narrowed
    assert "Search everything" in text(client, "/search/?q=murmur&kind=notice")
    typo = text(client, "/search/?q=murmer")
    assert "Shown for <b>murmur</b>" in typo
    nothing = text(client, "/search/?q=zzzzz%20%3Cb%3E")
    assert "/ask/?question=zzzzz+%3Cb%3E" in nothing
    assert "zzzzz &lt;b&gt;" in nothing
    assert "What do you need to know" in text(client, "/search/")


@pytest.mark.parametrize("query", ["page=x", "page=-1", "page=0", "page=99999999999", "kind=x", "specialty=x"])
def test_odd_addresses_are_pages_too(tmp_path: Path, cast: Cast, query: str) -> None:
    make_document(tmp_path, "a")
    indexing.index_pending()
    client = as_(cast.editor)
    for path in ("/search/?q=about&", "/documents/?", "/documents/manage/?", "/documents/matching/?"):
        assert client.get(path + query).status_code == 200, path
    assert client.get("/documents/manage/?title=%00&state=%00").status_code == 400
    assert client.get("/documents/%00/").status_code == 400


def test_degraded_search_says_so(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    assert "The search engine is away" in text(as_(cast.clinician_prairie), "/search/?q=about")


def test_matching(tmp_path: Path, cast: Cast) -> None:
    make_documents(tmp_path, 8)
    indexing.index_pending()
    client = as_(cast.clinician_prairie)
    assert text(client, "/documents/matching/?q=murmur").count("<li") == 5
    assert "No document matches yet" in text(client, "/documents/matching/?q=")


def test_an_editor_publishes_and_retires(tmp_path: Path, cast: Cast) -> None:
    draft = make_draft(tmp_path, "a")
    client = as_(cast.editor)
    assert "Publish<span" not in text(client, "/documents/manage/")
    assert "It can be published once it is approved" in text(client, "/documents/a/publish/")
    approve(draft, cast.reviewer)
    assert "Publish<span" in text(client, "/documents/manage/")
    page = {"revision": "1", "when": "now"}
    assert client.post("/documents/a/publish/", page | {"revision": "9"}).status_code == 404
    assert client.post("/documents/a/publish/", page).status_code == 302
    assert Document.objects.get().current_revision is not None
    again = client.post("/documents/a/publish/", page, follow=True).content.decode()
    assert "Revision 1 is published; only an approved revision is published." in again
    assert client.get("/documents/a/publish/").status_code == 404
    assert "Retire “About a”?" in text(client, "/documents/a/retire/")
    assert Document.objects.get().retired_at is None
    retired = client.post("/documents/a/retire/", {"because": "It is <b>wrong</b>."}, follow=True).content.decode()
    assert "is retired" in retired
    assert "It is &lt;b&gt;wrong&lt;/b&gt;. The network no longer stands behind" in text(client, "/documents/a/")
    assert Document.objects.get().retired_at
    assert "About a" in text(client, "/documents/manage/?state=retired")
    assert "About a" not in text(client, "/documents/manage/?state=published")


def test_an_author_sees_why_they_may_not_publish(tmp_path: Path, cast: Cast) -> None:
    import_documents(path=write_rows(tmp_path, row("mine")), by=cast.editor, draft=True)
    approve(Revision.objects.get(), cast.reviewer)
    client = as_(cast.editor)
    assert "Someone else publishes it" in text(client, "/documents/mine/publish/")
    page = client.post("/documents/mine/publish/", {"revision": "1", "when": "now"}, follow=True).content.decode()
    assert "Someone other than its author publishes a revision." in page
    assert Revision.objects.get().state == "approved"


def test_managing_is_for_editors(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    for person in (cast.clinician_prairie, cast.admin_prairie, cast.specialist, cast.lead, cast.network_admin):
        client = as_(person)
        assert client.get("/documents/manage/").status_code == 403
        for path in ("/documents/a/publish/", "/documents/a/retire/", "/documents/none/retire/"):
            assert client.post(path).status_code == 403
    assert Document.objects.get().retired_at is None


def test_overdue_documents_are_marked_and_found(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "late", **FULL)
    make_document(tmp_path, "fine")
    page = text(as_(cast.editor), "/documents/manage/?overdue=1")
    assert "About late" in page
    assert "overdue" in page
    assert "About fine" not in page


PATHS = [
    "/search/?q=murmur",
    "/documents/",
    "/documents/murmur-001/",
    "/documents/manage/",
    "/documents/matching/?q=murmur",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_costs_the_same_with_a_hundred_documents(tmp_path: Path, cast: Cast, path: str) -> None:
    client = as_(cast.editor)

    def queries(documents: int) -> int:
        make_documents(tmp_path, documents)
        indexing.index_pending()
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    assert queries(5) == queries(100) <= 28


def test_each_decision_of_a_flow_opens_to_its_outcomes(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a", kind="protocol", body=f"## Flow\n\n{FLOW}")
    page = " ".join(text(as_(cast.clinician_prairie), "/documents/a/").split())
    assert page.count('<details class="decision">') == 1, "one question, one fold"
    inside = page.split('<details class="decision">')[1].split("</details>")[0]
    assert inside.startswith("<summary>Fever?</summary>")
    for way in ('<b>Yes:</b> <a href="#flow-0-2">', '<b>No:</b> <a href="#flow-0-3">'):
        assert way in inside, inside
    assert 'id="flow-0-2"' in page
    assert "Take cultures" not in inside
