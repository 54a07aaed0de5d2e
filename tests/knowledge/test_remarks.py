"""Remarks anchored to a passage, their replies, and settling them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import anchors
from knowledge.models import Document, Revision
from knowledge.rendering import render
from knowledge.services import (
    add_remark,
    decide,
    reopen_remark,
    resolve_remark,
    withdraw_submission,
)
from knowledge.services.remarks import places_of
from portal.common.refusals import Conflict, Invalid, Refused
from tests.cast import Cast
from tests.knowledge.helpers import make_document
from tests.knowledge.reviews import drafted, review_of, submitted, told

BODY = "## Dosing\n\nGive **5 mg** once,\nthen wait.\n\n| Drug | Dose |\n|---|---|\n| A & B | < 1 |\n\n- one\n- two\n"
PARTS: dict[str, Any] = {
    "body": BODY,
    "recommendations": [{"key": "dose", "text": "Weigh first.", "strength": "strong"}],
}


def test_blocks_are_the_outermost_elements() -> None:
    html = str(render(BODY + "\n---\n\n- [ ] tick me\n").html)
    found = anchors.blocks(html)
    assert "".join(block.html for block in found).split() == html.split()
    assert [block.text for block in found][:2] == ["Dosing", "Give 5 mg once, then wait."]
    assert "A & B < 1" in found[2].text
    assert len(found) == 6


@given(st.text(alphabet="ab \n*_|<&-#`", max_size=80))
def test_blocks_lose_nothing(markdown: str) -> None:
    html = str(render(markdown).html)
    assert "".join("".join(block.html for block in anchors.blocks(html)).split()) == "".join(html.split())


@given(st.lists(st.text(alphabet="abc ", min_size=1, max_size=8), min_size=1, max_size=5), st.data())
def test_words_are_found_in_the_block_they_end_in(texts: list[str], data: st.DataObject) -> None:
    blocks = [anchors.Block(html="", text=text) for text in texts]  # type: ignore[arg-type]
    bare = "".join("".join(texts).split())
    if not bare:
        assert anchors.block_of("a", blocks) is None
        return
    start = data.draw(st.integers(0, len(bare) - 1))
    end = data.draw(st.integers(start + 1, len(bare)))
    place = anchors.block_of(bare[start:end], blocks)
    assert place is not None
    assert bare[start:end] in "".join("".join(texts[: place + 1]).split())
    assert anchors.block_of("z", blocks) is None


@pytest.fixture
def revision(tmp_path: Path, cast: Cast, db: None) -> Revision:
    return submitted(tmp_path, cast, cast.lead, **PARTS)


@pytest.mark.parametrize(
    ("place", "quote"),
    [
        ("title", "About a"),
        ("summary", "summary  of"),
        ("recommendation:dose", "Weigh"),
        ("body", "Give 5 mg once, then\nwait."),
        ("body", "Give **5 mg**"),
        ("body", "Dosing\n\nGive 5 mg"),
        ("body", "A & B\t< 1"),
        ("body", ""),
        ("", ""),
    ],
)
def test_words_that_stand_there(cast: Cast, revision: Revision, place: str, quote: str) -> None:
    remark = add_remark(revision=revision, place=place, quote=quote, text=" Why? ", by=cast.lead)
    assert (remark.place, remark.quote, remark.text) == (place, " ".join(quote.split()), "Why?")
    assert "There are remarks on" in told(cast.editor)[-1]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"place": "title", "quote": "Weigh"}, "quote"),
        ({"place": "body", "quote": "Give 6 mg"}, "quote"),
        ({"place": "", "quote": "Give"}, "quote"),
        ({"place": "body", "quote": "x" * 501}, "quote"),
        ({"place": "recommendation:gone"}, "place"),
        ({"place": "keywords"}, "place"),
        ({"text": " \0"}, "text"),
        ({"text": "x" * 2001}, "text"),
    ],
)
def test_words_that_do_not(cast: Cast, revision: Revision, values: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        add_remark(revision=revision, by=cast.lead, **({"text": "Why?"} | values))  # type: ignore[arg-type]
    assert list(refusal.value.fields) == [field]
    assert not revision.remarks.exists()


def test_replies_and_settling(cast: Cast, revision: Revision) -> None:
    remark = add_remark(revision=revision, place="title", text="Shorter.", by=cast.lead)
    reply = add_remark(revision=revision, text="How?", by=cast.editor, parent=remark)
    again = add_remark(revision=revision, text="Like this.", by=cast.lead, parent=reply)
    assert (reply.parent, again.parent, reply.place) == (remark, remark, ""), "a reply to a reply joins the thread"
    assert "There is a reply to your remarks on" in told(cast.lead)[-1]
    resolved = resolve_remark(remark=again, by=cast.editor)
    assert (resolved.pk, resolved.resolved_by) == (remark.pk, cast.editor)
    at = resolved.resolved_at
    assert resolve_remark(remark=remark, by=cast.lead).resolved_at == at
    assert reopen_remark(remark=remark, by=cast.lead).resolved_at is None
    assert len([text for text in told(cast.editor) if "remarks" in text]) == 1


@pytest.mark.parametrize("who", ["clinician_prairie", "admin_prairie", "specialist", "network_admin", "auditor"])
def test_only_editors_and_those_named_remark(cast: Cast, revision: Revision, who: str) -> None:
    person = getattr(cast, who)
    remark = add_remark(revision=revision, text="Mine.", by=cast.lead)
    acts: list[Callable[[], object]] = [
        lambda: add_remark(revision=revision, text="x", by=person),
        lambda: add_remark(revision=revision, text="x", by=person, parent=remark),
        lambda: resolve_remark(remark=remark, by=person),
        lambda: reopen_remark(remark=remark, by=person),
    ]
    for act in acts:
        with pytest.raises(Refused, match="Only editors and those asked"):
            act()


def test_when_it_may_be_discussed(tmp_path: Path, cast: Cast, revision: Revision) -> None:
    remark = add_remark(revision=revision, text="Mine.", by=cast.lead)
    decide(review=review_of(revision, cast.lead), decision="changes", reason="See there.", by=cast.lead)
    with pytest.raises(Conflict, match="while a revision is in review"):
        add_remark(revision=revision, text="Late.", by=cast.lead)
    add_remark(revision=revision, text="Done.", by=cast.editor, parent=remark)
    resolve_remark(remark=remark, by=cast.editor)
    draft = drafted(tmp_path, cast.editor, "b")
    with pytest.raises(Refused, match="Only editors and those asked"):
        add_remark(revision=draft, text="x", by=cast.editor)
    withdraw_submission(revision=submitted(tmp_path, cast, cast.lead, slug="c"), by=cast.editor)
    published = make_document(tmp_path, "d").current_revision
    assert published
    with pytest.raises(Conflict, match="while a revision is in review"):
        add_remark(revision=published, text="x", by=cast.editor)


def test_a_parent_is_of_the_same_revision(tmp_path: Path, cast: Cast, revision: Revision) -> None:
    other = submitted(tmp_path, cast, cast.lead, slug="b")
    remark = add_remark(revision=other, text="There.", by=cast.lead)
    with pytest.raises(Conflict, match="not of this revision"):
        add_remark(revision=revision, text="Here.", by=cast.lead, parent=remark)


def test_places(revision: Revision) -> None:
    assert list(places_of(revision)) == ["title", "summary", "recommendation:dose", "body"]
    assert Document.objects.get().revisions.count() == 1
