"""Giving and taking roles."""

import pytest
from django.test import Client

from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role
from portal.members.services.roles import give_role, remove_role
from tests.cast import Cast, give, make_person, sign_in

ADMINISTRATOR = Role.Name.ORGANIZATION_ADMINISTRATOR


def test_an_administrator_makes_a_second_one(cast: Cast) -> None:
    give_role(by=cast.admin_prairie, person=cast.clinician_prairie, role=ADMINISTRATOR, organization=cast.prairie)
    give_role(by=cast.admin_prairie, person=cast.clinician_prairie, role=ADMINISTRATOR, organization=cast.prairie)
    assert cast.clinician_prairie.roles.filter(name=ADMINISTRATOR).count() == 1
    assert AuditEvent.objects.filter(action="give role").count() == 1


@pytest.mark.parametrize("role", ["editor", "auditor", "network-administrator"])
def test_nobody_promotes_beyond_their_own_rights(cast: Cast, role: str) -> None:
    for by in (cast.admin_prairie, cast.clinician_prairie, cast.editor, cast.auditor, cast.lead):
        for person in (by, cast.clinician_prairie):
            with pytest.raises(Refused):
                give_role(by=by, person=person, role=role)


def test_not_in_another_organization(cast: Cast) -> None:
    with pytest.raises(Refused):
        give_role(by=cast.admin_prairie, person=cast.clinician_prairie, role="clinician", organization=cast.lakeside)


def test_a_role_needs_its_place(cast: Cast) -> None:
    with pytest.raises(Invalid):
        give_role(by=cast.network_admin, person=cast.editor, role="specialist")
    with pytest.raises(Invalid):
        give_role(by=cast.network_admin, person=cast.editor, role="clinician")


def test_the_last_administrator_stays(cast: Cast) -> None:
    for by in (cast.admin_prairie, cast.network_admin):
        with pytest.raises(Conflict, match="only administrator of Prairie Health"):
            remove_role(by=by, role=cast.admin_prairie.roles.get())
    give(make_person("second@prairie.example", "Second"), ADMINISTRATOR, organization=cast.prairie)
    remove_role(by=cast.admin_prairie, role=cast.admin_prairie.roles.get())
    assert not cast.admin_prairie.roles.exists()


def test_a_deactivated_administrator_does_not_count(cast: Cast) -> None:
    second = give(make_person("second@prairie.example", "Second"), ADMINISTRATOR, organization=cast.prairie)
    Person.objects.filter(pk=second.pk).update(is_active=False, deactivated_at="2026-01-01T00:00Z")
    with pytest.raises(Conflict):
        remove_role(by=cast.network_admin, role=cast.admin_prairie.roles.get())


def test_a_network_administrator_keeps_their_own_role(cast: Cast) -> None:
    with pytest.raises(Conflict):
        remove_role(by=cast.network_admin, role=cast.network_admin.roles.get())


def test_losing_the_last_role_ends_the_session(cast: Cast, client: Client) -> None:
    sign_in(client, cast.clinician_prairie)
    assert client.get("/account/").status_code == 200
    remove_role(by=cast.admin_prairie, role=cast.clinician_prairie.roles.get())
    assert client.get("/account/").status_code == 302


def test_a_changed_role_holds_from_the_next_request(cast: Cast, client: Client) -> None:
    sign_in(client, cast.editor)
    assert client.get("/audit/").status_code == 403
    give_role(by=cast.network_admin, person=cast.editor, role="auditor")
    assert client.get("/audit/").status_code == 200
    remove_role(by=cast.network_admin, role=cast.editor.roles.get(name="auditor"))
    assert client.get("/audit/").status_code == 403


def test_by_the_page(cast: Cast, client: Client) -> None:
    sign_in(client, cast.admin_prairie)
    page = f"/people/{cast.clinician_prairie.pk}/"
    client.post(f"{page}roles/", {"organization": "prairie", "role": ADMINISTRATOR})
    role = cast.clinician_prairie.roles.get(name=ADMINISTRATOR)
    client.post(f"{page}roles/{role.pk}/remove/")
    assert not cast.clinician_prairie.roles.filter(name=ADMINISTRATOR).exists()
    client.post(f"{page}roles/", {"role": "editor"})
    client.post(f"{page}roles/", {"organization": "prairie", "role": "editor"})
    assert client.post(f"{page}roles/", {"organization": "lakeside", "role": "clinician"}).status_code == 404
    assert list(cast.clinician_prairie.roles.values_list("name", flat=True)) == ["clinician"]
