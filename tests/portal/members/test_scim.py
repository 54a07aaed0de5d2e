"""An organization's directory keeps its people (SCIM 2.0): as the standard's tester sees it, and within its bounds."""

import json
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from allauth.account.models import EmailAddress
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pydantic import Field
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import Required, ScimProvider, Uniqueness
from scim2_tester import Status, check_server

from portal.common.models import AuditEvent, Notice
from portal.common.refusals import Refused
from portal.members.models import Person, Role
from portal.members.models_sso import DirectoryGroup, DirectoryPerson, ProvisioningToken
from portal.members.scim_shapes import DirectoryUser, GroupOfDirectory
from portal.members.services import provisioning
from portal.members.services.tokens import create_token
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import sent
from tests.portal.members.helpers import is_signed_in
from tests.portal.members.sso import confirm


def token_of(cast: Cast) -> str:
    """Prairie's, with its domain confirmed."""
    confirm(cast.prairie, "prairie.example", cast.network_admin)
    return provisioning.make_token(
        by=cast.admin_prairie, organization=cast.prairie, name="directory", at=timezone.now()
    )[1]


class Telling(DirectoryUser):
    """People as the tester makes them up, with addresses of the organization."""

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = Field(
        None, examples=[f"person{n}@prairie.example" for n in range(100_000)]
    )


def test_its_own_tester_finds_nothing_wrong(committed_cast: Cast) -> None:
    secret = token_of(committed_cast)
    client = WSGISCIMClient(
        get_wsgi_application(),
        base_url="http://testserver/scim/v2",
        headers={"Authorization": f"Bearer {secret}"},
        provider=ScimProvider([Telling, GroupOfDirectory]),
    )
    results = check_server(client)
    for result in results:
        print(result.status.name, result.title, result.reason or "")
    fine = (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE)
    bad = [f"{result.title}: {result.reason}" for result in results if result.status not in (*fine, Status.SKIPPED)]
    assert not bad, "\n".join(bad)
    assert sum(result.status in fine for result in results) >= 60
    # Searching people and groups at once, which the standard lets a server refuse.
    assert {result.title for result in results if result.status is Status.SKIPPED} == {"search_with_attributes"}


@dataclass
class Directory:
    """A directory with its token, speaking as the large ones do."""

    client: Client
    secret: str

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        bearer = {"Authorization": f"Bearer {self.secret}"}
        if method == "get":
            return self.client.get(f"/scim/v2/{path}", query, headers=bearer)
        told = json.dumps(body) if body is not None else ""
        return self.client.generic(
            method.upper(), f"/scim/v2/{path}", told, content_type="application/scim+json", headers=bearer
        )

    def add(self, user_name: str, **more: Any) -> Any:
        return self.ask("post", "Users", {"schemas": [USER], "userName": user_name, **more})

    def patch(self, path: str, *operations: dict[str, Any]) -> Any:
        return self.ask("patch", path, {"schemas": [PATCH], "Operations": list(operations)})

    def group(self, name: str, *members: str) -> Any:
        told = {"schemas": [GROUP], "displayName": name, "members": [{"value": member} for member in members]}
        return self.ask("post", "Groups", told)


USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
OFF = {"op": "Replace", "path": "active", "value": "False"}


@pytest.fixture
def directory(cast: Cast) -> Directory:
    return Directory(Client(), token_of(cast))


def names(person: Person) -> set[str]:
    return set(Role.objects.filter(person=person).values_list("name", flat=True))


def test_a_new_person_with_the_role_of_newcomers(cast: Cast, directory: Directory) -> None:
    answer = directory.add("New.One@prairie.example", displayName="New One", externalId="e-1", active=True, title="MD")
    assert answer.status_code == 201
    assert answer["Content-Type"] == "application/scim+json"
    told = answer.json()
    assert told["userName"] == "New.One@prairie.example"
    assert "title" not in told
    assert answer["Location"] == told["meta"]["location"] == f"http://testserver/scim/v2/Users/{told['id']}"
    person = Person.objects.get(email="new.one@prairie.example")
    assert (person.name, names(person)) == ("New One", {"clinician"})
    assert not person.has_usable_password()
    event = AuditEvent.objects.get(action="provisioning.add")
    assert (event.object_id, event.organization_id) == (str(person.pk), cast.prairie.pk)
    assert event.actor.startswith("directory token ")


def test_one_who_is_here_already_is_taken_on(cast: Cast, directory: Directory) -> None:
    assert directory.add(cast.clinician_prairie.email, displayName="Dana W.").status_code == 201
    assert directory.add(cast.clinician_prairie.email).status_code == 409
    assert DirectoryPerson.objects.get().person == cast.clinician_prairie


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("clinician@lakeside.example", 400),
        ("network-admin@network.example", 400),
        ("someone@elsewhere.example", 400),
        ("someone@sub.prairie.example", 400),
        ("prairie.example", 400),
        ("", 400),
        ("not an address", 400),
        ("lent@prairie.example", 409),
        ("staff@prairie.example", 409),
    ],
)
def test_nobody_beyond_the_organization(cast: Cast, directory: Directory, address: str, status: int) -> None:
    """Also where the address is of its domain, but the account works for another organization or the network."""
    give(make_person("lent@prairie.example", "Lent"), Role.Name.CLINICIAN, organization=cast.lakeside)
    give(make_person("staff@prairie.example", "Staff"), Role.Name.AUDITOR)
    before = Person.objects.count()
    assert directory.add(address).status_code == status
    assert not DirectoryPerson.objects.exists()
    assert Person.objects.count() == before


def test_the_directory_of_another_organization_sees_and_changes_nothing(cast: Cast, directory: Directory) -> None:
    number = directory.add("new@prairie.example").json()["id"]
    group = directory.group("clinician", number).json()["id"]
    secret = provisioning.make_token(
        by=cast.network_admin, organization=cast.lakeside, name="theirs", at=timezone.now()
    )[1]
    theirs = Directory(Client(), secret)
    assert theirs.ask("get", "Users").json()["totalResults"] == 0
    assert theirs.ask("get", "Groups").json()["totalResults"] == 0
    for path in (f"Users/{number}", f"Groups/{group}"):
        assert theirs.ask("get", path).status_code == 404
        assert theirs.ask("delete", path).status_code == 404
        assert theirs.patch(path, {"op": "replace", "path": "externalId", "value": "x"}).status_code == 404
    assert theirs.ask("put", f"Users/{number}", {"schemas": [USER], "userName": "x@prairie.example"}).status_code == 404
    assert theirs.group("theirs", number).status_code == 400
    assert directory.ask("get", f"Users/{number}").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Token wrong", "Bearer a b"])
def test_without_the_token_there_is_nothing(cast: Cast, header: str) -> None:
    for path in ("Users", "Users/1", "Groups", "Schemas", "ServiceProviderConfig", "anything"):
        answer = Client().get(f"/scim/v2/{path}", headers={"Authorization": header} if header else {})
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


def test_other_tokens_and_sessions_open_nothing_here(cast: Cast) -> None:
    secret = create_token(by=cast.network_admin, person=cast.network_admin, name="x")[1]
    client = sign_in(Client(), cast.network_admin)
    for header in (f"Bearer {secret}", f"Token {secret}"):
        assert client.get("/scim/v2/Users", headers={"Authorization": header}).status_code == 401


def test_a_token_is_kept_as_a_digest_and_dies_at_once(cast: Cast, directory: Directory) -> None:
    row = ProvisioningToken.objects.get()
    assert directory.secret not in str(row.__dict__)
    assert directory.ask("get", "Users").status_code == 200
    provisioning.revoke_token(by=cast.admin_prairie, token=row, at=timezone.now())
    assert directory.ask("get", "Users").status_code == 401


def test_a_directory_token_opens_nothing_else(cast: Cast, directory: Directory) -> None:
    for scheme in ("Bearer", "Token"):
        answer = Client().get("/api/v1/me/", headers={"Authorization": f"{scheme} {directory.secret}"})
        assert answer.status_code == 401


def test_of_a_deactivated_organization_it_opens_nothing(cast: Cast, directory: Directory) -> None:
    from portal.members.services.organizations import deactivate_organization

    deactivate_organization(by=cast.network_admin, organization=cast.prairie)
    assert directory.ask("get", "Users").status_code == 401


def test_who_becomes_inactive_is_out_at_once_and_their_work_is_told_of(cast: Cast, directory: Directory) -> None:
    number = directory.add(cast.clinician_prairie.email).json()["id"]
    client = sign_in(Client(), cast.clinician_prairie)
    secret = create_token(by=cast.clinician_prairie, person=cast.clinician_prairie, name="mine")[1]
    consult = sent(cast)
    answer = directory.patch(f"Users/{number}", OFF)
    assert answer.status_code == 200
    assert answer.json()["active"] is False
    assert not Person.objects.get(pk=cast.clinician_prairie.pk).is_active
    assert not is_signed_in(client)
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Token {secret}"}).status_code == 401
    assert Notice.objects.filter(person=cast.admin_prairie, kind="left").exists()
    assert consult.requester == cast.clinician_prairie
    on = directory.patch(f"Users/{number}", {"op": "replace", "value": {"active": True}})
    assert on.json()["active"] is True
    assert Person.objects.get(pk=cast.clinician_prairie.pk).can_sign_in


def test_deleted_is_deactivated_and_can_come_back(cast: Cast, directory: Directory) -> None:
    number = directory.add("new@prairie.example").json()["id"]
    assert directory.ask("delete", f"Users/{number}").status_code == 204
    assert directory.ask("get", f"Users/{number}").status_code == 404
    assert not Person.objects.get(email="new@prairie.example").is_active
    assert directory.add("new@prairie.example").status_code == 201
    assert Person.objects.get(email="new@prairie.example").can_sign_in


def test_one_who_also_works_elsewhere_loses_only_what_they_are_here(cast: Cast, directory: Directory) -> None:
    number = directory.add(cast.clinician_prairie.email).json()["id"]
    give(cast.clinician_prairie, Role.Name.CLINICIAN, organization=cast.lakeside)
    assert directory.patch(f"Users/{number}", OFF).status_code == 200
    person = Person.objects.get(pk=cast.clinician_prairie.pk)
    assert person.is_active
    assert person.actor.organizations == {cast.lakeside.pk}
    renaming = {"op": "replace", "path": "userName", "value": "other@prairie.example"}
    assert directory.patch(f"Users/{number}", renaming).status_code == 409
    assert Person.objects.get(pk=person.pk).email == person.email


def test_a_new_name_and_address_reach_the_account(cast: Cast, directory: Directory) -> None:
    number = directory.add("new@prairie.example").json()["id"]
    told = {"schemas": [USER], "userName": "newer@prairie.example", "name": {"givenName": "Nora", "familyName": "Diaz"}}
    assert directory.ask("put", f"Users/{number}", told).status_code == 200
    person = Person.objects.get(email="newer@prairie.example")
    assert person.name == "Nora Diaz"
    assert EmailAddress.objects.get(user=person).email == person.email
    told["userName"] = "newer@lakeside.example"
    assert directory.ask("put", f"Users/{number}", told).status_code == 400
    told["userName"] = cast.admin_prairie.email
    assert directory.ask("put", f"Users/{number}", told).status_code == 409


class TestGroups:
    def test_members_have_the_role_and_lose_it(self, cast: Cast, directory: Directory) -> None:
        number = directory.add("new@prairie.example").json()["id"]
        person = Person.objects.get(email="new@prairie.example")
        group = directory.group("local-editor", number).json()["id"]
        assert names(person) == {"clinician", "local-editor"}
        # As one directory writes it, and another.
        leaving = {"op": "Remove", "path": f'members[value eq "{number}"]'}
        assert directory.patch(f"Groups/{group}", leaving).status_code == 200
        assert names(person) == {"clinician"}
        joining = {"op": "Add", "path": "members", "value": [{"value": number}]}
        assert directory.patch(f"Groups/{group}", joining).status_code == 200
        assert names(person) == {"clinician", "local-editor"}
        assert directory.ask("get", f"Users/{number}").json()["groups"][0]["display"] == "local-editor"
        removing = {"op": "Remove", "path": "members", "value": [{"value": number}]}
        assert directory.patch(f"Groups/{group}", removing).status_code == 200
        assert names(person) == {"clinician"}
        directory.patch(f"Groups/{group}", joining)
        assert directory.ask("delete", f"Groups/{group}").status_code == 204
        assert names(person) == {"clinician"}

    @pytest.mark.parametrize("name", ["network-administrator", "auditor", "specialist", "editor", "Cardiology"])
    def test_a_group_gives_no_role_beyond_the_organization(self, cast: Cast, directory: Directory, name: str) -> None:
        number = directory.add("new@prairie.example").json()["id"]
        assert directory.group(name, number).status_code == 201
        assert names(Person.objects.get(email="new@prairie.example")) == {"clinician"}
        assert DirectoryGroup.objects.get().role == ""

    def test_an_administrator_says_what_a_group_stands_for(self, cast: Cast, directory: Directory) -> None:
        number = directory.add("new@prairie.example").json()["id"]
        directory.group("Ward staff", number)
        group, person = DirectoryGroup.objects.get(), Person.objects.get(email="new@prairie.example")
        provisioning.say_role_of_group(by=cast.admin_prairie, group=group, role="local-editor")
        assert names(person) == {"clinician", "local-editor"}
        provisioning.say_role_of_group(by=cast.admin_prairie, group=group, role="")
        assert names(person) == {"clinician"}

    def test_the_last_administrator_stays(self, cast: Cast, directory: Directory) -> None:
        number = directory.add(cast.admin_prairie.email).json()["id"]
        assert directory.patch(f"Users/{number}", OFF).status_code == 409
        group = directory.group("organization-administrator", number).json()["id"]
        assert directory.ask("delete", f"Groups/{group}").status_code == 409
        assert "organization-administrator" in names(cast.admin_prairie)


def test_found_by_what_directories_ask_for(cast: Cast, directory: Directory) -> None:
    for n in range(3):
        directory.add(f"p{n}@prairie.example", externalId=f"E{n}")
    directory.group("Ward")

    def found(path: str, text: str) -> list[str]:
        told = directory.ask("get", path, filter=text).json()
        return [row.get("userName") or row["displayName"] for row in told.get("Resources", [])]

    assert found("Users", 'userName eq "P1@prairie.example"') == ["p1@prairie.example"]
    assert found("Users", 'externalId eq "E2"') == ["p2@prairie.example"]
    assert found("Users", 'externalId eq "e2"') == []
    assert found("Users", 'id eq "nonsense"') == []
    assert found("Groups", 'displayName eq "ward"') == ["Ward"]
    for text in ("userName co 1", "userName", 'title eq "x"', 'userName eq "a" or userName eq "b"', "userName pr"):
        answer = directory.ask("get", "Users", filter=text)
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidFilter")


def test_in_pages(cast: Cast, directory: Directory) -> None:
    for n in range(5):
        directory.add(f"p{n}@prairie.example")
    told = directory.ask("get", "Users", startIndex=2, count=2).json()
    assert (told["totalResults"], told["startIndex"], told["itemsPerPage"]) == (5, 2, 2)
    assert [row["userName"] for row in told["Resources"]] == ["p1@prairie.example", "p2@prairie.example"]
    assert directory.ask("get", "Users", startIndex=0, count=-1).json()["itemsPerPage"] == 0


def test_a_list_costs_as_many_queries_for_20_people_as_for_2(cast: Cast, directory: Directory) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert directory.ask("get", "Users").status_code == 200
        return len(queries)

    for n in range(2):
        directory.add(f"p{n}@prairie.example")
    counted()
    few = counted()
    for n in range(2, 20):
        directory.add(f"p{n}@prairie.example")
    assert counted() == few


def test_only_those_who_manage_people_make_and_revoke_tokens(cast: Cast) -> None:
    row = provisioning.make_token(by=cast.network_admin, organization=cast.prairie, name="x", at=timezone.now())[0]
    for person in (cast.clinician_prairie, cast.clinician_lakeside, cast.specialist, cast.editor, cast.auditor):
        with pytest.raises(Refused):
            provisioning.make_token(by=person, organization=cast.prairie, name="x", at=timezone.now())
        with pytest.raises(Refused):
            provisioning.revoke_token(by=person, token=row, at=timezone.now())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"schemas": []}', b"null", b'{"userName": 5}'])
def test_what_is_not_a_person_is_refused(cast: Cast, directory: Directory, body: bytes) -> None:
    bearer = {"Authorization": f"Bearer {directory.secret}"}
    answer = Client().post("/scim/v2/Users", body, content_type="application/scim+json", headers=bearer)
    assert answer.status_code == 400, answer.content
