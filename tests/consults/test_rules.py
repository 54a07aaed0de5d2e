"""Rules of a consult one by one: each of these tests failed when its rule was taken out of the code."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from consults.clock import PROMISE, Event, Mark, Reading, read
from consults.models import Assignment, Consult
from consults.policy import Action, Facts, may_now
from consults.services import answering, clockwork, drafting, joining, promising, requesting, sending
from consults.services.base import MAX_TEXT
from portal.common import tenancy
from portal.common.models import Heartbeat, Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role, Specialty
from tests.cast import Cast, give, make_person
from tests.consults.helpers import IN_STATE, NOON, after, answered, claimed, drafted, sent, waiting

START = datetime(2026, 11, 24, 14, 20, tzinfo=UTC)


def at(hours: float, *events: tuple[str, float]) -> Reading:
    log = [Event("start", START, int(PROMISE.total_seconds()))]
    log += [Event(kind, START + timedelta(hours=when)) for kind, when in events]
    return read(log, now=START + timedelta(hours=hours))


class TestClock:
    def test_a_pause_on_the_very_moment_of_a_mark_is_before_it(self) -> None:
        assert at(30, ("pause", 24)).passed(Mark.HALF) is None
        assert at(90, ("pause", 24), ("resume", 80)).passed(Mark.HALF) == START + timedelta(hours=80)

    def test_a_clock_that_stands_has_no_moment_of_a_mark_to_come(self) -> None:
        for event in ("pause", "stop"):
            assert at(30, (event, 10)).moment_of(Mark.BREACH) is None
            assert not {name for name, _ in at(30, (event, 10)).crossings} & {mark.value for mark in Mark}

    def test_at_risk_from_85_percent_to_the_end_and_not_when_it_is_over(self) -> None:
        assert not at(40.79).is_at_risk
        assert at(40.8).is_at_risk
        assert at(48).is_at_risk
        assert not at(48.1).is_at_risk
        assert at(90, ("pause", 41)).is_at_risk
        assert not at(90, ("stop", 41)).is_at_risk


def told(person: Person, words: str) -> bool:
    return Notice.objects.filter(person=person, text__contains=words).exists()


@pytest.mark.django_db
class TestWho:
    def test_nobody_takes_their_own_question(self, cast: Cast) -> None:
        both = give(cast.clinician_prairie, Role.Name.SPECIALIST, specialties=(cast.cardiology,))
        consult = sent(cast, by=both)
        with pytest.raises(Refused, match="You asked this question"):
            answering.claim(consult, by=both, at=after(1))

    def test_specialists_take_and_decline_what_waits_in_their_own_specialty_only(self, cast: Cast) -> None:
        neurologist = give(
            make_person("neuro@network.example", "Lee Park"),
            Role.Name.SECTION_LEAD,
            specialties=(Specialty.objects.get(slug="neurology"),),
        )
        consult = sent(cast)
        for act in (
            lambda: answering.claim(consult, by=neurologist, at=after(1)),
            lambda: answering.decline(consult, by=neurologist, reason="x", at=after(1)),
            lambda: answering.hand_over(consult, by=neurologist, to=cast.specialist, at=after(1)),
        ):
            with pytest.raises(Refused):
                act()  # type: ignore[no-untyped-call]
        assert answering.decline(consult, by=cast.specialist2, reason="Twice.", at=after(1)).state == "declined"

    def test_whoever_has_it_reads_it_even_outside_their_specialties(self, cast: Cast) -> None:
        consult = claimed(cast)
        cast.specialist.roles.all().delete()
        give(cast.specialist, Role.Name.EDITOR)
        person = Person.objects.get(pk=cast.specialist.pk)
        assert Consult.objects.visible_to(person).filter(pk=consult.pk).exists()

    def test_what_the_page_offers(self, cast: Cast) -> None:
        facts = Facts.of(claimed(cast))
        offered = {
            who: {action.value for action in may_now(getattr(cast, who).actor, facts)}
            for who in ("clinician_prairie", "specialist", "specialist2", "lead", "auditor")
        }
        assert offered == {
            "clinician_prairie": {"reply", "withdraw"},
            "specialist": {"answer", "ask", "handover", "decline", "transfer", "second-opinion"},
            "specialist2": set(),
            "lead": {"handover", "decline", "retarget", "transfer", "second-opinion"},
            "auditor": set(),
        }

    def test_a_specialist_no_longer_of_the_specialty_does_not_answer(self, cast: Cast) -> None:
        consult = claimed(cast)
        cast.specialist.roles.filter(specialty=cast.cardiology).delete()
        person = Person.objects.get(pk=cast.specialist.pk)
        with pytest.raises(Refused):
            answering.answer(consult, by=person, text="x", documents=[], minutes=1, at=after(2))


@pytest.mark.django_db
class TestSteps:
    def test_each_step_tells_the_other_side(self, cast: Cast) -> None:
        consult = claimed(cast)
        assert told(cast.clinician_prairie, "has been taken by a specialist")
        answering.ask_back(consult, by=cast.specialist, text="Weight?", at=after(2))
        assert told(cast.clinician_prairie, "has a question for you")
        requesting.reply(consult, by=cast.clinician_prairie, text="70 kg", at=after(3))
        assert told(cast.specialist, "has a reply from the requester")
        answering.hand_over(consult, by=cast.specialist, to=cast.specialist2, at=after(4))
        assert told(cast.specialist2, "was handed over to you")
        answering.answer(consult, by=cast.specialist2, text="5 mg", documents=[], minutes=1, at=after(5))
        assert told(cast.clinician_prairie, "was answered")
        requesting.close(consult, by=cast.clinician_prairie, course="new", referral="avoided", value=4, at=after(6))
        assert told(cast.specialist2, "was closed")
        withdrawn = claimed(cast)
        requesting.withdraw(withdrawn, by=cast.clinician_prairie, at=after(7))
        assert told(cast.specialist, f"{withdrawn.number} was withdrawn")
        declined = sent(cast)
        answering.decline(declined, by=cast.lead, reason="Twice.", at=after(8))
        assert told(cast.clinician_prairie, f"{declined.number} was declined")

    @pytest.mark.parametrize("state", ["answered", "closed", "withdrawn", "declined"])
    def test_what_is_over_has_no_clock_and_nobody_working_on_it(self, cast: Cast, state: str) -> None:
        consult = Consult.objects.get(pk=IN_STATE[state](cast).pk)
        last = consult.clock_events.order_by("id").last()
        assert last is not None
        assert last.kind == "stop"
        assert (consult.due_at, consult.next_milestone_at) == (None, None)
        assert not Assignment.objects.filter(consult=consult, ended_at=None).exists()
        assert (consult.ended_at is None) == (state == "answered")

    @pytest.mark.parametrize("end", ["withdraw", "decline"])
    def test_an_end_while_someone_has_it_stops_the_clock_and_ends_the_assignment(self, cast: Cast, end: str) -> None:
        consult = waiting(cast)
        if end == "withdraw":
            requesting.withdraw(consult, by=cast.clinician_prairie, at=after(5))
        else:
            answering.decline(consult, by=cast.specialist, reason="Twice.", at=after(5))
        consult.refresh_from_db()
        assert consult.clock_events.filter(kind="stop", at=after(5)).exists()
        assert consult.assignments.get().ended_at == after(5)

    def test_the_reason_of_a_refusal_is_on_the_timeline(self, cast: Cast) -> None:
        consult = answering.decline(claimed(cast), by=cast.specialist, reason=" Not ours. ", at=after(2))
        assert consult.timeline.get(kind="declined").detail == "Not ours."
        assert not Mail.objects.filter(body__contains="Not ours").exists()

    def test_only_what_is_with_a_specialist_goes_back_to_the_queue(self, cast: Cast) -> None:
        for consult in (sent(cast), waiting(cast)):
            with pytest.raises(Conflict):
                answering.hand_over(consult, by=cast.lead, to=None, at=after(3))

    @pytest.mark.parametrize(
        ("field", "value"),
        [("course", "better"), ("referral", ""), ("value", 0), ("value", 6)],
    )
    def test_the_survey_takes_what_it_offers(self, cast: Cast, field: str, value: object) -> None:
        survey: dict[str, object] = {"course": "new", "referral": "avoided", "value": 3} | {field: value}
        consult = answered(cast)
        with pytest.raises(Invalid) as refused:
            requesting.close(consult, by=cast.clinician_prairie, at=after(6), **survey)  # type: ignore[arg-type]
        assert set(refused.value.fields) == {field}
        consult.refresh_from_db()
        assert consult.state == "answered"

    def test_the_first_answer_counts(self, cast: Cast) -> None:
        consult = answered(cast, hours=5)
        requesting.reply(consult, by=cast.clinician_prairie, text="And then?", at=after(10))
        answering.answer(consult, by=cast.specialist, text="x", documents=[], minutes=1, at=after(20))
        consult.refresh_from_db()
        assert consult.answered_at == after(5)

    @pytest.mark.parametrize("why", ["deactivated", "no longer of the specialty"])
    def test_a_follow_up_goes_to_the_queue_when_whoever_answered_cannot(self, cast: Cast, why: str) -> None:
        consult = answered(cast)
        if why == "deactivated":
            Person.objects.filter(pk=cast.specialist.pk).update(is_active=False, deactivated_at=after(6))
        else:
            cast.specialist.roles.filter(specialty=cast.cardiology).delete()
        Notice.objects.all().delete()
        requesting.reply(consult, by=cast.clinician_prairie, text="And then?", at=after(30))
        consult.refresh_from_db()
        assert (consult.state, consult.assignee, consult.due_at) == ("queued", None, after(78))
        assert told(cast.specialist2, "waits for an answer")
        assert not told(cast.specialist, "waits for an answer")

    def test_marks_of_a_second_round_are_told_again(self, cast: Cast) -> None:
        consult = claimed(cast)
        clockwork.sweep(now=after(25))
        answering.answer(consult, by=cast.specialist, text="x", documents=[], minutes=1, at=after(26))
        requesting.reply(consult, by=cast.clinician_prairie, text="And then?", at=after(30))
        clockwork.sweep(now=after(55))
        assert Notice.objects.filter(person=cast.specialist, text__contains="half of the promised").count() == 2

    @pytest.mark.parametrize(("length", "fits"), [(MAX_TEXT, True), (MAX_TEXT + 1, False)])
    def test_text_has_a_limit(self, cast: Cast, length: int, fits: bool) -> None:
        consult, text = claimed(cast), "a" * length
        if fits:
            answering.ask_back(consult, by=cast.specialist, text=text, at=after(2))
        else:
            with pytest.raises(Invalid, match="at most 20,000 characters; this has 20,001"):
                answering.ask_back(consult, by=cast.specialist, text=text, at=after(2))

    def test_a_question_is_a_sentence_of_ten_characters(self, cast: Cast) -> None:
        for question, sends in (("Why? Why?", False), ("Why? Why??", True)):
            draft = drafted(cast, question=question)
            if sends:
                sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)
            else:
                with pytest.raises(Invalid) as refused:
                    sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)
                assert set(refused.value.fields) == {"question"}

    def test_identifiers_are_sought_in_the_question_too_and_only_then_attested(self, cast: Cast) -> None:
        draft = drafted(cast, question="May Mr. Gunderson have apixaban?")
        with pytest.raises(Invalid) as refused:
            sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)
        assert set(refused.value.fields) == {"attested"}
        harmless = sending.send(drafted(cast), by=cast.clinician_prairie, attested=True, at=NOON)
        assert harmless.attested_at is None, "there was nothing to attest"

    def test_marks_of_a_question_nobody_took_are_told_to_someone(self, cast: Cast) -> None:
        neurology = Specialty.objects.get(slug="neurology")
        give(make_person("neuro@network.example", "Lee Park"), Role.Name.SPECIALIST, specialties=(neurology,))
        draft = drafted(cast, specialty=neurology)
        sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)
        Notice.objects.all().delete()
        clockwork.sweep(now=after(49))
        assert Notice.objects.exists()

    def test_nothing_is_promised_where_nobody_answers(self, cast: Cast) -> None:
        draft = drafted(cast, specialty=Specialty.objects.get(slug="neurology"))
        with pytest.raises(Invalid):
            sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)

    def test_whoever_had_it_is_told_when_the_lead_gives_it_to_another(self, cast: Cast) -> None:
        consult = claimed(cast)
        answering.hand_over(consult, by=cast.lead, to=cast.specialist2, at=after(2))
        assert told(cast.specialist, consult.number + " was handed over")

    def test_a_claim_of_what_was_withdrawn_says_so(self, cast: Cast) -> None:
        consult = requesting.withdraw(claimed(cast), by=cast.clinician_prairie, at=after(2))
        with pytest.raises(Conflict, match="withdrawn"):
            answering.claim(consult, by=cast.specialist2, at=after(3))


class TestSweep:
    def test_the_log_of_its_last_run_and_more_than_one_batch(
        self, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As the worker runs it: on a connection that sees nothing until the sweep opens its own scope."""
        monkeypatch.setattr(clockwork, "BATCH", 2)
        for _ in range(5):
            claimed(committed_cast)
        with tenancy.only([]):
            assert Consult.objects.count() == 0
            done = clockwork.sweep(now=after(25))
        assert (done["consults"], done["half"]) == (5, 5)
        assert Heartbeat.objects.filter(name="sweep").exists()

    def test_a_question_someone_is_working_on_is_left_to_the_next_sweep(self, committed_cast: Cast) -> None:
        """A sweep never waits for a row that another transaction holds."""
        from concurrent.futures import ThreadPoolExecutor

        from django.db import connections, transaction

        consult, other = claimed(committed_cast), claimed(committed_cast)

        def sweep() -> int:
            try:
                return clockwork.sweep(now=after(25))["consults"]
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            Consult.objects.select_for_update(of=("self",)).get(pk=consult.pk)
            assert pool.submit(sweep).result(timeout=10) == 1
        assert other.milestones.filter(kind="half").count() == 1
        assert clockwork.sweep(now=after(25))["consults"] == 1


@pytest.mark.django_db
class TestWalls:
    def test_nothing_of_what_was_said_or_recorded_is_rewritten(self, cast: Cast) -> None:
        from django.db import transaction
        from django.db.utils import ProgrammingError

        from portal.common.models import AuditEvent

        waiting(cast)
        for model in (AuditEvent,):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                model.objects.update(action="nothing")
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                model.objects.all()._raw_delete(using="default")
        from consults.models import Citation, Message

        for rows in (Message.objects.all(), Citation.objects.all()):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                rows.update(id=1)
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                rows._raw_delete(using="default")

    def test_an_error_inside_a_scope_is_the_error_that_comes_out(self, cast: Cast) -> None:
        consult = sent(cast)
        with pytest.raises(ValueError, match="own"), tenancy.only([cast.lakeside.pk]):
            raise ValueError("own")
        assert Consult.objects.filter(pk=consult.pk).exists()


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.django_db
def test_a_service_that_refuses_leaves_no_trace(cast: Cast, action: Action) -> None:
    """Not a message, not a notice, not an entry in any log."""
    from portal.common.models import AuditEvent

    consult = IN_STATE["closed"](cast)
    by, late = cast.clinician_prairie, after(9)
    calls: dict[Action, Callable[[], object]] = {
        Action.SEND: lambda: sending.send(consult, by=by, attested=True, at=late),
        Action.CLAIM: lambda: answering.claim(consult, by=cast.specialist2, at=late),
        Action.ASK: lambda: answering.ask_back(consult, by=cast.specialist, text="x", at=late),
        Action.REPLY: lambda: requesting.reply(consult, by=by, text="x", at=late),
        Action.ANSWER: lambda: answering.answer(
            consult, by=cast.specialist, text="x", documents=[], minutes=1, at=late
        ),
        Action.HANDOVER: lambda: answering.hand_over(consult, by=cast.lead, to=cast.specialist2, at=late),
        Action.TRANSFER: lambda: joining.transfer(
            consult, by=cast.lead, to=cast.hospital_medicine, reason="x", at=late
        ),
        Action.SECOND: lambda: joining.ask_second(
            consult, by=cast.lead, specialist=cast.specialist2, text="x", at=late
        ),
        Action.DECLINE: lambda: answering.decline(consult, by=cast.lead, reason="x", at=late),
        Action.WITHDRAW: lambda: requesting.withdraw(consult, by=by, at=late),
        Action.CLOSE: lambda: requesting.close(consult, by=by, course="new", referral="avoided", value=1, at=late),
        Action.RETARGET: lambda: promising.set_urgency(consult, by=cast.lead, urgency="urgent", at=late),
    }
    tables = (AuditEvent.objects, Notice.objects, Mail.objects, consult.messages, consult.timeline)
    before = [rows.count() for rows in (*tables, consult.clock_events)]
    with pytest.raises((Refused, Conflict)):
        calls[action]()
    assert [rows.count() for rows in (*tables, consult.clock_events)] == before


def test_content_of_a_draft_is_empty_unless_given() -> None:
    assert list(drafting.Content().documents) == []
