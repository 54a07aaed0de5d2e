"""A question back and a second opinion save themselves, for their author alone, until they are sent."""

import pytest
from django.test import Client

from consults.models import AnswerDraft, Consult
from consults.services import answer_drafts, answering, joining, requesting
from portal.common.refusals import Conflict, Refused
from portal.members.models import Person
from tests.cast import Cast, sign_in
from tests.consults.helpers import after, claimed
from tests.consults.test_api import Api

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def begun(consult: Consult, by: Person, kind: str, text: str = "Half a quest") -> None:
    answer_drafts.keep(consult, by=by, kind=kind, text=text, at=after(2))


def with_second(cast: Cast) -> Consult:
    return joining.ask_second(
        claimed(cast), by=cast.specialist, specialist=cast.specialist2, text="Would you?", at=after(1.5)
    )


def page(cast: Cast, person: Person, consult: Consult) -> str:
    return sign_in(Client(), person).get(consult.get_absolute_url()).content.decode()


@pytest.mark.parametrize("kind", ["ask", "opinion"])
def test_the_page_keeps_it_and_goes_on_with_it(cast: Cast, kind: str) -> None:
    consult = with_second(cast)
    person = cast.specialist if kind == "ask" else cast.specialist2
    client, path = sign_in(Client(), person), f"{consult.get_absolute_url()}{kind}-draft/"
    kept = client.post(path, {"text": "Half a quest"}, **HTMX)  # type: ignore[arg-type]
    assert kept.headers["X-Autosave"].startswith("Saved ")
    assert f'id="{kind}-draft"' in kept.content.decode()
    shown = page(cast, person, consult)
    assert "Half a quest" in shown
    assert "Half a quest" not in page(cast, cast.lead, consult), "its author's alone"
    elsewhere = client.post(path, {"text": "Other"}, **HTMX)  # type: ignore[arg-type]
    assert elsewhere.status_code == 409, "a page that has not seen it does not overwrite it"
    assert client.post(f"{path}discard/").status_code == 302
    assert not AnswerDraft.objects.exists()
    assert client.post(path, {"text": "No script"}).status_code == 302
    assert AnswerDraft.objects.get().kind == kind


def test_the_three_do_not_mix_and_go_when_each_is_sent(cast: Cast) -> None:
    consult = with_second(cast)
    answer_drafts.keep(consult, by=cast.specialist, text="An answer", at=after(2))
    begun(consult, cast.specialist, "ask")
    begun(consult, cast.specialist2, "opinion")
    joining.give_opinion(consult, by=cast.specialist2, text="5 mg.", at=after(3))
    assert sorted(AnswerDraft.objects.values_list("kind", flat=True)) == ["answer", "ask"]
    answering.ask_back(consult, by=cast.specialist, text="Which weight?", at=after(3))
    assert AnswerDraft.objects.get().text == "An answer"


def test_none_outlives_the_consult(cast: Cast) -> None:
    consult = with_second(cast)
    begun(consult, cast.specialist, "ask")
    begun(consult, cast.specialist2, "opinion")
    requesting.withdraw(consult, by=cast.clinician_prairie, at=after(3))
    assert not AnswerDraft.objects.exists()
    for person, kind in ((cast.specialist, "ask"), (cast.specialist2, "opinion")):
        with pytest.raises(Conflict):
            begun(consult, person, kind)


def test_who_may_not_send_it_keeps_none(cast: Cast) -> None:
    consult = with_second(cast)
    for person, kind in (
        (cast.specialist2, "ask"),
        (cast.specialist, "opinion"),
        (cast.clinician_prairie, "opinion"),
        (cast.clinician_prairie, "ask"),
    ):
        with pytest.raises(Refused):
            begun(consult, person, kind)
    client = sign_in(Client(), cast.clinician_lakeside)
    assert client.post(f"{consult.get_absolute_url()}ask-draft/", {"text": "x"}).status_code == 404
    assert client.post(f"{consult.get_absolute_url()}opinion-draft/discard/").status_code == 404
    assert not AnswerDraft.objects.exists()


def test_it_survives_the_end_of_the_session(cast: Cast) -> None:
    consult = with_second(cast)
    client = sign_in(Client(), cast.specialist2)
    client.post(f"{consult.get_absolute_url()}opinion-draft/", {"text": "Give less"}, **HTMX)  # type: ignore[arg-type]
    client.logout()
    assert "Give less" in page(cast, cast.specialist2, consult)


def test_over_rest(cast: Cast) -> None:
    consult = with_second(cast)
    asks, other = Api(cast.specialist), Api(cast.clinician_lakeside)
    path = f"consults/{consult.number}/thread-drafts/ask/"
    assert asks.get(path).status_code == 404
    assert asks.post(path, {"text": "Half"}).json()["text"] == "Half"
    assert asks.post(path, {"text": "Other"}).status_code == 409
    assert Api(cast.specialist2).get(path).status_code == 404
    assert Api(cast.specialist2).post(path, {"text": "x"}).status_code == 403
    for address in (path, path.replace("/ask/", "/none/")):
        assert other.post(address, {"text": "x"}).status_code == 404
    assert asks.post(f"{path}discard/", {}).status_code == 204
    assert asks.get(path).status_code == 404
