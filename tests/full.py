"""A table that takes nothing more, as if the database's disk were full: with PostgreSQL's own error, over the wire.

Where a disk really is full, a drill sees to it (tests/drills/storms.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from tests import database

MAKE = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'could not extend file "base/5/1": No space left on device' USING ERRCODE = {code}; END $$;
CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}();
"""
DISK_FULL = "53100"


@contextmanager
def full(table: str, *, event: str = "INSERT", when: str = "true", code: str = DISK_FULL) -> Iterator[None]:
    """Rows that are inserted into the table, or updated, are refused where ``when`` holds. For committed tests."""
    name, at = sql.Identifier(f"full_{table}"), sql.Identifier(table)
    made = sql.SQL(MAKE).format(name=name, code=code, event=sql.SQL(event), table=at, when=sql.SQL(when))
    with database.owner_connection(autocommit=True) as owner:
        owner.execute("SET lock_timeout = '10s'")
        owner.execute(made)
        try:
            yield
        finally:
            owner.execute(sql.SQL("DROP FUNCTION {} CASCADE").format(name))
