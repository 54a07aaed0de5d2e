"""Signing in by password: who gets in, what strangers learn, how often they may try."""

import re
import statistics
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test import Client

from portal.common.models import AuditEvent, Mail
from portal.members.models import Person
from tests.cast import PASSWORD, Cast, make_person, sign_in
from tests.portal.members.helpers import is_signed_in, last_mail, link_in, same_body, sign_in_by_page

STRANGER = "nobody@prairie.example"


def test_by_address_in_any_case(cast: Cast, client: Client) -> None:
    assert sign_in_by_page(client, "Clinician@PRAIRIE.example").status_code == 302
    assert is_signed_in(client)
    assert AuditEvent.objects.get(action="sign in").actor_id == cast.clinician_prairie.pk


def test_a_person_without_a_role_does_not_get_in(cast: Cast, client: Client) -> None:
    person = make_person("idle@prairie.example", "Idle")
    assert sign_in_by_page(client, person.email).headers["Location"] == "/accounts/inactive/"
    assert not is_signed_in(client)


def test_registration_is_closed(client: Client, db: None) -> None:
    fields = {"email": STRANGER, "password1": "harbor-violet-93", "password2": "harbor-violet-93"}
    for answer in (client.get("/accounts/signup/"), client.post("/accounts/signup/", fields)):
        assert answer.status_code == 200
        assert b"password1" not in answer.content
    assert not Person.objects.exists()


def test_an_unverified_address_must_be_proven_first(cast: Cast, client: Client) -> None:
    EmailAddress.objects.filter(user=cast.clinician_prairie).update(verified=False)
    assert sign_in_by_page(client, cast.clinician_prairie.email).headers["Location"] == "/accounts/confirm-email/"
    assert not is_signed_in(client)
    link = link_in(last_mail(cast.clinician_prairie.email))
    client.get(link)
    assert not EmailAddress.objects.get(user=cast.clinician_prairie).verified
    client.post(link)
    assert EmailAddress.objects.get(user=cast.clinician_prairie).verified
    sign_in_by_page(client, cast.clinician_prairie.email)
    assert is_signed_in(client)


def test_a_new_address_counts_once_it_is_confirmed(cast: Cast, client: Client) -> None:
    sign_in_by_page(client, cast.clinician_prairie.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"action_add": "", "email": "dana@prairie.example"})
    assert Person.objects.get(pk=cast.clinician_prairie.pk).email == "clinician@prairie.example"
    client.post(link_in(last_mail("dana@prairie.example")))
    assert Person.objects.get(pk=cast.clinician_prairie.pk).email == "dana@prairie.example"


def test_wrong_password_and_unknown_address_look_the_same(cast: Cast) -> None:
    known = sign_in_by_page(Client(), cast.clinician_prairie.email, "wrong")
    unknown = sign_in_by_page(Client(), STRANGER, "wrong")
    inactive = make_person("idle@prairie.example", "Idle")
    idle = sign_in_by_page(Client(), inactive.email, "wrong")
    pages = [_without(answer, who) for answer, who in ((known, cast.clinician_prairie.email), (unknown, STRANGER))]
    assert known.status_code == 200
    assert pages[0] == pages[1] == _without(idle, inactive.email)


def _without(answer: Any, address: str) -> str:
    return re.sub(r"[A-Za-z0-9]{64}", "", answer.content.decode().replace(address, ""))


def test_a_reset_tells_nobody_who_has_an_account(cast: Cast) -> None:
    answers = []
    for email in (cast.clinician_prairie.email, STRANGER, make_person("idle@prairie.example", "Idle").email):
        client = Client()
        first = client.post("/accounts/password/reset/", {"email": email})
        assert first.headers["Location"] == "/accounts/password/reset/done/"
        answers.append(client.get("/accounts/password/reset/done/"))
    assert answers[0].status_code == 200
    assert same_body(answers[0], answers[1])
    assert same_body(answers[0], answers[2])
    assert Mail.objects.filter(to=STRANGER).get().subject == "No account with this address"


@pytest.mark.parametrize("page", ["/accounts/login/", "/accounts/password/reset/"])
def test_nor_does_the_time_it_takes(cast: Cast, settings: Any, page: str) -> None:
    """With the real hasher; medians, since a busy computer makes single values worthless."""
    settings.ACCOUNT_RATE_LIMITS, settings.EVEN_MILLISECONDS = False, 400
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    cast.clinician_prairie.set_password(PASSWORD)
    cast.clinician_prairie.save()
    times: dict[str, list[float]] = {cast.clinician_prairie.email: [], STRANGER: []}
    client = Client()
    for _ in range(9):
        for email, taken in times.items():
            began = time.perf_counter()
            client.post(page, {"login": email, "email": email, "password": "wrong"})
            taken.append(time.perf_counter() - began)
    known, unknown = (statistics.median(taken) for taken in times.values())
    assert 0.6 < known / unknown < 1.67


APPLIED = {"name": "Riverside", "kind": "hospital", "street": "1 Main Street", "city": "Fargo", "region": "ND"} | {
    "postal_code": "58102",
    "clinicians": "12",
    "contact_name": "Pat Doe",
    "hopes": "",
}


@pytest.mark.parametrize("page", ["/accounts/password/reset/", "/join/", "/apply/", "/api/v1/apply/"])
def test_what_a_stranger_asks_takes_a_whole_step_whatever_is_known(cast: Cast, settings: Any, page: str) -> None:
    settings.EVEN_MILLISECONDS = 400
    is_rest = page.startswith("/api/")
    for email in (cast.clinician_prairie.email, STRANGER):
        fields = APPLIED | {"contact_email": email, "email": email}
        began = time.perf_counter()
        answer = (
            Client().post(page, fields, content_type="application/json") if is_rest else Client().post(page, fields)
        )
        assert answer.status_code == (202 if is_rest else 302), answer.content
        assert time.perf_counter() - began >= 0.4


def test_a_refusal_and_what_names_no_address_wait_for_nothing(cast: Cast, settings: Any) -> None:
    settings.EVEN_MILLISECONDS = 60_000
    settings.ACCOUNT_RATE_LIMITS = {"ask_to_join": "1/h/ip", "reset_password": "1/h/ip"}
    cache.clear()
    for page in ("/accounts/password/reset/", "/join/", "/apply/"):
        assert Client().get(page).status_code == 200
    settings.EVEN_MILLISECONDS = 0
    Client().post("/accounts/password/reset/", {"email": STRANGER})
    settings.EVEN_MILLISECONDS = 60_000
    assert Client().post("/accounts/password/reset/", {"email": STRANGER}).status_code == 429


def test_a_reset_gives_a_new_password_once(cast: Cast, client: Client) -> None:
    client.post("/accounts/password/reset/", {"email": cast.clinician_prairie.email})
    link = link_in(last_mail(cast.clinician_prairie.email))
    new = "harbor-violet-93-kite"
    form = client.get(link).headers["Location"]
    assert client.post(form, {"password1": new, "password2": new}).status_code == 302
    assert not is_signed_in(client)
    sign_in_by_page(client, cast.clinician_prairie.email, new)
    assert is_signed_in(client)
    assert b"password1" not in Client().get(link, follow=True).content


def test_a_secret_link_leads_home_whatever_the_host_header_says(cast: Cast, settings: Any) -> None:
    settings.SITE_URL = "https://consilium.example"
    Client().post(
        "/accounts/password/reset/", {"email": cast.clinician_prairie.email}, headers={"Host": "localhost:666"}
    )
    body = last_mail(cast.clinician_prairie.email).body
    assert "https://consilium.example/accounts/password/reset/key/" in body
    assert "localhost" not in body


def test_mail_is_plain_text_in_the_outbox(cast: Cast) -> None:
    Client().post("/accounts/password/reset/", {"email": cast.clinician_prairie.email})
    Client().post("/accounts/password/reset/", {"email": cast.clinician_prairie.email})
    first, second = Mail.objects.all()
    assert first.key != second.key
    assert first.subject == "Choose a new password"
    for sign in ("<", "&", "{", "Hello from", "Thank you for using"):
        assert sign not in first.body


def attempts_until_refused(email: str, **request: Any) -> int:
    """How many wrong passwords are looked at before the page stops looking."""
    for number in range(1, 30):
        answer = sign_in_by_page(Client(), email.format(number), "wrong", **{k: v(number) for k, v in request.items()})
        if b"Too many attempts" in answer.content:
            return number - 1
    return 30


def test_five_attempts_for_one_address(cast: Cast) -> None:
    assert attempts_until_refused(cast.clinician_prairie.email) == 5
    answer = sign_in_by_page(Client(), cast.clinician_prairie.email)
    assert b"Too many attempts" in answer.content


def test_unknown_addresses_are_limited_alike(db: None) -> None:
    assert attempts_until_refused(STRANGER) == 5


def test_ten_attempts_from_one_computer(db: None) -> None:
    assert attempts_until_refused("person{}@prairie.example") == 10


def test_a_forged_forwarded_header_is_worth_nothing(db: None) -> None:
    """With no proxy in front it is not believed; with one, only what that proxy wrote."""
    forged = {"headers": lambda number: {"X-Forwarded-For": f"198.51.100.{number}"}}
    assert attempts_until_refused("person{}@prairie.example", **forged) == 10


def test_nor_behind_one_proxy(db: None, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    forged = {"headers": lambda number: {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"}}
    assert attempts_until_refused("person{}@prairie.example", **forged) == 10
    real = {"headers": lambda number: {"X-Forwarded-For": f"192.0.2.{number}"}}
    assert attempts_until_refused("other{}@prairie.example", **real) == 30


def test_nor_another_port_in_the_host_header(cast: Cast) -> None:
    varied = {
        "headers": lambda number: {"Host": f"localhost:{number}"},
        "REMOTE_ADDR": lambda number: f"203.0.113.{number}",
    }
    assert attempts_until_refused(cast.clinician_prairie.email, **varied) == 5


def test_signing_in_right_uses_up_nothing(cast: Cast) -> None:
    for _ in range(15):
        assert sign_in_by_page(Client(), cast.clinician_prairie.email).status_code == 302


def test_the_counts_name_nobody_and_outlive_the_process(cast: Cast) -> None:
    sign_in_by_page(Client(), cast.clinician_prairie.email, "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM common_cache")
        keys = " ".join(row[0] for row in cursor.fetchall())
    assert "login_failed" in keys
    assert "prairie" not in keys
    cache.clear()


def test_refused_attempts_are_audited(cast: Cast) -> None:
    sign_in_by_page(Client(), cast.clinician_prairie.email, "wrong")
    event = AuditEvent.objects.get(action="refuse sign-in")
    assert (event.object_id, event.actor_id) == (cast.clinician_prairie.email, None)
    assert "wrong" not in str(event.detail)


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_after_signing_in_nobody_is_led_elsewhere(cast: Cast, client: Client, next_page: str) -> None:
    answer = client.post(
        "/accounts/login/", {"login": cast.clinician_prairie.email, "password": PASSWORD, "next": next_page}
    )
    assert answer.headers["Location"] == "/"


def test_a_change_of_the_password_is_told_by_mail(cast: Cast, client: Client) -> None:
    sign_in(client, cast.clinician_prairie)
    new = "harbor-violet-93-kite"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    mail = last_mail(cast.clinician_prairie.email)
    assert mail.subject == "Your password was changed"
    assert "127.0.0.1" in mail.body
