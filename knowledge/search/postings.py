"""Gathering the words of new documents in memory, by word, and writing each word's documents at once.

The engine's own writer makes an object of each word of each document, pickles it, sorts all of them on disk and writes
them one by one, which takes two thirds of the time of a rebuild. Here a word in a document is eight bytes.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from pickle import dumps
from typing import Any

import numpy as np
from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3Codec, W3FieldWriter, W3TermInfo
from whoosh.system import pack_int, pack_long, pack_ushort
from whoosh.util.numeric import length_to_byte
from whoosh.writing import SegmentWriter

# Postings stand in blocks of so many: few large ones are decoded faster than many small ones, and pack better.
_BLOCK = 4096
_FEW = 4


class Gathered:
    """For each field and word: the documents that hold it, ascending, and how often, in turn."""

    def __init__(self) -> None:
        self.fields: dict[str, dict[str, array[int]]] = {}

    def put(self, field: str, counts: Iterable[tuple[str, int]], document: int) -> None:
        """Add a document's words in one field."""
        held = self.fields.setdefault(field, {})
        for word, count in counts:
            if (found := held.get(word)) is None:
                held[word] = array("I", (document, count))
            else:
                found.append(document)
                found.append(count)

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """The same as the engine calls it, for what it merges."""
        field, word, document, weight, _ = item
        self.put(field, ((word.decode(), int(weight)),), document)

    def iter_postings(self) -> "Gathered":
        """What the field writer takes."""
        return self

    def in_order(self) -> Iterator[tuple[str, list[tuple[str, "array[int]"]]]]:
        """Field by field, each with its words in the order of their bytes, which is that of their letters."""
        for field in sorted(self.fields):
            yield field, sorted(self.fields[field].items(), key=lambda item: item[0])

    def cleanup(self) -> None:
        """Let go of everything."""
        self.fields = {}


class Writer(SegmentWriter):
    """The engine's writer of a segment, with words gathered in memory."""

    def __init__(self, index: Any, *, timeout: float) -> None:
        super().__init__(index, timeout=timeout, compound=False, codec=Codec(blocklimit=_BLOCK))
        self.gathered = Gathered()
        pool: Any = self.gathered
        self.pool = pool

    def add_document(self, **fields: Any) -> None:
        """Add a document. The words of a field come as a list, or as one word."""
        self._check_state()
        into = self.perdocwriter
        into.start_doc(self.docnum)
        for name in sorted(fields):
            field, value = self.schema[name], fields[name]
            length = 0
            if field.indexed:
                counts = Counter(value) if isinstance(value, list) else {value: 1}
                self.gathered.put(name, counts.items(), self.docnum)
                length = len(value) if field.scorable else 0
            into.add_field(name, field, value if field.stored else None, length)
            if column := field.column_type:
                into.add_column_value(name, column, field.to_column_value(value))
        into.finish_doc()
        self._added = True
        self.docnum += 1


class Codec(W3Codec):
    """The engine's form of an index on disk, written word by word."""

    def field_writer(self, storage: Any, segment: Any) -> "FieldWriter":
        """What writes the words of a segment."""
        return FieldWriter(self, storage, segment)


class FieldWriter(W3FieldWriter):
    """Writes a word with all its documents at once."""

    def add_postings(self, schema: Any, lengths: Any, items: Any) -> None:
        """Write everything gathered."""
        for name, rows in items.in_order():
            self.start_field(name, schema[name])
            sizes = None
            if lengths and schema[name].scorable:
                of = lengths.doc_field_length_reader(name)
                sizes = np.array([of(document) or 0 for document in range(lengths.doc_count_all())], np.int64)
            for word, held in rows:
                if len(held) == 2:
                    self._add_one(
                        word.encode(), held[0], float(held[1]), int(sizes[held[0]]) if sizes is not None else 0
                    )
                    continue
                self.start_term(word.encode())
                if len(held) <= 2 * _FEW:
                    for at in range(0, len(held), 2):
                        size = int(sizes[held[at]]) if sizes is not None else 0
                        self.add(held[at], float(held[at + 1]), b"", size)
                else:
                    self._add_all(np.frombuffer(held, np.uint32), sizes)
                self.finish_term()
            self.finish_field()

    def _add_one(self, word: bytes, document: int, count: float, size: int) -> None:
        """A word in one document, as most are: to the byte what the engine writes, in a third of the time."""
        into, table = self._postfile, self._tindex
        start, length = into.tell(), length_to_byte(size)
        block = dumps((1, document, count, 0, length, length), 2)
        block += dumps(((document,), None if count == 1.0 else count, None), 2)
        into.write(WHOOSH3_HEADER_MAGIC + pack_int(-len(block)) + block)
        told = W3TermInfo._struct.pack(0, count, 1, length, length, count, document, document)
        extent = pack_long(start) + pack_int(len(WHOOSH3_HEADER_MAGIC) + 4 + len(block))
        table.add(pack_ushort(self._fieldid) + word, told + extent)

    def _add_all(self, pairs: Any, sizes: Any) -> None:
        into: Any = self._postwriter
        ids, counts = pairs[0::2], pairs[1::2].astype(np.float32)
        for start in range(0, len(ids), _BLOCK):
            if start:
                into._write_block()
            some, weights = ids[start : start + _BLOCK], counts[start : start + _BLOCK]
            into._ids, into._weights = array("I", some.tobytes()), array("f", weights.tobytes())
            into._maxweight = float(weights.max())
            if sizes is not None and (positive := sizes[some])[positive > 0].size:
                into._minlength = int(positive[positive > 0].min())
                into._maxlength = int(positive.max())
