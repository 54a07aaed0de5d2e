"""Notes of organizations over REST: as described, and for the same people."""

from pathlib import Path
from typing import Any

import pytest

from knowledge.models import Overlay
from tests.cast import Cast
from tests.consults.test_api import Api
from tests.knowledge.test_api import api
from tests.knowledge.test_overlays import BODY, document, revise
from tests.portal import test_schema
from tests.portal.test_schema import check

pytestmark = pytest.mark.django_db
schema = test_schema.schema


def test_over_rest(tmp_path: Path, cast: Cast, schema: Any) -> None:
    found = document(tmp_path)
    client, path = Api(cast.admin_prairie), "documents/a/overlays/"
    listed = client.get("documents/a/passages/", page_size=100)
    check(schema, "documents/{slug}/passages/", "get", listed)
    passage = next(row for row in listed.json()["results"] if row["text"] == "Check potassium")
    body = {"revision": 1, "passage": passage["number"], "text": "Ours"}
    created = client.post(path, body)
    check(schema, "documents/{slug}/overlays/", "post", created)
    assert created.status_code == 201
    assert created.json()["note"]["organization"] == "prairie"
    own = created["Location"].removeprefix("/api/v1/")
    for wrong in ({}, body | {"passage": 99}, body | {"text": "  "}, body | {"organization": "lakeside"}):
        refused = client.post(path, wrong)
        assert refused.status_code == 400
        check(schema, "documents/{slug}/overlays/", "post", refused)
    for person, status in ((cast.clinician_prairie, 403), (cast.editor, 403), (None, 401)):
        refused = Api(person).post(path, body)
        assert refused.status_code == status
        check(schema, "documents/{slug}/overlays/", "post", refused)
    for person in (cast.clinician_lakeside, cast.editor, cast.network_admin):
        assert Api(person).get(own).status_code == 404
        assert Api(person).get(path).json() == []
        assert Api(person).get("overlays/").json()["count"] == 0
    clinician = Api(cast.clinician_prairie)
    check(schema, "documents/{slug}/overlays/", "get", clinician.get(path))
    check(schema, "documents/{slug}/overlays/{id}/", "get", clinician.get(own))
    check(schema, "overlays/", "get", clinician.get("overlays/"))
    assert clinician.get(own).json()["note"]["text"] == "Ours"
    http = api(cast.admin_prairie)
    address = f"/api/v1/{own}"
    changed = http.patch(address, {"text": "New", "version": 1}, content_type="application/json")
    check(schema, "documents/{slug}/overlays/{id}/", "patch", changed)
    late = http.patch(address, {"text": "Late", "version": 1}, content_type="application/json")
    assert late.status_code == 409
    check(schema, "documents/{slug}/overlays/{id}/", "patch", late)
    assert api(cast.clinician_prairie).delete(address).status_code == 403
    revise(tmp_path, cast, by_import=True, body=BODY.replace("Check potassium", "Check potassium and sodium"))
    assert clinician.get("overlays/", changed="true").json()["count"] == 1
    stands = client.get(own).json()
    assert (stands["is_changed"], stands["passage"]["text"]) == (True, "Check potassium and sodium")
    assert client.post(f"{own}keep/", {"revision": 1, "passage": 0}).status_code == 409
    kept = client.post(f"{own}keep/", {"revision": 2, "passage": stands["passage"]["number"]})
    check(schema, "documents/{slug}/overlays/{id}/keep/", "post", kept)
    assert kept.json()["note"]["flagged_at"] is None
    assert http.delete(address).status_code == 204
    assert not Overlay.objects.filter(document=found).exists()
