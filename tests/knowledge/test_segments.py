"""Segments that stay open: what a publication changes is seen, and what was read before is as good as read anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from whoosh.index import create_in

from knowledge import search
from knowledge.models import Document
from knowledge.search import durable, engine, schema, segments, store
from knowledge.search.postings import FieldWriter, Writer
from knowledge.search.vocabulary import Vocabularies, Vocabulary
from knowledge.services import indexing
from tests.knowledge.helpers import load_rows, row

pytestmark = pytest.mark.django_db

ROWS = (
    row("pneumonia", title="Community-acquired pneumonia", body="Amoxicillin for five days. Amoxicillin by mouth."),
    row("sepsis", title="Sepsis in adults", body="Fluids, cultures, antibiotics within the hour."),
    row("gout", title="Gout", body="Colchicine, or a short course of prednisone."),
)


@pytest.fixture
def corpus(tmp_path: Path) -> None:
    load_rows(tmp_path, *ROWS)
    indexing.index_pending()


def opened() -> set[str]:
    with store.searching() as searcher:
        return {str(id(leaf)) for leaf, _ in searcher.reader().leaf_readers()}


def found(query: str) -> list[str]:
    return [hit.document.slug for hit in search.search(query).hits]


def test_a_segment_stays_open_and_what_was_taken_out_of_it_is_gone(corpus: None, tmp_path: Path) -> None:
    before = opened()
    load_rows(tmp_path, row("asthma", title="Asthma", body="Salbutamol."))
    indexing.index_pending()
    assert before < opened()
    Document.objects.filter(slug="gout").update(retired_at="2026-01-01T00:00Z", version=9)
    key = Document.objects.get(slug="gout").pk
    search.index_documents([key])
    assert before < opened()
    assert (found("colchicine"), found("salbutamol")) == ([], ["asthma"])
    with store.searching() as searcher:
        arrays = engine.state(searcher).arrays
        assert not arrays.alive[arrays.keys == key].any()


def test_segments_that_a_rebuild_replaced_are_closed(corpus: None) -> None:
    opened()
    kept = set(segments._kept)
    indexing.rebuild()
    opened()
    assert segments._kept.keys().isdisjoint(kept)


def test_an_index_of_nothing_answers(corpus: None) -> None:
    Document.objects.update(retired_at="2026-01-01T00:00Z")
    indexing.rebuild()
    results = search.search("sepsis")
    assert (results.count, results.degraded) == (0, False)
    assert search.search("sepsys").suggestion is None


def test_the_dictionary_is_read_as_the_engine_reads_it(corpus: None, tmp_path: Path) -> None:
    load_rows(tmp_path, row("asthma", title="Asthma", body="Salbutamol, then budesonide."))
    indexing.index_pending()
    with store.searching() as searcher:
        arrays = engine.state(searcher).arrays
        lexicon = [word.decode() for word in searcher.reader().lexicon("words")]
        assert sorted({word for leaf in arrays.leaves for word in leaf.words}) == lexicon
        assert len(arrays.leaves) > 1
        assert arrays.vocabulary.starting("") == Vocabulary(lexicon).words
        for leaf in arrays.leaves:
            for name in ("text", "title", "pairs", "initials", "codes"):
                assert leaf._read_terms(name) == [term.decode() for term in leaf.reader.lexicon(name)]


def test_words_of_several_segments_are_found_as_if_they_were_one() -> None:
    every = ["asthma", "colchicine", "gout", "pneumonia", "salbutamol", "sepsis"]
    parts, whole = Vocabularies([Vocabulary(every[1::2]), Vocabulary(()), Vocabulary(every[:5])]), Vocabulary(every)
    for word in ("asthna", "gouts", "pnuemonia", "sepsys", "salbutamoll"):
        assert parts.near(word, 2) == whole.near(word, 2) != {}
    assert parts.alike("pnuemonia", 0.1, 3) == whole.alike("pnuemonia", 0.1, 3) != {}
    assert parts.holding("o", 9) == ["colchicine", "gout", "pneumonia", "salbutamol"]
    assert parts.holding("o", 2) == ["colchicine", "gout"]
    assert parts.starting("s") == ["salbutamol", "sepsis"]


def test_a_word_in_one_document_is_written_as_the_engine_writes_it(
    corpus: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def engines_own(self: Any, word: bytes, document: int, count: float, size: int) -> None:
        self.start_term(word)
        self.add(document, count, b"", size)
        self.finish_term()

    ours = _written(tmp_path / "ours")
    monkeypatch.setattr(FieldWriter, "_add_one", engines_own)
    assert ours == _written(tmp_path / "theirs")


def _written(folder: Path) -> list[bytes]:
    folder.mkdir()
    index = create_in(str(folder), schema.schema(), indexname=durable.NAME)
    writer: Any = Writer(index, timeout=1)
    for _, _, fields in schema.read(Document.objects.order_by("pk").values_list("pk", flat=True)):
        assert fields
        writer.add_document(**fields)
    writer.commit()
    return [next(folder.glob(f"*.{kind}")).read_bytes() for kind in ("trm", "pst")]


def test_getting_ready_opens_the_index_and_never_fails(
    corpus: None, tmp_path: Path, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    store.close()
    engine.forget()
    search.warm()
    assert segments._kept
    assert not caplog.records
    store.close()
    settings.SEARCH_INDEX_DIR = tmp_path / "nowhere"
    search.warm()
    assert "could not get ready" in caplog.text


@pytest.mark.parametrize("ask", [lambda: found("sepsis"), search.warm])
def test_a_file_that_is_gone_while_it_is_listed_is_no_damage(corpus: None, ask: Callable[[], object]) -> None:
    """A dangling name is what a listing holds of a file that a commit removes at that moment."""
    (store.current() / f"{durable.NAME}_removed.trm").symlink_to("gone")
    store.close()
    ask()
    assert not search.search("sepsis").degraded
