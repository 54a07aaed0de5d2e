"""Changing the index: one writer at a time, and a commit or a cancellation, never both."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from knowledge.search import durable, known, schema, store
from knowledge.search.engine import state
from knowledge.search.postings import Writer

# Segments of at most so many documents are merged when there are _MANY of them; larger ones wait for a rebuild.
_SIZES = (5, 50, 250)
_MANY = 10
Progress = Callable[[int, int], None]


def index_documents(ids: Iterable[int]) -> None:
    """Bring these documents' entries up to date, taking out what is retired or gone.

    Raises store.Missing, store.Busy and Damaged.
    """
    keys = sorted(set(ids))
    with store.lock("write"):
        folder = store.current()
        _write(folder, store.open_index(folder), keys, _take_out_of_current)


def rebuild(progress: Progress = lambda done, total: None) -> int:
    """Build the index anew beside the one in use and swap; searching goes on throughout.

    What changes while it builds is caught up under the writers' lock just before the swap. Gives the number of
    documents that were read. Raises store.Busy when another rebuild is running.
    """
    with store.lock("rebuild", timeout=0):
        try:
            folder, built = store.create()
            _fill(folder, built, progress)
            with store.lock("write"):
                behind = known.behind(folder)
                if behind:
                    _write(folder, built, behind, _take_out)
                count = len(known.in_index(folder))
                store.swap(folder)
        except BaseException:
            store.remove_unfinished()  # a full disk must not stay full of attempts
            raise
    return count


def _fill(folder: Path, built: FileIndex, progress: Progress) -> None:
    marks = known.in_database()
    keys = list(marks)
    with _writer(built) as writer:
        for done, (_, _, fields) in enumerate(schema.read(keys), 1):
            if fields:
                writer.add_document(**fields)
            if done % 500 == 0 or done == len(keys):
                progress(done, len(keys))
    known.remember(folder, marks)


def _write(folder: Path, opened: FileIndex, keys: list[int], take_out: Callable[[Writer, list[int]], None]) -> None:
    """The marks are read before the documents: what changes in between is indexed once more."""
    marks = known.in_database(keys)
    durable.remove_unfinished(folder)
    with _writer(opened) as writer:
        take_out(writer, keys)
        for _, _, fields in schema.read(keys):
            if fields:
                writer.add_document(**fields)
    known.remember(folder, {key: marks.get(key, known.GONE) for key in keys})


def _take_out(writer: Writer, keys: list[int]) -> None:
    for key in keys:
        writer.delete_by_term("id", str(key))


def _take_out_of_current(writer: Writer, keys: list[int]) -> None:
    """The same by what this process holds open of the index, which the engine would open anew for it.

    Under the writers' lock both are at the same commit.
    """
    with store.searching() as searcher:
        arrays = state(searcher).arrays
        for place in np.flatnonzero(arrays.alive & np.isin(arrays.keys, keys)):
            writer.delete_document(int(place))


@contextmanager
def _writer(opened: FileIndex) -> Iterator[Writer]:
    """A writer that commits at the end, or is cancelled when anything goes wrong before it."""
    writer = Writer(opened, timeout=store.WRITER_TIMEOUT)
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
