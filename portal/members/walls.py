"""Which tenants' rows a person's transaction sees."""

from contextlib import AbstractContextManager

from portal.common import tenancy
from portal.members.models import Person


def scope_of(person: Person | None) -> frozenset[int] | None:
    """Organizations whose rows are shown: None is all (network staff), and nobody sees none."""
    if person is None:
        return frozenset()
    return None if person.actor.is_network_staff else person.actor.organizations


def around(person: Person | None) -> AbstractContextManager[None]:
    """A transaction behind the walls of ``person``."""
    scope = scope_of(person)
    return tenancy.everything() if scope is None else tenancy.only(scope)
