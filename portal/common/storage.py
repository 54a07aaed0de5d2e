"""Files on the local disk, each whole or not there at all."""

from contextlib import suppress
from typing import Any

from django.core.files.storage import FileSystemStorage


class WholeFiles(FileSystemStorage):
    """Takes away again what it wrote of a file when the disk takes no more of it."""

    def _save(self, name: str, content: Any) -> str:
        was_there = self.exists(name)
        try:
            return str(super()._save(name, content))  # type: ignore[misc]
        except OSError:
            if not was_there:
                with suppress(OSError):
                    self.delete(name)
            raise
