"""One movement of a bank account as a file says it, whatever the file's format. Pure."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED", "NONE", "0"})
MOST_CENTS = 10**13


@dataclass(frozen=True)
class Movement:
    """Plus came in, minus went out. ``line`` is where it stands in its file, from one."""

    line: int
    day: date
    cents: int
    currency: str
    text: str = ""
    payer: str = ""
    iban: str = ""
    reference: str = ""
    own: str = ""
    """The number of the network's own account, where the file says it."""
    returns: bool = False


@dataclass(frozen=True)
class Bad:
    """A line that cannot be read, and why."""

    line: int
    what: str


class UnreadableFileError(Exception):
    """Nothing of the file can be read; ``str()`` says why, in words for the one who brought it."""


def cents_of(amount: Decimal) -> int:
    """Whole cents. Raises ValueError for parts of a cent, and for what no bank moves."""
    if not amount.is_finite():
        raise ValueError("is not an amount")
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise ValueError("has parts of a cent")
    if abs(cents) > MOST_CENTS:
        raise ValueError("is larger than any payment")
    return int(cents)


def keyed(movements: Iterable[Movement]) -> Iterator[tuple[str, Movement]]:
    """Each with the key under which it is kept once, however many files hold it.

    It follows from the bank's own reference; without one, from all that the line says, and from how many lines of the
    day before it in the file say the same: two equal transfers of a day are two, and are the same two in the next file.
    """
    seen: Counter[str] = Counter()
    for row in movements:
        said = _said(row)
        seen[said] += 1
        yield hashlib.sha256(f"{said}\n{seen[said]}".encode()).hexdigest(), row


def _said(row: Movement) -> str:
    if row.reference.upper() not in NO_REFERENCE:
        return "\n".join(["reference", row.own, row.reference, row.day.isoformat(), str(row.cents), row.currency])
    parts = [row.own, row.day.isoformat(), str(row.cents), row.currency, row.text, row.payer, row.iban]
    return "\n".join(["line", *(plain(part) for part in parts)])


def plain(text: str) -> str:
    """Capital letters and figures only: what stays the same however a bank lays a text out."""
    return re.sub(r"[\W_]+", "", text).upper()
