"""The completeness gate: the pure rule, its versions, and that nothing below it is sent by any way in."""

from dataclasses import replace
from typing import Any

import pytest
from django.db.utils import ProgrammingError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from consults import gate
from consults.gate import NETWORK, OFF, OPTIONAL, REQUIRED, Asked, Gate, Rule
from consults.models import Consult, GateVersion, Statement
from consults.services import attachments, drafting, gating, joining, sending
from portal.common.refusals import Invalid, Refused
from portal.members.models import Person
from tests.cast import Cast, sign_in
from tests.consults.helpers import NOON, after, claimed, drafted, sent

pytestmark = pytest.mark.django_db
STRICT = {
    "results": Rule(REQUIRED, 20, "Creatinine decides the dose."),
    "tried": Rule(REQUIRED, 10, "We do not send you back to it."),
}
TOLD: dict[str, Any] = {"results": "Creatinine 2.9 mg/dL, rising.", "tried": "The label and the protocol."}
FULL = Asked(
    has_specialty=True,
    reason="dosing",
    texts=dict.fromkeys(gate.TEXTS, "x" * 2000),
    documents=1,
    files=1,
    consented=True,
)
PAGE = {
    "question": "Which dose of apixaban at an eGFR of 22?",
    "specialty": "cardiology",
    "reason": "dosing",
    "summary": "72-year-old with atrial fibrillation, 70 kg.",
    "send": "1",
}


def strict(cast: Cast, consent: str = gate.NO_CONSENT, **more: Rule) -> GateVersion:
    return gating.define(by=cast.lead, specialty=cast.cardiology, rules=STRICT | more, consent=consent)


def told(cast: Cast, name: str, words: str) -> Consult:
    """A draft with these words in the field of that name."""
    content: dict[str, Any] = {name: words}
    return drafted(cast, **content)


rules = st.builds(Rule, st.sampled_from([REQUIRED, OPTIONAL, OFF]), st.integers(0, 300), st.text(max_size=20))
gates = st.builds(
    Gate, st.dictionaries(st.sampled_from(list(gate.FIELDS)), rules), st.sampled_from(list(gate.CONSENTS))
)
askeds = st.builds(
    Asked,
    has_specialty=st.booleans(),
    reason=st.sampled_from(["", "dosing"]),
    texts=st.dictionaries(st.sampled_from(gate.TEXTS), st.text(max_size=400)),
    documents=st.integers(0, 2),
    files=st.integers(0, 2),
    consented=st.booleans(),
)


class TestRule:
    @given(gates)
    def test_whoever_gives_everything_is_let_through(self, asked: Gate) -> None:
        assert gate.gaps(asked, FULL) == []

    @given(gates, askeds)
    def test_only_what_is_required_is_missed_each_once_and_with_its_why(self, asked: Gate, given_: Asked) -> None:
        found = gate.gaps(asked, given_)
        names = [gap.field for gap in found]
        assert len(names) == len(set(names))
        for gap in found:
            if gap.field in gate.FIELDS:
                assert asked.rule(gap.field).need == REQUIRED
                assert gap.why == asked.rule(gap.field).why

    @given(gates, askeds, st.sampled_from(gate.TEXTS), st.text(min_size=1, max_size=200))
    def test_writing_more_never_opens_a_new_gap(self, asked: Gate, given_: Asked, name: str, more: str) -> None:
        before = {gap.field for gap in gate.gaps(asked, given_)}
        longer = {**given_.texts, name: "x" + given_.texts.get(name, "") + more + "x"}
        after_ = gate.gaps(asked, Asked(given_.has_specialty, given_.reason, longer, given_.documents, given_.files))
        assert {gap.field for gap in after_} - {"consented"} <= before

    @given(gates)
    def test_kept_and_read_again_it_asks_the_same(self, asked: Gate) -> None:
        again = gate.from_json(asked.as_json(), asked.consent)
        assert all(again.rule(name) == asked.rule(name) for name in gate.FIELDS)

    def test_a_ticked_document_says_what_was_read_and_a_file_may_hold_the_results(self) -> None:
        asked = Gate({**NETWORK.rules, **STRICT})
        bare = Asked(True, "dosing", {"question": "x" * 10, "summary": "x"})
        assert [gap.field for gap in gate.gaps(asked, bare)] == ["tried", "results"]
        assert [gap.field for gap in gate.gaps(asked, replace(bare, documents=1))] == ["results"]
        assert [gap.field for gap in gate.gaps(asked, replace(bare, files=1))] == ["tried"]

    def test_too_little_says_how_much_there_is(self) -> None:
        found = gate.gaps(NETWORK, Asked(True, "dosing", {"question": "Why?", "summary": "x"}))
        assert [str(gap) for gap in found] == [
            "Write a little more: at least 10 characters; this has 4. Two questions in one are answered by half."
        ]

    def test_two_questions_are_advised_against_and_not_refused(self) -> None:
        assert gate.advice("Which dose?") == gate.advice("Which dose") == ""
        assert "2 questions" in gate.advice("Which dose? And when?")


class TestVersions:
    def test_each_change_is_a_new_version_and_a_sent_question_keeps_the_one_it_met(self, cast: Cast) -> None:
        before = sent(cast)
        strict(cast)
        draft = drafted(cast, **TOLD)
        met = sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)
        gating.define(by=cast.lead, specialty=cast.cardiology, rules={}, consent=gate.NO_CONSENT)
        before.refresh_from_db()
        met.refresh_from_db()
        assert before.gate is None, "what the network asked"
        assert met.gate is not None
        assert (met.gate.number, met.gate.gate.rule("results")) == (1, STRICT["results"])
        newest = gating.version_of(cast.cardiology.pk)
        assert newest is not None
        assert newest.number == 2

    def test_a_transfer_keeps_the_gate_that_was_met(self, cast: Cast) -> None:
        gating.define(by=cast.lead, specialty=cast.hospital_medicine, rules=STRICT, consent=gate.NO_CONSENT)
        moved = joining.transfer(
            claimed(cast), by=cast.specialist, to=cast.hospital_medicine, reason="Theirs.", at=after(2)
        )
        assert (moved.state, moved.gate) == ("queued", None)

    def test_only_its_lead_and_administrators_of_the_network_set_it(self, cast: Cast) -> None:
        from portal.members.models import Specialty

        for person in (cast.specialist, cast.clinician_prairie, cast.admin_prairie, cast.editor, cast.auditor):
            with pytest.raises(Refused):
                gating.define(by=person, specialty=cast.cardiology, rules=STRICT, consent=gate.NO_CONSENT)
        with pytest.raises(Refused):
            gating.define(
                by=cast.lead, specialty=Specialty.objects.get(slug="neurology"), rules={}, consent=gate.NO_CONSENT
            )
        gating.define(by=cast.network_admin, specialty=cast.cardiology, rules=STRICT, consent=gate.NO_CONSENT)
        assert GateVersion.objects.count() == 1

    @pytest.mark.parametrize(
        ("rules", "consent", "field"),
        [
            ({"question": Rule(OPTIONAL)}, "off", "question"),
            ({"summary": Rule(OFF)}, "off", "summary"),
            ({"results": Rule("perhaps")}, "off", "results"),
            ({"results": Rule(REQUIRED, 2001)}, "off", "results"),
            ({"question": Rule(REQUIRED, 301)}, "off", "question"),
            ({"tried": Rule(REQUIRED, 0, "x" * 201)}, "off", "tried"),
            ({}, "maybe", "consent"),
        ],
    )
    def test_no_gate_that_nobody_can_meet(self, cast: Cast, rules: Any, consent: str, field: str) -> None:
        with pytest.raises(Invalid) as caught:
            gating.define(by=cast.lead, specialty=cast.cardiology, rules=rules, consent=consent)
        assert set(caught.value.fields) == {field}

    def test_the_database_keeps_versions_and_statements_as_they_were(self, cast: Cast) -> None:
        from django.db import transaction

        version = strict(cast, gate.CONSENT_REQUIRED)
        draft = drafted(cast, **TOLD)
        sending.send(draft, by=cast.clinician_prairie, attested=False, consented=True, at=NOON)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            GateVersion.objects.filter(pk=version.pk).update(number=9)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Statement.objects.all().delete()


class TestSending:
    def test_below_the_gate_nothing_is_sent_and_no_clock_runs(self, cast: Cast) -> None:
        strict(cast)
        draft = drafted(cast)
        with pytest.raises(Invalid) as caught:
            sending.send(draft, by=cast.clinician_prairie, attested=True, consented=True, at=NOON)
        assert set(caught.value.fields) == {"results", "tried"}
        assert STRICT["results"].why in caught.value.fields["results"]
        draft.refresh_from_db()
        assert (draft.state, draft.due_at, draft.clock_events.count()) == ("draft", None, 0)
        content = drafting.Content(
            specialty=cast.cardiology, reason="dosing", question=draft.question, summary=draft.summary, **TOLD
        )
        drafting.save_draft(draft, by=cast.clinician_prairie, content=content, at=after(1))
        met = sending.send(draft, by=cast.clinician_prairie, attested=False, at=after(3))
        assert met.due_at == after(51), "48 hours from when it was met"

    def test_an_attached_file_may_hold_the_results(self, cast: Cast) -> None:
        from django.core.files.uploadedfile import SimpleUploadedFile

        strict(cast)
        draft = drafted(cast, tried=TOLD["tried"])
        file = SimpleUploadedFile("results.txt", b"creatinine 2.9")
        attachments.attach(draft, by=cast.clinician_prairie, upload=file, at=NOON)
        assert sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON).state == "queued"

    def test_identifiers_are_looked_for_in_every_field(self, cast: Cast) -> None:
        for name in gate.TEXTS:
            draft = told(cast, name, "Which dose for Mr. Gunderson, please?")
            with pytest.raises(Invalid) as caught:
                sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)
            assert "attested" in caught.value.fields, name

    def test_the_attestation_is_kept_in_its_words_and_stands_on_the_timeline(self, cast: Cast) -> None:
        draft = drafted(cast, summary="Mr. Gunderson has AF.")
        row = sending.send(draft, by=cast.clinician_prairie, attested=True, at=NOON)
        statement = row.statements.get()
        assert (statement.kind, statement.wording, statement.made_by, statement.made_at) == (
            "attestation",
            1,
            cast.clinician_prairie,
            NOON,
        )
        assert statement.sentence == "I have checked: nothing in this text identifies a patient."
        entry = row.timeline.get(kind="attested")
        assert (entry.actor, statement.sentence in entry.detail) == (cast.clinician_prairie, True)
        assert not sent(cast).statements.exists(), "nothing was pointed out, so nothing was attested"

    @pytest.mark.parametrize(
        ("policy", "consented", "kept"),
        [("off", False, 0), ("off", True, 0), ("asked", False, 0), ("asked", True, 1), ("required", True, 1)],
    )
    def test_consent_is_kept_where_the_gate_asks_for_it(
        self, cast: Cast, policy: str, consented: bool, kept: int
    ) -> None:
        gating.define(by=cast.lead, specialty=cast.cardiology, rules={}, consent=policy)
        row = sending.send(drafted(cast), by=cast.clinician_prairie, attested=False, consented=consented, at=NOON)
        assert row.statements.filter(kind="consent", made_by=cast.clinician_prairie).count() == kept
        assert row.timeline.filter(kind="consented").count() == kept

    def test_without_the_consent_that_billing_needs_nothing_is_sent(self, cast: Cast) -> None:
        gating.define(by=cast.lead, specialty=cast.cardiology, rules={}, consent="required")
        with pytest.raises(Invalid) as caught:
            sending.send(drafted(cast), by=cast.clinician_prairie, attested=False, at=NOON)
        assert set(caught.value.fields) == {"consented"}
        assert not Statement.objects.exists()


class TestPages:
    def test_the_page_says_what_is_missing_and_why_and_loses_nothing(self, cast: Cast, client: Client) -> None:
        strict(cast, gate.CONSENT_REQUIRED, medicines=Rule(OPTIONAL, 0, "Interactions."))
        sign_in(client, cast.clinician_prairie)
        typed = PAGE | {"results": "Too short", "medicines": "Apixaban 5 mg"}
        response = client.post("/ask/", typed)
        page = response.content.decode()
        assert set(response.context["form"].errors) == {"results", "tried", "consented"}
        summary, _, form = page.partition('class="ask"')
        for text in (STRICT["results"].why, STRICT["tried"].why):
            assert summary.count(text) == 1, "summed at the top"
            assert form.count(text) >= 1, "and beside the field"
        assert all(text in page for text in ("Too short", "Apixaban 5 mg", PAGE["summary"]))
        draft = Consult.objects.get()
        assert (draft.state, draft.results, draft.medicines) == ("draft", "Too short", "Apixaban 5 mg")
        good = typed | TOLD | {"draft": draft.number, "consented": "on"}
        assert client.post("/ask/", good)["Location"] == f"/consults/{draft.number}/"
        shown = client.get(f"/consults/{draft.number}/").content.decode()
        assert TOLD["results"] in shown
        assert "Consent of the patient noted" in shown

    def test_a_draft_below_the_gate_is_saved(self, cast: Cast, client: Client) -> None:
        strict(cast)
        sign_in(client, cast.clinician_prairie)
        data = {name: value for name, value in PAGE.items() if name != "send"} | {"save": "1"}
        assert client.post("/ask/", data).status_code == 302
        assert Consult.objects.get().state == "draft"

    def test_what_a_section_does_not_ask_is_hidden_until_something_is_written_in_it(
        self, cast: Cast, client: Client
    ) -> None:
        sign_in(client, cast.clinician_prairie)
        assert 'data-left-out="medicines"' in client.get("/ask/").content.decode()
        page = client.post("/ask/draft/", PAGE | {"medicines": "Apixaban"}, headers={"HX-Request": "true"})
        assert 'data-left-out=""' in page.content.decode()
        assert Consult.objects.get().medicines == "Apixaban"

    def test_the_words_of_a_section_lead_are_words(self, cast: Cast, client: Client) -> None:
        strict(cast, summary=Rule(REQUIRED, 1, "<script>alert(1)</script>"))
        sign_in(client, cast.clinician_prairie)
        for response in (client.get("/ask/?specialty=cardiology"), client.post("/ask/", PAGE | {"summary": ""})):
            assert "<script>alert(1)" not in response.content.decode()
            assert "&lt;script&gt;alert(1)" in response.content.decode()

    def test_the_form_of_the_gate_shows_and_keeps_it(self, cast: Cast, client: Client) -> None:
        for person in (cast.lead, cast.network_admin):
            sign_in(client, person)
            data = {f"{name}_need": NETWORK.rule(name).need for name in gate.FIELDS} | {
                "results_need": "required",
                "results_least": "15",
                "results_why": "They decide.",
                "consent": "asked",
            }
            assert client.post("/sections/cardiology/gate/", data).status_code == 302
            page = client.get("/sections/cardiology/gate/").content.decode()
            assert "They decide." in page
        version = gating.version_of(cast.cardiology.pk)
        assert version is not None
        assert (version.number, version.gate.rule("results"), version.consent) == (
            2,
            Rule(REQUIRED, 15, "They decide."),
            "asked",
        )
        wrong = client.post("/sections/cardiology/gate/", data | {"question_need": "off", "results_least": "-1"})
        assert set(wrong.context["form"].errors) == {"question_need", "results_least"}

    def test_nobody_else_sees_the_form(self, cast: Cast, client: Client) -> None:
        others: list[Person] = [
            cast.specialist,
            cast.clinician_prairie,
            cast.admin_prairie,
            cast.editor,
            cast.auditor,
        ]
        for person in others:
            sign_in(client, person)
            assert client.get("/sections/cardiology/gate/").status_code == 403
            assert client.post("/sections/cardiology/gate/", {}).status_code == 403
        sign_in(client, cast.lead)
        assert client.get("/sections/neurology/gate/").status_code == 403
        assert client.get("/sections/nothing/gate/").status_code == 404
        assert not GateVersion.objects.exists()

    def test_each_urgency_says_by_when(self, cast: Cast, client: Client) -> None:
        from datetime import timedelta

        from consults.services import promising

        promising.define_promise(by=cast.network_admin, urgency="urgent", answer=timedelta(hours=4))
        sign_in(client, cast.clinician_prairie)
        page = client.get("/ask/").content.decode()
        assert page.count(": answered by <time") == 2

    def test_the_number_to_call_is_the_networks(self, cast: Cast, client: Client, settings: Any) -> None:
        settings.EMERGENCY_NUMBER = "112"
        sign_in(client, cast.clinician_prairie)
        assert "call your own emergency team or 112" in client.get("/ask/").content.decode()
