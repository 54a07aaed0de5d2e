"""Searching the audit trail: who may, what each filter finds, what is shown to whom, and pages that count nothing."""

import csv
import io
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.common import tenancy
from portal.common.audit import record
from portal.common.models import AuditEvent
from portal.members import trail
from portal.members.models import Person, Role
from portal.members.services.tokens import create_token
from tests.cast import Cast, give, sign_in


def event(at: str = "2026-11-10T12:00Z", **fields: Any) -> AuditEvent:
    values = {"actor": "a@x.example", "action": "consult.read", "object_type": "consult", "object_id": "C-1001"}
    return AuditEvent.objects.create(at=datetime.fromisoformat(at), **values | fields)


def happen(cast: Cast) -> None:
    """What each of the cast did, named by its action."""
    prairie, lakeside = cast.prairie.pk, cast.lakeside.pk
    common: dict[str, Any] = {"object_type": "x", "object_id": 1, "secret": 7}
    record(by=cast.clinician_prairie, action="of prairie's", **common)
    record(by=cast.clinician_prairie, action="prairie's at home", organization_id=prairie, **common)
    record(by=cast.clinician_prairie, action="prairie's on lakeside", organization_id=lakeside, **common)
    record(by=cast.specialist, action="on prairie", organization_id=prairie, **common)
    record(by=cast.clinician_lakeside, action="of lakeside's", **common)
    record(by=cast.editor, action="the network's", **common)


def seen(client: Client, query: str = "") -> list[str]:
    """The actions shown, but for those of reading the trail."""
    rows = client.get(f"/audit/{query}").context["part"].events
    return [row["action"] for row in rows if row["object_type"] != "audit"]


def by_token(person: Person, query: str = "") -> Any:
    secret = create_token(by=person, person=person, name="x")[1]
    return Client().get(f"/api/v1/audit/{query}", headers={"Authorization": f"Token {secret}"})


class TestWhoReads:
    OF_PRAIRIE = ["on prairie", "prairie's at home", "of prairie's"]

    def test_an_auditor_everything(self, cast: Cast, client: Client) -> None:
        happen(cast)
        assert len(seen(sign_in(client, cast.auditor))) == 6

    def test_an_administrator_what_concerns_the_organization(self, cast: Cast, client: Client) -> None:
        happen(cast)
        assert seen(sign_in(client, cast.admin_prairie)) == self.OF_PRAIRIE
        assert [row["action"] for row in by_token(cast.admin_prairie).json()["results"]][-3:] == self.OF_PRAIRIE

    def test_not_what_somebody_did_before_they_came(self, cast: Cast, client: Client) -> None:
        record(by=cast.clinician_lakeside, action="earlier", object_type="x", object_id=1)
        give(cast.clinician_lakeside, Role.Name.CLINICIAN, organization=cast.prairie)
        record(by=cast.clinician_lakeside, action="later", object_type="x", object_id=1)
        assert seen(sign_in(client, cast.admin_prairie)) == ["later"]

    def test_somebody_elses_address_and_detail_stay_theirs(self, cast: Cast, client: Client) -> None:
        happen(cast)
        sign_in(client, cast.admin_prairie)
        rows = {row["action"]: row for row in client.get("/audit/").context["part"].events}
        assert rows["of prairie's"]["detail"] == {"secret": 7}
        assert rows["on prairie"]["detail"] == {}
        client.get("/documents/", REMOTE_ADDR="192.0.2.7")
        AuditEvent.objects.create(action="own", of_organizations=[cast.prairie.pk], address="192.0.2.7")
        AuditEvent.objects.create(action="another's", organization_id=cast.prairie.pk, address="192.0.2.8")
        page = client.get("/audit/").content.decode()
        assert "192.0.2.7" in page
        assert "192.0.2.8" not in page
        rest = {row["action"]: row["address"] for row in by_token(cast.admin_prairie).json()["results"]}
        assert (rest["own"], rest["another's"]) == ("192.0.2.7", None)
        lines = list(csv.DictReader(io.StringIO(client.get("/audit/?format=csv").content.decode())))
        assert {line["action"]: line["address"] for line in lines}["another's"] == ""

    @pytest.mark.parametrize(
        "who", ["clinician_prairie", "clinician_lakeside", "specialist", "lead", "editor", "network_admin"]
    )
    def test_nobody_else(self, cast: Cast, client: Client, who: str) -> None:
        happen(cast)
        person = getattr(cast, who)
        assert sign_in(client, person).get("/audit/").status_code == 403
        assert client.get("/audit/?format=csv").status_code == 403
        assert by_token(person).status_code == 403
        assert not AuditEvent.objects.visible_to(person).exists()

    def test_not_without_signing_in_and_not_by_post(self, cast: Cast, client: Client) -> None:
        assert client.get("/audit/").status_code == 302
        assert client.get("/api/v1/audit/").status_code == 401
        assert sign_in(client, cast.auditor).post("/audit/").status_code == 405

    def test_an_administrator_of_an_organization_that_ended(self, cast: Cast, client: Client) -> None:
        happen(cast)
        cast.prairie.deactivated_at = timezone.now()
        cast.prairie.save()
        person = Person.objects.get(pk=cast.admin_prairie.pk)
        assert not AuditEvent.objects.visible_to(person).exists()

    def test_another_organization_cannot_be_asked_for(self, cast: Cast, client: Client) -> None:
        happen(cast)
        sign_in(client, cast.admin_prairie)
        assert client.get(f"/audit/?organization={cast.lakeside.pk}").context["part"].events == []
        assert by_token(cast.admin_prairie, "?organization=lakeside").status_code == 400
        assert by_token(cast.admin_prairie, "?organization=prairie").status_code == 200

    def test_reading_the_trail_is_an_event(self, cast: Cast, client: Client) -> None:
        sign_in(client, cast.auditor).get("/audit/?action=consult.read&since=2026-11-01")
        found = AuditEvent.objects.get(action="audit.read")
        assert found.detail == {"asked_action": "consult.read", "asked_since": "2026-11-01"}
        by_token(cast.auditor, "?person=a@x")
        assert AuditEvent.objects.filter(action="audit.read").latest("id").detail == {"asked_person": "a@x"}


class TestFilters:
    def test_each(self, cast: Cast, client: Client) -> None:
        event("2026-11-10T05:00Z", object_id="1001")
        event("2026-11-10T07:00Z", actor="b@x.example", of_organizations=[cast.prairie.pk])
        event("2026-11-12T07:00Z", for_person="c@x.example", for_id=3, organization_id=cast.lakeside.pk)
        sign_in(client, cast.auditor)

        def shown(query: str) -> int:
            return len(seen(client, f"?{query}"))

        assert shown("") == 3
        assert shown("person=a@x") == 2
        assert shown("person=C@X") == 1
        assert shown("action=consult.read&record=consult+c-1001") == 2
        assert shown("record=1001") == 3
        assert shown("record=Consult") == 3
        assert shown("record=document") == 0
        assert shown("kind=consult") == 3
        assert shown("kind=document") == 0
        assert shown("on_behalf=on") == 1
        assert shown(f"organization={cast.prairie.pk}") == 1
        assert shown(f"organization={cast.lakeside.pk}") == 1
        assert shown("organization=999999") == 0
        # The reader's midnight, six hours behind: the first event was still on the ninth.
        assert shown("since=2026-11-10") == 2
        assert shown("until=2026-11-09") == 1
        assert shown("until=9999-12-31") == shown("since=0001-01-01") == shown("")
        assert shown("since=nonsense") == 0
        lines = list(csv.reader(io.StringIO(client.get("/audit/?format=csv&person=a@x").content.decode())))
        assert len(lines) == 3
        assert AuditEvent.objects.get(action="export").actor == cast.auditor.email

    def test_over_rest(self, cast: Cast) -> None:
        event(organization_id=cast.prairie.pk)
        event("2026-11-12T12:00Z", action="consult.answer")

        def shown(query: str) -> int:
            rows = by_token(cast.auditor, query).json()["results"]
            return len([1 for row in rows if row["object_type"] == "consult"])

        assert shown("?record=c-1001") == 2
        assert shown("?action=consult.answer&kind=consult") == 1
        assert shown("?since=2026-11-11") == 1
        assert shown("?organization=prairie") == 1
        assert by_token(cast.auditor, "?since=x").status_code == 400
        assert by_token(cast.auditor, "?page_size=201").status_code == 400

    def test_the_words_of_the_search_come_back_safe(self, cast: Cast, client: Client) -> None:
        page = sign_in(client, cast.auditor).get("/audit/?person=<script>x&action='%22>").content.decode()
        assert "<script>x" not in page

    def test_what_was_asked_survives_storing(self) -> None:
        asked = trail.Asked(person="a", since=date(2026, 11, 1), organization=3, on_behalf=True)
        assert trail.Asked.from_json(asked.as_json()) == asked
        assert trail.Asked.from_json(trail.Asked().as_json()) == trail.Asked()


class TestPages:
    def test_forwards_and_back_without_a_gap(self, cast: Cast) -> None:
        moment = timezone.now()
        for n in range(7):
            AuditEvent.objects.create(at=moment + timedelta(seconds=n // 3), action=str(n), actor="a")
        rows = AuditEvent.objects.all()

        def names(part: trail.Part) -> str:
            return "".join(row["action"] for row in part.events)

        first = trail.part(rows, cast.auditor, size=3)
        second = trail.part(rows, cast.auditor, size=3, before=first.older)
        third = trail.part(rows, cast.auditor, size=3, before=second.older)
        assert [names(one) for one in (first, second, third)] == ["654", "321", "0"]
        assert not first.newer
        assert not third.older
        back = trail.part(rows, cast.auditor, size=3, after=third.newer)
        assert names(back) == "321"
        again = trail.part(rows, cast.auditor, size=3, after=back.newer)
        assert (names(again), again.newer) == ("654", "")
        assert again.older

    @pytest.mark.parametrize("cursor", ["x", "1", "1-", "-1", "9" * 40 + "-1", "1-" + "9" * 40, "²-1"])
    def test_a_nonsense_cursor_is_the_first_page(self, cast: Cast, cursor: str) -> None:
        event()
        assert len(trail.part(AuditEvent.objects.all(), cast.auditor, before=cursor).events) == 1
        assert len(trail.part(AuditEvent.objects.all(), cast.auditor, after=cursor).events) == 1

    @pytest.mark.parametrize("who", ["auditor", "admin_prairie"])
    def test_as_many_queries_for_many_events_and_none_that_counts(self, cast: Cast, client: Client, who: str) -> None:
        sign_in(client, getattr(cast, who))
        client.get("/audit/")
        counts = []
        for number in (2, 20):
            AuditEvent.objects.bulk_create(
                AuditEvent(actor="a", action=f"act {n}", organization_id=cast.prairie.pk) for n in range(number)
            )
            with CaptureQueriesContext(connection) as queries:
                assert len(client.get("/audit/").context["part"].events) >= number
            counts.append(len(queries))
            assert not any("count(" in query["sql"].lower() for query in queries if "auditevent" in query["sql"])
        assert counts[0] == counts[1]

    def test_the_names_are_found_by_skipping(self, db: None) -> None:
        assert trail.names() == ([], [])
        for action in ("b", "a", "b", "c"):
            event(action=action)
        assert trail.names() == (["a", "b", "c"], ["consult"])
        with tenancy.only([]):
            assert trail.names()[0] == ["a", "b", "c"]
            assert not AuditEvent.objects.exists(), "the wall stands again"
