"""The live board: right figures, the consults behind them, who may see it, and how it keeps itself current."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consults.models import Availability, OnCallDay
from consults.services import answering, sending
from portal.members.models import Person, Role, Specialty
from tests.cast import Cast, away, give, make_person, sign_in
from tests.consults.helpers import drafted
from tests.consults.test_api import Api, problem

pytestmark = pytest.mark.django_db
CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 24, 9, tzinfo=CHICAGO)
"""A Tuesday morning."""


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def due_in(cast: Cast, hours: float) -> Any:
    """A cardiology question due so many hours from now (48 after it was sent)."""
    draft = drafted(cast)
    return sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOW - timedelta(hours=48 - hours))


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Nine open: one late, one at risk and due today, one due today, one due at midnight, a paused one, four new."""
    due_in(cast, -2)
    due_in(cast, 3)
    answering.claim(due_in(cast, 14.5), by=cast.specialist, at=NOW)
    due_in(cast, 15)
    row = answering.claim(due_in(cast, 5), by=cast.specialist2, at=NOW - timedelta(hours=10))
    answering.ask_back(row, by=cast.specialist2, text="Which weight?", at=NOW - timedelta(hours=9))
    for _ in range(4):
        due_in(cast, 40)
    other = drafted(cast, specialty=cast.hospital_medicine)
    sending.send(other, by=cast.clinician_prairie, attested=False, at=NOW)
    drafted(cast)
    return cast


EXPECTED = {"open": 9, "not-taken": 7, "waiting": 1, "due-today": 2, "at-risk": 1, "late": 1}


def get(person: Person | None, path: str = "/board/", **headers: str) -> Any:
    client = sign_in(Client(), Person.objects.get(pk=person.pk)) if person else Client()
    return client.get(path, headers=headers)


def figures(page: str, slug: str = "cardiology") -> dict[str, int]:
    part = page.partition(f'data-section="{slug}"')[2].partition("</section>")[0]
    return {key: int(count) for key, count in re.findall(r'data-figure="(.*?)">(\d+)<', part)}


def test_each_figure_and_the_consults_behind_it(busy: Cast) -> None:
    page = get(busy.lead).content.decode()
    assert figures(page) == EXPECTED
    assert figures(page, "hospital-medicine")["open"] == 1
    for key, count in EXPECTED.items():
        assert f'href="/board/cardiology/?show={key}"' in page
        behind = get(busy.lead, f"/board/cardiology/?show={key}").content.decode()
        assert behind.count('class="list-row-title" href="/consults/C-') == count, key
    assert figures(get(busy.lead, "/board/cardiology/?show=nonsense").content.decode()) == EXPECTED


def test_today_ends_at_the_readers_midnight(busy: Cast) -> None:
    """At 15 hours from nine in the morning it is midnight in Chicago; further west that is still today."""
    Person.objects.filter(pk=busy.lead.pk).update(time_zone="America/Los_Angeles")
    assert figures(get(busy.lead).content.decode())["due-today"] == 3
    body = Api(Person.objects.get(pk=busy.lead.pk)).get("board/").json()
    assert next(row for row in body if row["specialty"] == "cardiology")["figures"]["due_today"] == 3


def test_who_is_on_call_away_and_full(busy: Cast) -> None:
    OnCallDay.objects.create(
        specialty=busy.cardiology, day=NOW.date(), primary=busy.specialist, backup=busy.specialist2
    )
    Availability.objects.create(person=busy.specialist2, cap=1)
    away(busy.specialist, NOW + timedelta(hours=5))
    page = get(busy.lead, "/board/cardiology/").content.decode()
    assert re.search(
        r"On call now: <b>Kofi Arden</b> <span class=\"tag tag-attention\">Away until <time.*?>14:00", page
    )
    assert "Backup: <b>Lena Moritz</b>" in page
    assert "At their limit" in page
    rows = {
        row["person"]["name"]: row for row in Api(busy.lead).get("board/", specialty="cardiology").json()[0]["people"]
    }
    assert rows["Lena Moritz"]["open_work"] == 1
    assert rows["Lena Moritz"]["cap"] == 1
    assert rows["Kofi Arden"]["away_until"] == "2026-11-24T20:00:00Z"


def test_who_has_a_board_and_of_which_sections(busy: Cast) -> None:
    neurology = Specialty.objects.get(slug="neurology")
    other = give(make_person("neuro@network.example", "Lee Park"), Role.Name.SPECIALIST, specialties=(neurology,))
    for person in (busy.specialist, busy.lead):
        assert "Cardiology" in get(person).content.decode()
        assert get(person, "/board/cardiology/").status_code == 200
        assert get(person, "/board/neurology/").status_code == 404
    for person in (busy.network_admin, busy.auditor):
        page = get(person).content.decode()
        assert figures(page) == EXPECTED
        assert 'data-section="neurology"' in page
        assert get(person, "/board/neurology/").status_code == 200
    page = get(other).content.decode()
    assert 'data-section="neurology"' in page
    assert "ardiology" not in page
    assert get(other, "/board/cardiology/").status_code == get(other, "/board/no-such/").status_code == 404
    problem(Api(other).get("board/", specialty="cardiology"), 404)
    for person in (
        busy.clinician_prairie, busy.clinician_lakeside, busy.admin_prairie, busy.editor, busy.reviewer
    ):  # fmt: skip
        assert get(person).status_code == 403, person
        assert "The board is for those who answer" in get(person).content.decode()
        assert get(person, "/board/cardiology/").status_code == 404, person
        problem(Api(person).get("board/"), 403)
    assert get(None).status_code == 302
    problem(Api(None).get("board/"), 401)


def test_the_page_asks_for_what_has_changed_and_gets_nothing_where_nothing_has(cast: Cast) -> None:
    page = get(cast.lead).content.decode()
    version = re.search(r"&quot;version&quot;: &quot;(\w+)|\"version\": \"(\w+)\"", page)
    assert version
    path = f"/board/?version={version[2] or version[1]}"
    same = get(cast.lead, path, HX_Request="true")
    assert same.status_code == 204
    assert same["X-Board-At"] == "09:00:00"
    due_in(cast, 40)
    changed = get(cast.lead, path, HX_Request="true")
    assert figures(changed.content.decode())["open"] == 1
    assert "<html" not in changed.content.decode()


def test_queries_do_not_grow_with_rows_or_sections(cast: Cast) -> None:
    def queries(person: Person, path: str) -> int:
        client = sign_in(Client(), person)
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    pairs = [(cast.network_admin, "/board/"), (cast.lead, "/board/"), (cast.lead, "/board/cardiology/")]
    due_in(cast, 40)
    few = [queries(*pair) for pair in pairs]
    for _ in range(19):
        due_in(cast, 40)
    for number, specialty in enumerate(Specialty.objects.all()[:8]):
        one = make_person(f"p{number}@network.example", f"Person {number}")
        give(one, Role.Name.SPECIALIST, specialties=tuple({specialty, cast.cardiology}))
    assert [queries(*pair) for pair in pairs] == few
