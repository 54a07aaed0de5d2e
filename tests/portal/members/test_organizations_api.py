"""Organizations and invitations over REST: the same rules as on the pages."""

from typing import Any

import pytest

from portal.members.models import Invitation, Organization, Person, Role
from portal.members.services import invitations
from tests.cast import Cast
from tests.consults.test_api import Api
from tests.portal.members.helpers import last_mail, link_in
from tests.portal.test_schema import check, schema  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
HARBOR = {"name": "Harbor Clinic", "tier": "member", "time_zone": "America/New_York"}
NEW = "new@prairie.example"


def patch(person: Person, path: str, body: dict[str, Any]) -> Any:
    api = Api(person)
    return api.client.patch(f"/api/v1/{path}", body, content_type="application/json", headers=api.headers)


class TestOrganizations:
    def test_the_list_is_everyones_own(self, cast: Cast, schema: Any) -> None:  # noqa: F811
        seen = Api(cast.network_admin).get("organizations/")
        check(schema, "organizations/", "get", seen)
        assert {row["slug"] for row in seen.json()["results"]} == {"lakeside", "prairie"}
        own = Api(cast.admin_prairie).get("organizations/").json()
        assert [row["slug"] for row in own["results"]] == ["prairie"]
        assert Api(cast.clinician_prairie).get("organizations/").status_code == 403
        assert Api(cast.network_admin).get("organizations/", state="deactivated").json()["count"] == 0
        active = Api(cast.network_admin).get("organizations/", state=cast.prairie.membership).json()
        assert active["count"] == 2

    def test_added_changed_closed_and_opened(self, cast: Cast, schema: Any) -> None:  # noqa: F811
        api = Api(cast.network_admin)
        made = api.post("organizations/", HARBOR, key="once")
        check(schema, "organizations/", "post", made)
        assert (made.status_code, made.json()["slug"]) == (201, "harbor-clinic")
        assert api.post("organizations/", HARBOR, key="once").json() == made.json()
        assert api.post("organizations/", HARBOR).status_code == 400, "the name is taken"
        assert api.post("organizations/", HARBOR | {"name": "Y", "time_zone": "Mars/Base"}).status_code == 400
        path = "organizations/harbor-clinic/"
        changed = patch(cast.network_admin, path, {"name": "Harbor Health"})
        check(schema, "organizations/{slug}/", "patch", changed)
        assert changed.json() == made.json() | {"name": "Harbor Health"}
        closed = api.post(f"{path}deactivate/")
        check(schema, "organizations/{slug}/deactivate/", "post", closed)
        assert closed.json()["deactivated_at"]
        assert api.post(f"{path}deactivate/").status_code == 409
        assert api.post(f"{path}reactivate/").json()["deactivated_at"] is None

    def test_an_organizations_administrator_changes_none(self, cast: Cast) -> None:
        api = Api(cast.admin_prairie)
        assert api.post("organizations/", HARBOR).status_code == 403
        assert patch(cast.admin_prairie, "organizations/prairie/", {"name": "X"}).status_code == 403
        assert api.post("organizations/prairie/deactivate/").status_code == 403
        foreign, missing = (api.get(f"organizations/{slug}/") for slug in ("lakeside", "none"))
        assert (foreign.status_code, missing.status_code) == (404, 404)
        assert foreign.json()["detail"] == missing.json()["detail"]
        assert Organization.objects.filter(deactivated_at=None).count() == 2


class TestInvitations:
    def test_sent_again_and_revoked(self, cast: Cast, schema: Any) -> None:  # noqa: F811
        api = Api(cast.admin_prairie)
        body = {"email": NEW, "role": "clinician", "organization": "prairie", "name": "New One"}
        sent = api.post("invitations/", body)
        check(schema, "invitations/", "post", sent)
        assert (sent.status_code, sent.json()["state"]) == (201, "open")
        first = link_in(last_mail(NEW))
        assert first.strip("/").split("/")[-1] not in sent.content.decode(), "the link is only ever mailed"
        assert api.post("invitations/", body).status_code == 409
        path = f"invitations/{sent.json()['id']}/"
        again = api.post(f"{path}resend/")
        check(schema, "invitations/{id}/resend/", "post", again)
        assert link_in(last_mail(NEW)) != first
        revoked = api.post(f"{path}revoke/")
        assert revoked.json()["state"] == "revoked"
        assert invitations.find(link_in(last_mail(NEW)).strip("/").split("/")[-1]) is None
        assert api.post(f"{path}resend/").status_code == 409
        listed = api.get("invitations/", organization="prairie")
        check(schema, "invitations/", "get", listed)
        assert [row["state"] for row in listed.json()["results"]] == ["revoked"]

    def test_nobody_invites_beyond_their_rights(self, cast: Cast) -> None:
        api = Api(cast.admin_prairie)
        foreign = {"email": "x@lakeside.example", "role": "clinician", "organization": "lakeside"}
        assert api.post("invitations/", foreign).status_code == 404
        assert api.post("invitations/", foreign | {"organization": "none"}).status_code == 404
        staff = {"email": "x@network.example", "role": "specialist", "specialty": "cardiology"}
        assert api.post("invitations/", staff).status_code == 403
        assert Api(cast.clinician_prairie).post("invitations/", foreign).status_code == 403
        assert Api(cast.clinician_prairie).get("invitations/").status_code == 403
        assert not Invitation.objects.exists()
        assert Api(cast.network_admin).post("invitations/", staff).status_code == 201
        row = Invitation.objects.get()
        for path in (f"invitations/{row.pk}/revoke/", "invitations/999999/revoke/"):
            assert api.post(path).status_code == 404
        assert api.get("invitations/").status_code == 400, "of which organization?"
        assert api.get("invitations/", organization="prairie").json()["count"] == 0
        foreign, missing = (api.get("invitations/", organization=slug) for slug in ("lakeside", "none"))
        assert (foreign.status_code, foreign.json()["detail"]) == (404, missing.json()["detail"])
        assert Api(cast.network_admin).get("invitations/").json()["count"] == 1
        assert Role.objects.filter(person__email=staff["email"]).count() == 0

    def test_what_is_wrong_is_named(self, cast: Cast) -> None:
        body = {"email": NEW, "role": "clinician", "organization": "prairie"}
        for wrong in ({"npi": "1234567890"}, {"facility": "Nowhere"}, {"email": "x"}, {"organization": None}):
            answer = Api(cast.admin_prairie).post("invitations/", body | wrong)
            assert answer.status_code == 400
            assert [error["field"] for error in answer.json()["errors"]] == list(wrong)
