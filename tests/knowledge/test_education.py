"""The record of continuing education: written by its reader, seen by nobody else, counted in halves, taken away."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.models import Document, EducationEntry
from knowledge.services import Learned, change_education, record_education
from portal.common.models import AuditEvent
from portal.common.refusals import Invalid
from portal.members.models import Person
from tests.cast import Cast
from tests.knowledge.helpers import load_rows, make_document, make_documents, row
from tests.knowledge.test_api import api
from tests.knowledge.test_pages import as_, text
from tests.knowledge.test_printing import pages

pytestmark = pytest.mark.django_db
JSON = "application/json"
QUESTION = "When is lactate repeated in sepsis?"


def learned(document: Document, **values: Any) -> Learned:
    given: dict[str, Any] = {
        "on": date(2026, 3, 2),
        "question": QUESTION,
        "documents": [document],
        "effect": "confirmed",
    }
    return Learned(**(given | values))


def posted(**values: Any) -> dict[str, Any]:
    return {"on": "2026-03-02", "question": QUESTION, "documents": ["a"], "effect": "changed-care"} | values


def test_a_question_is_recorded_from_a_document(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a", title="Lactate")
    make_document(tmp_path, "b", title="Sepsis")
    client = as_(cast.clinician_prairie)
    text(client, "/documents/b/")
    assert "/account/education/new/?document=a" in text(client, "/documents/a/")
    form = text(client, "/account/education/new/?document=a")
    assert 'value="a" id="id_documents_0" checked' in form.replace("\n", " ") or 'value="a"' in form
    assert form.count(" checked") == 1, "the document at hand is ticked, those read last are offered"
    assert "Sepsis" in form
    assert "Only an accredited provider awards credit" in form
    done = client.post("/account/education/new/", posted(documents=["a", "b"], effect_text="Two hours."))
    assert done.status_code == 302
    page = text(client, "/account/education/")
    for words in (QUESTION, "Lactate", "Sepsis", "Changed the care of a patient", "Two hours.", "0.5"):
        assert words in page, words
    assert "Only an accredited provider awards credit" in page
    assert AuditEvent.objects.filter(action="education.record").count() == 1
    assert "lactate" not in str(list(AuditEvent.objects.values())), "the trail holds no clinical text"


def test_it_keeps_the_revision_that_was_read(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a")
    other = make_document(tmp_path, "b")
    entry = record_education(learned=learned(document), by=cast.clinician_prairie)
    load_rows(tmp_path, row("a", body="Anew."))
    document = Document.objects.select_related("current_revision").get(slug="a")
    change_education(entry=entry, learned=learned(document, documents=[document, other]), by=cast.clinician_prairie)
    found = {source.document.slug: source.revision.number for source in entry.sources.all()}
    assert found == {"a": 1, "b": 1}
    change_education(entry=entry, learned=learned(other), by=cast.clinician_prairie)
    assert [source.document.slug for source in entry.sources.all()] == ["b"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question", "Short"),
        ("question", "x" * 501),
        ("on", timezone.localdate() + timedelta(days=2)),
        ("on", date(1999, 12, 31)),
        ("documents", []),
        ("effect", "none-such"),
        ("effect_text", "x" * 2001),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, cast: Cast, field: str, value: Any) -> None:
    document = make_document(tmp_path, "a")
    with pytest.raises(Invalid) as caught:
        record_education(learned=learned(document, **{field: value}), by=cast.clinician_prairie)
    assert list(caught.value.fields) == [field]
    assert not EducationEntry.objects.exists()


def test_what_looks_like_a_patient_is_pointed_out(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    client = as_(cast.clinician_prairie)
    telling = posted(effect_text="Mr. Gunderson, MRN 00482913, did well.")
    page = client.post("/account/education/new/", telling).content.decode()
    assert "looks like a record number" in page
    assert "Gunderson, MRN" in page, "what was typed is still there"
    assert not EducationEntry.objects.exists()
    assert client.post("/account/education/new/", telling | {"attested": "on"}).status_code == 302
    assert EducationEntry.objects.get().attested_at is not None
    address = f"/account/education/{EducationEntry.objects.get().pk}/"
    assert client.post(address, posted(effect_text="He did well.")).status_code == 302
    assert EducationEntry.objects.get().attested_at is None


def test_it_is_changed_and_deleted_by_its_reader(tmp_path: Path, cast: Cast) -> None:
    entry = record_education(learned=learned(make_document(tmp_path, "a")), by=cast.clinician_prairie)
    client, address = as_(cast.clinician_prairie), f"/account/education/{entry.pk}/"
    assert QUESTION in text(client, address)
    assert client.post(address, posted(question="Another question, asked well?")).status_code == 302
    entry.refresh_from_db()
    assert entry.question == "Another question, asked well?"
    assert "Delete this entry?" in text(client, f"{address}delete/")
    assert EducationEntry.objects.exists(), "asking deletes nothing"
    assert client.post(f"{address}delete/").status_code == 302
    assert not EducationEntry.objects.exists()


def test_nobody_else_sees_or_touches_it(tmp_path: Path, cast: Cast) -> None:
    entry = record_education(learned=learned(make_document(tmp_path, "a")), by=cast.clinician_prairie)
    for person in (cast.clinician_lakeside, cast.admin_prairie, cast.network_admin, cast.auditor, cast.editor):
        client, rest = as_(person), api(person)
        for path in ("", "delete/"):
            assert client.get(f"/account/education/{entry.pk}/{path}").status_code == 404
            assert client.post(f"/account/education/{entry.pk}/{path}", posted()).status_code == 404
        for path in ("", "export.csv"):
            assert "lactate" not in text(client, f"/account/education/{path}")
        assert "lactate" not in "".join(pages(client.get("/account/education/export.pdf").content))
        assert rest.get("/api/v1/education/").json()["count"] == 0
        for method in (rest.get, rest.delete):
            assert method(f"/api/v1/education/{entry.pk}/").status_code == 404
        assert rest.put(f"/api/v1/education/{entry.pk}/", posted(), JSON).status_code == 404
    assert EducationEntry.objects.get().question == QUESTION


def test_documents_one_may_not_read_are_not_offered(tmp_path: Path, cast: Cast) -> None:
    load_rows(tmp_path, row("hidden", title="A secret draft"), draft=True)
    client = as_(cast.clinician_prairie)
    assert "A secret draft" not in text(client, "/account/education/new/?document=hidden")
    assert "is not one of the available" in client.post(
        "/account/education/new/", posted(documents=["hidden"])
    ).content.decode().replace("“", "").replace("”", "")
    answer = api(cast.clinician_prairie).post("/api/v1/education/", posted(documents=["hidden"]), JSON)
    assert answer.status_code == 400


def many(person: Person, document: Document, number: int) -> None:
    for place in range(number):
        day = date(2026 - place % 3, 5, 1 + place % 28)
        record_education(learned=learned(document, on=day, question=f"{QUESTION} {place}"), by=person)


def test_credits_are_counted_in_halves_by_year_and_the_list_has_pages(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a")
    many(cast.clinician_prairie, document, 31)
    many(cast.clinician_lakeside, document, 3)
    client = as_(cast.clinician_prairie)
    page = " ".join(text(client, "/account/education/").split())
    for words in ("15.5", "2026 <span", "5.5", "1 to 25 of 31"):
        assert words in page, words
    assert "1 to 11 of 11" in text(client, "/account/education/?year=2026")
    assert "Nothing recorded in this year" in text(client, "/account/education/?year=2011")
    for nonsense in ("x", "0000", "20266", "²²²²"):
        assert "1 to 25 of 31" in text(client, f"/account/education/?year={nonsense}")


def test_it_is_taken_away_as_csv_and_pdf(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a", title="Lactate")
    record_education(learned=learned(document, effect_text="=2+3"), by=cast.clinician_prairie)
    record_education(learned=learned(document, on=date(2025, 1, 1)), by=cast.clinician_prairie)
    client = as_(cast.clinician_prairie)
    answer = client.get("/account/education/export.csv?year=2026")
    assert 'filename="continuing-education-2026.csv"' in answer["Content-Disposition"]
    head, *rows = csv.reader(io.StringIO(answer.content.decode()))
    assert head == ["Day", "Question", "Consulted", "Effect on practice", "In own words", "Credits"]
    assert rows == [["2026-03-02", QUESTION, "Lactate (revision 1)", "Confirmed what I was doing", "'=2+3", "0.5"]]
    answer = client.get("/account/education/export.pdf")
    assert answer["Content-Type"] == "application/pdf"
    paper = " ".join(pages(answer.content))
    for words in ("all years", cast.clinician_prairie.name, "1.0 credits", "Only an accredited provider", "=2+3"):
        assert words in paper, words
    assert "not a certificate" in paper


def test_over_rest(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    client = api(cast.clinician_prairie)
    answers = [client.post("/api/v1/education/", posted(), JSON, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert EducationEntry.objects.count() == 1
    address = answers[0]["Location"]
    assert client.get(address).json()["documents"] == [{"document": "a", "title": "About a", "revision": 1}]
    assert client.get(address).json()["credit"] == "0.5"
    assert client.put(address, posted(effect="none"), JSON).json()["effect"] == "none"
    wrong = client.post("/api/v1/education/", posted(question="MRN 00482913, what now?"), JSON)
    assert [error["field"] for error in wrong.json()["errors"]] == ["attested"]
    assert client.get("/api/v1/education/?year=2026").json()["count"] == 1
    assert client.get("/api/v1/education/?year=2025").json()["count"] == 0
    assert client.get("/api/v1/education/?year=x").status_code == 400
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_the_pages_cost_the_same_however_much_is_recorded(tmp_path: Path, cast: Cast) -> None:
    make_documents(tmp_path, 20)
    documents = list(Document.objects.select_related("current_revision"))
    client, paths = as_(cast.clinician_prairie), ("", "export.csv", "export.pdf", "new/")

    def costs() -> list[int]:
        found = []
        for path in paths:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(f"/account/education/{path}").status_code == 200
            found.append(len(seen))
        return found

    record_education(learned=learned(documents[0]), by=cast.clinician_prairie)
    costs()
    before = costs()
    for _ in range(10):
        record_education(learned=learned(documents[0], documents=documents), by=cast.clinician_prairie)
    assert costs() == before
