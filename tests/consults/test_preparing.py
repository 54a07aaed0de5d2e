"""What a requester bills for preparing: they alone, where their organization does so, within the conditions."""

from typing import Any

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError
from django.test import Client

from consults.models import Consult, Preparation, PreparationPolicy, Statement
from consults.services import people, preparing
from portal.common import tenancy
from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Organization, Person, Role
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import IN_STATE, after, answered, claimed
from tests.consults.test_after_the_answer import flat
from tests.consults.test_api import Api

pytestmark = pytest.mark.django_db
WHY = "Ten minutes only"


@pytest.fixture(autouse=True)
def _bills(cast: Cast) -> None:
    preparing.set_policy(by=cast.admin_prairie, organization=cast.prairie, bills=True, at=after(0))


def consented(consult: Consult) -> Consult:
    Statement.objects.create(
        consult=consult, kind="consent", wording=1, sentence="s", made_by=consult.requester, made_at=after(0)
    )
    return consult


def prepared(consult: Consult, by: Person, **said: Any) -> Preparation:
    values: dict[str, Any] = {
        "minutes": 20,
        "billed_lately": False,
        "refused_because": "",
        "is_refused": False,
        "at": after(6),
    }
    return preparing.decide(consult, by=by, **(values | said))


def administrator_of(place: Organization) -> Person:
    return give(
        make_person("admin@lakeside.example", "Liv Ek"), Role.Name.ORGANIZATION_ADMINISTRATOR, organization=place
    )


def everybody_else(cast: Cast) -> list[Person]:
    colleague = give(make_person("second@prairie.example", "Ana Sol"), Role.Name.CLINICIAN, organization=cast.prairie)
    staff = [cast.specialist, cast.specialist2, cast.lead, cast.editor, cast.network_admin, cast.auditor]
    return [colleague, cast.admin_prairie, cast.clinician_lakeside, *staff]


class TestDeciding:
    def test_confirmed_then_refused_instead(self, cast: Cast) -> None:
        consult = consented(answered(cast))
        made = prepared(consult, cast.clinician_prairie)
        assert (made.code, made.minutes) == ("99452", 20)
        prepared(consult, cast.clinician_prairie, minutes=10, refused_because=WHY, is_refused=True)
        row = Preparation.objects.get()
        assert (row.code, row.minutes, row.refused_because) == ("", 10, WHY)
        assert AuditEvent.objects.filter(action="consult.preparation").count() == 2

    @pytest.mark.parametrize(
        "said",
        [
            {"minutes": 15},
            {"minutes": 31},
            {"minutes": 0},
            {"minutes": 601},
            {"billed_lately": None},
            {"billed_lately": True},
            {"is_refused": True, "refused_because": " \0"},
            {"is_refused": True, "refused_because": "w" * 201},
            {"is_refused": True, "refused_because": WHY, "minutes": 0},
        ],
    )
    def test_not_where_a_condition_does_not_hold(self, cast: Cast, said: dict[str, Any]) -> None:
        consult = consented(answered(cast))
        with pytest.raises(Invalid):
            prepared(consult, cast.clinician_prairie, **said)
        assert not Preparation.objects.exists()

    def test_not_without_consent_recorded_at_asking(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="consent"):
            prepared(answered(cast), cast.clinician_prairie)

    @pytest.mark.parametrize("state", [state for state in IN_STATE if state not in ("answered", "closed")])
    def test_not_before_the_answer_nor_without_one(self, cast: Cast, state: str) -> None:
        with pytest.raises(Refused if state == "draft" else Conflict):
            prepared(consented(IN_STATE[state](cast)), cast.clinician_prairie)

    def test_not_where_the_organization_does_not_bill(self, cast: Cast) -> None:
        consult = consented(answered(cast))
        path = f"consults/{consult.number}/preparation/"
        client, api = sign_in(Client(), cast.clinician_prairie), Api(cast.clinician_prairie)
        assert "Your preparation" in client.get(f"/consults/{consult.number}/").content.decode()
        preparing.set_policy(by=cast.admin_prairie, organization=cast.prairie, bills=False, at=after(1))
        with pytest.raises(Refused):
            prepared(consult, cast.clinician_prairie)
        assert "Your preparation" not in client.get(f"/consults/{consult.number}/").content.decode()
        assert [client.get(f"/{path}").status_code, api.get(path).status_code, api.post(path).status_code] == [404] * 3

    def test_nobody_else_decides_or_reads(self, cast: Cast) -> None:
        consult = consented(answered(cast))
        path = f"consults/{consult.number}/preparation/"
        for person in everybody_else(cast):
            with pytest.raises(Refused):
                prepared(consult, person)
            page, api = sign_in(Client(), person), Api(person)
            assert [page.get(f"/{path}").status_code, page.post(f"/{path}").status_code] == [404, 404], person
            assert [api.get(path).status_code, api.post(path).status_code] == [404, 404], person
            seen = page.get(f"/consults/{consult.number}/")
            assert seen.status_code == 404 or path not in seen.content.decode(), person
        assert not Preparation.objects.exists()

    def test_handed_on_it_is_for_who_asks_now(self, cast: Cast) -> None:
        colleague = everybody_else(cast)[0]
        consult = claimed(cast)
        people.pass_on(consult, by=cast.clinician_prairie, to=colleague, at=after(2))
        with pytest.raises(Refused):
            prepared(consented(consult), cast.clinician_prairie)

    def test_the_database_holds_to_it(self, cast: Cast) -> None:
        consult = consented(answered(cast))
        row = {"consult": consult, "minutes": 20, "code": "99452", "decided_at": after(6)}
        for person in (cast.specialist, cast.admin_prairie):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                Preparation.objects.create(person=person, **row)
        prepared(consult, cast.clinician_prairie)
        for place, n in ((cast.prairie, 1), (cast.lakeside, 0)):
            with tenancy.only([place.pk]):
                assert (Preparation.objects.count(), PreparationPolicy.objects.count()) == (n, n)
        with tenancy.only([cast.lakeside.pk]):
            assert Preparation.objects.update(minutes=1) == PreparationPolicy.objects.update(bills=False) == 0


class TestPolicy:
    def test_only_ones_own_administrator_sets_it_and_sees_the_month(self, cast: Cast) -> None:
        prepared(consented(answered(cast)), cast.clinician_prairie)
        path = "organizations/prairie/preparation/"
        others = [one for one in everybody_else(cast) if one != cast.admin_prairie]
        for person in (*others, cast.clinician_prairie, administrator_of(cast.lakeside)):
            with pytest.raises(Refused):
                preparing.set_policy(by=person, organization=cast.prairie, bills=False, at=after(1))
            page, api = sign_in(Client(), person), Api(person)
            assert [page.get(f"/{path}").status_code, page.post(f"/{path}").status_code] == [404, 404], person
            assert [api.get(path).status_code, api.post(path, {"bills": False}).status_code] == [404, 404], person
            assert not preparing.of_organization(cast.prairie, by=person).exists()
        assert PreparationPolicy.objects.get().bills

    def test_by_page_and_over_rest(self, client: Client, cast: Cast) -> None:
        path, api = "organizations/prairie/preparation/", Api(cast.admin_prairie)
        assert sign_in(client, cast.admin_prairie).post(f"/{path}", {"bills": "no"}).status_code == 302
        assert api.get(path).json() == {"bills": False, "decisions": []}
        assert api.post(path, {}).status_code == 400
        assert api.post(path, {"bills": True}).json()["bills"] is True
        assert AuditEvent.objects.filter(action="set preparation").count() == 3


class TestMonth:
    def test_ones_own_and_ones_organizations_without_the_question(self, cast: Cast) -> None:
        consult = consented(answered(cast))
        prepared(consult, cast.clinician_prairie)
        own, whole = "/preparation/?month=2026-11", "/organizations/prairie/preparation/?month=2026-11"
        for person, page in ((cast.clinician_prairie, own), (cast.admin_prairie, whole)):
            client = sign_in(Client(), person)
            for address in (page, f"{page}&format=csv"):
                shown = client.get(address).content.decode()
                assert consult.number in shown
                assert "99452" in shown
                assert "apixaban" not in shown
            assert consult.number not in client.get(page.replace("11", "10")).content.decode()
            assert client.get(page.replace("2026-11", "nonsense")).status_code == 200
        assert consult.get_absolute_url() not in sign_in(Client(), cast.admin_prairie).get(whole).content.decode()
        listed = Api(cast.admin_prairie).get("organizations/prairie/preparation/", month="2026-11").json()["decisions"]
        assert listed == Api(cast.clinician_prairie).get("preparation/", month="2026-11").json()
        assert (listed[0]["number"], listed[0]["minutes"], listed[0]["code"]) == (consult.number, 20, "99452")

    def test_nobody_elses(self, cast: Cast) -> None:
        prepared(consented(answered(cast)), cast.clinician_prairie)
        for person in everybody_else(cast):
            page = sign_in(Client(), person).get("/preparation/?month=2026-11")
            rest = Api(person).get("preparation/", month="2026-11")
            if person.actor.clinician_in:
                assert "99452" not in page.content.decode()
                assert rest.json() == []
            else:
                assert (page.status_code, rest.status_code) == (404, 404), person

    @pytest.mark.parametrize("who", ["clinician_prairie", "admin_prairie"])
    def test_asks_no_more_of_the_database_with_more_rows(self, client: Client, cast: Cast, who: str) -> None:
        own = who == "clinician_prairie"
        path = f"{'/preparation/' if own else '/organizations/prairie/preparation/'}?month=2026-11"
        sign_in(client, getattr(cast, who))

        def more() -> None:
            prepared(consented(answered(cast)), cast.clinician_prairie)

        for address in (path, f"{path}&format=csv"):
            Preparation.objects.all().delete()
            flat(client, address, more)


class TestPageAndRest:
    def test_the_page(self, client: Client, cast: Cast) -> None:
        consult = consented(answered(cast))
        page = f"/consults/{consult.number}/preparation/"
        first = sign_in(client, cast.clinician_prairie).get(page).content.decode()
        assert "16 to 30 minutes of preparing (none recorded)" in first
        assert "14 days" not in first
        checked = client.post(page, {"minutes": "20", "billed_lately": "no", "check": "1"}).content.decode()
        assert "Suggested" in checked
        assert not Preparation.objects.exists()
        assert (
            "Not billable"
            in client.post(page, {"minutes": "31", "billed_lately": "no", "confirm": "1"}).content.decode()
        )
        assert client.post(page, {"minutes": "20", "billed_lately": "no", "confirm": "1"}).status_code == 302
        assert "You confirmed 99452 with 20 minutes" in client.get(page).content.decode()

    def test_before_the_answer_it_says_when(self, client: Client, cast: Cast) -> None:
        page = f"/consults/{claimed(cast).number}/preparation/"
        shown = sign_in(client, cast.clinician_prairie).get(page).content.decode()
        assert "once your question is answered" in shown
        assert "Confirm the code" not in shown

    def test_over_rest(self, cast: Cast) -> None:
        path, api = f"consults/{consented(answered(cast)).number}/preparation/", Api(cast.clinician_prairie)
        first = api.get(path).json()
        assert (first["minutes"], first["suggested"], first["decided"]) == (None, "", None)
        assert api.post(path, {"minutes": 20}).status_code == 400, "one condition is not said yet"
        assert api.post(path, {"minutes": 20, "billed_lately": False}).json()["decided"] == "99452"
        assert api.post(path, {"minutes": 9, "refused_because": WHY}).json()["decided"] == ""
        assert api.get(path).json()["minutes"] == 9
