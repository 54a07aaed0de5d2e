"""What keeps an index whole, one rule at a time; tests/drills/index.py has them all at once."""

import gc
import os
import random
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from knowledge import health, search
from knowledge.models import Document
from knowledge.search import durable, known, store
from knowledge.services import indexing, retire_document
from portal.environment import Environment
from tests.knowledge.helpers import load_rows, row
from tests.knowledge.index_contents import contents
from tests.knowledge.test_search import ROWS

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus(tmp_path: Path) -> None:
    load_rows(tmp_path, *ROWS)
    indexing.index_pending()


def test_an_index_that_grew_equals_one_built_anew_in_every_field_of_every_document(tmp_path: Path) -> None:
    dice = random.Random(4)
    words = "renal cardiac hepatic murmur oedema A41.9 dose sepsis ketoacidosis".split()
    for step in range(40):
        slug = f"d-{dice.randrange(12)}"
        document = Document.objects.filter(slug=slug, retired_at=None).first()
        if document and dice.random() < 0.25:
            retire_document(document=document, by="test")
        else:
            load_rows(
                tmp_path,
                row(
                    slug,
                    title=f"{' '.join(dice.sample(words, 3))} {step}",
                    body=" ".join(dice.choices(words, k=20)),
                    codes=dice.choice([[], ["A41.9"], ["E10.10", "E87.5"]]),
                    specialties=dice.choice([["cardiology"], ["critical-care", "endocrinology"]]),
                ),
            )
        indexing.index_pending(thorough=step % 3 == 0)
    grown = contents()
    indexing.rebuild()
    anew = contents()
    assert grown.keys() == anew.keys()
    assert len(grown) == Document.objects.published().count() > 5
    for key, entry in grown.items():
        for part in ("stored", "lengths", "columns", "terms"):
            assert entry[part] == anew[key][part], (key, part)


def test_every_file_is_on_the_disk_before_a_commit_counts(
    tmp_path: Path, corpus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: set[str] = set()
    missing: list[set[str]] = []
    fsync, rename = os.fsync, os.rename

    def note_flush(descriptor: int) -> None:
        fsync(descriptor)
        flushed.add(Path(f"/proc/self/fd/{descriptor}").readlink().name)

    def note_rename(old: str, new: str) -> None:
        if new.endswith(".toc"):
            folder = Path(new).parent
            made = {path.name for path in folder.glob("MAIN_*.*")} - before
            missing.append({*made, Path(old).name, folder.name, f"sizes-{new.split('_')[-1][:-4]}.json"} - flushed)
            assert made
        rename(old, new)

    before = {path.name for path in store.current().iterdir()}
    load_rows(tmp_path, row("dka", title="Quokka"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", note_flush)
        patch.setattr(os, "rename", note_rename)
        indexing.index_pending()
    assert missing == [set()]


def test_what_the_index_knows_is_never_ahead_of_it(
    tmp_path: Path, corpus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    folder = store.current()
    load_rows(tmp_path, row("dka", title="Quokka"))
    key = Document.objects.get(slug="dka").pk
    with monkeypatch.context() as patch:
        patch.setattr(durable.DurableStorage, "rename_file", full)
        with pytest.raises(OSError, match="disk full"):
            indexing.index_pending()
    assert search.keeping.pending() == [key]
    assert search.search("ketoacidosis").count == 1, "the last good index answers"
    assert indexing.index_pending() == 1
    assert known.in_index(folder) == known.in_database()


@pytest.mark.parametrize("torn", [b"12", b"999 3@17", b"7 ", b"\xff\xfe 1\n", b"a b\n"])
def test_a_torn_line_costs_an_indexing_and_nothing_more(corpus: None, torn: bytes) -> None:
    folder = store.current()
    with (folder / "known").open("ab") as file:
        file.write(torn)
    before = contents()
    Document.objects.filter(slug="dka").update(version=7)
    assert indexing.index_pending() >= 1
    assert search.oldest_pending() is None
    assert contents() == before


def test_a_document_that_the_database_no_longer_has_is_taken_out(corpus: None) -> None:
    known.remember(store.current(), {999_999: "1@1700000000.000000"})
    before = contents()
    assert indexing.index_pending() == 1
    assert indexing.index_pending() == 0
    assert contents() == before


def test_a_database_restored_from_a_copy_is_caught_up_with(corpus: None) -> None:
    earlier = timezone.now() - timedelta(days=3)
    Document.objects.filter(slug="dka").update(changed_at=earlier)
    assert indexing.index_pending() == 1


def test_a_look_at_what_changed_lately_finds_it(tmp_path: Path, corpus: None) -> None:
    Document.objects.filter(slug="sepsis").update(version=9, changed_at=timezone.now() - timedelta(days=3))
    assert indexing.index_pending(thorough=False) == 0
    load_rows(tmp_path, row("dka", title="Quokka"))
    assert indexing.index_pending(thorough=False) == 1
    assert indexing.index_pending() == 1


def test_a_failure_while_reading_has_an_old_index_built_anew_and_a_young_one_left(
    corpus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no such posting")

    folder = store.current()
    with monkeypatch.context() as patch:
        patch.setattr(search.engine, "rank", fail)
        assert search.search("sepsis").degraded
    assert indexing.index_pending() == 0
    assert store.current() == folder
    monkeypatch.setattr(store, "YOUNG_SECONDS", -1)
    assert indexing.index_pending() == 3
    assert store.current() != folder
    assert indexing.index_pending() == 0


def test_a_rebuild_that_fails_leaves_nothing_behind(corpus: None, index_folder: Path) -> None:
    before = sorted(index_folder.iterdir())

    def full(done: int, total: int) -> None:
        raise OSError("disk full")

    for _ in range(3):
        with pytest.raises(OSError, match="disk full"):
            indexing.rebuild(full)
    assert {path.name for path in index_folder.iterdir()} - {path.name for path in before} <= {"rebuild.lock"}
    assert not search.search("DKA").degraded


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the engine drops its open file
def test_readiness_tells_of_this_hosts_index(
    tmp_path: Path, corpus: None, index_folder: Path, settings: LazySettings
) -> None:
    assert health.index() == (True, "up to date")
    load_rows(tmp_path, row("dka", title="Quokka"))
    fine, words = health.index()
    assert fine
    assert "this host's is 0 s behind" in words
    Document.objects.filter(slug="dka").update(changed_at=timezone.now() - timedelta(minutes=6))
    fine, words = health.index()
    assert not fine
    indexing.index_pending()
    os.truncate(next(store.current().glob("*.pst")), 3)
    fine, words = health.index()
    assert not fine
    assert words.endswith("The database answers meanwhile.")
    settings.SEARCH_INDEX_DIR = index_folder.with_name("another-host")
    assert not health.index()[0]
    settings.SEARCH_ENGINE = "postgresql"
    assert health.index() == (True, "up to date")
    gc.collect()


@pytest.mark.parametrize("name", ["solr", "", "Whoosh"])
def test_an_engine_that_is_none_stops_the_program(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("SEARCH_ENGINE", name)
    with pytest.raises(ImproperlyConfigured, match="SEARCH_ENGINE"):
        Environment().one_of("SEARCH_ENGINE", default="whoosh", choices=("whoosh", "postgresql"))
