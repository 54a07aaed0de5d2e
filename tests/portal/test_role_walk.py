"""Every address of the site, by every method, as every role and as an outsider, against the table in role_walk.txt.

A new address fails this test until it has its rows. `pytest tests/portal/test_role_walk.py --observed FILE` writes what
was seen, to be read line by line before it becomes the table: the table says who *may*, not who can.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.common import heartbeat
from tests.cast import Cast
from tests.portal.walked_world import walked_world

TABLE = Path(__file__).with_name("role_walk.txt")
METHODS = ("GET", "POST")
ROLES = (
    "outsider",
    "clinician",
    "colleague",
    "foreign",
    "admin",
    "foreign-admin",
    "specialist",
    "neurologist",
    "lead",
    "editor",
    "network-admin",
    "auditor",
)


def addresses() -> Iterator[tuple[str, str]]:
    """(name, route) of everything the resolver knows."""

    def below(patterns: list[Any], route: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            here = route + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from below(pattern.url_patterns, here)
            elif isinstance(pattern, URLPattern):
                yield pattern.name or here, here

    yield from below(get_resolver().url_patterns, "/")


@pytest.fixture
def world(cast: Cast) -> Iterator[SimpleNamespace]:
    """As long as the walk takes, it is one moment: readiness asks for recent work, and sessions end."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        made = walked_world(cast)
        made.rest = Client()
        yield made


def address_of(world: SimpleNamespace, name: str, route: str) -> str:
    """A concrete address. Raises NoReverseMatch for one whose parameters nothing in the world fills."""
    known = world.values | world.special.get(name, {})
    wanted = {key: value for key, value in known.items() if re.search(f"[:<]{key}>", route)}
    return reverse(name, kwargs=wanted)


def signed_in(world: SimpleNamespace) -> dict[str, Client]:
    """A browser for each role; signing in anew for every address would be most of the walk."""
    clients = {role: Client() for role in ROLES}
    for role, person in world.people.items():
        if person:
            clients[role].force_login(person)
    return clients


def call(world: SimpleNamespace, client: Client, role: str, method: str, path: str) -> int:
    """The status, with whatever it changed undone."""
    person, cookies = world.people[role], deepcopy(client.cookies)
    with transaction.atomic():
        if path.startswith("/api/v1/"):
            headers = {"Authorization": f"Token {person.email}"} if person else {}
            world.rest.cookies.clear()
            response: Any = (
                world.rest.get(path, headers=headers)
                if method == "GET"
                else world.rest.post(path, {}, content_type="application/json", headers=headers)
            )
        else:
            response = client.get(path) if method == "GET" else client.post(path)
        if response.streaming:
            response.getvalue()
        status = int(response.status_code)
        transaction.set_rollback(True)
    client.cookies = cookies
    return status


def walked(world: SimpleNamespace) -> dict[str, list[int]]:
    rows, clients = {}, signed_in(world)
    heartbeat.beat("sweep")
    for name, route in addresses():
        path = address_of(world, name, route)
        for method in METHODS:
            rows[f"{method} {name}"] = [call(world, clients[role], role, method, path) for role in ROLES]
    return rows


def written() -> dict[str, list[int]]:
    lines = (line for line in TABLE.read_text().splitlines() if line and not line.startswith("#"))
    return {" ".join(line.split()[:2]): [int(word) for word in line.split()[2:]] for line in lines}


@pytest.mark.django_db
def test_every_address_answers_every_role_as_the_table_says(
    world: SimpleNamespace, request: pytest.FixtureRequest
) -> None:
    seen = walked(world)
    if where := request.config.getoption("--observed"):
        width = max(map(len, seen))
        header = f"# {'address':<{width - 2}} " + " ".join(f"{role[:7]:>7}" for role in ROLES)
        lines = [f"{name:<{width}} " + " ".join(f"{code:>7}" for code in codes) for name, codes in seen.items()]
        Path(where).write_text("\n".join([header, *lines]) + "\n")
    expected = written()
    wrong = [
        f"{name} as {role}: {code}, the table says {expected[name][place] if name in expected else 'nothing'}"
        for name, codes in seen.items()
        for place, (role, code) in enumerate(zip(ROLES, codes, strict=True))
        if name not in expected or expected[name][place] != code
    ]
    gone = sorted(expected.keys() - seen.keys())
    assert not wrong, "\n".join(wrong)
    assert not gone, f"rows without an address: {gone}"


@pytest.mark.django_db
def test_a_foreign_record_and_a_missing_one_answer_the_same(world: SimpleNamespace) -> None:
    """Same status and same body, for each address of someone else's consult, by page and by REST."""
    for role in ("foreign", "colleague", "foreign-admin"):
        client = Client()
        client.force_login(world.people[role])
        token = {"Authorization": f"Token {world.people[role].email}"}
        for name, route in addresses():
            if "<str:number>" not in route or "/ask/" in route:
                continue
            others = {"key": world.values["key"], "pk": world.people["clinician"].pk, "kind": "ask"}
            others = {key: value for key, value in others.items() if f":{key}>" in route}
            foreign, missing = (
                reverse(name, kwargs={"number": number} | others) for number in (world.values["number"], "C-999999")
            )
            for method in (client.get, client.post):
                one, other = (method(path, headers=token if "/api/" in path else {}) for path in (foreign, missing))
                assert one.status_code == other.status_code
                assert _body(one) == _body(other), f"{role} {name}"


def _body(response: Any) -> str:
    """The body without what differs at each request: the CSRF token."""
    return re.sub(r'value="[A-Za-z0-9]{64}"|"X-CSRFToken": "[A-Za-z0-9]{64}"', "", response.content.decode())
