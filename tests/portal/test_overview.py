"""The network's members at a glance: who opens it, what it counts, that each figure leads to its rows."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.fees.services import standing
from tests.cast import Cast, make_organization, sign_in
from tests.portal.fees.helpers import a_plan, billed, noon, signed

pytestmark = pytest.mark.django_db
TODAY = noon(date(2026, 3, 10))


def test_who_opens_it(cast: Cast) -> None:
    for who in ("admin_prairie", "clinician_prairie", "specialist", "lead", "editor"):
        assert sign_in(Client(), getattr(cast, who)).get("/overview/").status_code == 403, who
    for who in ("network_admin", "auditor"):
        assert sign_in(Client(), getattr(cast, who)).get("/overview/").status_code == 200, who
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
            rows = client.get("/overview/", {"show": key, "format": "json"}).json()["members"]
            assert [row["slug"] for row in rows] == (["prairie"] if is_there else []), key
        lines = client.get("/overview/?format=csv").content.decode().splitlines()
        assert "Prairie Health,Network member,suspended,USD,1560000,0,0,140400,0,0,2027-01-01" in lines[2]


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
