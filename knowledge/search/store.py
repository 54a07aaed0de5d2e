"""Where the index lives: one folder a generation, a pointer file that names the current one, and one writer at a time.

Nothing here ever deletes the current generation. A rebuild writes a folder beside it and replaces the pointer.
"""

import atexit
import fcntl
import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from whoosh import index
from whoosh.index import FileIndex
from whoosh.searching import Searcher

from knowledge.search.schema import VERSION, schema

log = logging.getLogger(__name__)
WRITER_TIMEOUT = 20.0
_OPEN_TRIES = 5


class Busy(Exception):
    """Another process is writing and did not finish in time."""


class Missing(Exception):
    """There is no index of this version yet."""


@dataclass(frozen=True)
class _Opened:
    pid: int
    folder: Path
    index: FileIndex
    generation: int
    searcher: Searcher

    def is_current(self, folder: Path) -> bool:
        """Whether nothing was committed or swapped since, and this is still the process that opened it."""
        return (self.pid, self.folder) == (os.getpid(), folder) and self.generation == self.index.latest_generation()


_opened: _Opened | None = None
# One search at a time in each process: readers share file positions, and the interpreter runs one thread at a time.
_reading = threading.RLock()


def current() -> Path:
    """The folder of the current generation. Raises Missing."""
    try:
        name = _pointer().read_text()
    except FileNotFoundError:
        raise Missing("There is no search index; manage.py rebuild_index makes one.") from None
    folder = _root() / name
    if not name.startswith(f"{VERSION}-") or not folder.is_dir():
        raise Missing("The search index is gone or of an older version; manage.py rebuild_index makes it anew.")
    return folder


@contextmanager
def searching() -> Iterator[Searcher]:
    """This process's searcher, opened again once anything was committed or swapped. Raises Missing."""
    with _reading:
        yield _searcher()


def generation() -> str:
    """What names the state of the index that this process reads; for caches."""
    return f"{_opened.folder.name}-{_opened.generation}" if _opened else ""


def close() -> None:
    """Let go of this process's searcher."""
    global _opened
    with _reading:
        if _opened:
            _opened.searcher.close()
        _opened = None


def _searcher() -> Searcher:
    global _opened
    for attempt in range(1, _OPEN_TRIES + 1):
        folder = current()
        try:
            if _opened and _opened.is_current(folder):
                return _opened.searcher
            close()
            found = index.open_dir(str(folder))
            commit = found.latest_generation()  # before opening: a commit in between is seen next time
            _opened = _Opened(os.getpid(), folder, found, commit, found.searcher())
            return _opened.searcher
        except FileNotFoundError:  # a commit removed a file between its listing and its opening
            if attempt == _OPEN_TRIES:
                raise
            time.sleep(0.02 * attempt)
    raise AssertionError("unreachable")


atexit.register(close)


@contextmanager
def lock(name: str, *, timeout: float = WRITER_TIMEOUT) -> Iterator[None]:
    """Hold one of the index's locks across processes; a killed holder frees it. Raises Busy."""
    _root().mkdir(parents=True, exist_ok=True)
    with (_root() / f"{name}.lock").open("a") as file:
        end = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise Busy(f"The search index's {name} lock is held by another process.") from None
                time.sleep(0.02)
        yield


def create() -> tuple[Path, FileIndex]:
    """A new, empty generation beside the current one."""
    folder = _root() / f"{VERSION}-{time.strftime('%Y%m%d%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
    folder.mkdir(parents=True)
    return folder, index.create_in(str(folder), schema())


def swap(folder: Path) -> None:
    """Make ``folder`` the current generation, at once for everyone; generations older than the last one go."""
    before = _pointer().read_text() if _pointer().exists() else ""
    temporary = _root() / f"current.{secrets.token_hex(3)}"
    temporary.write_text(folder.name)
    temporary.replace(_pointer())
    for other in _root().iterdir():
        if other.is_dir() and other.name not in (folder.name, before):
            shutil.rmtree(other, ignore_errors=True)


def _root() -> Path:
    return Path(settings.SEARCH_INDEX_DIR)


def _pointer() -> Path:
    return _root() / "current"
