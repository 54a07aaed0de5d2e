"""Reading one row's values: each reader gives a value of the right type, and notes a problem where it cannot."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from knowledge.sources.document import Problem

TEXT_LIMIT = 250_000
# Control characters, halves of surrogate pairs, and marks that reorder what a reader sees.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class Fields:
    """The values of one row, or of one object inside it. Problems gather in the list given."""

    def __init__(self, values: Mapping[Any, Any], problems: list[Problem], where: str, path: str = "") -> None:
        self.values = values
        self.problems = problems
        self.where = where
        self.path = path

    def problem(self, field: str, fix: str) -> None:
        """Note that ``field`` is wrong and what to do about it."""
        self.problems.append(Problem(self.where, f"{self.path}{field}", fix))

    def only(self, *known: str) -> None:
        """Note every field that is none of those known, which is nearly always a slip of the pen."""
        for name in self.values:
            if name not in known:
                self.problem(str(name), f"is not a field; the fields are {', '.join(known)}.")

    def text(self, name: str, *, required: bool = False, limit: int = TEXT_LIMIT) -> str:
        value = self.values.get(name)
        if value is None or value == "":
            if required:
                self.problem(name, "is missing or empty; write it.")
            return ""
        return self._text(name, value, required=required, limit=limit)

    def choice(self, name: str, choices: Collection[str], *, required: bool = False) -> str:
        value = self.text(name, required=required)
        if value and value not in choices:
            self.problem(name, f"“{value}” is not one of {', '.join(choices)}.")
        return value

    def integer(self, name: str, *, required: bool = False, lowest: int, highest: int) -> int | None:
        value = self.values.get(name)
        if value is None and not required:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self.problem(name, f"must be a whole number from {lowest} to {highest}, not {_shown(value)}.")
            return None
        return value

    def date(self, name: str) -> date | None:
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.problem(name, f"{_shown(value)} is not a date such as 2027-06-30.")
            return None

    def moment(self, name: str) -> datetime | None:
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            read = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except (TypeError, ValueError):
            read = None
        if read is None or read.tzinfo is None:
            self.problem(name, f"{_shown(value)} is not a moment such as 2026-11-22T14:20:00Z.")
            return None
        return read

    def texts(self, name: str, *, limit: int) -> tuple[str, ...]:
        """A list of short texts, each once."""
        values = [self._text(f"{name}[{n}]", value, required=True, limit=limit) for n, value in self._list(name)]
        return tuple(dict.fromkeys(values))

    def rows(self, name: str, *, plain: str = "") -> list["Fields"]:
        """A list of objects. Where ``plain`` names a field, a bare text stands for an object with only that field."""
        rows = []
        for number, value in self._list(name):
            row = {plain: value} if plain and isinstance(value, str) else value
            if isinstance(row, Mapping):
                rows.append(Fields(row, self.problems, self.where, f"{self.path}{name}[{number}]."))
            else:
                self.problem(f"{name}[{number}]", f"must be an object of named fields, not {_shown(value)}.")
        return rows

    def _list(self, name: str) -> Iterator[tuple[int, Any]]:
        value = self.values.get(name)
        if value is not None and not isinstance(value, list):
            self.problem(name, f"must be a list, not {_shown(value)}.")
            return
        yield from enumerate(value or [], 1)

    def _text(self, name: str, value: object, *, required: bool, limit: int) -> str:
        if not isinstance(value, str):
            self.problem(name, f"must be text; put {_shown(value)} in quotes.")
            return ""
        text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        if required and not text:
            self.problem(name, "is empty; write it.")
        if len(text) > limit:
            self.problem(name, f"has {len(text)} characters; at most {limit}.")
        if found := _UNPRINTABLE.search(text):
            self.problem(name, f"holds the control character U+{ord(found[0]):04X} after {found.start()}; remove it.")
        return text


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}…"
