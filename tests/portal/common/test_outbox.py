"""The outbox against a real mail server that takes some messages, refuses others, or is away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connections
from django.utils import timezone

from portal.common import outbox
from portal.common.models import Mail
from tests.programs import free_port


class Picky:
    """Takes mail for anyone but gone@… and keeps what it took."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("gone@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        lines = envelope.content.decode().splitlines()
        [message_id] = [line.partition(": ")[2] for line in lines if line.startswith("Message-ID")]
        self.taken.append((envelope.rcpt_tos[0], message_id))
        return "250 OK"


@contextmanager
def served(port: int, picky: Picky | None = None) -> Iterator[Picky]:
    picky = picky or Picky()
    controller = Controller(picky, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield picky
    finally:
        controller.stop()


@pytest.fixture
def port(settings: Any) -> int:
    """The port the site sends to; whether anyone listens is the test's choice."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    return int(settings.EMAIL_PORT)


def queue(key: str, to: str = "dana@prairie.example", **fields: Any) -> Mail:
    return Mail.objects.create(key=key, to=to, subject="Consult C-1 was answered.", body="Open it.", **fields)


@pytest.mark.django_db
class TestSending:
    def test_an_address_that_takes_none_does_not_hold_up_the_others(self, port: int) -> None:
        refused, taken = queue("a", "gone@prairie.example"), queue("b")
        with served(port) as server:
            assert outbox.send_due() == 1
        assert server.taken == [("dana@prairie.example", f"<{taken.message_id}@network.example>")]
        refused.refresh_from_db()
        assert (refused.sent_at, refused.attempts, refused.last_error) == (None, 1, "SMTPRecipientsRefused")
        assert "gone" not in refused.last_error

    def test_each_wait_is_twice_the_one_before_up_to_an_hour(self, port: int) -> None:
        mail, now = queue("a"), timezone.now()
        waits = []
        for _ in range(9):
            assert outbox.send_due(clock=lambda at=now: at) == 0  # type: ignore[misc]
            mail.refresh_from_db()
            waits.append((mail.next_try_at - now).total_seconds())
            now = mail.next_try_at
        assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
        assert mail.last_error == "ConnectionRefusedError"

    def test_a_server_that_comes_back_gets_everything_with_the_same_identities(self, port: int) -> None:
        mails = [queue(str(number)) for number in range(5)]
        assert outbox.send_due() == 0
        with served(port) as server:
            assert outbox.send_due() == 0, "not before its time"
            assert outbox.send_due(clock=lambda: timezone.now() + timedelta(minutes=1)) == 5
        assert {identity for _, identity in server.taken} == {f"<{mail.message_id}@network.example>" for mail in mails}
        assert not Mail.objects.filter(sent_at=None).exists()
        assert set(Mail.objects.values_list("body", "last_error")) == {("", "")}

    def test_no_more_than_the_limit_and_the_oldest_first(self, port: int) -> None:
        for number in range(3):
            queue(str(number), f"p{number}@a.example", next_try_at=timezone.now() - timedelta(minutes=9 - number))
        with served(port) as server:
            assert outbox.send_due(limit=2) == 2
        assert [to for to, _ in server.taken] == ["p0@a.example", "p1@a.example"]

    def test_an_address_refused_for_two_days_does_not_hold_up_the_others(self, port: int) -> None:
        """Here by a server that is away, which is refusal enough."""
        queue("a", attempts=60, next_try_at=timezone.now() - timedelta(hours=1))
        other = queue("b")
        assert outbox.send_due() == 0
        other.refresh_from_db()
        assert other.last_error == "ConnectionRefusedError", "it was tried"


def test_four_senders_at_once_send_each_message_once(committed: None, port: int) -> None:
    for number in range(40):
        queue(str(number))

    def send() -> int:
        try:
            return outbox.send_due(limit=15)
        finally:
            connections.close_all()

    with served(port) as server, ThreadPoolExecutor(4) as pool:
        sent = [future.result() for future in [pool.submit(send) for _ in range(4)]]
    assert len(server.taken) == len(set(server.taken)) == sum(sent)
    assert Mail.objects.filter(attempts__gt=1).count() == 0
