"""Earlier answers in a search: found by those who may see them, and by nobody else."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consults.models import Consult
from consults.services import answering, requesting
from knowledge import search
from knowledge.models import SearchLog
from portal.members.models import Person, Role, Specialty
from portal.members.walls import around
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import IN_STATE, after, answered, claimed, sent
from tests.knowledge.test_api import api, get

pytestmark = pytest.mark.django_db
QUESTION = "Which dose of apixaban at an eGFR of 22?"


def finds(person: Person, query: str) -> list[str]:
    """The questions a person's search finds, behind the person's walls."""
    person = Person.objects.get(pk=person.pk)
    with around(person):
        found = search.elsewhere(query, person=person)
    return [row.title for row in found.get("Answered consults", [])]


@pytest.mark.parametrize(
    "query",
    [
        "apixaban",
        "Apixaban dose?",
        "5 mg twice daily",
        "which dose of apixaban in atrial fibrillation",
        "fibrillations",
        "apixaban quokka",
    ],
)
def test_question_summary_and_answer_are_searched(cast: Cast, query: str) -> None:
    answered(cast)
    assert finds(cast.clinician_prairie, query) == [QUESTION]


@pytest.mark.parametrize("query", ["", "?", "warfarin", "apixaban quokka wombat", "the", "\ud800", "x" * 3000])
def test_what_it_does_not_hold_is_not_found(cast: Cast, query: str) -> None:
    answered(cast)
    assert finds(cast.clinician_prairie, query) == []


def test_only_those_who_asked_or_answer_for_its_specialty_find_it(cast: Cast) -> None:
    answered(cast)
    neurologist = give(
        make_person("neuro@network.example", "Lee Park"),
        Role.Name.SPECIALIST,
        specialties=(Specialty.objects.get(slug="neurology"),),
    )
    colleague = give(make_person("second@prairie.example", "Ana Sol"), Role.Name.CLINICIAN, organization=cast.prairie)
    for person in (cast.clinician_prairie, cast.specialist, cast.specialist2, cast.lead):
        assert finds(person, "apixaban") == [QUESTION], person
    for person in (
        cast.clinician_lakeside, colleague, neurologist, cast.admin_prairie, cast.auditor, cast.network_admin,
        cast.editor, cast.reviewer,
    ):  # fmt: skip
        assert finds(person, "apixaban") == [], person


def test_an_auditor_who_also_asks_or_answers_finds_no_more_for_being_one(cast: Cast) -> None:
    answered(cast)
    give(cast.clinician_lakeside, Role.Name.AUDITOR)
    neurology = (Specialty.objects.get(slug="neurology"),)
    give(cast.network_admin, Role.Name.SPECIALIST, specialties=neurology)
    assert finds(cast.clinician_lakeside, "apixaban") == finds(cast.network_admin, "apixaban") == []


def test_who_left_the_organization_finds_nothing_of_it(cast: Cast) -> None:
    answered(cast)
    cast.clinician_prairie.roles.all().delete()
    give(cast.clinician_prairie, Role.Name.CLINICIAN, organization=cast.lakeside)
    assert finds(cast.clinician_prairie, "apixaban") == []


@pytest.mark.parametrize("state", [state for state in IN_STATE if state not in ("answered", "closed")])
def test_drafts_and_what_has_no_answer_are_never_found(cast: Cast, state: str) -> None:
    IN_STATE[state](cast)
    for person in (cast.clinician_prairie, cast.specialist, cast.lead):
        assert finds(person, "apixaban weight") == []


def test_a_question_back_is_no_answer(cast: Cast) -> None:
    row = answering.ask_back(claimed(cast), by=cast.specialist, text="Zebrafish?", at=after(2))
    requesting.reply(row, by=cast.clinician_prairie, text="70 kg wombat.", at=after(3))
    answering.answer(Consult.objects.get(), by=cast.specialist, text="5 mg.", documents=[], minutes=5, at=after(4))
    assert finds(cast.specialist, "zebrafish") == finds(cast.specialist, "wombat") == []


def test_the_page_shows_them_below_the_documents_and_counts_no_more_queries(cast: Cast) -> None:
    answered(cast)
    client = sign_in(Client(), cast.clinician_prairie)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/search/?q=apixaban").content.decode()
        assert "Answered consults" in page
        assert QUESTION in page
        return len(captured)

    queries()
    one = queries()
    for _ in range(4):
        answered(cast)
    assert queries() == one
    other = sign_in(Client(), cast.clinician_lakeside).get("/search/?q=apixaban").content.decode()
    assert "Answered consults" not in other
    assert QUESTION not in other


def test_what_was_searched_for_is_in_no_log(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answered(cast)
    sign_in(Client(), cast.clinician_prairie).get("/search/?q=patient+Harold+Fenwick+apixaban")
    ours = [record for record in caplog.records if not record.name.startswith(("django.db", "django.template"))]
    assert not any("Fenwick" in record.getMessage() for record in ours)
    assert SearchLog.objects.get().query == "patient […] apixaban"


def test_the_latest_comes_first_among_equals(cast: Cast) -> None:
    for _ in range(7):
        answered(cast)
    newest = sent(cast, at=timezone.now() - timedelta(hours=3))
    answering.claim(newest, by=cast.specialist, at=timezone.now() - timedelta(hours=2))
    answering.answer(
        Consult.objects.get(pk=newest.pk), by=cast.specialist, text="5 mg twice daily.", documents=[], minutes=5,
        at=timezone.now() - timedelta(hours=1),
    )  # fmt: skip
    with around(cast.specialist):
        found = search.elsewhere("apixaban", person=cast.specialist)["Answered consults"]
    assert len(found) == 5
    assert found[0].details[0] == newest.number


def test_rest_finds_them_for_those_who_may_read_them_and_for_nobody_else(cast: Cast) -> None:
    answered(cast)
    for person in (cast.clinician_prairie, cast.specialist, cast.lead):
        rows = get(api(person), "search/?q=apixaban")["elsewhere"]
        assert [(row["heading"], row["title"]) for row in rows] == [("Answered consults", QUESTION)], person
        assert rows[0]["url"].startswith("/consults/")
        assert not any("<" in detail for detail in rows[0]["details"])
    assert get(api(cast.specialist), "search/?q=apixaban&page=2")["elsewhere"] == []
    for person in (
        cast.clinician_lakeside, cast.admin_prairie, cast.auditor, cast.network_admin, cast.editor, cast.reviewer,
    ):  # fmt: skip
        assert get(api(person), "search/?q=apixaban")["elsewhere"] == [], person
