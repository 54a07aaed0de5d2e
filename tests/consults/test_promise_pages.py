"""The pages on which promises are made, and where clinicians and section leads meet them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consults.models import CalendarVersion, Consult, Promise, PromiseVersion
from consults.services import promising
from portal.members.models import Person
from tests.cast import Cast, sign_in
from tests.consults.helpers import claimed
from tests.consults.test_api import QUESTION, Api, problem
from tests.consults.test_promises import calendar, define

pytestmark = pytest.mark.django_db
HOURS = {f"day{number}": "08:00-12:00, 13:00 – 17:00" for number in range(5)}
CALENDAR = HOURS | {"name": "Office", "zone": "America/Chicago", "country": "US", "region": "KS"}


def ask(person: Person, path: str, data: dict[str, Any] | None = None) -> Any:
    client = sign_in(Client(), person)
    return client.post(path, data) if data is not None else client.get(path)


def test_a_calendar_and_a_promise_are_made_and_made_anew(cast: Cast) -> None:
    admin = cast.network_admin
    made = CALENDAR | {"closed": "2026-12-23 Section day\n2026-12-25", "short": "2026-12-31 08:00-12:00"}
    assert ask(admin, "/promises/calendars/new/", made).status_code == 302
    version = CalendarVersion.objects.get()
    assert version.week == [[["08:00", "12:00"], ["13:00", "17:00"]]] * 5 + [[], []]
    assert version.closed["2026-12-23"] == "Section day"
    assert version.short == {"2026-12-31": [["08:00", "12:00"]]}
    data = {"urgency": "soon", "answer": "16", "response": "60", "calendar": str(version.pk)}
    assert ask(admin, "/promises/new/", data).status_code == 302
    promise = PromiseVersion.objects.get()
    assert (promise.answer_seconds, promise.response_seconds, promise.calendar) == (57_600, 3600, version)
    page = ask(admin, "/promises/").content.decode()
    for words in ("Soon", "16 h", "1 h", "Office, version 1", "Only working hours counted (Mon–Fri"):
        assert words in page
    again = ask(admin, f"/promises/calendars/{version.calendar_id}/")
    form = again.context["form"]
    assert form["closed"].value() == "2026-12-23 Section day", "public holidays come from the country"
    assert form["day0"].value() == "08:00-12:00, 13:00-17:00"
    assert ask(admin, f"/promises/{promise.promise_id}/").context["form"]["answer"].value() == 16
    assert ask(admin, f"/promises/{promise.promise_id}/", data | {"answer": "8"}).status_code == 302
    assert PromiseVersion.objects.filter(promise=promise.promise).count() == 2
    assert ask(admin, f"/promises/{promise.promise_id}/end/", {}).url == "/promises/"
    assert Promise.objects.get().ended_at


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"day0": "8 to 12"}, "day0"),
        ({"day0": "12:00-08:00"}, "day0"),
        ({"closed": "Christmas"}, "closed"),
        ({"short": "2026-12-31 morning"}, "short"),
        ({"name": ""}, "name"),
        ({"region": "XX"}, "country"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_lost(cast: Cast, change: dict[str, str], field: str) -> None:
    response = ask(cast.network_admin, "/promises/calendars/new/", CALENDAR | change)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert "08:00-12:00, 13:00 – 17:00" in response.content.decode()
    assert not CalendarVersion.objects.exists()


def test_a_promise_that_contradicts_itself(cast: Cast) -> None:
    response = ask(cast.network_admin, "/promises/new/", {"urgency": "urgent", "answer": "1", "response": "90"})
    assert "response" in response.context["form"].errors


@pytest.mark.parametrize("who", ["clinician_prairie", "admin_prairie", "specialist", "lead", "editor", "auditor"])
def test_only_network_administrators(cast: Cast, who: str) -> None:
    promise = define(cast).promise
    for path in ("/promises/", "/promises/new/", f"/promises/{promise.pk}/", "/promises/calendars/new/"):
        assert ask(getattr(cast, who), path).status_code == 403
    assert ask(getattr(cast, who), f"/promises/{promise.pk}/end/", {}).status_code == 403
    assert Promise.objects.get().ended_at is None


class TestAsking:
    def test_urgencies_are_offered_only_when_something_is_promised(self, cast: Cast) -> None:
        assert "How soon" not in ask(cast.clinician_prairie, "/ask/").content.decode()
        define(cast)
        page = ask(cast.clinician_prairie, "/ask/").content.decode()
        assert "How soon do you need it?" in page
        assert "within 48 hours" in page

    def test_the_promise_beside_the_button_is_that_of_the_choice(self, cast: Cast) -> None:
        define(cast)
        data = {"question": "Which dose of apixaban?", "urgency": "urgent", "specialty": "cardiology"}
        response = ask(cast.clinician_prairie, "/ask/draft/", data)
        due = response.context["promise_due"] - timezone.now()
        assert timedelta(hours=3, minutes=59) < due <= timedelta(hours=4)
        assert "within 4 hours" in response.content.decode()
        assert Consult.objects.get().urgency == "urgent"

    def test_which_time_counts_is_said(self, cast: Cast) -> None:
        define(cast, urgency="standard", hours=16, calendar=calendar(cast))
        assert "only working hours counted" in ask(cast.clinician_prairie, "/ask/").content.decode()

    def test_sent_with_its_urgency(self, cast: Cast) -> None:
        define(cast)
        data = QUESTION | {"urgency": "urgent", "send": "1"}
        response = ask(cast.clinician_prairie, "/ask/", data)
        consult = Consult.objects.get()
        assert response.url == consult.get_absolute_url()
        assert (consult.urgency, consult.promised_seconds) == ("urgent", 4 * 3600)


class TestChanging:
    def test_the_section_lead_changes_it_from_the_page(self, cast: Cast) -> None:
        define(cast)
        consult = claimed(cast)
        page = ask(cast.lead, consult.get_absolute_url())
        assert "Change how urgent it is" in page.content.decode()
        assert ask(cast.lead, f"{consult.get_absolute_url()}retarget/", {"urgency": "urgent"}).status_code == 302
        consult.refresh_from_db()
        assert consult.promised_seconds == 4 * 3600
        page_now = ask(cast.clinician_prairie, consult.get_absolute_url()).content.decode()
        assert "Promised anew" in page_now

    @pytest.mark.parametrize("who", ["clinician_prairie", "specialist"])
    def test_nobody_else(self, cast: Cast, who: str) -> None:
        define(cast)
        consult = claimed(cast)
        person = getattr(cast, who)
        assert "Change how urgent" not in ask(person, consult.get_absolute_url()).content.decode()
        assert ask(person, f"{consult.get_absolute_url()}retarget/", {"urgency": "urgent"}).status_code == 403
        problem(Api(person).post(f"consults/{consult.number}/retarget/", {"urgency": "urgent"}), 403)

    def test_over_rest(self, cast: Cast) -> None:
        define(cast, response=timedelta(minutes=30))
        created = Api(cast.clinician_prairie).post("consults/", QUESTION | {"urgency": "urgent"}).json()
        assert (created["urgency"], created["clock"]["promised_hours"]) == ("urgent", 4.0)
        assert created["response_due_at"]
        lead = Api(cast.lead)
        changed = lead.post(f"consults/{created['number']}/retarget/", {"urgency": "standard"})
        assert changed.json()["clock"]["promised_hours"] == 48.0
        problem(lead.post(f"consults/{created['number']}/retarget/", {"urgency": "standard"}), 400)


def test_the_list_asks_as_much_for_many_as_for_one(cast: Cast) -> None:
    client = sign_in(Client(), cast.network_admin)
    client.get("/promises/")
    counts = []
    for organizations in ([None], [cast.prairie, cast.lakeside]):
        for place in organizations:
            office = promising.define_calendar(
                by=cast.network_admin,
                name=f"For {place}",
                zone="UTC",
                week=[[["08:00", "12:00"]]] * 7,
                today=date(2026, 11, 24),
            )
            define(cast, organization=place, calendar=office)
        with CaptureQueriesContext(connection) as seen:
            client.get("/promises/")
        counts.append(len(seen))
    assert counts[0] == counts[1]
