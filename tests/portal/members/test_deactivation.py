"""Switching a person or an organization off: sessions and tokens end at once."""

from io import StringIO

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client

from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Refused
from portal.members.models import Person, Role
from portal.members.services.organizations import deactivate_organization, reactivate_organization
from portal.members.services.people import deactivate_person, reactivate_person
from portal.members.services.tokens import create_token
from tests.cast import Cast, give, make_person, sign_in
from tests.portal.members.helpers import is_signed_in, same_body, sign_in_by_page


def token_of(person: Person) -> dict[str, str]:
    """The header of a new token."""
    return {"Authorization": f"Token {create_token(by=person, person=person, name='test')[1]}"}


def test_deactivating_a_person_ends_sessions_and_tokens_at_once(cast: Cast) -> None:
    phone, desk = Client(), Client()
    for client in (phone, desk):
        sign_in_by_page(client, cast.clinician_prairie.email)
        assert is_signed_in(client)
    header = token_of(cast.clinician_prairie)
    assert Client().get("/api/v1/me/", headers=header).status_code == 200
    assert UserSession.objects.filter(user=cast.clinician_prairie).count() == 2
    deactivate_person(by=cast.admin_prairie, person=cast.clinician_prairie)
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()
    for client in (phone, desk):
        assert not is_signed_in(client)
    assert Client().get("/api/v1/me/", headers=header).status_code == 401
    assert AuditEvent.objects.filter(action="deactivate", object_id=str(cast.clinician_prairie.pk)).exists()


def test_a_deactivated_person_cannot_sign_in(cast: Cast, client: Client) -> None:
    deactivate_person(by=cast.admin_prairie, person=cast.clinician_prairie)
    answer = sign_in_by_page(client, cast.clinician_prairie.email)
    assert answer.headers["Location"] == "/accounts/inactive/"
    assert not is_signed_in(client)


def test_a_session_that_is_not_listed_falls_at_its_next_request(cast: Cast, client: Client) -> None:
    """As one made at the very moment of the deactivation."""
    sign_in(client, cast.clinician_prairie)
    assert not UserSession.objects.exists()
    deactivate_person(by=cast.admin_prairie, person=cast.clinician_prairie)
    assert client.get("/account/").status_code == 302
    reactivate_person(by=cast.admin_prairie, person=cast.clinician_prairie)
    assert client.get("/account/").status_code == 302


def test_reactivation_lets_in_again_but_revives_no_token(cast: Cast, client: Client) -> None:
    header = token_of(cast.clinician_prairie)
    deactivate_person(by=cast.admin_prairie, person=cast.clinician_prairie)
    reactivate_person(by=cast.admin_prairie, person=cast.clinician_prairie)
    sign_in_by_page(client, cast.clinician_prairie.email)
    assert is_signed_in(client)
    assert Client().get("/api/v1/me/", headers=header).status_code == 401


def test_not_oneself(cast: Cast) -> None:
    for person in (cast.admin_prairie, cast.network_admin):
        with pytest.raises(Refused, match="yourself"):
            deactivate_person(by=person, person=person)


def test_not_the_last_administrator_of_an_organization(cast: Cast) -> None:
    with pytest.raises(Conflict, match="only administrator of Prairie Health"):
        deactivate_person(by=cast.network_admin, person=cast.admin_prairie)
    second = give(
        make_person("second@prairie.example", "Second"),
        Role.Name.ORGANIZATION_ADMINISTRATOR,
        organization=cast.prairie,
    )
    deactivate_person(by=second, person=cast.admin_prairie)
    assert not Person.objects.get(pk=cast.admin_prairie.pk).is_active
    # Who was deactivated a moment ago does nothing more, even with a page still open.
    with pytest.raises(Refused):
        deactivate_person(by=cast.admin_prairie, person=second)


@pytest.mark.parametrize("who", ["clinician_prairie", "clinician_lakeside", "specialist", "lead", "editor", "auditor"])
def test_only_administrators_deactivate(cast: Cast, who: str) -> None:
    with pytest.raises(Refused):
        deactivate_person(by=getattr(cast, who), person=cast.reviewer)


def test_an_administrator_reaches_only_their_own_people(cast: Cast, client: Client) -> None:
    for person in (cast.clinician_lakeside, cast.specialist, cast.network_admin):
        with pytest.raises(Refused):
            deactivate_person(by=cast.admin_prairie, person=person)
    give(cast.clinician_prairie, Role.Name.EDITOR)
    with pytest.raises(Refused, match="also works for the network"):
        deactivate_person(by=cast.admin_prairie, person=cast.clinician_prairie)
    sign_in(client, cast.admin_prairie)
    for path in ("", "deactivate/", "reactivate/", "roles/"):
        assert client.post(f"/people/{cast.clinician_lakeside.pk}/{path}", {"role": "clinician"}).status_code == 404
    assert same_body(client.get(f"/people/{cast.clinician_lakeside.pk}/"), client.get("/people/999999/"))


def test_the_page_asks_once(cast: Cast, client: Client) -> None:
    sign_in(client, cast.admin_prairie)
    page = f"/people/{cast.clinician_prairie.pk}/deactivate/"
    assert client.get(page).status_code == 200
    assert Person.objects.get(pk=cast.clinician_prairie.pk).is_active
    client.post(page)
    assert not Person.objects.get(pk=cast.clinician_prairie.pk).is_active


def test_deactivating_an_organization(cast: Cast) -> None:
    away, both = Client(), Client()
    give(cast.admin_prairie, Role.Name.CLINICIAN, organization=cast.lakeside)
    sign_in_by_page(away, cast.clinician_prairie.email)
    sign_in_by_page(both, cast.admin_prairie.email)
    gone, kept = token_of(cast.clinician_prairie), token_of(cast.admin_prairie)
    deactivate_organization(by=cast.network_admin, organization=cast.prairie)
    assert not is_signed_in(away)
    assert is_signed_in(both)
    assert not UserSession.objects.filter(user=cast.clinician_prairie).exists()
    assert Client().get("/api/v1/me/", headers=gone).status_code == 401
    assert Client().get("/api/v1/me/", headers=kept).status_code == 200
    answer = sign_in_by_page(away, cast.clinician_prairie.email)
    assert answer.headers["Location"] == "/accounts/inactive/"
    assert not is_signed_in(away)
    assert both.get("/organizations/prairie/").status_code == 404
    reactivate_organization(by=cast.network_admin, organization=cast.prairie)
    sign_in_by_page(away, cast.clinician_prairie.email)
    assert is_signed_in(away)


@pytest.mark.parametrize("who", ["clinician_prairie", "admin_prairie", "specialist", "editor", "auditor"])
def test_only_the_network_deactivates_organizations(cast: Cast, client: Client, who: str) -> None:
    with pytest.raises(Refused):
        deactivate_organization(by=getattr(cast, who), organization=cast.prairie)
    sign_in(client, getattr(cast, who))
    assert client.post("/organizations/prairie/deactivate/").status_code == 403
    assert client.post("/organizations/prairie/reactivate/").status_code == 403


def test_demonstration_accounts_are_switched_off_for_good(cast: Cast, client: Client) -> None:
    Person.objects.filter(pk__in=[cast.editor.pk, cast.admin_prairie.pk]).update(is_demonstration=True)
    sign_in_by_page(client, cast.editor.email)
    header = token_of(cast.editor)
    out = StringIO()
    call_command("remove_demonstration_accounts", stdout=out)
    assert out.getvalue() == "2 demonstration accounts can no longer sign in.\n"
    assert not is_signed_in(client)
    assert Client().get("/api/v1/me/", headers=header).status_code == 401
    for person in (cast.editor, cast.admin_prairie):
        person.refresh_from_db()
        assert not person.is_active
        assert not person.has_usable_password()
    assert Person.objects.get(pk=cast.reviewer.pk).is_active
    call_command("remove_demonstration_accounts", stdout=out)
    assert out.getvalue().endswith("\n0 demonstration accounts can no longer sign in.\n")
