"""Every address of the site, by every method, as every role and as an outsider, against the table in role_walk.txt.

A new address fails this test until it has its rows. `pytest tests/portal/test_role_walk.py --observed FILE` writes what
was seen, to be read line by line before it becomes the table: the table says who *may*, not who can.
"""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
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
from consults.services import attachments, promising
from knowledge.models import Document, Feedback, Overlay, Revision
from knowledge.services import (
    Learned,
    add_remark,
    add_to_list,
    attaching,
    create_list,
    record_education,
    stop_token,
    submit_revision,
)
from portal.common import heartbeat
from portal.common.models import Notice
from portal.members.models import ApiToken, Invitation, Person, Role, Specialty, digest
from tests.cast import Cast, away, give, make_person
from tests.consults.helpers import closed, drafted, sent
from tests.knowledge.pictures import picture

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


def beside(cast: Cast, revision: Revision) -> dict[str, dict[str, object]]:
    """A note of Prairie and its clinician's comment, by the addresses that name them."""
    on = {"document": revision.document, "revision": revision}
    writer = cast.admin_prairie
    said = {"place": "text", "number": 0, "quote": "Text", "text": "Note", "author": writer, "changed_by": writer}
    overlay = Overlay.objects.create(organization=cast.prairie, **on, **said)
    feedback = Feedback.objects.create(person=cast.clinician_prairie, **on, answer="yes", comment="Thank you")
    notes = ("overlay", "overlay-keep", "overlay-delete", "api-overlay", "api-overlay-keep")
    comments = ("comment", "api-feedback-reply")
    named: dict[str, dict[str, object]] = {name: {"pk": overlay.pk} for name in notes}
    return named | {name: {"pk": feedback.pk} for name in comments}


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
    waiting = Revision.objects.create(
        document=document,
        number=2,
        title="Walked",
        body="Text",
        content_hash="x",
        author=cast.reviewer,
        specialty_slugs=["cardiology"],
    )
    submit_revision(
        revision=waiting, reviewers=[(cast.lead, cast.specialist)], due_on=timezone.localdate(), by=cast.reviewer
    )
    review, remark = waiting.reviews.get(), add_remark(revision=waiting, text="Walked.", by=cast.lead)
    to_send = Document.objects.create(slug="sent", kind="topic")
    Revision.objects.create(document=to_send, number=1, title="Sent", body="Text", content_hash="x")
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
    shown = attaching.attach(document=document, upload=SimpleUploadedFile("way.png", picture()), by=cast.editor)
    for name in ("document-file", "document-file-remove", "api-attachment"):
        special[name] = {"name": shown.name}
    special |= beside(cast, revision)
    special |= of_the_desk(cast)
    special |= of_a_review(waiting, review.pk, remark.pk)
    special |= of_a_reader(cast.clinician_prairie, document)
    for name in ("document-revision", "api-revision", "revision-pdf", "revision-print-style"):
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
    for name in ("organization-acknowledgements", "organization-remind"):
        special[name] = {"slug": "prairie"}
    return SimpleNamespace(people=people, values=values, special=special)


def of_the_desk(cast: Cast) -> dict[str, dict[str, object]]:
    """What is promised, and a closed consult offered to the editors."""
    answer = timedelta(hours=4)
    promise = promising.define_promise(by=cast.network_admin, urgency="urgent", answer=answer).promise
    hours = [[["08:00", "12:00"]]] * 7
    calendar = promising.define_calendar(
        by=cast.network_admin, name="Office", zone="UTC", week=hours, today=timezone.localdate()
    )
    found: dict[str, dict[str, object]] = {name: {"pk": promise.pk} for name in ("promise", "promise-end")}
    offers = ("answer", "answer-decline", "answer-undo", "api-answer-draft", "api-answer-decline")
    number = closed(cast).number
    found |= {name: {"number": number} for name in offers}
    return found | {"calendar": {"pk": calendar.calendar_id}}


def of_a_review(revision: Revision, review: int, remark: int) -> dict[str, dict[str, object]]:
    """What the addresses of a review name; of a draft to send there is another document's."""
    here: dict[str, object] = {"number": revision.number}
    whole = (
        "review review-decide review-withdraw review-add review-remark api-review api-reviews api-withdraw api-remarks"
    )
    one = "review-replace review-claim review-remind"
    one += " api-review-decide api-review-replace api-review-claim api-review-remind"
    said = "remark-reply remark-resolve remark-reopen api-remark-resolve api-remark-reopen"
    found: dict[str, dict[str, object]] = {
        "document-submit": {"slug": "sent"},
        "api-submit": {"slug": "sent", "number": 1},
    }
    found |= dict.fromkeys(whole.split(), here)
    found |= {name: here | {"pk": review} for name in one.split()}
    return found | {name: here | {"pk": remark} for name in said.split()}


def of_a_reader(person: Person, document: Document) -> dict[str, dict[str, object]]:
    """What belongs to one person alone: a list, an entry of continuing education, the link of their digest."""
    document.refresh_from_db()
    kept = create_list(name="Kept", by=person)
    add_to_list(reading_list=kept, document=document, by=person)
    learned = Learned(on=date(2026, 1, 2), question="What was walked?", documents=[document], effect="none")
    entry = record_education(learned=learned, by=person)
    lists = ("list", "list-rename", "list-delete", "list-up", "list-down", "list-remove")
    rest = ("api-list", "api-list-documents", "api-list-document")
    entries = ("education-entry", "education-delete", "api-education-entry")
    found: dict[str, dict[str, object]] = {name: {"pk": kept.pk} for name in (*lists, *rest)}
    found |= {name: {"pk": entry.pk} for name in entries}
    return found | {name: {"token": stop_token(person)} for name in ("digest-stop", "digest-start")}


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
            response: Any = (
                Client().get(path, headers=headers)
                if method == "GET"
                else Client().post(path, {}, content_type="application/json", headers=headers)
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
    for name, route in addresses():
        path = address_of(world, name, route)
        heartbeat.beat("sweep")  # the walk takes longer than a sweep may be away
        if path is not None:
            heartbeat.beat("sweep")  # readiness asks for a recent one, and the walk is long
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
