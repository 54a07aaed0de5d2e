"""The network's members at a glance: who opens it, what it counts, that each figure leads to its rows, as files too."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consults.services import sending
from portal.common import exporting, exports
from portal.common.models import Export
from portal.common.refusals import Refused
from portal.fees.models import Agreement
from portal.fees.pricing import Usage
from portal.fees.services import standing
from portal.members.models import Organization, Person, Role
from tests.cast import Cast, give, make_organization, make_person, sign_in
from tests.consults.helpers import drafted
from tests.consults.test_api import Api
from tests.portal.fees.helpers import a_plan, billed, noon, signed

pytestmark = pytest.mark.django_db
TODAY = noon(date(2026, 3, 10))


def shown(client: Client, key: str) -> list[str]:
    """The organizations of a figure's rows, in their order."""
    found = client.get("/overview/", {"show": key, "format": "json"}).json()["members"]
    return [row["slug"] for row in found]


def asks(cast: Cast, times: int) -> None:
    for day in range(times):
        at = noon(date(2026, 2, 1)) + timedelta(days=day)
        draft = drafted(cast, by=cast.clinician_prairie, at=at)
        sending.send(draft, by=cast.clinician_prairie, attested=False, at=at)


def with_consults(cast: Cast, included: int) -> Agreement:
    return signed(cast, version=a_plan(cast, included=Usage(included, 12, 10)))  # type: ignore[arg-type]


def test_who_opens_it(cast: Cast) -> None:
    kind = exports.kind_of("members")
    assert kind
    for who in ("admin_prairie", "clinician_prairie", "specialist", "lead", "editor"):
        person = getattr(cast, who)
        assert sign_in(Client(), person).get("/overview/").status_code == 403, who
        for path in ("overview/", "overview/members/"):
            assert Api(person).get(path).status_code == 403, who
        with pytest.raises(Refused):
            exporting.ask(by=person, kind=kind, form="csv", asked={}, at=TODAY)
    for who in ("network_admin", "auditor"):
        assert sign_in(Client(), getattr(cast, who)).get("/overview/").status_code == 200, who
        assert Api(getattr(cast, who)).get("overview/").status_code == 200, who
    assert Client().get("/overview/").status_code == 302


def test_its_figures_lead_to_their_rows(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    standing.review(agreement.account, at=TODAY)
    with time_machine.travel(TODAY, tick=False):
        client = sign_in(Client(), cast.network_admin)
        text = client.get("/overview/").content.decode()
        for words in ("$15,600.00", "$1,404.00", "Suspended", "Lakeside Medical Group"):
            assert words in text, words
        for key, is_there in {"standing-suspended": True, "owed-31-60-USD": True, "owed-1-30-USD": False}.items():
            assert shown(client, key) == (["prairie"] if is_there else []), key
        lines = list(csv.DictReader(io.StringIO(client.get("/overview/?format=csv").content.decode())))
        prairie = lines[1]
        assert (prairie["organization"], prairie["tier"]) == ("Prairie Health", "Network member")
        assert (prairie["dues_a_year_cents"], prairie["owed_31_to_60_cents"]) == ("1560000", "140400")
        assert (prairie["ends_on"], prairie["consults_included"]) == ("2027-01-01", "24")


def test_money_of_one_member_in_two_currencies_is_never_added(cast: Cast) -> None:
    billed(cast, signed(cast, until=date(2026, 2, 1)))
    signed(cast, version=a_plan(cast, name="Euro", currency="EUR"), starts_on=date(2026, 2, 1))
    with time_machine.travel(TODAY, tick=False):
        found = {row["key"]: row["value"] for row in Api(cast.auditor).get("overview/").json()}
        assert (found["dues-USD"], found["dues-EUR"]) == ("$0.00", "€15,600.00")
        assert (found["owed-31-60-USD"], found["owed-31-60-EUR"]) == ("$1,404.00", "€0.00")
        rows = sign_in(Client(), cast.auditor).get("/overview/?show=dues-EUR&format=json").json()["members"]
        assert {row["currency"]: (row["dues_a_year_cents"], row["owed_31_to_60_cents"]) for row in rows} == {
            "USD": (0, 1404_00),
            "EUR": (15_600_00, 0),
        }


@pytest.mark.parametrize(
    ("included", "expected"), [(10, "used"), (5, "near"), (4, "near"), (3, "over"), (0, "over"), (6, "used")]
)
def test_near_is_from_eighty_percent_to_all_of_it_and_over_is_beyond(cast: Cast, included: int, expected: str) -> None:
    with_consults(cast, included)
    asks(cast, 4)
    with time_machine.travel(TODAY, tick=False):
        client = sign_in(Client(), cast.network_admin)
        assert shown(client, "used-consults") == ["prairie"]
        for key in ("near", "over"):
            assert shown(client, f"{key}-consults") == (["prairie"] if key == expected else []), key
        assert f"4 of {included}" in client.get("/overview/").content.decode()
        assert shown(client, "near-calls") == []


def test_renewals_within_ninety_days_the_first_first(cast: Cast) -> None:
    for number, until in enumerate((date(2026, 6, 8), date(2026, 4, 1), date(2026, 6, 9), date(2026, 3, 10))):
        place = make_organization(f"Org{number} Health")
        version = a_plan(cast, name=f"Plan {number}")
        signed(cast, place, version=version, until=until)
        if number == 1:  # another follows: it does not end
            signed(cast, place, version=version, starts_on=until, until=date(2027, 4, 1))
    with time_machine.travel(TODAY, tick=False):
        assert shown(sign_in(Client(), cast.network_admin), "renewal") == ["org3", "org0"]


def test_quiet_is_nobody_signing_in_reading_or_asking_for_the_days_of_the_setting(cast: Cast, settings: Any) -> None:
    Organization.objects.update(created_at=TODAY - timedelta(days=365))
    newcomer = make_organization("New Practice", created_at=TODAY - timedelta(days=5))
    Person.objects.filter(pk=cast.clinician_lakeside.pk).update(last_login=TODAY - timedelta(days=20))
    with time_machine.travel(TODAY, tick=False):
        client = sign_in(Client(), cast.network_admin)
        assert shown(client, "quiet") == ["prairie"], "one that has just joined is not quiet"
        settings.QUIET_DAYS = 10
        assert shown(client, "quiet") == ["prairie", "lakeside"]
        assert "Quiet for 10 days" in client.get("/overview/").content.decode()
        drafted(cast, at=TODAY - timedelta(days=1))
        assert "prairie" in shown(client, "quiet"), "a draft asks nothing"
        draft = drafted(cast, at=TODAY - timedelta(days=1))
        sending.send(draft, by=cast.clinician_prairie, attested=False, at=TODAY - timedelta(days=1))
        assert shown(client, "quiet") == ["lakeside"]
        Organization.objects.filter(pk=newcomer.pk).update(created_at=TODAY - timedelta(days=11))
        assert shown(client, "quiet") == ["new", "lakeside"], "those never seen first"


def test_its_lists_have_pages_and_rest_has_the_same(cast: Cast) -> None:
    for number in range(30):
        make_organization(f"Org{number:02} Health")
    client = sign_in(Client(), cast.auditor)
    first, second = (client.get(f"/overview/?show=standing-good&page={page}").content.decode() for page in (1, 2))
    assert "1 to 25 of 32" in first
    assert "26 to 32 of 32" in second
    assert len(shown(client, "standing-good")) == 32, "a file has them all"
    api = Api(cast.auditor)
    figures = {row["key"]: row["count"] for row in api.get("overview/").json()}
    assert figures["standing-good"] == 32
    page = api.get("overview/members/", show="standing-good", page=2, page_size=30).json()
    assert (page["count"], [row["name"] for row in page["results"]]) == (32, ["Org29 Health", "Prairie Health"])
    assert api.get("overview/members/", show="none-such").status_code == 400


def test_an_administrator_of_the_network_has_it_made_as_a_file(cast: Cast, settings: Any, tmp_path: Path) -> None:
    storage = settings.STORAGES["default"]
    at = {"location": str(tmp_path)}
    settings.STORAGES = {**settings.STORAGES, "default": {**storage, "OPTIONS": {**storage["OPTIONS"], **at}}}
    api = Api(cast.network_admin)
    made = api.post("exports/", {"kind": "members", "format": "json", "asked": {"show": "standing-good"}})
    assert (made.status_code, made.json()["state"]) == (202, "waiting")
    assert exporting.make_exports() == 1
    url = api.get(f"exports/{made.json()['key']}/").json()["url"]
    answer = api.client.get(url, headers=api.headers)
    rows = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert [row["slug"] for row in rows] == ["lakeside", "prairie"]
    other = give(make_person("admin2@network.example", "Ola Berg"), Role.Name.NETWORK_ADMINISTRATOR)
    missing = api.get(f"exports/{'0' * 8}-0000-0000-0000-{'0' * 12}/file/")
    foreign = Api(other).client.get(url, headers=Api(other).headers)
    assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert Export.objects.count() == 1


def test_more_members_ask_the_database_no_more(cast: Cast) -> None:
    billed(cast, signed(cast))

    def queries() -> int:
        client = sign_in(Client(), cast.network_admin)
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/overview/").status_code == 200
        return len(captured)

    with time_machine.travel(TODAY, tick=False):
        few = queries()
        for number in range(8):
            place = make_organization(f"Org{number} Health")
            billed(cast, signed(cast, place, version=a_plan(cast, name=f"Plan {number}")))
        assert queries() == few
