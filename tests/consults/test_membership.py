"""A membership that has ended, or has not begun: new questions and engagements wait, and nothing else does."""

import pytest
from django.test import Client
from django.utils import timezone

from consults.models import Consult, Engagement
from consults.services import answering, requesting, sending
from portal.common.refusals import Refused
from portal.members.models import Organization
from portal.members.services import membership
from tests.cast import Cast, sign_in
from tests.consults import test_engagements
from tests.consults.helpers import after, claimed, drafted, sent
from tests.consults.test_api import Api

pytestmark = pytest.mark.django_db


def end(cast: Cast) -> None:
    membership.end(cast.prairie, by=cast.network_admin, reason="It left.", at=timezone.now())


@pytest.mark.parametrize(("state", "words"), [("ended", "has ended, so no new"), ("joining", "first agreement")])
def test_a_new_question_waits_as_a_draft(cast: Cast, client: Client, state: str, words: str) -> None:
    draft = drafted(cast)
    Organization.objects.filter(pk=cast.prairie.pk).update(membership=state)
    draft = Consult.objects.get(pk=draft.pk)
    with pytest.raises(Refused, match=words):
        sending.send(draft, by=cast.clinician_prairie, attested=False, at=after(1))
    assert Api(cast.clinician_prairie).post(f"drafts/{draft.number}/send/", {}).status_code == 403
    draft.refresh_from_db()
    assert draft.state == Consult.State.DRAFT


def test_a_new_engagement_waits(cast: Cast) -> None:
    end(cast)
    cast.prairie.refresh_from_db()
    with pytest.raises(Refused, match="no new engagements are taken"):
        test_engagements.asked(cast)
    assert not Engagement.objects.exists()


def test_what_is_open_goes_on_to_its_end_and_reading_too(cast: Cast) -> None:
    consult = claimed(cast)
    end(cast)
    consult = answering.ask_back(consult, by=cast.specialist, text="Which weight?", at=after(1))
    consult = requesting.reply(consult, by=cast.clinician_prairie, text="70 kg.", at=after(2))
    consult = answering.answer(consult, by=cast.specialist, text="5 mg.", documents=[], minutes=5, at=after(3))
    consult = requesting.close(
        consult, by=cast.clinician_prairie, course="new", referral="avoided", value=5, at=after(4)
    )
    assert consult.state == Consult.State.CLOSED
    client = sign_in(Client(), cast.clinician_prairie)
    assert client.get(consult.get_absolute_url()).status_code == 200
    assert client.get("/documents/").status_code == 200


def test_asking_goes_on_once_it_is_reopened(cast: Cast) -> None:
    end(cast)
    membership.reopen(cast.prairie, by=cast.network_admin, reason="It came back.", at=timezone.now())
    assert sent(cast).state == Consult.State.QUEUED
