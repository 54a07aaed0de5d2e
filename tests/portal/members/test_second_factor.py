"""Authenticator apps and recovery codes through allauth's own pages, with real codes."""

import time
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import InvalidToken
from django.test import Client

from portal.common.models import Mail
from portal.members import second_factor
from portal.members.adapter import SecondFactorAdapter
from portal.members.models import Organization, Person
from portal.members.services.invitations import invite
from tests.cast import PASSWORD, Cast, sign_in
from tests.portal.members.helpers import is_signed_in, last_mail, link_in, sign_in_by_page

ENROL = "/accounts/2fa/totp/activate/"


@pytest.fixture
def required(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


def code(secret: str) -> str:
    """What an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def enrol(client: Client, email: str) -> str:
    """Sign in by password and set up an app; its secret."""
    sign_in_by_page(client, email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get(ENROL)
    secret = str(client.session["mfa.totp.secret"])
    answer = client.post(ENROL, {"code": code(secret)})
    assert answer.headers["Location"] == "/accounts/2fa/recovery-codes/"
    return secret


def later() -> Any:
    """Past the half minute in which a code was used."""
    return time_machine.travel(time.time() + 60, tick=True)


def test_sign_in_with_an_app(cast: Cast) -> None:
    secret = enrol(Client(), cast.specialist.email)
    client = Client()
    assert sign_in_by_page(client, cast.specialist.email).headers["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)
    wrong = f"{(int(code(secret)) + 1) % 1_000_000:06}"
    assert client.post("/accounts/2fa/authenticate/", {"code": wrong}).status_code == 200
    assert not is_signed_in(client)
    with later():
        assert client.post("/accounts/2fa/authenticate/", {"code": code(secret)}).status_code == 302
        assert is_signed_in(client)


def test_a_code_works_once(cast: Cast) -> None:
    secret = enrol(Client(), cast.specialist.email)
    with later():
        first, second = Client(), Client()
        for client in (first, second):
            sign_in_by_page(client, cast.specialist.email)
            client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
        assert is_signed_in(first)
        assert not is_signed_in(second)


def test_recovery_codes_work_once_each(cast: Cast) -> None:
    enrol(Client(), cast.specialist.email)
    kept = RecoveryCodes(Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES))
    codes = kept.get_unused_codes()
    assert len(codes) == 10
    for number, expected in ((0, True), (0, False), (1, True)):
        client = Client()
        sign_in_by_page(client, cast.specialist.email)
        client.post("/accounts/2fa/authenticate/", {"code": codes[number]})
        assert is_signed_in(client) is expected


def test_guessing_codes_is_limited(cast: Cast) -> None:
    secret = enrol(Client(), cast.specialist.email)
    client = Client()
    sign_in_by_page(client, cast.specialist.email)
    wrong = f"{(int(code(secret)) + 1) % 1_000_000:06}"
    for _ in range(6):
        client.post("/accounts/2fa/authenticate/", {"code": wrong})
    with later():
        client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert not is_signed_in(client)


def test_secrets_are_not_readable_in_the_database(cast: Cast, settings: Any) -> None:
    secret = enrol(Client(), cast.specialist.email)
    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in kept
    adapter = SecondFactorAdapter()
    assert adapter.decrypt(kept) == secret
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-" * 5
    settings.SECRET_KEY_FALLBACKS = [old]
    assert adapter.decrypt(kept) == secret
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        adapter.decrypt(kept)


STAFF = ["specialist", "lead", "editor", "network_admin", "auditor"]


@pytest.mark.parametrize("who", STAFF)
def test_network_staff_go_nowhere_without_one(cast: Cast, client: Client, required: None, who: str) -> None:
    sign_in(client, getattr(cast, who))
    for page in ("/", "/account/", "/account/tokens/", "/notices/", "/accounts/email/", "/accounts/password/change/"):
        answer = client.get(page)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/2fa/"), page
    assert client.post("/account/", {"name": "x"}).headers["Location"] == "/accounts/2fa/"
    assert client.get("/account/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/accounts/2fa/"
    answer = client.get("/accounts/2fa/")
    assert answer.status_code == 200
    assert b"second step" in answer.content
    assert client.get("/accounts/reauthenticate/").status_code == 200
    assert client.post("/accounts/logout/").headers["Location"] != "/accounts/2fa/"


def test_once_set_up_they_go_on(cast: Cast, client: Client, required: None) -> None:
    enrol(client, cast.specialist.email)
    assert client.get("/account/").status_code == 200


def test_members_only_where_their_organization_asks(cast: Cast, client: Client, required: None) -> None:
    sign_in(client, cast.clinician_prairie)
    assert client.get("/account/").status_code == 200
    Organization.objects.filter(pk=cast.prairie.pk).update(second_factor_required=True)
    assert client.get("/account/").headers["Location"] == "/accounts/2fa/"
    other = sign_in(Client(), cast.clinician_lakeside)
    assert other.get("/account/").status_code == 200


def test_recovery_codes_alone_are_not_a_second_factor(cast: Cast, client: Client, required: None) -> None:
    RecoveryCodes.activate(cast.specialist)
    sign_in(client, cast.specialist)
    assert client.get("/account/").headers["Location"] == "/accounts/2fa/"


def test_the_last_one_stays_where_it_is_required(cast: Cast, client: Client, settings: Any) -> None:
    enrol(client, cast.specialist.email)
    settings.REQUIRE_SECOND_FACTOR = True
    client.post("/accounts/2fa/totp/deactivate/")
    assert second_factor.authenticators(cast.specialist).exists()
    settings.REQUIRE_SECOND_FACTOR = False
    client.post("/accounts/2fa/totp/deactivate/")
    assert not second_factor.authenticators(cast.specialist).exists()


def test_not_required_in_the_demonstration(cast: Cast, client: Client) -> None:
    sign_in(client, cast.specialist)
    assert client.get("/account/").status_code == 200


def test_an_invited_specialist_sets_one_up_first(cast: Cast, client: Client, required: None) -> None:
    invite(by=cast.network_admin, email="new@network.example", role="editor")
    account = {"name": "New Editor", "password": "harbor-violet-93-kite", "time_zone": "UTC"}
    client.post(link_in(last_mail("new@network.example")), account)
    assert client.get("/").headers["Location"] == "/accounts/2fa/"


def test_an_invitation_link_does_not_pass_the_second_factor(cast: Cast, client: Client) -> None:
    enrol(Client(), cast.specialist.email)
    invite(by=cast.network_admin, email=cast.specialist.email, role="editor")
    client.post(link_in(last_mail(cast.specialist.email)))
    assert not is_signed_in(client)
    assert Person.objects.get(pk=cast.specialist.pk).actor.is_editor


def test_a_change_is_told_by_mail(committed_cast: Cast, client: Client) -> None:
    enrol(client, committed_cast.specialist.email)
    mail = Mail.objects.get(to=committed_cast.specialist.email)
    assert mail.subject == "Authenticator app added"
    assert "An authenticator app was added to your account." in mail.body
