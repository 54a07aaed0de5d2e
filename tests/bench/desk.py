"""The desk with many consults: the queue page, a consult's page and one sweep of what is due, timed on this machine.

``DESK_CONSULTS=1000000 DESK_DUE=10000 make test ARGS='-n0 -s tests/bench/desk.py'``: no run of all tests holds it.
"""

import os
from statistics import median, quantiles
from time import perf_counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consults.models import ClockEvent, Consult, Milestone
from consults.services import clockwork
from portal.members.models import Person
from tests.cast import Cast, sign_in
from tests.consults.helpers import after, answered, sent

CONSULTS, DUE = int(os.environ.get("DESK_CONSULTS", "1000")), int(os.environ.get("DESK_DUE", "100"))
TIMES = 15


def copies(row: Consult, number: int, letter: str) -> None:
    """So many more of a consult with its log, by the database itself."""
    names = [
        str(field.column) for field in Consult._meta.concrete_fields if field.column not in ("id", "number", "words")
    ]
    fields = [
        str(field.column) for field in ClockEvent._meta.concrete_fields if field.column not in ("id", "consult_id")
    ]
    consults, events = Consult._meta.db_table, ClockEvent._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {consults} (number, {', '.join(names)}) SELECT %s || n, {', '.join(names)}"  # noqa: S608
            f" FROM {consults}, generate_series(1, %s) n WHERE id = %s",
            [letter, number, row.pk],
        )
        cursor.execute(
            f"INSERT INTO {events} (consult_id, {', '.join(fields)})"  # noqa: S608
            f" SELECT c.id, {', '.join('e.' + name for name in fields)} FROM {consults} c, {events} e"
            " WHERE e.consult_id = %s AND c.number LIKE %s",
            [row.pk, f"{letter}%"],
        )


def timed(what: str, person: Person, path: str) -> None:
    client, taken = sign_in(Client(), person), list[float]()
    assert client.get(path).status_code == 200
    for _ in range(TIMES):
        begun = perf_counter()
        client.get(path)
        taken.append(1000 * (perf_counter() - begun))
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    high = quantiles(taken, n=20)[-1]
    print(f"{what}: median {median(taken):.0f} ms, 95th percentile {high:.0f} ms, {len(queries)} queries")


@pytest.mark.django_db
def test_desk(cast: Cast) -> None:
    done, due = answered(cast), sent(cast)
    copies(done, CONSULTS - DUE - 1, "X-")
    copies(due, DUE - 1, "Y-")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"\n{Consult.objects.count()} consults, {DUE} due")
    timed("queue page", cast.specialist, "/queue/")
    timed("consult page", cast.specialist, due.get_absolute_url())
    begun = perf_counter()
    with CaptureQueriesContext(connection) as queries:
        swept = clockwork.sweep(now=after(25))
    print(f"sweep: {perf_counter() - begun:.1f} s, {swept['consults']} consults, {len(queries)} queries")
    assert swept["consults"] == DUE
    assert Milestone.objects.filter(kind="half", due_at=after(24)).count() == DUE
