"""Saved pieces: a specialist's own, and a section's by its lead."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consults.models import AnswerDraft, Piece
from consults.services import pieces
from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role, Specialty
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import after, claimed
from tests.consults.test_api import Api

pytestmark = pytest.mark.django_db


def add(by: Person, specialty: Specialty | None = None, title: str = "Safety net", text: str = "Call if.") -> Piece:
    return pieces.add(by=by, specialty=specialty, title=title, text=text, attested=False, at=after(1))


def test_one_sees_ones_own_and_those_of_ones_sections(cast: Cast) -> None:
    mine, section = add(cast.specialist), add(cast.lead, cast.cardiology)
    neurologist = give(
        make_person("other@network.example", "Lee Park"),
        Role.Name.SPECIALIST,
        specialties=(Specialty.objects.get(slug="neurology"),),
    )
    assert set(Piece.objects.visible_to(cast.specialist)) == {mine, section}
    assert set(Piece.objects.visible_to(cast.specialist2)) == {section}
    for person in (neurologist, cast.clinician_prairie, cast.admin_prairie, cast.editor, cast.network_admin):
        assert not Piece.objects.visible_to(person).exists(), person


def test_who_keeps_them(cast: Cast) -> None:
    section, mine = add(cast.lead, cast.cardiology), add(cast.specialist)
    values: dict[str, Any] = {"title": "Other", "text": "x", "attested": False, "at": after(2)}
    for person in (cast.specialist, cast.network_admin, cast.editor, cast.clinician_prairie):
        with pytest.raises(Refused):
            add(person, cast.cardiology, title="Mine to lead?")
        with pytest.raises(Refused):
            pieces.change(section, by=person, **values)
        with pytest.raises(Refused):
            pieces.remove(section, by=person)
    for person in (cast.lead, cast.specialist2, cast.network_admin):
        with pytest.raises(Refused):
            pieces.change(mine, by=person, **values)
        with pytest.raises(Refused):
            pieces.remove(mine, by=person)
    for person in (cast.network_admin, cast.clinician_prairie, cast.auditor):
        with pytest.raises(Refused):
            add(person)
    with pytest.raises(Refused):
        add(cast.lead, Specialty.objects.get(slug="neurology"))


def test_names_are_once_and_texts_name_no_patient(cast: Cast) -> None:
    first = add(cast.specialist)
    with pytest.raises(Invalid, match="Another piece"):
        add(cast.specialist, title=" safety   NET ")
    add(cast.specialist2)
    add(cast.lead, cast.cardiology)
    with pytest.raises(Invalid):
        add(cast.specialist, title="Long", text="x" * 4_001)
    with pytest.raises(Invalid):
        add(cast.specialist, title="\x00 ", text="x")
    with pytest.raises(Invalid) as refused:
        add(cast.specialist, title="Named", text="As for Mr. Gunderson, MRN 00482913.")
    assert "attested" in refused.value.fields
    values: dict[str, Any] = {"title": "Named", "text": "Seen 2020-01-02", "attested": True, "at": after(2)}
    assert pieces.change(first, by=cast.specialist, **values).title == "Named"
    pieces.remove(first, by=cast.specialist)
    with pytest.raises(Conflict):
        pieces.remove(first, by=cast.specialist)
    told = AuditEvent.objects.filter(object_type="piece", object_id=str(first.pk)).values_list("action", flat=True)
    assert sorted(told) == ["piece.add", "piece.change", "piece.remove"]


def test_the_page_saves_changes_and_removes(cast: Cast, client: Client) -> None:
    sign_in(client, cast.lead)
    fields = {"title": "Follow-up", "text": "Check potassium.", "specialty": "cardiology"}
    response = client.post(reverse("pieces"), fields, follow=True)
    assert "“Follow-up” is saved" in response.content.decode()
    piece = Piece.objects.get()
    assert (piece.owner, piece.specialty) == (None, cast.cardiology)
    refused = client.post(reverse("pieces"), {"title": "Named", "text": "Mr. Gunderson"})
    assert "may identify a patient" in refused.content.decode()
    assert "Check potassium." in client.get(reverse("pieces"), {"q": "potassium"}).content.decode()
    assert "No piece matches" in client.get(reverse("pieces"), {"q": "zz"}).content.decode()
    client.post(reverse("piece", args=[piece.pk]), {"title": "Follow-up", "text": "In a week."})
    assert Piece.objects.get().text == "In a week."
    sign_in(client, cast.specialist)
    assert "The section lead keeps this piece." in client.get(piece.get_absolute_url()).content.decode()
    client.post(reverse("piece", args=[piece.pk]), {"title": "Mine", "text": "now"})
    client.post(reverse("piece-remove", args=[piece.pk]))
    assert Piece.objects.get().text == "In a week."
    sign_in(client, cast.lead).post(reverse("piece-remove", args=[piece.pk]))
    assert not Piece.objects.exists()


def test_anothers_piece_and_the_page_of_those_who_do_not_answer_do_not_exist(cast: Cast, client: Client) -> None:
    piece = add(cast.specialist)
    pages = [reverse("piece", args=[piece.pk]), reverse("piece-remove", args=[piece.pk])]
    for person in (cast.specialist2, cast.lead):
        sign_in(client, person)
        assert [client.post(page, {"title": "x", "text": "x"}).status_code for page in pages] == [404, 404]
    for person in (cast.clinician_prairie, cast.admin_prairie, cast.editor, cast.network_admin, cast.auditor):
        sign_in(client, person)
        assert client.get(reverse("pieces")).status_code == 404, person
        assert client.get(pages[0]).status_code == 404, person


class TestRest:
    def client(self, person: Person) -> Api:
        return Api(person)

    def test_pieces(self, cast: Cast) -> None:
        lead, other = self.client(cast.lead), self.client(cast.specialist)
        body = {"title": "Safety net", "text": "Call if.", "specialty": "cardiology"}
        made = lead.post("pieces/", body)
        assert made.status_code == 201, made.content
        address = made["Location"].removeprefix("/api/v1/")
        assert other.get("pieces/").json()["results"][0]["specialty"] == "cardiology"
        change = {"title": "Safety net", "text": "Now."}
        assert other.post(address, change).status_code == 403
        assert other.post("pieces/", body).status_code == 403
        assert lead.post(address, change).json()["text"] == "Now."
        assert self.client(cast.clinician_prairie).get("pieces/").status_code == 403
        assert other.get("pieces/99999/").status_code == 404
        assert lead.post(f"{address}remove/").status_code == 204
        assert not Piece.objects.exists()

    def test_half_written_answers(self, cast: Cast) -> None:
        consult = claimed(cast)
        address = f"consults/{consult.number}/answer-draft/"
        mine, other = self.client(cast.specialist), self.client(cast.specialist2)
        assert mine.get(address).status_code == 404
        kept = mine.post(address, {"text": "Half"})
        assert kept.status_code == 200, kept.content
        assert mine.post(address, {"text": "Older"}).status_code == 409
        again = mine.post(address, {"text": "Half more", "seen": kept.json()["saved_at"]})
        assert again.status_code == 200, again.content
        assert mine.get(address).json()["text"] == "Half more"
        assert other.get(address).status_code == 404
        assert other.post(address, {"text": "x"}).status_code == 403
        assert self.client(cast.clinician_lakeside).post(address, {"text": "x"}).status_code == 404
        assert mine.post(f"{address}discard/").status_code == 204
        assert not AnswerDraft.objects.exists()
