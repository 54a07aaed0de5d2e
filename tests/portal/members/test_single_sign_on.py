"""Signing in through an organization's own provider, with one that is not ours: who gets in, and who does not."""

from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from portal.common.models import AuditEvent
from portal.members.models import Person, Role
from portal.members.models_sso import IdentityProvider
from portal.members.services import single_sign_on
from tests.cast import Cast, give, sign_in
from tests.portal.members.helpers import is_signed_in, sign_in_by_page
from tests.portal.members.sso import come_in, confirm, set_up, way_out
from tests.providers import PEOPLE, Provider

pytestmark = pytest.mark.django_db


def test_the_first_sign_in_adds_a_person_and_the_second_finds_them(cast: Cast, provider: Provider) -> None:
    set_up(cast, provider, default_facility=cast.prairie_clinic)
    first, second = Client(), Client()
    answer = come_in(first, provider, "new")
    assert answer.status_code == 302, answer.content.decode()
    assert is_signed_in(first)
    person = Person.objects.get(email=PEOPLE["new"])
    assert [(role.name, role.organization_id) for role in person.roles.all()] == [("clinician", cast.prairie.pk)]
    assert person.facility == cast.prairie_clinic
    assert not person.has_usable_password()
    assert come_in(second, provider, "new").status_code == 302
    assert is_signed_in(second)
    assert Person.objects.filter(email=PEOPLE["new"]).count() == 1
    assert AuditEvent.objects.filter(action="single-sign-on.add", object_id=str(cast.prairie.pk)).count() == 1
    assert [event.detail for event in AuditEvent.objects.filter(action="sign in")] == [{"way": "single sign-on"}] * 2
    assert SocialAccount.objects.get().extra_data == {}


def test_a_person_who_is_here_already_is_found_by_address(cast: Cast, provider: Provider, client: Client) -> None:
    set_up(cast, provider)
    come_in(client, provider, "known")
    assert client.session["_auth_user_id"] == str(cast.clinician_prairie.pk)


@pytest.mark.parametrize("who", ["neighbour", "staff", "stranger"])
def test_it_signs_in_nobody_of_other_domains(cast: Cast, provider: Provider, client: Client, who: str) -> None:
    set_up(cast, provider)
    before = Person.objects.count()
    answer = come_in(client, provider, who)
    assert answer.status_code == 403
    assert "is not a confirmed domain" in answer.content.decode()
    assert not is_signed_in(client)
    assert Person.objects.count() == before
    event = AuditEvent.objects.get(action="refuse sign-in")
    assert (event.object_id, event.organization_id) == (PEOPLE[who], cast.prairie.pk)


@pytest.mark.parametrize("who", ["neighbour", "staff"])
def test_nor_those_of_others_whose_address_it_may_assert(
    cast: Cast, provider: Provider, client: Client, who: str
) -> None:
    """Even where their domain were its own: accounts of other organizations and of the network are beyond it."""
    set_up(cast, provider)
    confirm(cast.prairie, PEOPLE[who].partition("@")[2], cast.network_admin)
    answer = come_in(client, provider, who)
    assert answer.status_code == 403
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()


def test_nor_one_who_works_for_two(cast: Cast, provider: Provider, client: Client) -> None:
    set_up(cast, provider)
    give(cast.clinician_prairie, Role.Name.CLINICIAN, organization=cast.lakeside)
    answer = come_in(client, provider, "known")
    assert answer.status_code == 403
    assert "another organization" in answer.content.decode()


def test_a_deactivated_person_stays_out(cast: Cast, provider: Provider, client: Client) -> None:
    set_up(cast, provider)
    Person.objects.filter(pk=cast.clinician_prairie.pk).update(is_active=False, deactivated_at=timezone.now())
    assert come_in(client, provider, "known").status_code == 403
    assert not is_signed_in(client)


def test_without_a_default_role_nobody_is_added(cast: Cast, provider: Provider, client: Client) -> None:
    set_up(cast, provider, default_role="")
    assert come_in(client, provider, "new").status_code == 403
    assert not Person.objects.filter(email=PEOPLE["new"]).exists()
    come_in(client, provider, "known")
    assert is_signed_in(client)


def test_an_address_given_to_another_at_the_provider_is_not_believed(
    cast: Cast, provider: Provider, client: Client
) -> None:
    row = set_up(cast, provider)
    SocialAccount.objects.create(user=cast.clinician_prairie, provider=row.key, uid="the-one-before")
    assert come_in(client, provider, "known").status_code == 403
    assert not is_signed_in(client)


def test_a_provider_that_is_off_lets_nobody_in(cast: Cast, provider: Provider, client: Client) -> None:
    set_up(cast, provider)
    begin = way_out(client, "a@prairie.example")
    single_sign_on.switch(by=cast.admin_prairie, organization=cast.prairie, is_on=False, is_only_way=False)
    assert client.get(provider.code_for(begin, "known")).status_code == 403
    assert b"No organization signs in" in client.post("/accounts/login/", {"login": "a@prairie.example"}).content


def test_an_answer_works_once_and_only_where_it_was_asked_for(cast: Cast, provider: Provider) -> None:
    set_up(cast, provider)
    mine, theirs = Client(), Client()
    back = provider.code_for(way_out(mine, "a@prairie.example"), "known")
    assert theirs.get(back).status_code == 403
    assert not is_signed_in(theirs)
    assert mine.get(back).status_code == 302
    mine.post("/accounts/logout/")
    assert mine.get(back).status_code == 403
    assert not is_signed_in(mine)


def test_nobody_links_a_provider_to_the_account_they_are_signed_in_to(cast: Cast, provider: Provider) -> None:
    row = set_up(cast, provider)
    client = sign_in(Client(), cast.network_admin)
    back = provider.code_for(way_out(client, "a@prairie.example"), "known")
    session = client.session
    for state in session["socialaccount_states"].values():
        state[0]["process"] = "connect"
    session.save()
    assert client.get(back).status_code == 403
    assert not SocialAccount.objects.filter(user=cast.network_admin, provider=row.key).exists()
    for path in ("/accounts/3rdparty/", f"/accounts/oidc/{row.key}/login/", "/accounts/3rdparty/signup/"):
        assert client.get(path).status_code == 404


def test_the_sign_in_page_tells_nothing_of_who_has_an_account(cast: Cast, provider: Provider) -> None:
    set_up(cast, provider)
    known, unknown = way_out(Client(), "clinician@prairie.example"), way_out(Client(), "nobody@prairie.example")
    assert known.partition("state=")[0] == unknown.partition("state=")[0]
    answers = [
        Client().post("/accounts/login/", {"login": address, "through": "x"}).content.decode().count("No organization")
        for address in ("clinician@lakeside.example", "nobody@lakeside.example", "nobody@nowhere.example", "", "x")
    ]
    assert answers == [1] * 5


class TestOnlyThroughTheProvider:
    """What the organization's people can no longer do."""

    def test_a_right_password_is_a_wrong_one(self, cast: Cast, provider: Provider) -> None:
        set_up(cast, provider, only_way=True)
        pages = [
            sign_in_by_page(Client(), address, **({"password": password} if password else {}))
            for address, password in ((PEOPLE["known"], ""), (PEOPLE["known"], "wrong"), ("no@prairie.example", "x"))
        ]
        assert [page.status_code for page in pages] == [200] * 3
        assert all("do not belong together" in page.content.decode() for page in pages)
        assert all("signs its people in itself" in page.content.decode() for page in pages)

    def test_the_provider_still_works(self, cast: Cast, provider: Provider, client: Client) -> None:
        set_up(cast, provider, only_way=True)
        assert come_in(client, provider, "known").status_code == 302
        assert is_signed_in(client)

    def test_a_reset_sends_no_link(self, cast: Cast, provider: Provider, client: Client) -> None:
        from tests.portal.members.helpers import last_mail

        set_up(cast, provider, only_way=True)
        client.post("/accounts/password/reset/", {"email": PEOPLE["known"]})
        mail = last_mail(PEOPLE["known"])
        assert "signs its people in itself" in mail.body
        assert "/password/reset/key/" not in mail.body

    def test_another_way_of_proving_who_one_is_ends_before_the_session(self, cast: Cast, provider: Provider) -> None:
        """A passkey, say: whatever it is, allauth asks ``pre_login``."""
        from allauth.account.adapter import get_adapter
        from django.test import RequestFactory

        set_up(cast, provider, only_way=True)
        request = RequestFactory().get("/")
        request.session = Client().session
        usual: dict[str, Any] = dict.fromkeys("email_verification redirect_url signal_kwargs email".split())
        for person, stopped in ((cast.clinician_prairie, True), (cast.admin_prairie, False)):
            answer = get_adapter().pre_login(request, person, signup=False, **usual)
            assert (answer is not None) is stopped

    def test_administrators_keep_theirs_and_it_is_on_the_record(
        self, cast: Cast, provider: Provider, client: Client, settings: Any
    ) -> None:
        set_up(cast, provider, only_way=True)
        sign_in_by_page(client, cast.admin_prairie.email)
        assert is_signed_in(client)
        assert AuditEvent.objects.get(action="sign in").detail == {"way": "past the provider"}
        settings.REQUIRE_SECOND_FACTOR = True
        assert client.get("/account/").headers["Location"] == "/accounts/2fa/"

    def test_those_it_cannot_let_in_keep_theirs(self, cast: Cast, provider: Provider, client: Client) -> None:
        set_up(cast, provider, only_way=True)
        give(cast.clinician_prairie, Role.Name.CLINICIAN, organization=cast.lakeside)
        sign_in_by_page(client, cast.clinician_prairie.email)
        assert is_signed_in(client)


def test_the_session_ends_with_the_person(cast: Cast, provider: Provider, client: Client) -> None:
    from portal.members.services.people import deactivate_person

    set_up(cast, provider)
    come_in(client, provider, "known")
    assert is_signed_in(client)
    deactivate_person(by=cast.admin_prairie, person=cast.clinician_prairie)
    assert not is_signed_in(client)


def test_what_is_kept_of_the_secret_is_encrypted(cast: Cast, provider: Provider) -> None:
    from tests.providers import SECRET

    row = set_up(cast, provider)
    assert row.locked_secret
    assert SECRET not in row.locked_secret
    page = sign_in(Client(), cast.admin_prairie).get("/organizations/prairie/sign-in/").content.decode()
    assert SECRET not in page
    assert row.locked_secret not in page
    again = IdentityProvider.objects.get()
    assert again.is_on
