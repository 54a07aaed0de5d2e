"""Consult and clock as a state machine: anything that people and the sweep may do, in any order and at any time.

After each step the stored clock is compared with a plain recomputation from the log (plain_clock.py), and after each
sweep with what ``verify_clocks`` finds. CLOCK_STEPS=10000 runs the long form; the suite runs a short one.
"""

import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.db.models import Max
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from consults.models import ClockEvent, Consult, Milestone
from consults.services import answering, clockwork, joining, ladders, promising, requesting, sending, verifying
from portal.common.models import Notice
from portal.common.refusals import Conflict
from tests.cast import Cast
from tests.consults import plain_clock
from tests.consults.helpers import NOON, drafted

STEPS = int(os.environ.get("CLOCK_STEPS", "300"))
LENGTH = 50
WEEK: list[list[list[str]]] = [[["08:00", "17:00"]]] * 5 + [[], [["01:00", "05:00"]]]
BESIDE = ("lapsed", "compared", "verified", "over a day off", "over a change of clocks")
OPEN = ("queued", "assigned", "waiting")
URGENCIES = ("standard", "soon", "urgent")
STARTS = [datetime(2026, 10, 30, 20, tzinfo=UTC), NOON, datetime(2027, 3, 12, 15, 30, tzinfo=UTC)]
"""Before the clocks are put back, before a day off, before the clocks are put forward."""
minutes = st.sampled_from([0, 1, 7, 59, 60, 240, 600, 720, 1440, 1440, 2880, 4320, 10080])
SILENCE = [1440, 4320, 5000, 10080, 15840, 30240]
"""Minutes; of the reminders, the announcement and the close of any ladder below, each falls between two of these."""
LADDERS = 6
which = st.integers(min_value=0, max_value=10)
ladder = st.fixed_dictionaries(
    {
        "backup_percent": st.sampled_from([0, 60, 120]),
        "lead_percent": st.sampled_from([85, 100]),
        "lead_minutes": st.sampled_from([-60, 0, 30]),
        "director_percent": st.sampled_from([100, 150]),
        "first_reminder": st.just(1),
        "second_reminder": st.sampled_from([2, 3]),
        "close_after": st.sampled_from([7, 10]),
        "working_days": st.booleans(),
    }
)


def there_is(*states: str) -> Callable[[Any], bool]:
    return lambda desk: any(desk.states[state] for state in states)


class Desk(RuleBasedStateMachine):
    """A section and its clinicians over some weeks."""

    cast: ClassVar[Cast]
    done: ClassVar[Counter[str]] = Counter()
    now: datetime
    swept: datetime
    states: Counter[str] = Counter()
    """How many consults are in each state, before the next step."""

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: datetime) -> None:
        self._scope = transaction.atomic()
        self._scope.__enter__()
        self.now = self.swept = start
        self.ladders = 0
        self.over: set[tuple[int, int, int]] = set()
        self.met: set[tuple[int, int, str]] = set()
        admin = self.cast.network_admin
        hours = promising.define_calendar(
            by=admin,
            name="Office",
            zone="America/Chicago",
            week=WEEK,
            closed=dict.fromkeys(plain_clock.CLOSED, "Closed"),
            short={day: [["08:00", "12:00"]] for day in plain_clock.SHORT},
            today=NOON.date(),
        )
        promising.define_promise(by=admin, urgency="urgent", answer=timedelta(hours=4), response=timedelta(hours=1))
        promising.define_promise(by=admin, urgency="soon", answer=timedelta(hours=9), calendar=hours)
        promising.define_promise(
            by=admin, urgency="standard", answer=timedelta(hours=24), specialty=self.cast.hospital_medicine
        )
        self._ask("soon", at=start)

    def teardown(self) -> None:
        if hasattr(self, "_scope"):
            self.done.update(name for _, _, name in self.met)
            transaction.set_rollback(True)
            self._scope.__exit__(None, None, None)

    def _of(self, number: int, *states: str) -> Consult:
        rows = Consult.objects.filter(state__in=states).order_by("pk")
        return rows[number % len(rows)]

    def _step(self, name: str, wait: int) -> datetime:
        self.now += timedelta(minutes=wait)
        self.done[name] += 1
        return self.now

    @precondition(lambda self: self.states.total() < 9 and sum(self.states[state] for state in OPEN) < 4)
    @rule(wait=minutes, urgency=st.sampled_from(["standard", "soon", "soon", "urgent"]))
    def ask(self, wait: int, urgency: str) -> None:
        self._ask(urgency, at=self._step("ask", wait))

    def _ask(self, urgency: str, *, at: datetime) -> None:
        by = self.cast.clinician_prairie
        sending.send(drafted(self.cast, by=by, at=at, urgency=urgency), by=by, attested=False, at=at)

    @precondition(there_is("queued"))
    @rule(wait=minutes, number=which)
    def claim(self, wait: int, number: int) -> None:
        answering.claim(self._of(number, "queued"), by=self.cast.specialist, at=self._step("claim", wait))

    @precondition(there_is("assigned"))
    @rule(wait=minutes, number=which)
    def pause(self, wait: int, number: int) -> None:
        self._ask_back(number, wait=wait)

    def _ask_back(self, number: int, *, wait: int) -> None:
        at = self._step("ask back", wait)
        answering.ask_back(self._of(number, "assigned"), by=self.cast.specialist, text="Which weight?", at=at)

    @precondition(there_is("waiting"))
    @rule(wait=minutes, number=which)
    def reply(self, wait: int, number: int) -> None:
        self._say(self._of(number, "waiting"), at=self._step("reply", wait))

    @precondition(there_is("lapsed"))
    @rule(wait=minutes, number=which)
    def reopen(self, wait: int, number: int) -> None:
        self._say(self._of(number, "lapsed"), at=self._step("reopen", wait))

    @precondition(there_is("answered"))
    @rule(wait=minutes, number=which)
    def ask_on(self, wait: int, number: int) -> None:
        self._say(self._of(number, "answered"), at=self._step("ask on", wait))

    def _say(self, row: Consult, *, at: datetime) -> None:
        requesting.reply(row, by=self.cast.clinician_prairie, text="70 kg", at=at)

    @precondition(there_is("assigned"))
    @rule(wait=minutes, number=which)
    def release(self, wait: int, number: int) -> None:
        answering.hand_over(self._of(number, "assigned"), by=self.cast.lead, to=None, at=self._step("hand back", wait))

    @precondition(there_is("queued", "assigned"))
    @rule(wait=minutes, number=which)
    def transfer(self, wait: int, number: int) -> None:
        row, at = self._of(number, "queued", "assigned"), self._step("transfer", wait)
        here = row.specialty == self.cast.cardiology
        other = self.cast.hospital_medicine if here else self.cast.cardiology
        joining.transfer(row, by=self.cast.lead, to=other, reason="It is theirs.", at=at)

    @precondition(there_is(*OPEN))
    @rule(wait=minutes, number=which, other=st.integers(min_value=0, max_value=1))
    def retarget(self, wait: int, number: int, other: int) -> None:
        row, at = self._of(number, *OPEN), self._step("retarget", wait)
        urgency = [one for one in URGENCIES if one != row.urgency][other]
        promising.set_urgency(row, by=self.cast.lead, urgency=urgency, at=at)

    @precondition(there_is("assigned", "waiting"))
    @rule(wait=minutes, number=which)
    def answer(self, wait: int, number: int) -> None:
        at = self._step("answer", wait)
        last = Notice.objects.aggregate(last=Max("pk"))["last"]
        row = self._of(number, "assigned", "waiting")
        answering.answer(row, by=self.cast.specialist, text="5 mg.", documents=[], minutes=4, at=at)
        told = set(Notice.objects.filter(pk__gt=last).values_list("person_id", flat=True))
        assert told <= {row.requester_id}, "nobody is warned of what is over"

    @precondition(lambda self: sum(self.states[state] for state in OPEN) == 4)
    @rule(wait=minutes, number=which)
    def withdraw(self, wait: int, number: int) -> None:
        requesting.withdraw(self._of(number, *OPEN), by=self.cast.clinician_prairie, at=self._step("withdraw", wait))

    @precondition(there_is("lapsed"))
    @rule(wait=minutes, number=which)
    def close_too_early(self, wait: int, number: int) -> None:
        survey = {"course": "new", "referral": "never-contemplated", "value": 3}
        row, at = self._of(number, "lapsed"), self._step("close", wait)
        with pytest.raises(Conflict):
            requesting.close(row, by=self.cast.clinician_prairie, at=at, **survey)  # type: ignore[arg-type]

    @precondition(lambda self: there_is(*OPEN)(self) and self.ladders < LADDERS)
    @rule(wait=minutes, figures=ladder)
    def set_ladder(self, wait: int, figures: dict[str, Any]) -> None:
        at = self._step("ladder", wait)
        self.ladders += 1
        ladders.set_ladder(by=self.cast.lead, specialty=self.cast.cardiology, at=at, **figures)

    @precondition(lambda self: there_is(*OPEN)(self) and self.now > self.swept)
    @rule(wait=minutes)
    def sweep(self, wait: int) -> None:
        self._sweep(self._step("sweep", wait))

    @precondition(there_is("assigned", "waiting"))
    @rule(number=which, waits=st.lists(st.sampled_from(SILENCE), min_size=2, max_size=3))
    def hear_nothing(self, number: int, waits: list[int]) -> None:
        """The sweep comes again and again, and no reply; where nothing was asked back, that is done first."""
        if not self.states["waiting"]:
            self._ask_back(number, wait=60)
        for wait in waits:
            self._sweep(self._step("hear nothing", wait))

    def _sweep(self, at: datetime) -> None:
        self.swept = at
        self.done["lapsed"] += clockwork.sweep(now=at)["lapsed"]
        before = (Milestone.objects.count(), Notice.objects.count())
        assert clockwork.sweep(now=at)["consults"] == 0, "a second sweep finds nothing to do"
        assert (Milestone.objects.count(), Notice.objects.count()) == before
        count, differences = verifying.verify(now=at)
        assert not differences, differences
        self.done["verified"] += count

    @invariant()
    def stored_is_what_follows(self) -> None:
        if not hasattr(self, "now"):
            return
        self.states = Counter(Consult.objects.values_list("state", flat=True))
        for consult in Consult.objects.exclude(submitted_at=None).prefetch_related("milestones"):
            log = ClockEvent.objects.filter(consult=consult).select_related("promise", "ladder").order_by("at", "pk")
            for cycle in range(1, consult.cycle + 1):
                rows = [row for row in log if row.cycle == cycle]
                past = (consult.pk, cycle, consult.cycle)
                if past not in self.over:
                    self._compare(consult, cycle, rows, is_present=cycle == consult.cycle)
                if cycle < consult.cycle:
                    self.over.add(past)
            self.done["compared"] += 1

    def _compare(self, consult: Consult, cycle: int, rows: list[Any], *, is_present: bool) -> None:
        follows = plain_clock.milestones(rows)
        kept = [row for row in consult.milestones.all() if row.cycle == cycle and row.kind != "not-taken"]
        stored = {(row.kind, row.part): row.due_at for row in kept}
        assert {key: _near(follows.get(key), at) for key, at in stored.items()} == stored
        known = max(self.swept, rows[-1].at - timedelta(microseconds=1)) if is_present else rows[-1].at
        missing = {key for key, at in follows.items() if key not in stored and at < known}
        assert not missing, f"{consult}: {missing} of round {cycle}"
        self.met |= {(consult.pk, cycle, name) for name in plain_clock.met(rows, self.now)}
        announced = max((row.recorded_at for row in kept if row.kind == "closing"), default=None)
        part = max((row.part for row in kept if row.kind == "closing"), default=0)
        is_of_this_pause = part == len(plain_clock.pauses(plain_clock.stretches(rows)))
        if rows[-1].why == clockwork.NO_REPLY:
            closed = plain_clock.closes(rows[:-1], announced if is_of_this_pause else None)
            assert closed, f"{consult} closed unannounced"
            assert closed <= rows[-1].at, f"{consult} closed too early"
        if not is_present:
            assert rows[-1].kind == "stop"
            return
        assert consult.due_at == _near(plain_clock.due(rows), consult.due_at)
        closes = plain_clock.closes(rows, announced if is_of_this_pause else None)
        moments = [at for key, at in follows.items() if key not in stored] if rows[-1].kind != "stop" else []
        expected = min([at for at in (*moments, closes, consult.response_due_at) if at], default=None)
        assert consult.next_milestone_at == _near(expected, consult.next_milestone_at)
        assert (consult.state == "lapsed") == (rows[-1].why == clockwork.NO_REPLY)


def _near(follows: datetime | None, stored: datetime | None) -> datetime | None:
    """``stored`` where the two are the same but for the rounding of shares to microseconds."""
    close = follows and stored and abs(follows - stored) <= 2 * plain_clock.TICK
    return stored if close else follows


@pytest.mark.django_db
def test_the_stored_clock_is_always_what_a_plain_recomputation_says(cast: Cast) -> None:
    Desk.cast, Desk.done = cast, Counter()
    run_state_machine_as_test(
        Desk,
        settings=settings(
            # A run ends before its longest length one time in five.
            max_examples=-(-STEPS * 5 // 4 // LENGTH),
            stateful_step_count=LENGTH,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            derandomize=STEPS == 300,
            suppress_health_check=list(HealthCheck),
        ),
    )
    steps = sum(number for name, number in Desk.done.items() if name not in BESIDE)
    print(f"{steps} steps, {Desk.done['compared']} clocks compared, 0 differences; {dict(Desk.done)}")
    assert steps >= STEPS / 2
    happened = ("ask back", "reply", "lapsed", "reopen", "ask on", "transfer", "retarget", "withdraw", "ladder")
    missed = [name for name in (*happened, "over a day off", "over a change of clocks") if not Desk.done[name]]
    assert not missed, f"what never came about was not tested: {missed}"
