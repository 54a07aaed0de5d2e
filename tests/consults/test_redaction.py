"""Likely identifiers taken out with one press and put back: the pure rule, and the page with and without JavaScript."""

import html
import json
import re
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from consults import redaction
from consults.gate import TEXTS
from consults.models import Consult
from portal.common import identifiers
from portal.common.identifiers import Replaced
from tests.cast import Cast, sign_in
from tests.consults.helpers import drafted, sent

pieces = st.sampled_from(
    [
        "Mr. Gunderson",
        "MRN 00482913",
        "call 555-123-4567",
        "born 3/14/1951",
        "on 2026-01-02",
        "93 years",
        "a@b.example",
        "https://x.example/y",
        "12 Long Street",
        "123-45-6789",
        "has AF",
        "\n",
        "[date]",
    ]
)
texts = st.lists(pieces | st.text(max_size=8), max_size=12).map(" ".join)
SUMMARY = "Mr. Gunderson, MRN 00482913, has AF.\nSeen 3/14/2026."
TYPED = {"question": "Which dose of apixaban at an eGFR of 22?", "specialty": "cardiology", "summary": SUMMARY}


def text(response: Any) -> str:
    return str(response.content.decode())


def carried(page: str) -> str:
    found = re.search(r'name="replaced" value="([^"]*)"', page)
    return html.unescape(found[1]) if found else ""


class TestRule:
    @given(texts)
    def test_nothing_is_found_in_what_is_left(self, given_: str) -> None:
        assert identifiers.find(identifiers.redact(given_)[0]) == []

    @given(texts)
    def test_putting_back_gives_the_text_again(self, given_: str) -> None:
        taken = identifiers.redact(given_)
        assert identifiers.restore(*taken) == given_

    @given(texts)
    def test_nothing_else_of_the_text_changes(self, given_: str) -> None:
        changed, taken = identifiers.redact(given_)
        lengths = sum(len(piece.words) - len(piece.word) for piece in taken)
        assert len(given_) - len(changed) == lengths

    @given(texts)
    def test_one_piece_leaves_the_others(self, given_: str) -> None:
        found = identifiers.find(given_)
        for finding in found[:2]:
            changed, taken = identifiers.redact(given_, only=finding.words)
            assert {piece.words for piece in taken} == {finding.words}
            assert identifiers.restore(changed, taken) == given_

    def test_each_kind_has_a_word_of_its_own(self) -> None:
        kinds = {kind for kind, _ in identifiers._COMPILED} | {"a person's name", "a place"}
        assert kinds == set(identifiers.WORDS)
        assert identifiers.redact(SUMMARY)[0] == "[name], [record number], has AF.\nSeen [date]."

    @given(st.text(max_size=60) | st.just("[[1,2]]") | st.just('[["summary",0,"<b>","x"]]') | st.just("{}"))
    def test_what_the_page_did_not_write_is_nothing(self, given_: str) -> None:
        assert redaction.from_json(given_) == []

    @given(
        st.lists(
            st.tuples(st.sampled_from(TEXTS), st.builds(Replaced, st.integers(0, 99), st.just("[date]"), st.text()))
        )
    )
    def test_carried_along_it_stays_the_same(self, given_: list[tuple[str, Replaced]]) -> None:
        assert redaction.from_json(redaction.as_json(given_)) == given_[: redaction.MOST]

    def test_after_more_typing_the_nearest_word_is_put_back(self) -> None:
        changed, taken = identifiers.redact("Seen 3/14/2026.")
        assert identifiers.restore(f"Before that: well. {changed} Then worse.", taken) == (
            "Before that: well. Seen 3/14/2026. Then worse."
        )
        assert identifiers.restore("All written anew.", taken) == "All written anew."


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def clinician(self, cast: Cast, client: Client) -> Client:
        return sign_in(client, cast.clinician_prairie)

    def test_all_with_one_press_and_back_again_without_javascript(self, clinician: Client) -> None:
        page = text(clinician.post("/ask/redact/", TYPED | {"redact": "all"}))
        assert "[name], [record number], has AF.\nSeen [date]." in page
        assert "3 pieces replaced" in page
        draft = Consult.objects.get()
        assert draft.summary == "[name], [record number], has AF.\nSeen [date].", "and so the draft is kept"
        data = TYPED | {"summary": draft.summary.replace("\n", "\r\n"), "draft": draft.number, "undo": "1"}
        page = text(clinician.post("/ask/redact/", data | {"replaced": carried(page)}))
        assert "3 pieces put back" in page
        draft.refresh_from_db()
        assert draft.summary == SUMMARY

    def test_one_by_one_each_can_be_put_back(self, clinician: Client) -> None:
        page = text(clinician.post("/ask/redact/", TYPED | {"redact": "summary:Mr. Gunderson"}))
        draft = Consult.objects.get()
        assert draft.summary.startswith("[name], MRN 00482913")
        data = TYPED | {"summary": draft.summary, "draft": draft.number, "replaced": carried(page)}
        page = text(clinician.post("/ask/redact/", data | {"redact": "summary:3/14/2026"}))
        assert [piece[3] for piece in json.loads(carried(page))] == ["Mr. Gunderson", "3/14/2026"]

    def test_with_htmx_the_panel_and_the_text_come_back(self, clinician: Client) -> None:
        response = clinician.post("/ask/redact/", TYPED | {"redact": "all"}, headers={"HX-Request": "true"})
        page = text(response)
        assert "<html" not in page
        assert re.search(r'id="ask-text-summary"[^>]*hx-swap-oob="true"', page)
        assert "[record number]" in page
        saved = clinician.post(
            "/ask/draft/",
            TYPED | {"summary": Consult.objects.get().summary, "replaced": carried(page)},
            headers={"HX-Request": "true"},
        )
        assert "3 pieces replaced" in text(saved), "the way back stays while one types"

    def test_an_unknown_piece_changes_nothing(self, clinician: Client) -> None:
        for asked in ("summary:AF", "number:C-1", "", "question:"):
            clinician.post("/ask/redact/", TYPED | {"redact": asked})
        assert {row.summary for row in Consult.objects.all()} == {SUMMARY}

    def test_not_for_others_nor_for_what_was_sent(self, cast: Cast, clinician: Client) -> None:
        draft, gone = drafted(cast), sent(cast)
        assert clinician.post("/ask/redact/", TYPED | {"draft": gone.number, "redact": "all"}).status_code == 404
        for person in (cast.clinician_lakeside, cast.specialist, cast.network_admin):
            other = sign_in(Client(), person)
            assert other.post("/ask/redact/", TYPED | {"draft": draft.number, "redact": "all"}).status_code == 404
        before = draft.summary
        draft.refresh_from_db()
        assert draft.summary == before
