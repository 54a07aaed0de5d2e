"""The engines that search is measured against, on the same documents: the top 20 with titles and marked passages."""

import re
import tempfile
from collections.abc import Iterator

import tantivy

from tests import database

TOP = 20
_WORD = re.compile(r"[^\W_]+")

_TABLE = """
CREATE TABLE bench AS
SELECT d.id, r.title, r.body, to_tsvector('english', r.title || ' ' || r.summary || ' ' || r.body) AS words
  FROM knowledge_document d JOIN knowledge_revision r ON r.id = d.current_revision_id;
CREATE INDEX ON bench USING gin (words);
ANALYZE bench
"""
_ASK = """
SELECT title, ts_headline('english', body, q, 'MaxFragments=1, MaxWords=40, MinWords=20') FROM (
    SELECT title, body, q FROM bench, to_tsquery('english', %s) q WHERE words @@ q
     ORDER BY ts_rank(words, q) DESC LIMIT 20) best
"""


class Postgres:
    """PostgreSQL's full text, any word, by ts_rank, with a stored and indexed vector."""

    name = "PostgreSQL, OR, ts_rank"

    def __init__(self) -> None:
        self._connection = database.owner_connection(autocommit=True)
        self._connection.execute("DROP TABLE IF EXISTS bench")
        for statement in _TABLE.split(";"):
            self._connection.execute(statement.encode())

    def ask(self, question: str) -> int:
        """How many were found, of the top 20."""
        words = " | ".join(_WORD.findall(question))
        return len(self._connection.execute(_ASK, [words]).fetchall()) if words else 0

    def close(self) -> None:
        """Let go of it."""
        self._connection.execute("DROP TABLE bench")
        self._connection.close()


class Tantivy:
    """tantivy, any word, English stems."""

    name = "tantivy, OR, stemmed"

    def __init__(self) -> None:
        builder = tantivy.SchemaBuilder()
        for field in ("title", "body"):
            builder.add_text_field(field, stored=True, tokenizer_name="en_stem")
        self._schema = builder.build()
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        self._index = tantivy.Index(self._schema, path=self._folder.name)
        writer = self._index.writer()
        for title, body in _texts():
            writer.add_document(tantivy.Document(title=[title], body=[body]))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def ask(self, question: str) -> int:
        """How many were found, of the top 20."""
        words = " ".join(_WORD.findall(question)).lower()
        if not words:
            return 0
        searcher = self._index.searcher()
        query = self._index.parse_query(words, ["title", "body"])
        marked = tantivy.SnippetGenerator.create(searcher, query, self._schema, "body")
        hits = searcher.search(query, TOP).hits
        documents = [searcher.doc(address) for _, address in hits]
        return len([(doc["title"], marked.snippet_from_doc(doc).to_html()) for doc in documents])

    def close(self) -> None:
        """Let go of it."""
        self._folder.cleanup()


def _texts() -> Iterator[tuple[str, str]]:
    from knowledge.models import Revision

    rows = Revision.objects.filter(state=Revision.State.PUBLISHED).values_list("title", "body")
    yield from rows.iterator(chunk_size=2_000)
