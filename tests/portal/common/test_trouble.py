"""Errors of a database that is full, busy, read-only or away: what each means, and what may be missed meanwhile."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import psycopg
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import LazySettings
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import cache, caches
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from psycopg import Error as DriverError

from portal import settings as real
from portal.common import outbox
from portal.common.models import Heartbeat, Mail
from portal.common.sessions import SessionStore
from portal.common.trouble import BUSY, READS_ONLY, UNREACHED, UNSAVED, Trouble, can_be_missed, later
from tests import database
from tests.full import full
from tests.portal.common.test_outbox import Picky, port, queue, served  # noqa: F401 - a fixture, used below
from tests.programs import wait_for

RAISE = "DO $$ BEGIN RAISE EXCEPTION 'as PostgreSQL has it' USING ERRCODE = '{}'; END $$"


def told(code: str) -> DatabaseError:
    """The error of this code, as the server sends it."""
    with pytest.raises(DatabaseError) as met, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RAISE.format(code))
    return met.value


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("53100", UNSAVED),
        ("58030", UNSAVED),
        ("25006", READS_ONLY),
        ("53200", BUSY),
        ("53300", BUSY),
        ("40P01", BUSY),
        ("57P01", UNREACHED),
        ("57P02", UNREACHED),
        ("57P03", UNREACHED),
        ("08006", UNREACHED),
        ("23514", None),
        ("42501", None),
    ],
)
def test_what_a_code_of_the_database_means(code: str, expected: Trouble | None) -> None:
    assert later(told(code)) is expected


class Reported(DriverError):
    """What the server sends where its data folder is mounted read-only: the code of a right that is missing."""

    sqlstate = "42501"
    diag = SimpleNamespace(source_file="md.c")  # type: ignore[assignment]


def test_a_disk_that_is_read_only_is_told_by_who_reports_it() -> None:
    error = DatabaseError()
    error.__cause__ = Reported()
    assert later(error) is UNSAVED


def test_an_address_where_nobody_is_is_away() -> None:
    assert later(OperationalError("connection refused")) is UNREACHED


class TestWhatCanBeMissed:
    @pytest.fixture(autouse=True)
    def committed(self, committed: None) -> None:
        """Triggers are the owner's, on another connection."""

    def test_goes_by_and_the_rest_of_the_transaction_holds(self) -> None:
        with full("common_heartbeat", when="NEW.name = 'missed'"), transaction.atomic():
            Heartbeat.objects.create(name="before", at="2026-01-01T00:00Z")
            with can_be_missed():
                Heartbeat.objects.create(name="missed", at="2026-01-01T00:00Z")
            Heartbeat.objects.create(name="after", at="2026-01-01T00:00Z")
        assert set(Heartbeat.objects.values_list("name", flat=True)) == {"before", "after"}

    @pytest.mark.parametrize("code", ["23514", "40P01", "57P01"])
    def test_other_errors_are_not_missed(self, code: str) -> None:
        with full("common_heartbeat", code=code), pytest.raises(DatabaseError), can_be_missed():
            Heartbeat.objects.create(name="x", at="2026-01-01T00:00Z")


class TestSessions:
    @pytest.fixture
    def session(self, committed: None) -> SessionStore:
        made = SessionStore()
        made["a"] = 1
        made.save()
        return SessionStore(made.session_key)

    def test_one_that_cannot_be_saved_is_not_taken_for_one_that_is_gone(self, session: SessionStore) -> None:
        session["a"] = 2
        with full("django_session", event="UPDATE"), pytest.raises(OperationalError) as met:
            session.save()
        assert later(met.value) is UNSAVED
        SessionStore(session.session_key).delete()
        with pytest.raises(UpdateError):
            session.save()

    def test_a_note_can_be_missed(self, session: SessionStore) -> None:
        session.note("seen", 5)
        with full("django_session", event="UPDATE"):
            session.save()
        assert "seen" not in SessionStore(session.session_key)

    def test_but_not_what_was_changed_before_it(self, session: SessionStore) -> None:
        session["a"] = 2
        session.note("seen", 5)
        with full("django_session", event="UPDATE"), pytest.raises(OperationalError):
            session.save()


class TestCounts:
    @pytest.fixture(autouse=True)
    def empty(self, committed: None) -> Iterator[None]:
        cache.clear()
        yield
        cache.clear()

    def test_attempts_that_cannot_be_counted_are_an_error(self) -> None:
        with full("common_cache"):
            for write in (cache.add, cache.set):
                with pytest.raises(OperationalError):
                    write("attempts", 1)
        assert cache.add("attempts", 1)
        assert not cache.add("attempts", 1), "one that is there is no error"

    def test_requests_that_cannot_be_counted_go_on(self) -> None:
        requests = caches["requests"]
        requests.set("old", [1], 0.001)
        time.sleep(1.1)
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")
        assert requests.get("old", []) == []
        requests.set("new", [1], 60)
        assert requests.get("new", []) == []
        connection.close()

    def test_two_who_add_the_same_at_once_are_no_error(self) -> None:
        with full("common_cache", code="23505"):
            assert not cache.add("attempts", 1)


def send_in_a_thread() -> int:
    try:
        return outbox.send_due()
    finally:
        connections.close_all()


@pytest.mark.usefixtures("committed")
def test_mail_that_went_out_is_marked_when_the_database_takes_it_again(port: int) -> None:  # noqa: F811
    """It would go out twice; and what was claimed with it goes on at once, not when its lease is over."""
    mails = [queue("a"), queue("b")]
    with served(port) as server, ThreadPoolExecutor(1) as pool:
        with full("common_mail", event="UPDATE", when="NEW.sent_at IS NOT NULL"):
            sending = pool.submit(send_in_a_thread)
            wait_for(lambda: len(server.taken) == 1, "the first", limit=30)
            time.sleep(2.5)
            assert not sending.done()
        assert sending.result(30) == 2
    assert [identity for _, identity in server.taken] == [f"<{mail.message_id}@network.example>" for mail in mails]
    assert not Mail.objects.filter(sent_at=None).exists()


class Severing(Picky):
    """Takes the mail, and then the sender's session with the database ends."""

    pid = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        said = await super().handle_DATA(server, session, envelope)
        if len(self.taken) == 1:
            with psycopg.connect(database.url("DATABASE_URL")) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [self.pid])
        return said


@pytest.mark.usefixtures("committed")
def test_mail_that_went_out_as_the_database_went_away_is_marked_when_it_is_back(
    port: int,  # noqa: F811
    settings: LazySettings,
) -> None:
    """Its clock is away with it."""
    settings.CLOCK = real.CLOCK
    mails = [queue("a"), queue("b")]
    severing = Severing()

    def send() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            severing.pid = cursor.fetchone()[0]
        return send_in_a_thread()

    with served(port, severing) as server, ThreadPoolExecutor(1) as pool:
        assert pool.submit(send).result(60) == 2
    assert [identity for _, identity in server.taken] == [f"<{mail.message_id}@network.example>" for mail in mails]
    assert not Mail.objects.filter(sent_at=None).exists()
