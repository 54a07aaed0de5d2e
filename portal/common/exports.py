"""What can be had as a file. Each app registers its kinds; this one knows none of them.

A kind says who may have it, reads what it is to be narrowed to, and gives its rows in parts, each asked for in a
transaction of its own behind the walls of the person, so that a long file shows how far it is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet

from portal.common.refusals import Invalid

Row = dict[str, Any]
Asked = dict[str, Any]


class Powers(Protocol):
    """What somebody is, as far as a file for them is concerned."""

    @property
    def organizations(self) -> Set[int]: ...

    @property
    def scope(self) -> Set[int] | None: ...

    @property
    def powers(self) -> Set[str]: ...


class Asker(Protocol):
    """Whoever asks for a file."""

    pk: int
    email: str

    @property
    def actor(self) -> Powers: ...

    @property
    def can_sign_in(self) -> bool: ...


@dataclass(frozen=True)
class Part:
    """Some rows, and where the next part begins: empty at the end."""

    rows: Sequence[Row]
    following: str = ""


class Source(Protocol):
    """All the rows of one file."""

    def count(self, most: int) -> int:
        """How many there are, or ``most`` where there are more."""

    def part(self, after: str, size: int) -> Part:
        """The rows from ``after`` on, which is empty for the first part."""


class Listed:
    """The rows of a query in order of their keys."""

    def __init__(self, rows: "QuerySet[Any]", shape: Callable[[Any], Row]) -> None:
        self.rows, self.shape = rows.order_by("pk"), shape

    def count(self, most: int) -> int:
        return self.rows[:most].count()

    def part(self, after: str, size: int) -> Part:
        rows = self.rows.filter(pk__gt=int(after)) if after else self.rows
        found = list(rows[:size])
        return Part([self.shape(row) for row in found], str(found[-1].pk) if len(found) == size else "")


class Whole:
    """Rows worked out all at once: sums, which are few."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = list(rows)

    def count(self, most: int) -> int:
        return min(len(self.rows), most)

    def part(self, after: str, size: int) -> Part:
        start = int(after or 0)
        end = start + size
        return Part(self.rows[start:end], str(end) if end < len(self.rows) else "")


def _as_given(person: Any, given: Mapping[str, str]) -> Asked:
    return dict(given)


def _said(asked: Asked) -> list[str]:
    return [f"{name.replace('_', ' ')} {value}" for name, value in asked.items() if value]


@dataclass(frozen=True)
class Kind:
    """One kind of file. ``why_not`` is empty for those who may have it, else the reason in words for them."""

    key: str
    name: str
    holds: str
    """One sentence on what a row is."""
    columns: Sequence[str]
    why_not: Callable[[Any], str]
    source: Callable[[Any, Asked, datetime], Source]
    """The rows for a person, as asked, up to the moment of asking."""
    takes: frozenset[str] = frozenset()
    """Names of what it can be narrowed to."""
    read: Callable[[Any, Mapping[str, str]], Asked] = field(default=_as_given)
    """What was given, looked at. Raises Invalid."""
    said: Callable[[Asked], list[str]] = field(default=_said)
    """What it is narrowed to, in words."""


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Called once by each app when it is ready."""
    _kinds.update({kind.key: kind for kind in kinds})


def kind_of(key: str) -> Kind | None:
    return _kinds.get(key)


def kinds_for(person: Asker) -> list[Kind]:
    """Those that the person may have, by name."""
    return sorted((kind for kind in _kinds.values() if not why_not(kind, person)), key=lambda kind: kind.name)


def why_not(kind: Kind, person: Asker) -> str:
    """Why the person may not have a file of the kind; empty where they may."""
    return kind.why_not(person) if person.can_sign_in else "You may not sign in any more."


def read(kind: Kind, person: Asker, given: Mapping[str, str]) -> Asked:
    """What the file is narrowed to. Raises Invalid for what the kind does not take, and for nonsense."""
    given = {name: value for name, value in given.items() if value != ""}
    if strange := sorted(given.keys() - kind.takes):
        raise Invalid(**dict.fromkeys(strange, f"{kind.name} cannot be narrowed to this. Leave it empty."))
    return kind.read(person, given)
