"""Standing and reminders as pure functions of what is owed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.fees import dunning
from portal.fees.standing import Debt, Extension, Policy, Standing, State, standing

DUE = date(2026, 3, 31)
POLICY = Policy(grace_days=30, reinstated_days=30)
OWED = Debt("INV-2026-00007", DUE, 120_000)


def on(today: date, *debts: Debt, before: Standing | None = None, extended: date | None = None) -> Standing:
    extensions = [Extension(extended, "Bank holiday abroad")] if extended else []
    return standing(debts, before=before, today=today, currency="USD", extensions=extensions, policy=POLICY)


@pytest.mark.parametrize(
    ("days", "state"),
    [(-10, "good"), (0, "good"), (1, "grace"), (30, "grace"), (31, "suspended"), (400, "suspended")],
)
def test_the_day_after_it_was_due_is_grace_and_thirty_days_later_suspension(days: int, state: str) -> None:
    found = on(DUE + timedelta(days), OWED)
    assert found.state is State(state)
    assert found.blocks_new is (state == "suspended")


def test_the_reasons_name_invoice_amount_and_dates() -> None:
    found = on(date(2026, 4, 10), OWED)
    assert found.reasons == (
        "Invoice INV-2026-00007: $1,200.00 was due on 31 March 2026, 10 days ago.",
        "In grace: new consults and engagements would wait from 1 May 2026 on.",
    )
    assert (found.since, found.suspends_on) == (date(2026, 4, 1), date(2026, 5, 1))
    suspended = on(date(2026, 6, 1), OWED)
    assert suspended.since == date(2026, 5, 1)
    assert "open consults are answered, reading goes on and safety notices arrive" in suspended.reasons[-1]


def test_paid_after_suspension_is_reinstated_for_some_weeks_and_then_good() -> None:
    suspended = on(date(2026, 6, 1), OWED)
    reinstated = on(date(2026, 6, 2), before=suspended)
    assert (reinstated.state, reinstated.since) == (State.REINSTATED, date(2026, 6, 2))
    later = on(date(2026, 7, 1), before=reinstated)
    assert (later.state, later.since) == (State.REINSTATED, date(2026, 6, 2))
    good = on(date(2026, 7, 2), before=later)
    assert (good.state, good.since) == (State.GOOD, date(2026, 7, 2))
    assert on(date(2026, 8, 2), before=good).since == date(2026, 7, 2)


def test_paid_in_grace_is_good_at_once() -> None:
    assert on(date(2026, 4, 5), before=on(date(2026, 4, 4), OWED)).state is State.GOOD


def test_an_extension_keeps_the_grace_up_to_and_with_its_day() -> None:
    extended = date(2026, 5, 20)
    assert on(extended, OWED, extended=extended).state is State.GRACE
    assert "Extended to 20 May 2026: Bank holiday abroad" in on(extended, OWED, extended=extended).reasons
    assert on(extended + timedelta(1), OWED, extended=extended).state is State.SUSPENDED
    assert on(date(2026, 4, 5), OWED, extended=date(2026, 4, 6)).suspends_on == date(2026, 5, 1)


def test_a_hold_leaves_an_invoice_alone_and_gives_no_grace_anew() -> None:
    held = Debt("INV-2026-00007", DUE, 120_000, held_until=date(2026, 6, 15))
    assert on(date(2026, 6, 15), held).state is State.GOOD
    assert on(date(2026, 6, 16), held).state is State.SUSPENDED
    early = Debt("INV-2026-00007", DUE, 120_000, held_until=date(2026, 4, 10))
    assert on(date(2026, 4, 11), early).suspends_on == date(2026, 5, 1)


def test_the_rest_of_a_payment_that_was_a_few_cents_short_suspends_nobody() -> None:
    assert on(date(2027, 1, 1), Debt("INV-2026-00007", DUE, 99)).state is State.GOOD


def test_the_oldest_debt_decides() -> None:
    other = Debt("INV-2026-00009", DUE + timedelta(60), 5_000)
    assert on(DUE + timedelta(70), other, OWED).since == DUE + timedelta(31)
    assert on(DUE + timedelta(70), other).state is State.GRACE


debts = st.lists(
    st.builds(
        Debt,
        number=st.sampled_from(["A", "B", "C"]),
        due_on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        open_cents=st.integers(0, 10_000),
        held_until=st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    ),
    max_size=5,
)
days = st.dates(date(2026, 1, 1), date(2027, 3, 1))


@given(debts, days)
def test_looking_twice_on_the_same_day_changes_nothing(owed: list[Debt], today: date) -> None:
    once = on(today, *owed)
    assert on(today, *owed, before=once) == once


@given(debts, days, debts)
def test_owing_less_never_makes_it_worse(owed: list[Debt], today: date, more: list[Debt]) -> None:
    rank = [State.GOOD, State.GRACE, State.SUSPENDED]
    assert rank.index(on(today, *owed).state) <= rank.index(on(today, *owed, *more).state)


@given(debts, days)
def test_nobody_is_suspended_without_a_grace_before(owed: list[Debt], today: date) -> None:
    if (found := on(today, *owed)).state is State.SUSPENDED:
        assert found.since > min(debt.due_on for debt in found.owed) + timedelta(days=POLICY.grace_days)


@pytest.mark.parametrize(
    ("overdue", "number"),
    [(-1, None), (0, None), (4, None), (5, 1), (14, 1), (15, 2), (30, 3), (45, 4), (60, 5), (999, 5)],
)
def test_levels_by_days_overdue(overdue: int, number: int | None) -> None:
    found = dunning.level(DUE, DUE + timedelta(overdue))
    assert (found.number if found else None) == number


def test_no_reminder_during_a_hold_and_the_highest_the_day_after() -> None:
    held = DUE + timedelta(31)
    assert dunning.level(DUE, held, held_until=held) is None
    assert dunning.level(DUE, held + timedelta(1), held_until=held) == dunning.Level(3, held + timedelta(1))


@pytest.mark.parametrize(
    ("overdue", "column"),
    [
        (-5, "current"),
        (0, "current"),
        (1, "1–30 days"),
        (30, "1–30 days"),
        (31, "31–60 days"),
        (61, "61–90 days"),
        (91, "over 90 days"),
    ],
)
def test_the_columns_of_the_ageing_report(overdue: int, column: str) -> None:
    assert dunning.age(DUE, DUE + timedelta(overdue)) == column
