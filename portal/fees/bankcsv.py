"""A bank's CSV, in whatever columns, decimal marks, dates and signs it has. Pure."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.fees.bankline import Bad, Movement, UnreadableFileError, cents_of

DATES = {
    "%Y-%m-%d": "2026-11-25",
    "%d.%m.%Y": "25.11.2026",
    "%d/%m/%Y": "25/11/2026",
    "%m/%d/%Y": "11/25/2026",
    "%d-%m-%Y": "25-11-2026",
    "%Y%m%d": "20261125",
    "%d.%m.%y": "25.11.26",
    "%m/%d/%y": "11/25/26",
}
DECIMALS = {".": "1,234.56", ",": "1.234,56"}
OUTGOING = frozenset("D DR DBIT DEBIT S SOLL - OUT WITHDRAWAL CHARGE".split())
INCOMING = frozenset("C CR CRDT CREDIT H HABEN + IN DEPOSIT".split())
MOST_LINES = 50_000
LONGEST = {"text": 500, "payer": 140, "iban": 34, "reference": 100}


@dataclass(frozen=True)
class Layout:
    """Which column is what, by its name; an empty name: the file has no such column.

    The amount is in one column with its sign, in one with another that says which way, or in one for each way.
    """

    day: str
    date_format: str
    decimal: str
    amount: str = ""
    direction: str = ""
    credit: str = ""
    debit: str = ""
    text: str = ""
    payer: str = ""
    iban: str = ""
    reference: str = ""
    currency: str = ""
    always: str = "USD"
    """The currency where no column says it."""

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "Layout":
        return cls(**found)


@dataclass(frozen=True)
class Table:
    """The column names and the lines of a file, each with its number."""

    names: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def header(self) -> str:
        """What the layout of such files is remembered by."""
        return hashlib.sha256("\n".join(self.names).encode()).hexdigest()


def table(content: bytes) -> Table:
    """The file taken apart. Raises UnreadableFileError."""
    text = _decoded(content)
    found = []
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found.append((reader.line_num, tuple(cell.strip() for cell in row)))
            if len(found) > MOST_LINES + 1:
                raise UnreadableFileError(f"The file has more than {MOST_LINES:,} lines. Take a shorter time.")
    except csv.Error as error:
        raise UnreadableFileError(f"Line {reader.line_num} is no CSV: {error}.") from None
    if not found:
        raise UnreadableFileError("The file has no lines.")
    names = found[0][1]
    if len(names) < 2 or len(set(names)) < len(names):
        raise UnreadableFileError("The first line must name the columns, each by a name of its own.")
    return Table(names, tuple(found[1:]))


def read(found: Table, layout: Layout) -> Iterator[Movement | Bad]:
    """Each line as a movement, or why it cannot be one."""
    for number, cells in found.rows:
        if len(cells) != len(found.names):
            wanted = len(found.names)
            yield Bad(number, f"It has {len(cells)} columns, and the first line has {wanted}.")
            continue
        try:
            yield _movement(number, dict(zip(found.names, cells, strict=True)), layout)
        except ValueError as error:
            yield Bad(number, str(error))


def check(found: Table, layout: Layout) -> None:
    """Raise ValueError where the layout names a column that is not there, or no amount."""
    named = [layout.day, layout.amount, layout.direction, layout.credit, layout.debit]
    for name in [*named, layout.text, layout.payer, layout.iban, layout.reference, layout.currency]:
        if name and name not in found.names:
            raise ValueError(f"The file has no column “{name}”.")
    if bool(layout.amount) == bool(layout.credit or layout.debit):
        raise ValueError("Name one column for the amount, or one for money in and one for money out.")
    if layout.direction and not layout.amount:
        raise ValueError("A column that says which way goes with one column for the amount.")


def number(text: str, decimal: str) -> Decimal:
    """An amount as people and banks write it: ``1.234,56``, ``(12.00)``, ``$5``, ``7-``. Raises ValueError."""
    bare = re.sub(r"[\s$€£'’\u00a0\u202f]|USD|EUR|GBP|CAD", "", text).replace("−", "-")
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare.strip("()")
    if bare.endswith("-"):
        negative, bare = True, bare[:-1]
    grouping = "," if decimal == "." else "."
    pattern = rf"[+-]?(\d+|\d{{1,3}}(\{grouping}\d{{3}})+)(\{decimal}\d+)?"
    if not re.fullmatch(pattern, bare, re.ASCII):
        raise ValueError(f"“{text[:40]}” is not an amount with the decimal mark “{decimal}”.")
    try:
        value = Decimal(bare.replace(grouping, "").replace(decimal, "."))
    except InvalidOperation:
        raise ValueError(f"“{text[:40]}” is not an amount.") from None
    return -value if negative else value


def _movement(line: int, cells: dict[str, str], layout: Layout) -> Movement:
    try:
        cents = cents_of(_amount(cells, layout))
    except ValueError as error:
        words = str(error)
        raise ValueError(words if words.endswith(".") else f"The amount {words}.") from None
    if not cents:
        raise ValueError("The amount is nought.")
    currency = (cells[layout.currency] if layout.currency else layout.always).upper()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise ValueError(f"“{currency[:20]}” is not a currency.")
    said = {
        name: " ".join(cells[getattr(layout, name)].split())[:most] if getattr(layout, name) else ""
        for name, most in LONGEST.items()
    }
    said["iban"] = said["iban"].replace(" ", "").upper()
    day = day_of(cells[layout.day], layout.date_format)
    return Movement(line, day, cents, currency, said["text"], said["payer"], said["iban"], said["reference"])


def _amount(cells: dict[str, str], layout: Layout) -> Decimal:
    if layout.amount:
        amount = number(cells[layout.amount], layout.decimal)
        return amount if not layout.direction else _directed(amount, cells[layout.direction])
    sides = [cells[name] if name else "" for name in (layout.credit, layout.debit)]
    credit, debit = (abs(number(text, layout.decimal)) if text else Decimal(0) for text in sides)
    if credit and debit:
        raise ValueError("It has money in and money out.")
    return credit - debit


def _directed(amount: Decimal, way: str) -> Decimal:
    word = way.strip().upper()
    if word in OUTGOING:
        return -abs(amount)
    if word in INCOMING:
        return abs(amount)
    raise ValueError(f"“{way[:20]}” says neither credit nor debit.")


def day_of(text: str, form: str) -> date:
    """A day written in one of the forms. Raises ValueError."""
    try:
        found = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day of the bank's, without a zone
    except ValueError:
        raise ValueError(f"“{text[:20]}” is not a day written like {DATES[form]}.") from None
    if not 1990 <= found.year <= 2100:
        raise ValueError(f"“{text[:20]}” is no day of these times.")
    return found


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableFileError("The file is not text. Save it as CSV in UTF-8.")


def _delimiter(text: str) -> str:
    first: Sequence[str] = text.lstrip().splitlines()[:1]
    return max(";\t,", key=lambda mark: first[0].count(mark)) if first else ","
