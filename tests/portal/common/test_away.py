"""What the site answers while its database is away: a process of its own, and an address where nobody is."""

import json
import subprocess
import sys
from typing import Any

import pytest
from django.db import InternalError
from django.test import RequestFactory
from psycopg.errors import ReadOnlySqlTransaction

from portal.common.errors import broken
from portal.common.problems import handler
from tests.environment import ROOT
from tests.programs import child_environment, free_port

PROGRAM = """
import json, django
django.setup()
from django.test import Client
def ask(path, **headers):
    response = Client(raise_request_exception=False).get(path, headers=headers)
    return [response.status_code, response["Content-Type"], response.get("Retry-After", "")]
print(json.dumps({
    "health": ask("/healthz"), "ready": ask("/readyz"), "page": ask("/"), "sign-in": ask("/accounts/login/"),
    "rest": ask("/api/v1/me/", Authorization="Token x"),
    "words": Client(raise_request_exception=False).get("/readyz").json(),
}))
"""


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    nowhere = f"postgresql://consilium_app@127.0.0.1:{free_port()}/none"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=child_environment(DATABASE_URL=nowhere),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


def test_alive_and_not_ready(answers: dict[str, Any]) -> None:
    assert answers["health"][0] == 200
    assert (answers["ready"][0], answers["ready"][2]) == (503, "30")
    checks = answers["words"]["checks"]
    assert checks["database"] == {"ok": False, "detail": "cannot be asked (OperationalError)"}
    assert checks["broker"]["ok"]


@pytest.mark.parametrize("what", ["page", "sign-in", "rest"])
def test_a_page_says_to_come_back(answers: dict[str, Any], what: str) -> None:
    status, kind, retry = answers[what]
    assert (status, retry) == (503, "10")
    assert kind == "application/problem+json" if what == "rest" else kind.startswith("text/html")


def test_a_database_that_only_reads_is_away_for_who_writes() -> None:
    """While it is being restored, or another one takes its place."""
    try:
        raise InternalError from ReadOnlySqlTransaction()
    except InternalError as error:
        found = [handler(error, {}), broken(RequestFactory().get("/"))]
    assert [one and (one.status_code, one.headers["Retry-After"]) for one in found] == [(503, "10")] * 2
