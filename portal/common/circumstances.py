"""From where, and on whose behalf, the running request acts: what the audit trail adds to every event by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Protocol


class Somebody(Protocol):
    """A person, as far as being named in the trail is concerned."""

    pk: int
    email: str


@dataclass(frozen=True)
class Circumstances:
    """The client's IP address and the request's own name, both empty in a task or a command.

    ``stand_in`` is the one who really sits there, when they look at the site as somebody else. ``recorded`` holds the
    actions of the events that the request has written so far.
    """

    address: str | None = None
    request_id: str = ""
    stand_in: Somebody | None = None
    recorded: list[str] = field(default_factory=list)


_now: ContextVar[Circumstances | None] = ContextVar("circumstances", default=None)


def current() -> Circumstances:
    return _now.get() or Circumstances()


def is_stand_in() -> bool:
    """Whether somebody looks at the site as another person: what they open must not count as that person's reading."""
    return current().stand_in is not None


@contextmanager
def request(*, address: str | None, request_id: str) -> Iterator[None]:
    """Every event recorded inside carries the address and the name of the request."""
    token = _now.set(Circumstances(address=address, request_id=request_id))
    try:
        yield
    finally:
        _now.reset(token)


@contextmanager
def standing_in(person: Somebody) -> Iterator[None]:
    """Inside, ``person`` acts on behalf of whoever the services are told acts."""
    token = _now.set(replace(current(), stand_in=person))
    try:
        yield
    finally:
        _now.reset(token)
