"""Calls as a state machine: anything that clinicians, specialists and the sweep may do, in any order, at any time.

After each step what is stored of every call is compared with a plain recomputation that knows none of the code: it
keeps its own book of what was asked and done. CALL_STEPS=10000 runs a long form; the suite runs a short one.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
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

from consults.models import Call, OnCallDay
from consults.services import calls, calls_sweep
from portal.common.refusals import Conflict, Invalid
from tests.cast import Cast
from tests.consults.helpers import NOON

STEPS = int(os.environ.get("CALL_STEPS", "250"))
LENGTH = 50
MOST = 4
STARTS = [datetime(2026, 11, 1, 4, 30, tzinfo=UTC), NOON, datetime(2027, 3, 14, 6, 30, tzinfo=UTC)]
"""Among them shortly before the clocks are put back, and forward."""
waits = st.sampled_from([0, 1, 7, 14, 15, 16, 29, 30, 31, 60, 90, 240, 1440])
which = st.integers(min_value=0, max_value=10)
windows = st.sampled_from([[], [], [(30, 45)], [(120, 180)], [(0, 10)], [(600, 700), (60, 80)]])
NEEDED = ("request", "take", "try", "again", "note", "cancel", "past", "sweep", "begun", "passed", "missed", "note-due")


@dataclass
class Round:
    """One promise of a call, in the book of the test."""

    start: datetime
    due: datetime
    taken: datetime | None = None
    over: datetime | None = None
    """When it ended: tried again later, noted or cancelled."""


@dataclass
class Kept:
    """A call in the book of the test: its rounds, and up to when its marks must have been recorded."""

    rounds: list[Round] = field(default_factory=list)
    known: datetime = NOON

    def marks(self, number: int) -> dict[str, datetime]:
        """What must be recorded of a round, each with the moment at which it fell due."""
        one = self.rounds[number]
        until = min(one.over or self.known, self.known)
        waited = min(one.taken or until, until)
        half = one.start + (one.due - one.start) / 2
        due = {"begun": one.start, "passed": half, "missed": one.due}
        found = {kind: at for kind, at in due.items() if at <= waited}
        if one.taken and (late := one.taken + timedelta(minutes=30)) <= until:
            found["note-due"] = late
        return found

    def next_mark(self) -> datetime | None:
        one = self.rounds[-1]
        if one.over:
            return None
        half = one.start + (one.due - one.start) / 2
        moments = [one.taken + timedelta(minutes=30)] if one.taken else [one.start, half, one.due]
        return min((at for at in moments if at > self.known), default=None)


def there_is(*states: str) -> Callable[[Any], bool]:
    return lambda phone: any(row.state in states for row in phone.rows)


class Phone(RuleBasedStateMachine):
    """A section's phone over some days."""

    cast: ClassVar[Cast]
    done: ClassVar[Counter[str]] = Counter()
    now: datetime

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: datetime) -> None:
        self._scope = transaction.atomic()
        self._scope.__enter__()
        self.now = start
        self.rows: list[Call] = []
        self.book: dict[int, Kept] = {}
        for day in range(-1, 70):
            OnCallDay.objects.create(
                specialty=self.cast.cardiology,
                day=(start + timedelta(days=day)).date(),
                primary=self.cast.specialist,
                backup=self.cast.specialist2,
            )

    def teardown(self) -> None:
        if hasattr(self, "_scope"):
            transaction.set_rollback(True)
            self._scope.__exit__(None, None, None)

    def _step(self, name: str, wait: int) -> datetime:
        self.done[name] += 1
        self.now += timedelta(minutes=wait)
        return self.now

    def _of(self, number: int, *states: str) -> Call:
        rows = [row for row in self.rows if row.state in states]
        return rows[number % len(rows)]

    def _now(self, row: Call) -> Kept:
        """The book's page of a call, all of whose marks up to now an act has recorded."""
        kept = self.book[row.pk]
        kept.known = self.now
        return kept

    @precondition(lambda self: sum(row.state in ("waiting", "taken") for row in self.rows) < MOST)
    @rule(wait=waits, offered=windows)
    def request(self, wait: int, offered: list[tuple[int, int]]) -> None:
        at = self._step("request", wait)
        spans = [(at + timedelta(minutes=a), at + timedelta(minutes=b)) for a, b in offered]
        row = calls.request_call(
            by=self.cast.clinician_prairie,
            specialty=self.cast.cardiology,
            number="217 555 0143",
            topic="Which dose on dialysis?",
            windows=spans,
            at=at,
        )
        start, end = min(spans, default=(at, at + timedelta(days=1)))
        self.book[row.pk] = Kept([Round(start, min(start + timedelta(minutes=30), end))], at)

    @precondition(there_is("waiting"))
    @rule(wait=waits, number=which, stands_in=st.booleans())
    def take(self, wait: int, number: int, stands_in: bool) -> None:
        row, at = self._of(number, "waiting"), self._step("take", wait)
        calls.take(row, by=self.cast.specialist2 if stands_in else self.cast.specialist, at=at)
        self._now(row).rounds[-1].taken = at
        with pytest.raises(Conflict):
            calls.take(row, by=self.cast.specialist2, at=at)

    @precondition(there_is("taken"))
    @rule(wait=waits, number=which)
    def nobody_answers(self, wait: int, number: int) -> None:
        row, at = self._of(number, "taken"), self._step("try", wait)
        calls.tried(row, by=row.assignee or self.cast.lead, at=at)
        self._now(row)

    @precondition(there_is("taken"))
    @rule(wait=waits, number=which, later=st.sampled_from([1, 10, 30, 300, 2880]))
    def try_again(self, wait: int, number: int, later: int) -> None:
        row, at = self._of(number, "taken"), self._step("again", wait)
        again_at = at + timedelta(minutes=later)
        calls.tried(row, by=row.assignee or self.cast.lead, again_at=again_at, at=at)
        kept = self._now(row)
        kept.rounds[-1].over = at
        kept.rounds.append(Round(again_at, again_at + timedelta(minutes=30)))

    @precondition(there_is("taken"))
    @rule(wait=waits, number=which, before=st.sampled_from([0, 1, 600]))
    def try_again_in_the_past(self, wait: int, number: int, before: int) -> None:
        row, at = self._of(number, "taken"), self._step("past", wait)
        with pytest.raises(Invalid):
            calls.tried(row, by=row.assignee or self.cast.lead, again_at=at - timedelta(minutes=before), at=at)

    @precondition(there_is("taken"))
    @rule(wait=waits, number=which, is_spoken=st.booleans())
    def note(self, wait: int, number: int, is_spoken: bool) -> None:
        row, at = self._of(number, "taken"), self._step("note", wait)
        spoken, silent = calls.Note("advised", "Dose?", "5 mg.", 4), calls.Note("not-reached", "", "Twice.", None)
        calls.sign_note(row, by=row.assignee or self.cast.lead, note=spoken if is_spoken else silent, at=at)
        self._now(row).rounds[-1].over = at

    @precondition(there_is("waiting"))
    @rule(wait=waits, number=which)
    def cancel(self, wait: int, number: int) -> None:
        row, at = self._of(number, "waiting"), self._step("cancel", wait)
        calls.cancel(row, by=self.cast.clinician_prairie, reason="Solved.", at=at)
        self._now(row).rounds[-1].over = at

    @precondition(there_is("waiting", "taken"))
    @rule(wait=waits)
    def sweep(self, wait: int) -> None:
        at = self._step("sweep", wait)
        self.done.update(calls_sweep.sweep(now=at))
        assert not calls_sweep.sweep(now=at), "a second sweep finds nothing to do"
        for kept in self.book.values():
            kept.known = at

    @invariant()
    def stored_is_what_follows(self) -> None:
        if not hasattr(self, "now"):
            return
        self.rows = list(Call.objects.select_related("assignee").prefetch_related("events").order_by("pk"))
        assert {row.pk for row in self.rows} == set(self.book)
        for row in self.rows:
            self._compare(row, self.book[row.pk])
            self.done["compared"] += 1

    def _compare(self, row: Call, kept: Kept) -> None:
        one = kept.rounds[-1]
        assert (row.starts_at, row.due_at) == (one.start, one.due)
        assert row.next_mark_at == kept.next_mark()
        expected = "waiting" if not (one.taken or one.over) else "taken" if not one.over else row.state
        assert row.state == expected
        assert (row.state in ("noted", "cancelled")) == bool(one.over) == (row.number == "")
        marks = ("begun", "passed", "missed", "note-due")
        for number in range(len(kept.rounds)):
            stored = [(e.kind, e.at) for e in row.events.all() if e.round == number and e.kind in marks]
            assert len(stored) == len(dict(stored)), "each once"
            assert dict(stored) == kept.marks(number), f"{row}, round {number}"
        if row.state == "waiting" and "passed" in kept.marks(len(kept.rounds) - 1):
            self.done["backup"] += 1
            assert row.assignee is not None


@pytest.mark.django_db
def test_what_is_stored_of_calls_is_always_what_a_plain_recomputation_says(cast: Cast) -> None:
    Phone.cast, Phone.done = cast, Counter()
    run_state_machine_as_test(
        Phone,
        settings=settings(
            # A run ends before its longest length one time in five.
            max_examples=-(-STEPS * 5 // 4 // LENGTH),
            stateful_step_count=LENGTH,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            derandomize=STEPS == 250,
            suppress_health_check=list(HealthCheck),
        ),
    )
    beside = ("compared", "backup", "begun", "passed", "missed", "note-due")
    steps = sum(number for name, number in Phone.done.items() if name not in beside)
    print(f"{steps} steps, {Phone.done['compared']} calls compared, 0 differences; {dict(Phone.done)}")
    assert steps >= STEPS / 2
    missed = [name for name in NEEDED if not Phone.done[name]]
    assert not missed, f"what never came about was not tested: {missed}"
