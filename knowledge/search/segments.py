"""The segments of the index that this process holds open.

A segment never changes once it is written; all that changes is which of its documents are taken out. So each is opened
once and kept while a commit names it, and a publication costs opening what it wrote. The engine's own way of keeping
segments open (``refresh``) keeps the documents that were taken out as well.
"""

from typing import Any

from whoosh.index import FileIndex
from whoosh.reading import EmptyReader, IndexReader, MultiReader, SegmentReader
from whoosh.searching import Searcher

_kept: dict[str, SegmentReader] = {}


def searcher_of(index: FileIndex) -> Searcher:
    """A searcher of the last commit, with all files open. The one given before must not be used any more."""
    contents = index._read_toc()
    readers: list[IndexReader] = [_reader_of(index, contents, segment) for segment in contents.segments]
    for name in _kept.keys() - {str(segment.segment_id()) for segment in contents.segments}:
        _kept.pop(name).close()
    if len(readers) == 1:
        return Searcher(readers[0], fromindex=index)
    whole = MultiReader(readers, generation=contents.generation) if readers else EmptyReader(contents.schema)
    return Searcher(whole, fromindex=index)


def close() -> None:
    """Let go of all."""
    while _kept:
        _kept.popitem()[1].close()


def _reader_of(index: FileIndex, contents: Any, segment: Any) -> SegmentReader:
    name = str(segment.segment_id())
    if (kept := _kept.get(name)) is not None:
        perdoc: Any = kept._perdoc
        kept._segment = perdoc._segment = segment  # which tells what was taken out since
        return kept
    reader = SegmentReader(index.storage, contents.schema, segment, generation=contents.generation)
    try:
        if reader.doc_count_all():  # the engine waits for the first use, when a commit may have removed the files
            for field in contents.schema.scorable_names():
                reader.doc_field_length(0, field)
            reader.stored_fields(0)
    except BaseException:
        reader.close()
        raise
    _kept[name] = reader
    return reader
