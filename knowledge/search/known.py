"""What an index knows: beside it, in its own folder, one line for each change of a document that it has taken in.

Each host's index speaks for itself, so that any number of them are kept current from one database. A line is written
after the commit it tells of: one that is missing costs indexing a document again, and none is ever ahead.
"""

import os
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from knowledge.models import Document

GONE = "gone"
_FILE = "known"


@dataclass
class _Read:
    """How far this process has read a file, and what it said."""

    folder: Path
    inode: int
    end: int = 0
    marks: dict[int, str] = field(default_factory=dict)
    newest: float = 0.0


_last: _Read | None = None
_reading = threading.Lock()


def in_database(keys: Collection[int] | None = None, *, since: datetime | None = None) -> dict[int, str]:
    """The mark of each of these documents as it is now, the last changed last; those never published have none.

    A mark is the version with its moment, so that a database restored from a copy does not pass for what it was.
    """
    documents = Document.objects.filter(version__gt=0)
    if keys is not None:
        documents = documents.filter(pk__in=keys)
    if since is not None:
        documents = documents.filter(changed_at__gt=since)
    rows = documents.order_by("changed_at").values_list("pk", "version", "changed_at")
    return {key: f"{version}@{changed_at.timestamp():.6f}" for key, version, changed_at in rows}


def in_index(folder: Path) -> dict[int, str]:
    """The mark of each document that the index in ``folder`` has taken in, GONE for those taken out for good."""
    global _last
    with _reading:
        try:
            with (folder / _FILE).open("rb") as file:
                status = os.fstat(file.fileno())
                if not _last or (_last.folder, _last.inode) != (folder, status.st_ino) or _last.end > status.st_size:
                    _last = _Read(folder, status.st_ino)
                file.seek(_last.end)
                whole, newline, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return {}
        for line in whole.splitlines():
            key, _, mark = line.decode("ascii", "replace").partition(" ")
            if key.isdigit() and mark:
                _last.marks[int(key)] = mark
                _last.newest = max(_last.newest, _moment(mark))
        _last.end += len(whole) + len(newline)
        return dict(_last.marks)


def behind(folder: Path, *, since: datetime | None = None) -> list[int]:
    """The documents that changed without the index in ``folder`` knowing, the longest waiting first.

    ``since`` looks at those alone that changed later; None compares every one, and finds those that are gone.
    """
    marks = in_index(folder)
    now = in_database(since=since)
    found = [key for key, mark in now.items() if marks.get(key) != mark]
    if since is None:
        found += [key for key, mark in marks.items() if mark != GONE and key not in now]
    return found


def newest(folder: Path) -> datetime | None:
    """The moment of the latest change that the index in ``folder`` has taken in."""
    in_index(folder)
    with _reading:
        at = _last.newest if _last and _last.folder == folder else 0.0
    return datetime.fromtimestamp(at, UTC) if at else None


def _moment(mark: str) -> float:
    try:
        return float(mark.partition("@")[2] or 0)
    except ValueError:  # a line that a crash tore
        return 0.0


def remember(folder: Path, marks: Mapping[int, str]) -> None:
    """Note that the index in ``folder`` has taken these documents in, in this state."""
    with (folder / _FILE).open("a+b") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"
        else:
            torn = False
        lines = "".join(f"{key} {mark}\n" for key, mark in marks.items())
        file.write(f"{chr(10) if torn else ''}{lines}".encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
