"""Changing the index: one writer at a time, and a commit or a cancellation, never both."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from whoosh import index
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader
from whoosh.writing import IndexWriter, SegmentWriter

from knowledge.models import Document
from knowledge.search import schema, store

_MEMORY_MB = 64
# Segments of at most so many documents are merged when there are _MANY of them; larger ones wait for a rebuild.
_SIZES = (5, 50, 250)
_MANY = 10
Progress = Callable[[int, int], None]


def index_documents(ids: Iterable[int]) -> dict[int, int]:
    """Bring these documents' entries up to date, taking out what is retired or gone.

    Gives the version of each as it was read. Raises store.Missing and store.Busy.
    """
    keys = sorted(set(ids))
    with store.lock("write"):
        return _write(index.open_dir(str(store.current())), keys)


def remove(ids: Iterable[int]) -> None:
    """Take these documents out. Raises store.Missing and store.Busy."""
    with store.lock("write"), _writer(index.open_dir(str(store.current()))) as writer:
        for key in ids:
            writer.delete_by_term("id", str(key))


def rebuild(progress: Progress = lambda done, total: None) -> dict[int, int]:
    """Build the index anew beside the one in use and swap; searching goes on throughout.

    What changes while it builds is caught up under the writers' lock just before the swap. Gives the version of each
    document as it was read. Raises store.Busy when another rebuild is running.
    """
    with store.lock("rebuild", timeout=0):
        folder, built = store.create()
        keys = list(Document.objects.values_list("pk", flat=True))
        versions = _fill(built, keys, progress)
        with store.lock("write"):
            versions |= _catch_up(built, versions)
            store.swap(folder)
    return versions


def _fill(built: FileIndex, keys: list[int], progress: Progress) -> dict[int, int]:
    versions = {}
    with _writer(built) as writer:
        for done, (key, version, fields) in enumerate(schema.read(keys), 1):
            if fields:
                writer.add_document(**fields)
            versions[key] = version
            if done % 500 == 0 or done == len(keys):
                progress(done, len(keys))
    return versions


def _catch_up(built: FileIndex, versions: dict[int, int]) -> dict[int, int]:
    now = dict(Document.objects.values_list("pk", "version"))
    behind = [key for key, version in now.items() if versions.get(key) != version]
    gone = versions.keys() - now.keys()
    return _write(built, [*behind, *gone]) if behind or gone else {}


def _write(opened: FileIndex, keys: list[int]) -> dict[int, int]:
    versions = {}
    with _writer(opened) as writer:
        for key in keys:
            writer.delete_by_term("id", str(key))
        for key, version, fields in schema.read(keys):
            if fields:
                writer.add_document(**fields)
            versions[key] = version
    return versions


@contextmanager
def _writer(opened: FileIndex) -> Iterator[IndexWriter]:
    """A writer that commits at the end, or is cancelled when anything goes wrong before it."""
    writer = opened.writer(timeout=store.WRITER_TIMEOUT, limitmb=_MEMORY_MB, compound=False, codec=schema.codec())
    try:
        yield writer
    except BaseException:
        writer.cancel()
        raise
    writer.commit(mergetype=_merge_some)


def _merge_some(writer: SegmentWriter, segments: list[Any]) -> list[Any]:
    """Merge the smallest kind of segment once there are many of it; gives the segments that stay as they are.

    The engine's own policy now and then rewrites the whole index, which holds the next publication up for seconds.
    """
    for size in _SIZES:
        alike = [segment for segment in segments if segment.doc_count_all() <= size]
        if len(alike) >= _MANY:
            for segment in alike:
                reader = SegmentReader(writer.storage, writer.schema, segment)
                writer.add_reader(reader)
                reader.close()
            return [segment for segment in segments if segment not in alike]
    return segments
