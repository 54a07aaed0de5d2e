"""The REST contract of consults: shapes, states, refusals as problem details, and writes sent twice."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from consults.models import Consult
from portal.members.models import ApiToken, Person, digest
from tests.cast import Cast, make_person
from tests.consults.helpers import IN_STATE, drafted, sent

pytestmark = pytest.mark.django_db


class Api:
    """A client of the REST interface, signed in with a token of the person."""

    def __init__(self, person: Person | None) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}
        if person:
            secret = f"secret-of-{person.pk}"
            ApiToken.objects.get_or_create(
                digest=digest(secret),
                defaults={"person": person, "hint": "se", "expires_at": timezone.now() + timedelta(days=1)},
            )
            self.headers["Authorization"] = f"Token {secret}"

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> Any:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"/api/v1/{path}", body or {}, content_type="application/json", headers=headers)


QUESTION = {
    "specialty": "cardiology",
    "reason": "dosing",
    "question": "Which dose of apixaban at an eGFR of 22?",
    "summary": "72-year-old with atrial fibrillation, 70 kg.",
}


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return body  # type: ignore[no-any-return]


def test_the_whole_journey(cast: Cast) -> None:
    clinician, specialist = Api(cast.clinician_prairie), Api(cast.specialist)
    created = clinician.post("consults/", QUESTION)
    assert created.status_code == 201
    body = created.json()
    number = body["number"]
    assert (body["state"], body["specialty"], body["assignee"]) == ("queued", "cardiology", None)
    assert body["clock"]["promised_hours"] == 48
    assert body["clock"]["state"] == "running"
    assert 48 * 3600 - 60 < body["clock"]["remaining_seconds"] <= 48 * 3600
    for action, data, by, state in (
        ("claim", {}, specialist, "assigned"),
        ("ask", {"text": "Weight?"}, specialist, "waiting"),
        ("reply", {"text": "70 kg"}, clinician, "assigned"),
        ("handover", {"to": "specialist2@network.example"}, specialist, "assigned"),
        ("answer", {"text": "5 mg twice daily", "documents": [], "minutes": 7}, Api(cast.specialist2), "answered"),
        ("close", {"course": "new", "referral": "avoided", "value": 5}, clinician, "closed"),
    ):
        response = by.post(f"consults/{number}/{action}/", data)
        assert response.status_code == 200, response.content
        assert response.json()["state"] == state
    detail = clinician.get(f"consults/{number}/").json()
    assert [message["kind"] for message in detail["messages"]] == ["ask-back", "reply", "answer"]
    assert [entry["kind"] for entry in detail["timeline"]] == [
        "submitted",
        "claimed",
        "asked-back",
        "replied",
        "handed-over",
        "answered",
        "closed",
    ]
    assert detail["clock"]["state"] == "stopped"
    assert {"started_at", "due_at", "paused_seconds", "explanation"} <= detail["clock"].keys()
    assert detail["clock"]["explanation"][0].startswith("Promised: an answer within 48 h")
    assert detail["close_out"] == {"course": "new", "referral": "avoided", "value": 5}


def test_a_named_specialist_by_address_or_identifier(cast: Cast) -> None:
    for who in (cast.specialist2.email, str(cast.specialist2.pk)):
        body = Api(cast.clinician_prairie).post("consults/", QUESTION | {"assignee": who}).json()
        assert (body["state"], body["assignee"]["email"]) == ("assigned", cast.specialist2.email)


def test_each_wrong_field_is_named(cast: Cast) -> None:
    body = problem(
        Api(cast.clinician_prairie).post(
            "consults/", {"specialty": "alchemy", "reason": "?", "documents": ["none"], "assignee": "x@y.example"}
        ),
        400,
    )
    fields = {row["field"] for row in body["errors"]}
    assert fields == {"specialty", "reason", "question", "summary", "documents", "assignee"}


def test_likely_identifiers_are_pointed_out_and_nothing_is_made(cast: Cast) -> None:
    text = QUESTION | {"summary": "Mr. Gunderson, MRN 00482913."}
    body = problem(Api(cast.clinician_prairie).post("consults/", text), 400)
    assert [row["field"] for row in body["errors"]] == ["attested"]
    assert not Consult.objects.exists()
    assert Api(cast.clinician_prairie).post("consults/", text | {"attested": True}).status_code == 201


@pytest.mark.parametrize("state", [state for state in IN_STATE if state not in ("draft", "assigned")])
def test_an_action_not_allowed_in_a_state_is_409_with_the_reason(cast: Cast, state: str) -> None:
    consult = IN_STATE[state](cast)
    body = problem(
        Api(cast.specialist).post(f"consults/{consult.number}/ask/", {"text": "x"}),
        409 if state in ("waiting", "answered", "closed") else 403 if consult.assignee != cast.specialist else 409,
    )
    assert body["detail"]


def test_409_says_why(cast: Cast) -> None:
    number = IN_STATE["closed"](cast).number
    body = problem(Api(cast.clinician_prairie).post(f"consults/{number}/withdraw/"), 409)
    assert body["detail"] == "This consult is closed: “withdraw” is not possible now."


def test_of_two_claims_the_second_is_told_who_has_it(cast: Cast) -> None:
    number = sent(cast).number
    assert Api(cast.specialist).post(f"consults/{number}/claim/").status_code == 200
    body = problem(Api(cast.specialist2).post(f"consults/{number}/claim/"), 409)
    assert f"{cast.specialist.name} took it before you" in body["detail"]


def test_not_allowed_to_this_person_is_403_with_the_reason(cast: Cast) -> None:
    number = sent(cast).number
    for person, action in (
        (cast.clinician_prairie, "claim"),
        (cast.auditor, "claim"),
        (cast.network_admin, "answer"),
        (cast.specialist, "withdraw"),
    ):
        body = problem(Api(person).post(f"consults/{number}/{action}/", {"text": "x"}), 403)
        assert re.match("Only|You asked", body["detail"])


def test_foreign_and_missing_are_the_same_404(cast: Cast) -> None:
    consult, draft = sent(cast), drafted(cast)
    stranger = Api(cast.clinician_lakeside)
    bodies = [
        problem(stranger.get(f"consults/{number}/"), 404) for number in (consult.number, draft.number, "C-999999")
    ]
    bodies += [
        problem(stranger.post(f"consults/{number}/{action}/"), 404)
        for number in (consult.number, "C-999999")
        for action in ("claim", "ask", "reply", "answer", "handover", "decline", "withdraw", "close")
    ]
    assert all(body == bodies[0] for body in bodies)
    assert stranger.get("consults/").json()["count"] == 0


def test_without_a_token_nothing(cast: Cast) -> None:
    number = sent(cast).number
    for path in ("me/", "consults/", f"consults/{number}/", "documents/", "search/?q=x"):
        response = Api(None).get(path)
        problem(response, 401)
        assert response["WWW-Authenticate"].startswith("Token")


def test_lists_filter_by_state_specialty_and_mine(cast: Cast) -> None:
    mine, other = IN_STATE["assigned"](cast), sent(cast, by=cast.clinician_lakeside)
    api = Api(cast.specialist)
    assert api.get("consults/").json()["count"] == 2
    assert [row["number"] for row in api.get("consults/", mine="true").json()["results"]] == [mine.number]
    assert [row["number"] for row in api.get("consults/", state="queued").json()["results"]] == [other.number]
    assert api.get("consults/", specialty="neurology").json()["count"] == 0
    problem(api.get("consults/", state="lost"), 400)
    problem(api.get("consults/", page="99"), 404)


def test_the_same_idempotency_key_is_one_consult(cast: Cast) -> None:
    api = Api(cast.clinician_prairie)
    first, second = (api.post("consults/", QUESTION, key="one") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json()["number"] == second.json()["number"]
    assert Consult.objects.count() == 1
    problem(api.post("consults/", QUESTION | {"reason": "other"}, key="one"), 409)
    assert Api(cast.clinician_lakeside).post("consults/", QUESTION, key="one").status_code == 201, "keys are personal"


def test_a_refused_write_does_not_use_up_its_key(cast: Cast) -> None:
    api = Api(cast.clinician_prairie)
    problem(api.post("consults/", QUESTION | {"question": ""}, key="one"), 400)
    assert api.post("consults/", QUESTION, key="one").status_code == 201


def test_only_clinicians_ask(cast: Cast) -> None:
    for person in (cast.specialist, cast.admin_prairie, cast.editor, cast.network_admin):
        problem(Api(person).post("consults/", QUESTION), 403)


def test_a_deactivated_person_is_out_at_once(cast: Cast) -> None:
    api = Api(cast.clinician_prairie)
    assert api.get("me/").status_code == 200
    cast.clinician_prairie.is_active, cast.clinician_prairie.deactivated_at = False, timezone.now()
    cast.clinician_prairie.save()
    problem(api.get("me/"), 401)
    problem(Api(make_person("nobody@prairie.example", "No One")).get("me/"), 401)


@pytest.mark.parametrize("body", ["[]", '"x"', "{", "null"])
def test_odd_bodies_are_a_400(cast: Cast, body: str) -> None:
    api = Api(cast.clinician_prairie)
    response = api.client.post("/api/v1/consults/", body, content_type="application/json", headers=api.headers)
    problem(response, 400)


def test_reading_a_consult_is_on_the_record(cast: Cast) -> None:
    from portal.common.models import AuditEvent

    number = sent(cast).number
    Api(cast.auditor).get(f"consults/{number}/")
    event = AuditEvent.objects.filter(action="consult.read").get()
    assert (event.actor, event.object_id, event.organization_id) == (
        cast.auditor.email,
        number,
        cast.prairie.pk,
    )


def test_lists_need_the_same_queries_for_2_and_for_20(cast: Cast, django_assert_max_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    api = Api(cast.specialist)
    api.get("me/")  # the first use of a token is noted
    counts = []
    for total in (2, 20):
        while Consult.objects.count() < total:
            IN_STATE["answered"](cast)
        with CaptureQueriesContext(connection) as queries:
            assert api.get("consults/", page_size=50).json()["count"] == total
        counts.append(len(queries))
    assert counts[0] == counts[1]
