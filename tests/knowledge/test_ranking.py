"""How search ranks: scores as the engine's own, other names, slips of the pen, kinds of question, operators, limits."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh.query import Or, Term
from whoosh.searching import Searcher

from knowledge import search
from knowledge.models import Document
from knowledge.search import engine, store, synonyms
from knowledge.search.folding import stems
from knowledge.search.scoring import Field
from knowledge.search.vocabulary import Vocabulary
from knowledge.services import indexing
from tests.cast import Cast
from tests.knowledge.helpers import load_rows, row

pytestmark = pytest.mark.django_db
TEXT = Field("text", 1.0, 1.2, 0.75)

ROWS = (
    row("pneumonia", kind="protocol", title="Community-acquired pneumonia", body="Pneumonia: give amoxicillin."),
    row("curb", title="CURB-65 in pneumonia", body="A score for pneumonia. Pneumonia severity.", codes=["J18.9"]),
    row("infant", title="The febrile infant", body="Fever in an infant below 60 days."),
    row("vte", title="Venous thromboembolism", body="Heparin for thromboembolism of the veins.", codes=["I26.99"]),
    row("clotting", title="Laboratory tests", body="Thrombin time and prothrombin."),
    row("mi", title="Acute coronary syndrome", body="Myocardial infarction: aspirin at once.", codes=["I21.4"]),
    row("mr", title="Valves of the heart", body="Mitral insufficiency is heard as a murmur."),
    row("copd", title="Exacerbation of COPD", body="Chronic obstructive pulmonary disease."),
    row("fluid", title="Fluid overload", body="A diuretic such as furosemide."),
    row("cf-treat", title="What are the treatments for cystic fibrosis?", body="Cystic fibrosis: enzymes."),
    row("cf-inherit", title="Is cystic fibrosis inherited?", body="Cystic fibrosis: both parents carry it."),
    row("cf-signs", title="What are the symptoms of cystic fibrosis?", body="Cystic fibrosis: salty skin, cough."),
    row("greig", title="Zellmann cerebral palsy syndrome", body="A made up disease."),
)


@pytest.fixture
def corpus(tmp_path: Path) -> None:
    load_rows(tmp_path, *ROWS)
    indexing.index_pending()


@pytest.fixture
def searcher(corpus: None, tmp_path: Path) -> Iterator[Searcher]:
    """The index in two segments, with a document taken out of the first."""
    load_rows(tmp_path, row("curb", title="CURB-65", body="A score for pneumonia in the emergency department."))
    indexing.index_pending()
    with store.searching() as found:
        yield found


@pytest.mark.parametrize(
    "forms",
    ["activate activated activating activation", "haemorrhage hemorrhages", "tumour tumors", "acylated acylation"],
)
def test_the_forms_of_a_word_are_one(forms: str) -> None:
    assert len(set(stems(forms))) == 1


def slugs(query: str, **asked: object) -> list[str]:
    return [hit.document.slug for hit in search.search(query, **asked).hits]  # type: ignore[arg-type]


def test_scores_of_one_word_are_the_engines_own(searcher: Searcher) -> None:
    now = engine.State(searcher)
    assert len(now.arrays.leaves) == 2
    for stem in ("pneumonia", "fibrosi", "infant", "nowher"):
        places, values = now.scorer.impacts(TEXT, stem, now.scorer.idf("text", stem))
        ours = {
            int(place): float(value) for place, value in zip(places, values, strict=True) if now.arrays.alive[place]
        }
        hits = searcher.search(Term("text", stem), limit=None)
        assert ours == pytest.approx({hit.docnum: hit.score for hit in hits}, rel=1e-5)


def test_scores_of_several_words_are_the_engines_own(searcher: Searcher) -> None:
    now = engine.State(searcher)
    wanted = ["pneumonia", "score", "cystic", "fever"]
    ours: dict[int, float] = {}
    for stem in wanted:
        places, values = now.scorer.impacts(TEXT, stem, now.scorer.idf("text", stem))
        for place, value in zip(places, values, strict=True):
            if now.arrays.alive[place]:
                ours[int(place)] = ours.get(int(place), 0.0) + float(value)
    hits = searcher.search(Or([Term("text", stem) for stem in wanted]), limit=None)
    assert ours == pytest.approx({hit.docnum: hit.score for hit in hits}, rel=1e-5)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("pneumonia", "pneumonia"),
        ("febrile baby", "infant"),
        ("venous thrombo", "vte"),
        ("heart attack", "mi"),
        ("MI", "mi"),
        ("ami", "mi"),
        ("water pill", "fluid"),
        ("copd", "copd"),
        ("cpod", "copd"),
        ("emphysema", "copd"),
        ("how do you treat cystic fibrosis in an adult?", "cf-treat"),
        ("can cystic fibrosis run in the family?", "cf-inherit"),
        ("what are the signs of cystic fibrosis and when should I worry?", "cf-signs"),
        ("cystic fibrossi symptoms", "cf-signs"),
        ("zcps", "greig"),
        ("communityacquired pneumonia", "pneumonia"),
        ("I21.4", "mi"),
        ("i214", "mi"),
        ("I21", "mi"),
        ("i2699", "vte"),
        ("I26.9", "vte"),
    ],
)
@pytest.mark.usefixtures("corpus")
def test_finds_first(query: str, first: str) -> None:
    assert slugs(query)[:1] == [first]


@pytest.mark.usefixtures("corpus")
def test_an_abbreviation_of_two_senses_finds_both() -> None:
    assert {"mi", "mr"} <= set(slugs("MI"))


@pytest.mark.usefixtures("corpus")
def test_a_word_being_typed_is_not_put_right() -> None:
    results = search.search("venous thrombo")
    assert not results.corrected
    assert results.suggestion is None


@pytest.mark.usefixtures("corpus")
def test_operators() -> None:
    assert set(slugs("pneumonia")) >= {"pneumonia", "curb"}
    assert "curb" not in slugs("pneumonia -score")
    assert slugs('"mitral insufficiency"') == ["mr"]
    assert slugs('"insufficiency mitral" murmur')[:1] == ["mr"]  # nowhere word for word: what is near
    assert slugs("title:syndrome aspirin") == ["mi", "greig"]
    assert slugs('title:"coronary syndrome"') == ["mi"]
    assert slugs("title:aspirin") == []


@pytest.mark.usefixtures("corpus")
def test_limits() -> None:
    assert slugs("pneumonia", code="J18") == ["curb"]
    assert slugs("pneumonia", code="j189") == ["curb"]
    today = timezone.localdate()
    assert slugs("copd", since=today - timedelta(days=1)) == ["copd"]
    assert slugs("copd", since=today + timedelta(days=2)) == []


@pytest.mark.usefixtures("corpus")
def test_the_page_narrows_down_and_says_so(cast: Cast, client: Client) -> None:
    client.force_login(cast.clinician_prairie)
    page = client.get("/search/", {"q": "pneumonia", "code": "J18"}).content.decode()
    assert "/documents/curb/" in page
    assert "/documents/pneumonia/" not in page
    nothing = client.get("/search/", {"q": "pneumonia", "since": "2999-01-01"}).content.decode()
    assert "Nothing found here" in nothing
    assert client.get("/search/", {"q": "pneumonia", "since": "2026-99-99", "code": "'; --"}).status_code == 200


@pytest.mark.usefixtures("corpus")
def test_suggestions(cast: Cast, client: Client) -> None:
    person = cast.clinician_prairie
    found = [(row.kind, row.text) for row in search.suggestions("veno", person=person)]
    assert ("document", "Venous thromboembolism") in found
    assert ("term", "heart attack") not in found
    assert ("document", "Community-acquired pneumonia") in [
        (row.kind, row.text) for row in search.suggestions("acquired pneu", person=person)
    ]
    assert ("specialty", "Cardiology") in [(row.kind, row.text) for row in search.suggestions("cardio", person=person)]
    assert any(row.kind == "specialist" for row in search.suggestions(cast.specialist.name[:4], person=person))
    assert search.suggestions("v", person=person) == []
    client.force_login(person)
    assert "Venous thromboembolism" in client.get("/search/suggestions/", {"q": "veno"}).content.decode()
    assert client.get("/search/suggestions/").status_code == 200


@pytest.mark.usefixtures("corpus")
def test_nothing_is_suggested_to_one_without_a_role_nor_what_is_retired(cast: Cast) -> None:
    Document.objects.filter(slug="vte").update(retired_at=timezone.now())
    assert all(row.kind != "document" for row in search.suggestions("venous", person=cast.clinician_prairie))
    cast.clinician_prairie.roles.all().delete()
    cast.clinician_prairie.__dict__.pop("actor", None)
    assert search.suggestions("pneumonia", person=cast.clinician_prairie) == []


@pytest.mark.usefixtures("corpus")
def test_suggestions_without_an_index(cast: Cast, index_folder: Path) -> None:
    index_folder.rename(index_folder.with_name("elsewhere"))
    assert search.suggestions("venous", person=cast.clinician_prairie) == []


def test_the_lists_of_names_are_sound() -> None:
    short = dict(synonyms.rows(synonyms.ABBREVIATIONS))
    pairs = list(synonyms.rows(synonyms.SYNONYMS))
    assert len(short) >= 300
    assert len(pairs) >= 300
    assert len(short) == len(list(synonyms.rows(synonyms.ABBREVIATIONS)))
    assert len(set(pairs)) == len(pairs)
    assert all(name and senses and all(stems(sense) for sense in senses.split(" | ")) for name, senses in short.items())
    assert all(stems(first) and stems(second) and stems(first) != stems(second) for first, second in pairs)
    for name in ("MI", "PE", "AF", "MS", "RA"):
        assert " | " in short[name], name
    assert {"DKA", "COPD", "CAP", "UTI"} <= short.keys()


@given(st.text("abcdef", min_size=4, max_size=8), st.text("abcdef", min_size=3, max_size=9))
def test_nearness_counts_slips(word: str, other: str) -> None:
    assert Vocabulary([other]).near(word, 2).get(other, 3) == min(3, _slips(word, other))


@given(st.text("abc", min_size=5, max_size=7), st.sets(st.text("abc", min_size=4, max_size=8), min_size=60))
def test_nearness_counts_slips_of_many_at_once(word: str, others: set[str]) -> None:
    slips = {other: _slips(word, other) for other in others}
    assert Vocabulary(others).near(word, 2) == {other: count for other, count in slips.items() if count <= 2}


def _slips(first: str, second: str) -> int:
    """Optimal string alignment, letter by letter."""
    rows = [list(range(len(second) + 1))]
    for at, letter in enumerate(first, 1):
        row = [at]
        for place, other in enumerate(second, 1):
            value = min(rows[-1][place] + 1, row[-1] + 1, rows[-1][place - 1] + (letter != other))
            if at > 1 and place > 1 and letter == second[place - 2] and first[at - 2] == other:
                value = min(value, rows[-2][place - 2] + 1)
            row.append(value)
        rows.append(row)
    return rows[-1][-1]


_PIECES = st.sampled_from(
    ['"', "-", "title:", "*", "?", "(", "[", "TO", "^2", "~", "\\", "'", "’s", "\0", "A41", ".9", "OR", "é", "中", "🙂",
     "MI", "pneumonia", "heart attack", "how do you treat", "\ud800", " ", "  "]
)  # fmt: skip


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=8).map("".join)))
def test_no_odd_text_fails(corpus: None, query: str) -> None:
    assert not search.search(query, page_size=2).degraded


def test_a_title_of_filler_alone_is_indexed_in_any_number_of_documents(tmp_path: Path, corpus: None) -> None:
    titled = [row(f"it-{number}", title="What is it?", body="Quinsy is an abscess.") for number in range(6)]
    load_rows(tmp_path, *titled)
    indexing.index_pending()
    assert len(slugs("quinsy")) == 6
    indexing.rebuild()
    assert len(slugs("quinsy")) == 6
