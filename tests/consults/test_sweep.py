"""The sweep: each mark once, at the moment it was due, told to those who can act; nothing lost, nothing twice."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from io import StringIO
from threading import Barrier

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, connections, transaction
from django.db.utils import ProgrammingError
from pytest_django import DjangoAssertNumQueries

from consults.models import ClockEvent, Consult, Milestone
from consults.services import answering, clockwork, requesting
from portal.common import tenancy
from portal.common.models import Mail, Notice
from portal.members.models import Person
from tests.cast import Cast
from tests.consults.helpers import NOON, after, answered, claimed, sent, waiting

MARKS = ("half", "at-risk", "breach", "not-taken")


def marks(consult: Consult) -> list[tuple[str, float]]:
    """(mark, hours after noon at which it was due)."""
    rows = Milestone.objects.filter(consult=consult, kind__in=MARKS).values_list("kind", "due_at")
    return [(kind, (due - NOON) / timedelta(hours=1)) for kind, due in rows]


def told(person: Person, word: str) -> int:
    return Notice.objects.filter(person=person, text__contains=word).count()


@pytest.mark.django_db
class TestMarks:
    def test_each_mark_once_at_its_own_moment_whatever_the_time_of_the_sweep(self, cast: Cast) -> None:
        consult = claimed(cast)
        for hours in (1, 23, 24.1, 24.1, 40, 41, 41, 47, 48.5, 48.5, 90):
            clockwork.sweep(now=after(hours))
        assert marks(consult) == [("half", 24), ("at-risk", 40.8), ("breach", 48)]
        assert list(consult.timeline.values_list("kind", flat=True)) == [
            "submitted",
            "claimed",
            "half",
            "at-risk",
            "to-lead",
            "breach",
        ]

    def test_a_sweep_that_comes_days_late_records_all_and_tells_only_the_gravest(self, cast: Cast) -> None:
        consult = claimed(cast)
        clockwork.sweep(now=after(90))
        assert marks(consult) == [("half", 24), ("at-risk", 40.8), ("breach", 48)]
        assert told(cast.specialist, "half of the promised") == told(cast.specialist, "85 %") == 0
        assert told(cast.specialist, "has passed") == told(cast.lead, "has passed") == 1

    def test_half_is_told_to_the_assignee_and_the_rest_to_the_lead_too(self, cast: Cast) -> None:
        claimed(cast)
        clockwork.sweep(now=after(25))
        assert (told(cast.specialist, "half"), told(cast.lead, "half")) == (1, 0)
        clockwork.sweep(now=after(41))
        assert (told(cast.specialist, "85 %"), told(cast.lead, "85 %")) == (1, 1)
        clockwork.sweep(now=after(49))
        assert (told(cast.specialist, "passed"), told(cast.lead, "passed")) == (1, 1)
        assert told(cast.specialist2, "promised time") == 0

    def test_an_unclaimed_question_is_told_to_the_lead_from_the_first_mark(self, cast: Cast) -> None:
        sent(cast)
        clockwork.sweep(now=after(25))
        assert told(cast.lead, "Nobody has taken it") == 1

    def test_a_paused_clock_passes_no_mark(self, cast: Cast) -> None:
        consult = waiting(cast)
        clockwork.sweep(now=after(500))
        assert not marks(consult)
        requesting.reply(consult, by=cast.clinician_prairie, text="70 kg", at=after(500))
        clockwork.sweep(now=after(500 + 22.5))
        assert marks(consult) == [("half", 522)]

    def test_a_mark_passed_before_a_pause_is_recorded_though_no_sweep_came(self, cast: Cast) -> None:
        consult = claimed(cast)
        answering.ask_back(consult, by=cast.specialist, text="Which weight?", at=after(30))
        assert marks(consult) == [("half", 24)]

    def test_a_late_answer_is_recorded_as_late_and_nobody_is_warned_of_what_is_over(self, cast: Cast) -> None:
        consult = answered(cast, hours=50)
        assert marks(consult) == [("half", 24), ("at-risk", 40.8), ("breach", 48)]
        assert told(cast.specialist, "promised time") == told(cast.lead, "promised time") == 0
        clockwork.sweep(now=after(90))
        assert len(marks(consult)) == 3

    def test_nothing_is_recorded_after_the_answer(self, cast: Cast) -> None:
        consult = answered(cast, hours=5)
        clockwork.sweep(now=after(500))
        assert marks(consult) == []

    def test_a_follow_up_has_marks_of_its_own(self, cast: Cast) -> None:
        consult = answered(cast, hours=30)
        requesting.reply(consult, by=cast.clinician_prairie, text="And then?", at=after(100))
        clockwork.sweep(now=after(125))
        assert marks(consult) == [("half", 24), ("half", 124)]
        assert told(cast.specialist, "half") == 1

    def test_the_database_refuses_a_second_milestone(self, cast: Cast) -> None:
        consult = claimed(cast)
        clockwork.sweep(now=after(25))
        with pytest.raises(IntegrityError), transaction.atomic():
            Milestone.objects.create(consult=consult, cycle=1, kind="half", due_at=after(24))

    def test_the_logs_cannot_be_rewritten_by_the_application(self, cast: Cast) -> None:
        consult = claimed(cast)
        clockwork.sweep(now=after(25))
        for rows in (ClockEvent.objects.all(), consult.milestones.all(), consult.timeline.all()):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                rows.update(consult=consult)
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                rows._raw_delete(using="default")

    def test_queries_do_not_grow_with_what_is_due(
        self, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(15):
            claimed(cast)
        with django_assert_max_num_queries(24):
            clockwork.sweep(now=after(25))


@pytest.mark.django_db
class TestCommands:
    def test_sweep_clock_prints_what_it_did(self, cast: Cast) -> None:
        claimed(cast)
        out = StringIO()
        call_command("sweep_clock", "--at", after(49).isoformat(), stdout=out)
        assert "1 consults; recorded 1 at half, 1 at risk, 1 late." in out.getvalue()
        out = StringIO()
        call_command("sweep_clock", "--at", after(49).isoformat(), stdout=out)
        assert "0 consults; recorded 0 at half, 0 at risk, 0 late." in out.getvalue()

    def test_explain_clock_prints_the_arithmetic(self, cast: Cast) -> None:
        consult = waiting(cast)
        requesting.reply(consult, by=cast.clinician_prairie, text="70 kg", at=after(12))
        out = StringIO()
        call_command("explain_clock", consult.number, "--at", after(20).isoformat(), stdout=out)
        assert "until Tue 24 Nov 2026, 18:00 (10 h)" in out.getvalue()
        assert "38 h left: due Thu 26 Nov 2026, 16:00" in out.getvalue()

    @pytest.mark.parametrize("moment", ["yesterday", "2026-11-24T12:00", "2026-13-40T00:00:00Z"])
    def test_a_moment_that_is_none_is_a_clear_error(self, cast: Cast, moment: str) -> None:
        with pytest.raises(CommandError, match="is not a moment"):
            call_command("sweep_clock", "--at", moment)

    def test_an_unknown_number_is_a_clear_error(self, cast: Cast) -> None:
        with pytest.raises(CommandError, match="no consult C-0"):
            call_command("explain_clock", "C-0")


def in_threads(work: list[Callable[[], object]]) -> list[object]:
    """Run the callables at the same moment, each on a connection of its own, and return what each gave or raised."""
    gate = Barrier(len(work))

    def run(function: Callable[[], object]) -> object:
        gate.wait()
        try:
            with tenancy.everything():
                return function()
        except Exception as error:  # noqa: BLE001 - what it raised is the result
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))


class TestAtOnce:
    def test_of_two_claims_one_wins_and_the_other_is_told_who(self, committed_cast: Cast) -> None:
        cast = committed_cast
        for _ in range(10):
            consult = sent(cast)
            people = (cast.specialist, cast.specialist2)
            results = in_threads([partial(answering.claim, consult, by=by, at=after(1)) for by in people])
            won = [result for result in results if isinstance(result, Consult)]
            lost = [result for result in results if not isinstance(result, Consult)]
            assert (len(won), len(lost)) == (1, 1), results
            assert won[0].assignee is not None
            assert f"{won[0].assignee.name} took it before you" in str(lost[0])
            assert consult.assignments.filter(ended_at=None).count() == 1
            assert list(consult.timeline.values_list("kind", flat=True)) == ["submitted", "claimed"]

    def test_four_sweeps_at_once_do_the_work_of_one(self, committed_cast: Cast) -> None:
        cast = committed_cast
        consults = [claimed(cast) for _ in range(40)]
        Mail.objects.all().delete()
        results = in_threads([lambda: clockwork.sweep(now=after(49))] * 4)
        assert not [result for result in results if isinstance(result, Exception)], results
        assert Milestone.objects.filter(kind__in=MARKS).count() == 3 * len(consults)
        assert Milestone.objects.count() == 7 * len(consults), "and the four rungs"
        assert Mail.objects.count() == 3 * len(consults), "for the assignee, the lead and the requester, one each"

    def test_an_answer_and_a_sweep_at_once_leave_one_truth(self, committed_cast: Cast) -> None:
        cast = committed_cast
        for _ in range(10):
            consult = claimed(cast)
            in_threads(
                [
                    lambda: clockwork.sweep(now=after(49)),
                    partial(
                        answering.answer,
                        consult,
                        by=cast.specialist,
                        text="x",
                        documents=[],
                        minutes=5,
                        at=after(49),
                    ),
                ]
            )
            consult.refresh_from_db()
            assert consult.state == "answered"
            assert consult.next_milestone_at is None
            assert marks(consult) == [("half", 24), ("at-risk", 40.8), ("breach", 48)]


def test_every_mark_of_the_enum_has_words_and_a_place_in_the_database() -> None:
    from consults.clock import Mark
    from consults.ladder import Rung, Wait
    from consults.models import TimelineEntry

    marks = {mark.value for mark in Mark}
    rungs, waits = {rung.value for rung in Rung}, {wait.value for wait in Wait}
    assert marks | rungs | waits | {"not-taken"} == set(Milestone.Kind.values)
    assert (marks | rungs | {"not-taken", "closing"}) - {"to-assignee"} <= set(TimelineEntry.Kind.values)
    assert all(re.fullmatch(r"[a-z-]+", mark.value) for mark in Mark)
    assert connection.vendor == "postgresql"
