"""Sessions in the database, as Django keeps them: read by a plain statement, and on days when it takes nothing new."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError
from django.utils import timezone

from portal.common.planned import planned
from portal.common.trouble import can_be_missed, later

_FIND = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Tells a database that takes nothing new from a session that is gone, which Django answers alike (400)."""

    _can_be_missed = False

    def load(self) -> dict[str, Any]:
        """As Django's, written out: every request begins with it."""
        with planned() as cursor:
            cursor.execute(_FIND, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return dict(self.decode(row[0]))

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
