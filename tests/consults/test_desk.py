"""The desk: answers that save themselves, what the editor finds, and which question is next."""

import pytest
from django.test import Client
from django.urls import reverse

from consults import desk
from consults.models import AnswerDraft, Consult
from consults.services import answer_drafts, answering, pieces, requesting
from knowledge.models import Document, Revision
from portal.common import tenancy
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person
from tests.cast import Cast, sign_in
from tests.consults.helpers import after, claimed, sent, waiting

pytestmark = pytest.mark.django_db


def a_document(title: str = "Atrial fibrillation") -> Document:
    document = Document.objects.create(slug="af", kind="topic")
    revision = Revision.objects.create(document=document, number=1, title=title, body="x", content_hash="x")
    Document.objects.filter(pk=document.pk).update(current_revision=revision)
    document.refresh_from_db()
    return document


def kept(consult: Consult, by: Person, text: str = "Half a sent", hours: float = 2, **more: object) -> AnswerDraft:
    values = {"documents": [], "minutes": None} | more
    draft = answer_drafts.keep(consult, by=by, text=text, at=after(hours), **values)  # type: ignore[arg-type]
    assert draft is not None
    return draft


class TestHalfWritten:
    def test_it_is_kept_gone_on_with_and_gone_once_sent(self, cast: Cast) -> None:
        consult = claimed(cast)
        first = kept(consult, cast.specialist)
        second = kept(consult, cast.specialist, "Half a sentence", 3, seen=first.saved_at, documents=[a_document()])
        assert second.pk == first.pk
        found = answer_drafts.mine(consult, person=cast.specialist)
        assert found
        assert (found.text, found.documents, found.saved_at) == ("Half a sentence", ["af"], after(3))
        answering.answer(consult, by=cast.specialist, text="Whole.", documents=[], minutes=None, at=after(4))
        assert not AnswerDraft.objects.exists()

    def test_it_is_its_authors_alone(self, cast: Cast) -> None:
        consult = claimed(cast)
        kept(consult, cast.specialist)
        assert AnswerDraft.objects.visible_to(cast.specialist).count() == 1
        others = (cast.specialist2, cast.lead, cast.clinician_prairie, cast.admin_prairie, cast.clinician_lakeside)
        for person in (*others, cast.editor, cast.network_admin, cast.auditor):
            assert not AnswerDraft.objects.visible_to(person).exists(), person
            with pytest.raises(Refused):
                answer_drafts.keep(consult, by=person, text="x", documents=[], minutes=None, at=after(3))
            answer_drafts.discard(consult, by=person)
        assert AnswerDraft.objects.count() == 1

    def test_what_was_kept_later_elsewhere_is_not_written_over(self, cast: Cast) -> None:
        consult = claimed(cast)
        first = kept(consult, cast.specialist)
        on_the_phone = kept(consult, cast.specialist, "Longer", 3, seen=first.saved_at)
        for stale in (first.saved_at, None):
            with pytest.raises(Conflict, match="elsewhere"):
                kept(consult, cast.specialist, "Older", 4, seen=stale)
        assert AnswerDraft.objects.get().text == on_the_phone.text == "Longer"

    def test_an_empty_one_is_nothing_and_too_long_is_refused(self, cast: Cast) -> None:
        consult = claimed(cast)
        first = kept(consult, cast.specialist)
        values = {"by": cast.specialist, "documents": [], "minutes": None, "at": after(3), "seen": first.saved_at}
        with pytest.raises(Invalid):
            answer_drafts.keep(consult, text="x" * 20_001, **values)  # type: ignore[arg-type]
        assert answer_drafts.keep(consult, text="  \n", **values) is None  # type: ignore[arg-type]
        assert not AnswerDraft.objects.exists()

    def test_a_consult_that_ends_keeps_none_even_when_the_requester_ends_it(self, cast: Cast) -> None:
        consult = claimed(cast)
        kept(consult, cast.specialist)
        with tenancy.only([cast.prairie.pk]):
            requesting.withdraw(consult, by=cast.clinician_prairie, at=after(3))
        assert not AnswerDraft.objects.exists()

    def test_the_database_shows_it_to_no_organization(self, cast: Cast) -> None:
        kept(claimed(cast), cast.specialist)
        pieces.add(by=cast.specialist, specialty=None, title="T", text="x", attested=False, at=after(1))
        from consults.models import Piece

        for scope in ([cast.prairie.pk], [cast.lakeside.pk], []):
            with tenancy.only(scope):
                assert AnswerDraft.objects.count() == Piece.objects.count() == 0
        with tenancy.everything():
            assert AnswerDraft.objects.count() == Piece.objects.count() == 1

    def test_no_organization_writes_one(self, cast: Cast) -> None:
        from django.db import transaction
        from django.db.utils import ProgrammingError

        consult = claimed(cast)
        with (
            tenancy.only([cast.prairie.pk]),
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
        ):
            AnswerDraft.objects.create(consult=consult, author=cast.specialist, saved_at=after(1))


class TestPages:
    def post(self, client: Client, consult: Consult, *, htmx: bool = True, **fields: object) -> object:
        headers = {"HX-Request": "true"} if htmx else {}
        return client.post(reverse("consult-answer-draft", args=[consult.number]), fields, headers=headers)

    def test_it_saves_itself_and_the_page_goes_on_with_it(self, cast: Cast, client: Client) -> None:
        consult = claimed(cast)
        sign_in(client, cast.specialist)
        document = a_document()
        response = self.post(client, consult, text="Give 5 mg\r\ntwice", documents="af", minutes="7")
        assert response.status_code == 200  # type: ignore[attr-defined]
        assert response["X-Autosave"].startswith("Saved ")  # type: ignore[index]
        draft = AnswerDraft.objects.get()
        assert (draft.text, draft.minutes) == ("Give 5 mg\ntwice", 7)
        assert draft.saved_at.isoformat() in response.content.decode()  # type: ignore[attr-defined]
        page = client.get(consult.get_absolute_url()).content.decode()
        assert "Give 5 mg\ntwice" in page
        assert "You began this answer" in page
        assert f'value="{document.slug}" checked' in page
        again = self.post(client, consult, text="older page")
        assert again.status_code == 409  # type: ignore[attr-defined]
        assert "elsewhere" in again["X-Autosave"]  # type: ignore[index]
        assert AnswerDraft.objects.get().text == "Give 5 mg\ntwice"

    def test_it_is_saved_and_discarded_without_javascript(self, cast: Cast, client: Client) -> None:
        consult = claimed(cast)
        sign_in(client, cast.specialist)
        response = self.post(client, consult, htmx=False, text="Half")
        assert response.status_code == 302  # type: ignore[attr-defined]
        client.post(reverse("consult-answer-draft-discard", args=[consult.number]))
        assert not AnswerDraft.objects.exists()

    def test_documents_and_pieces_are_found_without_javascript(self, cast: Cast, client: Client) -> None:
        consult = claimed(cast)
        pieces.add(by=cast.specialist, specialty=None, title="Safety net", text="Call if", attested=False, at=after(1))
        sign_in(client, cast.specialist)
        response = self.post(client, consult, htmx=False, text="Half", look="1", q="safety")
        assert response.status_code == 200  # type: ignore[attr-defined]
        page = response.content.decode()  # type: ignore[attr-defined]
        assert "Call if" in page
        assert AnswerDraft.objects.get().text in page

    @pytest.mark.parametrize("who", ["clinician_prairie", "specialist2", "lead", "network_admin", "auditor"])
    def test_who_sees_it_but_does_not_have_it_keeps_and_finds_nothing(
        self, cast: Cast, client: Client, who: str
    ) -> None:
        consult = claimed(cast)
        sign_in(client, getattr(cast, who))
        assert self.post(client, consult, text="x").status_code == 403  # type: ignore[attr-defined]
        assert client.post(reverse("consult-find", args=[consult.number]), {"q": "x"}).status_code == 404
        assert not AnswerDraft.objects.exists()

    @pytest.mark.parametrize("who", ["clinician_lakeside", "admin_prairie", "editor"])
    def test_for_an_outsider_there_is_nothing(self, cast: Cast, client: Client, who: str) -> None:
        consult = claimed(cast)
        sign_in(client, getattr(cast, who))
        for name in ("consult-find", "consult-answer-draft", "consult-answer-draft-discard"):
            assert client.post(reverse(name, args=[consult.number]), {"text": "x"}).status_code == 404, name

    def test_the_editor_finds_pieces_and_documents(self, cast: Cast, client: Client) -> None:
        consult = claimed(cast)
        values = {"text": "Call if it <b>bleeds</b>.", "attested": False, "at": after(1)}
        pieces.add(by=cast.specialist, specialty=None, title="Safety net", **values)  # type: ignore[arg-type]
        pieces.add(by=cast.specialist2, specialty=None, title="Not mine", **values)  # type: ignore[arg-type]
        pieces.add(by=cast.lead, specialty=cast.cardiology, title="Section's", **values)  # type: ignore[arg-type]
        pieces.add(by=cast.lead, specialty=cast.hospital_medicine, title="Elsewhere", **values)  # type: ignore[arg-type]
        sign_in(client, cast.specialist)
        page = client.post(reverse("consult-find", args=[consult.number]), {"q": ""}).content.decode()
        assert "Safety net" in page
        assert "Section&#x27;s" in page
        assert "Not mine" not in page
        assert "Elsewhere" not in page
        assert "<b>bleeds" not in page


class TestNext:
    def test_it_is_by_time_left_of_what_one_could_answer(self, cast: Cast, client: Client) -> None:
        late, soon = sent(cast), sent(cast, at=after(1))
        mine = answering.claim(sent(cast, at=after(2)), by=cast.specialist, at=after(3))
        taken = answering.claim(sent(cast, at=after(-2)), by=cast.specialist2, at=after(3))
        asked = answering.claim(sent(cast, at=after(-3)), by=cast.specialist, at=after(3))
        answering.ask_back(asked, by=cast.specialist, text="?", at=after(4))
        assert list(desk.to_do(cast.specialist)) == [late, soon, mine]
        steps = [None, late, soon, mine, taken]
        found = [desk.next_after(cast.specialist, row and Consult.objects.get(pk=row.pk)) for row in steps]
        assert found == [late, soon, mine, late, late]
        sign_in(client, cast.specialist)
        response = client.get(reverse("queue-next"), {"after": late.number})
        assert response["Location"] == soon.get_absolute_url()

    def test_nothing_else_leads_back_to_the_queue(self, cast: Cast, client: Client) -> None:
        waiting(cast)
        sign_in(client, cast.specialist)
        response = client.get(reverse("queue-next"), {"after": "C-1"}, follow=True)
        assert "Nothing else waits for you." in response.content.decode()

    def test_it_is_for_those_who_answer(self, cast: Cast, client: Client) -> None:
        for person in (cast.clinician_prairie, cast.editor, cast.network_admin, cast.auditor):
            assert sign_in(client, person).get(reverse("queue-next")).status_code == 404

    def test_the_page_takes_as_many_queries_for_many_pieces_and_drafts(
        self, cast: Cast, client: Client, django_assert_num_queries: object
    ) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        consult = claimed(cast)
        sign_in(client, cast.specialist)

        def cost() -> int:
            with CaptureQueriesContext(connection) as taken:
                assert client.get(reverse("pieces")).status_code == 200
                assert client.post(reverse("consult-find", args=[consult.number]), {"q": ""}).status_code == 200
            return len(taken)

        def more(number: int) -> None:
            for title in range(number):
                name = f"{number} {title}"
                pieces.add(
                    by=cast.lead, specialty=cast.cardiology, title=name, text="x", attested=False, at=after(title)
                )

        more(2)
        few = cost()
        more(20)
        assert cost() <= few + 1  # the pager counts
