"""Files that people ask for: made in the background, for one person and one day, whatever kind they are."""

import csv
import gzip
import importlib
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.common import exporting, exports
from portal.common.audit import record
from portal.common.models import AuditEvent, Export, Mail, Notice
from portal.common.refusals import Conflict, Refused
from portal.common.tasks import make_exports
from portal.members import trail
from portal.members.exporting import AUDIT
from portal.members.models import Person, Role
from tests.cast import Cast, give, make_person, sign_in

EVERYTHING = trail.Asked().as_json()


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    storage = settings.STORAGES["default"]
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**storage, "OPTIONS": {**storage["OPTIONS"], "location": str(tmp_path)}},
    }
    return tmp_path


def happen(cast: Cast, number: int = 3) -> None:
    for n in range(number):
        record(by=cast.clinician_prairie, action="mine", object_type="x", object_id=n, organization_id=cast.prairie.pk)
        record(by=cast.clinician_lakeside, action="theirs", object_type="x", object_id=n)


def ask(person: Person, kind: exports.Kind = AUDIT, form: str = "jsonl", asked: Any = EVERYTHING) -> Export:
    return exporting.ask(by=Person.objects.get(pk=person.pk), kind=kind, form=form, asked=asked, at=timezone.now())


def bytes_of(client: Client, row: Export) -> bytes:
    answer = client.get(f"/exports/{row.key}/")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def lines_of(client: Client) -> list[dict[str, Any]]:
    """What the latest file on the page holds."""
    text = gzip.decompress(bytes_of(client, Export.objects.latest("id"))).decode()
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def numbers() -> Iterator[dict[str, Any]]:
    """A kind of our own: as many rows as it is told, and what happens before each part."""
    told: dict[str, Any] = {"rows": 5, "before": lambda: None, "may": True}

    class Numbers(exports.Whole):
        def part(self, after: str, size: int) -> exports.Part:
            told["before"]()
            return super().part(after, size)

    kind = exports.Kind(
        key="numbers",
        name="Numbers",
        holds="A number in each row.",
        columns=("n", "text"),
        why_not=lambda person: "" if told["may"] else "Not for you.",
        source=lambda person, asked, until: Numbers({"n": -n, "text": "=1+1"} for n in range(told["rows"])),
    )
    exports.register(kind)
    told["kind"] = kind
    yield told
    del exports._kinds["numbers"]


# --- from the page to the file ---


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


# --- who gets it ---


def test_nobody_gets_anothers_file_and_the_link_expires(cast: Cast, client: Client) -> None:
    happen(cast)
    row = ask(cast.auditor)
    address = f"/exports/{row.key}/"
    assert sign_in(client, cast.auditor).get(address).status_code == 404, "not made yet"
    make_exports()
    assert bytes_of(client, row)
    other = give(make_person("auditor2@network.example", "Noa Lind"), Role.Name.AUDITOR)
    for who in (other, cast.admin_prairie, cast.clinician_prairie, cast.network_admin, cast.editor):
        assert sign_in(Client(), who).get(address).status_code == 404
    for who in (cast.clinician_prairie,):
        assert sign_in(Client(), who).get("/exports/").status_code == 403
        assert sign_in(Client(), who).post("/exports/").status_code == 403
    assert Client().get(address).status_code == 302
    name = str(Export.objects.get().file.name)
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(address).status_code == 404
    storage = Export.objects.get().file.storage
    assert storage.exists(name)
    make_exports()
    assert not storage.exists(name)
    assert b"Gone since" in client.get("/exports/").content
    exporting.forget_exports(now=timezone.now() + timedelta(days=31))
    assert not Export.objects.exists()


def test_who_may_not_is_refused_when_asking(cast: Cast, client: Client) -> None:
    with pytest.raises(Refused):
        ask(cast.clinician_prairie)
    with pytest.raises(Refused):
        ask(cast.network_admin)
    sign_in(client, cast.network_admin).post("/exports/", {"of": "audit", "format": "csv"})
    assert not Export.objects.exists()


def test_who_lost_the_role_meanwhile_gets_nothing(cast: Cast, client: Client, files: Path) -> None:
    happen(cast)
    ask(cast.admin_prairie)
    Role.objects.filter(person=cast.admin_prairie).delete()
    assert make_exports() == 0
    row = Export.objects.get()
    assert (row.state(timezone.now()), row.why_failed) == ("failed", "You may no longer have it.")
    assert not list(files.rglob("*.gz"))


def test_who_lost_part_of_what_it_rests_on_does_not_fetch_it(cast: Cast, client: Client) -> None:
    happen(cast)
    give(cast.admin_prairie, Role.Name.AUDITOR)
    row = ask(cast.admin_prairie)
    make_exports()
    sign_in(client, cast.admin_prairie)
    assert {"mine", "theirs"} <= {line["action"] for line in lines_of(client)}
    Role.objects.filter(person=cast.admin_prairie, name="auditor").delete()
    assert client.get("/exports/").status_code == 200, "still an administrator of Prairie"
    assert client.get(f"/exports/{row.key}/").status_code == 404
    give(cast.admin_prairie, Role.Name.AUDITOR)
    assert bytes_of(client, row)


def test_what_was_closed_where_it_was_asked_for_stays_closed(cast: Cast) -> None:
    """An organization's rules of sign-in take its role away for the session; the worker does not give it back."""
    happen(cast)
    give(cast.admin_prairie, Role.Name.ORGANIZATION_ADMINISTRATOR, organization=cast.lakeside)
    person = Person.objects.get(pk=cast.admin_prairie.pk)
    person.actor = person.actor.without([cast.prairie.pk])
    exporting.ask(by=person, kind=AUDIT, form="csv", asked=EVERYTHING, at=timezone.now())
    make_exports()
    assert Export.objects.get().powers == [f"organization-administrator:{cast.lakeside.pk}"]


def test_nobody_fetches_or_asks_on_somebodys_behalf(cast: Cast, client: Client) -> None:
    row = ask(cast.admin_prairie)
    make_exports()
    sign_in(client, cast.network_admin).post(f"/people/{cast.admin_prairie.pk}/look/", {"reason": "R-1"})
    assert b"Robin Castell" in client.get("/exports/").content
    assert client.get(f"/exports/{row.key}/").status_code == 404
    client.post("/exports/", {"of": "audit", "format": "csv"})
    assert Export.objects.count() == 1


def test_refusals(cast: Cast, client: Client) -> None:
    for _ in range(3):
        ask(cast.auditor)
    with pytest.raises(Conflict, match="Three of your files"):
        ask(cast.auditor)
    Export.objects.all().delete()
    sign_in(client, cast.auditor)
    for wrong in ({"since": "nonsense"}, {"organization": "none-such"}, {"left": "x"}, {"format": "xls"}, {"of": "x"}):
        page = client.post("/exports/", {"of": "audit", "format": "csv"} | wrong)
        assert b"needs your attention" in page.content, wrong
    assert not Export.objects.exists()


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


def test_what_was_asked_for_before_there_was_one_kind_of_file_is_moved(cast: Cast, client: Client) -> None:
    """The migration's own statement, on the old table as it was."""
    moved = importlib.import_module("portal.members.migrations.0012_audit_exports_moved")
    now, asked = timezone.now(), json.dumps(EVERYTHING)
    happen(cast)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE members_auditexport (key uuid, person_id bigint, asked jsonb, asked_at timestamptz,"
            " done_at timestamptz, expires_at timestamptz, lines int, is_cut_short boolean, file text) ON COMMIT DROP"
        )
        for done, expires, file in (
            (None, None, ""),
            (now, now + timedelta(hours=1), "audit-exports/a.jsonl.gz"),
            (now - timedelta(days=2), now - timedelta(days=1), ""),
        ):
            cursor.execute(
                "INSERT INTO members_auditexport VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, 3, false, %s)",
                [cast.admin_prairie.pk, asked, now, done, expires, file],
            )
        cursor.execute(moved.MOVE)
    states = sorted(row.state(now) for row in Export.objects.all())
    assert states == ["made", "waiting"], "what is gone already is not moved"
    assert make_exports() == 1
    sign_in(client, cast.admin_prairie)
    assert bytes_of(client, Export.objects.get(tries=1))


# --- workers that die ---


class Died(BaseException):
    """As a worker that is killed: nothing of ours runs after it."""


class Later:
    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now


def test_a_worker_that_dies_is_replaced_after_a_minute_three_tries_in_all(
    cast: Cast, client: Client, numbers: dict[str, Any], files: Path
) -> None:
    clock, row = Later(), ask(cast.auditor, numbers["kind"], "csv", {})

    def die() -> None:
        raise Died

    numbers["before"] = die
    for _ in range(3):
        with pytest.raises(Died):
            exporting.make_exports(clock=clock)
        clock.now += timedelta(seconds=59)
        assert exporting.make_exports(clock=clock) == 0, "it is still in that worker's hands"
        clock.now += timedelta(seconds=2)
    numbers["before"] = lambda: None
    assert exporting.make_exports(clock=clock) == 0
    row.refresh_from_db()
    assert (row.tries, row.state(clock.now), row.why_failed) == (3, "failed", "It could not be made. Ask again.")
    assert Notice.objects.filter(person=cast.auditor, text__contains="Ask again").count() == 1
    assert "Ask again" in sign_in(client, cast.auditor).get("/exports/").content.decode()
    ask(cast.auditor, numbers["kind"], "csv", {})
    assert exporting.make_exports(clock=clock) == 1, "what failed holds up nothing"


def test_a_second_worker_finishes_what_the_first_began(cast: Cast, numbers: dict[str, Any]) -> None:
    clock, row = Later(), ask(cast.auditor, numbers["kind"], "csv", {})

    def die() -> None:
        raise Died

    numbers["before"] = die
    with pytest.raises(Died):
        exporting.make_exports(clock=clock)
    numbers["before"] = lambda: None
    clock.now += timedelta(seconds=61)
    assert exporting.make_exports(clock=clock) == 1
    row.refresh_from_db()
    assert (row.tries, row.done, row.state(clock.now)) == (2, 5, "made")


def test_a_worker_that_was_replaced_keeps_nothing(cast: Cast, numbers: dict[str, Any], files: Path) -> None:
    """It was only slow: the other has made the file meanwhile."""
    clock, row, others = Later(), ask(cast.auditor, numbers["kind"], "csv", {}), list[bool]()

    def slow() -> None:
        if not others:
            others.append(True)
            clock.now += timedelta(seconds=61)
            assert exporting.make_exports(clock=clock) == 1

    numbers["before"] = slow
    assert exporting.make_exports(clock=clock) == 0
    row.refresh_from_db()
    assert row.tries == 2
    assert [path.name for path in files.rglob("*.csv")] == [f"{row.key}-2.csv"]
    assert Notice.objects.count() == 1


def test_a_worker_that_was_replaced_stops_while_the_other_is_at_it(
    cast: Cast, numbers: dict[str, Any], files: Path
) -> None:
    row = ask(cast.auditor, numbers["kind"], "csv", {})
    numbers["before"] = lambda: Export.objects.update(tries=2, done=3)
    assert make_exports() == 0
    row.refresh_from_db()
    assert (row.tries, row.done, row.done_at) == (2, 3, None)
    assert not list(files.rglob("*.csv"))


def test_one_that_cannot_be_made_holds_up_no_other(cast: Cast, numbers: dict[str, Any]) -> None:
    def fail() -> None:
        raise ValueError("Dana Whitfield")

    numbers["before"] = fail
    ask(cast.auditor, numbers["kind"], "csv", {})
    good = ask(cast.auditor)
    assert make_exports() == 1
    assert Export.objects.get(pk=good.pk).done_at


def test_several_workers_make_each_file_once(committed_cast: Cast) -> None:
    happen(committed_cast)
    for person in (committed_cast.auditor, committed_cast.admin_prairie):
        for _ in range(3):
            ask(person)

    def work(_: int) -> int:
        try:
            return exporting.make_exports()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 6
    assert not Export.objects.waiting().exists()
    assert Notice.objects.count() == 6
    assert all(row.done >= 3 and row.tries == 1 for row in Export.objects.all())
