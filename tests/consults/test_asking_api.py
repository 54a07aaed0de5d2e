"""Asking over REST: gates, drafts below them, what reading answered, identifiers, and what to expect."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consults.models import Consult, GateVersion, ReadInstead
from consults.services import gating
from portal.members.models import Specialty
from tests.cast import Cast
from tests.consults.helpers import answered, drafted, sent
from tests.consults.test_api import QUESTION, Api, problem
from tests.consults.test_asking import published
from tests.consults.test_gate import STRICT, TOLD

pytestmark = pytest.mark.django_db
RULES = {"results": {"need": "required", "least": 20, "why": "They decide."}}


class TestGate:
    def test_read_by_everyone_and_replaced_by_lead_and_administrator(self, cast: Cast) -> None:
        path = "specialties/cardiology/gate/"
        shown = Api(cast.clinician_prairie).get(path).json()
        assert (shown["version"], shown["rules"]["question"]["need"], shown["consent"]) == (None, "required", "off")
        for number, person in enumerate((cast.lead, cast.network_admin), start=1):
            made = Api(person).post(path, {"rules": RULES, "consent": "required"}, key=f"k{number}").json()
            again = Api(person).post(path, {"rules": RULES, "consent": "required"}, key=f"k{number}").json()
            assert made == again
            assert (made["version"], made["rules"]["results"], made["consent"]) == (
                number,
                RULES["results"],
                "required",
            )
        assert GateVersion.objects.count() == 2, "the same key twice is one version"

    def test_nobody_else_replaces_it(self, cast: Cast) -> None:
        for person in (cast.specialist, cast.clinician_prairie, cast.admin_prairie, cast.editor, cast.auditor):
            problem(Api(person).post("specialties/cardiology/gate/", {"rules": RULES}), 403)
        problem(Api(cast.lead).post("specialties/neurology/gate/", {"rules": RULES}), 403)
        problem(Api(cast.lead).post("specialties/nothing/gate/", {"rules": RULES}), 404)
        problem(Api(None).get("specialties/cardiology/gate/"), 401)
        problem(Api(cast.lead).post("specialties/cardiology/gate/", {"rules": {"question": {"need": "off"}}}), 400)
        assert not GateVersion.objects.exists()


class TestSending:
    def test_what_the_gate_misses_is_named_and_nothing_is_kept(self, cast: Cast) -> None:
        gating.define(by=cast.lead, specialty=cast.cardiology, rules=STRICT, consent="required")
        body = problem(Api(cast.clinician_prairie).post("consults/", QUESTION), 400)
        assert {row["field"] for row in body["errors"]} == {"results", "tried", "consented"}
        assert not Consult.objects.exists()
        made = Api(cast.clinician_prairie).post("consults/", QUESTION | TOLD | {"consented": True})
        assert made.status_code == 201
        whole = Api(cast.specialist).get(f"consults/{made.json()['number']}/").json()
        assert (whole["results"], whole["tried"], whole["gate"]) == (TOLD["results"], TOLD["tried"], 1)
        assert [row["kind"] for row in whole["statements"]] == ["consent"]
        assert whole["statements"][0]["made_by"] == cast.clinician_prairie.name

    def test_a_draft_below_the_gate_is_kept_and_not_sent(self, cast: Cast) -> None:
        gating.define(by=cast.lead, specialty=cast.cardiology, rules=STRICT, consent="off")
        api = Api(cast.clinician_prairie)
        made = api.post("drafts/", QUESTION)
        number = made.json()["number"]
        assert (made.status_code, made["Location"]) == (201, f"/api/v1/drafts/{number}/")
        assert [gap["field"] for gap in made.json()["missing"]] == ["tried", "results"]
        assert made.json()["missing"][1]["why"] == STRICT["results"].why
        problem(api.post(f"drafts/{number}/send/"), 400)
        assert Consult.objects.get().state == "draft"
        full = api.post(f"drafts/{number}/", QUESTION | TOLD).json()
        assert full["missing"] == []
        done = api.post(f"drafts/{number}/send/")
        assert (done.status_code, done.json()["state"]) == (201, "queued")
        problem(api.get(f"drafts/{number}/"), 404)

    def test_nobody_elses_draft_exists(self, cast: Cast) -> None:
        draft, gone = drafted(cast), sent(cast)
        others = (cast.clinician_lakeside, cast.admin_prairie, cast.specialist, cast.network_admin, cast.auditor)
        for person in others:
            api = Api(person)
            problem(api.get(f"drafts/{draft.number}/"), 404)
            for act in ("", "send/", "answered/", "take-up/"):
                problem(api.post(f"drafts/{draft.number}/{act}", {"document": "x"}), 404)
        for act in ("", "send/", "answered/", "take-up/"):
            problem(Api(cast.clinician_prairie).post(f"drafts/{gone.number}/{act}", {"document": "x"}), 404)
        problem(Api(cast.specialist).post("drafts/", {"question": "May I?"}), 403)


class TestReadInstead:
    def test_a_document_answers_it_and_the_way_back(self, cast: Cast) -> None:
        published("apixaban")
        api, draft = Api(cast.clinician_prairie), drafted(cast)
        problem(api.post(f"drafts/{draft.number}/answered/", {"document": "nothing"}), 400)
        ended = api.post(f"drafts/{draft.number}/answered/", {"document": "apixaban"}).json()
        assert ended["set_aside_at"]
        problem(api.post(f"drafts/{draft.number}/send/"), 409)
        problem(api.post(f"drafts/{draft.number}/answered/", {"document": "apixaban"}), 409)
        assert api.post(f"drafts/{draft.number}/take-up/").json()["set_aside_at"] is None
        problem(api.post(f"drafts/{draft.number}/take-up/"), 409)
        assert not ReadInstead.objects.exists()

    def test_the_figure_and_who_sees_it(self, cast: Cast) -> None:
        document, day = published("apixaban"), timezone.now().date()
        specialty = Specialty.objects.get(slug="cardiology")
        ReadInstead.objects.bulk_create(ReadInstead(document=document, specialty=specialty, day=day) for _ in range(11))
        path = "specialties/cardiology/read-instead/"
        for person in (cast.lead, cast.editor, cast.network_admin):
            assert Api(person).get(path).json() == {
                "days": 90,
                "total": 11,
                "documents": [{"document": "apixaban", "questions": 11}],
                "withheld": 0,
            }
        for person in (cast.specialist, cast.clinician_prairie, cast.admin_prairie, cast.auditor):
            problem(Api(person).get(path), 403)
        problem(Api(cast.lead).get("specialties/neurology/read-instead/"), 403)


def test_identifiers_are_found_and_replaced_and_nothing_is_kept(cast: Cast) -> None:
    found = Api(cast.clinician_prairie).post("identifiers/", {"text": "Mr. Gunderson,\n93 years"}).json()
    assert found["redacted"] == "[name],\n[90 or older]"
    assert found["findings"][0] == {
        "kind": "a person's name",
        "words": "Mr. Gunderson",
        "start": 0,
        "end": 13,
        "word": "[name]",
    }
    problem(Api(None).post("identifiers/", {"text": "x"}), 401)


def test_what_to_expect_needs_eleven_answers(cast: Cast) -> None:
    for _ in range(10):
        answered(cast)
    now = timezone.now()
    rows = Consult.objects.exclude(state="draft")
    rows.update(submitted_at=now - timedelta(hours=20), answered_at=now - timedelta(hours=10))
    path = "specialties/cardiology/expected/"
    few = Api(cast.clinician_prairie).get(path).json()
    assert few == {"n": None, "median_seconds": None, "low_seconds": None, "high_seconds": None}
    answered(cast)
    for hours, row in enumerate(rows.order_by("pk")):
        rows.filter(pk=row.pk).update(
            submitted_at=now - timedelta(hours=20), answered_at=now - timedelta(hours=20 - hours)
        )
    many = Api(cast.clinician_lakeside).get(path).json()
    assert many == {"n": 11, "median_seconds": 18_000, "low_seconds": 9_000, "high_seconds": 27_000}
