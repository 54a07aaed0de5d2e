"""How often the pages that everyone opens ask the database: ceilings, every statement but savepoints counted."""

import os
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.models import Document
from knowledge.search import store
from knowledge.services import indexing
from portal.members import middleware
from portal.members.models import Person
from tests.cast import Cast, sign_in
from tests.consults.helpers import answered, claimed, sent, waiting
from tests.knowledge.helpers import FLOW, load_rows, make_document, row

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path) -> object:
    monkeypatch.setattr(middleware, "STAMP_EVERY", 86_400)
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    yield
    store.close()


def asked(person: Person, path: str, method="get", data=None, status=200) -> int:
    client = sign_in(Client(), person)
    assert client.get("/account/").status_code == 200
    if method == "get":
        client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert getattr(client, method)(path, data).status_code == status
    n = len([q for q in seen if "SAVEPOINT" not in q["sql"]])
    if os.environ.get("SHOW_SQL"):
        print(f"\n=== {method} {path} as {person}: {len(seen)} / {n} without savepoints")
        for i, q in enumerate(seen):
            print(f"{i:3} {q['sql'][:int(os.environ['SHOW_SQL'])]}")
    return n


@pytest.mark.parametrize("who", ["clinician_prairie", "specialist", "editor"])
def test_document(cast, tmp_path, who):
    part = {"text": "Listen for a murmur.", "verified_on": "2025-01-02", "due_on": "2026-01-02"}
    make_document(tmp_path, "near", codes=["I48.0"])
    doc = make_document(tmp_path, "murmur", recommendations=[part], references=["A source"], body=FLOW + "\n\nsee [it](document:near)", codes=["I48.0"])
    asked(getattr(cast, who), doc.get_absolute_url())


def test_queue(cast):
    sent(cast); claimed(cast); waiting(cast)
    asked(cast.specialist, "/queue/")


@pytest.mark.parametrize("who", ["clinician_prairie", "specialist", "lead"])
@pytest.mark.parametrize("state", ["waiting", "answered"])
def test_consult(cast, who, state):
    c = {"waiting": waiting, "answered": answered}[state](cast)
    asked(getattr(cast, who), c.get_absolute_url())


@pytest.mark.parametrize("who", ["clinician_prairie", "specialist", "editor", "admin_prairie", "network_admin"])
def test_home(cast, who, tmp_path):
    make_document(tmp_path, "near", codes=["I48.0"])
    sent(cast); waiting(cast)
    asked(getattr(cast, who), "/")


def test_ask(cast, tmp_path):
    make_document(tmp_path, "near", codes=["I48.0"], body="apixaban dose")
    indexing.index_pending()
    asked(cast.clinician_prairie, "/ask/?document=near")
    asked(cast.clinician_prairie, "/ask/", "post", {"question": "Which dose of apixaban at an eGFR of 22?", "summary": "72-year-old with atrial fibrillation, 70 kg, eGFR 22 mL/min and stable.", "specialty": "cardiology", "reason": "dosing", "attested": "on", "urgency": "standard"}, 302)

def test_search(cast, tmp_path):
    make_document(tmp_path, "near", codes=["I48.0"], body="apixaban dose")
    indexing.index_pending()
    asked(cast.clinician_prairie, "/search/?q=apixaban")
