"""Telling every host that documents changed: a notification of PostgreSQL's, sent by the commit itself.

It carries nothing and promises nothing. Who misses it (a pooler that hands connections round passes none on) looks by
itself a second later.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection
from psycopg import sql

CHANNEL = "knowledge_documents"


def announce() -> None:
    """Wake the keepers of every host's index once the running transaction has committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


class Listener:
    """A connection of its own that hears of changes."""

    def __init__(self, listening: psycopg.Connection) -> None:
        self._listening = listening

    def wait(self, seconds: float) -> bool:
        """Wait until something was announced; False when nothing was for so long."""
        return any(True for _ in self._listening.notifies(timeout=seconds, stop_after=1))


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener, for as long as the block lasts."""
    with connection.get_new_connection(connection.get_connection_params()) as opened:
        opened.autocommit = True
        opened.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        yield Listener(opened)
