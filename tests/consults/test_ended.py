"""“This answered it”: the draft ends and can come back, the count names nobody, and the figure gives no few away."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from consults import read_instead
from consults.models import Consult, ReadInstead
from consults.services import attachments, drafting, sending, setting_aside
from knowledge.models import Document
from portal.common import tenancy
from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Specialty
from tests.cast import Cast, sign_in
from tests.consults.helpers import NOON, after, drafted, sent
from tests.consults.test_asking import published

pytestmark = pytest.mark.django_db
TYPED = {"question": "Which dose of apixaban at an eGFR of 22?", "specialty": "cardiology", "summary": "AF."}


def set_aside(cast: Cast, document: Document | None = None, **content: Any) -> Consult:
    return setting_aside.set_aside(
        drafted(cast, **content), by=cast.clinician_prairie, document=document or published("apixaban"), at=NOON
    )


def read(document: Document, n: int, *, slug: str = "cardiology", days: int = 0) -> None:
    specialty, day = Specialty.objects.get(slug=slug), (NOON - timedelta(days=days)).date()
    ReadInstead.objects.bulk_create(ReadInstead(document=document, specialty=specialty, day=day) for _ in range(n))


class TestEnding:
    def test_the_draft_ends_and_the_count_names_nobody(self, cast: Cast) -> None:
        row = set_aside(cast)
        assert (row.state, row.set_aside_at) == ("draft", NOON)
        assert list(ReadInstead.objects.values_list("document__slug", "specialty__slug", "day")) == [
            ("apixaban", "cardiology", NOON.date())
        ]
        names = {field.name for field in ReadInstead._meta.concrete_fields}
        assert names == {"id", "document", "specialty", "day"}, "no person, no organization, no hour"
        event = AuditEvent.objects.get(action="consult.set-aside")
        assert "apixaban" not in str(event.detail), "the trail does not say what was read"
        assert not Consult.objects.visible_to(cast.clinician_prairie).exists(), "it is in no list any more"

    def test_without_a_specialty_it_counts_for_the_documents(self, cast: Cast) -> None:
        set_aside(cast, published("sepsis", "hospital-medicine"), specialty=None)
        assert ReadInstead.objects.get().specialty == cast.hospital_medicine

    def test_taken_up_again_it_is_as_it_was_and_not_counted(self, cast: Cast) -> None:
        row = set_aside(cast)
        setting_aside.take_up(row, by=cast.clinician_prairie, at=after(1))
        row.refresh_from_db()
        assert (row.set_aside_at, row.read_instead, ReadInstead.objects.count()) == (None, None, 0)
        assert sending.send(row, by=cast.clinician_prairie, attested=False, at=after(2)).state == "queued"

    def test_an_ended_draft_is_neither_sent_nor_changed(self, cast: Cast) -> None:
        row = set_aside(cast)
        with pytest.raises(Conflict):
            sending.send(row, by=cast.clinician_prairie, attested=False, at=after(1))
        with pytest.raises(Conflict):
            drafting.save_draft(row, by=cast.clinician_prairie, content=drafting.Content(), at=after(1))
        with pytest.raises(Conflict):
            setting_aside.set_aside(row, by=cast.clinician_prairie, document=published("other"), at=after(1))
        assert ReadInstead.objects.count() == 1

    def test_only_its_author_and_only_a_draft_and_only_what_they_can_read(self, cast: Cast) -> None:
        document = published("apixaban")
        draft, gone = drafted(cast), sent(cast)
        with pytest.raises(Refused):
            setting_aside.set_aside(draft, by=cast.clinician_lakeside, document=document, at=NOON)
        with pytest.raises(Conflict):
            setting_aside.set_aside(gone, by=cast.clinician_prairie, document=document, at=NOON)
        Document.objects.filter(pk=document.pk).update(current_revision=None)
        with pytest.raises(Invalid):
            setting_aside.set_aside(draft, by=cast.clinician_prairie, document=document, at=NOON)
        row = set_aside(cast, published("other"))
        with pytest.raises(Refused):
            setting_aside.take_up(row, by=cast.specialist, at=NOON)
        with pytest.raises(Conflict):
            setting_aside.take_up(draft, by=cast.clinician_prairie, at=NOON)

    def test_after_a_week_it_is_deleted_with_its_files_and_its_count_stays(
        self, cast: Cast, django_capture_on_commit_callbacks: Any
    ) -> None:
        draft = drafted(cast)
        file = attachments.attach(
            draft, by=cast.clinician_prairie, upload=SimpleUploadedFile("a.txt", b"notes"), at=NOON
        ).file
        stored = Path(file.path)
        setting_aside.set_aside(draft, by=cast.clinician_prairie, document=published("apixaban"), at=NOON)
        kept, other = drafted(cast), set_aside(cast, Document.objects.get())
        setting_aside.take_up(other, by=cast.clinician_prairie, at=NOON)
        with tenancy.only([]):
            assert setting_aside.forget(now=after(7 * 24 - 1)) == 0
            with django_capture_on_commit_callbacks(execute=True):
                assert setting_aside.forget(now=after(7 * 24)) == 1
            assert setting_aside.forget(now=after(7 * 24)) == 0
        assert set(Consult.objects.all()) == {kept, other}
        assert ReadInstead.objects.count() == 1
        assert not stored.exists()


class TestPages:
    @pytest.fixture
    def clinician(self, cast: Cast, client: Client) -> Client:
        return sign_in(client, cast.clinician_prairie)

    def test_one_press_keeps_what_was_typed_ends_it_and_leads_to_the_way_back(
        self, cast: Cast, clinician: Client
    ) -> None:
        published("apixaban")
        response = clinician.post("/ask/answered/", TYPED | {"answered": "apixaban"}, follow=True)
        draft = Consult.objects.get()
        assert response.redirect_chain[-1][0] == f"/ask/{draft.number}/ended/"
        page = response.content.decode()
        assert "Nothing was sent" in page
        assert TYPED["question"] in page
        for address in ("/ask/", "/consults/", "/"):
            assert f"/ask/{draft.number}/ended/" in clinician.get("/ask/").content.decode()
            assert f'/ask/{draft.number}/"' not in clinician.get(address).content.decode()
        again = clinician.post("/ask/answered/", TYPED | {"draft": draft.number, "answered": "apixaban"})
        assert again["Location"] == f"/ask/{draft.number}/ended/"
        assert ReadInstead.objects.count() == 1, "pressed twice, counted once"
        assert clinician.get(f"/ask/{draft.number}/")["Location"] == f"/ask/{draft.number}/ended/"
        saved = clinician.post("/ask/draft/", TYPED | {"draft": draft.number}, headers={"HX-Request": "true"})
        assert saved.status_code == 204
        back = clinician.post(f"/ask/{draft.number}/take-up/", follow=True)
        assert back.redirect_chain[-1][0] == f"/ask/{draft.number}/"
        assert back.context["form"]["question"].value() == TYPED["question"]
        assert not ReadInstead.objects.exists()

    def test_nobody_else_gets_near_it(self, cast: Cast) -> None:
        row = set_aside(cast)
        for person in (cast.clinician_lakeside, cast.specialist, cast.network_admin, cast.auditor, cast.admin_prairie):
            client = sign_in(Client(), person)
            assert client.get(f"/ask/{row.number}/ended/").status_code == 404
            assert client.post(f"/ask/{row.number}/take-up/").status_code == 404
            answer = client.post("/ask/answered/", TYPED | {"draft": row.number, "answered": "apixaban"})
            assert answer.status_code == 404
        assert ReadInstead.objects.count() == 1
        assert Consult.objects.get().set_aside_at is not None

    def test_a_document_that_is_not_there_answers_nothing(self, clinician: Client) -> None:
        assert clinician.post("/ask/answered/", TYPED | {"answered": "nothing"}).status_code == 404
        assert not Consult.objects.exists()

    def test_who_sees_the_figure(self, cast: Cast) -> None:
        seen = {
            person.email: sign_in(Client(), person).get("/sections/cardiology/read-instead/").status_code
            for person in (
                cast.lead,
                cast.editor,
                cast.network_admin,
                cast.specialist,
                cast.clinician_prairie,
                cast.admin_prairie,
                cast.auditor,
            )
        }
        assert list(seen.values()) == [200, 200, 200, 403, 403, 403, 403]
        assert sign_in(Client(), cast.lead).get("/sections/neurology/read-instead/").status_code == 403

    def test_the_page_of_the_figure_asks_the_same_number_of_queries_for_many(
        self, cast: Cast, client: Client, django_assert_num_queries: Any
    ) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext
        from django.utils import timezone

        def rows(n: int, start: int) -> None:
            day, specialty = timezone.now().date(), Specialty.objects.get(slug="cardiology")
            for number in range(n):
                document = published(f"document-{start + number}")
                ReadInstead.objects.bulk_create(
                    ReadInstead(document=document, specialty=specialty, day=day) for _ in range(11)
                )

        sign_in(client, cast.lead)
        rows(2, 0)
        client.get("/sections/cardiology/read-instead/")
        with CaptureQueriesContext(connection) as few:
            client.get("/sections/cardiology/read-instead/")
        rows(18, 2)
        with django_assert_num_queries(len(few)):
            page = client.get("/sections/cardiology/read-instead/").content.decode()
        assert "220 questions" in page


class TestFigure:
    @given(st.lists(st.integers(1, 60), max_size=12))
    def test_nothing_under_eleven_is_shown_or_left_over(self, counts: list[int]) -> None:
        shown = read_instead.showable(counts)
        assert all(count >= 11 for count in shown.counts)
        assert len(shown.counts) + shown.withheld == len(counts)
        if shown.total is not None:
            left = shown.total - sum(shown.counts)
            assert left == 0 or left >= 11
            assert shown.total == sum(counts)

    def test_by_document_over_ninety_days_of_one_specialty(self, cast: Cast) -> None:
        often, seldom = published("often"), published("seldom")
        read(often, 12)
        read(often, 40, days=91)
        read(often, 40, slug="hospital-medicine")
        read(seldom, 3)
        found = read_instead.figure(cast.cardiology, now=NOON)
        assert ([(row.slug, n) for row, n in found.rows], found.withheld, found.total) == ([("often", 12)], 1, None)
        read(seldom, 8)
        found = read_instead.figure(cast.cardiology, now=NOON)
        assert ([n for _, n in found.rows], found.withheld, found.total) == ([12, 11], 0, 23)
