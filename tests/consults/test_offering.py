"""From a closed consult to an FAQ: offered once, prefilled without the patient, decided once, seen by editors alone."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from consults.faq import prefilled
from consults.models import Consult, FaqOffer
from consults.services import answering, offering, requesting
from knowledge.models import Document, Revision
from portal.common import tenancy
from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person
from tests.cast import Cast, sign_in
from tests.consults.helpers import after, claimed, closed, declined, withdrawn
from tests.consults.test_api import Api, problem
from tests.consults.test_asking import published

pytestmark = pytest.mark.django_db
TEXT = {"title": "Apixaban in renal failure?", "summary": "Reduce it.", "body": "## Answer\n\n2.5 mg twice daily."}


def page(person: Person, path: str, **data: Any) -> Any:
    client = sign_in(Client(), person)
    return client.post(path, data) if data else client.get(path)


def make(offer: FaqOffer, by: Person, **fields: Any) -> Document:
    values: dict[str, Any] = {**TEXT, "attested": False, **fields}
    return offering.make_draft(offer, by=by, at=timezone.now(), **values)


def test_only_an_answer_that_was_closed_is_offered(cast: Cast) -> None:
    withdrawn(cast)
    declined(cast)
    assert not FaqOffer.objects.exists()
    consult = closed(cast)
    assert FaqOffer.objects.get().consult == consult
    offering.offer(consult, at=timezone.now())
    assert FaqOffer.objects.count() == 1


def test_the_form_holds_the_answer_and_what_it_cites_and_nothing_of_the_patient(cast: Cast) -> None:
    document = published("apixaban-renal")
    row = claimed(cast)
    answering.answer(row, by=cast.specialist, text="5 mg. Recheck.", documents=[document], minutes=1, at=after(3))
    requesting.close(row, by=cast.clinician_prairie, course="new", referral="avoided", value=5, at=after(6))
    response = page(cast.editor, f"/answers/{row.number}/")
    form = response.context["form"]
    assert form["title"].value() == row.question
    assert form["summary"].value() == "5 mg."
    body = form["body"].value()
    assert "5 mg. Recheck." in body
    assert "(document:apixaban-renal)" in body
    assert "72-year-old" not in body
    assert "72-year-old" in response.content.decode(), "the source stands beside it"
    assert cast.clinician_prairie.name not in response.content.decode()
    assert cast.prairie.name not in response.content.decode()
    assert AuditEvent.objects.filter(action="consult.read", actor=cast.editor.email, object_id=row.number).exists()


def test_an_editor_makes_a_draft_that_someone_else_must_review(cast: Cast) -> None:
    consult = closed(cast)
    response = page(cast.editor, f"/answers/{consult.number}/", **TEXT)
    document = Document.objects.get(kind="faq")
    assert response.url == f"/documents/{document.slug}/draft/"
    revision = Revision.objects.get(document=document)
    assert (revision.state, revision.author, revision.title) == ("draft", cast.editor, TEXT["title"])
    assert (document.origin, document.owner) == (f"/answers/{consult.number}/", cast.editor)
    assert [place.slug for place in document.specialties.all()] == ["cardiology"]
    draft_page = page(cast.reviewer, response.url).content.decode()
    assert f'href="/answers/{consult.number}/"' in draft_page
    assert {"faq.draft", "document.propose"} <= set(AuditEvent.objects.values_list("action", flat=True))
    with pytest.raises(Conflict):
        make(FaqOffer.objects.get(), cast.reviewer)


def test_readers_of_the_faq_are_not_led_to_the_consult(cast: Cast) -> None:
    consult = closed(cast)
    document = make(FaqOffer.objects.get(), cast.editor)
    Revision.objects.filter(document=document).update(state="published", published_at=timezone.now())
    Document.objects.filter(pk=document.pk).update(current_revision=document.revisions.get())
    for person in (cast.clinician_prairie, cast.clinician_lakeside, cast.specialist, cast.network_admin):
        assert consult.number not in page(person, document.get_absolute_url()).content.decode()


def test_a_likely_identifier_needs_the_editors_word(cast: Cast) -> None:
    consult = closed(cast)
    named = TEXT | {"body": "Mrs Alba Stone, born 03/04/1950, takes 2.5 mg."}
    response = page(cast.editor, f"/answers/{consult.number}/", **named)
    assert response.status_code == 200
    words = response.content.decode()
    assert "“Mrs Alba Stone” looks like" in words
    assert "Alba Stone, born" in words, "what was typed is still there"
    assert not Document.objects.exists()
    assert page(cast.editor, f"/answers/{consult.number}/", **named, attested="on").status_code == 302


@pytest.mark.parametrize("field", ["title", "body"])
def test_an_empty_field_is_named(cast: Cast, field: str) -> None:
    consult = closed(cast)
    response = page(cast.editor, f"/answers/{consult.number}/", **(TEXT | {field: " "}))
    assert response.context["form"].errors.keys() == {field}
    with pytest.raises(Invalid) as raised:
        make(FaqOffer.objects.get(), cast.editor, **{field: ""})
    assert field in raised.value.fields


def test_two_of_one_title_get_names_of_their_own(cast: Cast) -> None:
    closed(cast)
    closed(cast)
    slugs = [make(offer, cast.editor).slug for offer in FaqOffer.objects.order_by("pk")]
    assert slugs == ["faq-apixaban-in-renal-failure", "faq-apixaban-in-renal-failure-2"]


def test_leaving_it_at_that_and_taking_it_up_again(cast: Cast) -> None:
    consult = closed(cast)
    address = f"/answers/{consult.number}/"
    assert page(cast.editor, f"{address}decline/", reason="").status_code == 200
    assert page(cast.editor, f"{address}decline/", reason="One of a kind").url == "/answers/"
    assert consult.number not in page(cast.reviewer, "/answers/").content.decode()
    assert "One of a kind" in page(cast.reviewer, "/answers/?state=declined").content.decode()
    assert "Take it up again" in page(cast.reviewer, address).content.decode()
    with pytest.raises(Conflict):
        make(FaqOffer.objects.get(), cast.editor)
    page(cast.reviewer, f"{address}undo/", x="1")
    assert FaqOffer.objects.waiting().get().consult == consult
    make(FaqOffer.objects.get(), cast.editor)
    with pytest.raises(Conflict):
        offering.take_up_again(FaqOffer.objects.get(), by=cast.editor)


OTHERS = ["clinician_prairie", "admin_prairie", "clinician_lakeside", "specialist", "lead", "network_admin", "auditor"]


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_sees_or_decides(cast: Cast, who: str) -> None:
    consult, person = closed(cast), getattr(cast, who)
    assert not FaqOffer.objects.visible_to(person).exists()
    assert page(person, "/answers/").status_code == 403
    assert page(person, f"/answers/{consult.number}/").status_code == 403
    assert page(person, f"/answers/{consult.number}/", **TEXT).status_code == 403
    with pytest.raises(Refused):
        make(FaqOffer.objects.get(), person)
    with pytest.raises(Refused):
        offering.decline(FaqOffer.objects.get(), by=person, reason="No", at=timezone.now())
    problem(Api(person).get("answers/"), 403)
    problem(Api(person).post(f"answers/{consult.number}/draft/", TEXT), 403)


def test_the_database_shows_an_offer_to_its_organization_alone(cast: Cast) -> None:
    closed(cast)
    with tenancy.only([cast.lakeside.pk]):
        assert not FaqOffer.objects.exists()
        with pytest.raises(DatabaseError), transaction.atomic():
            FaqOffer.objects.create(consult_id=Consult.objects.values_list("pk", flat=True).first() or 1)
    with tenancy.only([cast.prairie.pk]):
        assert FaqOffer.objects.exists()


def test_rest(cast: Cast) -> None:
    consult = closed(cast)
    editor = Api(cast.editor)
    (row,) = editor.get("answers/", waiting="true").json()["results"]
    assert (row["number"], row["document"]) == (consult.number, None)
    body = problem(editor.post(f"answers/{consult.number}/draft/", {"title": "x"}), 400)
    assert [error["field"] for error in body["errors"]] == ["body"]
    made = editor.post(f"answers/{consult.number}/draft/", TEXT, key="once")
    assert made.status_code == 201
    assert made.json()["document"] == Document.objects.get().slug
    assert editor.post(f"answers/{consult.number}/draft/", TEXT, key="once").json() == made.json()
    problem(editor.post(f"answers/{consult.number}/decline/", {"reason": "No"}), 409)
    problem(editor.post("answers/C-9/draft/", TEXT), 404)
    assert editor.get("answers/", waiting="true").json()["count"] == 0


def test_the_list_asks_as_much_for_many_as_for_one(cast: Cast) -> None:
    client = sign_in(Client(), cast.editor)
    client.get("/answers/")
    counts = []
    for more in (1, 7):
        for _ in range(more):
            closed(cast)
        with CaptureQueriesContext(connection) as seen:
            client.get("/answers/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


# Long texts made of short ones: drawn letter by letter they are slow on a busy machine.
LONG = st.builds(lambda text, times: str(text * times), st.text(max_size=30), st.integers(1, 14))
CITED = st.lists(st.tuples(st.text("ab-"), st.text()))


@given(LONG, st.lists(LONG, max_size=3), CITED)
def test_prefilled_fits_the_form(question: str, answers: list[str], cited: list[tuple[str, str]]) -> None:
    made = prefilled(question=question, answers=answers, cited=cited)
    assert len(made.title) <= 300
    assert len(made.summary) <= 300
    assert "\n" not in made.title
    assert all(text.strip() in made.body for text in answers)
