"""A mail server that keeps what it gets."""

import asyncio
import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.programs import free_port


class Inbox:
    """Takes every message, after so many seconds, and keeps it."""

    def __init__(self, seconds: float = 0) -> None:
        self.messages: list[EmailMessage] = []
        self._seconds = seconds

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        await asyncio.sleep(self._seconds)
        self.messages.append(message)
        return "250 OK"


@contextmanager
def running_mail_server(seconds: float = 0) -> Iterator[tuple[str, list[EmailMessage]]]:
    """A server on a free local port: its EMAIL_URL, and the list that grows with each message."""
    inbox = Inbox(seconds)
    port = free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}", inbox.messages
    finally:
        controller.stop()
