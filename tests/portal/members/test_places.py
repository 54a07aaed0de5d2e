"""Facilities as a tree, contacts, and signed documents: kept by an organization's administrators and the network."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.common import tenancy
from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Facility, Person, Role
from portal.members.models_house import Contact, SignedDocument
from portal.members.places import DEEPEST, tree
from portal.members.services import places, signing
from portal.members.services.places import Place
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.test_api import Api
from tests.portal.members.applications import PDF, accepted, signed_paper
from tests.portal.test_schema import check, schema  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
HOUSE = "/organizations/prairie/"
FACILITY = {"name": "Ward 3", "kind": "hospital", "street": "1 Elm Street", "city": "Hays", "region": "Kansas"}
CONTACT = {"kind": "billing", "name": "Bea Ling", "email": "Bills@prairie.example", "phone": "555 0100"}
PAPER = {"title": "Agreement", "signed_on": "2026-01-02", "signed_by": "Robin Castell"}


def others(cast: Cast) -> list[tuple[Person, int]]:
    """Who keeps nothing of Prairie's, with the status they meet."""
    admin = give(
        make_person("l@lakeside.example", "L"), Role.Name.ORGANIZATION_ADMINISTRATOR, organization=cast.lakeside
    )
    return [(cast.clinician_prairie, 403), (admin, 404), (cast.specialist, 404), (cast.auditor, 404)]


def add(cast: Cast, name: str, parent: Facility | None = None) -> Facility:
    place = Place(name=name, kind="clinic", parent=parent)
    return places.add_facility(by=cast.admin_prairie, organization=cast.prairie, place=place)


# --- facilities ---


def test_a_tree_by_the_pages(cast: Cast) -> None:
    client, hospital = sign_in(Client(), cast.admin_prairie), cast.prairie_hospital
    answer = client.post(f"{HOUSE}facilities/", FACILITY | {"parent": hospital.pk})
    assert answer.status_code == 302
    ward = Facility.objects.get(name="Ward 3")
    assert (ward.parent, ward.address) == (hospital, "1 Elm Street, Hays, Kansas")
    page = client.get(HOUSE)
    assert [(depth, row.name) for depth, row in page.context["facilities"]] == [
        (0, "Prairie General Hospital"),
        (1, "Ward 3"),
        (0, "Prairie West Clinic"),
    ]
    assert 'class="list-row part-1"' in page.content.decode()
    client.post(f"{HOUSE}facilities/{ward.pk}/", FACILITY | {"name": "Ward 4", "parent": ""})
    ward.refresh_from_db()
    assert (ward.name, ward.parent) == ("Ward 4", None)
    assert client.get(f"{HOUSE}facilities/{ward.pk}/remove/").status_code == 200
    assert Facility.objects.filter(pk=ward.pk).exists(), "asks first"
    client.post(f"{HOUSE}facilities/{ward.pk}/remove/")
    assert not Facility.objects.filter(pk=ward.pk).exists()


def test_no_rings_no_strangers_no_abyss(cast: Cast) -> None:
    hospital, clinic = cast.prairie_hospital, cast.prairie_clinic
    place = Place(name=hospital.name, kind="hospital")
    ward = add(cast, "Ward", hospital)
    room = add(cast, "Room", ward)
    for parent in (hospital, ward, room):
        with pytest.raises(Invalid, match="not part of itself"):
            places.change_facility(
                by=cast.admin_prairie, facility=hospital, place=Place(**vars(place) | {"parent": parent})
            )
    with pytest.raises(Invalid, match="of this organization"):
        add(cast, "Elsewhere", cast.lakeside.facilities.get())
    with pytest.raises(Invalid, match="already has a facility"):
        add(cast, "ward")
    last = room
    for n in range(DEEPEST - 3):
        last = add(cast, f"Deep {n}", last)
    with pytest.raises(Invalid, match="nested at most"):
        add(cast, "Too deep", last)
    with pytest.raises(Invalid, match="nested at most"):
        places.change_facility(
            by=cast.admin_prairie,
            facility=Facility.objects.get(pk=hospital.pk),
            place=Place(**vars(place) | {"parent": clinic}),
        )
    assert len(tree(cast.prairie.facilities.all())) == cast.prairie.facilities.count(), "none is lost in a ring"


def test_parts_move_up(cast: Cast) -> None:
    ward = add(cast, "Ward", cast.prairie_hospital)
    room = add(cast, "Room", ward)
    places.remove_facility(by=cast.admin_prairie, facility=ward)
    room.refresh_from_db()
    assert room.parent == cast.prairie_hospital


# --- contacts ---


def test_contacts_by_the_pages(cast: Cast) -> None:
    client = sign_in(Client(), cast.admin_prairie)
    client.post(f"{HOUSE}contacts/", CONTACT)
    row = Contact.objects.get()
    assert (row.kind, row.email) == ("billing", "bills@prairie.example")
    again = client.post(f"{HOUSE}contacts/", CONTACT)
    assert "listed for this kind already" in again.content.decode()
    other = client.post(f"{HOUSE}contacts/", CONTACT | {"kind": "it"})
    assert other.status_code == 302
    clash = client.post(f"{HOUSE}contacts/{row.pk}/", CONTACT | {"kind": "it"})
    assert "listed for this kind already" in clash.content.decode()
    client.post(f"{HOUSE}contacts/{row.pk}/", CONTACT | {"name": "Bo Ling"})
    row.refresh_from_db()
    assert row.name == "Bo Ling"
    client.post(f"{HOUSE}contacts/{row.pk}/remove/")
    assert [one.kind for one in Contact.objects.all()] == ["it"]


def test_an_accepted_application_is_the_first_contact(cast: Cast) -> None:
    contact = accepted(cast).contacts.get()
    assert (contact.kind, contact.name) == ("main", "Nora Lund")


# --- signed documents ---


def files() -> set[Path]:
    return set(Path(settings.MEDIA_ROOT).glob("signed/*"))


def test_a_paper_by_the_page(cast: Cast) -> None:
    client = sign_in(Client(), cast.admin_prairie)
    answer = client.post(f"{HOUSE}signed/", PAPER | {"file": SimpleUploadedFile("../a.pdf", PDF)})
    assert answer.status_code == 302
    row = SignedDocument.objects.get()
    assert "a.pdf" not in str(row.file.name)
    served = client.get(f"{HOUSE}signed/{row.key}/")
    assert b"".join(served.streaming_content) == PDF  # type: ignore[attr-defined]
    assert served["Content-Disposition"] == 'attachment; filename="a.pdf"'
    assert "sandbox" in served["Content-Security-Policy"]
    assert AuditEvent.objects.filter(action="signed.download").count() == 1
    page = client.get(f"{HOUSE}signed/").content.decode()
    assert "Robin Castell" in page
    assert "Take away" not in page


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", b"<html><script>x</script>"), ("a.html", PDF), ("a.pdf", b"MZ\x90\x00" + b"\x00" * 60), ("a.pdf", b"")],
)
def test_only_what_is_a_pdf(cast: Cast, name: str, content: bytes) -> None:
    before = files()
    with pytest.raises(Invalid):
        signed_paper(cast, name, content)
    client = sign_in(Client(), cast.admin_prairie)
    assert client.post(f"{HOUSE}signed/", PAPER | {"file": SimpleUploadedFile(name, content)}).status_code == 200
    assert files() == before
    assert not SignedDocument.objects.exists()


def test_a_day_to_come(cast: Cast) -> None:
    client = sign_in(Client(), cast.admin_prairie)
    page = client.post(f"{HOUSE}signed/", PAPER | {"signed_on": "2999-01-01", "file": SimpleUploadedFile("a.pdf", PDF)})
    assert "still to come" in page.content.decode()


def test_the_network_takes_one_away_and_it_stays_on_record(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    row = signed_paper(cast)
    with pytest.raises(Refused):
        signing.remove(by=cast.admin_prairie, row=row, at=timezone.now())
    path = Path(row.file.path)
    assert path.exists()
    client = sign_in(Client(), cast.network_admin)
    assert client.get(f"{HOUSE}signed/{row.key}/remove/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{HOUSE}signed/{row.key}/remove/")
    assert not path.exists()
    assert client.get(f"{HOUSE}signed/{row.key}/").status_code == 404
    assert "Taken away" in client.get(f"{HOUSE}signed/").content.decode()
    with pytest.raises(Conflict):
        signing.remove(by=cast.network_admin, row=row, at=timezone.now())


def test_a_paper_is_never_changed(cast: Cast) -> None:
    signed_paper(cast)
    for statement in ("UPDATE members_signeddocument SET title = 'x'", "DELETE FROM members_signeddocument"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


# --- who may ---


def test_nobody_else_keeps_them(cast: Cast) -> None:
    paper = signed_paper(cast)
    contact = places.add_contact(by=cast.admin_prairie, organization=cast.prairie, **CONTACT)
    clinic = cast.prairie_clinic
    paths = [
        f"{HOUSE}facilities/",
        f"{HOUSE}facilities/{clinic.pk}/",
        f"{HOUSE}facilities/{clinic.pk}/remove/",
        f"{HOUSE}contacts/",
        f"{HOUSE}contacts/{contact.pk}/",
        f"{HOUSE}signed/",
        f"{HOUSE}signed/{paper.key}/",
    ]
    for who, status in others(cast):
        client = sign_in(Client(), who)
        assert {client.get(path).status_code for path in paths} == {status}
        assert {client.post(path).status_code for path in paths[:-1]} == {status}
        assert client.post(f"{HOUSE}contacts/{contact.pk}/remove/").status_code == status
        for run in (
            lambda who=who: places.add_facility(
                by=who, organization=cast.prairie, place=Place(name="x", kind="clinic")
            ),
            lambda who=who: places.remove_facility(by=who, facility=clinic),
            lambda who=who: places.remove_contact(by=who, contact=contact),
            lambda who=who: places.add_contact(by=who, organization=cast.prairie, **CONTACT | {"kind": "it"}),
            lambda who=who: signing.read(by=who, row=paper),
            lambda who=who: signing.remove(by=who, row=paper, at=timezone.now()),
        ):
            with pytest.raises(Refused):
                run()
    assert Facility.objects.filter(pk=clinic.pk).exists()
    assert Contact.objects.count() == SignedDocument.objects.filter(removed_at=None).count() == 1


def test_another_organizations_are_not_there(cast: Cast) -> None:
    other = cast.lakeside.facilities.get()
    paper = signed_paper(cast)
    admin = give(
        make_person("l@lakeside.example", "L"), Role.Name.ORGANIZATION_ADMINISTRATOR, organization=cast.lakeside
    )
    prairie, lakeside = sign_in(Client(), cast.admin_prairie), sign_in(Client(), admin)
    assert prairie.post(f"{HOUSE}facilities/{other.pk}/remove/").status_code == 404
    assert lakeside.get(f"/organizations/lakeside/signed/{paper.key}/").status_code == 404


def test_behind_the_walls(cast: Cast) -> None:
    signed_paper(cast)
    places.add_contact(by=cast.admin_prairie, organization=cast.prairie, **CONTACT)
    with tenancy.only([cast.lakeside.pk]):
        assert not SignedDocument.objects.exists()
        assert not Contact.objects.exists()
    with tenancy.only([cast.prairie.pk]):
        assert SignedDocument.objects.exists()
        assert Contact.objects.exists()


def test_over_rest(cast: Cast, schema: Any) -> None:  # noqa: F811
    api, base = Api(cast.admin_prairie), "organizations/prairie/"
    made = api.post(f"{base}facilities/", FACILITY | {"part_of": "Prairie General Hospital"})
    assert (made.status_code, made.json()["part_of"]) == (201, "Prairie General Hospital")
    assert api.post(f"{base}facilities/", FACILITY | {"name": "W", "part_of": "Lakeside Hospital"}).status_code == 400
    assert api.get(f"{base}facilities/").json()["count"] == 3
    contact = api.post(f"{base}contacts/", CONTACT)
    assert contact.status_code == 201
    assert api.post(f"{base}contacts/", CONTACT).status_code == 400
    brought = api.client.post(
        f"/api/v1/{base}signed-documents/", PAPER | {"file": SimpleUploadedFile("a.pdf", PDF)}, headers=api.headers
    )
    assert brought.status_code == 201
    path = f"{base}signed-documents/{brought.json()['key']}/"
    assert b"".join(api.get(path).streaming_content) == PDF
    assert api.client.delete(f"/api/v1/{path}", headers=api.headers).status_code == 403
    network = Api(cast.network_admin)
    assert network.client.delete(f"/api/v1/{path}", headers=network.headers).status_code == 204
    for part in ("facilities", "contacts", "signed-documents"):
        check(schema, f"organizations/{{slug}}/{part}/", "get", api.get(f"{base}{part}/"))
    for who, status in others(cast):
        for part in ("facilities", "contacts", "signed-documents"):
            assert Api(who).get(f"{base}{part}/").status_code == status
            assert Api(who).post(f"{base}{part}/", {}).status_code == status


def test_as_many_queries_for_many(cast: Cast) -> None:
    client, counts = sign_in(Client(), cast.admin_prairie), []
    for number in (2, 20):
        for n in range(number):
            add(cast, f"F {number} {n}", cast.prairie_hospital)
            places.add_contact(
                by=cast.admin_prairie, organization=cast.prairie, **CONTACT | {"email": f"{number}{n}@x.example"}
            )
            signed_paper(cast)
        found = []
        for path in (HOUSE, f"{HOUSE}contacts/", f"{HOUSE}signed/", f"{HOUSE}facilities/"):
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]
