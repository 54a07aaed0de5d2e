"""The log of a clock never runs backwards, whatever moments the services are given."""

from datetime import datetime, timedelta

import pytest

from consults.models import Consult
from consults.services import answering, clockwork, promising, requesting, verifying
from tests.cast import Cast
from tests.consults.helpers import after, answered, claimed, sent, waiting

pytestmark = pytest.mark.django_db


def log(consult: Consult) -> list[tuple[str, datetime]]:
    """Its entries as they were written."""
    return list(consult.clock_events.order_by("pk").values_list("kind", "at"))


def holds(hours: float) -> bool:
    """Whether all that is stored follows from the logs, by then."""
    return verifying.verify(now=after(hours))[1] == []


def test_a_reply_with_a_moment_before_the_pause_has_the_pauses(cast: Cast) -> None:
    consult = waiting(cast)
    requesting.reply(consult, by=cast.clinician_prairie, text="70 kg", at=after(1))
    assert log(consult)[-2:] == [("pause", after(2)), ("resume", after(2))]
    assert holds(3)


def test_a_new_round_with_a_moment_before_the_end_of_the_last_begins_there(cast: Cast) -> None:
    consult = answered(cast, hours=5)
    consult = requesting.reply(consult, by=cast.clinician_prairie, text="And then?", at=after(4))
    assert log(consult)[-2:] == [("stop", after(5)), ("start", after(5))]
    assert consult.due_at == after(5 + 48)
    assert holds(6)


def test_a_moment_after_the_last_entry_stays(cast: Cast) -> None:
    consult = claimed(cast)
    answering.ask_back(consult, by=cast.specialist, text="Which weight?", at=after(3))
    assert log(consult)[-1] == ("pause", after(3))


def test_who_waited_behind_a_sweep_took_it_after_it_was_recorded_that_nobody_had(cast: Cast) -> None:
    answer, response = timedelta(hours=8), timedelta(hours=2)
    promising.define_promise(by=cast.network_admin, urgency="standard", answer=answer, response=response)
    consult = sent(cast)
    clockwork.sweep(now=after(2.1))
    assert consult.milestones.get().due_at == after(2)
    answering.claim(consult, by=cast.specialist, at=after(1.9))
    assert consult.assignments.get().started_at == after(2)
    assert holds(3)
