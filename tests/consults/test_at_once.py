"""Two requests of one person at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from consults.services import sending
from tests.cast import Cast, sign_in
from tests.consults.helpers import drafted


def test_two_presses_on_send_at_once_are_one_question_and_no_error(committed_cast: Cast) -> None:
    """The second waits for the first one's lock, and then finds the draft sent."""
    cast = committed_cast
    draft = drafted(cast)
    client = sign_in(Client(raise_request_exception=False), cast.clinician_prairie)

    def press() -> int:
        try:
            data = {"draft": draft.number, "question": draft.question, "summary": draft.summary, "send": "1"}
            return client.post("/ask/", data | {"specialty": "cardiology", "reason": "dosing"}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            sending.send(draft, by=cast.clinician_prairie, attested=False, at=timezone.now())
            second = pool.submit(press)
            with pytest.raises(TimeoutError):
                second.result(timeout=2)
        assert second.result(timeout=20) == 302
