"""A quarter beside the rest of the network: own figures in full, others' withheld where they are few."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from consults import comparison
from consults.comparison import Compared, compare
from consults.models import Outcome
from consults.services import answering
from portal.members.models import Organization, Person, Role, Specialty
from portal.members.walls import around
from tests.cast import Cast, give, make_organization, make_person, sign_in
from tests.consults.helpers import after, claimed
from tests.consults.test_api import Api, problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=False):
        yield


def outcomes(cast: Cast, place: Organization, specialty: Specialty, count: int, *, month: int, late: int = 0) -> None:
    """Answered questions of an organization: the one service-made answer of the test, copied as facts."""
    for number in range(count):
        row = answering.answer(claimed(cast), by=cast.specialist, text="5 mg.", documents=[], minutes=10, at=after(5))
        Outcome.objects.filter(consult=row).update(
            organization=place,
            specialty=specialty,
            answered_at=datetime(2026, month, 10, 12, tzinfo=UTC) + timedelta(hours=number),
            is_late=number < late,
        )


@pytest.fixture
def quarter(cast: Cast) -> Cast:
    """Rest: 14 and 12 in cardiology (two organizations), 6 in hospital medicine; Prairie itself 3 and 2."""
    third = make_organization("Hillside Clinic")
    outcomes(cast, cast.prairie, cast.cardiology, 3, month=7)
    outcomes(cast, cast.prairie, cast.hospital_medicine, 2, month=8, late=1)
    outcomes(cast, cast.lakeside, cast.cardiology, 14, month=7, late=13)
    outcomes(cast, third, cast.cardiology, 12, month=8)
    outcomes(cast, third, cast.hospital_medicine, 6, month=9)
    return cast


def lines(person: Person, quarter: str = "2026-Q3") -> dict[str, Compared]:
    person = Person.objects.get(pk=person.pk)
    with around(person):
        return {row.name: row for row in compare(person, quarter)}


def test_own_in_full_and_others_only_where_they_are_many(quarter: Cast) -> None:
    found = lines(quarter.admin_prairie)
    assert {name: row.own.n for name, row in found.items()} == {
        "All together": 5, "Cardiology": 3, "Hospital medicine": 2, "2026-07": 3, "2026-08": 2, "2026-09": 0
    }  # fmt: skip
    assert found["Hospital medicine"].own.on_time_share == 0.5
    # Hospital medicine has 6; cardiology, or the total of 32, would give it away. July and August have one place each.
    assert {name: row.rest.n for name, row in found.items()} == {
        "All together": 32, "Cardiology": None, "Hospital medicine": None,
        "2026-07": None, "2026-08": None, "2026-09": None,
    }  # fmt: skip
    assert found["All together"].rest.median_hours == 5
    assert found["All together"].rest.on_time_share == 19 / 32
    assert found["Cardiology"].rest == found["2026-07"].rest == comparison.Rest()


def test_with_enough_of_others_each_line_is_shown(quarter: Cast) -> None:
    outcomes(quarter, quarter.lakeside, quarter.hospital_medicine, 6, month=9)
    found = lines(quarter.admin_prairie)
    assert (found["Cardiology"].rest.n, found["Hospital medicine"].rest.n) == (26, 12)
    assert found["Hospital medicine"].rest.on_time_share == 1
    # 13 late and 13 on time: neither is few.
    assert found["Cardiology"].rest.on_time_share == 0.5


def test_a_share_that_tells_of_few_is_withheld_and_cannot_be_subtracted(quarter: Cast) -> None:
    outcomes(quarter, quarter.lakeside, quarter.hospital_medicine, 12, month=9, late=2)
    found = lines(quarter.admin_prairie)
    assert found["Hospital medicine"].rest.n == 18
    assert found["Hospital medicine"].rest.on_time_share is None
    assert found["Cardiology"].rest.on_time_share is None, "with the total it would give the two away"
    assert found["Hospital medicine"].rest.median_hours == 5


def test_the_rest_is_never_one_organization(cast: Cast) -> None:
    outcomes(cast, cast.lakeside, cast.cardiology, 20, month=7)
    assert {row.rest.n for row in lines(cast.admin_prairie).values()} == {None}


def test_only_quarters_that_have_ended(quarter: Cast) -> None:
    assert comparison.quarters(datetime(2026, 11, 24, tzinfo=UTC))[:3] == ["2026-Q3", "2026-Q2", "2026-Q1"]
    assert comparison.quarters(datetime(2027, 1, 1, 5, 59, tzinfo=UTC))[0] == "2026-Q3", "still December in Chicago"
    assert comparison.months_of("2026-Q4") == ["2026-10", "2026-11", "2026-12"]
    api = Api(quarter.admin_prairie)
    assert api.get("scoreboard/network/").json()["quarter"] == "2026-Q3"
    problem(api.get("scoreboard/network/", quarter="2026-Q4"), 400)


def test_page_file_and_rest_say_the_same_and_name_no_other_organization(quarter: Cast) -> None:
    client = sign_in(Client(), quarter.admin_prairie)
    page = client.get("/scoreboard/network/?quarter=2026-Q3").content.decode()
    file = list(csv.reader(io.StringIO(client.get("/scoreboard/network/?quarter=2026-Q3&format=csv").content.decode())))
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>((?:<td.*?</td>)+)', page)
    shown = [
        [name, *("" if text == "–" else text for text in re.findall(r">([^<]*)</td>", cells))] for name, cells in rows
    ]
    assert file == [list(comparison.HEADER), *shown]
    assert shown[2][:5] == ["Hospital medicine", "2", "withheld", "5.0", "withheld"]
    assert "Lakeside" not in page
    assert "Hillside" not in page
    body = Api(quarter.admin_prairie).get("scoreboard/network/").json()["rows"]
    assert [row["rest"]["n"] for row in body] == [32, None, None, None, None, None]


def test_only_administrators_of_an_organization_compare(quarter: Cast) -> None:
    neurology = Specialty.objects.get(slug="neurology")
    other = give(make_person("n@network.example", "Lee Park"), Role.Name.SPECIALIST, specialties=(neurology,))
    for person in (
        quarter.clinician_prairie, quarter.clinician_lakeside, quarter.specialist, other, quarter.lead, quarter.editor,
        quarter.network_admin, quarter.auditor,
    ):  # fmt: skip
        assert sign_in(Client(), person).get("/scoreboard/network/").status_code == 403, person
        problem(Api(person).get("scoreboard/network/"), 403)
