"""Each kind of file: who may have it, whose rows are in it, and that nothing anybody wrote about a patient is."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from consults.models import Outcome
from consults.services import sending
from portal.common import exports, tenancy
from portal.common.refusals import Invalid
from portal.members.models import Person, Role
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import closed, drafted
from tests.consults.test_api import Api
from tests.portal.fees.helpers import NOON, billed, later, noon, paid, signed

pytestmark = pytest.mark.django_db

OF_MEMBERS = {"admin_prairie", "network_admin", "auditor"}
WHO = {
    "audit": {"admin_prairie", "auditor"},
    "invoices": OF_MEMBERS,
    "payments": OF_MEMBERS,
    "postings": OF_MEMBERS,
    "usage": OF_MEMBERS,
    "members": {"network_admin", "auditor"},
    "consult-figures": OF_MEMBERS | {"specialist", "specialist2", "lead"},
}
EVERYBODY = [
    *("clinician_prairie", "admin_prairie", "clinician_lakeside", "specialist", "specialist2", "lead"),
    *("editor", "reviewer", "network_admin", "auditor"),
]


def rows_of(person: Person, key: str, **given: str) -> list[dict[str, Any]]:
    """All rows of the file, as a worker takes them: behind the walls of the person, two at a time."""
    person, kind = Person.objects.get(pk=person.pk), exports.kind_of(key)
    assert kind
    asked, after, found = exports.read(kind, person, given), "", list[dict[str, Any]]()
    with tenancy.within(person.actor.scope):
        source = kind.source(person, json.loads(json.dumps(asked)), timezone.now())
        count = source.count(1000)
        while True:
            part = source.part(after, 2)
            found += part.rows
            after = part.following
            if not after:
                break
    assert count == len(found)
    assert all(list(row) == list(kind.columns) for row in found)
    return found


@pytest.fixture
def admin_lakeside(cast: Cast) -> Person:
    person = make_person("admin@lakeside.example", "Liv Ek")
    return give(person, Role.Name.ORGANIZATION_ADMINISTRATOR, organization=cast.lakeside)


def test_who_may_have_which(cast: Cast) -> None:
    for who in EVERYBODY:
        person = getattr(cast, who)
        mine = {kind.key for kind in exports.kinds_for(person)}
        assert mine == {key for key, people in WHO.items() if who in people}, who
        assert {row["key"] for row in Api(person).get("exports/kinds/").json()} == mine
        for key in WHO:
            answer = Api(person).post("exports/", {"kind": key, "format": "csv"})
            assert answer.status_code == (202 if who in WHO[key] else 403), (who, key)
            person.exports.all().delete()


def test_money_is_of_ones_own_organization(cast: Cast, admin_lakeside: Person) -> None:
    agreement = signed(cast)
    invoice = billed(cast, agreement)
    paid(cast, invoice.account, 100_00)
    with time_machine.travel(later(1), tick=False):
        for person in (cast.admin_prairie, cast.network_admin, cast.auditor):
            (row,) = rows_of(person, "invoices")
            assert (row["number"], row["organization"]) == (invoice.number, "Prairie Health")
            assert row["open_cents"] == row["total_cents"] - 100_00
            (money,) = rows_of(person, "payments")
            assert (money["cents"], money["left_cents"]) == (100_00, 0)
            sides = rows_of(person, "postings")
            sums: dict[int, int] = {}
            for side in sides:
                sums[side["entry"]] = sums.get(side["entry"], 0) + side["cents"]
            assert len(sums) == 3
            assert set(sums.values()) == {0}
        for key in ("invoices", "payments", "postings", "usage"):
            assert rows_of(admin_lakeside, key) == [], key
            assert rows_of(cast.network_admin, key, organization="lakeside") == [], key
            with pytest.raises(Invalid):
                rows_of(admin_lakeside, key, organization="prairie")


def test_money_is_narrowed_as_the_lists_are(cast: Cast) -> None:
    agreement = signed(cast)
    billed(cast, agreement)
    billed(cast, agreement, 1, at=later(31))
    with time_machine.travel(later(40), tick=False):
        who = cast.network_admin
        assert len(rows_of(who, "invoices", since="2026-01-15")) == 1
        assert len(rows_of(who, "invoices", state="overdue")) == 1
        assert rows_of(who, "payments", state="left") == []
        days = {row["day"] for row in rows_of(who, "postings", until="2026-01-31")}
        assert days == {date(2026, 1, 1)}
        for key, wrong in (
            ("invoices", {"state": "none-such"}),
            ("payments", {"state": "overdue"}),
            ("postings", {"state": "open"}),
            ("postings", {"since": "yesterday"}),
            ("usage", {"since": "2026-01-01"}),
            ("members", {"show": "none-such"}),
        ):
            with pytest.raises(Invalid):
                rows_of(who, key, **wrong)


def test_what_is_booked_after_it_was_asked_for_is_not_in_it(cast: Cast) -> None:
    billed(cast, signed(cast))
    with time_machine.travel(NOON - timedelta(seconds=1), tick=False):
        assert rows_of(cast.network_admin, "postings") == []


def test_figures_of_consults_hold_nothing_anybody_wrote(cast: Cast, admin_lakeside: Person) -> None:
    consult = closed(cast)
    assert Outcome.objects.count() == 1
    for who in ("network_admin", "auditor", "lead", "specialist"):
        (row,) = rows_of(getattr(cast, who), "consult-figures")
        assert (row["consult"], row["specialist"], row["hours"]) == (consult.number, "Kofi Arden", 5.0), who
        assert (row["survey_course"], row["survey_value"], row["minutes"]) == ("new", 5, 12)
        text = json.dumps(row, default=str)
        for written in (consult.question, consult.summary, "twice daily", cast.clinician_prairie.name):
            assert written not in text
    (row,) = rows_of(cast.admin_prairie, "consult-figures")
    assert (row["consult"], row["specialist"], row["hours"]) == (None, None, 5.0), "as on the scoreboard"
    for person in (admin_lakeside, cast.specialist2):
        assert rows_of(person, "consult-figures") == []


def used(cast: Cast, *people: Person) -> int:
    """An agreement of Prairie's under which each asked once on the second of January."""
    agreement = signed(cast)
    for person in people:
        at = noon(date(2026, 1, 2))
        sending.send(drafted(cast, by=person, at=at), by=person, attested=False, at=at)
    return agreement.pk


def test_two_people_of_one_name_stay_two(cast: Cast, admin_lakeside: Person) -> None:
    other = make_person("dana2@prairie.example", "Dana Whitfield")
    give(other, Role.Name.CLINICIAN, organization=cast.prairie)
    number = used(cast, cast.clinician_prairie, cast.clinician_prairie, other)
    with time_machine.travel(later(10), tick=False):
        rows = rows_of(cast.admin_prairie, "usage")
        expected = [("clinician@prairie.example", Decimal(2)), ("dana2@prairie.example", Decimal(1))]
        assert [(row["email"], row["consults"]) for row in rows] == expected
        path = f"usage/{number}/people/"
        found = Api(cast.admin_prairie).get(path, what="consults").json()["results"]
        assert [(row["email"], Decimal(row["consults"])) for row in found] == expected
        assert Api(cast.admin_prairie).get(path, what="calls").json()["count"] == 0
        assert Api(cast.admin_prairie).get(path, what="tea").status_code == 400
        missing = Api(admin_lakeside).get("usage/999999/people/")
        for foreign in (Api(admin_lakeside).get(path), Api(admin_lakeside).get(f"usage/{number}/")):
            assert (foreign.status_code, foreign.content) == (404, missing.content)
        assert Api(cast.clinician_prairie).get(path).status_code == 403


def test_who_used_one_entitlement_on_the_page(cast: Cast) -> None:
    people = [make_person(f"p{n:02}@prairie.example", f"Person {n:02}") for n in range(27)]
    for person in people:
        give(person, Role.Name.CLINICIAN, organization=cast.prairie)
    number = used(cast, *people, people[26])
    with time_machine.travel(later(10), tick=False):
        client = sign_in(Client(), cast.admin_prairie)
        page = client.get(f"/usage/{number}/?what=consults").content.decode()
        assert page.index("Person 26") < page.index("Person 00"), "who used most comes first"
        assert "1 to 25 of 27" in page
        assert "Person 25" in client.get(f"/usage/{number}/?page=2").content.decode()
        assert len(client.get(f"/usage/{number}/?format=json").json()["people"]) == 27
        assert "Nothing was used yet" in client.get(f"/usage/{number}/?what=calls").content.decode()
