"""An organization's standing, from what it owes: good, grace, suspended, reinstated. Pure.

An unpaid invoice brings an organization into grace the day after it was due, and into suspension when the grace is
over. Suspension blocks new consults and new engagements, and nothing else. An extension moves the day of suspension. A
suspended organization that has paid what suspended it is reinstated, and good again some weeks later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

from portal.fees import money


class State(Enum):
    GOOD = "good"
    GRACE = "grace"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"


@dataclass(frozen=True)
class Debt:
    """What is open of one final invoice. Held: disputed, or promised for a day; it counts from the day after."""

    number: str
    due_on: date
    open_cents: int
    held_until: date | None = None


@dataclass(frozen=True)
class Extension:
    """An administrator lets the grace last longer: up to and with this day."""

    until: date
    reason: str


@dataclass(frozen=True)
class Policy:
    grace_days: int = 30
    """Days after the due day that an organization may owe and go on asking."""
    reinstated_days: int = 30
    """How long it shows that an organization was suspended."""
    ignored_cents: int = 100
    """What is left of an invoice below this never changes anyone's standing."""


POLICY = Policy()


@dataclass(frozen=True)
class Standing:
    """A state, since when, and why. ``suspends_on``: the day on which a grace turns into suspension, unless paid."""

    state: State
    since: date
    reasons: tuple[str, ...] = ()
    suspends_on: date | None = None
    owed: tuple[Debt, ...] = field(default=())

    @property
    def blocks_new(self) -> bool:
        """Whether new consults and engagements wait. Open ones, reading and safety notices never do."""
        return self.state is State.SUSPENDED


def standing(
    debts: Sequence[Debt],
    *,
    before: Standing | None,
    today: date,
    currency: str,
    extensions: Sequence[Extension] = (),
    policy: Policy = POLICY,
) -> Standing:
    """The standing on ``today``, with what it was when last looked at. Giving the same day twice changes nothing."""
    counting = [debt for debt in debts if _counts(debt, today, policy)]
    if not counting:
        return _paid(before, today, policy)
    extended = max((row.until for row in extensions), default=None)
    suspends_on = min(_grace_ends(debt, policy) for debt in counting)
    if extended is not None:
        suspends_on = max(suspends_on, extended + timedelta(days=1))
    reasons = [_owed(debt, today, currency) for debt in sorted(counting, key=lambda debt: (debt.due_on, debt.number))]
    reasons += [f"Extended to {_day(row.until)}: {row.reason}" for row in extensions if row.until >= today]
    owed = tuple(counting)
    if today >= suspends_on:
        reasons.append(
            f"Suspended since {_day(suspends_on)}. New consults and engagements wait; open consults are answered, "
            "reading goes on and safety notices arrive."
        )
        return Standing(State.SUSPENDED, suspends_on, tuple(reasons), None, owed)
    reasons.append(f"In grace: new consults and engagements would wait from {_day(suspends_on)} on.")
    return Standing(State.GRACE, min(map(_starts, counting)), tuple(reasons), suspends_on, owed)


def _paid(before: Standing | None, today: date, policy: Policy) -> Standing:
    if before is None:
        return Standing(State.GOOD, today, ("Nothing is overdue.",))
    if before.state is State.SUSPENDED:
        return _reinstated(today)
    if before.state is State.REINSTATED and today < before.since + timedelta(days=policy.reinstated_days):
        return _reinstated(before.since)
    since = before.since if before.state is State.GOOD else today
    return Standing(State.GOOD, since, ("Nothing is overdue.",))


def _reinstated(since: date) -> Standing:
    return Standing(State.REINSTATED, since, (f"What was overdue is settled: reinstated on {_day(since)}.",))


def _starts(debt: Debt) -> date:
    """The first day on which it is overdue and not held."""
    first = debt.due_on + timedelta(days=1)
    return first if debt.held_until is None else max(first, debt.held_until + timedelta(days=1))


def _grace_ends(debt: Debt, policy: Policy) -> date:
    """A hold that ends does not give the grace anew: the days since the due day have passed all the same."""
    return max(debt.due_on + timedelta(days=1 + policy.grace_days), _starts(debt))


def _counts(debt: Debt, today: date, policy: Policy) -> bool:
    return debt.open_cents >= policy.ignored_cents and today >= _starts(debt)


def _owed(debt: Debt, today: date, currency: str) -> str:
    days = (today - debt.due_on).days
    overdue = "1 day" if days == 1 else f"{days} days"
    return f"{was_due(debt, currency)}, {overdue} ago."


def was_due(debt: Debt, currency: str) -> str:
    """Which invoice, how much and since when, without an end: how long ago depends on when it is read."""
    return f"Invoice {debt.number}: {money.in_words(debt.open_cents, currency)} was due on {_day(debt.due_on)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def coming(found: Standing, debts: Sequence[Debt], today: date, *, policy: Policy = POLICY) -> list[tuple[date, str]]:
    """What follows next, each with its day, unless somebody pays or decides otherwise; the soonest first."""
    if found.state is State.SUSPENDED:
        return []
    steps = []
    if found.state is State.GRACE and found.suspends_on:
        steps.append(
            (found.suspends_on, "Suspended, unless what is overdue is paid: new consults and engagements wait.")
        )
    if found.state is State.REINSTATED:
        again = found.since + timedelta(days=policy.reinstated_days)
        steps.append((again, "Good again, if nothing is overdue until then."))
    waiting = [debt for debt in debts if debt.open_cents >= policy.ignored_cents and _starts(debt) > today]
    for debt in waiting:
        steps.append((_starts(debt), f"In grace, unless invoice {debt.number} is paid by {_day(debt.due_on)}."))
        if found.state is not State.GRACE:
            steps.append((_grace_ends(debt, policy), f"Suspended, if invoice {debt.number} is still open."))
    return sorted(steps)
