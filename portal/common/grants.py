"""What the application's database role may do, as migration operations. The owner's role runs them.

They are SQL, not Python, which would have every model rendered for it.
"""

from django.conf import settings
from django.db.migrations.operations import RunSQL

SETTING = "(SELECT coalesce(current_setting('consilium.organizations', true), ''))"
_LISTED = f"CASE WHEN {SETTING} IN ('', '*') THEN '{{}}' ELSE string_to_array({SETTING}, ',') END"
OWN = f"organization_id = ANY (({_LISTED})::bigint[])"
"""A row's own organization is one that the transaction may see."""
EVERYTHING = f"{SETTING} = '*'"
"""The transaction may see every organization."""


def _role() -> str:
    return f'"{settings.DATABASES["default"]["USER"]}"'


def grant_everything_to_application() -> RunSQL:
    """Reading and writing rows, now and in tables still to come; never the schema, never TRUNCATE."""
    statements = f"GRANT USAGE ON SCHEMA public TO {_role()};"
    for kind, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
        statements += (
            f"GRANT {rights} ON ALL {kind} IN SCHEMA public TO {_role()};"
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {kind} TO {_role()};"
        )
    return RunSQL(statements, RunSQL.noop)


def append_only(*tables: str) -> RunSQL:
    """The application may add rows to these tables and read them, and nothing else."""
    names = ", ".join(f'"{table}"' for table in tables)
    return RunSQL(f"REVOKE UPDATE, DELETE ON {names} FROM {_role()}", RunSQL.noop)


def part_of(table: str, whole: str, column: str, *, alias: str = "w") -> str:
    """The rule that rows of the table exist where the row of ``whole`` does that their column names."""
    return f"EXISTS (SELECT 1 FROM {whole} {alias} WHERE {alias}.id = {table}.{column})"  # noqa: S608 - names of ours


def of_a_person(table: str) -> str:
    """The rule that rows of the table stand behind the walls of the organizations of the person they belong to.

    Network staff see them by seeing everything.
    """
    of_theirs = OWN.replace("organization_id", "r.organization_id")
    return f"EXISTS (SELECT 1 FROM members_role r WHERE r.person_id = {table}.person_id AND {of_theirs})"  # noqa: S608


def wall(table: str, rule: str = OWN, *, everything: str = EVERYTHING) -> RunSQL:
    """Rows of the table exist only where the rule holds, for reading and writing, its owner included; ``*`` sees all.

    ``portal.common.tenancy`` sets what a transaction may see. Without a rule, rows exist for those alone who see all.
    """
    rule = f"{everything} OR {rule}" if rule else everything
    return RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f"CREATE POLICY organization ON {table} USING ({rule}) WITH CHECK ({rule});",
        f"DROP POLICY organization ON {table}; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


def may_update(table: str, *columns: str) -> RunSQL:
    """The application may change these columns of a table that is append-only otherwise."""
    names = ", ".join(f'"{column}"' for column in columns)
    return RunSQL(f'GRANT UPDATE ({names}) ON "{table}" TO {_role()}', RunSQL.noop)


def may_run(function: str) -> RunSQL:
    """The application may call the owner's function, given with the types it takes."""
    return RunSQL(f"GRANT EXECUTE ON FUNCTION {function} TO {_role()}", RunSQL.noop)
