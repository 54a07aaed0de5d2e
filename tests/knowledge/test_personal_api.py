"""Notes, reading, differences, the digest and who looks after a document, over REST, as the schema describes them."""

from pathlib import Path
from typing import Any

import pytest

from knowledge.models import Document
from knowledge.services import record_reading
from tests.cast import Cast
from tests.knowledge.helpers import load_rows, make_document, row
from tests.knowledge.test_api import api
from tests.portal.test_schema import Schema, check, schema  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
JSON: dict[str, Any] = {"content_type": "application/json"}


def test_a_note_is_its_authors_alone(tmp_path: Path, cast: Cast, schema: Schema) -> None:  # noqa: F811
    make_document(tmp_path, "a")
    mine, other = api(cast.clinician_prairie), api(cast.clinician_lakeside)
    saved = mine.put("/api/v1/documents/a/note/", {"text": "Ask the ward."}, **JSON)
    assert saved.json() == mine.get("/api/v1/documents/a/note/").json() == {"text": "Ask the ward."}
    check(schema, "documents/{slug}/note/", "put", saved)
    assert other.get("/api/v1/documents/a/note/").json() == {"text": ""}
    assert mine.put("/api/v1/documents/a/note/", {"text": "x" * 5001}, **JSON).status_code == 400
    assert other.delete("/api/v1/documents/a/note/").status_code == 204
    assert mine.get("/api/v1/documents/a/note/").json()["text"], "another's is not touched"
    assert mine.delete("/api/v1/documents/a/note/").status_code == 204
    assert mine.get("/api/v1/documents/a/note/").json() == {"text": ""}
    assert mine.get("/api/v1/documents/none/note/").status_code == 404


def test_what_differs_between_two_revisions(tmp_path: Path, cast: Cast, schema: Schema) -> None:  # noqa: F811
    part = {"key": "dose", "text": "Give 5 mg."}
    load_rows(tmp_path, row("a", recommendations=[part]))
    load_rows(tmp_path, row("a", title="About b", recommendations=[part | {"text": "Give 10 mg."}]))
    load_rows(tmp_path, row("a", title="A draft"), draft=True)
    reader = api(cast.clinician_prairie)
    response = reader.get("/api/v1/documents/a/compare/?from=1&to=2")
    check(schema, "documents/{slug}/compare/", "get", response)
    found = response.json()
    (change,) = found["recommendations"]
    assert {"kind": "added", "text": "10"} in change["pieces"]
    assert (found["is_same"], found["text_changed"]) == (False, False)
    assert reader.get("/api/v1/documents/a/compare/?from=1&to=3").status_code == 404, "a draft is for editors"
    assert api(cast.editor).get("/api/v1/documents/a/compare/?from=1&to=3").status_code == 200
    for wrong in ("", "?from=1", "?from=x&to=2", "?from=0&to=1"):
        assert reader.get(f"/api/v1/documents/a/compare/{wrong}").status_code == 400


def test_what_one_read(tmp_path: Path, cast: Cast, schema: Schema) -> None:  # noqa: F811
    record_reading(document=make_document(tmp_path, "a"), by=cast.clinician_prairie)
    response = api(cast.clinician_prairie).get("/api/v1/reading/")
    check(schema, "reading/", "get", response)
    (found,) = response.json()["results"]
    assert (found["document"], found["revision"]) == ("a", 1)
    assert api(cast.clinician_lakeside).get("/api/v1/reading/").json()["count"] == 0


def test_the_digest(cast: Cast, schema: Schema) -> None:  # noqa: F811
    reader = api(cast.clinician_prairie)
    assert reader.get("/api/v1/digest/").json() == {"frequency": "weekly"}
    check(schema, "digest/", "put", reader.put("/api/v1/digest/", {"frequency": "off"}, **JSON))
    assert reader.get("/api/v1/digest/").json() == {"frequency": "off"}
    assert reader.put("/api/v1/digest/", {"frequency": "hourly"}, **JSON).status_code == 400


def test_who_looks_after_it(tmp_path: Path, cast: Cast, schema: Schema) -> None:  # noqa: F811
    make_document(tmp_path, "a")
    address, body = "/api/v1/documents/a/settings/", {"owner": cast.specialist.email, "withdraw_after_days": 30}
    response = api(cast.editor).put(address, body, **JSON)
    check(schema, "documents/{slug}/settings/", "put", response)
    found = Document.objects.get(slug="a")
    assert (found.owner, found.withdraw_after_days) == (cast.specialist, 30)
    for person in (cast.clinician_prairie, cast.specialist, cast.network_admin, cast.auditor):
        assert api(person).put(address, body, **JSON).status_code == 403
    for wrong in ({"owner": cast.clinician_prairie.email}, {"owner": "no@one.example"}, {"withdraw_after_days": -1}):
        assert api(cast.editor).put(address, body | wrong, **JSON).status_code == 400
