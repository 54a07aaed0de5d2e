"""How long a session lasts, and what a request costs."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cast import Cast, sign_in
from tests.portal.members.helpers import is_signed_in, sign_in_by_page

Clock = time_machine.Traveller
START = "2026-11-02T08:00Z"


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Time that stands still until it is shifted."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def test_an_idle_session_ends(cast: Cast, client: Client, clock: Clock) -> None:
    sign_in(client, cast.clinician_prairie)
    client.get("/account/")
    clock.shift(timedelta(minutes=30))
    assert is_signed_in(client)
    clock.shift(timedelta(minutes=30, seconds=1))
    answer = client.get("/organizations/?q=x")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/accounts/login/?next=%2Forganizations%2F%3Fq%3Dx"
    assert not Session.objects.filter(session_data__contains="_auth_user_id").exists()
    assert b"signed out after 30 minutes" in client.get(answer.headers["Location"]).content


def test_a_busy_session_ends_after_twelve_hours(cast: Cast, client: Client, clock: Clock) -> None:
    sign_in(client, cast.clinician_prairie)
    client.get("/account/")
    for _ in range(36):
        clock.shift(timedelta(minutes=20))
        assert is_signed_in(client)
    clock.shift(timedelta(seconds=1))
    answer = client.get("/account/")
    assert answer.status_code == 302
    assert b"at most 12 hours" in client.get(answer.headers["Location"]).content


def test_after_signing_in_again_the_hours_count_anew(cast: Cast, client: Client, clock: Clock) -> None:
    sign_in_by_page(client, cast.clinician_prairie.email)
    clock.shift(timedelta(hours=11))
    assert not is_signed_in(client)
    sign_in_by_page(client, cast.clinician_prairie.email)
    for _ in range(6):
        clock.shift(timedelta(minutes=25))
        assert is_signed_in(client)


def test_htmx_is_led_to_the_sign_in_page(cast: Cast, client: Client, clock: Clock) -> None:
    sign_in(client, cast.clinician_prairie)
    client.get("/account/")
    clock.shift(timedelta(hours=1))
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/ask/?document=sepsis"}
    answer = client.get("/account/", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=%2Fask%2F%3Fdocument%3Dsepsis"


@pytest.mark.parametrize("address", ["https://evil.example/ask/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(client: Client, db: None, address: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": address, "Referer": address}
    assert client.get("/account/", headers=headers).headers["HX-Redirect"] == "/accounts/login/?next=%2Faccount%2F"
    assert client.post("/account/", headers={"Referer": address}).headers["Location"].endswith("next=%2Faccount%2F")


def test_a_page_read_writes_no_session(cast: Cast, client: Client, clock: Clock) -> None:
    sign_in_by_page(client, cast.clinician_prairie.email)
    client.get("/account/")
    clock.shift(timedelta(seconds=59))
    with CaptureQueriesContext(connection) as queries:
        client.get("/account/")
    assert not [q for q in queries if q["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    clock.shift(timedelta(seconds=1))
    with CaptureQueriesContext(connection) as queries:
        client.get("/account/")
    written = {q["sql"].split('"')[1] for q in queries if q["sql"].startswith(("UPDATE", "INSERT", "DELETE"))}
    assert written == {"usersessions_usersession", "django_session"}
    assert UserSession.objects.get().last_seen_at == timezone.now()


def test_sign_out_everywhere(cast: Cast) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        sign_in_by_page(client, cast.clinician_prairie.email)
    assert here.get("/accounts/sessions/").status_code == 200
    assert here.post("/accounts/sessions/").status_code == 302
    assert is_signed_in(here)
    assert not is_signed_in(there)


def test_a_new_password_ends_other_sessions(cast: Cast) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        sign_in_by_page(client, cast.clinician_prairie.email)
    new = "harbor-violet-93-kite"
    answer = here.post(
        "/accounts/password/change/", {"oldpassword": "orchard-lantern-47", "password1": new, "password2": new}
    )
    assert answer.status_code == 302
    assert is_signed_in(here)
    assert not is_signed_in(there)


def test_the_cookies_are_guarded(cast: Cast, client: Client) -> None:
    answer = sign_in_by_page(client, cast.clinician_prairie.email)
    for name in ("consilium_session", "consilium_reader"):
        cookie = answer.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
    assert str(cast.clinician_prairie.pk) != answer.cookies["consilium_reader"].value
