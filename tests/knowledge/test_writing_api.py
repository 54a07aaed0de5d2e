"""Writing over REST: the same services, the same rules, answers as the schema says."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from knowledge.models import Code, Document, Revision
from knowledge.services import drafting
from tests.cast import Cast
from tests.knowledge.helpers import make_document
from tests.knowledge.pictures import picture
from tests.knowledge.test_api import api
from tests.knowledge.test_drafting import OTHERS, RECOMMENDATION, REFERENCE
from tests.portal.test_schema import Schema, check, schema

pytestmark = pytest.mark.django_db
DRAFT = "/api/v1/documents/oxygen/draft/"
__all__ = ["schema"]


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
        tmp_path, "oxygen", body="First.\n\nSecond.", recommendations=[RECOMMENDATION], references=[REFERENCE]
    )


def put(client: Client, data: Any) -> Any:
    return client.put(DRAFT, data, content_type="application/json")


def test_a_draft_is_opened_read_saved_and_discarded(cast: Cast, document: Document, schema: Schema) -> None:
    client = api(cast.editor)
    missing = client.get(DRAFT)
    assert missing.status_code == 404
    check(schema, "documents/{slug}/draft/", "get", missing)
    opened = client.post(DRAFT)
    check(schema, "documents/{slug}/draft/", "post", opened)
    content = opened.json()
    assert (content["edition"], content["problems"], content["specialties"]) == (0, [], ["cardiology"])
    saved = put(
        client, content | {"title": "New title", "recommendations": [*content["recommendations"], {"text": "B"}]}
    )
    check(schema, "documents/{slug}/draft/", "put", saved)
    assert (saved.json()["edition"], saved.json()["title"]) == (1, "New title")
    assert [part["text"] for part in saved.json()["recommendations"]] == ["Give oxygen.", "B"]
    assert client.get(DRAFT).json()["recommendations"][0]["key"] == "first"
    half = put(client, {"edition": 1, "body": "```mermaid\nx"}).json()
    assert {found["field"] for found in half["problems"]} == {"title", "body", "specialties"}
    discarded = client.delete(DRAFT)
    assert discarded.status_code == 204
    assert not Revision.objects.filter(state="draft").exists()


def test_a_clash_is_409_with_both_wordings(cast: Cast, document: Document, schema: Schema) -> None:
    mine, theirs = api(cast.editor), api(cast.reviewer)
    content = mine.post(DRAFT).json()
    put(mine, content | {"body": "First of Sam.\n\nSecond."})
    merged = put(theirs, content | {"body": "First.\n\nSecond of Mei."})
    assert merged.json()["body"] == "First of Sam.\n\nSecond of Mei."
    assert merged.json()["merged_with"] == [cast.editor.name]
    refused = put(theirs, content | {"body": "First of Mei.\n\nSecond of Mei."})
    check(schema, "documents/{slug}/draft/", "put", refused)
    assert refused.status_code == 409
    assert refused.json()["clashes"] == [{"where": "Text", "mine": "First of Mei.", "theirs": "First of Sam."}]
    assert refused.json()["edition"] == 2
    assert put(theirs, content | {"body": "First of both.\n\nSecond.", "edition": 2}).status_code == 200


@pytest.mark.parametrize(
    "data", [{}, {"edition": -1}, {"edition": 0, "title": 3 * [1]}, {"edition": 0, "recommendations": "x"}, []]
)
def test_what_cannot_be_read_is_400(cast: Cast, document: Document, schema: Schema, data: Any) -> None:
    client = api(cast.editor)
    client.post(DRAFT)
    response = put(client, data)
    assert response.status_code == 400
    check(schema, "documents/{slug}/draft/", "put", response)


def test_a_document_is_begun_once(cast: Cast, schema: Schema) -> None:
    client = api(cast.editor)
    values = {"id": "air", "title": "Air", "kind": "topic"}
    for _ in range(2):
        made = client.post(
            "/api/v1/documents/", values, content_type="application/json", headers={"Idempotency-Key": "k"}
        )
        assert made.status_code == 201
        check(schema, "documents/", "post", made)
    again = client.post("/api/v1/documents/", values, content_type="application/json")
    assert again.json()["errors"][0]["field"] == "slug"
    check(schema, "documents/", "post", again)
    assert Revision.objects.get().author == cast.editor


def test_files_are_attached_listed_read_and_removed(cast: Cast, document: Document, schema: Schema) -> None:
    client, address = api(cast.editor), "/api/v1/documents/oxygen/attachments/"
    made = client.post(address, {"file": SimpleUploadedFile("way.png", picture())})
    assert made.status_code == 201, made.content
    check(schema, "documents/{slug}/attachments/", "post", made)
    assert made.json()["markdown"] == "![way](attachment:way.png)"
    refused = client.post(address, {"file": SimpleUploadedFile("way.svg", b"<svg/>")})
    assert refused.json()["errors"][0]["field"] == "file"
    check(schema, "documents/{slug}/attachments/", "get", client.get(address))
    file = client.get(made.json()["url"])
    assert file.getvalue().startswith(b"\x89PNG")
    assert file["Content-Disposition"].startswith("attachment")
    assert api(cast.clinician_prairie).get(made.json()["url"]).status_code == 404
    assert client.delete(made.json()["url"]).status_code == 204
    assert client.get(made.json()["url"]).status_code == 404


def test_codes_are_found(cast: Cast, schema: Schema) -> None:
    Code.objects.create(code="A41.9", title="Sepsis, unspecified organism", is_leaf=True)
    found = api(cast.clinician_prairie).get("/api/v1/codes/?q=sepsis")
    assert found.json() == [{"code": "A41.9", "title": "Sepsis, unspecified organism", "is_leaf": True}]
    check(schema, "codes/", "get", found)
    check(schema, "codes/", "get", api(cast.editor).get("/api/v1/codes/"))


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_writes(cast: Cast, document: Document, who: str) -> None:
    drafting.open_draft(document=document, by=cast.editor)
    client = api(getattr(cast, who))
    values = {"id": "air", "title": "Air", "kind": "topic"}
    assert client.post("/api/v1/documents/", values, content_type="application/json").status_code == 403
    for response in (client.get(DRAFT), client.post(DRAFT), put(client, {"edition": 0}), client.delete(DRAFT)):
        assert response.status_code == 403
    address = "/api/v1/documents/oxygen/attachments/"
    assert client.get(address).status_code == 403
    assert client.post(address, {"file": SimpleUploadedFile("way.png", picture())}).status_code == 403
    assert Revision.objects.filter(state="draft").get().edition == 0
