"""Personal tokens: made once, kept as a digest, ended at will."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import ApiToken, Organization
from portal.members.services.tokens import create_token, revoke_token
from tests.cast import PASSWORD, Cast, make_person, sign_in
from tests.portal.members.helpers import sign_in_by_page

ME = "/api/v1/me/"


def get_me(secret: str, scheme: str = "Token") -> Any:
    return Client().get(ME, headers={"Authorization": f"{scheme} {secret}"})


def make(cast: Cast, **lifetime: timedelta) -> tuple[ApiToken, str]:
    person = cast.clinician_prairie
    return create_token(by=person, person=person, name="ward", **lifetime)


def test_a_token_is_its_person(cast: Cast) -> None:
    _, secret = make(cast)
    assert get_me(secret).json()["email"] == cast.clinician_prairie.email
    assert get_me(secret, "token").status_code == 200


def test_only_a_digest_is_kept(cast: Cast) -> None:
    token, secret = make(cast)
    row = ApiToken.objects.values().get()
    assert secret not in str(row)
    assert len(row["digest"]) == 64
    assert row["hint"] == secret[:6]
    assert secret not in str(list(AuditEvent.objects.values()))
    assert get_me(token.digest).status_code == 401


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token invented", "Token \xe9", "Bearer x", "Basic eDp5", ""])
def test_anything_else_is_401_and_says_how(db: None, header: str) -> None:
    answer = Client().get(ME, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Token realm="Consilium"'


def test_one_answer_for_unknown_expired_and_revoked(cast: Cast) -> None:
    token, revoked = make(cast)
    revoke_token(by=cast.clinician_prairie, token=token)
    with time_machine.travel("2026-01-01T00:00Z", tick=False):
        _, expired = make(cast, lifetime=timedelta(days=1))
    answers = [get_me(secret) for secret in ("invented", expired, revoked)]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1


def test_until_its_last_second(cast: Cast) -> None:
    with time_machine.travel("2026-11-02T08:00Z", tick=False) as clock:
        _, secret = make(cast, lifetime=timedelta(days=1))
        clock.shift(timedelta(days=1, seconds=-1))
        assert get_me(secret).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert get_me(secret).status_code == 401


def test_a_session_opens_nothing_here(cast: Cast, client: Client) -> None:
    sign_in(client, cast.clinician_prairie)
    assert client.get(ME).status_code == 401


def test_a_token_does_not_touch_a_session_beside_it(cast: Cast, client: Client) -> None:
    """As on the page of the interface, where the browser sends its cookies along."""
    sign_in_by_page(client, cast.editor.email)
    mark = client.cookies["consilium_reader"].value
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        _, secret = make(cast)
        assert client.get(ME, headers={"Authorization": f"Token {secret}"}).json()["email"] != cast.editor.email
    assert client.cookies["consilium_reader"].value == mark


def test_its_use_is_noted_once_a_minute(cast: Cast) -> None:
    with time_machine.travel("2026-11-02T08:00Z", tick=False) as clock:
        token, secret = make(cast)
        began = timezone.now()
        for shift, seen in ((0, began), (59, began), (1, began + timedelta(minutes=1))):
            clock.shift(shift)
            get_me(secret)
            token.refresh_from_db()
            assert token.last_used_at == seen


def test_a_token_opens_nothing_without_a_role(cast: Cast) -> None:
    """Asked at every request, not only when an administrator revokes it."""
    _, secret = make(cast)
    cast.clinician_prairie.roles.update(organization=cast.lakeside)
    assert get_me(secret).status_code == 200
    Organization.objects.filter(pk=cast.lakeside.pk).update(deactivated_at=timezone.now())
    assert get_me(secret).status_code == 401


def test_limits(cast: Cast) -> None:
    for days in (0, -1, 367):
        with pytest.raises(Invalid):
            make(cast, lifetime=timedelta(days=days))
    for _ in range(20):
        make(cast)
    with pytest.raises(Conflict, match="more than 20"):
        make(cast)
    idle = make_person("idle@prairie.example", "Idle")
    with pytest.raises(Conflict, match="no active role"):
        create_token(by=idle, person=idle, name="x")


def test_nobody_revokes_anothers(cast: Cast, client: Client) -> None:
    token, secret = make(cast)
    for other in (cast.clinician_lakeside, cast.admin_prairie, cast.network_admin):
        with pytest.raises(Refused):
            revoke_token(by=other, token=token)
        assert sign_in(client, other).post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert get_me(secret).status_code == 200


def test_the_page_shows_it_once(cast: Cast, client: Client) -> None:
    sign_in_by_page(client, cast.clinician_prairie.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.post("/account/tokens/", {"name": "zebra", "days": 7})
    (secret,) = answer.context["secrets"]
    assert secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    token = ApiToken.objects.get()
    assert token.expires_at - token.created_at == timedelta(days=7)
    assert get_me(secret).status_code == 200
    assert secret not in client.get("/account/tokens/").content.decode()
    client.post(f"/account/tokens/{token.pk}/revoke/")
    assert get_me(secret).status_code == 401
    assert b"The token zebra is revoked." in client.get("/account/tokens/").content
    assert b"zebra" not in client.get("/account/tokens/").content


def test_making_one_asks_for_the_password_and_goes_on(cast: Cast, client: Client) -> None:
    sign_in_by_page(client, cast.clinician_prairie.email)
    answer = client.post("/account/tokens/", {"name": "ward", "days": 7})
    assert answer.headers["Location"] == "/accounts/reauthenticate/?next=%2Faccount%2Ftokens%2F"
    assert not ApiToken.objects.exists()
    answer = client.post(answer.headers["Location"], {"password": PASSWORD, "next": "/account/tokens/"})
    assert len(answer.context["secrets"]) == 1
    assert ApiToken.objects.count() == 1


def test_the_command_prints_the_token_and_nothing_else(cast: Cast) -> None:
    out = StringIO()
    call_command("token", "Clinician@Prairie.example", "--days", "3", "--name", "script", stdout=out)
    secret = out.getvalue().removesuffix("\n")
    assert "\n" not in secret
    assert get_me(secret).status_code == 200
    token = ApiToken.objects.get()
    assert (token.name, token.expires_at - token.created_at) == ("script", timedelta(days=3))
    assert AuditEvent.objects.get(object_type="token").actor == "manage.py token"


@pytest.mark.parametrize("arguments", [("nobody@prairie.example",), ("editor@network.example", "--days", "0")])
def test_the_command_says_what_is_wrong(cast: Cast, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("token", *arguments, stdout=StringIO())
    assert not ApiToken.objects.exists()
