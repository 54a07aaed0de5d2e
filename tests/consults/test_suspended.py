"""An organization whose membership is suspended: new questions and engagements wait, and nothing else does."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from consults.models import Call, Consult, Engagement
from consults.services import answering, calls, requesting, sending
from portal.common.refusals import Refused
from portal.fees.models import Account
from portal.fees.services import standing
from tests.cast import Cast, sign_in
from tests.consults import test_engagements
from tests.consults.helpers import NOON, after, claimed, drafted
from tests.consults.test_api import QUESTION, Api
from tests.portal.fees.helpers import billed, noon, paid, signed

pytestmark = pytest.mark.django_db
SUSPENDED_SINCE = date(2026, 3, 3)


@pytest.fixture
def suspended(cast: Cast) -> Cast:
    agreement = signed(cast)
    billed(cast, agreement)
    standing.review(agreement.account, at=noon(SUSPENDED_SINCE))
    assert standing.is_suspended(cast.prairie)
    return cast


def test_a_new_question_waits_as_a_draft_with_the_reason(suspended: Cast, client: Client) -> None:
    draft = drafted(suspended)
    with pytest.raises(
        Refused, match="membership of Prairie Health is suspended since 3 March 2026, so new questions wait"
    ):
        sending.send(draft, by=suspended.clinician_prairie, attested=False, at=after(1))
    sign_in(client, suspended.clinician_prairie)
    fields = ("question", "summary", "reason", "results", "medicines", "tried")
    data = {name: getattr(draft, name) for name in fields if hasattr(draft, name)}
    data |= {"draft": draft.number, "specialty": "cardiology", "urgency": draft.urgency, "send": "1"}
    page = client.post("/ask/", data)
    assert "is suspended since 3 March 2026, so new questions wait" in page.content.decode()
    assert "$" not in page.content.decode().partition("is suspended since")[2][:400]
    draft.refresh_from_db()
    assert (draft.state, draft.question) == (Consult.State.DRAFT, data["question"])
    assert Api(suspended.clinician_prairie).post(f"drafts/{draft.number}/send/", {}).status_code == 403


def test_what_is_open_goes_on_to_its_end(cast: Cast) -> None:
    consult = claimed(cast)
    agreement = signed(cast)
    billed(cast, agreement)
    standing.review(agreement.account, at=noon(SUSPENDED_SINCE))
    consult = answering.ask_back(consult, by=cast.specialist, text="Which weight?", at=after(1))
    consult = requesting.reply(consult, by=cast.clinician_prairie, text="70 kg.", at=after(2))
    consult = answering.answer(consult, by=cast.specialist, text="5 mg.", documents=[], minutes=5, at=after(3))
    consult = requesting.close(
        consult, by=cast.clinician_prairie, course="new", referral="avoided", value=5, at=after(4)
    )
    assert consult.state == Consult.State.CLOSED


def test_new_engagements_wait_and_others_are_not_touched(suspended: Cast) -> None:
    why = r"since 3 March 2026, so new engagements wait.*INV-2026-00001: \$1,404.00 was due on 31 January 2026\."
    with pytest.raises(Refused, match=why):
        test_engagements.asked(suspended)
    assert not Engagement.objects.exists()
    draft = drafted(suspended, by=suspended.clinician_lakeside)
    assert sending.send(draft, by=suspended.clinician_lakeside, attested=False, at=after(1)).state != "draft"


CALL: dict[str, Any] = {"number": "217 555 0143", "topic": "Which dose of apixaban on dialysis?"}
WAIT = "is suspended since 3 March 2026, so new calls wait"


def test_a_new_call_waits_with_the_reason_on_the_page_and_over_rest(suspended: Cast, client: Client) -> None:
    sign_in(client, suspended.clinician_prairie)
    page = client.post("/calls/new/", CALL | {"specialty": "cardiology"})
    text = page.content.decode()
    assert WAIT in text
    assert "Not for emergencies" in text
    assert CALL["topic"] in text, "what was typed is kept"
    api = Api(suspended.clinician_prairie)
    refused = api.post("calls/", CALL | {"specialty": "cardiology"})
    assert (refused.status_code, WAIT in refused.content.decode()) == (403, True)
    assert not Call.objects.exists()
    assert api.post("drafts/", QUESTION).status_code == 201, "written down it may be"
    direct = api.post("consults/", QUESTION)
    assert (direct.status_code, "so new questions wait" in direct.content.decode()) == (403, True), direct.content
    assert not Consult.objects.exclude(state="draft").exists()


def test_a_call_that_was_asked_for_before_or_about_what_is_open_goes_on(cast: Cast) -> None:
    consult = claimed(cast)
    before = calls.request_call(by=cast.clinician_prairie, specialty=cast.cardiology, at=NOON, **CALL)
    agreement = signed(cast)
    billed(cast, agreement)
    standing.review(agreement.account, at=noon(SUSPENDED_SINCE))
    assert calls.take(before, by=cast.specialist, at=after(1)).state == "taken"
    about: dict[str, Any] = {"specialty": cast.cardiology, "consult": consult, "at": after(1)}
    assert calls.request_call(by=cast.clinician_prairie, **about, **CALL).consult == consult
    with pytest.raises(Refused, match=WAIT):
        calls.request_call(by=cast.clinician_prairie, specialty=cast.cardiology, at=after(2), **CALL)
    other = calls.request_call(by=cast.clinician_lakeside, specialty=cast.cardiology, at=after(2), **CALL)
    assert other.organization == cast.lakeside


def test_paid_it_asks_again(suspended: Cast) -> None:
    account = Account.objects.get(organization=suspended.prairie)
    paid(suspended, account, 140_400, at=noon(date(2026, 3, 10)))
    standing.review(account, at=noon(date(2026, 3, 10)))
    draft = drafted(suspended)
    assert sending.send(draft, by=suspended.clinician_prairie, attested=False, at=after(1)).state != "draft"
