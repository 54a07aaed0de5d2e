"""Files of the index that survive a power cut, and the proof that all of them are whole.

The engine never flushes to the disk, and trusts whatever a file holds. Here the moment of a commit, when the engine
renames its table of contents, first flushes every new file and writes down how long each file is.
"""

import contextlib
import json
import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, clean_files

NAME = "MAIN"
_AT_ONCE = 8
_TRIES = 20
_CONTENTS = re.compile(rf"^_{NAME}_(\d+)\.toc$")


class Damaged(Exception):
    """The index is not whole; it is left as it is until another has taken its place."""


class DurableStorage(FileStorage):
    """A folder in which a commit is on the disk, in whole, before it counts."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._fresh: set[str] = set()

    def create_file(self, name: str, excl: bool = False, mode: str = "wb", **kwargs: Any) -> Any:
        self._fresh.add(name)
        return super().create_file(name, excl, mode, **kwargs)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """The commit: what was written since the last one is flushed first, and its sizes noted."""
        folder = Path(self.folder)
        committed = _CONTENTS.match(newname)
        if committed:
            sizes = _lengths(folder) | {newname: (folder / oldname).stat().st_size}
            (folder / (noted := _sizes(int(committed[1])))).write_text(json.dumps(sizes))
            self._fresh.add(noted)
        fresh = [path for name in self._fresh if (path := folder / name).exists()]
        self._fresh.clear()
        with ThreadPoolExecutor(_AT_ONCE) as flushing:  # at once they share the disk's work, one by one they do not
            list(flushing.map(flush, [*fresh, folder]))
        super().rename_file(oldname, newname, safe)
        flush(folder)
        if committed:
            _remove_leftovers(folder, int(committed[1]))


def verify(folder: Path) -> int:
    """The commit that ``folder`` is at, once every file it needs proved to be there in whole. Raises Damaged."""
    storage = FileStorage(str(folder))
    for _ in range(_TRIES):
        commit: int = TOC._latest_generation(storage, NAME)
        try:
            _verify(storage, folder, commit)
            return commit
        except Exception as error:  # noqa: BLE001 - a broken file raises anything
            reason = error
        if commit == TOC._latest_generation(storage, NAME):
            break  # else a commit in between removed what it replaced
    raise Damaged(f"The search index {folder.name} is not whole: {reason}.") from None


def remove_unfinished(folder: Path) -> None:
    """Take out what killed or failed writers left. Only while holding the writers' lock, on a folder that is whole."""
    storage = FileStorage(str(folder))
    contents = TOC.read(storage, NAME)
    clean_files(storage, NAME, contents.generation, contents.segments)
    _remove_leftovers(folder, contents.generation)


def flush(path: Path) -> None:
    """Have a file or a folder on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _verify(storage: FileStorage, folder: Path, commit: int) -> None:
    sizes: dict[str, int] = json.loads((folder / _sizes(commit)).read_text())
    contents = f"_{NAME}_{commit}.toc"
    lengths = _lengths(folder)
    _compare(lengths, {contents: sizes[contents]})
    of_segment: dict[str, dict[str, int]] = {}
    for name, size in sizes.items():
        of_segment.setdefault(name.partition(".")[0], {})[name] = size
    for segment in TOC.read(storage, NAME, gen=commit).segments:
        if not (files := of_segment.get(segment.segment_id())):
            raise ValueError(f"nothing is known of the segment {segment.segment_id()}")
        _compare(lengths, files)


def _compare(found: Mapping[str, int], sizes: Mapping[str, int]) -> None:
    for name, size in sizes.items():
        if found.get(name) != size:
            raise ValueError(f"{name} has {found.get(name, 'no')} bytes instead of {size}")


def _sizes(commit: int) -> str:
    return f"sizes-{commit}.json"


def _lengths(folder: Path) -> dict[str, int]:
    lengths = {}
    with os.scandir(folder) as files:
        for file in files:
            if file.name.startswith((f"{NAME}_", f"_{NAME}_")):
                with contextlib.suppress(FileNotFoundError):  # the last commit is removing what it replaced
                    lengths[file.name] = file.stat().st_size
    return lengths


def _remove_leftovers(folder: Path, commit: int) -> None:
    for path in (*folder.glob("sizes-*.json"), *folder.glob(f"_{NAME}_*.toc.*")):
        if path.name != _sizes(commit):
            with contextlib.suppress(OSError):
                path.unlink()
