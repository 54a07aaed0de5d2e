"""Real workers on a real broker: killed in mid-task, without beat for an hour, and without the broker."""

import fcntl
import os
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from consults.models import Consult, Milestone, TimelineEntry
from consults.services import answering
from consults.tasks import sweep_clock
from portal.common import hints, outbox
from portal.common.hints import wake_on_commit
from portal.common.models import Heartbeat, Mail, Notice
from portal.common.tasks import send_outbox
from tests.cast import Cast
from tests.consults.helpers import sent
from tests.mail import running_mail_server
from tests.stack import Worker, running_worker

DUE = 120


def eventually(holds: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


@contextmanager
def in_the_way(consult: Consult) -> Iterator[None]:
    """Another transaction holds a mark of this consult, so that a sweep stops in mid-task until it is gone."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT set_config('consilium.organizations', '*', true)")
            cursor.execute(
                "INSERT INTO consults_milestone (consult_id, cycle, kind, part, due_at, recorded_at)"
                " VALUES (%s, 1, 'half', 0, now(), now())",
                [consult.pk],
            )
        yield
    finally:
        other.close()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE '%consults_milestone%'"
        )
        return cursor.fetchone() is not None


def make_due(cast: Cast, number: int, hours_ago: float = 30) -> list[Consult]:
    """Questions with someone, whose first mark has passed and is not recorded."""
    at = timezone.now() - timedelta(hours=hours_ago)
    consults = [sent(cast, at=at) for _ in range(number)]
    for consult in consults:
        answering.claim(consult, by=cast.specialist, at=at + timedelta(hours=1))
    Mail.objects.all().delete()
    Notice.objects.all().delete()
    return consults


def write_mails(number: int) -> None:
    Mail.objects.bulk_create(
        Mail(key=uuid.uuid4().hex, to="a@b.example", subject="Read it.", body="Open it.") for _ in range(number)
    )


def test_a_worker_records_what_is_due(committed_cast: Cast, worker: Worker) -> None:
    [consult] = make_due(committed_cast, 1)
    sweep_clock.delay()
    eventually(lambda: Milestone.objects.filter(consult=consult).exists())
    eventually(Heartbeat.objects.filter(name="sweep").exists)
    eventually(lambda: Mail.objects.filter(sent_at__isnull=False).count() == 1)


def test_a_worker_killed_in_mid_task_loses_nothing_and_tells_nothing_twice(committed_cast: Cast) -> None:
    """Killed three times while it sweeps, with marks written and not committed; the next tick does the rest."""
    consults = make_due(committed_cast, DUE)
    for _ in range(3):
        with running_worker() as worker, in_the_way(consults[-1]):
            sweep_clock.delay()
            eventually(somebody_waits)
            os.killpg(worker.process.pid, signal.SIGKILL)
        assert not Milestone.objects.exists()
    with running_worker():
        sweep_clock.delay()
        sweep_clock.delay()
        eventually(lambda: not Consult.objects.filter(next_milestone_at__lte=timezone.now()).exists())
    kinds = Counter(Milestone.objects.values_list("kind", flat=True))
    assert kinds == {"half": DUE, "to-assignee": DUE}
    assert TimelineEntry.objects.filter(kind="half").count() == DUE
    assert Notice.objects.filter(kind="half").count() == DUE
    assert Mail.objects.count() == DUE


def test_without_beat_for_an_hour_each_mark_is_recorded_at_its_own_moment(committed_cast: Cast) -> None:
    [consult] = make_due(committed_cast, 1, hours_ago=25)
    assert consult.submitted_at is not None
    with running_worker():
        sweep_clock.delay()
        eventually(Milestone.objects.exists)
    mark = Milestone.objects.get(kind="half")
    assert mark.due_at == consult.submitted_at + timedelta(hours=24)
    assert mark.recorded_at - mark.due_at >= timedelta(hours=1)


def test_a_broker_that_is_away_stops_nobody(committed_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of the broker leads nowhere: the claim is made, the mail waits in the outbox for the next tick."""
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis+socket:///nowhere/broker.sock")
    monkeypatch.setattr(current_app, "_pool", None)
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)
    monkeypatch.setattr(hints, "_quiet_until", 0.0)
    begun = time.monotonic()
    consult = sent(committed_cast)
    answering.claim(consult, by=committed_cast.specialist, at=timezone.now())
    assert time.monotonic() - begun < 3, "one attempt is made, then none for a while"
    assert Mail.objects.filter(sent_at=None).count() >= 4
    assert outbox.send_due() >= 4


@pytest.mark.django_db
class TestOutbox:
    @pytest.fixture(autouse=True)
    def one(self) -> Mail:
        return Mail.objects.create(key="k", to="a@b.example", subject="S", body="B")

    def test_a_server_that_refuses_is_tried_again_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(self: object) -> int:
            raise SMTPServerDisconnected("someone@example.org")

        with monkeypatch.context() as patch:
            patch.setattr("django.core.mail.message.EmailMessage.send", refuse)
            assert outbox.send_due() == 0
        mail = Mail.objects.get()
        assert (mail.sent_at, mail.attempts, mail.last_error) == (None, 1, "SMTPServerDisconnected")
        assert outbox.send_due() == 0, "not before its time"
        assert outbox.send_due(clock=lambda: mail.next_try_at) == 1

    def test_a_message_under_lease_is_not_sent_twice(self, mailoutbox: list[object]) -> None:
        now = timezone.now()
        assert len(outbox.claim(now=now, limit=9)) == 1
        assert outbox.claim(now=now, limit=9) == []
        assert len(outbox.claim(now=now + outbox.LEASE, limit=9)) == 1, "its sender died: the lease is over"

    def test_it_goes_out_once_with_a_stable_message_id_and_its_body_is_forgotten(self, mailoutbox: list) -> None:  # type: ignore[type-arg]
        mail = Mail.objects.get()
        assert (outbox.send_due(), outbox.send_due()) == (1, 0)
        assert mailoutbox[0].extra_headers["Message-ID"] == f"<{mail.message_id}@network.example>"
        mail.refresh_from_db()
        assert (mail.body, mail.sent_at is not None) == ("", True)


def test_a_slow_mail_server_holds_up_no_clock(committed_cast: Cast) -> None:
    """It keeps one process of the worker, however much there is to send, and leaves the other to the clocks."""
    [consult] = make_due(committed_cast, 1)
    write_mails(120)
    with running_mail_server(seconds=2) as (url, messages), running_worker(EMAIL_URL=url):
        for _ in range(4):
            send_outbox.delay()
        eventually(lambda: len(messages) > 1)
        sweep_clock.delay()
        eventually(Milestone.objects.filter(consult=consult).exists, seconds=20)
        assert Mail.objects.filter(sent_at=None).count() > 80


def test_one_process_of_a_host_sends_all_that_is_due(committed: None, settings: Any, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path
    write_mails(120)
    with (tmp_path / "outbox.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert outbox.send_all() == 0
    assert outbox.send_all() == 120
    settings.STATE_DIR = tmp_path / "gone"
    write_mails(1)
    assert outbox.send_all() == 1


def test_hints_go_out_after_the_commit_only(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import transaction

    sent_tasks: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_: sent_tasks.append(name))
    with transaction.atomic():
        wake_on_commit("portal.common.tasks.send_outbox")
        assert sent_tasks == []
    assert sent_tasks == ["portal.common.tasks.send_outbox"]
    with transaction.atomic():
        wake_on_commit("portal.common.tasks.send_outbox")
        transaction.set_rollback(True)
    assert len(sent_tasks) == 1
