"""Every list asks the database as often with 5,000 documents as with 50."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.models import Document, Follow, Reading
from knowledge.services import indexing
from portal.members import middleware
from portal.members.models import Person
from tests.cast import Cast, sign_in
from tests.knowledge.helpers import load_rows, row
from tests.knowledge.test_api import api

pytestmark = pytest.mark.django_db
FEW, MANY = 50, 5000
READERS = [
    "/",
    "/documents/",
    "/documents/?kind=topic",
    "/search/?q=murmur",
    "/account/reading/",
    "/account/following/",
]
EDITORS = ["/editing/", "/documents/manage/", "/documents/manage/?overdue=1", "/documents/freshness/", "/reviews/"]
REST = ["/api/v1/documents/", "/api/v1/search/?q=murmur"]


def load(folder: Path, numbers: range, reader: Person) -> None:
    """Documents that are all overdue, read and followed by one person."""
    part = {"text": "Listen for a murmur.", "verified_on": "2025-01-02", "due_on": "2026-01-02"}
    values = {"recommendations": [part], "references": ["A source"], "specialties": ["cardiology", "pediatrics"]}
    load_rows(folder, *(row(f"murmur-{number:04}", title=f"Murmur {number}", **values) for number in numbers))
    new = Document.objects.exclude(readings__person=reader).select_related("current_revision")
    Reading.objects.bulk_create(Reading(person=reader, document=one, revision=one.current_revision) for one in new)
    Follow.objects.bulk_create(
        Follow(person=reader, document=one) for one in Document.objects.exclude(follows__person=reader)
    )
    indexing.index_pending()
    with connection.cursor() as cursor:  # of what one transaction wrote the planner knows nothing, and reads all of it
        cursor.execute("SET LOCAL enable_seqscan = off")


def counted(cast: Cast) -> dict[str, int]:
    found = {}
    clients = [(sign_in(Client(), cast.clinician_prairie), READERS), (sign_in(Client(), cast.editor), EDITORS)]
    for client, paths in [*clients, (api(cast.clinician_prairie), REST)]:
        client.get(paths[0])
        for path in paths:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(path).status_code == 200, path
            found[path] = len(seen)
    return found


def test_no_list_costs_more_with_its_documents(tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    # The time of the last request is written once a minute: on a slow machine a minute ends in the midst of a round.
    monkeypatch.setattr(middleware, "STAMP_EVERY", 86_400)
    load(tmp_path, range(FEW), cast.clinician_prairie)
    counted(cast)
    few = counted(cast)
    load(tmp_path, range(FEW, MANY), cast.clinician_prairie)
    many = counted(cast)
    assert {path: (few[path], many[path]) for path in few if few[path] != many[path]} == {}
