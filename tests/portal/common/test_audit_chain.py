"""The chain of audit events: sealed beside the requests, verified link by link, and broken by any change."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any, LiteralString

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from portal.common import audit, chain, sealing, tenancy
from portal.common.models import AuditCheckpoint, AuditEvent
from portal.common.tasks import seal_audit
from portal.common.verifying import verify
from tests.cast import Cast
from tests.database import owner_connection


def happen(number: int = 5) -> None:
    for n in range(number):
        audit.record(by="test", action="probe", object_type="thing", object_id=n, count=n, word="Zoë", none=None)


def verdict_of_command(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def meddler(committed: None) -> Iterator[psycopg.Connection]:
    """Somebody with the owner's rights on the database, past every wall but without the key; five events are sealed."""
    happen()
    assert sealing.seal() == 5
    with owner_connection(autocommit=True) as owner:
        owner.execute("SET consilium.organizations = '*'")
        owner.execute("ALTER TABLE common_auditevent DISABLE TRIGGER audit_seal_once")
        yield owner
        owner.execute("ALTER TABLE common_auditevent ENABLE TRIGGER audit_seal_once")


@pytest.mark.django_db
class TestSealing:
    def test_each_event_holds_the_digest_of_the_one_before_and_its_own(self) -> None:
        happen()
        assert sealing.seal() == 5
        assert sealing.seal() == 0
        rows = list(AuditEvent.objects.order_by("sequence"))
        assert [row.sequence for row in rows] == [1, 2, 3, 4, 5]
        assert [row.previous for row in rows] == [chain.BEGINNING, *(row.digest for row in rows[:-1])]
        assert len({row.digest for row in rows}) == 5
        happen(2)
        assert seal_audit() == 2
        assert verify().head == f"7:{AuditEvent.objects.get(sequence=7).digest}"

    def test_many_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sealing, "BATCH", 2)
        happen(5)
        assert sealing.seal() == 5
        assert not verify().broken

    def test_a_seal_is_put_once_and_nothing_else_is_ever_changed(self) -> None:
        happen()
        sealing.seal()
        with pytest.raises(ProgrammingError, match="is sealed"), transaction.atomic():
            AuditEvent.objects.update(digest="0" * 64)
        for name in ("actor", "at", "detail", "address"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                AuditEvent.objects.update(**{name: None})
        sealing.note_head()
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            AuditCheckpoint.objects.update(sequence=1)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            AuditCheckpoint.objects.all()._raw_delete(using="default")

    def test_a_new_key_goes_on_where_the_old_one_stopped(self, settings: Any) -> None:
        settings.AUDIT_KEYS = ["old"]
        happen(2)
        sealing.seal()
        sealing.note_head()
        settings.AUDIT_KEYS = ["new", "old"]
        happen(2)
        sealing.seal()
        assert not verify().broken
        settings.AUDIT_KEYS = ["new"]
        assert "signature of checkpoint" in verify().broken
        settings.AUDIT_KEYS = ["old"]
        assert "Event 3 of the chain" in verify().broken

    def test_nothing_yet(self) -> None:
        assert sealing.seal() == 0
        assert sealing.note_head() is None
        assert verify().head == f"0:{chain.BEGINNING}"

    def test_what_nobody_seals_is_told(self) -> None:
        AuditEvent.objects.create(at=timezone.now() - timedelta(minutes=11), actor="test", action="probe")
        assert "1 events wait to be sealed" in verify().broken
        sealing.seal()
        assert not verify().broken


class TestAtOnce:
    def test_several_sealers_make_one_chain(self, committed: None) -> None:
        happen(300)

        def work(number: int) -> int:
            try:
                if number % 2:
                    return sealing.seal()
                with tenancy.everything():
                    happen(20)
                return 0
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as pool:
            sealed = sum(pool.map(work, range(16)))
        sealed += sealing.seal()
        assert sealed == 300 + 8 * 20
        assert verify().events == sealed
        assert not verify().broken

    def test_a_transaction_that_commits_late_is_sealed_late_and_no_one_waits_for_it(self, committed: None) -> None:
        def others() -> int:
            try:
                with tenancy.everything():
                    happen(2)
                return sealing.seal()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            audit.record(by="late", action="probe", object_type="thing", object_id="late")
            assert pool.submit(others).result(timeout=10) == 2
        assert sealing.seal() == 1
        assert AuditEvent.objects.get(actor="late").sequence == 3
        assert AuditEvent.objects.order_by("id").values_list("actor", flat=True)[0] == "late"
        assert not verify().broken

    def test_while_one_seals_another_does_nothing(self, committed: None) -> None:
        happen(1)

        def other() -> int:
            try:
                return sealing.seal()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            assert sealing._is_alone()
            assert pool.submit(other).result(timeout=10) == 0
        assert sealing.seal() == 1


class TestTampering:
    @pytest.mark.parametrize(
        "change",
        [
            "actor = 'someone@else.example'",
            "at = at + interval '1 second'",
            "detail = '{}'",
            "address = '192.0.2.1'",
            "for_person = 'x'",
            "organization_id = 1",
            "of_organizations = '{1}'",
            "digest = md5('x') || md5('y')",
        ],
    )
    def test_a_changed_event_is_named(self, meddler: psycopg.Connection, change: LiteralString) -> None:
        pk = AuditEvent.objects.get(sequence=3).pk
        assert "5 events hold" in verdict_of_command()
        meddler.execute(sql.SQL("UPDATE common_auditevent SET {} WHERE sequence = 3").format(sql.SQL(change)))
        with pytest.raises(CommandError, match=rf"Event 3 of the chain .*row {pk}\) is not what was sealed"):
            verdict_of_command()

    def test_a_deleted_event_is_named(self, meddler: psycopg.Connection) -> None:
        meddler.execute("DELETE FROM common_auditevent WHERE sequence = 3")
        with pytest.raises(CommandError, match="Event 3 of the chain is gone: after 2 comes 4"):
            verdict_of_command()

    def test_the_beginning_cannot_go_without_a_signature(self, meddler: psycopg.Connection) -> None:
        meddler.execute("DELETE FROM common_auditevent WHERE sequence <= 2")
        with pytest.raises(CommandError, match="Event 1 of the chain is gone: after 0 comes 3"):
            verdict_of_command()
        cut = AuditCheckpoint.objects.create(sequence=2, digest="0" * 64, is_cut=True, signature="0" * 64)
        with pytest.raises(CommandError, match=f"signature of checkpoint {cut.pk} "):
            verdict_of_command()

    def test_where_it_stood_is_no_leave_to_cut(self, meddler: psycopg.Connection) -> None:
        sealing.note_head()
        happen(1)
        sealing.seal()
        meddler.execute("DELETE FROM common_auditevent WHERE sequence <= 5")
        meddler.execute("UPDATE common_auditcheckpoint SET is_cut = true")
        with pytest.raises(CommandError, match="signature of checkpoint"):
            verdict_of_command()

    def test_two_that_change_places_are_named(self, meddler: psycopg.Connection) -> None:
        meddler.execute("UPDATE common_auditevent SET sequence = 99 WHERE sequence = 2")
        meddler.execute("UPDATE common_auditevent SET sequence = 2 WHERE sequence = 3")
        meddler.execute("UPDATE common_auditevent SET sequence = 3 WHERE sequence = 99")
        with pytest.raises(CommandError, match=r"Event 2 of the chain .* does not follow"):
            verdict_of_command()

    def test_an_end_cut_off_is_noticed_by_the_last_checkpoint(self, meddler: psycopg.Connection) -> None:
        sealing.note_head()
        meddler.execute("DELETE FROM common_auditevent WHERE sequence >= 4")
        with pytest.raises(CommandError, match="names event 5 of the chain, which ends at 3"):
            verdict_of_command()

    def test_an_end_cut_off_with_the_checkpoints_is_noticed_by_a_head_kept_outside(
        self, meddler: psycopg.Connection
    ) -> None:
        head = verdict_of_command().split()[-1]
        meddler.execute("DELETE FROM common_auditevent WHERE sequence >= 4")
        assert "3 events hold" in verdict_of_command(), "what the decision says that the chain alone cannot see"
        with pytest.raises(CommandError, match="The head given names event 5"):
            verdict_of_command("--head", head)

    def test_a_new_end_is_not_the_old_one(self, meddler: psycopg.Connection) -> None:
        head = verdict_of_command().split()[-1]
        meddler.execute("DELETE FROM common_auditevent WHERE sequence >= 5")
        happen(1)
        sealing.seal()
        assert "5 events hold" in verdict_of_command()
        with pytest.raises(CommandError, match="not the one that the head given names"):
            verdict_of_command("--head", head)

    def test_a_head_is_written_as_printed(self) -> None:
        with pytest.raises(CommandError, match="write it as printed"):
            call_command("verify_audit", "--head", "nonsense")


@pytest.mark.django_db
def test_walls_show_a_member_what_is_theirs_and_let_anybody_add(cast: Cast) -> None:
    """Each event as the database shows it to an organization, with every application filter left out."""
    prairie, lakeside = cast.prairie.pk, cast.lakeside.pk
    common: dict[str, Any] = {"object_type": "x", "object_id": 1}
    with tenancy.only([]):
        audit.record(by=cast.clinician_prairie, action="of prairie's", **common)
        audit.record(by=cast.specialist, action="on prairie", organization_id=prairie, **common)
        audit.record(by=cast.clinician_prairie, action="prairie's on lakeside", organization_id=lakeside, **common)
        audit.record(by=cast.auditor, action="the network's", **common)

    def shown() -> set[str]:
        return set(AuditEvent.objects.values_list("action", flat=True))

    with tenancy.only([]):
        assert shown() == set()
    with tenancy.only([prairie]):
        assert shown() == {"of prairie's", "on prairie"}
    with tenancy.only([lakeside]):
        assert shown() == {"prairie's on lakeside"}
    with tenancy.only([prairie]), connection.cursor() as cursor:
        cursor.execute("UPDATE common_auditevent SET sequence = 9 WHERE true")
        assert cursor.rowcount == 0, "a member's transaction seals nothing"
    assert len(shown()) == 4


WORDS = st.text("aé|:\n", max_size=4)
EVENTS = st.builds(
    AuditEvent,
    id=st.integers(1, 9),
    at=st.sampled_from([datetime(2026, 11, 25, tzinfo=UTC), datetime(2026, 11, 25, 0, 0, 0, 1, tzinfo=UTC)]),
    actor=WORDS,
    action=WORDS,
    object_id=WORDS,
    detail=st.dictionaries(WORDS, st.integers() | WORDS | st.none(), max_size=2),
    of_organizations=st.lists(st.integers(1, 3), max_size=2),
)


@given(EVENTS, EVENTS)
def test_two_events_have_one_digest_only_if_they_say_the_same(one: AuditEvent, other: AuditEvent) -> None:
    def sealed(event: AuditEvent) -> str:
        return chain.digest(event, sequence=1, previous=chain.BEGINNING, key=b"k")

    assert (sealed(one) == sealed(other)) == (chain.content(one) == chain.content(other))
    assert sealed(one) != chain.digest(one, sequence=2, previous=chain.BEGINNING, key=b"k")
    assert sealed(one) != chain.digest(one, sequence=1, previous=chain.BEGINNING, key=b"l")
