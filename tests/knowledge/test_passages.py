"""Which stretch of a passage is shown."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.folding import Word
from knowledge.search.passages import LENGTH, _densest, _Part

WEIGHTS = {"gout": 3.0, "renal": 1.7, "dose": 0.4, "colchicin": 2.3}
_STEPS = st.lists(st.tuples(st.integers(1, 120), st.integers(1, 20), st.sampled_from(sorted(WEIGHTS))), min_size=1)


@given(_STEPS)
def test_the_stretch_shown_is_the_first_of_those_that_say_most(steps: list[tuple[int, int, str]]) -> None:
    hits, at = [], 0
    for gap, length, stem in steps:
        hits.append(Word(at + gap, at + gap + length, stem))
        at += gap + length

    def said(first: Word) -> float:
        inside = {hit.stem for hit in hits if first.start <= hit.start and hit.end <= first.start + LENGTH - 60}
        return sum(WEIGHTS[stem] for stem in sorted(inside))

    most = max(map(said, hits))
    assert _densest(hits, WEIGHTS) == next(hit.start for hit in hits if said(hit) > most - 1e-6)


def test_a_word_longer_than_the_stretch_is_passed_over() -> None:
    long = Word(0, 400, "gout")
    assert _densest([long, Word(500, 505, "gout"), Word(506, 511, "renal")], WEIGHTS) == 500
    assert _densest([], WEIGHTS) == 0


def test_words_are_found_where_they_stand() -> None:
    part = _Part("Gout: colchicine's dose, halved in renal failure. Gout again.")
    found = [part.text[hit.start : hit.end] for hit in part.hits(WEIGHTS)]
    assert found == ["Gout", "colchicine", "dose", "renal", "Gout"]
    assert part.hits(WEIGHTS) == part.hits(WEIGHTS)
