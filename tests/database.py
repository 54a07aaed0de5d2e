"""The test database: made and emptied by the owner's role, used by the application's role."""

import contextlib
import os
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from django.db import connections
from psycopg import sql

PREFIX = "test_consilium_"
# A copy of the rows that migrations put there, to start each committed test from.
SEED = "seed"

TABLES = """
SELECT t.table_name::text, array_agg(c.column_name::text) FILTER (WHERE c.is_generated = 'NEVER')
  FROM information_schema.tables t JOIN information_schema.columns c USING (table_schema, table_name)
 WHERE t.table_schema = %s AND t.table_type = 'BASE TABLE' AND t.table_name <> 'django_migrations' GROUP BY 1
"""
IDENTITIES = """
SELECT table_name::text, column_name::text FROM information_schema.columns
 WHERE table_schema = 'public' AND is_identity = 'YES' AND table_name = ANY (%s)
"""
SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""


def create(*, keep: bool) -> None:
    """Make and migrate the test database through the owner's alias, and point the application's alias at it."""
    owner, application = connections["owner"], connections["default"]
    name = f"{PREFIX}kept" if keep else f"{PREFIX}{os.getpid()}"
    _drop_those_of_ended_runs()
    owner.settings_dict["TEST"]["NAME"] = name
    owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False, keepdb=keep)
    application.close()
    application.settings_dict["NAME"] = name
    with owner_connection() as connection:
        _remember_what_migrations_filled(connection)


def drop() -> None:
    """Remove the test database."""
    for connection in connections.all(initialized_only=True):
        connection.close()
    remove(str(connections["owner"].settings_dict["NAME"]))


def remove(name: str) -> None:
    """Remove the database ``name``, though a thread or a program of ours is connected to it still."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    with owner_connection("postgres", autocommit=True) as connection:
        for tries_left in reversed(range(20)):
            _end_sessions(name)
            try:
                connection.execute(drop)
                return
            except psycopg.errors.ObjectInUse:
                if not tries_left:
                    raise


def _end_sessions(name: str) -> None:
    """Not by DROP ... WITH (FORCE): the owner may end neither the application's sessions nor autovacuum.

    Each role ends its own; autovacuum ends when somebody waits for a plain drop.
    """
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url(variable, name)) as connection:
            connection.execute(SESSIONS)


def reset() -> None:
    """Bring every table back to what it held after the migrations; the application's role may not TRUNCATE."""
    with owner_connection() as connection:
        tables: dict[str, list[str]] = dict(connection.execute(TABLES, ["public"]).fetchall())
        # A lock held by a connection that a test forgot must fail here, not wait for ever.
        connection.execute("SET lock_timeout = '10s'")
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(_listed(tables)))
        filled = [name for name, _ in connection.execute(TABLES, [SEED]).fetchall()]
        for name in filled:
            columns = _listed(tables[name])
            statement = (
                "INSERT INTO public.{table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {seed}.{table}"
            )
            connection.execute(
                sql.SQL(statement).format(table=sql.Identifier(name), columns=columns, seed=sql.Identifier(SEED))
            )
        _advance_identities(connection, filled)


def url(variable: str, name: str | None = None) -> str:
    """The address in the environment variable ``variable``, for the database ``name`` (the test database if None)."""
    database = name or connections["owner"].settings_dict["NAME"]
    return urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{database}"))


def owner_connection(name: str | None = None, *, autocommit: bool = False) -> psycopg.Connection:
    """A connection of its own as the owner, to ``name`` or the test database."""
    return psycopg.connect(url("DATABASE_OWNER_URL", name), autocommit=autocommit)


def recreate(name: str) -> None:
    """Make the empty database ``name`` anew, owned by the owner."""
    remove(name)
    with owner_connection("postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _listed(names: Iterable[str]) -> sql.Composed:
    identifiers: list[sql.Composable] = [sql.Identifier(name) for name in names]
    return sql.SQL(", ").join(identifiers)


def _remember_what_migrations_filled(connection: psycopg.Connection) -> None:
    if connection.execute("SELECT to_regnamespace(%s)", [SEED]).fetchone() != (None,):
        return  # a database kept from an earlier run
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SEED)))
    for name, _ in connection.execute(TABLES, ["public"]).fetchall():
        table, seed = sql.Identifier(name), sql.Identifier(SEED)
        if connection.execute(sql.SQL("SELECT 1 FROM public.{} LIMIT 1").format(table)).fetchone():
            connection.execute(sql.SQL("CREATE TABLE {}.{table} AS TABLE public.{table}").format(seed, table=table))


def _advance_identities(connection: psycopg.Connection, tables: list[str]) -> None:
    for table, column in connection.execute(IDENTITIES, [tables]).fetchall():
        statement = "SELECT setval(pg_get_serial_sequence(%s, %s), max({})) FROM public.{}"
        identifiers = (sql.Identifier(column), sql.Identifier(table))
        connection.execute(sql.SQL(statement).format(*identifiers), [f'public."{table}"', column])


def _drop_those_of_ended_runs() -> None:
    with owner_connection("postgres") as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE datname ~ %s", [f"^{PREFIX}[0-9]+"]
        ).fetchall()
    for (name,) in found:
        if not psutil.pid_exists(int(name.removeprefix(PREFIX).partition("_")[0])):
            remove(name)
