"""What the ask page lets one expect: who answers, the spread of real answers, and the rota where those are few."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consults.models import Consult, OnCallDay
from consults.services import expecting, promising, rota
from portal.members.models import Organization, Role, Specialty
from tests.cast import Cast, away, sign_in
from tests.consults.helpers import NOON, answered

pytestmark = pytest.mark.django_db
TYPED = {"question": "Which dose of apixaban at an eGFR of 22?", "specialty": "cardiology", "summary": "AF."}
HTMX = {"HX-Request": "true"}


def on_call(cast: Cast, first: int = 0, days: int = 1) -> None:
    today = rota.today(NOON)
    for number in range(first, first + days):
        OnCallDay.objects.create(specialty=cast.cardiology, day=today + timedelta(days=number), primary=cast.specialist)


class TestRota:
    def test_who_looks_next_by_the_rota(self, cast: Cast) -> None:
        """Noon UTC is six in Chicago; whoever is on call looks from eight to twenty there."""
        assert expecting.next_by_rota(cast.cardiology, now=NOON) is None
        on_call(cast)
        looks = expecting.next_by_rota(cast.cardiology, now=NOON)
        assert looks is not None
        assert (looks.person, looks.since, looks.is_now) == (cast.specialist, NOON + timedelta(hours=2), False)
        later = expecting.next_by_rota(cast.cardiology, now=NOON + timedelta(hours=3))
        assert later is not None
        assert later.is_now
        assert expecting.next_by_rota(cast.cardiology, now=NOON + timedelta(hours=15)) is None

    def test_nobody_away_is_named(self, cast: Cast) -> None:
        on_call(cast, days=2)
        away(cast.specialist, NOON + timedelta(hours=20))
        looks = expecting.next_by_rota(cast.cardiology, now=NOON)
        assert looks is not None
        assert looks.since == NOON + timedelta(days=1, hours=2), "back by the day after"

    def test_the_page_says_so_in_words_where_answers_are_few(self, cast: Cast, client: Client) -> None:
        OnCallDay.objects.create(specialty=cast.cardiology, day=rota.today(timezone.now()), primary=cast.specialist)
        OnCallDay.objects.create(
            specialty=cast.cardiology, day=rota.today(timezone.now()) + timedelta(days=1), primary=cast.specialist
        )
        sign_in(client, cast.clinician_prairie)
        page = client.post("/ask/draft/", TYPED, headers=HTMX).content.decode()
        assert "too few recent answers" in page
        assert f"By the rota, {cast.specialist.name} looks at new questions" in page
        assert f"On call today: {cast.specialist.name}." in page


def test_each_urgency_as_the_promises_choose_it(cast: Cast) -> None:
    promising.define_promise(by=cast.network_admin, urgency="urgent", answer=timedelta(hours=8))
    promising.define_promise(by=cast.network_admin, urgency="urgent", answer=timedelta(hours=4))
    promising.define_promise(
        by=cast.network_admin, urgency="urgent", answer=timedelta(hours=2), specialty=cast.cardiology
    )

    def hours(specialty: Specialty, place: Organization | None = cast.prairie) -> list[float]:
        found = expecting.promised(place, specialty, urgencies=["standard", "urgent"], now=NOON)
        for one in found.values():
            assert one.due_at == NOON + one.length
        return [one.length.total_seconds() / 3600 for one in found.values()]

    assert hours(cast.cardiology) == [48, 2]
    assert hours(cast.hospital_medicine) == [48, 4], "the newest version"
    row = Consult(organization=cast.prairie, specialty=cast.cardiology, urgency="urgent")
    version = promising.promise_for(row)
    assert version is not None
    assert version.answer_seconds == 7200, "as the service that sends will have it"


class TestPanel:
    def panel(self, client: Client, **more: Any) -> str:
        return str(client.post("/ask/draft/", TYPED | more, headers=HTMX).content.decode())

    def test_the_spread_stands_with_its_n(self, cast: Cast, client: Client) -> None:
        for _ in range(11):
            answered(cast)
        now = timezone.now()
        for number, row in enumerate(Consult.objects.order_by("pk")):
            Consult.objects.filter(pk=row.pk).update(
                submitted_at=now - timedelta(hours=20), answered_at=now - timedelta(hours=20 - number)
            )
        sign_in(client, cast.clinician_lakeside)
        page = self.panel(client)
        assert "half of the last 11 answers came within" in page
        assert "the middle half between 2 h 30 min and 7 h 30 min" in page

    def test_who_answers_as_the_directory_shows_them(self, cast: Cast, client: Client) -> None:
        from portal.members.models import SpecialistProfile

        sign_in(client, cast.clinician_prairie)
        page = self.panel(client)
        assert all(person.name in page for person in (cast.specialist, cast.specialist2, cast.lead))
        SpecialistProfile.objects.create(person=cast.specialist2, is_listed=False)
        panel = self.panel(client).partition('id="ask-assignee"')[0]
        assert cast.specialist2.name not in panel, "who is not listed is not named here"

    def test_the_panel_asks_the_same_number_of_queries_for_many(self, cast: Cast, client: Client) -> None:
        from tests.cast import give, make_person

        sign_in(client, cast.clinician_prairie)
        self.panel(client)
        with CaptureQueriesContext(connection) as few:
            self.panel(client)
        for number in range(18):
            person = make_person(f"more{number}@network.example", f"More {number}")
            give(person, Role.Name.SPECIALIST, specialties=(cast.cardiology,))
        on_call(cast, days=6)
        with CaptureQueriesContext(connection) as many:
            self.panel(client)
        assert len(many) <= len(few) + 2, "the rota's people and their absences, once"
