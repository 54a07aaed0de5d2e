"""How often the pages that everyone opens ask the database: ceilings that only ever come down."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.search import store
from knowledge.services import indexing
from portal.members import middleware
from portal.members.models import Person
from portal.members.models_applications import Application
from tests.cast import Cast, sign_in
from tests.consults.helpers import IN_STATE, after, claimed, sent, waiting
from tests.knowledge.helpers import FLOW, make_document

pytestmark = pytest.mark.django_db

# What a request costs only here, within the transaction of a test: savepoints, and the scope it puts back.
OF_THE_TEST = re.compile(r"(RELEASE )?SAVEPOINT|SELECT set_config\(")
QUESTION = {
    "question": "Which dose of apixaban at an eGFR of 22?",
    "summary": "72-year-old with atrial fibrillation, 70 kg, eGFR 22 mL/min and stable.",
    "specialty": "cardiology",
    "reason": "dosing",
}


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    # The time of the last request is written once a minute, which may end in the midst of a test.
    monkeypatch.setattr(middleware, "STAMP_EVERY", 86_400)
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    yield
    store.close()


def asked(person: Person, path: str, data: dict[str, str] | None = None) -> int:
    """The statements of one request, of a session that is under way and a page that was opened before."""
    client = sign_in(Client(), person)
    client.get("/account/")
    if data is None:
        client.get(path)
    with CaptureQueriesContext(connection) as seen:
        status = (client.get(path) if data is None else client.post(path, data)).status_code
    assert status == (200 if data is None else 302)
    return sum(not OF_THE_TEST.match(query["sql"]) for query in seen)


@pytest.mark.parametrize(("who", "most"), [("clinician_prairie", 7), ("specialist", 7), ("editor", 8)])
def test_a_document(cast: Cast, tmp_path: Path, who: str, most: int) -> None:
    make_document(tmp_path, "near", codes=["I48.0"])
    advice = {"text": "Listen for a murmur.", "verified_on": "2025-01-02", "due_on": "2026-01-02"}
    body = f"{FLOW}\n\nsee [it](document:near)"
    found = make_document(
        tmp_path, "murmur", recommendations=[advice], references=["A source"], codes=["I48.0"], body=body
    )
    assert asked(getattr(cast, who), found.get_absolute_url()) <= most


def test_the_queue(cast: Cast) -> None:
    for make in (sent, claimed, waiting):
        make(cast)
    assert asked(cast.specialist, "/queue/") <= 4


@pytest.mark.parametrize(("who", "most"), [("clinician_prairie", 6), ("specialist", 8), ("lead", 9)])
@pytest.mark.parametrize("state", ["queued", "assigned", "waiting", "answered", "closed"])
def test_a_consult(cast: Cast, who: str, most: int, state: str) -> None:
    consult = IN_STATE[state](cast)
    assert asked(getattr(cast, who), consult.get_absolute_url()) <= most


@pytest.mark.parametrize(
    ("who", "most"),
    [("clinician_prairie", 11), ("specialist", 9), ("editor", 9), ("admin_prairie", 13), ("network_admin", 12)],
)
def test_home(cast: Cast, tmp_path: Path, who: str, most: int) -> None:
    make_document(tmp_path, "near", codes=["I48.0"])
    sent(cast)
    waiting(cast)
    assert asked(getattr(cast, who), "/") <= most


def test_search(cast: Cast, tmp_path: Path) -> None:
    make_document(tmp_path, "near", body="apixaban dose")
    indexing.index_pending()
    assert asked(cast.clinician_prairie, "/search/?q=apixaban") <= 11


def test_the_ask_form_and_sending_a_question(cast: Cast, tmp_path: Path) -> None:
    make_document(tmp_path, "near", body="apixaban dose")
    indexing.index_pending()
    assert asked(cast.clinician_prairie, "/ask/?document=near") <= 22
    assert asked(cast.clinician_prairie, "/ask/", QUESTION) <= 12


@pytest.mark.parametrize(
    ("who", "step", "state", "most"),
    [
        ("specialist", "claim", "queued", 18),
        ("specialist", "ask", "assigned", 17),
        ("clinician_prairie", "reply", "waiting", 14),
        ("specialist", "answer", "assigned", 24),
        ("clinician_prairie", "close", "answered", 17),
    ],
)
def test_a_step_of_a_consult(cast: Cast, who: str, step: str, state: str, most: int) -> None:
    said = {"text": "70 kg.", "minutes": "5", "course": "new", "referral": "avoided", "value": "5"}
    address = IN_STATE[state](cast).get_absolute_url()
    with time_machine.travel(after(7)):  # nothing of the clock is passed yet
        assert asked(getattr(cast, who), f"{address}{step}/", said) <= most


@pytest.mark.parametrize(("path", "most"), [("/network/applications/", 12), ("/organizations/prairie/", 12)])
def test_who_joins_and_who_belongs(cast: Cast, path: str, most: int) -> None:
    Application.objects.create(
        name="A", kind="clinic", contact_email="a@a.example", clinicians=1, state="waiting", confirmed_at=timezone.now()
    )
    assert asked(cast.network_admin, path) <= most


def test_the_overview_and_ones_files(cast: Cast) -> None:
    assert asked(cast.network_admin, "/overview/") <= 14
    assert asked(cast.auditor, "/exports/") <= 5
