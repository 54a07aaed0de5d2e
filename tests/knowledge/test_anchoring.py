"""Where a note is fastened: found again wherever its words went, and told apart from words that changed."""

import re
import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import anchoring
from knowledge.anchoring import Passage, Place, digest, find, nearest
from knowledge.rendering import render


@dataclass
class At:
    """A note's anchor on a passage."""

    place: str
    key: str
    quote: str
    number: int


def on(passage: Passage) -> At:
    return At(passage.place, passage.key, passage.text, passage.number)


def made(*texts: str, place: Place = Place.TEXT) -> list[Passage]:
    return [Passage(place, number, text) for number, text in enumerate(texts)]


WORDS = st.sampled_from("give wait stop 5 10 mg of lactate fluid at once not".split())
SENTENCES = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
DOCUMENTS = st.lists(SENTENCES, min_size=1, max_size=12)


@given(DOCUMENTS, st.data())
def test_in_its_own_revision_a_note_stands_at_its_very_passage(texts: list[str], data: st.DataObject) -> None:
    passages = made(*texts)
    passage = data.draw(st.sampled_from(passages))
    assert find(on(passage), passages) == passage


@given(DOCUMENTS, DOCUMENTS, st.data())
def test_it_moves_with_its_words_whatever_else_changes(
    texts: list[str], others: list[str], data: st.DataObject
) -> None:
    passage = data.draw(st.sampled_from(made(*texts)))
    after = made(*data.draw(st.permutations([*others, passage.text])))
    found = find(on(passage), after)
    assert found is not None
    assert found.text == passage.text


@given(DOCUMENTS, DOCUMENTS, st.data())
def test_without_its_words_it_is_not_found_and_nothing_old_is_taken_for_new(
    texts: list[str], others: list[str], data: st.DataObject
) -> None:
    before = made(*texts)
    passage = data.draw(st.sampled_from(before))
    after = made(*(text for text in others if text != passage.text))
    assert find(on(passage), after) is None
    became = nearest(on(passage), before, after)
    assert became is None or became.text not in texts or others.count(became.text) > texts.count(became.text)


@given(DOCUMENTS, st.data())
def test_a_word_more_in_a_sentence_is_that_sentence_changed(texts: list[str], data: st.DataObject) -> None:
    before = made(*texts)
    passage = data.draw(st.sampled_from(before))
    changed = [*texts]
    changed[passage.number] = f"{passage.text} unless pregnant"
    became = nearest(on(passage), before, made(*changed))
    if len(passage.text.split()) > 2:
        assert became is not None
        assert became.text == f"{passage.text} unless pregnant"


def test_of_equal_words_the_nearest_and_of_places_the_same() -> None:
    passages = [*made("Monitor.", "x", "Monitor.", "y", "Monitor.")]
    assert find(At("text", "", "Monitor.", 3), passages) == passages[2]
    assert find(At("text", "", "Monitor.", 9), passages) == passages[4]
    recommended = Passage(Place.RECOMMENDATION, 1, "Monitor.", key="a")
    assert find(At("recommendation", "a", "Monitor.", 0), [*passages, recommended]) == recommended


def test_a_recommendation_is_known_by_its_key() -> None:
    before = [Passage(Place.RECOMMENDATION, 1, "Give fluid early.", key="fluid")]
    after = [
        Passage(Place.RECOMMENDATION, 1, "Give fluid early, then look.", key="other"),
        Passage(Place.RECOMMENDATION, 2, "Do something else entirely.", key="fluid"),
    ]
    assert nearest(on(before[0]), before, after) == after[1]
    assert find(on(before[0]), after) is None


def test_what_stood_beside_it_all_along_is_not_what_it_became() -> None:
    before = made("Give 5 mg of apixaban twice a day.", "Give 2.5 mg of apixaban twice a day.")
    after = made("Give 2.5 mg of apixaban twice a day.", "Ask the pharmacist.")
    assert nearest(on(before[0]), before, after) is None, "removed"
    after = made("Give 2.5 mg of apixaban twice a day.", "Give 10 mg of apixaban twice a day.")
    assert nearest(on(before[0]), before, after) == after[1]


@given(st.text(alphabet="a \n\t", max_size=20))
def test_a_line_break_is_no_change(text: str) -> None:
    assert digest(text) == digest(" ".join(text.split()))


def test_a_long_document_is_matched_in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    long = [f"{' '.join(f'word{number + place}' for place in range(60))}." for number in range(800)]
    before, after = made(*long), made(*(f"{text} More of it." for text in long))
    start = time.perf_counter()
    became = nearest(on(before[400]), before, after)
    assert became is not None
    assert became.number == 400
    assert time.perf_counter() - start < 2
    monkeypatch.setattr(anchoring, "MOST_WORDS", 10)
    assert nearest(on(before[400]), before, after) == became


BODY = """# Title

First line
and *second* line.

- [ ] Tick **me**
- Loose

  With a second paragraph.

| Drug | Dose |
|---|---|
| A | ~~1~~ 2 |
| B | |

> Quoted.

```
code   here
```

### Deeper

1. One
   - Nested
"""


def test_the_blocks_of_a_text() -> None:
    found = render(BODY)
    assert [(block.kind, block.text, block.under) for block in found.blocks] == [
        ("heading", "Title", ""),
        ("paragraph", "First line and second line.", "Title"),
        ("list item", "Tick me", "Title"),
        ("list item", "Loose", "Title"),
        ("paragraph", "With a second paragraph.", "Title"),
        ("table row", "A | ~~1~~ 2", "Title"),
        ("table row", "B |", "Title"),
        ("paragraph", "Quoted.", "Title"),
        ("code", "code here", "Title"),
        ("heading", "Deeper", "Title"),
        ("list item", "One", "Deeper"),
        ("list item", "Nested", "Deeper"),
    ]
    assert [number for _, number in found.pieces] == [*range(12), None]
    by_number = {number: piece for piece, number in found.pieces}
    assert by_number[3].rstrip().endswith("<p>Loose</p>")
    assert by_number[5].rstrip().endswith("</table>\n</div>"), "a row's note stands under its table"
    assert by_number[10].rstrip().endswith("One"), "a note stands inside its own list item, before what is nested"


@given(
    st.text(max_size=80) | st.sampled_from(["\ue0000\ue001", "a\ue0007\ue001b", "- \ue000\n\n| \ue001 |\n|---|\n| x |"])
)
def test_marks_never_stay_and_cannot_be_forged(text: str) -> None:
    found = render(text)
    assert not re.search("[\ue000\ue001]", found.html)
    assert found.html == "".join(piece for piece, _ in found.pieces)
    assert [number for _, number in found.pieces] == [*range(len(found.blocks)), None]
