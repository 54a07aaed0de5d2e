"""Which organizations' rows the database shows to the running transaction.

Row-level security compares every row with the setting ``consilium.organizations``: ``*`` shows all (network staff and
the site's own work), a list of identifiers shows those, and nothing set shows nothing. The setting lasts as long as
the transaction, so that a pooled connection carries nothing over to the next person.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import connection, transaction

from portal.common.planned import planned

EVERYTHING = "*"
SETTING = "consilium.organizations"


def _set(value: str, *, local: bool) -> None:
    with planned() as cursor:
        cursor.execute("SELECT set_config(%s, %s, %s)", [SETTING, value, local])


def _exchange(value: str) -> str:
    """Set another scope for this transaction, and say which one it was: of a row, columns are worked out in order."""
    with planned() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting(%s, true), ''), set_config(%s, %s, true)", [SETTING, SETTING, value]
        )
        return str(cursor.fetchone()[0])


@contextmanager
def _scope(value: str) -> Iterator[None]:
    is_inner = connection.in_atomic_block
    with transaction.atomic():
        before = _exchange(value)
        try:
            yield
        finally:
            # The setting ends with the outermost transaction by itself.
            if is_inner and not connection.needs_rollback:
                _set(before, local=True)


def everything() -> AbstractContextManager[None]:
    """A transaction that sees every organization: the site's own work (sweeps, commands, tasks)."""
    return _scope(EVERYTHING)


def only(organizations: Iterable[int]) -> AbstractContextManager[None]:
    """A transaction that sees these organizations' rows and no others."""
    return _scope(",".join(str(number) for number in sorted(organizations)))


def within(organizations: Iterable[int] | None) -> AbstractContextManager[None]:
    """The same for a scope; None is everything."""
    return everything() if organizations is None else only(organizations)


def narrow(organizations: Iterable[int] | None) -> None:
    """Set the scope of the transaction that is already open; None is everything."""
    _set(EVERYTHING if organizations is None else ",".join(map(str, sorted(organizations))), local=True)


def open_session_scope() -> None:
    """See everything for the rest of this connection; for tests, which look at what the code did."""
    _set(EVERYTHING, local=False)
