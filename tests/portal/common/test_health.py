"""/healthz and /readyz: what a monitor is told, which check failed, and that nobody is named."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from knowledge.models import Document
from portal import settings as real
from portal.common import heartbeat
from portal.common.models import Mail

pytestmark = pytest.mark.django_db
CHECKS = {
    "database",
    "clock",
    "broker",
    "sweep",
    "mail",
    "upload scanner",
    "search index",
    "scheduled publications",
}


def readyz() -> tuple[Any, dict[str, bool]]:
    response = Client().get("/readyz")
    body = response.json()
    return response, {name: row["ok"] for name, row in body["checks"].items()}


def test_ready_when_everything_is_fine() -> None:
    heartbeat.beat("sweep")
    response, checks = readyz()
    assert (response.status_code, checks) == (200, dict.fromkeys(CHECKS, True))
    assert response.json()["status"] == "ready"
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("age", "fine"), [(timedelta(seconds=170), True), (timedelta(seconds=190), False), (timedelta(days=3), False)]
)
def test_a_sweep_that_stopped(age: timedelta, fine: bool) -> None:
    heartbeat.beat("sweep", at=timezone.now() - age)
    response, checks = readyz()
    assert response.status_code == (200 if fine else 503)
    assert {name for name, ok in checks.items() if not ok} == (set() if fine else {"sweep"})
    assert ("Retry-After" in response) is not fine


def test_a_sweep_that_never_ran() -> None:
    response, checks = readyz()
    assert response.status_code == 503
    assert response.json()["checks"]["sweep"] == {"ok": False, "detail": "has never run"}
    assert checks["mail"]


@pytest.mark.parametrize(("minutes", "fine"), [(9, True), (11, False)])
def test_mail_that_does_not_leave(minutes: int, fine: bool) -> None:
    heartbeat.beat("sweep")
    at = timezone.now() - timedelta(minutes=minutes)
    Mail.objects.create(key="k", to="dana@prairie.example", subject="Secret", body="x", created_at=at)
    Mail.objects.create(key="l", to="a@b.example", subject="Old", created_at=at - timedelta(days=9), sent_at=at)
    response, checks = readyz()
    assert {name for name, ok in checks.items() if not ok} == (set() if fine else {"mail"})
    assert "dana" not in response.content.decode()
    assert "Secret" not in response.content.decode()


def test_an_index_that_lags() -> None:
    heartbeat.beat("sweep")
    Document.objects.create(slug="d", kind="topic", version=2, changed_at=timezone.now() - timedelta(minutes=6))
    _, checks = readyz()
    assert {name for name, ok in checks.items() if not ok} == {"search index"}


@pytest.mark.parametrize(
    ("apart", "words"),
    [
        # Some seconds may pass between the two clocks on a busy machine, and make this one look slower.
        (timedelta(seconds=4), ""),
        (timedelta(seconds=-1), ""),
        (timedelta(seconds=60), r"(5\d|60) s ahead of"),
        (timedelta(days=-1), r"8640\d s behind"),
    ],
)
def test_a_host_whose_clock_is_wrong(settings: LazySettings, apart: timedelta, words: str) -> None:
    settings.CLOCK = real.CLOCK
    with time_machine.travel(timezone.now() + apart):
        heartbeat.beat("sweep")
        response, checks = readyz()
    assert {name for name, ok in checks.items() if not ok} == ({"clock"} if words else set())
    assert response.status_code == (503 if words else 200)
    detail = response.json()["checks"]["clock"]["detail"]
    assert re.fullmatch(rf"this host's is {words} the database's" if words else "agrees with the database's", detail)


def test_where_tests_stop_the_clock_it_is_the_right_one() -> None:
    with time_machine.travel(timezone.now() - timedelta(days=9), tick=False):
        heartbeat.beat("sweep")
        response, checks = readyz()
    assert checks["clock"]
    assert response.status_code == 200


def test_a_broker_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat.beat("sweep")
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis+socket:///nowhere/broker.sock")
    response, checks = readyz()
    assert {name for name, ok in checks.items() if not ok} == {"broker"}
    assert "cannot be reached" in response.json()["checks"]["broker"]["detail"]


def test_alive_says_nothing_more() -> None:
    response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


def test_one_address_that_takes_no_mail_does_not_make_the_site_unready() -> None:
    heartbeat.beat("sweep")
    long_ago = timezone.now() - timedelta(days=3)
    Mail.objects.create(
        key="k", to="gone@prairie.example", subject="S", body="x", created_at=long_ago, attempts=70,
        last_error="SMTPRecipientsRefused",
    )  # fmt: skip
    response, _ = readyz()
    assert response.status_code == 200
