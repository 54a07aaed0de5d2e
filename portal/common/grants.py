"""What the application's database role may do, as migration operations. The owner's role runs them."""

from django.apps.registry import Apps
from django.conf import settings
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import RunPython, RunSQL

SETTING = "(SELECT coalesce(current_setting('consilium.organizations', true), ''))"
_LISTED = f"CASE WHEN {SETTING} IN ('', '*') THEN '{{}}' ELSE string_to_array({SETTING}, ',') END"
OWN = f"organization_id = ANY (({_LISTED})::bigint[])"
"""A row's own organization is one that the transaction may see."""


def _role(editor: BaseDatabaseSchemaEditor) -> str:
    return editor.quote_name(settings.DATABASES["default"]["USER"])


def grant_everything_to_application() -> RunPython:
    """Reading and writing rows, now and in tables still to come; never the schema, never TRUNCATE."""

    def forwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        role = _role(editor)
        editor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        for kind, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
            editor.execute(f"GRANT {rights} ON ALL {kind} IN SCHEMA public TO {role}")
            editor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {kind} TO {role}")

    return RunPython(forwards, RunPython.noop)


def append_only(*tables: str) -> RunPython:
    """The application may add rows to these tables and read them, and nothing else."""

    def forwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        for table in tables:
            editor.execute(f"REVOKE UPDATE, DELETE ON {editor.quote_name(table)} FROM {_role(editor)}")

    return RunPython(forwards, RunPython.noop)


def wall(table: str, rule: str = OWN) -> RunSQL:
    """Rows of the table exist only where the rule holds, for reading and writing, its owner included; ``*`` sees all.

    ``portal.common.tenancy`` sets what a transaction may see.
    """
    rule = f"{SETTING} = '*' OR {rule}"
    return RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f"CREATE POLICY organization ON {table} USING ({rule}) WITH CHECK ({rule});",
        f"DROP POLICY organization ON {table}; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


def may_update(table: str, *columns: str) -> RunPython:
    """The application may change these columns of a table that is append-only otherwise."""

    def forwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        names = ", ".join(map(editor.quote_name, columns))
        editor.execute(f"GRANT UPDATE ({names}) ON {editor.quote_name(table)} TO {_role(editor)}")

    return RunPython(forwards, RunPython.noop)


def may_run(function: str) -> RunPython:
    """The application may call the owner's function, given with the types it takes."""

    def forwards(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        editor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {_role(editor)}")

    return RunPython(forwards, RunPython.noop)
