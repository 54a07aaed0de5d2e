"""What every REST write and form stands on: one answer a key, refusals in one shape, limits, the CSRF page."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DataError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle

from consults.models import Consult
from consults.services import answering, requesting
from portal.common import notices
from portal.common.hints import wake_on_commit
from portal.common.models import IdempotentRequest, Mail, Notice
from portal.common.tasks import tidy
from portal.members.api import Me
from tests.cast import Cast, give, sign_in
from tests.consults.helpers import IN_STATE, after, claimed, sent
from tests.consults.test_api import QUESTION, Api, problem
from tests.consults.test_asking import published
from tests.full import full


@pytest.mark.django_db
class TestOnce:
    def test_an_action_sent_twice_is_done_once_and_answered_the_same(self, cast: Cast) -> None:
        consult = sent(cast, to=cast.specialist, at=timezone.now())
        api, path = Api(cast.specialist), f"consults/{consult.number}/ask/"
        first, second = (api.post(path, {"text": "Weight?"}, key="k") for _ in range(2))
        assert (first.status_code, second.status_code) == (200, 200)
        assert first.json() == second.json()
        assert consult.messages.count() == 1

    def test_a_key_is_for_one_request_its_address_and_its_body(self, cast: Cast) -> None:
        api = Api(cast.specialist)
        one, other = (sent(cast, at=timezone.now()) for _ in range(2))
        assert api.post(f"consults/{one.number}/claim/", key="k").status_code == 200
        problem(api.post(f"consults/{other.number}/claim/", key="k"), 409)
        other.refresh_from_db()
        assert other.state == "queued"

    def test_the_order_of_the_fields_does_not_matter(self, cast: Cast) -> None:
        api = Api(cast.clinician_prairie)
        first = api.post("consults/", QUESTION, key="k")
        again = api.post("consults/", dict(reversed(QUESTION.items())), key="k")
        assert first.json()["number"] == again.json()["number"]

    def test_a_key_of_200_characters_and_one_more(self, cast: Cast) -> None:
        api = Api(cast.clinician_prairie)
        assert api.post("consults/", QUESTION, key="k" * 200).status_code == 201
        body = problem(api.post("consults/", QUESTION, key="k" * 201), 400)
        assert [row["field"] for row in body["errors"]] == ["Idempotency-Key"]

    def test_the_second_answer_says_where_too(self, cast: Cast) -> None:
        api = Api(cast.clinician_prairie)
        first, second = (api.post("consults/", QUESTION, key="k") for _ in range(2))
        assert first["Location"] == second.headers.get("Location")

    def test_answers_are_forgotten_after_a_day_and_not_before(self, cast: Cast) -> None:
        for hours in (23, 25):
            at = timezone.now() - timedelta(hours=hours)
            IdempotentRequest.objects.create(person=cast.specialist, key=str(hours), fingerprint="x", created_at=at)
        Mail.objects.create(key="k", to="a@b.example", subject="unsent and old", body="x")
        tidy()
        assert [row.key for row in IdempotentRequest.objects.all()] == ["23"]
        assert Mail.objects.exists()


def test_the_same_key_twice_at_the_same_moment_is_one_consult(committed_cast: Cast) -> None:
    api, gate = Api(committed_cast.clinician_prairie), Barrier(4)

    def post() -> tuple[int, str]:
        try:
            gate.wait()
            response = api.client.__class__().post(
                "/api/v1/consults/",
                QUESTION,
                content_type="application/json",
                headers=api.headers | {"Idempotency-Key": "k"},
            )
            return response.status_code, response.json()["number"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = [future.result() for future in [pool.submit(post) for _ in range(4)]]
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert Consult.objects.count() == 1


def test_requests_of_one_person_go_on_side_by_side_and_each_counts(
    committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A count kept within a request's transaction would hold the next until that ends."""
    cache.clear()
    api, gate, answer = Api(committed_cast.clinician_prairie), Barrier(4, timeout=20), Me.get
    assert api.get("me/").status_code == 200

    def together(view: Me, request: Request) -> Response:
        gate.wait()
        return answer(view, request)

    def get() -> int:
        try:
            return int(Client().get("/api/v1/me/", headers=api.headers).status_code)
        finally:
            connections.close_all()

    monkeypatch.setattr(Me, "get", together)
    with ThreadPoolExecutor(4) as pool:
        assert [future.result() for future in [pool.submit(get) for _ in range(4)]] == [200] * 4
    monkeypatch.setattr(Me, "get", answer)
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "6/min"})
    assert [api.get("me/").status_code for _ in range(2)] == [200, 429]


def test_an_answer_goes_out_though_it_cannot_be_counted(committed_cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    api = Api(committed_cast.clinician_prairie)
    with full("common_cache"):
        assert api.get("me/").status_code == 200
    with ThreadPoolExecutor(1) as pool, transaction.atomic(), connection.cursor() as cursor:
        key = f"throttle_user_{committed_cast.clinician_prairie.pk}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])

        def get() -> int:
            try:
                with connection.cursor() as other:
                    other.execute("SET lock_timeout = '100ms'")
                return int(api.get("me/").status_code)
            finally:
                connections.close_all()

        assert pool.submit(get).result() == 200
    assert "not counted: the database says LockNotAvailable" in caplog.text


@pytest.mark.django_db
class TestLimit:
    @pytest.fixture(autouse=True)
    def three_a_minute(self, monkeypatch: pytest.MonkeyPatch) -> None:
        cache.clear()
        monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "3/min"})

    def test_the_fourth_request_is_told_when_to_come_back(self, cast: Cast) -> None:
        api = Api(cast.clinician_prairie)
        assert [api.get("me/").status_code for _ in range(3)] == [200] * 3
        response = api.get("consults/")
        problem(response, 429)
        assert 0 < int(response["Retry-After"]) <= 60
        assert Api(cast.specialist).get("me/").status_code == 200, "each person has a count of their own"

    def test_a_refusal_counts_and_what_was_counted_goes_by(self, cast: Cast) -> None:
        api, clock = Api(cast.clinician_prairie), [1_000_000.0]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(UserRateThrottle, "timer", lambda self: clock[0])
            assert [api.get("consults/C-0/").status_code for _ in range(4)] == [404] * 3 + [429]
            clock[0] += 59
            assert api.get("me/").status_code == 429
            clock[0] += 2
            assert [api.get("me/").status_code for _ in range(4)] == [200] * 3 + [429]

    def test_a_refused_write_changes_nothing(self, cast: Cast) -> None:
        api = Api(cast.clinician_prairie)
        for _ in range(3):
            api.get("me/")
        problem(api.post("consults/", QUESTION), 429)
        assert not Consult.objects.exists()

    def test_a_forged_address_is_worth_nothing(self) -> None:
        codes = [
            Client().get("/api/schema/", headers={"X-Forwarded-For": f"10.0.0.{number}"}).status_code
            for number in range(4)
        ]
        assert codes[-1] == 429


@pytest.mark.django_db
class TestProblems:
    @pytest.mark.parametrize(
        ("path", "status"), [("consults/C-999999/", 404), ("consults/?page=0", 404), ("consults/?state=x", 400)]
    )
    def test_refusals_have_one_shape(self, cast: Cast, path: str, status: int) -> None:
        problem(Api(cast.specialist).get(path), status)

    def test_a_method_that_is_none_and_a_type_that_is_none(self, cast: Cast) -> None:
        api = Api(cast.clinician_prairie)
        problem(api.client.delete("/api/v1/consults/", headers=api.headers), 405)
        problem(api.client.post("/api/v1/consults/", "a=b", content_type="text/plain", headers=api.headers), 415)
        problem(api.client.get("/api/v1/consults/"), 401)

    def test_nested_fields_are_named_by_their_path(self) -> None:
        from rest_framework.exceptions import ValidationError

        from portal.common.problems import handler

        response = handler(ValidationError({"documents": {"0": ["No."]}, "non_field_errors": ["Never."]}), {})
        assert response is not None
        rows = [(row["field"], row["detail"]) for row in response.data["errors"]]
        assert rows == [("documents.0", "No."), ("", "Never.")]

    def test_an_address_that_is_none(self, cast: Cast) -> None:
        problem(Api(cast.specialist).get("nothing/"), 404)

    def test_a_document_cited_twice_is_cited_once(self, cast: Cast) -> None:
        published("apixaban")
        consult = sent(cast, to=cast.specialist, at=timezone.now())
        api = Api(cast.specialist)
        api.client.raise_request_exception = False
        body = {"text": "5 mg", "documents": ["apixaban", "apixaban"]}
        response = api.post(f"consults/{consult.number}/answer/", body)
        assert response.status_code == 200

    @pytest.mark.parametrize("field", ["specialty", "assignee", "organization", "documents"])
    def test_a_zero_byte_is_a_wrong_value(self, cast: Cast, field: str) -> None:
        api = Api(cast.clinician_prairie)
        api.client.raise_request_exception = False
        value: Any = ["a\x00"] if field == "documents" else "a\x00"
        problem(api.post("consults/", QUESTION | {field: value}), 400)

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b'{"text": "a\\u0000b"}', "zero character"),
            (b'{"a\\u0000": 1}', "zero character"),
            (b'{"text": "\\ud800"}', "half of a character"),
            (b'{"text": [{"\\udfff": 1}]}', "half of a character"),
            (b'{"text": 1e999}', "too large"),
            (b'{"text": [-1e999]}', "too large"),
            (b"[" * 100_000, "too deeply"),
            (b'{"a":' * 50_000, "too deeply"),
            (b"[" * 20_000 + b"]" * 20_000, "too deeply"),
            (b"[" * 200 + b"]" * 200, "too deeply"),
        ],
    )
    def test_a_body_that_cannot_be_kept_is_refused_with_the_reason(self, cast: Cast, body: bytes, words: str) -> None:
        api = Api(cast.clinician_prairie)
        api.client.raise_request_exception = False
        options: dict[str, Any] = {"content_type": "application/json", "headers": api.headers}
        assert words in problem(api.client.post("/api/v1/identifiers/", body, **options), 400)["detail"]

    @pytest.mark.parametrize("text", ["\\u0000 is written so", "whole \U0001f600", "line\nline"])
    def test_a_text_that_only_looks_like_it_is_taken(self, cast: Cast, text: str) -> None:
        found = Api(cast.clinician_prairie).post("identifiers/", {"text": text})
        assert found.json()["redacted"] == text

    def test_a_body_larger_than_any_is_not_read(self, cast: Cast, settings: Any) -> None:
        api = Api(cast.clinician_prairie)
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
        assert api.post("identifiers/", {"text": "x" * 50}).status_code == 200
        problem(api.post("identifiers/", {"text": "x" * 150}), 413)

    def test_what_no_column_takes_is_400_and_nothing_stays_of_it(self) -> None:
        from portal.common.problems import handler

        with transaction.atomic():
            with pytest.raises(DataError) as found, connection.cursor() as cursor:
                cursor.execute("SELECT 10000000000::int")
            response = handler(found.value, {})
            assert connection.needs_rollback
        assert response is not None
        assert (response.status_code, response.data["status"]) == (400, 400)

    def test_what_no_calendar_goes_on_from_is_400(self) -> None:
        from portal.common.problems import handler

        with pytest.raises(OverflowError) as found:
            date.max + timedelta(days=1)
        response = handler(found.value, {})
        assert response is not None
        assert response.status_code == 400

    def test_a_foreign_organization_and_a_missing_one_answer_the_same(self, cast: Cast) -> None:
        api = Api(cast.clinician_prairie)
        foreign, missing = (api.post("consults/", QUESTION | {"organization": slug}) for slug in ("lakeside", "none"))
        assert foreign.status_code == missing.status_code


@pytest.mark.django_db
class TestRestOfConsults:
    def test_while_paused_no_moment_is_promised(self, cast: Cast) -> None:
        consult = IN_STATE["waiting"](cast)
        at = Consult.objects.get(pk=consult.pk)
        assert at.due_at is None
        hours_ago = timezone.now() - timedelta(hours=9)
        consult = sent(cast, to=cast.specialist, at=hours_ago)
        answering.ask_back(consult, by=cast.specialist, text="x", at=hours_ago + timedelta(hours=1))
        found = Api(cast.clinician_prairie).get(f"consults/{consult.number}/").json()["clock"]
        assert (found["state"], found["due_at"]) == ("paused", None)
        assert found["remaining_seconds"] == 47 * 3600
        assert abs(found["paused_seconds"] - 8 * 3600) < 60

    def test_newest_first(self, cast: Cast) -> None:
        old, new = (sent(cast, at=after(hours)) for hours in (0, 1))
        Consult.objects.filter(pk=old.pk).update(created_at=after(-5))
        rows = Api(cast.specialist).get("consults/").json()["results"]
        assert [row["number"] for row in rows] == [new.number, old.number]

    def test_only_documents_one_may_see_are_cited(self, cast: Cast) -> None:
        from knowledge.models import Document

        Document.objects.create(slug="unpublished", kind="topic")
        body = problem(Api(cast.clinician_prairie).post("consults/", QUESTION | {"documents": ["unpublished"]}), 400)
        assert [row["field"] for row in body["errors"]] == ["documents"]

    def test_a_long_thread_costs_what_a_short_one_costs(self, cast: Cast) -> None:
        document = published("apixaban")
        consult = claimed(cast)
        api = Api(cast.clinician_prairie)
        api.get("me/")
        seen = []
        for total in (2, 10):
            while consult.messages.count() < total:
                hours = 10 * consult.messages.count()
                text, at = "5 mg.", after(hours + 2)
                answering.answer(consult, by=cast.specialist, text=text, documents=[document], minutes=1, at=at)
                requesting.reply(consult, by=cast.clinician_prairie, text="And?", at=after(hours + 3))
            with CaptureQueriesContext(connection) as queries:
                api.get(f"consults/{consult.number}/")
            seen.append(len(queries))
        assert seen[0] == seen[1]


@pytest.mark.django_db
class TestTelling:
    def test_once_a_key_and_nobody_who_is_deactivated(self, cast: Cast) -> None:
        for _ in range(2):
            notices.tell(person=cast.specialist, kind="k", text="One.", path="/", key="k")
        cast.editor.is_active = False
        notices.tell(person=cast.editor, kind="k", text="One.", path="/", key="k")
        assert (Notice.objects.count(), Mail.objects.count()) == (1, 1)
        mail = Mail.objects.get()
        assert mail.to == cast.specialist.email
        assert "\nhttp://127.0.0.1:8000/\n" in mail.body

    def test_one_hint_a_transaction(self, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
        with django_capture_on_commit_callbacks() as callbacks:
            for _ in range(5):
                wake_on_commit("portal.common.tasks.send_outbox")
            wake_on_commit("knowledge.tasks.draw_flows")
        assert len(callbacks) == 2

    def test_a_notice_is_read_by_its_person_only(self, cast: Cast) -> None:
        notices.tell(person=cast.specialist, kind="k", text="One.", path="/", key="k")
        notices.mark_read(by=cast.editor, number=Notice.objects.get().pk)
        assert Notice.objects.get().read_at is None
        notices.mark_read(by=cast.specialist)
        assert Notice.objects.get().read_at is not None


@pytest.mark.django_db
class TestForgery:
    def test_a_form_without_its_token_is_refused_with_a_page_that_says_what_to_do(self, cast: Cast) -> None:
        client = sign_in(Client(enforce_csrf_checks=True), cast.specialist)
        consult = sent(cast)
        response = client.post(f"/consults/{consult.number}/claim/")
        assert response.status_code == 403
        page = response.content.decode()
        assert "This page had been open too long" in page
        assert "CSRF" not in page
        consult.refresh_from_db()
        assert consult.state == "queued"

    def test_a_session_opens_no_rest_write(self, cast: Cast) -> None:
        consult = sent(cast)
        client = sign_in(Client(), cast.specialist)
        response = client.post(f"/api/v1/consults/{consult.number}/claim/", {}, content_type="application/json")
        problem(response, 401)

    def test_whose_roles_are_gone_is_shown_nothing(self, cast: Cast) -> None:
        from portal.members.models import Role

        give(cast.editor, Role.Name.AUDITOR)
        cast.editor.roles.all().delete()
        problem(Api(cast.editor).get("consults/"), 401)
