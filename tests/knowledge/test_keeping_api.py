"""Publishing, recall and verification over REST, as the schema describes them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.models import Acknowledgement, Document, Revision
from tests.cast import Cast
from tests.knowledge.test_api import api
from tests.knowledge.test_freshness import due
from tests.knowledge.test_recall import changed, first, read, recalled
from tests.portal.test_schema import Schema, check, schema  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
SAID = {"changes": [{"key": "dose", "significance": "practice", "sentence": "The dose is now 10 mg."}]}


def post(client: Client, path: str, body: dict[str, Any], status: int = 200) -> Any:
    response = client.post(f"/api/v1/{path}", body, content_type="application/json")
    assert response.status_code == status, response.content
    return response


def get(client: Client, path: str, status: int = 200) -> Any:
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == status, response.content
    return response


def test_publish(tmp_path: Path, cast: Cast, schema: Schema) -> None:  # noqa: F811
    read(first(tmp_path), cast.clinician_prairie)
    changed(tmp_path, cast)
    client, path, described = api(cast.editor), "documents/a/publish/", "documents/{slug}/publish/"
    for body, field in (
        ({}, "revision"),
        ({"revision": 2}, "changes.dose.significance"),
        ({"revision": 2, "changes": [{"key": "dose", "significance": "practice"}]}, "changes.dose.sentence"),
        ({"revision": 2, "changes": [{"key": "dose", "significance": "huge"}]}, "changes.0.significance"),
    ):
        wrong = post(client, path, body, 400)
        assert [row["field"] for row in wrong.json()["errors"]] == [field]
        check(schema, described, "post", wrong)
    check(schema, described, "post", post(client, path, SAID | {"revision": 9}, 404))
    check(schema, described, "post", post(api(cast.clinician_prairie), path, SAID | {"revision": 2}, 403))
    check(schema, described, "post", post(Client(), path, SAID | {"revision": 2}, 401))
    done = post(client, path, SAID | {"revision": 2})
    check(schema, described, "post", done)
    assert done.json()["published_by"] == cast.editor.name
    check(schema, described, "post", post(client, path, SAID | {"revision": 2}, 409))
    assert Acknowledgement.objects.get().person == cast.clinician_prairie


def test_schedule_and_take_back(tmp_path: Path, cast: Cast, schema: Schema) -> None:  # noqa: F811
    first(tmp_path)
    changed(tmp_path, cast)
    client, path, described = api(cast.editor), "documents/a/schedule/", "documents/{slug}/schedule/"
    at = (timezone.now() + timedelta(days=2)).isoformat()
    body = SAID | {"revision": 2, "at": at}
    past = post(client, path, body | {"at": "2020-01-01T00:00:00Z"}, 400)
    assert past.json()["errors"][0]["field"] == "at"
    check(schema, described, "post", past)
    check(schema, described, "post", post(api(cast.lead), path, body, 403))
    done = post(client, path, body)
    check(schema, described, "post", done)
    assert done.json()["state"] == "scheduled"
    check(schema, described, "delete", api(cast.lead).delete(f"/api/v1/{path}"))
    taken = client.delete(f"/api/v1/{path}")
    check(schema, described, "delete", taken)
    assert taken.json()["state"] == "approved"
    check(schema, described, "delete", client.delete(f"/api/v1/{path}"))
    assert Revision.objects.get(number=2).scheduled_for is None


def test_verify(tmp_path: Path, cast: Cast, schema: Schema) -> None:  # noqa: F811
    due(tmp_path, "a", -3, 100)
    path, described = "documents/a/verify/", "documents/{slug}/verify/"
    done = post(api(cast.specialist), path, {"keys": ["r0"], "remark": "Read."})
    check(schema, described, "post", done)
    assert [row["verified_by"] for row in done.json()] == [cast.specialist.name, ""]
    wrong = post(api(cast.specialist), path, {"keys": ["none"], "due_on": "2020-01-01"}, 400)
    assert {row["field"] for row in wrong.json()["errors"]} == {"keys", "due_on"}
    check(schema, described, "post", wrong)
    for person in (cast.clinician_prairie, cast.network_admin):
        check(schema, described, "post", post(api(person), path, {"keys": ["r0"]}, 403))
    check(schema, described, "post", post(api(cast.editor), "documents/none/verify/", {"keys": []}, 404))
    Document.objects.update(retired_at=timezone.now())
    check(schema, described, "post", post(api(cast.editor), path, {"keys": ["r0"]}, 409))


def test_changes_and_acknowledging(tmp_path: Path, cast: Cast, schema: Schema) -> None:  # noqa: F811
    recalled(tmp_path, cast, cast.clinician_prairie)
    client, path, described = api(cast.clinician_prairie), "documents/a/acknowledge/", "documents/{slug}/acknowledge/"
    mine = get(client, "changes/")
    check(schema, "changes/", "get", mine)
    (row,) = mine.json()["results"]
    assert (row["document"], row["sentences"], row["acknowledged_at"]) == ("a", ["The dose is now 10 mg."], None)
    assert get(api(cast.clinician_lakeside), "changes/").json()["results"] == []
    for person in (cast.clinician_lakeside, cast.editor):
        check(schema, described, "post", post(api(person), path, {"revision": 2}, 404))
    check(schema, described, "post", post(client, path, {}, 400))
    done = post(client, path, {"revision": 2})
    check(schema, described, "post", done)
    assert done.json()["acknowledged_at"]
    assert post(client, path, {"revision": 2}).json() == done.json()
    Acknowledgement.objects.update(acknowledged_at=None, superseded_at=timezone.now())
    check(schema, described, "post", post(client, path, {"revision": 2}, 409))


def test_who_has_acknowledged_and_reminding(tmp_path: Path, cast: Cast, schema: Schema) -> None:  # noqa: F811
    recalled(tmp_path, cast, cast.clinician_prairie, cast.clinician_lakeside)
    post(api(cast.clinician_lakeside), "documents/a/acknowledge/", {"revision": 2})
    client, path = api(cast.editor), "documents/a/acknowledgements/"
    described = "documents/{slug}/acknowledgements/"
    whole = get(client, path)
    check(schema, described, "get", whole)
    assert whole.json()["count"] == 2
    for state, count in (("open", 1), ("acknowledged", 1), ("superseded", 0)):
        assert get(client, f"{path}?state={state}&revision=2").json()["count"] == count
    check(schema, described, "get", get(client, f"{path}?state=x", 400))
    for person in (cast.clinician_prairie, cast.admin_prairie, cast.lead):
        check(schema, described, "get", get(api(person), path, 403))
        check(schema, f"{described}remind/", "post", post(api(person), f"{path}remind/", {}, 403))
    done = post(client, f"{path}remind/", {})
    check(schema, f"{described}remind/", "post", done)
    assert done.json() == {"people": 1, "spared": 0}
    assert post(client, f"{path}remind/", {}).json() == {"people": 0, "spared": 1}


def test_the_cost_is_flat(tmp_path: Path, cast: Cast) -> None:
    client = api(cast.clinician_prairie)

    def queries(documents: int) -> int:
        for number in range(documents):
            recalled(tmp_path, cast, cast.clinician_prairie, slug=f"{documents}-{number}")
        get(client, "changes/")
        with CaptureQueriesContext(connection) as captured:
            get(client, "changes/")
        return len(captured)

    assert queries(3) == queries(9)
