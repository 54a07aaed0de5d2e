"""The pages of the desk and the sweep ask the database as often with 20 consults as with 2."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consults.models import Consult, Message, TimelineEntry
from consults.services import clockwork
from portal.common import rows
from portal.members import middleware
from tests.cast import Cast, sign_in
from tests.consults.helpers import after, sent, waiting

pytestmark = pytest.mark.django_db
FEW, MANY = 2, 20


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    # The time of the last request is written once a minute: on a slow machine a minute ends in the midst of a test.
    monkeypatch.setattr(middleware, "STAMP_EVERY", 86_400)


def asked(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_the_queue(cast: Cast) -> None:
    client, counts = sign_in(Client(), cast.specialist), []
    client.get("/queue/")
    for number in (FEW, MANY - FEW):
        for _ in range(number):
            sent(cast)
        counts.append(asked(client, "/queue/"))
    assert counts[0] == counts[1]


def lengthen(consult: Consult, number: int) -> None:
    """So many more messages and entries of the timeline."""
    Message.objects.bulk_create(
        Message(consult=consult, kind="note", author=consult.requester, text=f"Note {one}", created_at=after(one))
        for one in range(number)
    )
    TimelineEntry.objects.bulk_create(
        TimelineEntry(consult=consult, kind="note", actor=consult.requester, at=after(one)) for one in range(number)
    )


@pytest.mark.parametrize("who", ["clinician_prairie", "specialist", "lead"])
def test_the_page_of_a_consult(cast: Cast, who: str) -> None:
    consult, client, counts = waiting(cast), sign_in(Client(), getattr(cast, who)), []
    client.get(consult.get_absolute_url())
    for number in (FEW, MANY - FEW):
        lengthen(consult, number)
        counts.append(asked(client, consult.get_absolute_url()))
    assert counts[0] == counts[1]


def test_the_sweep_at_a_mark_and_at_a_reminder(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "FEW", 0)  # few rows go in one statement fewer for each kind
    counts = []
    clockwork.sweep(now=after(-1))
    for number in (FEW, MANY):
        for _ in range(number):
            sent(cast)
            waiting(cast)
        for hours in (25, 24 * 2 + 3):
            with CaptureQueriesContext(connection) as seen:
                assert clockwork.sweep(now=after(hours))["consults"] >= number
            counts.append(len(seen))
        Consult.objects.update(next_milestone_at=None)
    assert counts[:2] == counts[2:]
