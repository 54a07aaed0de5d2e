"""Case conferences: who reads what, the agenda and its clocks, signed conclusions, and calendar files."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, connections, transaction
from django.db.utils import IntegrityError, ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from consults import boards
from consults.models import AgendaItem, Conclusion, Conference, ConferenceInvitation, Consult, Message
from consults.services import agenda, answering, conferences
from consults.services.conferences import When
from portal.common import outbox, tenancy
from portal.common.models import AuditEvent, Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role, Specialty
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import NOON, after, claimed, sent, withdrawn

DAY = after(48)


def other_section(email: str = "neuro@network.example") -> Person:
    neurology = Specialty.objects.get(slug="neurology")
    return give(
        make_person(email, "Lee Park", time_zone="Europe/Berlin"), Role.Name.SPECIALIST, specialties=(neurology,)
    )


def called(cast: Cast, *invited: Person, hours: float = 48) -> Conference:
    return conferences.schedule(
        by=cast.lead,
        specialty=cast.cardiology,
        title="Monthly board",
        when=When(after(hours), "America/Chicago", 60, "Room 4"),
        invited=invited,
        at=NOON,
    )


def on_agenda(cast: Cast, *invited: Person) -> AgendaItem:
    return agenda.put_on(called(cast, *invited), by=cast.specialist, consult=claimed(cast), minutes=15, at=after(2))


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def reads(person: Person, consult: Consult) -> bool:
    return Consult.objects.visible_to(fresh(person)).filter(pk=consult.pk).exists()


@given(st.lists(st.integers(1, 240), max_size=30))
def test_each_item_begins_when_the_one_before_ends(minutes: list[int]) -> None:
    moments = boards.running_order(NOON, minutes)
    ends = [at + timedelta(minutes=length) for at, length in zip(moments, minutes, strict=True)]
    assert moments[1:] == ends[:-1]
    assert not moments or moments[0] == NOON


@pytest.mark.django_db
class TestCalling:
    def test_only_the_lead_unless_the_lead_opens_it(self, cast: Cast) -> None:
        when = When(DAY, "America/Chicago", 60, "Room 4")
        said = {"specialty": cast.cardiology, "title": "Board", "when": when, "invited": [], "at": NOON}
        for person in (cast.specialist, cast.network_admin, cast.clinician_prairie, cast.editor):
            with pytest.raises(Refused):
                conferences.schedule(by=person, **said)  # type: ignore[arg-type]
        with pytest.raises(Refused):
            conferences.set_policy(by=cast.specialist, specialty=cast.cardiology, specialists_schedule=True)
        conferences.set_policy(by=cast.lead, specialty=cast.cardiology, specialists_schedule=True)
        assert conferences.schedule(by=cast.specialist, **said).chair == cast.specialist  # type: ignore[arg-type]

    def test_the_title_names_no_patient_and_the_time_is_to_come(self, cast: Cast) -> None:
        def call(**changes: object) -> None:
            said = {"title": "Board", "when": When(DAY, "America/Chicago", 60, "Room 4")} | changes
            conferences.schedule(by=cast.lead, specialty=cast.cardiology, invited=[], at=NOON, **said)  # type: ignore[arg-type]

        with pytest.raises(Invalid, match="about a patient"):
            call(title="Patient MRN 12345678, born 03/04/1951")
        with pytest.raises(Invalid, match="“Dorothy Alvarez” may be"):
            call(title="Next steps for Dorothy Alvarez")
        call(title="Heart failure board, 12 March")
        with pytest.raises(Invalid, match="time to come"):
            call(when=When(after(-1), "America/Chicago", 60, "Room 4"))
        with pytest.raises(Invalid, match="in minutes"):
            call(when=When(DAY, "America/Chicago", 500, "Room 4"))
        with pytest.raises(Invalid):
            call(when=When(DAY, "America/Chicago", 50, "  "))

    def test_a_clinician_is_not_invited(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="answers no questions"):
            called(cast, cast.clinician_prairie)
        assert not ConferenceInvitation.objects.filter(person=cast.clinician_prairie).exists()


@pytest.mark.django_db
class TestInvitations:
    def events(self, person: Person) -> list[Calendar]:
        mails = Mail.objects.filter(to=person.email).exclude(calendar="").order_by("pk")
        return [Calendar.from_ical(mail.calendar) for mail in mails]

    def test_update_and_cancellation_replace_the_first_one(self, cast: Cast) -> None:
        other = other_section()
        row = called(cast, other)
        conferences.answer(row, by=other, answer="yes", at=after(1))
        moved = When(after(72), "America/Chicago", 30, "Room 5")
        conferences.change(row, by=cast.lead, title="Monthly board", when=moved, at=after(2))
        assert ConferenceInvitation.objects.get(conference=row, person=other).answer == "", "asked anew"
        conferences.cancel(row, by=cast.lead, at=after(3))
        files = self.events(other)
        found = [(one["METHOD"], one.walk("VEVENT")[0]) for one in files]
        assert [method for method, _ in found] == ["REQUEST", "REQUEST", "CANCEL"]
        assert [event["SEQUENCE"] for _, event in found] == [0, 1, 2]
        assert len({event["UID"] for _, event in found}) == 1
        assert [event.decoded("DTSTART") for _, event in found] == [DAY, after(72), after(72)]
        assert found[2][1]["STATUS"] == "CANCELLED"
        assert found[0][1]["ATTENDEE"] == "mailto:neuro@network.example"
        assert found[0][1]["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"

    def test_nothing_of_a_question_or_the_title_goes_out(self, cast: Cast) -> None:
        item = on_agenda(cast, other_section())
        conferences.cancel(item.conference, by=cast.lead, at=after(3))
        for mail in Mail.objects.all():
            for word in ("apixaban", "Monthly board"):
                assert word not in mail.subject + mail.body + mail.calendar

    def test_who_is_taken_off_the_list_gets_a_cancellation(self, cast: Cast) -> None:
        other = other_section()
        row = called(cast, other, cast.specialist)
        conferences.uninvite(row, by=cast.lead, person=other, at=after(1))
        assert self.events(other)[-1]["METHOD"] == "CANCEL"
        assert len(self.events(cast.specialist)) == 1
        with pytest.raises(Refused, match="not on the list"):
            conferences.answer(row, by=other, answer="yes", at=after(2))
        with pytest.raises(Conflict, match="chair stays"):
            conferences.uninvite(row, by=cast.lead, person=cast.lead, at=after(2))
        conferences.invite(row, by=cast.lead, person=other, at=after(3))
        assert self.events(other)[-1]["METHOD"] == "REQUEST"

    def test_the_outbox_attaches_it(self, cast: Cast, mailoutbox: list[object]) -> None:
        called(cast)
        assert outbox.send_due() == 1
        name, content, kind = mailoutbox[0].attachments[0]  # type: ignore[attr-defined]
        assert (name, kind) == ("invitation.ics", "text/calendar; method=REQUEST")
        assert Calendar.from_ical(content)["METHOD"] == "REQUEST"
        part = mailoutbox[0].message().get_payload()[1]  # type: ignore[attr-defined]
        assert (part.get_content_type(), part.get_param("method")) == ("text/calendar", "REQUEST")
        assert not Mail.objects.exclude(calendar="").exists(), "emptied once sent"


@pytest.mark.django_db
class TestAgenda:
    def test_the_requester_is_told_and_the_clock_runs_on(self, cast: Cast) -> None:
        item = on_agenda(cast)
        row = Consult.objects.get(pk=item.consult_id)
        assert (row.state, row.due_at) == ("assigned", after(48))
        assert [event.kind for event in row.clock_events.all()] == ["start"]
        assert "America/Chicago" in row.timeline.get(kind="board").detail
        told = Notice.objects.filter(person=cast.clinician_prairie, text__contains="goes to the case conference on")
        assert told.count() == 1

    def test_only_whoever_has_it_or_the_lead_puts_it_on_and_once(self, cast: Cast) -> None:
        row, consult = called(cast), claimed(cast)
        for person in (cast.specialist2, cast.network_admin, cast.clinician_prairie):
            with pytest.raises(Refused):
                agenda.put_on(row, by=person, consult=consult, at=after(2))
        agenda.put_on(row, by=cast.lead, consult=consult, at=after(2))
        with pytest.raises(Conflict, match="already"):
            agenda.put_on(row, by=cast.specialist, consult=consult, at=after(3))
        with pytest.raises(Conflict, match="withdrawn"):
            agenda.put_on(row, by=cast.lead, consult=withdrawn(cast), at=after(3))

    def test_order_and_minutes(self, cast: Cast) -> None:
        row = called(cast)
        items = [agenda.put_on(row, by=cast.lead, consult=sent(cast), at=after(2)) for _ in range(3)]
        agenda.arrange(items[2], by=cast.lead, move=-1, minutes=25)
        assert list(row.agenda.values_list("pk", "position", "minutes")) == [
            (items[0].pk, 1, 10),
            (items[2].pk, 2, 25),
            (items[1].pk, 3, 10),
        ]
        with pytest.raises(Refused):
            agenda.arrange(items[0], by=cast.specialist, move=1)

    def test_moving_and_cancelling_tell_the_requester(self, cast: Cast) -> None:
        item = on_agenda(cast)
        moved = When(after(72), "America/Chicago", 60, "Room 4")
        conferences.change(item.conference, by=cast.lead, title="x", when=moved, at=after(3))
        conferences.cancel(item.conference, by=cast.lead, at=after(4))
        kinds = item.consult.timeline.filter(kind__startswith="board").values_list("kind", flat=True)
        assert list(kinds) == ["board", "board-moved", "board-left"]

    def test_taken_off_again(self, cast: Cast) -> None:
        item = on_agenda(cast)
        with pytest.raises(Refused):
            agenda.take_off(item, by=cast.specialist2, at=after(3))
        agenda.take_off(item, by=cast.specialist, at=after(3))
        assert not AgendaItem.objects.exists()


@pytest.mark.django_db
class TestReading:
    def test_a_guest_of_another_section_reads_the_agenda_as_long_as_they_are_on_the_list(self, cast: Cast) -> None:
        other, stranger = other_section(), other_section("stranger@network.example")
        item = on_agenda(cast, other)
        assert reads(other, item.consult)
        assert not reads(stranger, item.consult)
        assert not reads(other, sent(cast)), "what is not on the agenda stays with the section"
        conferences.uninvite(item.conference, by=cast.lead, person=other, at=after(3))
        assert not reads(other, item.consult)
        assert not Conference.objects.visible_to(fresh(other)).exists()
        conferences.invite(item.conference, by=cast.lead, person=other, at=after(4))
        assert reads(other, item.consult)
        conferences.cancel(item.conference, by=cast.lead, at=after(5))
        assert not reads(other, item.consult)

    def test_a_consult_taken_off_is_read_no_more(self, cast: Cast) -> None:
        other = other_section()
        item = on_agenda(cast, other)
        agenda.take_off(item, by=cast.specialist, at=after(3))
        assert not reads(other, item.consult)

    def test_nobody_of_an_organization_sees_a_conference(self, cast: Cast) -> None:
        item = on_agenda(cast)
        for person in (cast.clinician_prairie, cast.admin_prairie, cast.clinician_lakeside, cast.editor):
            assert not Conference.objects.visible_to(fresh(person)).exists()
            client = sign_in(Client(), person)
            assert client.get("/conferences/").status_code == 403
            assert "Case conferences are for" in client.get("/conferences/").content.decode()
            assert client.get(item.conference.get_absolute_url()).status_code == 404
            assert client.get(f"{item.conference.get_absolute_url()}conference.ics").status_code == 404

    def test_the_walls_hold_without_the_application(self, cast: Cast) -> None:
        item = on_agenda(cast)
        agenda.conclude(item, by=cast.lead, text="Reduce it.", at=after(49))
        with tenancy.only([cast.prairie.pk]):
            assert Conference.objects.count() == ConferenceInvitation.objects.count() == 0
            assert AgendaItem.objects.count() == Conclusion.objects.count() == 1, "their own question's"
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                ConferenceInvitation.objects.create(
                    conference=item.conference, person=cast.clinician_prairie, invited_at=NOON
                )
        with tenancy.only([cast.lakeside.pk]):
            assert AgendaItem.objects.count() == Conclusion.objects.count() == 0

    def test_reading_is_recorded_with_the_consults(self, cast: Cast) -> None:
        other = other_section()
        item = on_agenda(cast, other)
        client = sign_in(Client(), other)
        page = client.get(item.conference.get_absolute_url())
        assert item.consult.question in page.content.decode()
        event = AuditEvent.objects.get(action="conference.read")
        assert (event.actor, event.detail["consults"]) == (other.email, item.consult.number)

    def test_a_section_colleague_off_the_list_is_not_shown_another_sections_question(self, cast: Cast) -> None:
        other = other_section()
        row = called(cast, other)
        neurology = Specialty.objects.get(slug="neurology")
        theirs = claimed(cast)
        Consult.objects.filter(pk=theirs.pk).update(specialty=neurology, assignee=other)
        agenda.put_on(row, by=other, consult=theirs, at=after(2))
        page = sign_in(Client(), cast.specialist2).get(row.get_absolute_url()).content.decode()
        assert theirs.question not in page
        assert "1 more question" in page

    def test_queries_do_not_grow_with_rows(self, cast: Cast) -> None:
        row = called(cast, cast.specialist)
        client = sign_in(Client(), cast.lead)

        def queries(path: str) -> int:
            client.get(path)
            with CaptureQueriesContext(
                connection,
            ) as counted:
                assert client.get(path).status_code == 200
            return len(counted)

        for _ in range(2):
            agenda.put_on(row, by=cast.lead, consult=sent(cast), at=after(2))
        few = queries(row.get_absolute_url()), queries("/conferences/?show=past")
        for number in range(18):
            agenda.put_on(row, by=cast.lead, consult=sent(cast), at=after(2))
            conferences.invite(row, by=cast.lead, person=other_section(f"n{number}@network.example"), at=after(2))
            called(cast)
        assert (queries(row.get_absolute_url()), queries("/conferences/?show=past")) == few


@pytest.mark.django_db
class TestConclusions:
    def test_it_joins_the_thread_signed_and_the_clock_runs_on(self, cast: Cast) -> None:
        item = on_agenda(cast)
        with pytest.raises(Refused, match="not begun"):
            agenda.conclude(item, by=cast.lead, text="Reduce it.", at=after(47))
        with pytest.raises(Refused, match="Only the chair"):
            agenda.conclude(item, by=cast.specialist, text="Reduce it.", at=after(49))
        signed = agenda.conclude(item, by=cast.lead, text="Reduce it.", at=after(49))
        assert (signed.signed_name, signed.signed_at, signed.message.kind) == ("Paola Reyes", after(49), "conclusion")
        with pytest.raises(Conflict, match="addendum"):
            agenda.conclude(item, by=cast.lead, text="No.", at=after(49))
        agenda.addend(item, by=cast.lead, text="And check in a week.", at=after(50))
        row = Consult.objects.get(pk=item.consult_id)
        assert row.state == "assigned"
        assert row.timeline.filter(kind="concluded").count() == 1
        page = sign_in(Client(), cast.clinician_prairie).get(row.get_absolute_url()).content.decode()
        assert "Reduce it." in page
        assert "And check in a week." in page
        assert "/conferences/" not in page
        answering.answer(row, by=cast.specialist, text="As concluded.", documents=[], minutes=5, at=after(51))

    def test_the_database_refuses_to_change_or_delete_it(self, cast: Cast) -> None:
        signed = agenda.conclude(on_agenda(cast), by=cast.lead, text="Reduce it.", at=after(49))
        for rows in (Conclusion.objects.filter(pk=signed.pk), Message.objects.filter(pk=signed.message_id)):
            with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
                rows.update(**({"signed_name": "x"} if rows.model is Conclusion else {"text": "x"}))
            with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
                rows._raw_delete(rows.db)
        with pytest.raises(Conflict, match="stays on the agenda"):
            agenda.take_off(signed.item, by=cast.lead, at=after(50))
        with connection.cursor() as cursor:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname IN ('conclusion_signed', 'message_signed')")
            assert len(cursor.fetchall()) == 2, "for the tables' owner, whom no grant binds"

    def test_who_came(self, cast: Cast) -> None:
        row = called(cast, cast.specialist, cast.specialist2)
        with pytest.raises(Refused):
            agenda.record_attendance(row, by=cast.specialist, present=[], at=after(49))
        agenda.record_attendance(row, by=cast.lead, present=[cast.lead, cast.specialist], at=after(49))
        assert dict(row.invitations.values_list("person__name", "attended")) == {
            "Paola Reyes": True,
            "Kofi Arden": True,
            "Lena Moritz": False,
        }


def test_of_two_signing_at_once_one_wins(committed_cast: Cast) -> None:
    cast = committed_cast
    item = on_agenda(cast)
    barrier = Barrier(2)

    def sign(text: str) -> str:
        try:
            with tenancy.everything():
                barrier.wait(timeout=10)
                found = AgendaItem.objects.select_related("conference").get(pk=item.pk)
                agenda.conclude(found, by=cast.lead, text=text, at=after(49))
        except Conflict as conflict:
            return str(conflict)
        else:
            return "signed"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(sign, ["One.", "Two."]))
    assert said[1] == "signed"
    assert "signed already" in said[0]
    assert Conclusion.objects.count() == Message.objects.filter(kind="conclusion").count() == 1


@pytest.mark.django_db
class TestPages:
    def test_called_changed_and_concluded_on_its_pages(self, cast: Cast) -> None:
        client, day = sign_in(Client(), cast.lead), (timezone.now() + timedelta(days=3)).date()
        said = {
            "title": "Board",
            "specialty": "cardiology",
            "day": day.isoformat(),
            "time": "14:00",
            "zone": "America/New_York",
            "minutes": "60",
            "place": "Room 4",
            "invited": [cast.specialist.email],
        }
        assert "This field is required" in client.post("/conferences/new/", said | {"place": ""}).content.decode()
        page = client.post("/conferences/new/", said)
        row = Conference.objects.get()
        assert page.url == row.get_absolute_url()  # type: ignore[attr-defined]
        assert row.local_start.isoformat().startswith(f"{day}T14:00")
        assert client.post(f"{page.url}change/", said | {"minutes": "45"}).status_code == 302  # type: ignore[attr-defined]
        consult = claimed(cast)
        specialist = sign_in(Client(), cast.specialist)
        assert specialist.post(f"{row.get_absolute_url()}answer/", {"answer": "maybe"}).status_code == 302
        path = f"/consults/{consult.number}/conference/"
        assert specialist.post(path, {"conference": row.pk, "minutes": "10"}).status_code == 302
        item = AgendaItem.objects.get()
        assert specialist.get(f"{row.get_absolute_url()}conference.ics").content.startswith(b"BEGIN:VCALENDAR")
        for name in ("cancel/", "change/", "attendance/", f"agenda/{item.pk}/conclude/"):
            assert specialist.post(row.get_absolute_url() + name, {"text": "x"}).status_code == 403, name
        conclude = f"{row.get_absolute_url()}agenda/{item.pk}/conclude/"
        page = client.post(conclude, {"text": "What I typed"})
        assert page.status_code == 403
        assert "What I typed" in page.content.decode()
        start = timezone.now() - timedelta(minutes=5)
        Conference.objects.update(starts_at=start, ends_at=start + timedelta(hours=1))
        assert client.post(conclude, {"text": "Reduce it."}).status_code == 302
        assert client.post(conclude, {"text": "Again."}).status_code == 409
        assert client.post(conclude, {"text": "More.", "addendum": "1"}).status_code == 302
        assert client.post(f"{row.get_absolute_url()}attendance/", {"present": [cast.lead.pk]}).status_code == 302
        assert "Signed by Paola Reyes" in client.get(row.get_absolute_url()).content.decode()

    def test_an_uninvited_section_finds_nothing(self, cast: Cast) -> None:
        item = on_agenda(cast)
        client = sign_in(Client(), other_section())
        assert client.get("/conferences/").status_code == 200
        assert "No conference is called" in client.get("/conferences/").content.decode()
        base = item.conference.get_absolute_url()
        for name in ("answer/", "cancel/", "invite/", "agenda/", f"agenda/{item.pk}/conclude/", "attendance/"):
            assert client.post(base + name).status_code == 404, name
        assert client.get("/conferences/new/").status_code == 403


@pytest.mark.django_db
def test_over_rest(cast: Cast) -> None:
    from portal.members.services.tokens import create_token

    def api(person: Person) -> Client:
        _, secret = create_token(by=person, person=person, name="test")
        return Client(headers={"Authorization": f"Token {secret}"})

    lead = api(cast.lead)
    body = {
        "title": "Board",
        "specialty": "cardiology",
        "starts_at": (timezone.now() + timedelta(days=2)).isoformat(),
        "zone": "America/Chicago",
        "minutes": 60,
        "place": "Room 4",
        "invited": [cast.specialist.email],
    }
    made = lead.post("/api/v1/conferences/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    base = f"/api/v1/conferences/{made.json()['id']}/"
    consult = claimed(cast)
    put = api(cast.specialist).post(f"{base}agenda/", {"consult": consult.number}, content_type="application/json")
    assert put.json()["agenda"][0]["consult"] == consult.number
    item = put.json()["agenda"][0]["id"]
    refused = lead.post(f"{base}agenda/{item}/conclude/", {"text": "x"}, content_type="application/json")
    assert refused.status_code == 403
    assert lead.get("/api/v1/conferences/").json()["count"] == 1
    assert api(cast.clinician_prairie).get("/api/v1/conferences/").json()["count"] == 0
    assert api(cast.clinician_prairie).get(base).status_code == 404
    assert api(other_section()).post(f"{base}cancel/", {}, content_type="application/json").status_code == 404
    assert lead.post(f"{base}cancel/", {}, content_type="application/json").json()["is_cancelled"] is True
