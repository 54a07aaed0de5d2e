"""Search and documents over REST."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.services import indexing, retire_document
from portal.members.models import ApiToken, Person, digest, new_secret
from tests.cast import Cast
from tests.knowledge.helpers import load_rows, make_document, make_documents, row
from tests.knowledge.test_pages import FULL

pytestmark = pytest.mark.django_db


def api(person: Person) -> Client:
    secret = new_secret()
    expires = timezone.now() + timedelta(days=1)
    ApiToken.objects.create(person=person, name="test", digest=digest(secret), hint=secret[:6], expires_at=expires)
    return Client(headers={"Authorization": f"Token {secret}"})


def get(client: Client, path: str, status: int = 200) -> Any:
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == status, response.content
    return response.json()


def test_search(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "full", **FULL)
    make_document(tmp_path, "faq", kind="faq", body="Act now & then.")
    indexing.index_pending()
    client = api(cast.clinician_prairie)
    found = get(client, "search/?q=act+now")
    assert found["count"] == 2
    assert found["suggestion"] is None
    assert {row["id"] for row in found["results"]} == {"full", "faq"}
    hit = next(row for row in found["results"] if row["id"] == "full")
    assert set(hit) == {"id", "kind", "title", "url", "snippet", "score"}
    assert hit | {"score": 0} == {
        "id": "full",
        "kind": "protocol",
        "title": "About full",
        "url": "/documents/full/",
        "snippet": "<mark>Act</mark> <mark>now</mark>.",
        "score": 0,
    }
    assert [row["id"] for row in get(client, "search/?q=act&kind=faq")["results"]] == ["faq"]
    assert get(client, "search/?q=act&page=9")["results"] == []
    assert get(client, "search/?q=")["count"] == 0
    assert get(client, "search/?q=sumary")["suggestion"] == "summary"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("search/", "q"),
        ("search/?q=a&kind=recipe", "kind"),
        ("search/?q=a&specialty=alchemy", "specialty"),
        ("search/?q=a&page=0", "page"),
        ("search/?q=a&page=x", "page"),
        ("search/?q=a&page_size=101", "page_size"),
        ("documents/?kind=recipe", "kind"),
        ("documents/?code=sepsis", "code"),
        ("documents/?updated_since=yesterday", "updated_since"),
        ("documents/?specialty=alchemy", "specialty"),
    ],
)
def test_bad_parameters_are_named(cast: Cast, query: str, field: str) -> None:
    response = api(cast.clinician_prairie).get(f"/api/v1/{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert [row["field"] for row in response.json()["errors"]] == [field]


def test_documents_and_filters(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "full", **FULL)
    middle = timezone.now()
    make_document(tmp_path, "faq", kind="faq", specialties=["neurology"], codes=["A41.01", "I10"])
    load_rows(tmp_path, row("draft"), draft=True)
    retire_document(document=make_document(tmp_path, "old"), by="test")
    client = api(cast.clinician_prairie)

    def ids(query: str = "") -> list[str]:
        return [row["id"] for row in get(client, f"documents/?{query}")["results"]]

    page = get(client, "documents/")
    assert set(page) == {"count", "next", "previous", "results"}
    assert ids() == ["faq", "full"]
    assert ids("kind=faq") == ["faq"]
    assert ids("specialty=cardiology") == ["full"]
    assert ids("code=A41.9") == ["full"]
    assert ids("code=a41") == ["faq", "full"]
    assert ids("code=I10") == ["faq"]
    assert ids("code=A41.0") == []
    assert ids(f"updated_since={middle.isoformat().replace('+00:00', 'Z')}") == ["faq"]
    assert get(client, "documents/?page_size=1")["next"]
    get(client, "documents/?page=9", 404)


def test_one_document(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "full", **FULL)
    load_rows(tmp_path, row("draft"), draft=True)
    client = api(cast.clinician_prairie)
    found = get(client, "documents/full/")
    assert found["body"].startswith("## Recognize")
    assert found["recommendations"][0]["key"] == "act"
    assert found["recommendations"][0]["due_on"] == "2026-10-01"
    assert found["references"][0]["link"] == "https://pubmed.ncbi.nlm.nih.gov/123"
    assert found["revision"] == 1
    assert get(client, "documents/draft/", 404) == get(client, "documents/none/", 404)
    assert Client().get("/api/v1/documents/full/").status_code == 401


@pytest.mark.parametrize("path", ["search/?q=murmur&page_size=50", "documents/?page_size=50", "documents/murmur-001/"])
def test_the_cost_is_flat(tmp_path: Path, cast: Cast, path: str) -> None:
    client = api(cast.clinician_prairie)

    def queries(documents: int) -> int:
        make_documents(tmp_path, documents)
        indexing.index_pending()
        get(client, path)
        with CaptureQueriesContext(connection) as captured:
            get(client, path)
        return len(captured)

    assert queries(5) == queries(100) <= 25
