"""An organization's sign-in and its directory's tokens over REST."""

from typing import Any

import pytest
from django.test import Client

from portal.members.models import Person
from portal.members.models_sso import DirectoryGroup, IdentityProvider, ProvisioningToken
from portal.members.services.tokens import create_token
from tests.cast import Cast
from tests.portal.members.sso import confirm
from tests.providers import CLIENT, SECRET, Provider

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/organizations/prairie/"


def asking(person: Person) -> Any:
    """A function that asks as the person: method, path below the organization, body."""
    secret = create_token(by=person, person=person, name="x")[1]
    client = Client(headers={"Authorization": f"Token {secret}"})

    def ask(method: str, path: str, body: Any = None) -> Any:
        return getattr(client, method)(ROOT + path, body, content_type="application/json")

    return ask


def test_a_provider_set_up_over_rest(cast: Cast, provider: Provider) -> None:
    confirm(cast.prairie, "prairie.example", cast.network_admin)
    ask = asking(cast.admin_prairie)
    assert ask("get", "sign-in/").status_code == 404
    typed = {"kind": "oidc", "server_url": provider.url, "client_id": CLIENT, "default_role": "clinician"}
    wrong = ask("put", "sign-in/", typed)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "secret")
    saved = ask("put", "sign-in/", typed | {"secret": SECRET})
    assert saved.status_code == 200
    assert SECRET not in saved.content.decode()
    assert ask("put", "sign-in/switches/", {"is_on": True}).status_code == 409
    assert ask("post", "sign-in/check/").json() == {"is_well": True, "problem": ""}
    assert ask("put", "sign-in/switches/", {"is_on": True}).json()["is_on"] is True
    assert SECRET not in ask("get", "sign-in/").content.decode()
    assert ask("delete", "sign-in/").status_code == 204
    assert not IdentityProvider.objects.exists()


def test_tokens_and_groups_of_the_directory(cast: Cast) -> None:
    ask = asking(cast.admin_prairie)
    made = ask("post", "directory/tokens/", {"name": "directory"})
    assert made.status_code == 201
    bearer = {"Authorization": f"Bearer {made.json()['secret']}"}
    assert Client().get("/scim/v2/Users", headers=bearer).status_code == 200
    (listed,) = ask("get", "directory/tokens/").json()
    assert "secret" not in listed
    group = DirectoryGroup.objects.create(organization=cast.prairie, name="Ward")
    assert ask("put", f"directory/groups/{group.pk}/", {"role": "local-editor"}).json()["role"] == "local-editor"
    assert ask("put", f"directory/groups/{group.pk}/", {"role": "auditor"}).status_code == 400
    assert ask("delete", f"directory/tokens/{listed['id']}/").status_code == 204
    assert Client().get("/scim/v2/Users", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("clinician_prairie", 403),
        ("clinician_lakeside", 404),
        ("specialist", 404),
        ("lead", 404),
        ("editor", 404),
        ("auditor", 404),
    ],
)
def test_nobody_else(cast: Cast, who: str, status: int) -> None:
    token = ProvisioningToken.objects.create(
        organization=cast.prairie, name="x", digest="x", hint="x", created_by=cast.admin_prairie
    )
    group = DirectoryGroup.objects.create(organization=cast.prairie, name="Ward")
    ask = asking(getattr(cast, who))
    for method, path in (
        ("get", "sign-in/"),
        ("put", "sign-in/"),
        ("delete", "sign-in/"),
        ("post", "sign-in/check/"),
        ("put", "sign-in/switches/"),
        ("get", "directory/tokens/"),
        ("post", "directory/tokens/"),
        ("delete", f"directory/tokens/{token.pk}/"),
        ("put", f"directory/groups/{group.pk}/"),
    ):
        assert ask(method, path, {"kind": "oidc", "is_on": True, "name": "x"}).status_code == status, (method, path)


def test_rows_of_another_organization_are_not_there(cast: Cast) -> None:
    token = ProvisioningToken.objects.create(
        organization=cast.lakeside, name="x", digest="x", hint="x", created_by=cast.network_admin
    )
    group = DirectoryGroup.objects.create(organization=cast.lakeside, name="Ward")
    for person in (cast.admin_prairie, cast.network_admin):
        ask = asking(person)
        assert ask("delete", f"directory/tokens/{token.pk}/").status_code == 404
        assert ask("put", f"directory/groups/{group.pk}/", {"role": ""}).status_code == 404
