"""A cursor for statements that are written out: PostgreSQL keeps its plan of each for as long as the connection lasts.

To plan one with row-level security and several tables takes longer than to run it. Django's own cursor puts values into
the text, so that every statement is a new one to the database; this one sends them beside it.
"""

from typing import Any, cast

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper


class _Cursor(cast(Any, ServerBindingCursor)):  # type: ignore[misc] # Django's stubs do not say what it is
    def _send_query_prepared(self, name: bytes, query: Any, **options: Any) -> None:
        """Leave the text where Django looks for what was run; the driver does so of what is not prepared alone."""
        self._query = query
        super()._send_query_prepared(name, query, **options)


def planned() -> CursorWrapper:
    """A cursor of the default connection, otherwise as ``connection.cursor()``. It prepares what it runs, unless
    settings forbid it (``PREPARED_STATEMENTS``). Where the database cannot tell of what type a value is, the statement
    must say.
    """
    connection.ensure_connection()
    here: Any = connection
    wrapped: CursorWrapper = here._prepare_cursor(_Cursor(here.connection))
    return wrapped
