"""Rows written by statements that are put together once."""

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from consults.models import GateVersion
from portal.common import rows
from portal.common.models import Mail, Notice
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def notice(cast: Cast, key: str, text: str = "Read this.") -> Notice:
    return Notice(person=cast.specialist, kind="test", text=text, path="/", key=key)


def mail(key: str) -> Mail:
    return Mail(to="a@network.example", subject="Read this.", body="50 % of it", key=key, headers={"X-A": ["1"]})


def test_rows_of_several_models_go_in_one_statement_as_django_writes_them(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as seen:
        rows.add(notice(cast, "a"), notice(cast, "b"), mail("a"))
    assert len(seen) == 1
    ours, theirs = Mail.objects.get(key="a"), mail("b")
    theirs.save()
    assert [row.key for row in Notice.objects.order_by("id")] == ["a", "b"]
    unlike = ("id", "_state", "key", "message_id", "created_at", "next_try_at")
    assert [{name: value for name, value in vars(row).items() if name not in unlike} for row in (ours,)] == [
        {name: value for name, value in vars(theirs).items() if name not in unlike}
    ]


@pytest.mark.parametrize("others", [0, rows.FEW])
def test_what_is_there_is_left_as_it_is(cast: Cast, others: int) -> None:
    rows.add(notice(cast, "a"))
    rows.add_unless_there(notice(cast, "a", "Another."), *(notice(cast, f"b{n}") for n in range(others)), mail("a"))
    assert Notice.objects.get(key="a").text == "Read this."
    assert Notice.objects.count() == 1 + others
    assert Mail.objects.count() == 1


def test_one_row_gets_its_identifier_and_what_the_database_works_out(cast: Cast) -> None:
    row = notice(cast, "a", "")
    rows.add_one(row, text="'No. ' || 6 * 7")
    assert row.text == "No. 42"
    assert Notice.objects.get().pk == row.pk
    row.text = "Changed."
    rows.save(row)
    assert Notice.objects.get().text == "Changed."


def test_a_row_that_is_gone_is_not_saved_in_silence(cast: Cast) -> None:
    row = notice(cast, "a")
    rows.add_one(row)
    Notice.objects.all().delete()
    with pytest.raises(DatabaseError, match="is not there to be saved"):
        rows.save(row)


def test_rows_beside_each_other_are_read_as_django_reads_them(cast: Cast) -> None:
    asks = {"tried": {"need": "required", "least": 5, "why": "why"}}
    made = GateVersion.objects.create(specialty=cast.cardiology, number=1, rules=asks, made_by=cast.lead)
    names = rows.columns(GateVersion, "g"), rows.columns(GateVersion, "n")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {names[0]}, {names[1]}, 7 FROM consults_gateversion g "  # noqa: S608 - names of ours
            "LEFT JOIN consults_gateversion n ON false"
        )
        beside = rows.Beside(cursor.fetchone())
    found = beside.row(GateVersion)
    assert found is not None
    assert found == made
    assert found.rules == asks
    assert beside.row(GateVersion) is None
    assert list(beside.rest()) == [7]
