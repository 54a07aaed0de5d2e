"""The first page: what each role finds there, and that its figures are right and its own."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from consults.models import Consult
from consults.services import answering
from knowledge.models import Document, Recommendation, Revision
from knowledge.services import follow, publish_revision, record_reading
from portal.common import audit
from portal.members.models import Invitation, Person, Role, digest
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import drafted, sent
from tests.consults.test_asking import published

pytestmark = pytest.mark.django_db

SECTIONS = {
    "clinician": "What do you need to know?",
    "specialist": 'id="home-queue"',
    "administrator": 'id="home-turnaround"',
    "editor": 'id="home-overdue"',
    "auditor": 'id="home-audit"',
}


def home(person: Person) -> Any:
    response = sign_in(Client(), Person.objects.get(pk=person.pk)).get("/")
    assert response.status_code == 200
    return response


def text(response: Any) -> str:
    return str(response.content.decode())


def hours_ago(hours: float) -> datetime:
    return timezone.now() - timedelta(hours=hours)


def answered_in(cast: Cast, hours: float, *, days_ago: float = 5, by: Person | None = None) -> Consult:
    """A question answered after so many hours, asked so many days ago."""
    begun = timezone.now() - timedelta(days=days_ago)
    consult = sent(cast, by=by, to=cast.specialist, at=begun)
    at = begun + timedelta(hours=hours)
    return answering.answer(consult, by=cast.specialist, text="x", documents=[], minutes=1, at=at)


@pytest.mark.parametrize(
    ("who", "sections"),
    [
        ("clinician_prairie", {"clinician"}),
        ("admin_prairie", {"administrator"}),
        ("specialist", {"specialist"}),
        ("lead", {"specialist"}),
        ("editor", {"editor"}),
        ("network_admin", {"administrator"}),
        ("auditor", {"auditor"}),
    ],
)
def test_each_role_finds_its_own_sections(cast: Cast, who: str, sections: set[str]) -> None:
    page = text(home(getattr(cast, who)))
    assert {name for name, mark in SECTIONS.items() if mark in page} == sections


def test_several_roles_are_several_sections(cast: Cast) -> None:
    give(cast.clinician_prairie, Role.Name.ORGANIZATION_ADMINISTRATOR, organization=cast.prairie)
    page = text(home(cast.clinician_prairie))
    assert {name for name, mark in SECTIONS.items() if mark in page} == {"clinician", "administrator"}


class TestClinician:
    def test_my_open_and_answered_questions_and_my_drafts_and_nobody_elses(self, cast: Cast) -> None:
        late, fresh = sent(cast, at=hours_ago(49)), sent(cast, at=hours_ago(1))
        answer = answered_in(cast, 5)
        draft = drafted(cast)
        sent(cast, by=cast.clinician_lakeside)
        drafted(cast, by=cast.clinician_lakeside)
        context = home(cast.clinician_prairie).context
        assert [row.number for row in context["my_consults"]] == [answer.number, late.number, fresh.number]
        assert [row.number for row in context["my_drafts"]] == [draft.number]
        assert context["my_consults"][1].clock.is_late

    def test_what_changed_and_where_i_left_off(self, cast: Cast) -> None:
        document, retired = published("apixaban"), published("warfarin")
        Document.objects.filter(pk=retired.pk).update(retired_at=timezone.now())
        client = sign_in(Client(), cast.clinician_prairie)
        client.get(document.get_absolute_url())
        context: Any = client.get("/").context
        assert [row.slug for row in context["changed_documents"]] == ["apixaban"]
        assert [reading.document.slug for reading in context["left_off"]] == ["apixaban"]
        assert not home(cast.clinician_lakeside).context["left_off"]

    def test_nothing_yet_says_what_to_do(self, cast: Cast) -> None:
        page = text(home(cast.clinician_prairie))
        assert "No question is open" in page
        assert 'href="/ask/"' in page

    def test_what_waits_for_me_is_not_crowded_out(self, cast: Cast) -> None:
        for _ in range(8):
            sent(cast, at=hours_ago(1))
        consult = sent(cast, to=cast.specialist, at=hours_ago(3))
        answering.ask_back(consult, by=cast.specialist, text="Weight?", at=hours_ago(2))
        assert consult.number in text(home(cast.clinician_prairie))


def test_a_specialist_finds_the_queue_with_its_counts(cast: Cast) -> None:
    late, at_risk = sent(cast, at=hours_ago(49)), sent(cast, to=cast.specialist, at=hours_ago(42))
    context = home(cast.specialist).context
    assert [row.number for row in context["queue"]] == [late.number, at_risk.number]
    assert context["queue_counts"] == {"open": 2, "mine": 1, "waiting": 1, "late": 1, "at_risk": 1}


class TestAdministrator:
    def test_figures_of_an_organization_are_its_own(self, cast: Cast) -> None:
        for hours in (4, 6, 49):
            answered_in(cast, hours)
        answered_in(cast, 20, by=cast.clinician_lakeside)
        sent(cast, at=hours_ago(1))
        drafted(cast)
        context = home(cast.admin_prairie).context
        assert context["turnaround"]["n"] == 3
        assert context["turnaround"]["median_seconds"] == 6 * 3600
        assert context["turnaround"]["on_time_share"] == pytest.approx(2 / 3)
        [row] = context["organizations"]
        assert (row["slug"], row["people"], row["open_consults"], row["answered"]) == ("prairie", 2, 1, 3)
        assert row["on_time_share"] == pytest.approx(2 / 3)

    def test_the_network_sees_every_organization(self, cast: Cast) -> None:
        answered_in(cast, 4)
        answered_in(cast, 20, by=cast.clinician_lakeside)
        context = home(cast.network_admin).context
        assert [row["slug"] for row in context["organizations"]] == ["lakeside", "prairie"]
        assert (context["turnaround"]["n"], context["turnaround"]["median_seconds"]) == (2, 12 * 3600)

    def test_only_the_last_30_days_count_and_only_the_first_answer(self, cast: Cast) -> None:
        answered_in(cast, 5, days_ago=31)
        consult = answered_in(cast, 5)
        from consults.services import requesting

        requesting.reply(consult, by=cast.clinician_prairie, text="And then?", at=hours_ago(90))
        answering.answer(consult, by=cast.specialist, text="x", documents=[], minutes=1, at=hours_ago(10))
        turnaround = home(cast.network_admin).context["turnaround"]
        assert turnaround == {"n": 1, "median_seconds": 5 * 3600, "on_time_share": 1}, "late was the follow-up only"

    def test_nothing_answered_is_no_share(self, cast: Cast) -> None:
        page = text(home(cast.admin_prairie))
        assert "No consult was answered in the last 30 days" in page
        assert "none yet" in page

    def test_what_needs_an_administrator(self, cast: Cast) -> None:
        sent(cast, at=hours_ago(49))

        def invite(email: str, days: float, **fields: Any) -> None:
            Invitation.objects.create(
                email=email,
                role="clinician",
                digest=digest(email),
                expires_at=timezone.now() + timedelta(days=days),
                **{"organization": cast.prairie} | fields,
            )

        invite("soon@prairie.example", 2)
        invite("over@prairie.example", -1)
        invite("later@prairie.example", 9)
        invite("revoked@prairie.example", 2, revoked_at=timezone.now())
        invite("in@prairie.example", 2, accepted_at=timezone.now())
        invite("other@lakeside.example", 2, organization=cast.lakeside)
        rows = home(cast.admin_prairie).context["needs_attention"]
        words = [row["text"] for row in rows]
        assert words[0].startswith("1 consult is late.")
        assert rows[0]["url"] == "", "an administrator of an organization reads no consults"
        assert any("soon@prairie.example" in line and "less than three days" in line for line in words)
        assert any("over@prairie.example" in line and "has expired" in line for line in words)
        assert len(words) == 3
        assert home(cast.network_admin).context["needs_attention"][0]["url"] == "/consults/?whose=all"

    def test_no_question_is_shown_to_administrators(self, cast: Cast) -> None:
        consult = sent(cast, at=hours_ago(49))
        for person in (cast.admin_prairie, cast.network_admin):
            page = text(home(person))
            assert consult.question not in page
            assert consult.number not in page

    def test_deactivated_organizations_are_left_out(self, cast: Cast) -> None:
        cast.lakeside.deactivated_at = timezone.now()
        cast.lakeside.save()
        assert [row["slug"] for row in home(cast.network_admin).context["organizations"]] == ["prairie"]


class TestEditor:
    def due(self, document: Document, day: date) -> None:
        Revision.objects.filter(document=document).update(review_due=day)

    def test_documents_and_recommendations_past_their_date(self, cast: Cast) -> None:
        today = timezone.localdate(timezone=ZoneInfo(cast.editor.time_zone))
        for slug, days in (("overdue", -1), ("today", 0), ("later", 9)):
            self.due(published(slug), today + timedelta(days=days))
        by_recommendation = published("by-recommendation")
        assert by_recommendation.current_revision is not None
        Recommendation.objects.create(
            revision=by_recommendation.current_revision,
            position=1,
            key="r1",
            text="x",
            due_on=today - timedelta(days=3),
        )
        context = home(cast.editor).context
        assert {row.slug for row in context["overdue_documents"]} == {"overdue", "by-recommendation"}
        assert context["overdue_count"] == 2

    def test_the_day_is_the_readers(self, cast: Cast) -> None:
        self.due(published("today"), date(2027, 3, 3))
        with time_machine.travel(datetime(2027, 3, 4, 2, tzinfo=UTC), tick=False):  # still 3 March in Chicago
            assert not home(cast.editor).context["overdue_documents"]


def test_the_auditor_finds_the_latest_of_the_trail(cast: Cast) -> None:
    audit.record(by="a command", action="thing.done", object_type="thing", object_id=7)
    page = text(home(cast.auditor))
    assert "thing.done" in page
    assert "thing.done" not in text(home(cast.network_admin))


def test_somebody_without_a_role_is_not_let_in(cast: Cast) -> None:
    nobody = make_person("nobody@prairie.example", "No One")
    assert sign_in(Client(), nobody).get("/").status_code == 302


def test_a_specialist_finds_what_changed_in_their_specialties(cast: Cast) -> None:
    mine, other = published("mine"), published("other")
    mine.specialties.set([cast.cardiology])
    other.specialties.clear()
    assert [row.slug for row in home(cast.specialist).context["changed_in_mine"]] == ["mine"]
    follow(what=other, by=cast.specialist)
    assert {row.slug for row in home(cast.specialist).context["changed_in_mine"]} == {"mine", "other"}
    assert "Recently changed in my specialties" in text(home(cast.specialist))


def test_where_i_left_off_says_what_has_changed_since(cast: Cast) -> None:
    document = published("apixaban")
    record_reading(document=document, by=cast.clinician_prairie)
    assert "Changed since" not in text(home(cast.clinician_prairie))
    Revision.objects.filter(document=document).update(state="published", published_at=timezone.now())
    revision = Revision.objects.create(document=document, number=2, title="Anew", body="x", content_hash="y")
    publish_revision(revision=revision, by="test")
    page = text(home(cast.clinician_prairie))
    assert "/documents/apixaban/history/?from=1&amp;to=2" in page


def test_the_menu_marks_the_page_one_is_on(cast: Cast) -> None:
    """Its links are kept by the process, for each kind of reader and page."""
    client = sign_in(Client(), cast.network_admin)
    missing = ("/documents/missing/",), ("/nothing/",), ("/fees/nothing/", "/invoices/")
    for path, *where in (("/", "/"), ("/documents/", "/documents/"), ("/", "/"), ("/usage/", "/usage/"), *missing):
        page = client.get(path).content.decode()
        rail = page[page.index('<nav class="rail') :].partition("</nav>")[0]
        assert re.findall(r'<a href="([^"]*)" aria-current="page"', rail) == where, path
