"""Workers that make files, and die, or are slow, or are many."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from portal.common import exporting
from portal.common.models import Export, Notice
from portal.common.tasks import make_exports
from tests.cast import Cast, sign_in
from tests.portal.members.exported import ask, happen

pytestmark = pytest.mark.usefixtures("files")


class Died(BaseException):
    """As a worker that is killed: nothing of ours runs after it."""


class Later:
    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now


def test_a_worker_that_dies_is_replaced_after_a_minute_three_tries_in_all(
    cast: Cast, client: Client, numbers: dict[str, Any], files: Path
) -> None:
    clock, row = Later(), ask(cast.auditor, numbers["kind"], "csv", {})

    def die() -> None:
        raise Died

    numbers["before"] = die
    for _ in range(3):
        with pytest.raises(Died):
            exporting.make_exports(clock=clock)
        clock.now += timedelta(seconds=59)
        assert exporting.make_exports(clock=clock) == 0, "it is still in that worker's hands"
        clock.now += timedelta(seconds=2)
    numbers["before"] = lambda: None
    assert exporting.make_exports(clock=clock) == 0
    row.refresh_from_db()
    assert (row.tries, row.state(clock.now), row.why_failed) == (3, "failed", "It could not be made. Ask again.")
    assert Notice.objects.filter(person=cast.auditor, text__contains="Ask again").count() == 1
    assert "Ask again" in sign_in(client, cast.auditor).get("/exports/").content.decode()
    ask(cast.auditor, numbers["kind"], "csv", {})
    assert exporting.make_exports(clock=clock) == 1, "what failed holds up nothing"


def test_a_second_worker_finishes_what_the_first_began(cast: Cast, numbers: dict[str, Any]) -> None:
    clock, row = Later(), ask(cast.auditor, numbers["kind"], "csv", {})

    def die() -> None:
        raise Died

    numbers["before"] = die
    with pytest.raises(Died):
        exporting.make_exports(clock=clock)
    numbers["before"] = lambda: None
    clock.now += timedelta(seconds=61)
    assert exporting.make_exports(clock=clock) == 1
    row.refresh_from_db()
    assert (row.tries, row.done, row.state(clock.now)) == (2, 5, "made")


def test_a_worker_that_was_replaced_keeps_nothing(cast: Cast, numbers: dict[str, Any], files: Path) -> None:
    """It was only slow: the other has made the file meanwhile."""
    clock, row, others = Later(), ask(cast.auditor, numbers["kind"], "csv", {}), list[bool]()

    def slow() -> None:
        if not others:
            others.append(True)
            clock.now += timedelta(seconds=61)
            assert exporting.make_exports(clock=clock) == 1

    numbers["before"] = slow
    assert exporting.make_exports(clock=clock) == 0
    row.refresh_from_db()
    assert row.tries == 2
    assert [path.name for path in files.rglob("*.csv")] == [f"{row.key}-2.csv"]
    assert Notice.objects.count() == 1


def test_a_worker_that_was_replaced_stops_while_the_other_is_at_it(
    cast: Cast, numbers: dict[str, Any], files: Path
) -> None:
    row = ask(cast.auditor, numbers["kind"], "csv", {})
    numbers["before"] = lambda: Export.objects.update(tries=2, done=3)
    assert make_exports() == 0
    row.refresh_from_db()
    assert (row.tries, row.done, row.done_at) == (2, 3, None)
    assert not list(files.rglob("*.csv"))


def test_one_that_cannot_be_made_holds_up_no_other(cast: Cast, numbers: dict[str, Any]) -> None:
    def fail() -> None:
        raise ValueError("Dana Whitfield")

    numbers["before"] = fail
    ask(cast.auditor, numbers["kind"], "csv", {})
    good = ask(cast.auditor)
    assert make_exports() == 1
    assert Export.objects.get(pk=good.pk).done_at


def test_several_workers_make_each_file_once(committed_cast: Cast) -> None:
    happen(committed_cast)
    for person in (committed_cast.auditor, committed_cast.admin_prairie):
        for _ in range(3):
            ask(person)

    def work(_: int) -> int:
        try:
            return exporting.make_exports()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 6
    assert not Export.objects.waiting().exists()
    assert Notice.objects.count() == 6
    assert all(row.done >= 3 and row.tries == 1 for row in Export.objects.all())
