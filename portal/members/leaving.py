"""What a person leaves behind when their account is switched off: apps above this one say what, and who may take it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portal.members.models import Person


class HandOn(Protocol):
    def __call__(self, person: Person, *, by: Person, to: Person | None, at: datetime) -> int: ...


class Count(Protocol):
    def __call__(self, person: Person) -> int: ...


class Heirs(Protocol):
    def __call__(self, person: Person) -> Iterable[Person]: ...


@dataclass(frozen=True)
class Work:
    """One kind of unfinished work: how much of it there is, who may take it over, and handing it on."""

    name: str
    count: Count
    heirs: Heirs
    hand_on: HandOn


_kinds: dict[str, Work] = {}


def register(work: Work) -> None:
    """Ask about this kind of work, too, when someone leaves. Registering it again changes nothing."""
    _kinds[work.name] = work


def left_by(person: Person) -> list[tuple[Work, int]]:
    """What this person would leave behind, by kind."""
    return [(work, n) for work in _kinds.values() if (n := work.count(person))]


def heirs_of(person: Person) -> list[Person]:
    """Everyone who may take over some of it, by name."""
    found = {heir.pk: heir for work, _ in left_by(person) for heir in work.heirs(person)}
    return sorted(found.values(), key=lambda heir: heir.name)


def hand_on(person: Person, *, by: Person, to: Person | None, at: datetime) -> int:
    """Hand everything on, in the running transaction; how much of it went to ``to``."""
    return sum(work.hand_on(person, by=by, to=to, at=at) for work, _ in left_by(person))
