"""Files that people ask for: made in the background, for one person and one day, whatever kind they are."""

import csv
import gzip
import io
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.common import exporting
from portal.common.models import AuditEvent, Export, Mail, Notice
from portal.common.tasks import make_exports
from portal.members import trail
from portal.members.exporting import AUDIT
from tests.cast import Cast, sign_in
from tests.portal.members.exported import EVERYTHING, ask, bytes_of, happen, lines_of

pytestmark = pytest.mark.usefixtures("files")


def test_from_the_page_to_the_file(cast: Cast, client: Client) -> None:
    happen(cast)
    sign_in(client, cast.auditor)
    asked = {"of": "audit", "format": "jsonl", "action": "mine"}
    assert client.post("/exports/", asked).headers["Location"] == "/exports/"
    page = client.get("/exports/").content.decode()
    assert "Being prepared" in page
    assert "every 2s" in page
    assert make_exports() == 1
    assert make_exports() == 0
    page = client.get("/exports/").content.decode()
    assert "3 rows" in page
    assert "every 2s" not in page
    rows = lines_of(client)
    assert [row["object_id"] for row in rows] == ["2", "1", "0"]
    assert rows[0]["actor"] == cast.clinician_prairie.email
    assert Notice.objects.get(person=cast.auditor).path == "/exports/"
    assert "Audit trail" in Mail.objects.get(to=cast.auditor.email).subject
    acts = AuditEvent.objects.filter(object_type="export").order_by("id").values_list("action", "actor")
    who = cast.auditor.email
    assert list(acts) == [("export.ask", who), ("export.made", "exports"), ("export.download", who)]


def test_an_administrator_gets_what_they_may_read(cast: Cast, client: Client) -> None:
    happen(cast)
    sign_in(client, cast.admin_prairie).post("/exports/", {"of": "audit", "format": "jsonl"})
    make_exports()
    assert {row["action"] for row in lines_of(client)} == {"mine"}


def test_each_form_holds_the_same(cast: Cast, client: Client, numbers: dict[str, Any]) -> None:
    rows = {form: ask(cast.auditor, numbers["kind"], form, {}) for form in ("csv", "json", "jsonl")}
    make_exports()
    sign_in(client, cast.auditor)
    expected = [{"n": -n, "text": "=1+1"} for n in range(5)]
    assert json.loads(bytes_of(client, rows["json"])) == expected
    assert [json.loads(line) for line in gzip.decompress(bytes_of(client, rows["jsonl"])).splitlines()] == expected
    lines = list(csv.reader(io.StringIO(bytes_of(client, rows["csv"]).decode())))
    assert lines[0] == ["n", "text"]
    assert lines[2] == ["-1", "'=1+1"], "a number stays one, a formula becomes text"
    numbers["rows"] = 0
    none = ask(cast.auditor, numbers["kind"], "json", {})
    make_exports()
    assert json.loads(bytes_of(client, none)) == []


def test_progress_is_seen_while_it_is_made(
    cast: Cast, numbers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 2)
    row, seen = ask(cast.auditor, numbers["kind"], "csv", {}), list[Any]()
    client = sign_in(Client(), cast.auditor)

    def look() -> None:
        seen.append(Export.objects.values_list("done", "total").get(pk=row.pk))
        seen.append("of 5</progress>" in client.get("/exports/").content.decode())

    numbers["before"] = look
    make_exports()
    assert seen == [(0, 5), True, (2, 5), True, (4, 5), True]


def test_it_is_bounded_and_says_so(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 2)
    monkeypatch.setattr(exporting, "MOST_ROWS", 5)
    happen(cast)
    sign_in(client, cast.auditor).post("/exports/", {"of": "audit", "format": "jsonl", "since": "2026-01-01"})
    make_exports()
    assert len(lines_of(client)) == 5
    assert b"there are more" in client.get("/exports/").content
    monkeypatch.setattr(exporting, "MOST_ROWS", 6)
    until = AuditEvent.objects.order_by("id")[5].at
    asked = trail.Asked(person="e").as_json()
    exporting.ask(by=cast.auditor, kind=AUDIT, form="csv", asked=asked, at=until)
    make_exports()
    assert not Export.objects.latest("id").is_cut_short


def test_as_many_queries_for_many_files(cast: Cast, client: Client) -> None:
    sign_in(client, cast.auditor).get("/exports/")
    counts = []
    for number in (2, 15):
        for _ in range(number):
            now = timezone.now()
            Export.objects.create(
                person=cast.auditor, kind="audit", format="csv", asked=EVERYTHING, done_at=now, expires_at=now
            )
        with CaptureQueriesContext(connection) as queries:
            client.get("/exports/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
