"""Errors that pass when the database or the disk is well again: what people are told, and when to come back."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from psycopg import Error as DriverError

log = logging.getLogger(__name__)
NOWHERE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES})
"""What the system says when a folder takes no file: full, over its quota, read-only, or another account's."""
READ_ONLY = "25006"
"""What a database says that takes no writes: a replica, one that is being restored, or that was told so."""
FULL = frozenset({"53100", "58030"})
"""Its disk is full, or broken."""
ENDED = ("08", "57P")
"""The connection ended, and perhaps in the midst of a commit."""
OTHERWISE = frozenset({"42501", "XX000"})
WRITES_FILES = frozenset({"md.c", "fd.c", "buffile.c"})
"""A disk that is read-only, or over its quota, comes under codes that mean other things too, but from these parts of
PostgreSQL."""


STALE = ("0A000", "plancache.c")
"""What it says once of a prepared statement whose columns an upgrade has changed; with the rollback it is forgotten."""


@dataclass(frozen=True)
class Trouble:
    """What is wrong for now."""

    title: str
    """What a page says."""
    words: str
    """A sentence for whoever asked over REST."""
    seconds: int
    """When to come back."""
    advice: str = ""
    """What a page adds."""
    is_certain: bool = True
    """Whether nothing can have been saved."""


UNWRITTEN = Trouble(
    "Files cannot be stored at the moment",
    "Files cannot be stored at the moment, and this one was not. Go on without it and add it later, or try again in a "
    "few minutes; if it stays so, tell the network's office.",
    seconds=60,
    advice="Go on without the file and add it later; if it stays so, tell the network's office.",
)
UNSAVED = Trouble(
    "Nothing can be saved at the moment",
    "Nothing can be saved at the moment, and this was not. Try again in a minute; what is there can be read.",
    seconds=60,
    advice="Documents and search can be read. What goes on the record, as who opened a question, waits.",
)
READS_ONLY = replace(UNSAVED, seconds=10)
"""As a rule it is being restored, or another one takes its place."""
BUSY = Trouble(
    "Consilium has too much to do at the moment",
    "The database has too much to do at the moment. Nothing was saved. Try again in a moment.",
    seconds=10,
)
UNREACHED = Trouble(
    "Consilium is unavailable for the moment",
    "The database cannot be reached. Try again in a moment.",
    seconds=10,
    is_certain=False,
)


def later(error: BaseException | None) -> Trouble | None:
    """What is wrong for now, where the error passes by itself or when an operator has made room; else None."""
    if isinstance(error, OSError) and error.errno in NOWHERE:
        return UNWRITTEN
    code, source = _told(error)
    if code == READ_ONLY:
        return READS_ONLY
    if code in FULL or (code in OTHERWISE and source in WRITES_FILES):
        return UNSAVED
    if (code, source) == STALE:
        return BUSY
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    return BUSY if code and not code.startswith(ENDED) else UNREACHED


@contextmanager
def can_be_missed() -> Iterator[None]:
    """For what a page notes and can do without, so that reading goes on while the database takes nothing new."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        if later(error) not in (UNSAVED, READS_ONLY):
            raise
        log.warning("A page goes without its note: the database says %s.", type(error.__cause__).__name__)


def _told(error: BaseException | None) -> tuple[str, str]:
    """The code of a database's error, and the file of its source, both empty where it told none."""
    cause = error.__cause__ if error is not None else None
    if not isinstance(cause, DriverError):
        return "", ""
    return cause.sqlstate or "", cause.diag.source_file or ""
