"""All that an index holds, document by document, to compare one with another."""

from typing import Any

from knowledge.search import store

Entry = dict[str, Any]


def contents() -> dict[str, Entry]:
    """Every field of every document that can be found: stored values, lengths, columns, and each term with its weight.

    Raises AssertionError when a document is there twice.
    """
    with store.searching() as searcher:
        reader = searcher.reader()
        found = {number: _entry(reader, number, stored) for number, stored in reader.iter_docs()}
        for field, text in reader.all_terms():
            matcher = reader.postings(field, text)
            while matcher.is_active():
                if entry := found.get(matcher.id()):
                    entry["terms"][field, text] = (matcher.weight(), matcher.value())
                matcher.next()
    by_document = {entry["stored"]["id"]: entry for entry in found.values()}
    assert len(by_document) == len(found), "a document is in the index twice"
    return by_document


def _entry(reader: Any, number: int, stored: dict[str, Any]) -> Entry:
    schema = reader.schema
    return {
        "stored": stored,
        "lengths": {name: reader.doc_field_length(number, name) for name in schema.scorable_names()},
        "columns": {
            name: reader.column_reader(name)[number]
            for name in schema.names()
            if schema[name].column_type and reader.has_column(name)
        },
        "terms": {},
    }
