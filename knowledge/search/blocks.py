"""Postings as arrays: each block of the index is decoded once, and kept while it is asked for.

A segment never changes once it is written, so what was decoded of it stays good over any number of publications; only
the documents taken out change.
"""

from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import SegmentReader, TermNotFound
from whoosh.util.numeric import byte_to_length

Ids = NDArray[np.int32]
Numbers = NDArray[np.float32]
Postings = tuple[Ids, Numbers]
_NONE: Postings = (np.empty(0, np.int32), np.empty(0, np.float32))
_LENGTHS = np.array([byte_to_length(byte) for byte in range(256)], np.float32)
_KEPT = 12_000_000  # postings, of eight bytes each


class _Kept:
    """The postings used last, up to a number of postings in all."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str, str], Postings] = OrderedDict()
        self._size = 0

    def get(self, key: tuple[str, str, str]) -> Postings | None:
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def put(self, key: tuple[str, str, str], postings: Postings) -> None:
        self._held[key] = postings
        self._size += len(postings[0]) + 20
        while self._size > _KEPT and len(self._held) > 1:
            _, (ids, _weights) = self._held.popitem(last=False)
            self._size -= len(ids) + 20


_kept = _Kept()


class Leaf:
    """One segment of the index."""

    def __init__(self, reader: SegmentReader, offset: int) -> None:
        self.reader, self.offset = reader, offset
        self.size: int = reader.doc_count_all()
        segment = reader.segment()
        assert segment is not None
        self.name = str(segment.segment_id())
        self.gone = np.array(list(segment.deleted_docs() or ()), np.int64)

    def postings(self, field: str, term: str) -> Postings:
        """The documents that hold ``term``, by their places in this segment, and how often."""
        key = (self.name, field, term)
        if (found := _kept.get(key)) is None:
            found = _decoded(self.reader, field, term)
            _kept.put(key, found)
        return found

    def column(self, field: str, kind: str) -> NDArray[Any]:
        """One number for each document; ``kind`` is its type as ``struct`` writes it."""
        values = np.zeros(self.size, np.dtype(kind).newbyteorder("="))
        perdoc = self.reader._perdoc
        if perdoc.has_column(field):
            file, start, length = perdoc._get_column_file(field)
            try:
                stored = np.frombuffer(bytes(file.get(start, length)), np.dtype(kind).newbyteorder(">"))
            finally:
                file.close()
            values[: len(stored)] = stored
        return values

    def lengths(self, field: str) -> Numbers:
        """How many words each document has in ``field``, as the engine rounds it."""
        lengths: Numbers = _LENGTHS[self.column(f"_{field}_len", "B")]
        return lengths


class Arrays:
    """A state of the whole index."""

    def __init__(self, reader: Any) -> None:
        self.reader: Any = reader  # its types say text where it gives bytes
        self.leaves = [Leaf(leaf, offset) for leaf, offset in reader.leaf_readers()]
        self.size: int = reader.doc_count_all()
        self.keys = self._column("key", "i")
        self.kinds = self._column("kind_at", "B")
        self.changed = self._column("changed", "i")
        self.alive = np.ones(self.size, np.bool_)
        for leaf in self.leaves:
            self.alive[leaf.gone + leaf.offset] = False
        self._lengths: dict[str, Numbers] = {}
        self._average: dict[str, float] = {}
        self._joined: dict[tuple[str, str], Postings] = {}

    def postings(self, field: str, term: str) -> Postings:
        """The documents that hold ``term`` in ``field``, by their places, and how often."""
        if len(self.leaves) == 1:
            return self.leaves[0].postings(field, term)
        key = (field, term)
        if (found := self._joined.get(key)) is None:
            parts = [(leaf.offset, leaf.postings(field, term)) for leaf in self.leaves]
            ids = [(ids + offset if offset else ids) for offset, (ids, _) in parts if len(ids)]
            weights = [weights for _, (_, weights) in parts if len(weights)]
            found = (np.concatenate(ids), np.concatenate(weights)) if len(ids) > 1 else _only(ids, weights)
            if len(self._joined) > 2_000:
                self._joined.clear()
            self._joined[key] = found
        return found

    def lengths(self, field: str) -> Numbers:
        """How many words each document has in ``field``."""
        if field not in self._lengths:
            parts = [leaf.lengths(field) for leaf in self.leaves]
            self._lengths[field] = np.concatenate(parts) if parts else np.empty(0, np.float32)
        return self._lengths[field]

    def average(self, field: str) -> float:
        """The mean of those lengths."""
        if field not in self._average:
            self._average[field] = self.reader.field_length(field) / max(1, self.size) or 1.0
        return self._average[field]

    def _column(self, field: str, kind: str) -> NDArray[Any]:
        parts = [leaf.column(field, kind) for leaf in self.leaves]
        return np.concatenate(parts) if parts else np.empty(0, kind)


def _only(ids: list[Ids], weights: list[Numbers]) -> Postings:
    return (ids[0], weights[0]) if ids else _NONE


def _decoded(reader: SegmentReader, field: str, term: str) -> Postings:
    fieldobj = reader.schema[field]
    try:
        matcher = reader._terms.matcher(field, fieldobj.to_bytes(term), fieldobj.format)
    except (TermNotFound, KeyError):
        return _NONE
    ids: list[Ids] = []
    weights: list[Numbers] = []
    while matcher.is_active():
        matcher._read_data()
        steps, counts, _values = matcher._data
        ids.append(np.cumsum(np.array(steps, np.int32), dtype=np.int32))
        count = 1.0 if counts is None else counts
        weights.append(np.full(len(steps), count, np.float32) if isinstance(count, float) else np.array(count, "f4"))
        matcher._next_block()
    return (np.concatenate(ids), np.concatenate(weights)) if len(ids) > 1 else _only(ids, weights)
