"""A half-written form survives signing in again, for the one who wrote it and nobody else."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from tests.cast import Cast, sign_in
from tests.portal.members.helpers import sign_in_by_page

TYPED = {"name": "Half-written name", "time_zone": "America/Denver", "password": "secret-words", "away_until": ""}


def lose_session(client: Client) -> None:
    """As after a night: the row of the session is gone, the browser still has its cookies."""
    Session.objects.all().delete()


def write(client: Client, cast: Cast) -> str:
    """Sign in, lose the session, post a form; where the browser is sent."""
    sign_in_by_page(client, cast.clinician_prairie.email)
    client.get("/account/")
    lose_session(client)
    answer = client.post("/account/", TYPED)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def everything_kept() -> str:
    return str([SessionStore(row.pk).load() for row in Session.objects.all()])


def test_the_writer_finds_the_text_again(cast: Cast, client: Client) -> None:
    page = write(client, cast)
    assert page == "/accounts/login/?next=%2Faccount%2F"
    assert b"What you had typed is kept" in client.get(page).content
    answer = client.post(page, {"login": cast.clinician_prairie.email, "password": "orchard-lantern-47"})
    assert answer.headers["Location"] == "/account/"
    assert b"Half-written name" in client.get("/account/").content
    assert b"Half-written name" not in client.get("/account/").content
    assert "Half-written" not in everything_kept()


def test_after_the_idle_limit_too(cast: Cast, client: Client) -> None:
    with time_machine.travel("2026-11-02T08:00Z", tick=False) as clock:
        sign_in(client, cast.clinician_prairie)
        client.get("/account/")
        clock.shift(timedelta(minutes=31))
        page = client.post("/account/", TYPED).headers["Location"]
        client.post(page, {"login": cast.clinician_prairie.email, "password": "orchard-lantern-47"})
        assert b"Half-written name" in client.get("/account/").content


def test_another_person_never_sees_it(cast: Cast, client: Client) -> None:
    write(client, cast)
    assert "Half-written" in everything_kept()
    sign_in_by_page(client, cast.clinician_lakeside.email)
    assert "Half-written" not in everything_kept()
    assert b"Half-written name" not in client.get("/account/").content
    client.post("/accounts/logout/")
    sign_in_by_page(client, cast.clinician_prairie.email)
    assert b"Half-written name" not in client.get("/account/").content


def test_not_even_where_the_text_is_still_in_the_session(cast: Cast, client: Client) -> None:
    """``take`` asks for itself whose text it is."""
    write(client, cast)
    session = client.session
    waiting = session["kept_form"]
    sign_in(client, cast.clinician_lakeside)
    client.get("/account/")
    session = client.session
    session["kept_form"] = waiting
    session.save()
    assert b"Half-written name" not in client.get("/account/").content
    assert "kept_form" not in client.session


def test_passwords_and_files_are_not_kept(cast: Cast, client: Client) -> None:
    write(client, cast)
    assert "secret-words" not in everything_kept()
    assert "csrf" not in everything_kept()


def test_nothing_is_kept_for_a_stranger(db: None, client: Client) -> None:
    assert client.post("/account/", TYPED).status_code == 302
    assert "Half-written" not in everything_kept()


def test_nothing_is_kept_with_an_invented_mark(cast: Cast, client: Client) -> None:
    client.cookies["consilium_reader"] = "0" * 64
    client.post("/account/", TYPED)
    sign_in_by_page(client, cast.clinician_prairie.email)
    assert b"Half-written name" not in client.get("/account/").content


def test_nothing_is_kept_after_signing_out_on_purpose(cast: Cast, client: Client) -> None:
    sign_in_by_page(client, cast.clinician_prairie.email)
    client.post("/accounts/logout/")
    assert not client.cookies["consilium_reader"].value
    client.post("/account/", TYPED)
    assert "Half-written" not in everything_kept()


@pytest.mark.parametrize(("size", "is_kept"), [(260_000, True), (270_000, False)])
def test_up_to_256_kilobytes(cast: Cast, client: Client, size: int, is_kept: bool) -> None:
    sign_in_by_page(client, cast.clinician_prairie.email)
    lose_session(client)
    client.post("/account/", {"name": "x" * size})
    assert ("kept_form" in everything_kept()) is is_kept


def test_a_page_left_open_by_another_is_refused(cast: Cast) -> None:
    """The form of one person's page does not post under the next one's session: signing in changes the CSRF token."""
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    old = client.cookies[settings.CSRF_COOKIE_NAME].value
    credentials = {"login": cast.clinician_lakeside.email, "password": "orchard-lantern-47"}
    assert client.post("/accounts/login/", credentials | {"csrfmiddlewaretoken": old}).status_code == 302
    assert client.post("/account/", TYPED | {"csrfmiddlewaretoken": old}).status_code == 403


def test_it_waits_for_its_own_page(cast: Cast, client: Client) -> None:
    write(client, cast)
    sign_in_by_page(client, cast.clinician_prairie.email)
    assert b"Half-written name" not in client.get("/account/tokens/").content
    assert b"Half-written name" in client.get("/account/").content
