"""Postings as arrays: each block of the index is decoded once, and kept while it is asked for.

A segment never changes once it is written, so what was decoded of it stays good over any number of publications; only
the documents taken out change.
"""

from collections import OrderedDict
from collections.abc import Iterable
from functools import cached_property
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import SegmentReader, TermNotFound
from whoosh.util.numeric import byte_to_length

from knowledge.search.vocabulary import Vocabularies, Vocabulary

Ids = NDArray[np.int32]
Numbers = NDArray[np.float32]
Postings = tuple[Ids, Numbers]
_NONE: Postings = (np.empty(0, np.int32), np.empty(0, np.float32))
_LENGTHS = np.array([byte_to_length(byte) for byte in range(256)], np.float32)
_SIZES = Struct("!ii")  # before each word in the table of words: how long it is, and what is said of it
_KEPT = 12_000_000  # postings, of eight bytes each
# Documents of a segment whose terms are all read at once: looking for one that it does not hold costs as much as many.
_SMALL = 1_000


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
    """One segment of the index, which never changes, with what was read of it."""

    def __init__(self, reader: SegmentReader) -> None:
        self.reader = reader
        self.size: int = reader.doc_count_all()
        self.name = str(_segment(reader).segment_id())
        self._columns: dict[str, NDArray[Any]] = {}
        self._held: dict[str, frozenset[str]] = {}

    @property
    def gone(self) -> NDArray[np.int64]:
        """The places of the documents that were taken out by now."""
        return np.array(list(_segment(self.reader).deleted_docs() or ()), np.int64)

    def postings(self, field: str, term: str) -> Postings:
        """The documents that hold ``term``, by their places in this segment, and how often."""
        if self.size <= _SMALL and term not in self._terms(field):
            return _NONE
        key = (self.name, field, term)
        if (found := _kept.get(key)) is None:
            found = _decoded(self.reader, field, term)
            _kept.put(key, found)
        return found

    def column(self, field: str, kind: str) -> NDArray[Any]:
        """One number for each document; ``kind`` is its type as ``struct`` writes it."""
        if field not in self._columns:
            self._columns[field] = self._read(field, kind)
        return self._columns[field]

    def lengths(self, field: str) -> Numbers:
        """How many words each document has in ``field``, as the engine rounds it."""
        lengths: Numbers = _LENGTHS[self.column(f"_{field}_len", "B")]
        return lengths

    @cached_property
    def words(self) -> list[str]:
        """The words of its dictionary, in order."""
        return self._read_terms("words")

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The same, to look for words near another."""
        return Vocabulary(self.words)

    def _terms(self, field: str) -> frozenset[str]:
        if field not in self._held:
            self._held[field] = frozenset(self._read_terms(field))
        return self._held[field]

    def _read_terms(self, field: str) -> list[str]:
        """All terms of a field, in order; the engine reads them one by one, which takes ten times as long."""
        terms: Any = self.reader._terms
        if field not in self.reader.indexed_field_names():
            return []
        table, sign = terms._tindex, terms._keycoder(field, b"")
        start = table.closest_key_pos(sign)
        data = bytes(table.dbfile.get(start, table.endofdata - start)) if start is not None else b""
        found, at = [], 0
        while at < len(data):
            of_key, of_value = _SIZES.unpack_from(data, at)
            at += _SIZES.size
            if not data.startswith(sign, at):
                break
            found.append(data[at + len(sign) : at + of_key].decode())
            at += of_key + of_value
        return found

    def _read(self, field: str, kind: str) -> NDArray[Any]:
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


_leaves: dict[str, Leaf] = {}


def _leaves_of(readers: Iterable[SegmentReader]) -> list[Leaf]:
    """These segments, with what was read of those that were open before."""
    found = []
    for reader in readers:
        known = _leaves.get(str(_segment(reader).segment_id()))
        found.append(known if known and known.reader is reader else Leaf(reader))
    _leaves.clear()
    _leaves.update({leaf.name: leaf for leaf in found})
    return found


def _segment(reader: SegmentReader) -> Any:
    segment = reader.segment()
    assert segment is not None
    return segment


class Arrays:
    """A state of the whole index."""

    def __init__(self, reader: Any) -> None:
        self.reader: Any = reader  # its types say text where it gives bytes
        leaves = [(leaf, offset) for leaf, offset in reader.leaf_readers() if leaf.segment() is not None]
        self.leaves = _leaves_of(leaf for leaf, _ in leaves)
        self._offsets = [int(offset) for _, offset in leaves]
        self.size: int = reader.doc_count_all()
        self.keys = self._column("key", "i")
        self.kinds = self._column("kind_at", "B")
        self.changed = self._column("changed", "i")
        self.alive = np.ones(self.size, np.bool_)
        for offset, leaf in zip(self._offsets, self.leaves, strict=True):
            self.alive[leaf.gone + offset] = False
        self._lengths: dict[str, Numbers] = {}
        self._average: dict[str, float] = {}
        self._joined: dict[tuple[str, str], Postings] = {}

    def postings(self, field: str, term: str) -> Postings:
        """The documents that hold ``term`` in ``field``, by their places, and how often."""
        if len(self.leaves) == 1:
            return self.leaves[0].postings(field, term)
        key = (field, term)
        if (found := self._joined.get(key)) is None:
            postings = [leaf.postings(field, term) for leaf in self.leaves]
            parts = list(zip(self._offsets, postings, strict=True))
            ids = [(ids + offset if offset else ids) for offset, (ids, _) in parts if len(ids)]
            weights = [weights for _, (_, weights) in parts if len(weights)]
            found = (np.concatenate(ids), np.concatenate(weights)) if len(ids) > 1 else _only(ids, weights)
            if len(self._joined) > 2_000:
                self._joined.clear()
            self._joined[key] = found
        return found

    @cached_property
    def vocabulary(self) -> Vocabularies:
        """All words of the index, those of each segment got ready once."""
        return Vocabularies([leaf.vocabulary for leaf in self.leaves])

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
