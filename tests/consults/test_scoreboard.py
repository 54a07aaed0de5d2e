"""The scoreboard: its figures against some counted by hand, and who sees which of them."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
import yaml
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consults import scoreboard
from consults.models import Consult, Outcome
from consults.scoreboard import Chosen, Figures
from consults.services import answering, outcomes, requesting, sending
from portal.common import tenancy
from portal.members.models import Person, Role, Specialty
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import answered, drafted
from tests.consults.test_api import Api, problem

pytestmark = pytest.mark.django_db
HAND = yaml.safe_load(Path(__file__).with_name("counted_by_hand.yaml").read_text(encoding="utf-8"))
CHICAGO = ZoneInfo("America/Chicago")
NOVEMBER = datetime(2026, 11, 24, 12, tzinfo=UTC)
MONTHS = "since=2026-09&until=2026-10"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with time_machine.travel(NOVEMBER, tick=False):
        yield


def ask_and_answer(cast: Cast, row: dict[str, Any]) -> None:
    """One line of the hand-counted questions, through the services."""
    start = datetime.strptime(row["sent"], "%Y-%m-%d %H:%M").replace(tzinfo=CHICAGO)

    def at(hours: float) -> datetime:
        return start + timedelta(hours=hours)

    author = {"prairie": cast.clinician_prairie, "lakeside": cast.clinician_lakeside}[row["organization"]]
    expert = {"Kofi Arden": cast.specialist, "Lena Moritz": cast.specialist2}[row["by"]]
    draft = drafted(cast, by=author, specialty=Specialty.objects.get(slug=row["specialty"]), at=start)
    consult = sending.send(draft, by=author, attested=False, at=start)
    consult = answering.claim(consult, by=expert, at=at(row["taken"]))
    if "asked" in row:
        asked, replied = map(float, row["asked"].split(" to "))
        consult = answering.ask_back(consult, by=expert, text="Which weight?", at=at(asked))
        consult = requesting.reply(consult, by=author, text="70 kg.", at=at(replied))
    minutes, then = row.get("minutes"), at(row["answered"])
    consult = answering.answer(consult, by=expert, text="5 mg.", documents=[], minutes=minutes, at=then)
    if "survey" in row:
        course, referral = row["survey"].split(", ")
        requesting.close(consult, by=author, course=course, referral=referral, value=4, at=at(row["answered"] + 1))


@pytest.fixture
def counted(cast: Cast) -> Cast:
    for row in HAND["consults"]:
        ask_and_answer(cast, row)
    return cast


def as_counted(figures: Figures) -> dict[str, Any]:
    """The figures in the form they were counted by hand in."""
    same = ("n", "on_time", "without_asking", "surveys", "confirmed", "new", "not_useful", "contemplated", "avoided")
    return {name: getattr(figures, name) for name in same} | {
        "hours": pytest.approx([figures.median_hours, figures.p90_hours]),
        "counted": pytest.approx([figures.median_counted_hours, figures.p90_counted_hours]),
        "taken": pytest.approx(figures.median_taken_hours),
        "minutes": [figures.minutes_n, figures.minutes],
    }


def test_every_figure_is_as_counted_by_hand(counted: Cast) -> None:
    assert len(HAND["consults"]) == 32
    for by, expected in HAND["figures"].items():
        rows, together = scoreboard.scoreboard(Outcome.objects.all(), by)
        assert {row.name for row in rows} == set(expected)
        for row in rows:
            assert as_counted(row.figures) == expected[row.name], row.name
        assert as_counted(together) == HAND["together"]


def test_shares_are_of_what_their_definition_says(counted: Cast) -> None:
    together = scoreboard.totals(Outcome.objects.all())
    assert together.on_time_share == 29 / 32
    assert together.without_asking_share == 29 / 32
    assert (together.confirmed_share, together.new_share, together.not_useful_share) == (3 / 7, 3 / 7, 1 / 7)
    assert together.avoided_share == 3 / 5, "of the five contemplated"
    assert together.mean_minutes == pytest.approx(490 / 26), "of those with minutes"
    assert Figures().on_time_share is None


def test_counting_anew_gives_the_same(counted: Cast) -> None:
    fields = [field.name for field in Outcome._meta.fields if field.name != "id"]
    before = list(Outcome.objects.order_by("consult").values(*fields))
    Outcome.objects.all().delete()
    assert outcomes.sweep(now=NOVEMBER) == 32
    assert list(Outcome.objects.order_by("consult").values(*fields)) == before
    assert outcomes.sweep(now=NOVEMBER) == 0


def test_a_second_answer_does_not_count_again(cast: Cast) -> None:
    row = answered(cast)
    row = requesting.reply(row, by=cast.clinician_prairie, text="And at 60 kg?", at=NOVEMBER + timedelta(hours=20))
    if row.state == Consult.State.QUEUED:
        row = answering.claim(row, by=cast.specialist, at=NOVEMBER + timedelta(hours=21))
    late = NOVEMBER + timedelta(days=9)
    answering.answer(row, by=cast.specialist, text="The same.", documents=[], minutes=3, at=late)
    outcome = Outcome.objects.get()
    assert outcome.elapsed_seconds == 5 * 3600
    assert not outcome.is_late


def figures_page(person: Person, query: str = MONTHS) -> Any:
    return sign_in(Client(), Person.objects.get(pk=person.pk)).get(f"/scoreboard/?{query}")


def names(person: Person, by: str, query: str = MONTHS) -> dict[str, int]:
    """The lines on the person's scoreboard with their n, from the page itself."""
    page = figures_page(person, f"by={by}&{query}").content.decode()
    table = page.partition('data-part="time"')[2].partition("</table>")[0]
    rows = re.findall(r'<th scope="row">(.*?)</th><td class="figures" data-label="Answered">(\d+)</td>', table)
    return {name: int(n) for name, n in rows}


def test_the_network_sees_all_a_lead_their_section_a_specialist_their_own(counted: Cast) -> None:
    cast = counted
    everyone = {"Kofi Arden": 16, "Lena Moritz": 16, "All together": 32}
    assert names(cast.network_admin, "specialist") == names(cast.auditor, "specialist") == everyone
    assert names(cast.lead, "specialist") == everyone
    assert names(cast.specialist, "specialist") == {"Kofi Arden": 16, "All together": 16}
    assert names(cast.specialist, "organization") == {
        "Lakeside Medical Group": 5, "Prairie Health": 11, "All together": 16
    }  # fmt: skip
    one = give(make_person("head@network.example", "Lee Park"), Role.Name.SECTION_LEAD, specialties=(cast.cardiology,))
    assert names(one, "specialty") == {"Cardiology": 20, "All together": 20}
    assert names(one, "specialty", f"{MONTHS}&specialty=hospital-medicine") == {}


def test_an_organization_sees_its_own_and_nobody_by_name(counted: Cast) -> None:
    admin = counted.admin_prairie
    own = {"Prairie Health": 18, "All together": 18}
    assert names(admin, "organization") == own
    assert names(admin, "organization", f"{MONTHS}&organization=lakeside") == {}
    assert names(admin, "specialty") == {"Cardiology": 11, "Hospital medicine": 7, "All together": 18}
    page = figures_page(admin, f"by=specialist&{MONTHS}").content.decode()
    assert "Kofi Arden" not in page
    assert "Lakeside" not in page
    assert "Lakeside" not in figures_page(admin, f"{MONTHS}&organization=lakeside").content.decode()
    # One who is an administrator there and answers, too, still sees no colleague by name.
    give(admin, Role.Name.SPECIALIST, specialties=(Specialty.objects.get(slug="neurology"),))
    assert names(admin, "specialist") == {}
    assert names(admin, "organization") == own


def test_others_have_no_scoreboard(counted: Cast) -> None:
    cast = counted
    for person in (cast.clinician_prairie, cast.clinician_lakeside, cast.editor, cast.reviewer):
        assert figures_page(person).status_code == 403, person
        assert "The scoreboard is for" in figures_page(person).content.decode()
        assert Outcome.objects.visible_to(person).count() == 0, person
        problem(Api(person).get("scoreboard/"), 403)
        assert 'href="/scoreboard/"' not in sign_in(Client(), person).get("/").content.decode()
    assert Client().get("/scoreboard/").status_code == 302
    problem(Api(None).get("scoreboard/"), 401)


def test_the_database_itself_shows_an_organization_only_its_own(counted: Cast) -> None:
    with tenancy.only([counted.prairie.pk]):
        assert Outcome.objects.count() == 18
    with tenancy.only([]):
        assert Outcome.objects.count() == 0


def test_the_file_equals_the_tables(counted: Cast) -> None:
    for by in scoreboard.GROUPS:
        query = f"by={by}&{MONTHS}"
        page = figures_page(counted.network_admin, query).content.decode()
        lines = list(
            csv.DictReader(io.StringIO(figures_page(counted.network_admin, f"{query}&format=csv").content.decode()))
        )
        shown: dict[str, dict[str, str]] = {}
        for name, cells in re.findall(r'<th scope="row">(.*?)</th>((?:<td.*?</td>)+)', page):
            found = re.findall(r'data-label="(.*?)">(.*?)</td>', cells)
            shown.setdefault(name, {}).update((head, "" if text == "–" else text) for head, text in found)
        head = scoreboard.GROUPS[by]
        assert {line[head]: {key: value for key, value in line.items() if key != head} for line in lines} == shown
        assert len(lines) == len(HAND["figures"][by]) + 1


def test_filters_are_in_the_address_and_nonsense_is_the_usual(counted: Cast) -> None:
    assert names(counted.lead, "month", "since=2026-10&until=2026-10") == {"2026-10": 9, "All together": 9}
    assert names(counted.lead, "month", "since=2026-10&until=2026-09") == {
        "2026-09": 23,
        "2026-10": 9,
        "All together": 32,
    }
    for query in (
        "since=x&until=9999-99",
        "by=x&since=0000-00",
        "specialty=x%20%27y",
        "since=9999-12",
        "since=0001-01",
        "",
    ):
        assert figures_page(counted.lead, query).status_code == 200, query
    assert "Nothing was answered here" in figures_page(counted.lead, "since=2020-01&until=2020-02").content.decode()


def test_definitions_and_a_described_chart_are_on_the_page(counted: Cast) -> None:
    page = figures_page(counted.lead).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    assert 'alt="Bar chart of the median and the 90th percentile of hours to the first answer, by specialty' in page
    assert "Reported, not verified." in page
    assert "Share answered without a question back first." in page


def test_over_rest_the_same_rules(counted: Cast) -> None:
    body = Api(counted.admin_prairie).get("scoreboard/", by="organization", since="2026-09", until="2026-10").json()
    assert [row["name"] for row in body["rows"]] == ["Prairie Health"]
    assert body["together"]["median_hours"] == 17
    assert body["together"]["on_time_share"] == 15 / 18
    problem(Api(counted.admin_prairie).get("scoreboard/", by="specialist"), 400)
    for wrong in ({"by": "x"}, {"since": "x"}, {"since": "2026-10", "until": "2026-09"}):
        problem(Api(counted.lead).get("scoreboard/", **wrong), 400)


def test_queries_do_not_grow_with_rows(cast: Cast) -> None:
    def queries(person: Person, path: str) -> int:
        client = sign_in(Client(), person)
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    who = (cast.network_admin, cast.lead, cast.admin_prairie)
    path = f"/scoreboard/?by=month&{MONTHS}"
    ask_and_answer(cast, HAND["consults"][0])
    few = [queries(person, path) for person in who]
    for row in HAND["consults"]:
        ask_and_answer(cast, row)
    assert [queries(person, path) for person in who] == few


def test_the_first_page_says_this_month(counted: Cast) -> None:
    answered(counted)
    home = sign_in(Client(), counted.admin_prairie).get("/").content.decode()
    assert re.search(r"This month: 1 answered, 100\s%  ?within the promise, median 5.0 h", home)
    assert 'href="/board/"' not in home
    assert 'href="/board/"' in sign_in(Client(), counted.lead).get("/").content.decode()


def test_months_go_over_the_year() -> None:
    assert scoreboard.plus("2026-11", 2) == "2027-01"
    assert scoreboard.plus("2026-01", -1) == "2025-12"
    assert scoreboard.month_of(datetime(2026, 10, 1, 4, 59, tzinfo=UTC)) == "2026-09"
    assert scoreboard.usual(NOVEMBER) == ("2026-06", "2026-11")


def test_rows_are_those_chosen(counted: Cast) -> None:
    chosen = Chosen("month", "2026-09", "2026-09", specialty="cardiology", organization="prairie")
    assert scoreboard.chosen_rows(counted.network_admin, chosen).count() == 11
