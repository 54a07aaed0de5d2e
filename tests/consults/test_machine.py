"""Consult and clock as a state machine: anything that people and the sweep may do, in any order and at any time.

After each step the stored clock is compared with a plain recomputation from the log (plain_clock.py), and after each
sweep with what ``verify_clocks`` finds. CLOCK_STEPS=10000 runs the long form; the suite runs a short one.
"""

import os
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
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
from consults.services import answering, clockwork, joining, ladders, promising, requesting, verifying
from portal.common.models import Notice
from portal.common.refusals import Conflict, Invalid
from tests.cast import Cast
from tests.consults import plain_clock
from tests.consults.helpers import NOON, sent

STEPS = int(os.environ.get("CLOCK_STEPS", "300"))
LENGTH = 50
WEEK = [[["08:00", "17:00"]]] * 5 + [[]] * 2
minutes = st.sampled_from([0, 1, 7, 59, 60, 240, 600, 1440, 2880, 4320, 10080, 20160, 30240])
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


class Desk(RuleBasedStateMachine):
    """A section and its clinicians over some weeks."""

    cast: ClassVar[Cast]
    done: ClassVar[Counter[str]] = Counter()
    now: datetime
    swept: datetime

    @initialize()
    def begin(self) -> None:
        self._scope = transaction.atomic()
        self._scope.__enter__()
        self.now = self.swept = NOON
        admin = self.cast.network_admin
        hours = promising.define_calendar(by=admin, name="Office", zone="America/Chicago", week=WEEK, today=NOON.date())
        promising.define_promise(by=admin, urgency="urgent", answer=timedelta(hours=4), response=timedelta(hours=1))
        promising.define_promise(by=admin, urgency="soon", answer=timedelta(hours=9), calendar=hours)
        promising.define_promise(
            by=admin, urgency="standard", answer=timedelta(hours=24), specialty=self.cast.hospital_medicine
        )

    def teardown(self) -> None:
        if hasattr(self, "_scope"):
            transaction.set_rollback(True)
            self._scope.__exit__(None, None, None)

    def _of(self, number: int, *states: str) -> Consult | None:
        rows = Consult.objects.filter(state__in=states).order_by("pk")
        return rows[number % len(rows)] if rows else None

    def _step(self, name: str, wait: int) -> datetime:
        self.now += timedelta(minutes=wait)
        self.done[name] += 1
        return self.now

    @precondition(lambda self: Consult.objects.count() < 4)
    @rule(wait=minutes)
    def ask(self, wait: int) -> None:
        sent(self.cast, at=self._step("ask", wait))

    @rule(wait=minutes, number=which)
    def claim(self, wait: int, number: int) -> None:
        at = self._step("claim", wait)
        if row := self._of(number, "queued"):
            answering.claim(row, by=self.cast.specialist, at=at)

    @rule(wait=minutes, number=which)
    def pause(self, wait: int, number: int) -> None:
        at = self._step("ask back", wait)
        if row := self._of(number, "assigned"):
            answering.ask_back(row, by=self.cast.specialist, text="Which weight?", at=at)

    @rule(wait=minutes, number=which)
    def reply(self, wait: int, number: int) -> None:
        at = self._step("reply", wait)
        if row := self._of(number, "waiting", "lapsed", "answered"):
            requesting.reply(row, by=self.cast.clinician_prairie, text="70 kg", at=at)

    @rule(wait=minutes, number=which)
    def release(self, wait: int, number: int) -> None:
        at = self._step("hand back", wait)
        if row := self._of(number, "assigned"):
            answering.hand_over(row, by=self.cast.lead, to=None, at=at)

    @rule(wait=minutes, number=which)
    def transfer(self, wait: int, number: int) -> None:
        at = self._step("transfer", wait)
        if row := self._of(number, "queued", "assigned"):
            other = {self.cast.cardiology: self.cast.hospital_medicine}.get(row.specialty, self.cast.cardiology)  # type: ignore[arg-type]
            joining.transfer(row, by=self.cast.lead, to=other, reason="It is theirs.", at=at)

    @rule(wait=minutes, number=which, urgency=st.sampled_from(["standard", "soon", "urgent"]))
    def retarget(self, wait: int, number: int, urgency: str) -> None:
        at = self._step("retarget", wait)
        if row := self._of(number, "queued", "assigned", "waiting"):
            try:
                promising.set_urgency(row, by=self.cast.lead, urgency=urgency, at=at)
            except Invalid:
                assert row.urgency == urgency

    @rule(wait=minutes, number=which)
    def answer(self, wait: int, number: int) -> None:
        at = self._step("answer", wait)
        if row := self._of(number, "assigned", "waiting"):
            told = Notice.objects.count()
            answering.answer(row, by=self.cast.specialist, text="5 mg.", documents=[], minutes=4, at=at)
            assert Notice.objects.count() == told + 1, "nobody but the requester, of the answer"

    @rule(wait=minutes, number=which)
    def withdraw(self, wait: int, number: int) -> None:
        at = self._step("withdraw", wait)
        if (row := self._of(number, "queued", "assigned", "waiting")) and number == 3:
            requesting.withdraw(row, by=self.cast.clinician_prairie, at=at)

    @rule(wait=minutes, number=which)
    def close_too_early(self, wait: int, number: int) -> None:
        at = self._step("close", wait)
        if row := self._of(number, "lapsed"):
            with pytest.raises(Conflict):
                requesting.close(
                    row, by=self.cast.clinician_prairie, course="new", referral="never-contemplated", value=3, at=at
                )

    @rule(wait=minutes, figures=ladder)
    def set_ladder(self, wait: int, figures: dict[str, Any]) -> None:
        at = self._step("ladder", wait)
        ladders.set_ladder(by=self.cast.lead, specialty=self.cast.cardiology, at=at, **figures)

    @rule(wait=minutes)
    def sweep(self, wait: int) -> None:
        self.swept = self._step("sweep", wait)
        self.done["lapsed"] += clockwork.sweep(now=self.swept)["lapsed"]
        before = (Milestone.objects.count(), Notice.objects.count())
        assert clockwork.sweep(now=self.swept)["consults"] == 0, "a second sweep finds nothing to do"
        assert (Milestone.objects.count(), Notice.objects.count()) == before
        count, differences = verifying.verify(now=self.swept)
        assert not differences, differences
        self.done["verified"] += count

    @invariant()
    def stored_is_what_follows(self) -> None:
        if not hasattr(self, "now"):
            return
        for consult in Consult.objects.exclude(submitted_at=None).prefetch_related("milestones"):
            log = ClockEvent.objects.filter(consult=consult).select_related("promise", "ladder").order_by("at", "pk")
            for cycle in range(1, consult.cycle + 1):
                rows = [row for row in log if row.cycle == cycle]
                self._compare(consult, cycle, rows, is_present=cycle == consult.cycle)
            self.done["compared"] += 1

    def _compare(self, consult: Consult, cycle: int, rows: list[Any], *, is_present: bool) -> None:
        follows = plain_clock.milestones(rows)
        kept = [row for row in consult.milestones.all() if row.cycle == cycle and row.kind != "not-taken"]
        stored = {(row.kind, row.part): row.due_at for row in kept}
        assert {key: _near(follows.get(key), at) for key, at in stored.items()} == stored
        known = max(self.swept, rows[-1].at - timedelta(microseconds=1)) if is_present else rows[-1].at
        missing = {key for key, at in follows.items() if key not in stored and at < known}
        assert not missing, f"{consult}: {missing} of round {cycle}"
        if not is_present:
            assert rows[-1].kind == "stop"
            return
        assert consult.due_at == _near(plain_clock.due(rows), consult.due_at)
        announced = max((row.recorded_at for row in kept if row.kind == "closing"), default=None)
        part = max((row.part for row in kept if row.kind == "closing"), default=0)
        is_of_this_pause = part == len(plain_clock.pauses(plain_clock.stretches(rows)))
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
            max_examples=-(-STEPS // LENGTH),
            stateful_step_count=LENGTH,
            deadline=None,
            derandomize=STEPS == 300,
            suppress_health_check=list(HealthCheck),
        ),
    )
    steps = sum(number for name, number in Desk.done.items() if name not in ("lapsed", "compared", "verified"))
    print(f"{steps} steps, {Desk.done['compared']} clocks compared, 0 differences; {dict(Desk.done)}")
    assert steps >= STEPS / 2
