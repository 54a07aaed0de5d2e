"""Domains of an organization, and asking to join by an address in one."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.common import tenancy
from portal.common.models import Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Invitation, Organization, Person, Role
from portal.members.models_domains import OrganizationDomain
from portal.members.models_roster import JoinRequest
from portal.members.services import domains, joining
from portal.members.tasks import work_on_rosters
from tests.cast import Cast, give, make_person, sign_in
from tests.portal.members.helpers import last_mail, link_in, same_body

PAGE = "/organizations/prairie/joining/"
NEW = "new.doctor@prairie.example"


def confirmed(cast: Cast, domain: str = "prairie.example") -> OrganizationDomain:
    row = domains.add_domain(by=cast.admin_prairie, organization=cast.prairie, domain=domain)
    domains.confirm_domain(by=cast.network_admin, row=row, at=timezone.now())
    return row


def proven(cast: Cast, email: str = NEW) -> JoinRequest:
    confirmed(cast)
    joining.ask_to_join(email=email, name="New Doctor", at=timezone.now())
    return joining.prove_address(secret=link_in(last_mail(email)).split("/")[2], at=timezone.now())


def lakeside_admin(cast: Cast) -> Person:
    person = make_person("admin@lakeside.example", "Al")
    return give(person, Role.Name.ORGANIZATION_ADMINISTRATOR, organization=cast.lakeside)


# --- domains ---


@pytest.mark.parametrize(
    "text", ["", "prairie", "a b.example", "-a.example", "a@b.example", "x" * 64 + ".example", "1.2.3.4", "a..example"]
)
def test_no_domains(cast: Cast, text: str) -> None:
    with pytest.raises(Invalid):
        domains.add_domain(by=cast.admin_prairie, organization=cast.prairie, domain=text)


def test_a_domain_counts_once_the_network_confirms_it(cast: Cast) -> None:
    row = domains.add_domain(by=cast.admin_prairie, organization=cast.prairie, domain="@Prairie.Example.")
    assert (row.domain, row.confirmed_at) == ("prairie.example", None)
    joining.ask_to_join(email=NEW, name="N", at=timezone.now())
    assert not JoinRequest.objects.exists()
    for who in (cast.admin_prairie, cast.clinician_prairie, cast.editor):
        with pytest.raises(Refused):
            domains.confirm_domain(by=who, row=row, at=timezone.now())
    domains.confirm_domain(by=cast.network_admin, row=row, at=timezone.now())
    joining.ask_to_join(email=NEW, name="N", at=timezone.now())
    assert JoinRequest.objects.count() == 1


def test_a_domain_is_confirmed_for_one_organization(cast: Cast) -> None:
    confirmed(cast)
    row = domains.add_domain(by=lakeside_admin(cast), organization=cast.lakeside, domain="prairie.example")
    with pytest.raises(Conflict, match="Another organization"):
        domains.confirm_domain(by=cast.network_admin, row=row, at=timezone.now())
    row.refresh_from_db()
    assert row.confirmed_at is None


def test_whoever_runs_the_domain_confirms_by_a_link(cast: Cast, client: Client) -> None:
    row = domains.add_domain(by=cast.admin_prairie, organization=cast.prairie, domain="prairie.example")
    sign_in(client, cast.admin_prairie)
    client.post(f"{PAGE}domains/{row.pk}/ask/", {"mailbox": "somebody"})
    assert not Mail.objects.exists(), "any mailbox at a public provider would do"
    client.post(f"{PAGE}domains/{row.pk}/ask/", {"mailbox": "postmaster"})
    link = link_in(last_mail("postmaster@prairie.example"))
    nobody = Client()
    assert "Does prairie.example belong" in nobody.get(link).content.decode()
    row.refresh_from_db()
    assert row.confirmed_at is None, "opening the link does nothing"
    assert "is confirmed" in nobody.post(link).content.decode()
    row.refresh_from_db()
    assert row.confirmed_at
    assert nobody.get(link).status_code == nobody.post(link).status_code == 404, "once"


def test_links_that_do_not_confirm(cast: Cast) -> None:
    row = domains.add_domain(by=cast.admin_prairie, organization=cast.prairie, domain="prairie.example")
    domains.ask_to_confirm(by=cast.admin_prairie, row=row, mailbox="postmaster")
    link = link_in(last_mail("postmaster@prairie.example"))
    assert Client().post(link[:-3] + "xx/").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        assert Client().post(link).status_code == 404
    domains.remove_domain(by=cast.admin_prairie, row=row)
    assert Client().post(link).status_code == 404


# --- asking ---


def test_the_same_answer_for_every_address(cast: Cast) -> None:
    confirmed(cast)
    addresses = (NEW, "x@elsewhere.example", cast.clinician_prairie.email, "x@lakeside.example")
    answers = [Client().post("/join/", {"email": email, "name": "Somebody"}, follow=True) for email in addresses]
    assert all(same_body(answers[0], other) for other in answers[1:])
    assert {mail.to for mail in Mail.objects.all()} == {NEW, cast.clinician_prairie.email}
    known = last_mail(cast.clinician_prairie.email)
    assert "/join/" not in known.body
    assert "account with this address already" in known.body


def test_from_the_sign_in_page_to_a_role(cast: Cast) -> None:
    confirmed(cast)
    visitor = Client()
    assert "/join/" in visitor.get("/accounts/login/").content.decode()
    visitor.post("/join/", {"email": NEW, "name": "New Doctor"})
    assert not Notice.objects.exists(), "nobody is bothered before the address is proven"
    link = link_in(last_mail(NEW))
    assert "Ask Prairie Health" in visitor.get(link).content.decode()
    assert not Notice.objects.exists()
    assert visitor.post(link).status_code == 200
    assert visitor.post(link).status_code == 404
    assert Notice.objects.get().person_id == cast.admin_prairie.pk
    assert not Person.objects.filter(email=NEW).exists()
    assert not Invitation.objects.exists(), "never by the address alone"
    admin = sign_in(Client(), cast.admin_prairie)
    assert "New Doctor" in admin.get(PAGE).content.decode()
    row = JoinRequest.objects.get()
    admin.post(f"{PAGE}{row.pk}/approve/", {"role": "clinician", "facility": cast.prairie_clinic.pk})
    invitation = Invitation.objects.get()
    assert (invitation.role, invitation.facility, invitation.invited_by) == (
        "clinician",
        cast.prairie_clinic,
        cast.admin_prairie,
    )
    account = {"name": "New Doctor", "password": "harbor-violet-93-kite", "time_zone": "America/Denver"}
    assert visitor.post(link_in(last_mail(NEW)), account).status_code == 302
    assert Person.objects.get(email=NEW).facility == cast.prairie_clinic
    admin.post(f"{PAGE}{row.pk}/approve/", {"role": "organization-administrator"})
    assert Invitation.objects.count() == 1, "decided once"


def test_declining(cast: Cast) -> None:
    row = proven(cast)
    admin = sign_in(Client(), cast.admin_prairie)
    admin.post(f"{PAGE}{row.pk}/decline/")
    assert "declined" in last_mail(NEW).body
    assert not Invitation.objects.exists()
    with pytest.raises(Conflict):
        joining.approve(by=cast.admin_prairie, row=row, role="clinician", at=timezone.now())


def test_asking_is_limited(cast: Cast, settings: Any) -> None:
    confirmed(cast)
    for _ in range(5):
        joining.ask_to_join(email=NEW, name="N", at=timezone.now())
    assert Mail.objects.filter(to=NEW).count() == 3
    settings.ACCOUNT_RATE_LIMITS = {"ask_to_join": "2/m/ip"}
    answers = [Client().post("/join/", {"email": NEW, "name": "N"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 200]


def test_a_second_proof_asks_no_second_time(cast: Cast) -> None:
    proven(cast)
    joining.ask_to_join(email=NEW, name="New Doctor", at=timezone.now())
    joining.prove_address(secret=link_in(last_mail(NEW)).split("/")[2], at=timezone.now())
    assert JoinRequest.objects.waiting().count() == 1
    assert Notice.objects.count() == 1


def test_old_links_and_requests_are_forgotten(cast: Cast) -> None:
    confirmed(cast)
    joining.ask_to_join(email=NEW, name="N", at=timezone.now() - timedelta(days=4))
    link = link_in(last_mail(NEW))
    assert Client().get(link).status_code == Client().post(link).status_code == 404
    work_on_rosters()
    assert not JoinRequest.objects.exists()


def test_nobody_else_decides(cast: Cast) -> None:
    row = proven(cast)
    for who, status in (
        (cast.clinician_prairie, 403),
        (lakeside_admin(cast), 404),
        (cast.specialist, 404),
        (cast.auditor, 404),
    ):
        client = sign_in(Client(), who)
        assert client.get(PAGE).status_code == status
        for act in ("approve", "decline"):
            assert client.post(f"{PAGE}{row.pk}/{act}/", {"role": "clinician"}).status_code == status
        assert client.post(f"{PAGE}domains/", {"domain": "x.example"}).status_code == status
        for act in ("confirm", "ask", "remove"):
            assert client.post(f"{PAGE}domains/{OrganizationDomain.objects.get().pk}/{act}/").status_code == status
        with pytest.raises(Refused):
            joining.decline(by=who, row=row, at=timezone.now())
    admin = sign_in(Client(), cast.admin_prairie)
    assert admin.post(f"{PAGE}domains/{OrganizationDomain.objects.get().pk}/confirm/").status_code == 403
    assert JoinRequest.objects.waiting().count() == 1


def test_no_role_of_the_network_and_no_facility_of_others(cast: Cast) -> None:
    row = proven(cast)
    admin = sign_in(Client(), cast.admin_prairie)
    admin.post(f"{PAGE}{row.pk}/approve/", {"role": "network-administrator"})
    admin.post(f"{PAGE}{row.pk}/approve/", {"role": "clinician", "facility": cast.lakeside.facilities.get().pk})
    with pytest.raises(Refused):
        joining.approve(by=cast.admin_prairie, row=row, role="editor", at=timezone.now())
    with pytest.raises(Invalid):
        joining.approve(
            by=cast.admin_prairie, row=row, role="clinician", facility=cast.lakeside.facilities.get(), at=timezone.now()
        )
    assert not Invitation.objects.exists()


def test_a_deactivated_organization_asks_nobody(cast: Cast) -> None:
    confirmed(cast)
    Organization.objects.filter(pk=cast.prairie.pk).update(deactivated_at=timezone.now())
    joining.ask_to_join(email=NEW, name="N", at=timezone.now())
    assert not JoinRequest.objects.exists()


def test_walls(cast: Cast) -> None:
    proven(cast)
    with tenancy.only([cast.lakeside.pk]):
        assert not JoinRequest.objects.exists()
    with tenancy.only([cast.prairie.pk]):
        assert JoinRequest.objects.exists()


def test_as_many_queries_for_many_who_ask(cast: Cast) -> None:
    confirmed(cast)
    client = sign_in(Client(), cast.admin_prairie)
    client.get(PAGE)
    counts = []
    for number in (2, 20):
        for n in range(number):
            JoinRequest.objects.create(
                organization=cast.prairie,
                email=f"{number}-{n}@prairie.example",
                name="N",
                digest=f"{number}-{n}",
                expires_at=timezone.now(),
                proven_at=timezone.now(),
            )
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
