"""The lists, the queue and the page of one consult: who is shown what, in which order, and at what cost."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consults.models import Consult
from consults.services import answering, requesting, sending
from knowledge.models import Document
from portal.common.models import AuditEvent
from portal.members.models import Person, Role, Specialty
from tests.cast import Cast, away, give, make_person, sign_in
from tests.consults.helpers import IN_STATE, after, answered, claimed, drafted, sent, waiting
from tests.consults.test_asking import published

pytestmark = pytest.mark.django_db


def hours_ago(hours: float) -> Any:
    return timezone.now() - timedelta(hours=hours)


def numbers(response: Any) -> list[str]:
    """The consults of a list, in the order shown."""
    return [row.number for row in response.context["page"].object_list]


def text(response: Any) -> str:
    return str(response.content.decode())


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


class TestQueue:
    @pytest.fixture
    def late(self, cast: Cast) -> Consult:
        return sent(cast, at=hours_ago(50))

    @pytest.fixture
    def at_risk(self, cast: Cast) -> Consult:
        return sent(cast, to=cast.specialist, at=hours_ago(41))

    @pytest.fixture
    def paused(self, cast: Cast) -> Consult:
        consult = sent(cast, to=cast.specialist, at=hours_ago(45))
        return answering.ask_back(consult, by=cast.specialist, text="Weight?", at=hours_ago(44))

    @pytest.fixture
    def fresh(self, cast: Cast) -> Consult:
        return sent(cast, to=cast.specialist2, at=hours_ago(1))

    def test_by_time_left_with_those_that_stand_still_last(
        self, cast: Cast, client: Client, fresh: Consult, paused: Consult, at_risk: Consult, late: Consult
    ) -> None:
        response = sign_in(client, cast.specialist).get("/queue/")
        assert numbers(response) == [late.number, at_risk.number, fresh.number, paused.number]
        assert response.context["counts"] == {"open": 4, "mine": 2, "waiting": 1, "late": 1, "at_risk": 1}

    def test_filters_are_in_the_address_and_the_counts_stay(
        self, cast: Cast, client: Client, fresh: Consult, paused: Consult, at_risk: Consult, late: Consult
    ) -> None:
        sign_in(client, cast.specialist)
        assert numbers(client.get("/queue/?who=mine")) == [at_risk.number, paused.number]
        waiting_ = client.get("/queue/?who=waiting")
        assert numbers(waiting_) == [late.number]
        assert waiting_.context["counts"]["open"] == 4
        assert numbers(client.get("/queue/?specialty=hospital-medicine")) == []
        assert "Nobody is waiting here" in text(client.get("/queue/?specialty=hospital-medicine"))
        assert len(numbers(client.get("/queue/?who=nonsense&page=last"))) == 4

    def test_at_risk_begins_at_85_percent_as_the_clock_says(self, cast: Cast, client: Client) -> None:
        before, after_ = sent(cast, at=hours_ago(40.7)), sent(cast, at=hours_ago(40.9))
        response = sign_in(client, cast.specialist).get("/queue/")
        assert response.context["counts"]["at_risk"] == 1
        shown = {row.number: row.clock.is_at_risk for row in response.context["page"].object_list}
        assert shown == {before.number: False, after_.number: True}

    def test_only_open_questions_of_my_specialties(self, cast: Cast, client: Client) -> None:
        for state in IN_STATE:
            IN_STATE[state](cast)
        neurologist = give(
            make_person("neuro@network.example", "Lee Park"),
            Role.Name.SPECIALIST,
            specialties=(Specialty.objects.get(slug="neurology"),),
        )
        assert len(numbers(sign_in(client, cast.specialist).get("/queue/"))) == 3
        assert numbers(sign_in(client, neurologist).get("/queue/")) == []
        administers_too = give(neurologist, Role.Name.NETWORK_ADMINISTRATOR)
        assert numbers(sign_in(client, administers_too).get("/queue/")) == [], "sees all, answers neurology"
        for person in (cast.clinician_prairie, cast.admin_prairie, cast.editor, cast.network_admin, cast.auditor):
            assert sign_in(client, person).get("/queue/").status_code == 404

    def test_a_button_to_claim_only_where_it_can_be_claimed(self, cast: Cast, client: Client) -> None:
        free, taken = sent(cast), claimed(cast)
        page = text(sign_in(client, cast.specialist2).get("/queue/"))
        assert f"/consults/{free.number}/claim/" in page
        assert f"/consults/{taken.number}/claim/" not in page

    def test_a_late_question_stays_late_while_it_waits_for_the_requester(self, cast: Cast, client: Client) -> None:
        consult = sent(cast, to=cast.specialist, at=hours_ago(50))
        answering.ask_back(consult, by=cast.specialist, text="Weight?", at=hours_ago(1))
        assert sign_in(client, cast.specialist).get("/queue/").context["counts"]["late"] == 1


class TestConsults:
    def test_mine_are_those_i_asked_or_have_newest_first(self, cast: Cast, client: Client) -> None:
        mine = [drafted(cast), sent(cast, at=hours_ago(3)), answered(cast)]
        other = sent(cast, by=cast.clinician_lakeside, at=hours_ago(2))
        response = sign_in(client, cast.clinician_prairie).get("/consults/")
        assert set(numbers(response)) == {row.number for row in mine}
        created = [row.created_at for row in response.context["page"].object_list]
        assert created == sorted(created, reverse=True)
        assert other.number not in text(client.get("/consults/?whose=all"))
        assert numbers(sign_in(client, cast.specialist).get("/consults/")) == [mine[2].number]
        assert len(numbers(client.get("/consults/?whose=all"))) == 3, "all but the draft"

    def test_filters(self, cast: Cast, client: Client) -> None:
        for state in IN_STATE:
            IN_STATE[state](cast)
        sign_in(client, cast.clinician_prairie)
        for state in IN_STATE:
            [row] = client.get(f"/consults/?state={state}").context["page"].object_list
            assert row.state == state
        assert len(numbers(client.get("/consults/?state=lost"))) == 8
        assert numbers(client.get("/consults/?specialty=neurology")) == []
        assert len(numbers(client.get("/consults/?specialty=cardiology&q=APIXABAN"))) == 8
        assert numbers(client.get("/consults/?q=warfarin")) == []
        assert "No consult matches" in text(client.get("/consults/?q=warfarin"))
        row = Consult.objects.get(state="closed")
        assert numbers(client.get(f"/consults/?q={row.number.lower()}")) == [row.number]
        assert len(numbers(client.get("/consults/?q=%25"))) == 0, "a sign, not a pattern"

    def test_staff_without_questions_of_their_own_begin_with_all(self, cast: Cast, client: Client) -> None:
        consult = sent(cast)
        drafted(cast)
        for person in (cast.network_admin, cast.auditor):
            assert numbers(sign_in(client, person).get("/consults/")) == [consult.number]
        for person in (cast.admin_prairie, cast.editor):
            response = sign_in(client, person).get("/consults/?whose=all")
            assert numbers(response) == []
            assert "No consults here" in text(response)

    def test_pages_of_25(self, cast: Cast, client: Client) -> None:
        for _ in range(26):
            sent(cast)
        sign_in(client, cast.clinician_prairie)
        assert (len(numbers(client.get("/consults/"))), len(numbers(client.get("/consults/?page=2")))) == (25, 1)


FORMS = {"claim", "ask", "reply", "answer", "handover", "decline", "withdraw", "close", "attach"}
FORMS |= {"transfer", "second-opinion"}


def forms_of(page: str, consult: Consult) -> set[str]:
    """The actions for which the page has a form."""
    return set(re.findall(rf'action="/consults/{consult.number}/([a-z-]+)/"', page)) & FORMS


class TestConsultPage:
    @pytest.mark.parametrize(
        ("state", "who", "forms"),
        [
            ("queued", "clinician_prairie", {"reply", "withdraw", "attach"}),
            ("queued", "specialist", {"claim", "decline", "transfer"}),
            ("queued", "lead", {"claim", "decline", "handover", "transfer"}),
            ("queued", "network_admin", set()),
            ("queued", "auditor", set()),
            ("assigned", "clinician_prairie", {"reply", "withdraw", "attach"}),
            ("assigned", "specialist", {"answer", "ask", "handover", "decline", "transfer", "second-opinion"}),
            ("assigned", "specialist2", set()),
            ("assigned", "lead", {"handover", "decline", "transfer", "second-opinion"}),
            ("waiting", "clinician_prairie", {"reply", "withdraw", "attach"}),
            ("waiting", "specialist", {"answer", "handover", "decline", "second-opinion"}),
            ("answered", "clinician_prairie", {"reply", "close"}),
            ("answered", "specialist", set()),
            ("closed", "clinician_prairie", set()),
            ("closed", "lead", set()),
            ("withdrawn", "clinician_prairie", set()),
            ("declined", "specialist", set()),
        ],
    )
    def test_the_forms_are_those_one_may_send_now(
        self, cast: Cast, client: Client, state: str, who: str, forms: set[str]
    ) -> None:
        consult = IN_STATE[state](cast)
        response = sign_in(client, getattr(cast, who)).get(f"/consults/{consult.number}/")
        assert response.status_code == 200
        assert forms_of(text(response), consult) == forms

    def test_both_sides_read_what_was_said_and_what_happened(self, cast: Cast, client: Client) -> None:
        document = published("apixaban")
        consult = waiting(cast)
        requesting.reply(consult, by=cast.clinician_prairie, text="She weighs 70 kg.", at=after(3))
        answering.answer(consult, by=cast.specialist, text="5 mg.", documents=[document], minutes=4, at=after(4))
        for person in (cast.clinician_prairie, cast.specialist, cast.auditor):
            page = text(sign_in(client, person).get(f"/consults/{consult.number}/"))
            for words in ("Which weight?", "She weighs 70 kg.", "5 mg.", "About apixaban", "Question back; the clock"):
                assert words in page
            assert "How this is counted" in page

    def test_reading_is_on_the_record_and_a_page_that_is_refused_is_not(self, cast: Cast, client: Client) -> None:
        consult = sent(cast)
        assert sign_in(client, cast.clinician_lakeside).get(f"/consults/{consult.number}/").status_code == 404
        assert not AuditEvent.objects.filter(action="consult.read").exists()
        sign_in(client, cast.auditor).get(f"/consults/{consult.number}/")
        event = AuditEvent.objects.get(action="consult.read")
        assert (event.actor, event.object_id, event.organization_id) == (
            cast.auditor.email,
            consult.number,
            cast.prairie.pk,
        )

    def test_times_are_the_readers(self, cast: Cast, client: Client) -> None:
        consult = sent(cast)  # noon in UTC
        for person, local in ((cast.clinician_prairie, "06:00"), (cast.specialist, "06:00")):
            page = text(sign_in(client, person).get(f"/consults/{consult.number}/"))
            assert f"Tue 24 Nov 2026, {local}" in page
        Person.objects.filter(pk=cast.specialist.pk).update(time_zone="America/New_York")
        page = text(sign_in(client, cast.specialist).get(f"/consults/{consult.number}/"))
        assert "Tue 24 Nov 2026, 07:00" in page

    def test_text_is_shown_as_text(self, cast: Cast, client: Client) -> None:
        consult = sending.send(
            drafted(cast, question="Is <b>this</b> right, or not?", summary="<script>alert(1)</script>"),
            by=cast.clinician_prairie,
            attested=True,
            at=timezone.now(),
        )
        page = text(sign_in(client, cast.specialist).get(f"/consults/{consult.number}/"))
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "<b>this" not in page


class TestActions:
    def post(self, client: Client, consult: Consult, action: str, **data: Any) -> Any:
        return client.post(f"/consults/{consult.number}/{action}/", data)

    def test_the_whole_journey_by_forms(self, cast: Cast, client: Client) -> None:
        published("apixaban")
        consult = sent(cast, at=timezone.now())
        for person, action, data, state in (
            (cast.specialist, "claim", {}, "assigned"),
            (cast.specialist, "ask", {"text": "Weight?"}, "waiting"),
            (cast.clinician_prairie, "reply", {"text": "70 kg"}, "assigned"),
            (cast.specialist, "handover", {"to": cast.specialist2.email}, "assigned"),
            (cast.specialist2, "answer", {"text": "5 mg.", "minutes": "7", "documents": ["apixaban"]}, "answered"),
            (cast.clinician_prairie, "close", {"course": "new", "referral": "avoided", "value": "5"}, "closed"),
        ):
            response = self.post(sign_in(client, person), consult, action, **data)
            assert (response.status_code, response["Location"]) == (302, f"/consults/{consult.number}/")
            consult.refresh_from_db()
            assert consult.state == state
        answer = consult.messages.get(kind="answer")
        assert (answer.minutes, [citation.document.slug for citation in answer.citations.all()]) == (7, ["apixaban"])

    def test_a_wrong_value_keeps_what_was_typed_and_opens_the_form_again(self, cast: Cast, client: Client) -> None:
        published("apixaban")
        consult = claimed(cast)
        sign_in(client, cast.specialist)
        response = self.post(client, consult, "answer", text="A long answer.", minutes="601", documents=["apixaban"])
        assert response.status_code == 200
        assert response.context["open_form"] == "answer"
        page = text(response)
        assert "A long answer." in page
        assert re.search(r'value="apixaban" checked', page)
        assert "less than or equal to 600" in page
        for action, data in (("answer", {"text": " "}), ("ask", {"text": ""}), ("decline", {"reason": ""})):
            response = self.post(client, consult, action, **data)
            assert (response.status_code, response.context["open_form"]) == (200, action)
            assert "Write something first." in text(response)
        consult.refresh_from_db()
        assert (consult.state, consult.messages.count()) == ("assigned", 0)

    def test_closing_without_the_survey_names_each_item(self, cast: Cast, client: Client) -> None:
        consult = answered(cast)
        response = self.post(sign_in(client, cast.clinician_prairie), consult, "close", course="new", value="9")
        assert response.status_code == 200
        assert set(response.context["close_form"].errors) == {"referral", "value"}
        assert re.search(r'value="new"[^>]*checked', text(response))

    def test_too_late_is_a_409_with_the_reason_and_all_that_was_typed(self, cast: Cast, client: Client) -> None:
        consult = claimed(cast)
        answering.answer(consult, by=cast.specialist, text="5 mg.", documents=[], minutes=1, at=after(3))
        response = self.post(sign_in(client, cast.specialist), consult, "ask", text="Too late a question")
        assert response.status_code == 409
        assert "This consult is answered" in text(response)

    def test_not_for_you_is_a_403_with_the_reason(self, cast: Cast, client: Client) -> None:
        consult = claimed(cast)
        response = self.post(sign_in(client, cast.specialist2), consult, "answer", text="Mine")
        assert response.status_code == 403
        assert "Only the specialist who has this question" in text(response)

    def test_the_slower_of_two_claims_is_told_who_has_it(self, cast: Cast, client: Client) -> None:
        consult = claimed(cast)
        sign_in(client, cast.specialist2)
        page = text(client.post(f"/consults/{consult.number}/claim/", follow=True))
        assert f"{cast.specialist.name} took it before you" in page

    def test_handing_over_to_someone_away_says_so_at_the_field(self, cast: Cast, client: Client) -> None:
        away(cast.specialist2, timezone.now() + timedelta(days=1))
        consult = claimed(cast)
        response = self.post(sign_in(client, cast.specialist), consult, "handover", to=cast.specialist2.email)
        assert "is away" in str(response.context["handover_form"].errors["to"])

    @pytest.mark.parametrize("action", sorted(FORMS - {"attach"}))
    def test_nothing_is_done_by_reading(self, cast: Cast, client: Client, action: str) -> None:
        consult = sent(cast)
        assert sign_in(client, cast.lead).get(f"/consults/{consult.number}/{action}/").status_code == 405

    def test_documents_to_cite_keep_those_that_are_ticked(self, cast: Cast, client: Client) -> None:
        published("apixaban")
        retired = published("warfarin")
        Document.objects.filter(pk=retired.pk).update(current_revision=None)
        consult = claimed(cast)
        sign_in(client, cast.specialist)
        ticked = ["apixaban", "warfarin", "none"]
        page = text(self.post(client, consult, "answer-draft", look="1", q="", documents=ticked))
        assert re.search(r'value="apixaban" checked', page)
        assert "warfarin" not in page
        assert self.post(sign_in(client, cast.clinician_lakeside), consult, "find", q="x").status_code == 404


class TestCost:
    """The same number of queries for 2 rows and for 25."""

    def grown(self, cast: Cast, client: Client, path: str, make: Callable[[Cast], Consult]) -> list[int]:
        client.get(path)
        seen = []
        for total in (2, 25):
            while Consult.objects.count() < total:
                make(cast)
            seen.append(queries(client, path))
        return seen

    @pytest.mark.parametrize(
        ("path", "who", "make"),
        [
            ("/", "clinician_prairie", answered),
            ("/", "specialist", claimed),
            ("/", "network_admin", answered),
            ("/", "auditor", claimed),
            ("/queue/", "specialist", waiting),
            ("/consults/", "clinician_prairie", answered),
            ("/consults/?whose=all", "specialist", claimed),
            ("/consults/?whose=all", "auditor", claimed),
            ("/ask/", "clinician_prairie", drafted),
        ],
    )
    def test_lists(self, cast: Cast, client: Client, path: str, who: str, make: Callable[[Cast], Consult]) -> None:
        sign_in(client, getattr(cast, who))
        few, many = self.grown(cast, client, path, make)
        assert few == many

    def test_a_consult_with_a_long_thread(self, cast: Cast, client: Client) -> None:
        document = published("apixaban")
        consult = claimed(cast)
        sign_in(client, cast.clinician_prairie)
        path = f"/consults/{consult.number}/"
        client.get(path)
        seen = []
        for total in (2, 25):
            while consult.messages.count() < total:
                hours = 10 * consult.messages.count()
                text_, at = "5 mg.", after(hours + 2)
                answering.answer(consult, by=cast.specialist, text=text_, documents=[document], minutes=1, at=at)
                requesting.reply(consult, by=cast.clinician_prairie, text="And then?", at=after(hours + 3))
            seen.append(queries(client, path))
        assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/consults/?q=%00", "clinician_prairie"),
        ("/consults/?specialty=%00", "clinician_prairie"),
        ("/queue/?specialty=%00", "specialist"),
        ("/ask/?document=%00&question=%00&specialty=%00", "clinician_prairie"),
        ("/consults/C-%00/", "clinician_prairie"),
        ("/ask/C-%00/", "clinician_prairie"),
    ],
)
def test_a_zero_byte_in_an_address_breaks_nothing(cast: Cast, client: Client, path: str, who: str) -> None:
    client.raise_request_exception = False
    assert sign_in(client, getattr(cast, who)).get(path).status_code in (200, 400, 404)
