"""Which tenants' rows a person's transaction sees."""

from contextlib import AbstractContextManager

from portal.common import tenancy
from portal.members.models import Person


def scope_of(person: Person | None) -> frozenset[int] | None:
    """Organizations whose rows are shown: None is all (network staff), and nobody sees none."""
    return frozenset() if person is None else person.actor.scope


def around(person: Person | None) -> AbstractContextManager[None]:
    """A transaction behind the walls of ``person``."""
    return tenancy.within(scope_of(person))
