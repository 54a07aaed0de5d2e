"""The pages: who may open which, what they show, and that a longer list asks the database no more."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.common.audit import record
from portal.common.models import AuditEvent, Notice
from portal.common.notices import tell
from portal.members.models import Facility, Organization, Person, Role
from portal.members.services.invitations import invite
from portal.members.services.tokens import create_token
from tests.cast import Cast, give, make_person, sign_in

MEMBERS = ("clinician_prairie", "admin_prairie", "clinician_lakeside")
STAFF = ("specialist", "lead", "editor", "network_admin", "auditor")
ROLES = (None, *MEMBERS, *STAFF)

# Who gets 200; the others get what stands behind.
PAGES: dict[str, tuple[set[str], int]] = {
    "/account/": ({*MEMBERS, *STAFF}, 403),
    "/account/tokens/": ({*MEMBERS, *STAFF}, 403),
    "/notices/": ({*MEMBERS, *STAFF}, 403),
    "/organizations/": ({"admin_prairie", "network_admin"}, 403),
    "/organizations/prairie/": ({"clinician_prairie", "admin_prairie", "network_admin"}, 404),
    "/organizations/lakeside/": ({"clinician_lakeside", "network_admin"}, 404),
    "/organizations/prairie/deactivate/": ({"network_admin"}, 403),
    "/network/people/": ({"network_admin"}, 403),
    "/audit/": ({"admin_prairie", "auditor"}, 403),
}


@pytest.mark.parametrize("page", PAGES)
def test_each_page_as_each_role(cast: Cast, page: str) -> None:
    allowed, otherwise = PAGES[page]
    for who in ROLES:
        client = sign_in(Client(), getattr(cast, who)) if who else Client()
        expected = 302 if who is None else 200 if who in allowed else otherwise
        assert client.get(page).status_code == expected, who


def test_the_people_of_an_organization(cast: Cast) -> None:
    expected = {"clinician_prairie": 403, "admin_prairie": 200, "network_admin": 200, None: 302}
    for who in ROLES:
        client = sign_in(Client(), getattr(cast, who)) if who else Client()
        assert client.get("/organizations/prairie/people/").status_code == expected.get(who, 404), who
        member = client.get(f"/people/{cast.clinician_prairie.pk}/").status_code
        assert member == (302 if who is None else 200 if who in ("admin_prairie", "network_admin") else 404), who


def test_the_lists_of_people(cast: Cast, client: Client) -> None:
    sign_in(client, cast.network_admin)
    give(cast.clinician_prairie, Role.Name.SPECIALIST, specialties=(cast.cardiology,))
    page = client.get("/organizations/prairie/people/")
    assert [member.name for member in page.context["page"]] == ["Dana Whitfield", "Robin Castell"]
    roles = [[str(role) for role in member.held] for member in page.context["page"]]
    assert roles == [["Clinician, Prairie Health"], ["Organization administrator, Prairie Health"]]
    assert b"Organization administrator" in page.content
    found = client.get("/organizations/prairie/people/?q=ADMIN@").context["page"]
    assert [member.name for member in found] == ["Robin Castell"]
    staff = client.get("/network/people/?q=whitfield").context["page"]
    assert [[str(role) for role in member.held] for member in staff] == [["Specialist, Cardiology"]]
    assert len(client.get("/network/people/").context["page"]) == 8


def test_a_refusal_says_why(cast: Cast, client: Client) -> None:
    sign_in(client, cast.clinician_prairie)
    assert b"Only auditors and administrators of an organization" in client.get("/audit/").content


CHANGES = [
    "organizations/",
    "organizations/prairie/",
    "organizations/prairie/facilities/",
    "organizations/prairie/deactivate/",
    "organizations/prairie/reactivate/",
    "organizations/prairie/people/",
    "network/people/",
    "people/{person}/roles/",
    "people/{person}/deactivate/",
    "people/{person}/reactivate/",
]


@pytest.mark.parametrize(
    "who", [None, "clinician_prairie", "clinician_lakeside", "specialist", "lead", "editor", "auditor"]
)
@pytest.mark.parametrize("path", CHANGES)
def test_nobody_else_changes_anything(cast: Cast, who: str | None, path: str) -> None:
    client = sign_in(Client(), getattr(cast, who)) if who else Client()
    events = AuditEvent.objects.count()
    fields = {"name": "X", "tier": "member", "time_zone": "UTC", "kind": "clinic", "email": "x@x.example"}
    address = "/" + path.format(person=cast.reviewer.pk)
    answer = client.post(address, fields | {"role": "editor"})
    assert answer.status_code == 302 if who is None else answer.status_code in (403, 404)
    assert AuditEvent.objects.count() == events


def test_single_buttons_are_not_links(cast: Cast, client: Client) -> None:
    sign_in(client, cast.network_admin)
    for path in ("organizations/prairie/reactivate/", f"people/{cast.editor.pk}/roles/", "notices/read/"):
        assert client.get(f"/{path}").status_code == 405


def test_the_profile(cast: Cast, client: Client) -> None:
    sign_in(client, cast.clinician_prairie)
    away = (timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0)
    fields = {"name": "Dana W", "time_zone": "UTC", "facility": cast.prairie_clinic.pk, "away_until": ""}
    assert client.post("/account/", fields).status_code == 302
    fields["away_until"] = f"{away:%Y-%m-%dT%H:%M}"
    assert client.post("/account/", fields).status_code == 302
    person = Person.objects.get(pk=cast.clinician_prairie.pk)
    assert (person.name, person.time_zone, person.facility) == ("Dana W", "UTC", cast.prairie_clinic)
    assert person.away_until == away
    assert person.is_away(timezone.now())
    elsewhere = Facility.objects.get(organization=cast.lakeside)
    for wrong in ({"facility": elsewhere.pk}, {"time_zone": "Mars/Base"}, {"away_until": "2020-01-01T10:00"}):
        answer = client.post("/account/", fields | wrong)
        assert set(answer.context["form"].errors) == set(wrong)
    assert Person.objects.get(pk=cast.clinician_prairie.pk).time_zone == "UTC"


def test_moments_are_in_the_readers_zone(cast: Cast) -> None:
    with time_machine.travel("2026-11-26T20:20Z", tick=False):
        for person in (cast.clinician_prairie, cast.clinician_lakeside):
            create_token(by=person, person=person, name="x", lifetime=timedelta(hours=1))
        pages = [
            sign_in(Client(), person).get("/account/tokens/").content
            for person in (cast.clinician_prairie, cast.clinician_lakeside)
        ]
    assert b"Thu 26 Nov 2026, 15:20" in pages[0]
    assert b"Thu 26 Nov 2026, 16:20" in pages[1]


def test_notices(cast: Cast, client: Client) -> None:
    for number in range(3):
        tell(person=cast.clinician_prairie, kind="x", text=f"News {number}", path="/account/", key=f"k{number}")
    tell(person=cast.clinician_lakeside, kind="x", text="Not yours", path="/account/", key="k")
    sign_in(client, cast.clinician_prairie)
    answer = client.get("/notices/")
    assert answer.context["unread_notices"]() == 3
    assert b"News 2" in answer.content
    assert b"Not yours" not in answer.content
    mine, other = Notice.objects.get(text="News 1"), Notice.objects.get(text="Not yours")
    assert client.get(f"/notices/{mine.pk}/").headers["Location"] == "/account/"
    assert client.get(f"/notices/{other.pk}/").status_code == 404
    client.post(f"/notices/{other.pk}/read/")
    assert Notice.objects.get(pk=mine.pk).read_at
    assert client.get("/notices/").context["unread_notices"]() == 2
    client.post("/notices/read/")
    assert client.get("/notices/").context["unread_notices"]() == 0
    assert Notice.objects.get(pk=other.pk).read_at is None


def test_the_frame_counts_with_one_query_and_none_for_nobody(cast: Cast, client: Client) -> None:
    def counting(queries: CaptureQueriesContext) -> int:
        return sum("common_notice" in query["sql"] for query in queries)

    with CaptureQueriesContext(connection) as queries:
        client.get("/accounts/login/")
    assert counting(queries) == 0
    sign_in(client, cast.clinician_prairie)
    with CaptureQueriesContext(connection) as queries:
        client.get("/account/")
    assert counting(queries) == 1


def test_organizations_are_added_found_sorted_and_saved(cast: Cast, client: Client) -> None:
    sign_in(client, cast.network_admin)
    new = {"name": "Harbor Clinics", "tier": "regional", "time_zone": "America/New_York"}
    assert client.post("/organizations/", new).status_code == 302
    for name in ("Harbor Clinics", "harbor clinics", "Harbor: clinics"):
        assert client.post("/organizations/", new | {"name": name}).context["form"].errors["name"]
    assert names(client, "") == ["Harbor Clinics", "Lakeside Medical Group", "Prairie Health"]
    assert names(client, "?sort=-name")[0] == "Prairie Health"
    assert names(client, "?sort=-head_count")[0] == "Prairie Health"
    assert names(client, "?sort=password") == names(client, "")
    assert names(client, "?tier=regional") == ["Harbor Clinics"]
    assert names(client, "?q=west+clinic") == ["Prairie Health"]
    assert names(client, "?state=deactivated") == []
    rows = list(csv.reader(io.StringIO(client.get("/organizations/?format=csv&q=prairie").content.decode())))
    assert [row[0] for row in rows] == ["name", "Prairie Health"]
    assert rows[1][3] == "2"


def names(client: Client, query: str) -> list[str]:
    return [row.name for row in client.get(f"/organizations/{query}").context["page"]]


def test_an_administrator_sees_their_own_organization_only(cast: Cast, client: Client) -> None:
    sign_in(client, cast.admin_prairie)
    assert names(client, "") == ["Prairie Health"]
    assert client.get("/organizations/").context["form"] is None
    assert b"Lakeside" not in client.get("/organizations/?format=csv").content


def test_facts_and_facilities(cast: Cast, client: Client) -> None:
    sign_in(client, cast.network_admin)
    page = "/organizations/prairie/"
    facts = {"name": "Prairie Care", "tier": "member", "time_zone": "UTC", "second_factor_required": "on"}
    assert client.post(page, facts).headers["Location"] == page
    found = Organization.objects.get(slug="prairie")
    assert (found.name, found.second_factor_required) == ("Prairie Care", True)
    place = {"name": "Prairie Home Care", "kind": "home-care", "city": "Lincoln"}
    assert client.post(f"{page}facilities/", place).status_code == 302
    assert client.post(f"{page}facilities/", place).context["form"].errors["name"]
    facility = Facility.objects.get(name="Prairie Home Care")
    assert client.post(f"/organizations/lakeside/facilities/{facility.pk}/remove/").status_code == 404
    client.post(f"{page}facilities/{facility.pk}/remove/")
    assert not Facility.objects.filter(pk=facility.pk).exists()


def test_a_cell_is_never_a_formula(cast: Cast, client: Client) -> None:
    Organization.objects.create(name="=HYPERLINK(1)", slug="formula")
    sign_in(client, cast.network_admin)
    assert "'=HYPERLINK(1)" in client.get("/organizations/?format=csv").content.decode()


def test_a_name_is_text(cast: Cast, client: Client) -> None:
    Person.objects.filter(pk=cast.clinician_prairie.pk).update(name="<script>alert(1)</script>")
    sign_in(client, cast.admin_prairie)
    for page in ("/organizations/prairie/people/", f"/people/{cast.clinician_prairie.pk}/"):
        assert b"<script>alert" not in client.get(page).content


def fill(cast: Cast, number: int) -> None:
    """More of everything that is listed."""
    start = Person.objects.count()
    for n in range(start, start + number):
        person = make_person(f"p{n}@prairie.example", f"Person {n}", facility=cast.prairie_clinic)
        give(person, Role.Name.CLINICIAN, organization=cast.prairie)
        give(person, Role.Name.SPECIALIST, specialties=(cast.cardiology,))
        invite(by=cast.network_admin, email=f"i{n}@prairie.example", role="clinician", organization=cast.prairie)
        invite(by=cast.network_admin, email=f"i{n}@x.example", role="section-lead", specialty=cast.hospital_medicine)
        other = Organization.objects.create(name=f"Organization {n}", slug=f"o{n}")
        Facility.objects.create(organization=cast.prairie, name=f"Facility {n}", kind="clinic")
        record(by=cast.editor, action="read", object_type="consult", object_id=n, organization_id=other.pk)
        tell(person=cast.network_admin, kind="x", text=f"News {n}", path="/", key=f"k{n}")
        if n < start + 15:
            create_token(by=cast.network_admin, person=cast.network_admin, name=f"{n}", lifetime=timedelta(days=1))
            give(cast.clinician_lakeside, Role.Name.CLINICIAN, organization=other)


LISTS = [
    ("network_admin", "/organizations/"),
    ("network_admin", "/organizations/?format=csv"),
    ("network_admin", "/organizations/prairie/"),
    ("network_admin", "/organizations/prairie/people/"),
    ("network_admin", "/network/people/"),
    ("network_admin", "/people/{person}/"),
    ("network_admin", "/notices/"),
    ("network_admin", "/account/tokens/"),
    ("admin_prairie", "/organizations/prairie/people/"),
    ("auditor", "/audit/"),
    ("auditor", "/audit/?format=csv"),
]


def test_longer_lists_ask_no_more(cast: Cast) -> None:
    counts: list[dict[Any, int]] = []
    for number in (5, 55):
        fill(cast, number)
        counts.append({})
        for who, path in LISTS:
            client = sign_in(Client(), getattr(cast, who))
            page = path.format(person=cast.clinician_lakeside.pk)
            client.get(page)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            counts[-1][who, path] = len(queries)
    assert counts[0] == counts[1]
    assert max(counts[1].values()) <= 20, counts[1]
