"""File locks between processes."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.embedded.errors import EmbeddedError


class LockHeld(EmbeddedError):
    """Another process has the lock."""

    def __init__(self, refusal: str, holder: int) -> None:
        super().__init__(f"{refusal} (process {holder}).")
        self.holder = holder


@contextmanager
def exclusive(path: Path, *, limit: float, refusal: str = "") -> Iterator[None]:
    """Hold the lock at ``path``, waiting up to ``limit`` seconds for it.

    Raises LockHeld, with ``refusal`` as its message, when another process keeps it longer.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor, limit, refusal or f"{path} is held by another process")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)  # which gives the lock back


@contextmanager
def alone(folder: Path, *, limit: float) -> Iterator[None]:
    """Hold the lock on ``folder`` itself, which no file in it stands for, waiting up to ``limit`` seconds for it.

    Raises EmbeddedError when another process keeps it longer.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if not _taken(descriptor, limit):
            raise EmbeddedError(f"{folder} is held by another process. Try again in a moment.")
        yield
    finally:
        os.close(descriptor)  # which gives the lock back


def _take(descriptor: int, limit: float, refusal: str) -> None:
    if not _taken(descriptor, limit):
        raise LockHeld(refusal, int(os.pread(descriptor, 20, 0) or 0))


def _taken(descriptor: int, limit: float) -> bool:
    end = time.monotonic() + limit
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(0.02)
        else:
            return True
