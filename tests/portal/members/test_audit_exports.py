"""The audit trail as JSON Lines: asked for, made in the background, for one person and one day."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.common.audit import record
from portal.common.models import AuditEvent, Notice
from portal.common.refusals import Conflict, Refused
from portal.members import trail
from portal.members.models import AuditExport, Person, Role
from portal.members.services import exports
from portal.members.tasks import make_exports
from tests.cast import Cast, sign_in


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    storage = settings.STORAGES["default"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**storage, "OPTIONS": {**storage["OPTIONS"], "location": str(tmp_path)}},
    }


def happen(cast: Cast, number: int = 3) -> None:
    for n in range(number):
        record(by=cast.clinician_prairie, action="mine", object_type="x", object_id=n, organization_id=cast.prairie.pk)
        record(by=cast.clinician_lakeside, action="theirs", object_type="x", object_id=n)


def lines_of(client: Client) -> list[dict[str, Any]]:
    """What the latest file on the page holds."""
    row = AuditExport.objects.latest("id")
    answer = client.get(f"/audit/exports/{row.key}/")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = gzip.decompress(b"".join(answer.streaming_content)).decode()  # type: ignore[attr-defined]
    return [json.loads(line) for line in text.splitlines()]


def test_from_the_page_to_the_file(cast: Cast, client: Client) -> None:
    happen(cast)
    sign_in(client, cast.auditor)
    assert client.post("/audit/exports/", {"action": "mine"}).headers["Location"] == "/audit/exports/"
    assert b"Being prepared" in client.get("/audit/exports/").content
    assert make_exports() == 1
    assert make_exports() == 0
    page = client.get("/audit/exports/").content
    assert b"3 events" in page
    rows = lines_of(client)
    assert [row["object_id"] for row in rows] == ["2", "1", "0"]
    assert rows[0]["actor"] == cast.clinician_prairie.email
    assert Notice.objects.get(person=cast.auditor).path == "/audit/exports/"
    acts = AuditEvent.objects.filter(actor=cast.auditor.email).order_by("id").values_list("action", flat=True)
    assert list(acts) == ["audit.export", "audit.download"]


def test_an_administrator_gets_what_they_may_read(cast: Cast, client: Client) -> None:
    happen(cast)
    sign_in(client, cast.admin_prairie).post("/audit/exports/")
    make_exports()
    assert {row["action"] for row in lines_of(client)} == {"mine"}


def test_nobody_gets_anothers_file_and_the_link_expires(cast: Cast, client: Client) -> None:
    happen(cast)
    exports.ask_export(by=cast.auditor, asked=trail.Asked(), at=timezone.now())
    address = f"/audit/exports/{AuditExport.objects.get().key}/"
    assert sign_in(client, cast.auditor).get(address).status_code == 404, "not made yet"
    make_exports()
    answer = client.get(address)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert sign_in(Client(), cast.admin_prairie).get(address).status_code == 404
    for who in (cast.clinician_prairie, cast.network_admin, cast.editor):
        assert sign_in(Client(), who).get(address).status_code == 403
        assert sign_in(Client(), who).get("/audit/exports/").status_code == 403
        assert sign_in(Client(), who).post("/audit/exports/").status_code == 403
    assert Client().get(address).status_code == 302
    name = str(AuditExport.objects.get().file.name)
    AuditExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(address).status_code == 404
    storage = AuditExport.objects.get().file.storage
    assert storage.exists(name)
    make_exports()
    assert not storage.exists(name)
    assert b"Gone since" in client.get("/audit/exports/").content


def test_who_lost_the_role_meanwhile_gets_nothing(cast: Cast) -> None:
    happen(cast)
    exports.ask_export(by=cast.admin_prairie, asked=trail.Asked(), at=timezone.now())
    Role.objects.filter(person=cast.admin_prairie).delete()
    make_exports()
    assert AuditExport.objects.get().lines == 0


def test_refusals(cast: Cast, client: Client) -> None:
    with pytest.raises(Refused):
        exports.ask_export(by=cast.clinician_prairie, asked=trail.Asked(), at=timezone.now())
    for _ in range(3):
        exports.ask_export(by=cast.auditor, asked=trail.Asked(), at=timezone.now())
    with pytest.raises(Conflict, match="Three of your files"):
        exports.ask_export(by=cast.auditor, asked=trail.Asked(), at=timezone.now())
    AuditExport.objects.all().delete()
    sign_in(client, cast.auditor).post("/audit/exports/", {"since": "nonsense"})
    assert not AuditExport.objects.exists()


def test_it_is_bounded_and_says_so(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "CHUNK", 2)
    monkeypatch.setattr(exports, "MOST_LINES", 5)
    happen(cast)
    sign_in(client, cast.auditor).post("/audit/exports/", {"since": "2026-01-01"})
    make_exports()
    assert len(lines_of(client)) == 5
    assert b"there are more" in client.get("/audit/exports/").content
    monkeypatch.setattr(exports, "MOST_LINES", 6)
    exports.ask_export(by=cast.auditor, asked=trail.Asked(person="e"), at=AuditEvent.objects.order_by("id")[5].at)
    make_exports()
    assert not AuditExport.objects.latest("id").is_cut_short


def test_as_many_queries_for_many_files(cast: Cast, client: Client) -> None:
    sign_in(client, cast.auditor).get("/audit/exports/")
    counts = []
    for number in (2, 15):
        for _ in range(number):
            AuditExport.objects.create(person=cast.auditor, asked=trail.Asked().as_json(), done_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            client.get("/audit/exports/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_several_workers_make_each_file_once(committed_cast: Cast) -> None:
    happen(committed_cast)
    for person in (committed_cast.auditor, committed_cast.admin_prairie):
        for _ in range(3):
            exports.ask_export(by=Person.objects.get(pk=person.pk), asked=trail.Asked(), at=timezone.now())

    def work(_: int) -> int:
        try:
            return exports.make_exports(now=timezone.now())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 6
    assert not AuditExport.objects.filter(done_at=None).exists()
    assert Notice.objects.count() == 6
    assert all(row.lines >= 3 for row in AuditExport.objects.all())
