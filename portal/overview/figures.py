"""The figures of the page: each a number that leads to its rows, in the order that suits it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from portal.fees import money
from portal.fees.models import StandingRecord
from portal.fees.presenting import number
from portal.fees.pricing import NAMES, USAGE
from portal.overview.members import AGES, NEAR_PERCENT, SOON, Member, quiet_after

_NEVER, _NO_DAY = datetime.min.replace(tzinfo=UTC), date.max


@dataclass(frozen=True)
class Figure:
    """A number that leads to the rows with its key. ``count`` is of those rows; ``cents`` of ``currency`` where it is
    money."""

    key: str
    part: str
    name: str
    value: str
    count: int
    cents: int | None = None
    currency: str = ""

    @property
    def is_count(self) -> bool:
        """Whether the figure says nothing but how many rows there are."""
        return self.value == f"{self.count:,}"


def figures(rows: list[Member]) -> list[Figure]:
    """Each number of the page. Amounts stand by currency, and are never added across them."""
    found = [
        _count(f"standing-{key}", "Standing", f"In standing “{label}”", rows)
        for key, label in StandingRecord.State.choices
    ]
    found += [_count(f"tier-{tier}", "Tier", tier, rows) for tier in sorted({row.tier for row in rows})]
    for currency in sorted({currency for row in rows for currency in row.money}):
        found += _money(currency, rows)
    found.append(_count("renewal", "Renewals", f"End within {SOON.days} days", rows))
    found += _use(rows)
    found.append(_count("quiet", "Activity", f"Quiet for {quiet_after().days} days", rows))
    return found


def narrowed(rows: list[Member], key: str) -> list[Member]:
    """The rows of a figure, the most urgent first; all of them for no key."""
    mine = [row for row in rows if not key or key in row.keys]
    part, _, what = key.partition("-")
    orders: dict[str, Callable[[Member], Any]] = {
        "renewal": lambda row: row.ends_on or _NO_DAY,
        "quiet": lambda row: row.last_active or _NEVER,
        **dict.fromkeys(("used", "near", "over"), lambda row: -_percent(row, what)),
        "dues": lambda row: -row.money[what].dues,
        "owed": lambda row: -row.money[what.rpartition("-")[2]].owed[what.rpartition("-")[0]],
    }
    return sorted(mine, key=orders[part]) if part in orders else mine


def _percent(row: Member, what: str) -> Decimal:
    """By how much is used of what is included; what is used of nothing comes first."""
    one = next(one for kind, one in row.used.items() if kind.value == what)
    return one.used / one.included if one.included else Decimal("Infinity") if one.used else Decimal(0)


def _money(currency: str, rows: list[Member]) -> Iterator[Figure]:
    held = [row.money[currency] for row in rows if currency in row.money]

    def one(key: str, part: str, name: str, cents: int) -> Figure:
        key = f"{key}-{currency}"
        return Figure(
            key, part, f"{name}, {currency}", money.in_words(cents, currency), _rows(key, rows), cents, currency
        )

    yield one("dues", "Recurring revenue", "Recurring dues a year", sum(row.dues for row in held))
    for age, name in AGES.items():
        words = f"Owed, {name[0].lower()}{name[1:]}"
        yield one(f"owed-{age}", "Receivables by age", words, sum(row.owed[age] for row in held))


def _use(rows: list[Member]) -> Iterator[Figure]:
    part = "Usage against entitlement"
    for kind in USAGE:
        of = [row.used[kind] for row in rows if kind in row.used]
        used, included = (sum((getattr(one, name) for one in of), Decimal(0)) for name in ("used", "included"))
        key, name = f"used-{kind.value}", NAMES[kind]
        words = f"{number(used)} of {number(included)}"
        yield Figure(key, part, f"{name} used, of those included", words, _rows(key, rows))
        yield _count(f"near-{kind.value}", part, f"{name}: {NEAR_PERCENT} % or more used", rows)
        yield _count(f"over-{kind.value}", part, f"{name}: beyond what is included", rows)


def _count(key: str, part: str, name: str, rows: list[Member]) -> Figure:
    count = _rows(key, rows)
    return Figure(key, part, name, f"{count:,}", count)


def _rows(key: str, rows: list[Member]) -> int:
    return sum(key in row.keys for row in rows)
