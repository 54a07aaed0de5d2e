"""What the application's database role may do, as migration operations. The owner's role runs them."""

from django.apps.registry import Apps
from django.conf import settings
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import RunPython


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
