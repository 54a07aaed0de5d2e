"""Files on the local disk, each whole or not there at all."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from django.core.files.storage import FileSystemStorage

log = logging.getLogger(__name__)


class Files:
    """What was stored while a request ran, to be taken back where its rows are."""

    def __init__(self) -> None:
        self._stored: list[tuple[FileSystemStorage, str]] = []

    def note(self, storage: FileSystemStorage, name: str) -> None:
        self._stored.append((storage, name))

    def take_back(self) -> None:
        """Remove them. What cannot be removed stays: a file without its row is harmless."""
        for storage, name in self._stored:
            with suppress(OSError):
                storage.delete(name)


_noted: ContextVar[Files | None] = ContextVar("files", default=None)


@contextmanager
def noting_files() -> Iterator[Files]:
    """What is stored inside is noted."""
    token = _noted.set(found := Files())
    try:
        yield found
    finally:
        _noted.reset(token)


class WholeFiles(FileSystemStorage):
    """Takes away again what it wrote of a file when the disk takes no more of it."""

    def _save(self, name: str, content: Any) -> str:
        was_there = self.exists(name)
        try:
            stored = str(super()._save(name, content))  # type: ignore[misc]
        except OSError as error:
            log.error(
                "%s takes no file: %s. See docs/operations.md, “When a disk is full”.", self.location, error.strerror
            )
            if not was_there:
                with suppress(OSError):
                    self.delete(name)
            raise
        if noted := _noted.get():
            noted.note(self, stored)
        return stored
