"""Where the index lives: one folder a generation, a pointer file that names the current one, and one writer at a time.

Nothing here ever deletes the current generation. A rebuild writes a folder beside it and replaces the pointer. What
fails while reading is put down as a suspicion, and the host's keeper builds the index anew.
"""

import atexit
import calendar
import contextlib
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
from whoosh.index import FileIndex
from whoosh.searching import Searcher

from knowledge.search import segments
from knowledge.search.durable import DurableStorage, flush, verify
from knowledge.search.schema import VERSION, schema

log = logging.getLogger(__name__)
WRITER_TIMEOUT = 20.0
# An index this young is not built anew for a mere suspicion: that would go on for ever where the fault is our own.
YOUNG_SECONDS = 600
_OPEN_TRIES = 5
_BUILDING = "building-"


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
        raise Missing("There is no search index yet.") from None
    except (OSError, ValueError) as error:
        raise Missing(f"What names the search index cannot be read: {error}.") from None
    folder = _root() / name
    if not name.startswith(f"{VERSION}-") or "/" in name or not folder.is_dir():
        raise Missing("The search index is gone or of another version.")
    return folder


def open_index(folder: Path) -> FileIndex:
    """The index in ``folder``, once it proved to be whole. Raises Damaged."""
    verify(folder)
    return FileIndex(DurableStorage(folder))


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
        _opened = None
        segments.close()


def _searcher() -> Searcher:
    global _opened
    for attempt in range(1, _OPEN_TRIES + 1):
        folder = current()
        try:
            if _opened and _opened.is_current(folder):
                return _opened.searcher
            if _opened and _opened.pid != os.getpid():
                close()  # a fork shares file positions with its parent
            found = open_index(folder)
            commit = found.latest_generation()  # before opening: a commit in between is seen next time
            searcher = segments.searcher_of(found)
            _opened = _Opened(os.getpid(), folder, found, commit, searcher)
            return searcher
        except FileNotFoundError:  # a commit removed a file between its listing and its opening
            if attempt == _OPEN_TRIES:
                raise
            time.sleep(0.02 * attempt)
    raise AssertionError("unreachable")


def suspect() -> None:
    """Put down that reading the current index failed."""
    with contextlib.suppress(OSError, Missing):
        _suspicion().write_text(current().name)


def is_suspected() -> bool:
    """Whether reading the current index failed, and it is not so young that building it anew would change nothing."""
    try:
        name = current().name
        built = calendar.timegm(time.strptime(name.split("-")[1], "%Y%m%d%H%M%S"))
        return _suspicion().read_text() == name and time.time() - built > YOUNG_SECONDS
    except (OSError, ValueError, IndexError, Missing):
        return False


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
    """A new, empty generation that counts for nothing before the swap. Only while holding the rebuild lock."""
    remove_unfinished()
    name = f"{VERSION}-{time.strftime('%Y%m%d%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
    folder = _root() / f"{_BUILDING}{name}"
    folder.mkdir(parents=True)
    return folder, FileIndex.create(DurableStorage(folder), schema())


def swap(folder: Path) -> None:
    """Make ``folder`` the current generation, at once for everyone; generations older than the last one go."""
    before = _pointer().read_bytes().decode("ascii", "replace") if _pointer().exists() else ""
    built = folder.rename(folder.with_name(folder.name.removeprefix(_BUILDING)))
    temporary = _root() / f"current.{secrets.token_hex(3)}"
    temporary.write_text(built.name)
    flush(temporary)
    temporary.replace(_pointer())
    flush(_root())
    _suspicion().unlink(missing_ok=True)
    for other in _root().iterdir():
        if other.is_dir() and other.name not in (built.name, before):
            shutil.rmtree(other, ignore_errors=True)


def remove_unfinished() -> None:
    """Take out what rebuilds that were killed, or met a full disk, left. Only while holding the rebuild lock."""
    for other in _root().glob(f"{_BUILDING}*"):
        shutil.rmtree(other, ignore_errors=True)
    for other in _root().glob("current.*"):
        other.unlink(missing_ok=True)


def _root() -> Path:
    return Path(settings.SEARCH_INDEX_DIR)


def _pointer() -> Path:
    return _root() / "current"


def _suspicion() -> Path:
    return _root() / "suspected"
