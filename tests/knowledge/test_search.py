"""Search: what it finds, what it never shows, and what happens when the index is away, old or being rebuilt."""

import gc
import shutil
import threading
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge import search
from knowledge.health import index_lag
from knowledge.models import Document
from knowledge.search import store
from knowledge.services import indexing, retire_document
from tests.cast import Cast
from tests.knowledge.helpers import load_rows, make_documents, row

pytestmark = pytest.mark.django_db

ROWS = (
    row(
        "sepsis",
        kind="protocol",
        title="Sepsis and septic shock",
        keywords=["blood poisoning", "SIRS"],
        codes=["A41.9"],
        specialties=["critical-care"],
        recommendations=[
            {"text": "Give antimicrobials within one hour.", "strength": "strong", "grade": "low"},
            {"text": "Start norepinephrine early."},
        ],
        body="## First\n\nMeasure **lactate** <now>.\n\n| Drug | Dose |\n|---|---|\n| Cefepime | 2 g |",
    ),
    row("dka", title="Diabetic ketoacidosis", keywords=["DKA"], codes=["E10.10"], specialties=["endocrinology"]),
    row("hyperkalemia", kind="faq", title="Hyperkalemia on the ward", body="Potassium & calcium.", codes=["E87.5"]),
)


@pytest.fixture
def corpus(tmp_path: Path) -> None:
    load_rows(tmp_path, *ROWS)
    indexing.index_pending()


@pytest.fixture(params=["whoosh", "postgresql"])
def either(request: pytest.FixtureRequest, settings: LazySettings) -> None:
    """Each of the two engines in turn."""
    settings.SEARCH_ENGINE = request.param


def slugs(query: str, **asked: str) -> list[str]:
    results = search.search(query, **asked)  # type: ignore[arg-type]
    assert not results.degraded
    return [hit.document.slug for hit in results.hits]


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("septic shock", "sepsis"),
        ("Sepsis?", "sepsis"),
        ("what is the treatment of sepsis", "sepsis"),
        ("blood poisoning", "sepsis"),
        ("DKA", "dka"),
        ("dka", "dka"),
        ("A41.9", "sepsis"),
        ("a41.9", "sepsis"),
        ("A419", "sepsis"),
        ("A41", "sepsis"),
        ("E10", "dka"),
        ("hyperkalaemia", "hyperkalemia"),
        ("norepinephrine", "sepsis"),
        ("antimicrobial", "sepsis"),
        ("cefepime", "sepsis"),
        ("critical care", "sepsis"),
        ("ketoacidoses", "dka"),
    ],
)
@pytest.mark.usefixtures("either", "corpus")
def test_finds(query: str, slug: str) -> None:
    assert slugs(query)[:1] == [slug]


@pytest.mark.usefixtures("either", "corpus")
def test_a_typing_error_is_put_right_and_said() -> None:
    results = search.search("norepinefrine in Sepsis")
    assert [hit.document.slug for hit in results.hits] == ["sepsis"]
    assert results.suggestion == "norepinephrine in Sepsis"
    assert results.corrected
    known = search.search("sepsis")
    assert known.suggestion is None
    assert not known.corrected


@pytest.mark.usefixtures("either", "corpus")
def test_the_passage_is_what_matched_marked_and_escaped() -> None:
    hit = search.search("antimicrobials hour").hits[0]
    assert hit.passage == "Give <mark>antimicrobials</mark> within one <mark>hour</mark>."
    assert hit.recommendation is not None
    assert hit.recommendation.strength == "strong"
    assert search.search("lactate").hits[0].passage == "Measure <mark>lactate</mark> &lt;now&gt;."
    assert search.search("cefepime").hits[0].passage == "<mark>Cefepime</mark> · 2 g"


@pytest.mark.usefixtures("either", "corpus")
def test_facets_and_filters() -> None:
    results = search.search("sepsis ketoacidosis hyperkalemia")
    assert results.count == 3
    assert results.facets.kind == {"protocol": 1, "topic": 1, "faq": 1}
    assert results.facets.specialty == {"critical-care": 1, "endocrinology": 1, "cardiology": 1}
    faq = search.search("sepsis ketoacidosis hyperkalemia", kind="faq")
    assert [hit.document.slug for hit in faq.hits] == ["hyperkalemia"]
    assert faq.facets.kind == results.facets.kind
    assert faq.facets.specialty == {"cardiology": 1}
    assert slugs("sepsis", specialty="endocrinology") == []


def test_pages(tmp_path: Path, either: None) -> None:
    make_documents(tmp_path, 25)
    indexing.index_pending()
    pages = [search.search("murmur", page=page, page_size=10) for page in (1, 2, 3, 4)]
    assert [len(page.hits) for page in pages] == [10, 10, 5, 0]
    assert {page.count for page in pages} == {25}
    assert len({hit.document.pk for page in pages for hit in page.hits}) == 25


@pytest.mark.usefixtures("either", "corpus")
def test_helpers_of_the_ask_form(cast: Cast) -> None:
    matching = search.matching_documents("when do I give norepinephrine?", person=cast.clinician_prairie)
    assert [hit.document.slug for hit in matching] == ["sepsis"]
    suggested = search.specialties_for("norepinephrine dose in septic shock")
    assert [(row.specialty.slug, row.reason) for row in suggested] == [("critical-care", "“Sepsis and septic shock”")]
    assert search.specialties_for("") == search.specialties_for("zzzz qqqq") == []


def test_a_retired_or_hidden_document_is_gone_before_the_index_knows(
    tmp_path: Path, either: None, corpus: None, cast: Cast
) -> None:
    document = Document.objects.get(slug="sepsis")
    retire_document(document=document, by=cast.editor)
    assert search.search("sepsis").count == 0
    assert slugs("DKA") == ["dka"]
    assert search.search("DKA", person=cast.clinician_prairie).count == 1
    cast.clinician_prairie.roles.all().delete()
    cast.clinician_prairie.__dict__.pop("actor", None)
    assert search.search("DKA", person=cast.clinician_prairie).count == 0
    indexing.index_pending()
    assert search.search("sepsis").count == 0


def test_who_may_no_longer_sign_in_finds_nothing(either: None, corpus: None, cast: Cast) -> None:
    for code in (None, "A41"):
        assert search.search("sepsis", person=cast.clinician_prairie, code=code).hits, code
    cast.clinician_prairie.is_active = False
    for code in (None, "A41"):
        assert not search.search("sepsis", person=cast.clinician_prairie, code=code).hits, code


def test_drafts_are_never_found(tmp_path: Path, either: None, corpus: None) -> None:
    load_rows(tmp_path, row("secret", title="Xylophone protocol"), draft=True)
    indexing.index_pending()
    assert search.search("xylophone").count == 0
    load_rows(tmp_path, row("sepsis", title="Xylophone"), draft=True)
    indexing.rebuild()
    assert search.search("xylophone").count == 0


def test_a_changed_document_is_found_by_its_new_words_only(tmp_path: Path, either: None, corpus: None) -> None:
    load_rows(tmp_path, row("dka", title="Quokka", summary="", keywords=[], body="Nothing else."))
    assert (index_lag().total_seconds() > 0) is (django_settings.SEARCH_ENGINE == "whoosh")
    indexing.index_pending()
    assert slugs("quokka") == ["dka"]
    assert search.search("ketoacidosis").count == 0
    assert index_lag().total_seconds() == 0


def test_without_an_index_the_database_answers_and_nothing_is_deleted(index_folder: Path, corpus: None) -> None:
    moved = index_folder.rename(index_folder.with_name("elsewhere"))
    results = search.search("lactate")
    assert results.degraded
    assert [hit.document.slug for hit in results.hits] == ["sepsis"]
    assert results.hits[0].passage == "Measure <mark>lactate</mark> &lt;now&gt;."
    for query, slug in (("E10.10", "dka"), ("DKA", "dka"), ("potassium nonsense", "hyperkalemia")):
        assert [hit.document.slug for hit in search.search(query).hits] == [slug]
    assert search.search("septic", kind="faq").count == 0
    assert list(moved.iterdir())
    assert indexing.index_pending() == 3  # builds it anew
    assert not search.search("septic").degraded


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the engine drops its open file
def test_a_broken_index_is_left_as_it_is(corpus: None, caplog: pytest.LogCaptureFixture) -> None:
    folder = store.current()
    for file in folder.glob("*.toc"):
        file.write_bytes(b"broken")
    store.close()
    before = sorted(folder.iterdir())
    results = search.search("sepsis")
    assert results.degraded
    assert results.count == 1
    assert sorted(folder.iterdir()) == before
    indexing.rebuild()
    assert not search.search("sepsis").degraded
    caplog.clear()  # it holds the error, the error its frames, and they the file
    gc.collect()


def test_an_index_of_an_older_version_is_not_read(index_folder: Path, corpus: None) -> None:
    name = (index_folder / "current").read_text()
    (index_folder / name).rename(index_folder / f"0{name}")
    (index_folder / "current").write_text(f"0{name}")
    assert search.search("sepsis").degraded
    assert indexing.index_pending() == 3
    assert not search.search("sepsis").degraded


def test_a_failed_write_is_cancelled_and_the_next_one_works(corpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from knowledge.search import schema

    def fail(ids: object) -> None:
        raise RuntimeError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "read", fail)
        with pytest.raises(RuntimeError, match="disk full"):
            search.index_documents([1])
    assert slugs("DKA") == ["dka"]
    search.index_documents([Document.objects.get(slug="dka").pk])
    assert slugs("DKA") == ["dka"]


def test_two_writers_wait_for_each_other_and_one_gives_up(corpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "WRITER_TIMEOUT", 0.1)
    key = Document.objects.get(slug="dka").pk
    with store.lock("write", timeout=1), pytest.raises(search.Busy), store.lock("write", timeout=0.1):
        raise AssertionError
    search.index_documents([key])


def test_rebuilding_swaps_and_keeps_one_older_generation(index_folder: Path, corpus: None) -> None:
    first = store.current()
    call_command("rebuild_index")
    second = store.current()
    assert second != first
    assert first.is_dir()
    call_command("rebuild_index")
    assert not first.exists()
    assert second.is_dir()
    assert slugs("DKA") == ["dka"]


def test_what_changes_during_a_rebuild_is_in_it(tmp_path: Path, corpus: None) -> None:
    def meanwhile(done: int, total: int) -> None:
        load_rows(tmp_path, row("late", title="Latecomer"), row("dka", title="Renamed quokka"))

    indexing.rebuild(meanwhile)
    assert slugs("latecomer") == ["late"]
    assert slugs("quokka") == ["dka"]
    assert search.search("ketoacidosis").count == 0
    assert index_lag().total_seconds() == 0


def test_a_version_that_moved_on_while_it_was_read_stays_pending(corpus: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from knowledge.search import schema

    read = schema.read

    def meanwhile(ids: list[int]) -> object:
        Document.objects.filter(slug="dka").update(version=8)
        return read(ids)

    Document.objects.filter(slug="dka").update(version=7)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "read", meanwhile)
        assert indexing.index_pending() == 1
    assert indexing.index_pending() == 1
    assert indexing.index_pending() == 0


ODD = [
    "",
    " ",
    "?",
    "???",
    "*",
    "[",
    "[1 TO 2]",
    "AND",
    "OR NOT",
    '"',
    "(((",
    "title:x",
    "^2",
    "~",
    "a~2",
    "\\",
    "the",
    "x" * 5000,
]


@pytest.mark.parametrize(
    "query", [*ODD, "\0", "'; DROP TABLE", "é" * 300, "中文", "🙂", "A41.9 " * 400, "1e9", "\ud800"]
)
@pytest.mark.usefixtures("either", "corpus")
def test_odd_queries_never_fail(query: str) -> None:
    search.search(query)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_no_query_fails(either: None, corpus: None, query: str) -> None:
    results = search.search(query)
    assert not results.degraded


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_no_query_fails_without_the_engine(corpus: None, index_folder: Path, query: str) -> None:
    shutil.rmtree(index_folder, ignore_errors=True)
    search.search(query)


def test_reading_while_another_process_commits_and_swaps(index_folder: Path, corpus: None) -> None:
    """Readers in threads see no error while the index is written, and rebuilt, beside them."""
    errors: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        from knowledge.search.terms import terms_of

        while not stop.is_set():
            try:
                ranking = search.engine.rank(terms_of("sepsis ketoacidosis hyperkalemia"))
                assert len(ranking.scores) == 3
            except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
                errors.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    keys = list(Document.objects.values_list("pk", flat=True))
    for turn in range(12):
        search.index_documents(keys)
        if turn % 4 == 3:
            search.rebuild()
    stop.set()
    for reader in readers:
        reader.join()
    assert errors == []
