"""Statements that the database plans once a connection."""

from typing import Any

import pytest
from django.db import NotSupportedError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.common.models import Mail
from portal.common.planned import planned
from portal.common.trouble import BUSY, later
from tests import database

ASK = "SELECT name FROM members_specialty WHERE slug = %s"
KEPT = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT name FROM members_specialty%%'"


def ask(slug: str = "cardiology") -> Any:
    with planned() as cursor:
        cursor.execute(ASK, [slug])
        return cursor.fetchall()


def kept() -> int:
    with connection.cursor() as cursor:
        cursor.execute(KEPT)
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_statement_is_kept_for_whatever_values_and_counted_as_any_other() -> None:
    with CaptureQueriesContext(connection) as seen:
        assert [ask(), ask("hospital-medicine"), ask("no such")] == [[("Cardiology",)], [("Hospital medicine",)], []]
    assert [query["sql"] for query in seen] == [ASK.replace("%s", "$1")] * 3
    assert kept() == 1


@pytest.mark.django_db
def test_a_value_comes_back_as_by_djangos_cursor() -> None:
    with planned() as ours, connection.cursor() as theirs:
        for value, kind in (
            (timezone.now(), "timestamptz"),
            (True, "boolean"),
            ([1, 2**40], "bigint[]"),
            ("%", "text"),
        ):
            found = []
            for cursor in (ours, theirs):
                cursor.execute(f"SELECT %s::{kind}", [value])
                found.append(cursor.fetchone())
            assert found[0] == found[1] == (value,)


@pytest.mark.usefixtures("committed")
def test_another_column_and_a_rollback_leave_it_at_work() -> None:
    """As while the next release's migrations run beside it."""
    assert ask()
    with database.owner_connection() as owner:
        owner.execute("ALTER TABLE members_specialty ADD COLUMN new text NOT NULL DEFAULT ''")
    try:
        assert ask()
        with transaction.atomic():
            ask()
            transaction.set_rollback(True)
        assert ask()
    finally:
        connection.close()
        with database.owner_connection() as owner:
            owner.execute("ALTER TABLE members_specialty DROP COLUMN new")


@pytest.mark.usefixtures("committed")
def test_a_column_of_another_width_is_told_once_to_come_back_and_then_answered() -> None:
    def widen(by: int) -> None:
        width = (Mail._meta.get_field("last_error").max_length or 0) + by
        with database.owner_connection() as owner:
            owner.execute(f"ALTER TABLE common_mail ALTER COLUMN last_error TYPE varchar({width})")

    def ask() -> list[Any]:
        with planned() as cursor:
            cursor.execute("SELECT last_error FROM common_mail WHERE id = %s", [0])
            return list(cursor.fetchall())

    assert ask() == []
    widen(100)
    try:
        with pytest.raises(NotSupportedError) as met, transaction.atomic():
            ask()
        assert later(met.value) is BUSY
        assert ask() == []
    finally:
        connection.close()
        widen(0)


@pytest.mark.usefixtures("committed")
def test_nothing_is_kept_where_settings_forbid_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a pooler that gives each transaction another connection."""
    connection.close()
    monkeypatch.delitem(connection.settings_dict["OPTIONS"], "prepare_threshold")
    assert ask()
    assert kept() == 0
    connection.close()
