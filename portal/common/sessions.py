"""Sessions in the database, as Django keeps them, on days when it takes nothing new."""

from functools import cache
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.utils import timezone

from portal.common.rows import Beside, columns
from portal.common.trouble import can_be_missed, later


class SessionStore(db.SessionStore):
    """Tells a database that takes nothing new from a session that is gone, which Django answers alike (400)."""

    _can_be_missed = False

    def _get_session_from_db(self) -> Session | None:
        """The session's row, of a statement written out, because every request begins with it."""
        with connection.cursor() as cursor:
            cursor.execute(_statement(), [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        return Beside(row).row(Session)

    def note(self, key: str, value: Any) -> None:
        """Set what can be missed: a request that changed nothing else goes on where it cannot be saved."""
        self._can_be_missed = not self.modified
        self[key] = value

    def save(self, must_create: bool = False) -> None:
        if self._can_be_missed:
            with can_be_missed():
                self._save(must_create)
        else:
            self._save(must_create)

    def _save(self, must_create: bool) -> None:
        try:
            super().save(must_create)
        except UpdateError as gone:
            error = gone.__context__
            if isinstance(error, DatabaseError) and later(error):
                raise error from error.__cause__
            raise


@cache
def _statement() -> str:
    # Names of ours.
    return f"SELECT {columns(Session, 's')} FROM django_session s WHERE session_key = %s AND expire_date > %s"  # noqa: S608
