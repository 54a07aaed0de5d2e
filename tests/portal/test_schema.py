"""The OpenAPI description: made without a warning, valid, and what the consults endpoints really answer."""

import re
from copy import deepcopy
from datetime import time
from functools import cache
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft4Validator  # type: ignore[import-untyped]
from rest_framework.throttling import UserRateThrottle

from consults.hours import Shift
from consults.models import Consult
from consults.services import answering, attachments, availability, clockwork
from tests.cast import Cast
from tests.consults.helpers import IN_STATE, after, sent
from tests.consults.test_api import QUESTION, Api
from tests.consults.test_asking import published
from tests.portal.fees.helpers import signed

pytestmark = pytest.mark.django_db
Schema = dict[str, Any]
REFUSAL = "#/components/schemas/Problem"


@pytest.fixture(scope="module")
def schema() -> Schema:
    return described()


@cache
def described() -> Schema:
    """Made once, however many files ask for it: it takes a while."""
    out = StringIO()
    call_command("spectacular", "--fail-on-warn", stdout=out)
    made: Schema = yaml.safe_load(out.getvalue())
    return made


def closed_(node: Any) -> Any:
    """As JSON Schema: null where it is allowed, and no property that the description does not name."""
    if isinstance(node, list):
        return [closed_(part) for part in node]
    if not isinstance(node, dict):
        return node
    made = {name: closed_(part) for name, part in node.items() if name != "nullable"}
    if "properties" in made and isinstance(made["properties"], dict):
        made.setdefault("additionalProperties", False)
    return {"anyOf": [made, {"type": "null"}]} if node.get("nullable") else made


def check(schema: Schema, path: str, method: str, response: Any) -> None:
    """That the response is described: its status, its type of content, and its body."""
    described = schema["paths"][f"/api/v1/{path}"][method]["responses"]
    status = str(response.status_code)
    assert status in described, f"{method} {path} answered {status}: {response.content[:200]!r}"
    kind = response["Content-Type"].partition(";")[0]
    assert kind in described[status]["content"], f"{kind} is not described for {status}"
    body = described[status]["content"][kind]["schema"]
    whole = closed_(deepcopy(body)) | {"components": closed_(deepcopy(schema["components"]))}
    errors = [
        f"{list(error.path)}: {error.message[:200]}" for error in Draft4Validator(whole).iter_errors(response.json())
    ]
    assert not errors, f"{method} {path}:\n" + "\n".join(errors)


def test_it_is_made_without_warnings_and_valid(schema: Schema) -> None:
    validate_schema(schema)  # type: ignore[no-untyped-call]
    assert schema["openapi"].startswith("3.")


def test_the_contract_is_all_there(schema: Schema) -> None:
    actions = "claim ask reply answer handover transfer second-opinion opinion decline withdraw close".split()
    for path, methods in {
        "me/": {"get"},
        "search/": {"get"},
        "documents/": {"get"},
        "documents/{slug}/": {"get"},
        "availability/": {"get", "post"},
        "absences/": {"post"},
        "on-call/": {"get", "post"},
        "specialties/{slug}/routing/": {"get", "post"},
        "consults/": {"get", "post"},
        "consults/{number}/": {"get"},
        **{f"consults/{{number}}/{action}/": {"post"} for action in actions},
    }.items():
        found = {name for name in schema["paths"] if name == f"/api/v1/{path}"}
        if path != "documents/{slug}/":
            assert found, path
            assert methods <= schema["paths"][f"/api/v1/{path}"].keys()
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if method == "post" and path.startswith("/api/v1/consults/"):
                names = {parameter["name"] for parameter in operation["parameters"]}
                assert "Idempotency-Key" in names, path


def test_every_operation_says_what_it_may_refuse_and_in_which_shape(schema: Schema) -> None:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            responses, at = dict(operation["responses"]), f"{method} {path}"
            expected = {"400", "406", "429", "503"}
            expected |= {"401", "403"} if operation.get("security") else set()
            expected |= {"404"} if "{" in path else set()
            expected |= set() if method == "get" else {"409"}
            expected |= {"413", "415"} if "requestBody" in operation else set()
            assert expected <= responses.keys(), at
            assert "content" not in responses.pop("414"), "gunicorn answers it, before anything of ours"
            for status in [one for one in responses if one >= "400"]:
                content = responses[status]["content"]
                assert content == {"application/problem+json": {"schema": {"$ref": REFUSAL}}}, f"{at} {status}"


def test_refusals_from_below_the_views_are_as_described(
    cast: Cast, schema: Schema, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinician = Api(cast.clinician_prairie)
    options: dict[str, Any] = {"content_type": "application/json", "headers": clinician.headers}
    address = "/api/v1/identifiers/"

    def seen(status: int, response: Any) -> None:
        assert response.status_code == status
        check(schema, "identifiers/", "post", response)

    admin = Api(cast.network_admin)
    missing = admin.client.delete(f"/api/v1/organizations/{cast.prairie.slug}/sign-in/", headers=admin.headers)
    assert missing.status_code == 409
    check(schema, "organizations/{slug}/sign-in/", "delete", missing)
    seen(400, clinician.client.post(address, "{", **options))
    seen(400, clinician.client.post(f"{address}?a=%00", "{}", **options))
    seen(406, clinician.client.post(address, "{}", **options | {"headers": {**clinician.headers, "Accept": "image/*"}}))
    seen(415, clinician.client.post(address, "a=b", **options | {"content_type": "text/plain"}))
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    seen(413, clinician.client.post(address, '{"text": "more than that"}', **options))
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "1/day"})
    seen(429, clinician.client.post(address, "{}", **options))


def test_the_hours_of_a_week_are_as_described(cast: Cast, schema: Schema) -> None:
    shape = schema["components"]["schemas"]["ShiftShape"]["properties"]
    availability.set_week(by=cast.specialist, person=cast.specialist, shifts=[Shift(0, time(8), time(0))])
    week = Api(cast.specialist).get("availability/").json()["week"]
    for name in ("start", "end"):
        assert "format" not in shape[name], "OpenAPI's time has seconds and a zone"
        assert re.fullmatch(shape[name]["pattern"], week[0][name])


def test_it_is_put_together_once(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, json = (Client().get("/api/schema/", headers={"Accept": kind}) for kind in ("*/*", "application/json"))
    assert json.json() == schema
    assert yaml.safe_load(plain.content)["paths"].keys() == schema["paths"].keys()
    monkeypatch.setattr(SchemaGenerator, "get_schema", None)
    for kind, first in (("*/*", plain), ("application/json", json)):
        again = Client().get("/api/schema/?version=2", headers={"Accept": kind})
        assert (again.status_code, again.content, again["Content-Type"]) == (200, first.content, first["Content-Type"])


def test_it_is_served_to_anyone_and_the_browsable_page_too() -> None:
    assert Client().get("/api/schema/").status_code == 200
    page = Client().get("/api/docs/")
    assert page.status_code == 200
    assert "unsafe-inline" not in page["Content-Security-Policy"]


@pytest.mark.parametrize("state", list(IN_STATE))
def test_a_consult_in_each_state_is_as_described(cast: Cast, schema: Schema, state: str) -> None:
    consult = IN_STATE[state](cast)
    response = Api(cast.clinician_prairie).get(f"consults/{consult.number}/")
    assert response.json()["state"] == state
    check(schema, "consults/{number}/", "get", response)


def test_a_consult_with_everything_is_as_described(cast: Cast, schema: Schema) -> None:
    document = published("apixaban")
    consult = sent(cast)
    consult.documents.add(document)
    upload = SimpleUploadedFile("a.txt", b"notes")
    attachments.attach(consult, by=cast.clinician_prairie, upload=upload, at=after(1))
    answering.claim(consult, by=cast.specialist, at=after(1))
    clockwork.sweep(now=after(49))
    answering.answer(consult, by=cast.specialist, text="x", documents=[document], minutes=3, at=after(50))
    response = Api(cast.clinician_prairie).get(f"consults/{consult.number}/")
    check(schema, "consults/{number}/", "get", response)
    found = response.json()
    cited = {"id": "apixaban", "title": "About apixaban", "revision": 1, "url": "/documents/apixaban/revisions/1/"}
    assert found["messages"][0]["documents"] == [cited]
    assert found["documents"] == ["apixaban"]
    assert found["attachments"][0]["url"].startswith(f"/consults/{consult.number}/files/")
    assert {entry["kind"] for entry in found["timeline"]} >= {"half", "at-risk", "breach"}


def test_a_list_is_as_described(cast: Cast, schema: Schema) -> None:
    for state in IN_STATE:
        IN_STATE[state](cast)
    check(schema, "consults/", "get", Api(cast.clinician_prairie).get("consults/"))


def test_writes_and_refusals_are_as_described(cast: Cast, schema: Schema) -> None:
    clinician, specialist = Api(cast.clinician_prairie), Api(cast.specialist)
    check(schema, "consults/", "get", clinician.get("consults/", state="none-such"))
    created = clinician.post("consults/", QUESTION)
    check(schema, "consults/", "post", created)
    assert created["Location"] == f"/api/v1/consults/{created.json()['number']}/"
    check(schema, "consults/", "post", clinician.post("consults/", {}))
    check(schema, "consults/", "post", specialist.post("consults/", QUESTION))
    check(schema, "consults/", "post", Api(None).post("consults/", QUESTION))
    number = created.json()["number"]
    for api, action, data in (
        (clinician, "claim", {}),
        (specialist, "claim", {}),
        (specialist, "claim", {}),
        (specialist, "ask", {}),
        (specialist, "ask", {"text": "Weight?"}),
        (clinician, "reply", {"text": "70 kg"}),
        (specialist, "handover", {"to": "nobody@network.example"}),
        (specialist, "handover", {"to": None}),
        (specialist, "claim", {}),
        (specialist, "answer", {"text": "5 mg", "documents": ["none"]}),
        (specialist, "answer", {"text": "5 mg", "minutes": 4}),
        (clinician, "close", {"value": 9}),
        (clinician, "close", {"course": "new", "referral": "avoided", "value": 4}),
        (clinician, "withdraw", {}),
        (specialist, "decline", {"reason": "x"}),
        (Api(cast.clinician_lakeside), "withdraw", {}),
    ):
        check(schema, f"consults/{{number}}/{action}/", "post", api.post(f"consults/{number}/{action}/", data))
    assert Consult.objects.get(number=number).state == "closed"


def test_what_belongs_to_a_reader_is_as_described(cast: Cast, schema: Schema) -> None:
    published("apixaban")
    clinician = Api(cast.clinician_prairie)
    options: dict[str, Any] = {"headers": clinician.headers, "content_type": "application/json"}
    made = clinician.post("lists/", {"name": "Ward"})
    check(schema, "lists/", "post", made)
    check(schema, "lists/", "post", clinician.post("lists/", {"name": ""}))
    number = made.json()["id"]
    check(schema, "lists/", "get", clinician.get("lists/"))
    check(schema, "lists/{id}/", "get", clinician.get(f"lists/{number}/"))
    one = f"/api/v1/lists/{number}/"
    check(schema, "lists/{id}/", "patch", clinician.client.patch(one, {"name": "Home"}, **options))
    path = f"{one}documents/apixaban/"
    put, moved = clinician.client.put(path, **options), clinician.client.patch(path, {"move": "up"}, **options)
    check(schema, "lists/{id}/documents/{slug}/", "put", put)
    check(schema, "lists/{id}/documents/{slug}/", "patch", moved)
    check(schema, "lists/{id}/documents/", "get", clinician.get(f"lists/{number}/documents/"))
    check(schema, "lists/{id}/", "get", Api(cast.clinician_lakeside).get(f"lists/{number}/"))
    learned = {"on": "2026-01-02", "question": "Which dose at 22?", "documents": ["apixaban"], "effect": "confirmed"}
    entry = clinician.post("education/", learned)
    check(schema, "education/", "post", entry)
    check(schema, "education/", "post", clinician.post("education/", {}))
    check(schema, "education/", "get", clinician.get("education/"))
    address = f"education/{entry.json()['id']}/"
    check(schema, "education/{id}/", "get", clinician.get(address))
    check(schema, "education/{id}/", "put", clinician.client.put(f"/api/v1/{address}", learned, **options))
    check(schema, "specialists/", "get", clinician.get("specialists/"))
    check(schema, "specialists/", "get", clinician.get("specialists/", specialty="none"))


def test_the_overview_and_files_are_as_described(cast: Cast, schema: Schema) -> None:
    admin, outsider = Api(cast.network_admin), Api(cast.clinician_prairie)
    agreement = signed(cast)
    check(schema, "overview/", "get", admin.get("overview/"))
    check(schema, "overview/members/", "get", admin.get("overview/members/"))
    check(schema, "overview/members/", "get", admin.get("overview/members/", show="none-such"))
    check(schema, "overview/", "get", outsider.get("overview/"))
    check(schema, "usage/{id}/", "get", admin.get(f"usage/{agreement.pk}/"))
    check(schema, "usage/{id}/people/", "get", admin.get(f"usage/{agreement.pk}/people/"))
    check(schema, "exports/kinds/", "get", admin.get("exports/kinds/"))
    made = admin.post("exports/", {"kind": "members", "format": "csv"}, key="k")
    check(schema, "exports/", "post", made)
    assert admin.post("exports/", {"kind": "members", "format": "csv"}, key="k").json() == made.json()
    assert made["Location"] == f"/api/v1/exports/{made.json()['key']}/"
    check(schema, "exports/", "post", admin.post("exports/", {"kind": "none-such", "format": "csv"}))
    check(
        schema, "exports/", "post", admin.post("exports/", {"kind": "invoices", "format": "csv", "asked": {"x": "y"}})
    )
    check(schema, "exports/", "post", outsider.post("exports/", {"kind": "members", "format": "csv"}))
    check(schema, "exports/", "get", admin.get("exports/"))
    check(schema, "exports/{key}/", "get", admin.get(f"exports/{made.json()['key']}/"))
    check(schema, "exports/{key}/", "get", outsider.get(f"exports/{made.json()['key']}/"))
