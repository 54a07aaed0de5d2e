"""Migrations leave the last release's program at work: it serves until its last process is replaced."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.exceptions import NodeNotFoundError
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from portal.common.tables import AtOnce

TAKES_AWAY = (
    migrations.RemoveField,
    migrations.DeleteModel,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
SQL = re.compile(r"\bDROP\s+(COLUMN|TABLE)\b|\bRENAME\s+(TO|COLUMN)\b|\bSET\s+NOT\s+NULL\b", re.IGNORECASE)


def in_the_database(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from in_the_database(operation.database_operations)
        elif isinstance(operation, AtOnce):
            yield from operation.operations
        else:
            yield operation


def takes_away(operation: Operation) -> bool:
    """Whether what the old program reads or writes is gone afterwards, or has another name."""
    if isinstance(operation, migrations.RunSQL):
        sql = operation.sql if isinstance(operation.sql, list | tuple) else [operation.sql]
        return any(SQL.search(one if isinstance(one, str) else one[0]) for one in sql)
    return isinstance(operation, TAKES_AWAY)


def refuses_old_rows(field: "models.Field[Any, Any]") -> bool:
    """Whether the database refuses a row that says nothing of it, as the old program writes one."""
    return not (field.many_to_many or field.null or field.has_db_default())


def demands(operation: Operation, app: str, before: ProjectState | None) -> bool:
    """Whether a row as the old program writes it is refused from now on."""
    if not isinstance(operation, migrations.AddField | migrations.AlterField) or not refuses_old_rows(operation.field):
        return False
    if isinstance(operation, migrations.AddField) or before is None:
        return True
    return not refuses_old_rows(before.models[app, operation.model_name_lower].fields[operation.name])


def faults(migration: migrations.Migration, before: ProjectState | None = None) -> list[str]:
    """What would break the program that was there before, in words."""
    operations = list(in_the_database(migration.operations))
    new = {one.name_lower for one in operations if isinstance(one, migrations.CreateModel)}
    found = []
    for one in operations:
        if takes_away(one) and not getattr(migration, "unused_since", ""):
            found.append(f"{one.describe()}: say unused_since, the release whose program no longer uses it")
        if getattr(one, "model_name_lower", "") not in new and demands(one, migration.app_label, before):
            found.append(f"{one.describe()}: give it a db_default, or let it be null")
    return found


def test_migrations_leave_the_last_release_at_work() -> None:
    loader = MigrationLoader(None)
    ours = {
        config.label for config in apps.get_app_configs() if config.name.startswith(("portal", "knowledge", "consults"))
    }
    looked, found = 0, []
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in ours:
            looked += 1
            if not migration.replaces:  # those make a new database, which no program uses yet
                found += [
                    f"{app}.{name}: {fault}"
                    for fault in faults(migration, loader.project_state((app, name), at_end=False))
                ]
    assert looked > 20
    assert found == []


def made(*operations: Operation, **attributes: str) -> migrations.Migration:
    migration = type("Migration", (migrations.Migration,), {"operations": list(operations), **attributes})
    return migration("0099_made", "consults")  # type: ignore[no-any-return]


BREAKS = {
    "a column dropped": migrations.RemoveField("consult", "summary"),
    "a table dropped": migrations.DeleteModel("Consult"),
    "a column renamed": migrations.RenameField("consult", "summary", "story"),
    "a column to be filled": migrations.AddField("consult", "mood", models.CharField(default="", max_length=9)),
    "a column that may no longer be empty": migrations.AlterField("consult", "submitted_at", models.DateTimeField()),
    "SQL that drops": migrations.RunSQL("ALTER TABLE consults_consult DROP COLUMN summary"),
    "dropped beside the state": migrations.SeparateDatabaseAndState([migrations.RemoveField("consult", "summary")]),
}
HOLDS = {
    "a column that may be empty": migrations.AddField("consult", "mood", models.CharField(null=True, max_length=9)),
    "a default of the database": migrations.AddField("consult", "mood", models.IntegerField(db_default=0)),
    "a new table": migrations.CreateModel("Mood", [("id", models.BigAutoField(primary_key=True))]),
    "a column that the program forgets": migrations.SeparateDatabaseAndState(
        state_operations=[migrations.RemoveField("consult", "summary")]
    ),
    "a trigger dropped": migrations.RunSQL("DROP TRIGGER minutes_follow ON consults_minutesmend"),
}


@pytest.mark.parametrize("operation", BREAKS.values(), ids=BREAKS)
def test_what_breaks_the_old_program_is_found(operation: Operation) -> None:
    assert len(faults(made(operation), MigrationLoader(None).project_state())) == 1


@pytest.mark.parametrize("operation", HOLDS.values(), ids=HOLDS)
def test_what_leaves_it_at_work_is_not(operation: Operation) -> None:
    assert faults(made(operation), MigrationLoader(None).project_state()) == []


def test_a_table_and_its_later_column_are_both_new() -> None:
    mood = migrations.CreateModel("Mood", [("id", models.BigAutoField(primary_key=True))])
    later = migrations.AddField("mood", "depth", models.IntegerField(default=0))
    assert faults(made(AtOnce(mood), later), MigrationLoader(None).project_state()) == []


def test_a_second_step_takes_away_what_a_release_left_unused() -> None:
    assert faults(made(BREAKS["a column dropped"], unused_since="v1.2")) == []


def former() -> dict[str, list[str]]:
    """What the one set of migrations stands for, by app, in its order."""
    names: dict[str, list[str]] = {}
    for migration in MigrationLoader(None).replacements.values():
        for app, name in migration.replaces:
            names.setdefault(app, []).append(name)
    return {app: sorted(of_app) for app, of_app in names.items()}


def hold_only_the_former() -> None:
    """The database says that the former migrations were applied, and knows nothing of those that stand for them."""
    for app, name in MigrationLoader(None).replacements:
        MigrationRecorder.Migration.objects.filter(app=app, name=name).delete()


def test_each_former_migration_is_replaced_once() -> None:
    assert {app: (len(names), len(set(names))) for app, names in former().items()} == {
        "common": (7, 7),
        "members": (12, 12),
        "fees": (5, 5),
        "knowledge": (17, 17),
        "consults": (19, 19),
    }


@pytest.mark.django_db
def test_a_database_with_all_of_the_former_migrations_is_up_to_date() -> None:
    hold_only_the_former()
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("app", former())
@pytest.mark.parametrize("applied", [1, -1], ids=["the first alone", "all but the last"])
def test_a_database_with_a_part_of_them_is_refused(app: str, applied: int) -> None:
    hold_only_the_former()
    MigrationRecorder.Migration.objects.filter(app=app, name__in=former()[app][applied:]).delete()
    with pytest.raises(NodeNotFoundError, match="some of the replaced migrations are already applied"):
        MigrationLoader(connection)
