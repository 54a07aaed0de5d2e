"""A cursor for statements that are written out: PostgreSQL keeps its plan of each for as long as the connection lasts.

To plan one with row-level security and several tables takes longer than to run it. Django's own cursor puts values into
the text, so that every statement is a new one to the database; this one sends them beside it.
"""

from typing import Any, cast

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper


def planned() -> CursorWrapper:
    """A cursor of the default connection, otherwise as ``connection.cursor()``. It prepares what it runs, unless
    settings forbid it (``PREPARED_STATEMENTS``). Where the database cannot tell of what type a value is, the statement
    must say.
    """
    connection.ensure_connection()
    here, binding = cast(Any, connection), cast(Any, ServerBindingCursor)
    wrapped: CursorWrapper = here._prepare_cursor(binding(here.connection))
    return wrapped
