"""What administrators keep of their people, whom they cannot promote, for whom a person acts; and all over REST."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consults.models import Consult
from consults.services import drafting
from portal.common import exporting, tenancy
from portal.common.models import AuditEvent, Export
from portal.common.refusals import Invalid, Refused
from portal.members import trail
from portal.members.exporting import AUDIT
from portal.members.houses import house_of
from portal.members.models import Invitation, Organization, Person, Role, StandIn
from portal.members.models_domains import OrganizationDomain
from portal.members.models_roster import JoinRequest
from portal.members.services import domains, people, standing_in
from portal.members.services.tokens import create_token
from tests.cast import Cast, give, make_person, sign_in

NPI = "1234567893"
HOUSE = "/api/v1/organizations/prairie/"


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def rest(person: Person) -> Client:
    _, secret = create_token(by=person, person=person, name="x")
    return Client(headers={"Authorization": f"Token {secret}"})


def both_houses(cast: Cast) -> Person:
    return give(cast.clinician_prairie, Role.Name.CLINICIAN, organization=cast.lakeside)


# --- facts ---


def test_facts_from_the_page(cast: Cast) -> None:
    member = cast.clinician_prairie
    client, path = sign_in(Client(), cast.admin_prairie), f"/people/{member.pk}/facts/"
    body = {"facility": cast.prairie_clinic.pk, "own_specialty": cast.cardiology.pk, "npi": f" {NPI[:5]} {NPI[5:]} "}
    assert client.post(path, body).status_code == 302
    row = fresh(member)
    assert (row.facility, row.own_specialty, row.npi) == (cast.prairie_clinic, cast.cardiology, NPI)
    page = client.get(f"/people/{member.pk}/").content.decode()
    assert NPI in page
    assert "check digit verified" in page
    assert AuditEvent.objects.get(action="keep facts").organization_id == cast.prairie.pk
    answer = client.post(path, body | {"npi": "1234567890"})
    assert "a digit is mistyped" in answer.content.decode()
    assert fresh(member).npi == NPI


def test_facts_of_others_are_not_theirs_to_keep(cast: Cast) -> None:
    member, elsewhere = cast.clinician_prairie, cast.lakeside.facilities.get()
    for who in (cast.clinician_prairie, cast.clinician_lakeside, cast.specialist, cast.editor, cast.auditor):
        assert sign_in(Client(), who).post(f"/people/{member.pk}/facts/", {"npi": NPI}).status_code == 404
        with pytest.raises(Refused):
            people.keep_facts(by=who, person=member, facility=None, own_specialty=None, npi=NPI)
    with pytest.raises(Invalid):
        people.keep_facts(by=cast.admin_prairie, person=member, facility=elsewhere, own_specialty=None, npi="")
    with pytest.raises(Invalid):
        people.keep_facts(by=cast.admin_prairie, person=member, facility=None, own_specialty=None, npi="12")
    assert fresh(member).npi == ""


def test_another_organizations_facility_stays(cast: Cast) -> None:
    member, elsewhere = both_houses(cast), cast.lakeside.facilities.get()
    Person.objects.filter(pk=member.pk).update(facility=elsewhere)
    people.keep_facts(by=cast.admin_prairie, person=member, facility=None, own_specialty=None, npi=NPI)
    assert fresh(member).facility == elsewhere
    with pytest.raises(Invalid):
        people.keep_facts(by=cast.admin_prairie, person=member, facility=elsewhere, own_specialty=None, npi="")
    answer = rest(cast.admin_prairie).patch(
        f"/api/v1/people/{member.pk}/", {"npi": ""}, content_type="application/json"
    )
    assert answer.status_code == 200
    assert fresh(member).facility == elsewhere


# --- nobody beyond their own rights ---

NETWORK_ROLES = ["specialist", "section-lead", "editor", "network-administrator", "auditor"]


@pytest.mark.parametrize("role", NETWORK_ROLES)
@pytest.mark.parametrize("whom", ["admin_prairie", "clinician_prairie"])
def test_no_promotion_beyond_ones_rights(cast: Cast, role: str, whom: str) -> None:
    member = getattr(cast, whom)
    page, client = sign_in(Client(), cast.admin_prairie), rest(cast.admin_prairie)
    before = set(Role.objects.values_list("person_id", "name", "organization_id"))
    for organization in ("prairie", "", "lakeside"):
        body = {"role": role, "organization": organization, "specialty": cast.cardiology.pk}
        page.post(f"/people/{member.pk}/roles/", body)
        answer = client.post(f"/api/v1/people/{member.pk}/roles/", body, content_type="application/json")
        assert answer.status_code == 400
    assert set(Role.objects.values_list("person_id", "name", "organization_id")) == before
    page.post("/organizations/prairie/people/", {"email": "x@y.example", "role": role})
    assert page.post("/network/people/", {"email": "x@y.example", "role": role}).status_code == 403
    assert not Invitation.objects.exists()


def test_no_role_in_anothers_organization(cast: Cast) -> None:
    member, body = cast.clinician_prairie, {"role": "clinician", "organization": "lakeside"}
    assert sign_in(Client(), cast.admin_prairie).post(f"/people/{member.pk}/roles/", body).status_code == 404
    api = f"/api/v1/people/{member.pk}/roles/"
    assert rest(cast.admin_prairie).post(api, body, content_type="application/json").status_code == 404
    own = {"role": "organization-administrator", "organization": "prairie"}
    assert rest(cast.clinician_prairie).post(api, own, content_type="application/json").status_code == 404
    assert sign_in(Client(), cast.clinician_prairie).post(f"/people/{member.pk}/roles/", own).status_code == 404
    assert not Role.objects.filter(person=member).exclude(name="clinician", organization=cast.prairie).exists()


# --- acting for one of several ---


def test_a_person_in_two_organizations_chooses(cast: Cast, client: Client) -> None:
    person = both_houses(cast)
    sign_in(client, person)
    page = client.get("/notices/").content.decode()
    assert "Act for Prairie Health" in page, "Lakeside comes first by name"
    answer = client.post("/account/acting/", {"organization": "prairie", "next": "/notices/"})
    assert answer.headers["Location"] == "/notices/"
    page = client.get("/notices/").content.decode()
    assert "You act for <b>Prairie Health</b>" in page
    assert "Act for Lakeside" in page
    for slug, name in (("prairie", "prairie"), ("lakeside", "lakeside")):
        client.post("/account/acting/", {"organization": slug})
        assert f'<option value="{name}" selected>' in client.get("/ask/").content.decode()
    assert AuditEvent.objects.filter(action="act for").count() == 3


def test_what_is_asked_is_asked_for_it(cast: Cast) -> None:
    person = both_houses(cast)
    for place in (cast.prairie, cast.lakeside):
        person.actor = person.actor.acts_for(place.pk)
        draft = drafting.start_draft(by=person, organization_id=None, content=drafting.Content(), at=timezone.now())
        assert Consult.objects.get(pk=draft.pk).organization_id == place.pk
        assert house_of(person) == place.name


def test_one_cannot_act_for_anothers(cast: Cast, client: Client) -> None:
    sign_in(client, cast.clinician_prairie)
    for slug in ("lakeside", "", "nonsense"):
        assert client.post("/account/acting/", {"organization": slug}).status_code == 404
    assert client.get("/account/acting/").status_code == 405
    assert "Act for" not in client.get("/notices/").content.decode()
    session = client.session
    session["acting_for"] = cast.lakeside.pk
    session.save()
    assert "Lakeside" not in client.get("/notices/").content.decode(), "a role that is gone, or never was"
    assert Client().post("/account/acting/", {"organization": "prairie"}).status_code == 302


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_leads_nowhere_else(cast: Cast, client: Client, to: str) -> None:
    sign_in(client, cast.clinician_prairie)
    assert client.post("/account/acting/", {"organization": "prairie", "next": to}).headers["Location"] == "/"


def test_the_account_leads_to_who_looked(cast: Cast, client: Client) -> None:
    assert "/account/stand-ins/" in sign_in(client, cast.clinician_prairie).get("/account/").content.decode()


# --- walls ---


def test_looks_stand_behind_the_walls_of_whom_they_concern(cast: Cast) -> None:
    standing_in.begin(by=cast.network_admin, person=cast.clinician_prairie, reason="R-1", at=timezone.now())
    standing_in.begin(by=cast.network_admin, person=cast.specialist, reason="R-2", at=timezone.now())
    with tenancy.only([cast.lakeside.pk]):
        assert not StandIn.objects.exists()
    with tenancy.only([]):
        assert not StandIn.objects.exists()
    with tenancy.only([cast.prairie.pk]):
        assert [row.person_id for row in StandIn.objects.all()] == [cast.clinician_prairie.pk]
    with tenancy.everything():
        assert StandIn.objects.count() == 2


def test_files_of_the_trail_stand_behind_the_walls_of_who_asked(cast: Cast) -> None:
    for who in (cast.admin_prairie, cast.auditor):
        exporting.ask(by=who, kind=AUDIT, form="csv", asked=trail.Asked().as_json(), at=timezone.now())
    with tenancy.only([cast.lakeside.pk]):
        assert not Export.objects.exists()
    with tenancy.only([cast.prairie.pk]):
        assert [row.person_id for row in Export.objects.all()] == [cast.admin_prairie.pk]
    with tenancy.everything():
        assert Export.objects.count() == 2


def test_the_work_on_them_goes_on_with_no_wall_set(committed_cast: Cast) -> None:
    """As in a worker, and in a middleware before the walls are up: nothing is set there."""
    asked = trail.Asked().as_json()
    exporting.ask(by=committed_cast.admin_prairie, kind=AUDIT, form="csv", asked=asked, at=timezone.now())
    now = timezone.now()
    row = standing_in.begin(
        by=committed_cast.network_admin, person=committed_cast.clinician_prairie, reason="R", at=now
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('consilium.organizations', '', false)")
    try:
        assert exporting.make_exports() == 1
        exporting.forget_exports(now=timezone.now() + timedelta(days=2))
        standing_in.end(stand_in=row, at=timezone.now())
    finally:
        tenancy.open_session_scope()
    assert Export.objects.get().file.name == ""
    assert StandIn.objects.get().ended_at


# --- REST ---


def test_people_over_rest(cast: Cast) -> None:
    client, member = rest(cast.admin_prairie), cast.clinician_prairie
    found = client.get(f"{HOUSE}people/").json()["results"]
    assert {row["email"] for row in found} == {member.email, cast.admin_prairie.email}
    path = f"/api/v1/people/{member.pk}/"
    body = {"facility": "prairie west clinic", "specialty": "cardiology", "npi": NPI}
    row = client.patch(path, body, content_type="application/json").json()
    assert (row["facility"], row["specialty"], row["npi"]) == ("Prairie West Clinic", "cardiology", NPI)
    row = client.patch(path, {"specialty": None}, content_type="application/json").json()
    assert (row["facility"], row["specialty"], row["npi"]) == ("Prairie West Clinic", None, NPI)
    for wrong in ({"npi": "1234567890"}, {"facility": "Lakeside Hospital"}, {"specialty": "cats"}):
        assert client.patch(path, wrong, content_type="application/json").status_code == 400
    body = {"role": "local-editor", "organization": "prairie"}
    assert client.post(f"{path}roles/", body, content_type="application/json").status_code == 201
    assert fresh(member).actor.local_editor_of == {cast.prairie.pk}
    assert client.delete(f"{path}roles/?role=local-editor&organization=prairie").status_code == 204
    assert not fresh(member).actor.local_editor_of
    own = f"/api/v1/people/{cast.admin_prairie.pk}/"
    assert client.delete(f"{own}roles/?role=organization-administrator&organization=prairie").status_code == 409
    assert client.get(f"{path}open-work/").json() == []
    assert (
        client.post(f"{path}deactivate/", {"heir": cast.specialist.pk}, content_type="application/json").status_code
        == 400
    )
    assert client.post(f"{path}deactivate/", {}, content_type="application/json").json()["is_active"] is False
    assert client.post(f"{path}reactivate/", {}, content_type="application/json").json()["is_active"] is True
    assert client.post(f"{own}deactivate/", {}, content_type="application/json").status_code == 403


def test_lists_over_rest(cast: Cast) -> None:
    client, text = rest(cast.admin_prairie), "email,role\nbad,clinician\nfine@prairie.example,clinician\n"
    answers = [
        client.post(
            f"{HOUSE}invitation-lists/",
            {"text": text},
            content_type="application/json",
            headers={"Idempotency-Key": "k"},
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    row = answers[0].json()
    assert row == answers[1].json()
    assert (row["state"], row["total"], row["good"], row["bad"]) == ("checked", 2, 1, 1)
    assert row["problems"][0]["line"] == 2
    assert row["problems"][0]["column"] == "email"
    path = f"{HOUSE}invitation-lists/{row['id']}/"
    assert client.post(f"{path}send/", {}, content_type="application/json").status_code == 409
    assert client.post(f"{path}send/", {"leave_out": True}, content_type="application/json").json()["state"] == "sent"
    assert Invitation.objects.get().email == "fine@prairie.example"
    wrong = client.post(f"{HOUSE}invitation-lists/", {"text": "x"}, content_type="application/json")
    assert wrong.json()["errors"][0]["field"] == "text"


def test_domains_joining_and_rules_over_rest(cast: Cast) -> None:
    client, network = rest(cast.admin_prairie), rest(cast.network_admin)
    row = client.post(f"{HOUSE}domains/", {"domain": "prairie.example"}, content_type="application/json").json()
    path = f"{HOUSE}domains/{row['id']}/"
    assert client.post(f"{path}confirm/", {}, content_type="application/json").status_code == 403
    asked = client.post(f"{path}ask/", {"mailbox": "postmaster"}, content_type="application/json")
    assert asked.status_code == 200
    assert network.post(f"{path}confirm/", {}, content_type="application/json").json()["confirmed_at"]
    assert client.get(f"{HOUSE}domains/").json()[0]["domain"] == "prairie.example"
    waiting = [
        JoinRequest.objects.create(
            organization=cast.prairie,
            email=f"{name}@prairie.example",
            name=name,
            digest=name,
            expires_at=timezone.now(),
            proven_at=timezone.now(),
        )
        for name in ("ana", "ben")
    ]
    assert [one["name"] for one in client.get(f"{HOUSE}join-requests/").json()["results"]] == ["ana", "ben"]
    for row, answer in zip(waiting, (True, False), strict=True):
        body = {"approve": answer, "facility": "Prairie West Clinic"}
        for status in (204, 409):
            decided = client.post(f"{HOUSE}join-requests/{row.pk}/", body, content_type="application/json")
            assert decided.status_code == status
    assert Invitation.objects.get().facility == cast.prairie_clinic
    assert client.delete(path).status_code == 204
    assert not OrganizationDomain.objects.exists()
    rules = {
        "networks": ["127.0.0.0/8"],
        "second_factor_for": "",
        "second_factor_from": None,
        "idle_minutes": 10,
        "session_hours": None,
    }
    found = client.put(f"{HOUSE}sign-in-rules/", rules, content_type="application/json").json()
    assert (found["networks"], found["idle_minutes"], found["is_inside"]) == (["127.0.0.0/8"], 10, True)
    rules["networks"] = ["192.0.2.0/24"]
    assert client.put(f"{HOUSE}sign-in-rules/", rules, content_type="application/json").status_code == 400
    assert client.get(f"{HOUSE}sign-in-rules/").json()["networks"] == ["127.0.0.0/8"]


def all_of(cast: Cast) -> list[tuple[str, str]]:
    member = f"/api/v1/people/{cast.admin_prairie.pk}/"
    row = domains.add_domain(by=cast.admin_prairie, organization=cast.prairie, domain="prairie.example")
    return [
        ("get", f"{HOUSE}people/"),
        ("get", member),
        ("patch", member),
        ("post", f"{member}roles/"),
        ("delete", f"{member}roles/?role=clinician&organization=prairie"),
        ("get", f"{member}open-work/"),
        ("post", f"{member}deactivate/"),
        ("post", f"{member}reactivate/"),
        ("post", f"{HOUSE}invitation-lists/"),
        ("get", f"{HOUSE}invitation-lists/1/"),
        ("post", f"{HOUSE}invitation-lists/1/send/"),
        ("get", f"{HOUSE}domains/"),
        ("post", f"{HOUSE}domains/"),
        ("delete", f"{HOUSE}domains/{row.pk}/"),
        ("post", f"{HOUSE}domains/{row.pk}/confirm/"),
        ("post", f"{HOUSE}domains/{row.pk}/ask/"),
        ("get", f"{HOUSE}join-requests/"),
        ("post", f"{HOUSE}join-requests/1/"),
        ("get", f"{HOUSE}sign-in-rules/"),
        ("put", f"{HOUSE}sign-in-rules/"),
    ]


@pytest.mark.parametrize("who", ["clinician_prairie", "clinician_lakeside", "specialist", "lead", "editor", "auditor"])
def test_none_of_it_is_for_others(cast: Cast, who: str) -> None:
    addresses, client, person = all_of(cast), rest(getattr(cast, who)), getattr(cast, who)
    for method, path in addresses:
        body: dict[str, Any] = {} if method == "get" else {"data": {}, "content_type": "application/json"}
        status = getattr(client, method)(path, **body).status_code
        inside = who == "clinician_prairie" and path.startswith(HOUSE)
        assert status == (403 if inside else 404), (person, method, path, status)
        assert getattr(Client(), method)(path, **body).status_code == 401
    assert OrganizationDomain.objects.count() == 1
    assert Organization.objects.get(pk=cast.prairie.pk).allowed_networks == []


def test_as_many_queries_for_many_people_over_rest(cast: Cast) -> None:
    client, counts = rest(cast.admin_prairie), []
    for number in (2, 20):
        for n in range(number):
            give(make_person(f"{number}.{n}@x.example", "N"), Role.Name.CLINICIAN, organization=cast.prairie)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{HOUSE}people/?page_size=100")
        counts.append(len(queries))
    assert counts[1] <= counts[0], "the first request stamps the token"
