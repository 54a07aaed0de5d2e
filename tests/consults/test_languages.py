"""The language in which one wants to be answered decides who is given a consult or a call."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from consults.models import Availability, Call, Consult, RoutingPolicy
from consults.services import assigning, drafting, sending
from portal.common.refusals import Invalid
from tests.cast import Cast, sign_in
from tests.consults.helpers import NOON, after, drafted, sent
from tests.consults.test_api import Api
from tests.consults.test_away import on_call
from tests.consults.test_calls import NUMBER, TOPIC, asked

pytestmark = pytest.mark.django_db


def speaks(person: Any, *languages: str) -> None:
    Availability.objects.update_or_create(person=person, defaults={"languages": list(languages)})


def in_spanish(cast: Cast) -> Consult:
    return sending.send(drafted(cast, language="es"), by=cast.clinician_prairie, attested=False, at=NOON)


@pytest.fixture
def assigning_cast(cast: Cast) -> Cast:
    RoutingPolicy.objects.create(specialty=cast.cardiology, mode="assign")
    return cast


def test_only_who_speaks_it_is_given_it_and_the_timeline_says_why(assigning_cast: Cast) -> None:
    speaks(assigning_cast.specialist2, "es", "en")
    row = in_spanish(assigning_cast)
    assert row.assignee == assigning_cast.specialist2
    told = [entry.detail for entry in row.timeline.all()]
    assert any("to be answered in Spanish" in text for text in told)
    assert any("likely to answer it in Spanish on time" in text for text in told)


def test_nobody_who_speaks_it_leaves_it_in_the_queue_until_someone_does(assigning_cast: Cast) -> None:
    row = in_spanish(assigning_cast)
    assert (row.state, row.assignee) == ("queued", None)
    assigning.sweep(now=after(0.1))
    assert Consult.objects.get(pk=row.pk).assignee is None
    speaks(assigning_cast.specialist, "es")
    assigning.sweep(now=after(0.2))
    assert Consult.objects.get(pk=row.pk).assignee == assigning_cast.specialist


def test_a_question_in_any_language_goes_to_anyone(assigning_cast: Cast) -> None:
    assert sent(assigning_cast).state == "assigned"


def test_a_call_goes_to_who_is_on_call_and_speaks_it(cast: Cast) -> None:
    on_call(cast, cast.specialist, cast.specialist2)
    assert asked(cast, language="es").assignee is None
    speaks(cast.specialist2, "es")
    assert asked(cast, language="es").assignee == cast.specialist2
    with pytest.raises(Invalid):
        asked(cast, language="xx")


def test_the_page_begins_with_the_language_of_last_time(cast: Cast) -> None:
    assert drafting.last_language(cast.clinician_prairie) == ""
    in_spanish(cast)
    asked(cast, language="fr", at=NOON + timedelta(hours=1))
    assert drafting.last_language(cast.clinician_prairie) == "fr"
    assert drafting.last_language(cast.clinician_lakeside) == "", "another's choice is theirs"
    client = sign_in(Client(), cast.clinician_prairie)
    for path in ("/ask/", "/calls/new/"):
        assert '<option value="fr" selected>' in client.get(path).content.decode(), path
    shown = client.get("/consults/" + Consult.objects.get(language="es").number + "/").content.decode()
    assert "To be answered in <b>Spanish</b>" in shown


def test_a_draft_keeps_it(cast: Cast) -> None:
    client = sign_in(Client(), cast.clinician_prairie)
    client.post("/ask/", {"question": "Which dose?", "language": "so", "save": "1"})
    assert Consult.objects.get().language == "so"
    client.post("/ask/", {"question": "Which dose?", "language": "xx", "draft": Consult.objects.get().number})
    assert Consult.objects.get().language == "", "what is not offered is kept as none"


def test_over_rest(cast: Cast) -> None:
    doctor = Api(cast.clinician_prairie)
    body = {"specialty": "cardiology", "reason": "dosing", "question": "Which dose?", "summary": "A. " * 40}
    assert doctor.post("consults/", body | {"language": "xx"}).status_code == 400
    assert doctor.post("consults/", body | {"language": "es"}).json()["language"] == "es"
    call = {"specialty": "cardiology", "topic": TOPIC, "number": NUMBER}
    assert doctor.post("calls/", call | {"language": "xx"}).status_code == 400
    assert doctor.post("calls/", call | {"language": "es"}).json()["language"] == "es"
    assert Call.objects.filter(requested_at__lte=timezone.now()).count() == 1
