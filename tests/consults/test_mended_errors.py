"""What was wrong is no longer said once a press has taken its cause away; what a section asks is read whole."""

import pytest
from django.test import Client

from tests.cast import Cast, sign_in
from tests.consults.helpers import drafted

pytestmark = pytest.mark.django_db
GONE = '<div id="ask-errors" hx-swap-oob="true"></div>'


def test_the_error_summary_goes_with_its_cause_and_stays_with_another(cast: Cast) -> None:
    draft = drafted(cast)
    client = sign_in(Client(), cast.clinician_prairie)
    text = "72-year-old with atrial fibrillation, call 217 555 0143 or 217 555 0144. " + draft.summary
    form = {"draft": draft.number, "question": draft.question, "summary": text, "specialty": "cardiology"}
    form |= {"reason": "dosing"}
    page = client.post("/ask/", form | {"send": "1"}).content.decode()
    assert "One thing needs your attention" in page
    assert 'name="warned" value="1"' in page

    def press(**more: str) -> str:
        return client.post("/ask/redact/", form | more, HTTP_HX_REQUEST="true").content.decode()

    assert GONE not in press(warned="1", redact="summary:217 555 0143"), "one is left"
    assert GONE not in press(redact="all"), "the errors were of something else"
    assert GONE in press(warned="1", redact="all")


def test_why_it_matters_is_written_in_a_field_of_lines(cast: Cast) -> None:
    client = sign_in(Client(), cast.lead)
    page = client.get("/sections/cardiology/gate/").content.decode()
    assert '<textarea name="summary_why"' in page
