"""The only way in, from the letter to the account."""

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client

from portal.common.models import AuditEvent, Mail
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Invitation, Organization, Person, Role
from portal.members.services import invitations, organizations, people
from tests.cast import Cast, sign_in
from tests.portal.members.helpers import is_signed_in, last_mail, link_in, sign_in_by_page, without_masks

NEW = "new.doctor@prairie.example"
ACCOUNT = {"name": "New Doctor", "password": "harbor-violet-93-kite", "time_zone": "America/Denver"}


def invite(cast: Cast, email: str = NEW) -> str:
    """The path of a link that makes a clinician of Prairie."""
    invitations.invite(by=cast.admin_prairie, email=email, role="clinician", organization=cast.prairie)
    return link_in(last_mail(email))


def test_a_new_person_comes_in(cast: Cast, client: Client) -> None:
    link = invite(cast)
    assert client.get(link).status_code == 200
    assert client.post(link, ACCOUNT).status_code == 302
    person = Person.objects.get(email=NEW)
    assert (person.name, person.time_zone) == ("New Doctor", "America/Denver")
    assert person.actor.clinician_in == {cast.prairie.pk}
    assert EmailAddress.objects.get(user=person).verified
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    assert sign_in_by_page(client, NEW, ACCOUNT["password"]).status_code == 302
    assert is_signed_in(client)
    assert AuditEvent.objects.filter(action="accept invitation", actor_id=person.pk).exists()


def test_opening_the_link_changes_nothing(cast: Cast, client: Client) -> None:
    link = invite(cast)
    for _ in range(3):
        assert client.get(link).status_code == 200
    assert not Person.objects.filter(email=NEW).exists()


def test_one_answer_for_every_link_that_does_not_work(cast: Cast) -> None:
    used, revoked, resent, expired, closed = (invite(cast, f"{n}@prairie.example") for n in range(5))
    assert Client().post(used, ACCOUNT).status_code == 302
    invitations.revoke(by=cast.admin_prairie, invitation=Invitation.objects.get(email="1@prairie.example"))
    invitations.resend(by=cast.admin_prairie, invitation=Invitation.objects.get(email="2@prairie.example"))
    Invitation.objects.filter(email="3@prairie.example").update(expires_at="2020-01-01T00:00Z")
    other = Organization.objects.create(name="Closed", slug="closed")
    Invitation.objects.filter(email="4@prairie.example").update(organization=other)
    organizations.deactivate_organization(by=cast.network_admin, organization=other)
    bodies = set()
    for link in (used, revoked, resent, expired, closed, "/invitations/unheard-of/"):
        for answer in (Client().get(link), Client().post(link, ACCOUNT)):
            assert answer.status_code == 404
            bodies.add(without_masks(answer))
    assert len(bodies) == 1
    assert Person.objects.filter(email__endswith="@prairie.example", name="New Doctor").count() == 1


def test_two_weeks_and_not_longer(cast: Cast, client: Client) -> None:
    with time_machine.travel("2026-11-01T12:00Z", tick=False):
        link = invite(cast)
    with time_machine.travel("2026-11-15T11:59Z", tick=False):
        assert client.get(link).status_code == 200
    with time_machine.travel("2026-11-15T12:00Z", tick=False):
        assert client.get(link).status_code == 404


def test_sending_again_makes_a_new_link(cast: Cast, client: Client) -> None:
    link = invite(cast)
    sign_in(client, cast.admin_prairie)
    client.post(f"/invitations/{Invitation.objects.get().pk}/resend/")
    newer = link_in(last_mail(NEW))
    assert newer != link
    assert Client().get(newer).status_code == 200
    assert Client().get(link).status_code == 404


def test_the_secret_is_not_in_the_table(cast: Cast) -> None:
    secret = invite(cast).split("/")[2]
    row = Invitation.objects.values().get()
    assert secret not in str(row)
    assert len(row["digest"]) == 64


def test_a_weak_password_is_refused_and_named(cast: Cast, client: Client) -> None:
    link = invite(cast)
    for password in ("short", "qwerty123456", "new.doctor@prairie"):
        answer = client.post(link, ACCOUNT | {"password": password})
        assert answer.status_code == 200
        assert answer.context["form"].errors["password"]
    assert not Person.objects.filter(email=NEW).exists()


@pytest.mark.parametrize(
    "password", ["Prairie-Health-26", "health prairie 1!", "Ilse-Quennell-1977", "quennell.prairie"]
)
def test_names_of_the_person_and_of_the_organization_make_no_password(
    cast: Cast, client: Client, password: str
) -> None:
    """Of an organization they do not work for yet: they are about to."""
    link = invite(cast)
    answer = client.post(link, ACCOUNT | {"name": "Ilse Quennell", "password": password})
    assert answer.status_code == 200
    assert "little more than words" in str(answer.context["form"].errors["password"])
    assert not Person.objects.filter(email=NEW).exists()


def test_another_organizations_name_is_a_word_like_others(cast: Cast, client: Client) -> None:
    link = invite(cast)
    assert client.post(link, ACCOUNT | {"password": "lakeside-lakeside-1"}).status_code == 302


def test_a_person_with_an_account_gets_the_role_but_no_session(cast: Cast, client: Client) -> None:
    link = invite(cast, cast.clinician_lakeside.email)
    assert b"You have an account" in client.get(link).content
    answer = client.post(link, ACCOUNT)
    assert answer.headers["Location"].startswith("/accounts/login/")
    assert not is_signed_in(client)
    person = Person.objects.get(pk=cast.clinician_lakeside.pk)
    assert person.name == cast.clinician_lakeside.name
    assert person.actor.clinician_in == {cast.prairie.pk, cast.lakeside.pk}


def test_a_deactivated_person_does_not_come_back_by_invitation(cast: Cast, client: Client) -> None:
    link = invite(cast, cast.clinician_lakeside.email)
    people.deactivate_person(by=cast.network_admin, person=cast.clinician_lakeside)
    assert client.get(link).status_code == 404
    assert client.post(link, ACCOUNT).status_code == 404
    assert not cast.clinician_lakeside.roles.filter(organization=cast.prairie).exists()


@pytest.mark.parametrize("who", ["clinician_prairie", "specialist", "lead", "editor", "auditor", "clinician_lakeside"])
def test_only_administrators_invite(cast: Cast, who: str) -> None:
    for role, place in (("clinician", cast.prairie), ("editor", None), ("network-administrator", None)):
        with pytest.raises(Refused):
            invitations.invite(by=getattr(cast, who), email=NEW, role=role, organization=place)
    assert not Mail.objects.exists()


@pytest.mark.parametrize("role", ["specialist", "section-lead", "editor", "network-administrator", "auditor"])
def test_an_administrator_cannot_promote_beyond_their_organization(cast: Cast, client: Client, role: str) -> None:
    with pytest.raises(Refused):
        invitations.invite(
            by=cast.admin_prairie, email=NEW, role=role, organization=cast.prairie, specialty=cast.cardiology
        )
    sign_in(client, cast.admin_prairie)
    answer = client.post(
        "/organizations/prairie/people/", {"email": NEW, "role": role, "specialty": cast.cardiology.pk}
    )
    assert answer.context["form"].errors["role"]
    assert not Invitation.objects.exists()


def test_an_administrator_cannot_invite_into_another_organization(cast: Cast, client: Client) -> None:
    with pytest.raises(Refused):
        invitations.invite(by=cast.admin_prairie, email=NEW, role="clinician", organization=cast.lakeside)
    sign_in(client, cast.admin_prairie)
    assert client.post("/organizations/lakeside/people/", {"email": NEW, "role": "clinician"}).status_code == 404
    assert client.post("/network/people/", {"email": NEW, "role": "editor"}).status_code == 403


def test_a_network_administrator_invites_staff(cast: Cast, client: Client) -> None:
    sign_in(client, cast.network_admin)
    page = "/network/people/"
    assert client.post(page, {"email": NEW, "role": "specialist"}).context["form"].errors["specialty"]
    assert client.post(page, {"email": NEW, "role": "specialist", "specialty": cast.cardiology.pk}).status_code == 302
    Client().post(link_in(last_mail(NEW)), ACCOUNT)
    assert Person.objects.get(email=NEW).actor.specialist_in == {cast.cardiology.pk}


def test_needless_invitations_are_refused_with_the_reason(cast: Cast) -> None:
    with pytest.raises(Conflict, match="has this role already"):
        invite(cast, cast.clinician_prairie.email)
    invite(cast)
    with pytest.raises(Conflict, match="is open"):
        invite(cast)
    with pytest.raises(Invalid):
        invitations.invite(by=cast.network_admin, email=NEW, role="clinician")
    # Whether an address of another organization has an account is not the inviter's to know.
    people.deactivate_person(by=cast.network_admin, person=cast.clinician_lakeside)
    assert invite(cast, cast.clinician_lakeside.email)


def test_invitations_of_others_are_out_of_reach(cast: Cast, client: Client) -> None:
    invitations.invite(by=cast.network_admin, email=NEW, role="clinician", organization=cast.lakeside)
    row = Invitation.objects.get()
    sign_in(client, cast.admin_prairie)
    for verb in ("resend", "revoke"):
        assert client.post(f"/invitations/{row.pk}/{verb}/").status_code == 404
    with pytest.raises(Refused):
        invitations.revoke(by=cast.admin_prairie, invitation=row)
    assert Role.objects.filter(organization=cast.lakeside).count() == 1
