"""Every address of the site, by every method, as every role and as an outsider, against the table in role_walk.txt.

A new address fails this test until it has its rows. `pytest tests/portal/test_role_walk.py --observed FILE` writes what
was seen, to be read line by line before it becomes the table: the table says who *may*, not who can.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from consults.models import Availability
from consults.services import attachments
from knowledge.models import Document, Revision
from portal.common import heartbeat
from portal.common.models import Notice
from portal.members.models import ApiToken, Invitation, Person, Role, Specialty, digest
from tests.cast import Cast, away, give, make_person
from tests.consults.helpers import closed, drafted, sent

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
def world(cast: Cast, settings: Any, tmp_path: Path) -> SimpleNamespace:
    """One of each thing, all of Prairie's clinician; and the people who try."""
    neurology = Specialty.objects.get(slug="neurology")
    people: dict[str, Person | None] = {
        "outsider": None,
        "clinician": cast.clinician_prairie,
        "colleague": give(
            make_person("second@prairie.example", "Ana Sol"), Role.Name.CLINICIAN, organization=cast.prairie
        ),
        "foreign": cast.clinician_lakeside,
        "admin": cast.admin_prairie,
        "foreign-admin": give(
            make_person("admin@lakeside.example", "Liv Ek"),
            Role.Name.ORGANIZATION_ADMINISTRATOR,
            organization=cast.lakeside,
        ),
        "specialist": cast.specialist,
        "neurologist": give(
            make_person("neuro@network.example", "Lee Park"), Role.Name.SPECIALIST, specialties=(neurology,)
        ),
        "lead": cast.lead,
        "editor": cast.editor,
        "network-admin": cast.network_admin,
        "auditor": cast.auditor,
    }
    document = Document.objects.create(slug="walked", kind="topic")
    revision = Revision.objects.create(
        document=document, number=1, title="Walked", body="Text", content_hash="x", author=cast.reviewer
    )
    Revision.objects.filter(pk=revision.pk).update(state="published", published_at=timezone.now())
    Document.objects.filter(pk=document.pk).update(current_revision=revision)
    consult = sent(cast, at=timezone.now())
    file = attachments.attach(
        consult,
        by=cast.clinician_prairie,
        upload=SimpleUploadedFile("a.txt", b"notes"),
        at=timezone.now(),
    )
    draft = drafted(cast)
    invitation = Invitation.objects.create(
        email="new@prairie.example",
        role="clinician",
        organization=cast.prairie,
        digest=digest("secret"),
        expires_at=timezone.now() + timedelta(days=1),
    )
    token = ApiToken.objects.create(
        person=cast.clinician_prairie, digest=digest("t"), hint="t", expires_at=timezone.now() + timedelta(days=1)
    )
    for person in filter(None, people.values()):
        ApiToken.objects.create(
            person=person, digest=digest(person.email), hint="x", expires_at=timezone.now() + timedelta(days=1)
        )
    heartbeat.beat("sweep")
    notice = Notice.objects.create(person=cast.clinician_prairie, kind="k", text="t", path="/", key="k")
    values = {
        "number": consult.number,
        "key": file.key,
        "slug": "walked",
        "token": "secret",
    }
    special: dict[str, dict[str, object]] = {
        "ask-draft": {"number": draft.number},
        "ask-discard": {"number": draft.number},
        "ask-detach": {"number": draft.number, "key": file.key},
        "notice": {"pk": notice.pk},
        "notice-read": {"pk": notice.pk},
        "token-revoke": {"pk": token.pk},
        "invitation-resend": {"pk": invitation.pk},
        "invitation-revoke": {"pk": invitation.pk},
        "facility-remove": {"slug": "prairie", "pk": cast.prairie_clinic.pk},
        "role-remove": {"pk": cast.clinician_prairie.pk, "role": cast.clinician_prairie.roles.get().pk},
    }
    offered = closed(cast)
    for name in ("answer", "answer-decline", "answer-undo", "api-answer-draft", "api-answer-decline"):
        special[name] = {"number": offered.number}
    for name in ("document-revision", "api-revision"):
        special[name] = {"number": revision.number}
    for name in ("specialty-follow", "specialty-unfollow"):
        special[name] = {"slug": "cardiology"}
    special |= {key: {"slug": "cardiology"} for key in ("section", "section-rota", "section-absence", "api-routing")}
    leave = timezone.now() + timedelta(days=30)
    absence = away(cast.specialist, leave + timedelta(days=1), since=leave)
    special |= {key: {"pk": absence.pk} for key in ("absence-remove", "api-absence-remove")}
    Availability.objects.create(person=cast.specialist, feed_digest=digest("secret"))
    for name in ("person", "role-give", "person-deactivate", "person-reactivate"):
        special[name] = {"pk": cast.clinician_prairie.pk}
    for name in ("organization", "people", "facility-add", "organization-deactivate", "organization-reactivate"):
        special[name] = {"slug": "prairie"}
    return SimpleNamespace(people=people, values=values, special=special)


def address_of(world: SimpleNamespace, name: str, route: str) -> str | None:
    """A concrete address; None for allauth's links that carry a secret of their own."""
    known = world.special.get(name, {}) | {
        k: v for k, v in world.values.items() if k not in world.special.get(name, {})
    }
    wanted = {key: value for key, value in known.items() if f":{key}>" in route}
    try:
        return reverse(name, kwargs=wanted)
    except Exception:  # noqa: BLE001 - regular expressions of allauth
        return None


def call(world: SimpleNamespace, role: str, method: str, path: str) -> int:
    """The status, with whatever it changed undone."""
    client, person = Client(), world.people[role]
    headers = {}
    with transaction.atomic():
        if person and path.startswith("/api/v1/"):
            headers["Authorization"] = f"Token {person.email}"
        elif person:
            client.force_login(person)
        if method == "GET":
            response: Any = client.get(path, headers=headers)
        elif path.startswith("/api/v1/"):
            response = client.post(path, {}, content_type="application/json", headers=headers)
        else:
            response = client.post(path)
        if response.streaming:
            response.getvalue()
        status = int(response.status_code)
        transaction.set_rollback(True)
    return status


def walked(world: SimpleNamespace) -> dict[str, list[int]]:
    rows = {}
    for name, route in addresses():
        path = address_of(world, name, route)
        if path is not None:
            for method in METHODS:
                rows[f"{method} {name}"] = [call(world, role, method, path) for role in ROLES]
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
            foreign, missing = (
                reverse(name, kwargs={"number": number} | ({"key": world.values["key"]} if "key" in route else {}))
                for number in (world.values["number"], "C-999999")
            )
            for method in (client.get, client.post):
                one, other = (method(path, headers=token if "/api/" in path else {}) for path in (foreign, missing))
                assert one.status_code == other.status_code
                assert _body(one) == _body(other), f"{role} {name}"


def _body(response: Any) -> str:
    """The body without what differs at each request: the CSRF token."""
    import re

    return re.sub(r'value="[A-Za-z0-9]{64}"|"X-CSRFToken": "[A-Za-z0-9]{64}"', "", response.content.decode())
