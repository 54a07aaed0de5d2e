"""The outermost layer: what no page takes is refused, the walls stand on every answer, and a refusal leaves a line."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from portal.common.weaknesses import LIFETIME
from tests.cast import Cast, sign_in
from tests.portal.common.test_startup import GOOD, run

WALLS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/nothing/", "/healthz", "/api/v1/me/", "/a%00b/"])
def test_the_walls_stand_on_every_answer(path: str, client: Client, cast: Cast) -> None:
    sign_in(client, cast.clinician_prairie)
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    for rule in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    # Django's own layer for frames lies further in; the policy above says the same.
    expected = WALLS if path != "/a%00b/" else {name: WALLS[name] for name in list(WALLS)[:3]}
    assert {name: answer.get(name) for name in expected} == expected


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "CONNECT"])
def test_a_method_that_nothing_serves_is_refused_everywhere(method: str, client: Client, cast: Cast) -> None:
    sign_in(client, cast.clinician_prairie)
    for path in ("/", "/consults/", "/accounts/login/", "/api/v1/me/", "/healthz"):
        answer = client.generic(method, path)
        assert (answer.status_code, answer.content) == (405, b""), path
        assert "TRACE" not in answer["Allow"]


@pytest.mark.django_db
def test_a_refusal_says_who_what_and_from_where(client: Client, cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    sign_in(client, cast.clinician_prairie)
    with caplog.at_level(logging.WARNING):
        answer = client.get("/editing/?q=chest+pain", headers={"X-Forwarded-For": "6.6.6.6"})
    assert answer.status_code == 403
    line = f"Refused with 403: GET /editing/, person {cast.clinician_prairie.pk} from 127.0.0.1, request "
    assert [record.getMessage() for record in caplog.records] == [line + answer["X-Request-ID"]]


@pytest.mark.django_db
def test_a_missing_record_is_noted_too_and_nobody_writes_a_line_of_their_own(
    client: Client, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        client.get("/x%0a2026-01-01 WARNING forged/")
    (record,) = caplog.records
    assert "\n" not in record.getMessage()
    assert record.getMessage().startswith(r"Refused with 404: GET /x\n2026-01-01 WARNING forged/, person unknown")


@pytest.mark.django_db
def test_what_went_well_leaves_no_line(client: Client, cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    sign_in(client, cast.clinician_prairie)
    with caplog.at_level(logging.INFO, logger="portal.common.middleware"):
        assert client.get("/").status_code == 200
    assert caplog.records == []


def test_in_production_no_other_host_can_set_a_cookie_of_ours() -> None:
    names = "settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, kept.COOKIE"
    program = "import django; django.setup(); from django.conf import settings; from portal.members import kept; "
    done = run(f"{program}print({names}, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE)", **GOOD)
    assert done.stdout.split() == [
        "__Host-consilium_session",
        "__Host-consilium_csrf",
        "__Host-consilium_reader",
        "True",
        "True",
    ], done.stderr


class TestSecurityTxt:
    PATH = "/.well-known/security.txt"

    def test_says_whom_to_write_to(self, client: Client, settings_with_contact: None) -> None:
        answer = client.get(self.PATH)
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
        assert fields["Contact"] == "mailto:security@network.example"
        assert fields["Canonical"] == settings.SITE_URL + self.PATH
        until = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        assert LIFETIME - timedelta(days=1) <= until - timezone.now() <= LIFETIME

    @pytest.mark.django_db
    def test_is_not_there_without_a_contact(self, client: Client) -> None:
        assert client.get(self.PATH).status_code == 404

    @pytest.mark.parametrize("value", ["security@network.example", "http://network.example", "mailto:a\nExpires: x"])
    def test_a_bad_contact_stops_the_program(self, value: str) -> None:
        done = run("import django; django.setup()", **GOOD | {"SECURITY_CONTACT": value})
        assert done.returncode != 0
        assert "SECURITY_CONTACT is" in done.stderr

    @pytest.fixture
    def settings_with_contact(self, settings: object, db: None) -> None:
        settings.SECURITY_CONTACT = "mailto:security@network.example"  # type: ignore[attr-defined]
