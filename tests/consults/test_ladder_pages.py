"""The pages and the REST addresses on which a ladder is set and its last rung is named: what they do, and for whom."""

from typing import Any

import pytest

from consults.ladder_forms import FIGURES, LadderForm
from consults.models import LadderVersion, MedicalDirector
from consults.services import ladders
from portal.common.models import AuditEvent
from tests.cast import Cast
from tests.consults.test_api import Api, problem
from tests.consults.test_promise_pages import ask

pytestmark = pytest.mark.django_db
SECTION, NETWORK, DIRECTOR = (
    "/sections/cardiology/escalation/",
    "/promises/escalation/",
    "/promises/escalation/director/",
)
REST = "specialties/cardiology/escalation/"


def figures(**changed: object) -> dict[str, Any]:
    """The standard ladder as the form is sent, with what is changed; an unticked box is not sent."""
    data = {name: value for name, value in LadderForm.of(LadderVersion()).items() if value is not False}
    return data | changed


def test_a_lead_sets_the_ladder_of_the_section(cast: Cast) -> None:
    assert "nothing of its own" in ask(cast.lead, SECTION).content.decode()
    data = figures(backup_percent=60, director_minutes=-30, working_days="on")
    assert ask(cast.lead, SECTION, data).status_code == 302
    row = LadderVersion.objects.get()
    assert (row.specialty, row.number, row.made_by) == (cast.cardiology, 1, cast.lead)
    assert (row.backup_percent, row.director_minutes, row.working_days) == (60, -30, True)
    assert ask(cast.lead, SECTION, figures()).status_code == 302
    assert "Version 2 of this section" in ask(cast.lead, SECTION).content.decode()
    assert ladders.holding(cast.hospital_medicine.pk) is None
    assert AuditEvent.objects.filter(action="ladder.set", object_id="cardiology").count() == 2


def test_an_administrator_sets_what_holds_for_every_section_without_its_own(cast: Cast) -> None:
    assert ask(cast.network_admin, NETWORK, figures(close_after=21)).status_code == 302
    row = LadderVersion.objects.get()
    assert row.specialty is None
    assert ladders.holding(cast.cardiology.pk) == row
    page = ask(cast.lead, SECTION).content.decode()
    assert "here stands what holds for the network" in page
    assert 'value="21"' in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"backup_percent": "301"}, "backup_percent"),
        ({"lead_minutes": "20000"}, "lead_minutes"),
        ({"assignee_percent": ""}, "assignee_percent"),
        ({"second_reminder": "2"}, "second_reminder"),
        ({"close_after": "8"}, "close_after"),
    ],
)
def test_what_is_wrong_is_named(cast: Cast, change: dict[str, str], field: str) -> None:
    response = ask(cast.lead, SECTION, figures(**change))
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert not LadderVersion.objects.exists()


def test_the_medical_director_is_named_and_taken_back(cast: Cast) -> None:
    assert "nobody is told of it" in ask(cast.network_admin, NETWORK).content.decode()
    assert ask(cast.network_admin, DIRECTOR, {"director": cast.network_admin.email}).status_code == 302
    assert ladders.director() == cast.network_admin
    assert "is the network" in ask(cast.lead, SECTION).content.decode()
    assert ask(cast.network_admin, DIRECTOR, {"director": ""}).status_code == 302
    assert not MedicalDirector.objects.exists()


def test_nobody_is_director_who_would_not_see_the_consults(cast: Cast) -> None:
    response = ask(cast.network_admin, DIRECTOR, {"director": cast.clinician_prairie.email})
    assert list(response.context["director_form"].errors) == ["director"]
    assert not MedicalDirector.objects.exists()


@pytest.mark.parametrize(
    "who",
    ["clinician_prairie", "clinician_lakeside", "admin_prairie", "specialist", "editor", "auditor", "network_admin"],
)
def test_only_the_lead_sets_a_section(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    assert ask(person, SECTION).status_code == 403
    assert ask(person, SECTION, figures()).status_code == 403
    problem(Api(person).post(REST, {"close_after": 20}), 403)
    assert not LadderVersion.objects.exists()


@pytest.mark.parametrize("who", ["clinician_prairie", "admin_prairie", "specialist", "lead", "editor", "auditor"])
def test_only_administrators_set_the_network(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    assert ask(person, NETWORK).status_code == 403
    assert ask(person, NETWORK, figures()).status_code == 403
    assert ask(person, DIRECTOR, {"director": cast.network_admin.email}).status_code == 403
    assert not LadderVersion.objects.exists()
    assert not MedicalDirector.objects.exists()


def test_a_section_that_is_not_there(cast: Cast) -> None:
    assert ask(cast.lead, "/sections/nothing/escalation/").status_code == 404
    problem(Api(cast.lead).get("specialties/nothing/escalation/"), 404)
    problem(Api(cast.lead).post("specialties/nothing/escalation/"), 404)


def test_over_rest(cast: Cast) -> None:
    api = Api(cast.lead)
    standard = api.get(REST).json()
    assert (standard["number"], standard["close_after"]) == (0, 14)
    assert set(FIGURES) < set(standard)
    made = api.post(REST, {"lead_percent": 90, "close_after": 20}, key="one")
    assert made.status_code == 200, made.content
    assert (made.json()["number"], made.json()["lead_percent"], made.json()["close_after"]) == (1, 90, 20)
    assert api.post(REST, {"lead_percent": 90, "close_after": 20}, key="one").json() == made.json()
    assert LadderVersion.objects.count() == 1
    refused = problem(api.post(REST, {"close_after": 6}), 400)
    assert [error["field"] for error in refused["errors"]] == ["close_after"]
    problem(Api(None).get(REST), 401)


def test_the_networks_ladder_and_its_top_over_rest(cast: Cast) -> None:
    api = Api(cast.network_admin)
    assert api.get("ladder/").json()["number"] == 0
    assert api.post("ladder/", {"close_after": 21}).json()["close_after"] == 21
    assert Api(cast.lead).get(REST).json()["close_after"] == 21, "what holds where a section has none"
    named = {"person": cast.network_admin.email}
    assert api.get("ladder/director/").json() == {"person": None}
    assert api.post("ladder/director/", named).json() == named
    problem(api.post("ladder/director/", {"person": cast.lead.email}), 400)
    for person in (cast.lead, cast.auditor, cast.clinician_prairie):
        problem(Api(person).post("ladder/", {}), 403)
        problem(Api(person).get("ladder/director/"), 403)
        for address in (None, cast.network_admin.email, "nobody@network.example"):
            problem(Api(person).post("ladder/director/", {"person": address}), 403)
        assert Api(person).get("ladder/").status_code == 200
    assert api.get("ladder/director/").json() == named


def test_anyone_signed_in_may_read_what_holds(cast: Cast) -> None:
    assert Api(cast.clinician_prairie).get(REST).status_code == 200
