"""A call of a clinician who dialled themselves, when they work for more than one organization."""

from typing import Any

import pytest
from django.test import Client

from consults.models import Call
from consults.services import calls
from portal.common.refusals import Invalid
from portal.members.models import Organization, Person, Role
from tests.cast import Cast, sign_in
from tests.consults.helpers import NOON
from tests.consults.test_api import Api
from tests.consults.test_calls import NOTE, TOPIC

PATH = "/calls/dialled/"
CHOICE = "Choose the organization they called for"


@pytest.fixture
def locum(cast: Cast) -> Person:
    """Somebody who works for both organizations."""
    Role.objects.create(person=cast.clinician_lakeside, name="clinician", organization=cast.prairie)
    return Person.objects.get(pk=cast.clinician_lakeside.pk)


def typed(person: Person, **more: str) -> dict[str, str]:
    said = {"outcome": "advised", "asked": "Dose?", "advised": "5 mg.", "minutes": "4"}
    return {"requester": person.email, "specialty": "cardiology", "topic": TOPIC} | said | more


@pytest.mark.django_db
def test_the_organization_is_named_and_never_guessed(cast: Cast, locum: Person) -> None:
    about: dict[str, Any] = {"specialty": cast.cardiology, "topic": TOPIC, "note": NOTE, "at": NOON}
    stranger = Organization.objects.create(name="Harbor Clinic", slug="harbor")
    for wrong in (None, stranger.pk):
        with pytest.raises(Invalid) as refused:
            calls.note_dialled(by=cast.specialist, requester=locum, organization_id=wrong, **about)
        assert "organization" in refused.value.fields
    for place in (cast.lakeside, cast.prairie):
        call = calls.note_dialled(by=cast.specialist, requester=locum, organization_id=place.pk, **about)
        assert call.consult
        assert (call.organization, call.consult.organization) == (place, place)


@pytest.mark.django_db
def test_a_note_that_is_refused_leaves_no_call(cast: Cast) -> None:
    note = calls.Note("advised", "Dose?", "5 mg.", None)
    about: dict[str, Any] = {"specialty": cast.cardiology, "topic": TOPIC, "note": note, "at": NOON}
    with pytest.raises(Invalid):
        calls.note_dialled(by=cast.specialist, requester=cast.clinician_lakeside, **about)
    assert not Call.objects.exists()


@pytest.mark.django_db
def test_the_page_asks_only_where_there_is_a_choice(cast: Cast, locum: Person) -> None:
    expert = sign_in(Client(), cast.specialist)
    assert CHOICE not in expert.get(PATH).content.decode()
    asked = expert.post(PATH, typed(locum)).content.decode()
    assert CHOICE in asked
    assert ">5 mg.</textarea>" in asked.replace("\n", ""), "what was typed stays"
    assert not Call.objects.exists()
    assert expert.post(PATH, typed(locum, organization="no-such-place")).status_code == 200
    assert expert.post(PATH, typed(locum, organization=cast.prairie.slug)).status_code == 302
    assert Call.objects.get().organization == cast.prairie
    assert expert.post(PATH, typed(cast.clinician_prairie)).status_code == 302
    assert expert.post(PATH, typed(locum, requester="\x00")).status_code == 200


@pytest.mark.django_db
def test_over_rest(cast: Cast, locum: Person) -> None:
    expert, path = Api(cast.specialist), "calls/dialled/"
    assert expert.post(path, typed(locum)).status_code == 400
    answers = [expert.post(path, typed(locum, organization=name)) for name in ("harbor", cast.lakeside.slug)]
    assert [answer.status_code for answer in answers] == [400, 201]
    assert answers[1].json()["organization"] == cast.lakeside.slug
    foreign = expert.post(path, typed(cast.clinician_prairie, organization=cast.lakeside.slug))
    missing = expert.post(path, typed(cast.clinician_prairie, organization="none-of-this-name"))
    assert (foreign.status_code, foreign.json()["errors"]) == (400, missing.json()["errors"])
