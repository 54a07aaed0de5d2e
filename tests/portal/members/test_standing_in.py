"""Looking at the site as somebody else: who may, for how long, only looking, never signing, and on the record."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.utils import IntegrityError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consults.models import Consult
from consults.services import answering
from knowledge.models import Reading
from portal.common import circumstances
from portal.common.models import AuditEvent, Mail, Notice
from portal.common.notices import tell
from portal.common.refusals import Invalid, Refused
from portal.members.models import Person, Role, StandIn
from portal.members.services import standing_in
from portal.members.services.people import deactivate_person
from portal.members.services.roles import give_role
from portal.members.services.tokens import create_token
from tests.cast import Cast, give, sign_in
from tests.consults.helpers import claimed, sent
from tests.knowledge.helpers import make_document

WHY = "Request 4711: cannot find the consult"


def look(client: Client, cast: Cast, person: Person) -> StandIn:
    """The network's administrator begins to look as the person."""
    sign_in(client, cast.network_admin)
    answer = client.post(f"/people/{person.pk}/look/", {"reason": WHY})
    assert answer.status_code == 302, answer.content
    return StandIn.objects.get(ended_at=None)


class TestWhoMay:
    @pytest.mark.parametrize(
        "who", ["clinician_prairie", "admin_prairie", "clinician_lakeside", "specialist", "lead", "editor", "auditor"]
    )
    def test_nobody_but_administrators_of_the_network(self, cast: Cast, client: Client, who: str) -> None:
        by = getattr(cast, who)
        sign_in(client, by)
        other = cast.clinician_prairie if who != "clinician_prairie" else cast.specialist
        for answer in (
            client.get(f"/people/{other.pk}/look/"),
            client.post(f"/people/{other.pk}/look/", {"reason": WHY}),
        ):
            assert answer.status_code == 403
        assert b"Look as" not in client.get(f"/people/{other.pk}/").content
        with pytest.raises(Refused):
            standing_in.begin(by=by, person=other, reason=WHY, at=timezone.now())
        assert not StandIn.objects.exists()

    def test_not_as_oneself_nor_as_who_oversees_the_network(self, cast: Cast) -> None:
        second = give(cast.editor, Role.Name.NETWORK_ADMINISTRATOR)
        for person in (cast.network_admin, cast.auditor, second):
            with pytest.raises(Refused):
                standing_in.begin(by=cast.network_admin, person=person, reason=WHY, at=timezone.now())

    def test_not_as_somebody_who_cannot_sign_in(self, cast: Cast) -> None:
        deactivate_person(by=cast.network_admin, person=cast.clinician_prairie)
        cast.clinician_prairie.refresh_from_db()
        with pytest.raises(Refused, match="not active"):
            standing_in.begin(by=cast.network_admin, person=cast.clinician_prairie, reason=WHY, at=timezone.now())

    @pytest.mark.parametrize("reason", ["", "  ", "\0", "x" * 301])
    def test_not_without_a_reason(self, cast: Cast, client: Client, reason: str) -> None:
        with pytest.raises(Invalid):
            standing_in.begin(by=cast.network_admin, person=cast.clinician_prairie, reason=reason, at=timezone.now())
        sign_in(client, cast.network_admin)
        assert client.post(f"/people/{cast.clinician_prairie.pk}/look/", {"reason": reason}).status_code == 200
        assert not StandIn.objects.exists()

    def test_the_database_wants_a_reason_and_another_person(self, cast: Cast) -> None:
        now = timezone.now()
        values: dict[str, Any] = {"administrator": cast.network_admin, "began_at": now, "ends_at": now + timedelta(1)}
        with pytest.raises(IntegrityError, match="stand_in_has_a_reason"):
            StandIn.objects.create(person=cast.editor, reason="", **values)

    def test_signed_out(self, cast: Cast, client: Client) -> None:
        assert client.get(f"/people/{cast.editor.pk}/look/").status_code == 302
        assert client.get("/account/stand-ins/").status_code == 302


class TestLooking:
    def test_every_page_says_so_and_has_the_button(self, cast: Cast, client: Client) -> None:
        look(client, cast, cast.clinician_prairie)
        for path in ("/", "/consults/", "/documents/", "/search/?q=x", "/notices/", "/nothing/", "/account/"):
            page = client.get(path).content.decode()
            assert "You look at the site as <b>Dana Whitfield</b>" in page, path
            assert WHY in page
            assert 'action="/look/end/"' in page
        assert cast.network_admin.name not in client.get("/").content.decode()

    def test_it_sees_what_the_person_sees_and_no_more(self, cast: Cast, client: Client) -> None:
        mine = sent(cast)
        look(client, cast, cast.clinician_prairie)
        assert client.get(f"/consults/{mine.number}/").status_code == 200
        assert client.get("/network/people/").status_code == 403
        client.post("/look/end/")
        look(client, cast, cast.clinician_lakeside)
        assert client.get(f"/consults/{mine.number}/").status_code == 404

    def test_reading_a_consult_is_on_the_record_with_both_names(self, cast: Cast, client: Client) -> None:
        mine = sent(cast)
        look(client, cast, cast.clinician_prairie)
        client.get(f"/consults/{mine.number}/")
        event = AuditEvent.objects.get(action="consult.read")
        assert (event.actor, event.for_person) == (cast.network_admin.email, cast.clinician_prairie.email)
        assert event.of_organizations == [cast.prairie.pk]
        page = sign_in(Client(), cast.admin_prairie).get("/audit/?on_behalf=on").content.decode()
        assert f"on behalf of {cast.clinician_prairie.email}" in page

    def test_it_leaves_no_mark_of_theirs(self, cast: Cast, client: Client, tmp_path: Path) -> None:
        document = make_document(tmp_path, "sepsis-adult")
        mine = sent(cast)
        tell(person=cast.clinician_prairie, kind="x", text="x", path=mine.get_absolute_url(), key="x")
        look(client, cast, cast.clinician_prairie)
        assert client.get(f"/documents/{document.slug}/").status_code == 200
        client.get(mine.get_absolute_url())
        client.get(f"/notices/{Notice.objects.get(key='x').pk}/")
        assert not Reading.objects.filter(person=cast.clinician_prairie).exists()
        assert Notice.objects.get(key="x").read_at is None

    @pytest.mark.parametrize(
        "path",
        [
            "/account/",
            "/account/tokens/",
            "/accounts/2fa/",
            "/accounts/email/",
            "/account/reading/",
            "/account/education/export.csv",
            "/accounts/sessions/",
        ],
    )
    def test_their_own_account_stays_closed(self, cast: Cast, client: Client, path: str) -> None:
        look(client, cast, cast.clinician_prairie)
        answer = client.get(path)
        assert answer.status_code == 403
        assert "theirs alone" in answer.content.decode()


class TestOnlyLooking:
    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_nothing_is_sent(self, cast: Cast, client: Client, method: str) -> None:
        look(client, cast, cast.clinician_prairie)
        for path in ("/ask/", "/notices/read/", "/account/", "/nothing/", f"/people/{cast.editor.pk}/look/"):
            answer = getattr(client, method)(path)
            assert answer.status_code == 403, path
            assert "Nothing is answered, asked, approved, signed or changed" in answer.content.decode()

    @pytest.mark.parametrize("step", ["claim", "answer", "ask", "decline", "handover"])
    def test_no_consult_is_answered_for_a_specialist(self, cast: Cast, client: Client, step: str) -> None:
        mine = claimed(cast)
        before = Consult.objects.values().get(pk=mine.pk)
        look(client, cast, cast.specialist)
        assert client.get(f"/consults/{mine.number}/").status_code == 200
        assert client.post(f"/consults/{mine.number}/{step}/", {"text": "x", "minutes": 1}).status_code == 403
        assert Consult.objects.values().get(pk=mine.pk) == before

    def test_the_services_themselves_refuse(self, cast: Cast) -> None:
        """Whatever page or task were to forget it: no event, and so no act, of somebody else's."""
        mine = sent(cast)
        with circumstances.standing_in(cast.network_admin):
            with pytest.raises(Refused, match="as somebody else"):
                answering.claim(mine, by=cast.specialist, at=timezone.now())
            with pytest.raises(Refused, match="as somebody else"):
                give_role(
                    by=cast.admin_prairie, person=cast.clinician_prairie, role="local-editor", organization=cast.prairie
                )

    def test_a_token_knows_nothing_of_it(self, cast: Cast, client: Client) -> None:
        look(client, cast, cast.clinician_prairie)
        secret = create_token(by=cast.editor, person=cast.editor, name="x")[1]
        assert client.get("/api/v1/me/").status_code == 401
        answer = client.get("/api/v1/me/", headers={"Authorization": f"Token {secret}"})
        assert answer.json()["email"] == cast.editor.email


class TestEnding:
    def test_by_the_button(self, cast: Cast, client: Client) -> None:
        row = look(client, cast, cast.clinician_prairie)
        assert client.post("/look/end/").status_code == 302
        row.refresh_from_db()
        assert row.ended_at is not None
        assert "You look at the site as" not in client.get("/").content.decode()
        assert client.get("/network/people/").status_code == 200
        actions = AuditEvent.objects.filter(action__startswith="stand-in").order_by("id")
        assert [(event.action, event.actor, event.for_person) for event in actions] == [
            (f"stand-in.{act}", cast.network_admin.email, cast.clinician_prairie.email) for act in ("begin", "end")
        ]
        assert actions[0].detail == {"reason": WHY, "minutes": 30}
        assert client.post("/look/end/").status_code == 302

    def test_by_time(self, cast: Cast, client: Client) -> None:
        with time_machine.travel("2026-11-25T10:00Z", tick=False) as clock:
            row = look(client, cast, cast.clinician_prairie)
            clock.shift(timedelta(minutes=29, seconds=59))
            assert "You look at the site as" in client.get("/").content.decode()
            clock.shift(timedelta(seconds=1))
            page = client.get("/").content.decode()
            assert "You look at the site as" not in page
            assert "is over. You are yourself again" in page
            row.refresh_from_db()
            assert row.ended_at == row.ends_at
        assert AuditEvent.objects.filter(action="stand-in.run out").count() == 1

    def test_what_was_being_sent_when_it_ran_out_is_not_sent_as_oneself(self, cast: Cast, client: Client) -> None:
        with time_machine.travel("2026-11-25T10:00Z", tick=False) as clock:
            look(client, cast, cast.admin_prairie)
            clock.shift(timedelta(minutes=30))
            answer = client.post(
                f"/people/{cast.clinician_prairie.pk}/roles/", {"role": "local-editor", "organization": "prairie"}
            )
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")
        assert not Role.objects.filter(name="local-editor").exists()

    def test_by_signing_out(self, cast: Cast, client: Client) -> None:
        row = look(client, cast, cast.clinician_prairie)
        assert client.post("/accounts/logout/").status_code == 302
        row.refresh_from_db()
        assert row.ended_at is not None
        assert client.get("/").status_code == 302

    @pytest.mark.parametrize("change", ["administrator", "person", "promoted"])
    def test_by_what_either_becomes(self, cast: Cast, client: Client, change: str) -> None:
        look(client, cast, cast.clinician_prairie)
        if change == "administrator":
            Role.objects.filter(person=cast.network_admin).update(name="editor")
        elif change == "person":
            Role.objects.filter(person=cast.clinician_prairie).delete()
        else:
            give(cast.clinician_prairie, Role.Name.AUDITOR)
        assert "is over" in client.get("/").content.decode()

    def test_by_another(self, cast: Cast, client: Client) -> None:
        first = look(client, cast, cast.clinician_prairie)
        standing_in.begin(by=cast.network_admin, person=cast.specialist, reason=WHY, at=timezone.now())
        first.refresh_from_db()
        assert first.ended_at is not None
        assert "You look at the site as" not in client.get("/").content.decode()

    def test_another_session_is_not_touched(self, cast: Cast, client: Client) -> None:
        look(client, cast, cast.clinician_prairie)
        other = sign_in(Client(), cast.network_admin)
        assert "You look at the site as" not in other.get("/").content.decode()

    def test_a_session_that_names_anothers_is_ones_own(self, cast: Cast, client: Client) -> None:
        row = look(client, cast, cast.clinician_prairie)
        thief = sign_in(Client(), cast.editor)
        session = thief.session
        session["stand_in"] = row.pk
        session.save()
        page = thief.get("/").content.decode()
        assert "You look at the site as" not in page

    def test_the_administrators_session_stays_alive_by_looking(self, cast: Cast, client: Client) -> None:
        with time_machine.travel("2026-11-25T10:00Z", tick=False) as clock:
            look(client, cast, cast.clinician_prairie)
            for _ in range(2):
                clock.shift(timedelta(minutes=20))
                assert client.get("/").status_code == 200


class TestTelling:
    def test_the_person_is_told_and_sees_who_and_why(self, cast: Cast, client: Client) -> None:
        look(client, cast, cast.clinician_prairie)
        notice = Notice.objects.get(person=cast.clinician_prairie)
        assert notice.path == "/account/stand-ins/"
        assert WHY not in Mail.objects.get(to=cast.clinician_prairie.email).body
        theirs = sign_in(Client(), cast.clinician_prairie)
        page = theirs.get("/account/stand-ins/").content.decode()
        assert WHY in page
        assert cast.network_admin.name in page
        assert WHY not in sign_in(Client(), cast.admin_prairie).get("/account/stand-ins/").content.decode()

    def test_many_looks_ask_no_more(self, cast: Cast, client: Client) -> None:
        sign_in(client, cast.clinician_prairie).get("/account/stand-ins/")
        counts = []
        now = timezone.now()
        for number in (2, 20):
            for _ in range(number):
                StandIn.objects.create(
                    administrator=cast.network_admin,
                    person=cast.clinician_prairie,
                    reason="x",
                    began_at=now,
                    ends_at=now + timedelta(minutes=1),
                    ended_at=now,
                )
            with CaptureQueriesContext(connection) as queries:
                client.get("/account/stand-ins/")
            counts.append(len(queries))
        assert counts[0] == counts[1]
