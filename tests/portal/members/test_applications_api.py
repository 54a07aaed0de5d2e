"""Applications and memberships over REST."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.members.models import Organization
from portal.members.models_applications import Application
from portal.members.services import vetting
from tests.cast import Cast
from tests.consults.test_api import Api
from tests.portal.members.applications import FORM, WELCOME, accepted, ready, waiting
from tests.portal.members.helpers import last_mail, link_in
from tests.portal.test_schema import check, schema  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
BODY: dict[str, Any] = FORM | {"clinicians": 40}


def post(path: str, body: dict[str, Any]) -> Any:
    return Client().post(f"/api/v1/{path}", body, content_type="application/json")


def test_applying_and_seeing_how_it_stands(cast: Cast, schema: Any) -> None:  # noqa: F811
    assert post("apply/", BODY).status_code == 202
    token = link_in(last_mail(FORM["contact_email"])).split("/")[2]
    path = f"apply/{token}/"
    seen = Client().get(f"/api/v1/{path}")
    check(schema, "apply/{token}/", "get", seen)
    assert seen.json()["state"] == "unconfirmed"
    assert post(path, {}).json()["state"] == "waiting"
    assert post(path, {"text": "Hello"}).status_code == 409, "nothing is asked"
    row = Application.objects.get()
    vetting.add_note(row, by=cast.network_admin, text="Ours alone.", at=timezone.now())
    vetting.ask(row, by=cast.network_admin, text="Which licence?", at=timezone.now())
    assert post(path, {}).status_code == 400
    answered = post(path, {"text": "4711."})
    assert [said["kind"] for said in answered.json()["said"]] == ["asked", "answered"]
    assert "Ours alone" not in answered.content.decode()


def test_the_same_for_every_address_and_for_bad_links(cast: Cast, settings: Any) -> None:
    waiting()
    answers = [post("apply/", BODY | {"contact_email": who}) for who in (FORM["contact_email"], "x@y.example")]
    assert [(one.status_code, one.content) for one in answers] == [(202, b"{}")] * 2
    assert post("apply/", BODY | {"clinicians": 0}).status_code == 400
    assert post("apply/secret/", {}).status_code == Client().get("/api/v1/apply/secret/").status_code == 404
    settings.ACCOUNT_RATE_LIMITS = {"apply": "1/m/ip"}
    assert [post("apply/", BODY).status_code for _ in range(2)] == [202, 429]
    settings.APPLICATIONS_OPEN = False
    assert post("apply/", BODY).status_code == 404


def test_vetting(cast: Cast, schema: Any) -> None:  # noqa: F811
    row, api = waiting(), Api(cast.network_admin)
    listed = api.get("applications/?state=waiting")
    check(schema, "applications/", "get", listed)
    assert [one["id"] for one in listed.json()["results"]] == [row.pk]
    assert api.get("applications/?state=declined").json()["count"] == 0
    path = f"applications/{row.pk}/"
    assert api.post(f"{path}checks/", {"item": "made-up", "is_done": True}).status_code == 400
    assert api.post(f"{path}accept/", WELCOME).status_code == 409
    for item in ("contact-confirmed", "licence-seen", "liability-cover", "conflict-checked"):
        assert api.post(f"{path}checks/", {"item": item, "is_done": True}).status_code == 200
    assert api.post(f"{path}notes/", {"text": "Seen."}).status_code == 201
    assert api.post(f"{path}ask/", {"text": "?"}).json()["state"] == "asked"
    assert api.post(f"{path}accept/", WELCOME | {"time_zone": "Mars/Base"}).status_code == 400
    done = api.post(f"{path}accept/", WELCOME)
    check(schema, "applications/{id}/", "get", api.get(path))
    assert done.json()["organization"] == "riverbend-health"
    assert api.post(f"{path}decline/", {"reason": "No."}).status_code == 409


def test_nobody_else_vets(cast: Cast) -> None:
    row = ready(cast)
    for who in (cast.clinician_prairie, cast.admin_prairie, cast.specialist, cast.auditor):
        api = Api(who)
        assert api.get("applications/").status_code == api.get(f"applications/{row.pk}/").status_code == 403
        for act in ("checks", "notes", "ask", "decline", "accept"):
            assert api.post(f"applications/{row.pk}/{act}/", {}).status_code == 403
    assert Client().get("/api/v1/applications/").status_code == 401


def test_the_membership(cast: Cast, schema: Any) -> None:  # noqa: F811
    place = accepted(cast)
    path = f"organizations/{place.slug}/membership/"
    seen = Api(cast.network_admin).get(path)
    check(schema, "organizations/{slug}/membership/", "get", seen)
    assert [one["state"] for one in seen.json()["periods"]] == ["applied", "joining"]
    assert Api(cast.admin_prairie).get(path).status_code == 404
    mine = "organizations/prairie/membership/"
    assert Api(cast.admin_prairie).get(mine).json()["membership"] == "active"
    assert Api(cast.clinician_prairie).get(mine).status_code == 403
    assert Api(cast.admin_prairie).post(f"{mine}end/", {"reason": "x"}).status_code == 403
    assert Api(cast.network_admin).post(f"{mine}end/", {"reason": ""}).status_code == 400
    assert Api(cast.network_admin).post(f"{mine}end/", {"reason": "It left."}).json()["membership"] == "ended"
    assert Api(cast.network_admin).post(f"{mine}end/", {"reason": "It left."}).status_code == 409
    assert Api(cast.network_admin).post(f"{mine}reopen/", {"reason": "Back."}).json()["membership"] == "active"
    assert Organization.objects.get(slug="prairie").periods.count() == 2
