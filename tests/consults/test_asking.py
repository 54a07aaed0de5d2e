"""The ask page: what it shows, what it keeps at every pause in typing, and what it says when something is missing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from consults import gate
from consults.models import Consult
from consults.services import drafting
from knowledge.models import Document, Revision
from portal.members.models import Facility, Role, Specialty
from tests.cast import PASSWORD, Cast, away, give, make_person, sign_in
from tests.consults.helpers import IN_STATE, NOON, answered, drafted, sent

pytestmark = pytest.mark.django_db

TYPED = {
    "question": "Which dose of apixaban at an eGFR of 22?",
    "specialty": "cardiology",
    "reason": "dosing",
    "summary": "72-year-old with atrial fibrillation, 70 kg.",
}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def clinician(cast: Cast, client: Client) -> Client:
    return sign_in(client, cast.clinician_prairie)


def published(slug: str, specialty: str = "cardiology") -> Document:
    document = Document.objects.create(slug=slug, kind="topic")
    revision = Revision.objects.create(document=document, number=1, title=f"About {slug}", body="x", content_hash=slug)
    Document.objects.filter(pk=document.pk).update(current_revision=revision)
    document.specialties.add(Specialty.objects.get(slug=specialty))
    document.refresh_from_db()
    return document


def needed(gap: str) -> str:
    return gate.SPECIALTY if gap == "specialty" else gate.FIELDS[gap].act


def text(response: Any) -> str:
    return str(response.content.decode())


def value_of(response: Any, name: str) -> str:
    """What the hidden or typed field of this name holds on the page."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', text(response))
    return found[1] if found else ""


class TestSending:
    def test_one_post_sends_and_leads_to_the_question_with_its_promise(self, cast: Cast, clinician: Client) -> None:
        response = clinician.post("/ask/", TYPED | {"send": "1"})
        consult = Consult.objects.get()
        assert response["Location"] == f"/consults/{consult.number}/"
        assert (consult.state, consult.requester, consult.organization) == (
            "queued",
            cast.clinician_prairie,
            cast.prairie,
        )
        assert consult.due_at is not None
        assert abs(consult.due_at - timezone.now() - timedelta(hours=48)) < timedelta(minutes=1)
        page = text(clinician.get(response["Location"]))
        assert TYPED["question"] in page
        assert "Sent. You are told" in page

    def test_with_a_named_specialist_and_the_documents_read(self, cast: Cast, clinician: Client) -> None:
        published("apixaban")
        data = TYPED | {"send": "1", "assignee": cast.specialist2.email, "documents": ["apixaban"]}
        clinician.post("/ask/", data)
        consult = Consult.objects.get()
        assert (consult.state, consult.assignee) == ("assigned", cast.specialist2)
        assert [document.slug for document in consult.documents.all()] == ["apixaban"]

    @pytest.mark.parametrize("gap", list(TYPED))
    def test_each_gap_is_named_and_what_was_typed_is_still_there(self, clinician: Client, gap: str) -> None:
        response = clinician.post("/ask/", TYPED | {gap: "", "send": "1"})
        assert response.status_code == 200
        form = response.context["form"]
        assert set(form.errors) == {gap}
        page = text(response)
        assert page.count(needed(gap)) >= 1
        kept = {"question": TYPED["question"], "summary": TYPED["summary"]} | {gap: ""}
        assert all(words in page for words in kept.values())
        draft = Consult.objects.get()
        assert draft.state == "draft"
        assert value_of(response, "draft") == draft.number
        again = clinician.post("/ask/", TYPED | {"send": "1", "draft": draft.number})
        assert again["Location"] == f"/consults/{draft.number}/"
        assert Consult.objects.count() == 1, "mended and sent: still the one consult"

    def test_likely_identifiers_are_shown_and_one_tick_sends(self, clinician: Client) -> None:
        data = TYPED | {"summary": "Mr. Gunderson, MRN 00482913, has AF.", "send": "1"}
        response = clinician.post("/ask/", data)
        page = text(response)
        assert "“Mr. Gunderson” looks like a person&#x27;s name" in page
        assert 'name="attested"' in page
        draft = Consult.objects.get()
        assert draft.state == "draft"
        clinician.post("/ask/", data | {"draft": draft.number, "attested": "on"})
        draft.refresh_from_db()
        assert (draft.state, draft.attested_at is not None) == ("queued", True)

    def test_nobody_who_is_away_gets_it_and_the_field_says_so(self, cast: Cast, clinician: Client) -> None:
        away(cast.specialist2, timezone.now() + timedelta(days=1))
        response = clinician.post("/ask/", TYPED | {"assignee": cast.specialist2.email, "send": "1"})
        assert "is away" in str(response.context["form"].errors["assignee"])

    def test_a_specialist_of_another_specialty_is_no_choice(self, cast: Cast, clinician: Client) -> None:
        response = clinician.post("/ask/", TYPED | {"assignee": cast.editor.email, "send": "1"})
        assert set(response.context["form"].errors) == {"assignee"}
        assert Consult.objects.get().state == "draft"

    def test_only_for_clinicians(self, cast: Cast) -> None:
        for person in (cast.admin_prairie, cast.specialist, cast.editor, cast.network_admin, cast.auditor):
            client = sign_in(Client(), person)
            for response in (client.get("/ask/"), client.post("/ask/", TYPED | {"send": "1"})):
                assert response.status_code == 403
                assert "Only clinicians of a member organization ask" in text(response)
            assert client.post("/ask/draft/", TYPED, headers=HTMX).status_code == 404
        assert not Consult.objects.exists()

    def test_each_error_is_said_once(self, clinician: Client) -> None:
        response = clinician.post("/ask/", TYPED | {"question": "x" * 301, "send": "1"})
        assert len(response.context["form"].errors["question"]) == 1

    def test_pressing_send_twice_leads_to_the_question_both_times(self, cast: Cast, clinician: Client) -> None:
        draft = drafted(cast)
        answers = [clinician.post("/ask/", TYPED | {"send": "1", "draft": draft.number}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert answers[1]["Location"] == f"/consults/{draft.number}/"

    def test_a_clinician_of_two_organizations_says_for_which_one(self, cast: Cast, clinician: Client) -> None:
        give(cast.clinician_prairie, Role.Name.CLINICIAN, organization=cast.lakeside)
        clinician.post("/ask/", TYPED | {"send": "1", "organization": "lakeside"})
        assert Consult.objects.get().organization == cast.lakeside


class TestDrafts:
    def test_saved_by_its_button_and_found_again_as_it_was(self, cast: Cast, clinician: Client) -> None:
        published("apixaban")
        data = TYPED | {"save": "1", "assignee": cast.specialist2.email, "documents": ["apixaban"]}
        response = clinician.post("/ask/", data)
        draft = Consult.objects.get()
        assert response["Location"] == f"/ask/{draft.number}/"
        form = clinician.get(response["Location"]).context["form"]
        for name in ("question", "summary", "reason", "specialty"):
            assert form[name].value() == data[name]
        assert form["assignee"].value() == cast.specialist2.email
        assert form["documents"].value() == ["apixaban"]

    def test_a_draft_may_be_anything(self, clinician: Client) -> None:
        clinician.post("/ask/", {"question": "Which", "save": "1"})
        assert Consult.objects.get().question == "Which"

    def test_other_drafts_are_offered_on_an_empty_page(self, cast: Cast, clinician: Client) -> None:
        draft = drafted(cast)
        page = text(clinician.get("/ask/"))
        assert "1 unsent draft" in page
        assert f"/ask/{draft.number}/" in page
        assert "unsent draft" not in text(clinician.get(f"/ask/{draft.number}/"))

    def test_nobody_elses_draft_is_shown_changed_sent_or_discarded(self, cast: Cast, client: Client) -> None:
        draft = drafted(cast)
        colleague = give(
            make_person("second@prairie.example", "Ana Sol"), Role.Name.CLINICIAN, organization=cast.prairie
        )
        before = Consult.objects.values().get()
        for person in (colleague, cast.clinician_lakeside):
            sign_in(client, person)
            answers = (
                client.get(f"/ask/{draft.number}/"),
                client.get(f"/consults/{draft.number}/"),
                client.post("/ask/", TYPED | {"draft": draft.number, "question": "Mine now?", "send": "1"}),
                client.post("/ask/draft/", TYPED | {"draft": draft.number, "question": "Mine now?"}, headers=HTMX),
                client.post(f"/ask/{draft.number}/discard/"),
            )
            assert [answer.status_code for answer in answers] == [404] * 5
        assert Consult.objects.values().get() == before

    def test_a_draft_has_no_page_of_a_consult_not_even_for_its_author(self, cast: Cast, clinician: Client) -> None:
        assert clinician.get(f"/consults/{drafted(cast).number}/").status_code == 404

    def test_discarded(self, cast: Cast, clinician: Client) -> None:
        draft = drafted(cast)
        response = clinician.post(f"/ask/{draft.number}/discard/", follow=True)
        assert f"Draft {draft.number} is discarded." in text(response)
        assert not Consult.objects.exists()

    def test_the_page_of_a_document_fills_in_what_it_can(self, clinician: Client) -> None:
        published("apixaban")
        form = clinician.get("/ask/?document=apixaban").context["form"]
        assert (form["documents"].value(), form["specialty"].value()) == (["apixaban"], "cardiology")
        assert clinician.get("/ask/?document=nothing&specialty=alchemy").status_code == 200

    def test_a_draft_is_kept_for_the_facility_of_its_own_organization_only(self, cast: Cast) -> None:
        person = cast.clinician_prairie
        person.facility = cast.prairie_clinic
        person.save()
        assert drafted(cast).facility == cast.prairie_clinic
        person.facility = Facility.objects.get(organization=cast.lakeside)
        person.save()
        assert drafted(cast).facility is None

    def test_saving_is_for_its_author_and_replaces_everything(self, cast: Cast) -> None:
        from portal.common.refusals import Refused

        draft = drafted(cast, documents=[published("apixaban")])
        with pytest.raises(Refused):
            drafting.save_draft(draft, by=cast.clinician_lakeside, content=drafting.Content(), at=NOON)
        drafting.save_draft(draft, by=cast.clinician_prairie, content=drafting.Content(summary="New"), at=NOON)
        draft.refresh_from_db()
        assert (draft.question, draft.summary, draft.specialty, draft.documents.count()) == ("", "New", None, 0)

    def test_a_draft_is_for_an_organization_in_which_its_author_is_a_clinician(self, cast: Cast) -> None:
        from portal.common.refusals import Refused

        content = drafting.Content(question="Which?")
        for organization in (cast.lakeside.pk, 0, 999_999):
            with pytest.raises(Refused):
                drafting.start_draft(
                    by=cast.clinician_prairie,
                    organization_id=organization or cast.lakeside.pk,
                    content=content,
                    at=NOON,
                )
        give(cast.clinician_prairie, Role.Name.CLINICIAN, organization=cast.lakeside)
        draft = drafting.start_draft(
            by=cast.clinician_prairie, organization_id=cast.lakeside.pk, content=content, at=NOON
        )
        assert draft.organization == cast.lakeside


class TestAutosave:
    def save(self, client: Client, **data: str) -> Any:
        return client.post("/ask/draft/", data, headers=HTMX)

    def test_the_first_pause_makes_a_draft_and_the_next_ones_change_it(self, clinician: Client) -> None:
        first = self.save(clinician, question="Which dose")
        number = value_of(first, "draft")
        assert number == Consult.objects.get().number
        second = self.save(clinician, draft=number, **TYPED)
        assert value_of(second, "draft") == number
        draft = Consult.objects.get()
        assert (draft.question, draft.summary) == (TYPED["question"], TYPED["summary"])
        assert not draft.clock_events.exists()

    def test_the_number_comes_back_out_of_band_and_the_rest_is_the_side_of_the_page(self, clinician: Client) -> None:
        page = text(self.save(clinician, **TYPED))
        assert '<input type="hidden" name="draft" id="id_draft"' in page
        renewed = ("ask-attest", "ask-missing", "ask-assignee", "ask-consent", "ask-promise", "ask-need-summary")
        assert all(re.search(rf'id="{place}"[^>]*hx-swap-oob="true"', page) for place in renewed)
        assert "<textarea" not in page, "what is being typed is never renewed"
        assert "<html" not in page

    def test_nothing_typed_makes_no_draft(self, clinician: Client) -> None:
        response = self.save(clinician, question="  ", summary="", specialty="cardiology")
        assert (response.status_code, Consult.objects.count()) == (200, 0)
        assert value_of(response, "draft") == ""

    def test_emptying_a_draft_is_kept_too(self, cast: Cast, clinician: Client) -> None:
        draft = drafted(cast)
        self.save(clinician, draft=draft.number, question="", summary="")
        draft.refresh_from_db()
        assert (draft.state, draft.question) == ("draft", "")

    def test_a_save_that_arrives_after_the_sending_says_nothing_and_changes_nothing(
        self, cast: Cast, clinician: Client
    ) -> None:
        consult = sent(cast)
        before = Consult.objects.values().get()
        response = self.save(clinician, draft=consult.number, question="Something else?")
        assert (response.status_code, response.content) == (204, b"")
        assert Consult.objects.values().get() == before

    def test_identifiers_are_pointed_out_while_typing(self, clinician: Client) -> None:
        page = text(self.save(clinician, question="Is it right?", summary="DOB 3/14/1951"))
        assert "looks like a date of birth" in page
        assert 'name="attested"' in page

    def test_the_specialists_follow_the_specialty(self, cast: Cast, clinician: Client) -> None:
        assert cast.specialist.email in text(self.save(clinician, **TYPED))
        assert cast.specialist.email not in text(self.save(clinician, **TYPED | {"specialty": "neurology"}))

    def test_the_expected_time_appears_from_eleven_answers_on(self, cast: Cast, clinician: Client) -> None:
        for _ in range(10):
            answered(cast)
        Consult.objects.exclude(state="draft").update(
            submitted_at=timezone.now() - timedelta(hours=9), answered_at=timezone.now() - timedelta(hours=4)
        )
        page = text(self.save(clinician, **TYPED))
        assert "too few recent answers" in page
        assert "10 answers" not in page, "the count of a small cell is not told either"
        answered(cast)
        Consult.objects.exclude(state="draft").update(
            submitted_at=timezone.now() - timedelta(hours=9), answered_at=timezone.now() - timedelta(hours=4)
        )
        page = text(self.save(clinician, **TYPED))
        assert "last 11 answers came within" in page
        assert "5 h" in page
        Consult.objects.exclude(state="draft").update(answered_at=timezone.now() - timedelta(days=91))
        assert "too few recent answers" in text(self.save(clinician, **TYPED))

    @pytest.mark.parametrize(("field", "limit"), [("question", 300), ("summary", 20_000)])
    def test_too_much_text_never_empties_the_draft(self, clinician: Client, field: str, limit: int) -> None:
        """A browser counts a line break as one character and sends two, so that its own limit lets this through."""
        lines = "a line\r\n" * (limit // 8 + 1)
        number = value_of(self.save(clinician, **TYPED), "draft")
        self.save(clinician, **TYPED | {"draft": number, field: lines})
        assert getattr(Consult.objects.get(), field).startswith("a line")

    def test_autosave_asks_the_same_number_of_queries_however_many_drafts_there_are(
        self, cast: Cast, clinician: Client, django_assert_max_num_queries: Any
    ) -> None:
        number = value_of(self.save(clinician, **TYPED), "draft")
        for _ in range(10):
            drafted(cast)
        with django_assert_max_num_queries(55):
            self.save(clinician, draft=number, **TYPED)


class TestSignedOutMeanwhile:
    def test_what_was_typed_is_there_after_signing_in_again(self, cast: Cast, client: Client) -> None:
        email = cast.clinician_prairie.email
        client.post("/accounts/login/", {"login": email, "password": PASSWORD})
        client.get("/ask/")
        cache.clear()
        client.session.flush()
        lost = client.post("/ask/", TYPED | {"send": "1"})
        assert lost["Location"].startswith("/accounts/login/")
        assert not Consult.objects.exists()
        client.post("/accounts/login/", {"login": email, "password": PASSWORD})
        response = client.get("/ask/")
        assert "What you had typed before your session ended" in text(response)
        form = response.context["form"]
        assert {name: form[name].value() for name in TYPED} == TYPED
        assert "What you had typed before" not in text(client.get("/ask/")), "once"

    def test_nobody_else_finds_it(self, cast: Cast, client: Client) -> None:
        client.post("/accounts/login/", {"login": cast.clinician_prairie.email, "password": PASSWORD})
        client.get("/ask/")
        client.session.flush()
        client.post("/ask/", TYPED | {"send": "1"})
        client.post("/accounts/login/", {"login": cast.clinician_lakeside.email, "password": PASSWORD})
        page = text(client.get("/ask/"))
        assert TYPED["question"] not in page
        assert TYPED["summary"] not in page


@pytest.mark.parametrize("state", [state for state in IN_STATE if state != "draft"])
def test_the_ask_page_of_a_question_that_was_sent_does_not_exist(cast: Cast, clinician: Client, state: str) -> None:
    consult = IN_STATE[state](cast)
    assert clinician.get(f"/ask/{consult.number}/").status_code == 404
    assert clinician.post(f"/ask/{consult.number}/discard/").status_code == 404
    assert Consult.objects.filter(pk=consult.pk).exists()
