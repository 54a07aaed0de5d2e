"""Calls: asked for, taken once, passed to the backup, noted for good, and seen by those alone whom they concern."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.utils import IntegrityError, ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consults.models import Availability, Call, CallEvent, CallNote, Consult
from consults.services import calls, calls_sweep
from portal.common import identifiers, tenancy
from portal.common.models import AuditEvent, Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person
from tests.cast import Cast, sign_in
from tests.cast import away as be_away
from tests.consults.helpers import NOON, claimed
from tests.consults.test_api import Api
from tests.consults.test_away import on_call

NUMBER, TOPIC = "217 555 0143", "Which dose of apixaban on dialysis?"
NOTE = calls.Note("advised", "Dose on dialysis?", "5 mg twice daily.", 6)


def minutes(number: float) -> Any:
    return NOON + timedelta(minutes=number)


def asked(cast: Cast, **more: Any) -> Call:
    values: dict[str, Any] = {"specialty": cast.cardiology, "number": NUMBER, "topic": TOPIC, "at": NOON} | more
    return calls.request_call(by=cast.clinician_prairie, **values)


def taken(cast: Cast, **more: Any) -> Call:
    return calls.take(asked(cast, **more), by=cast.specialist, at=minutes(5))


def again(call: Call) -> Call:
    return Call.objects.get(pk=call.pk)


def kinds(call: Call) -> list[str]:
    return list(call.events.values_list("kind", flat=True))


@pytest.mark.django_db
class TestAsking:
    def test_who_is_on_call_is_told_at_once_without_number_or_topic(self, cast: Cast) -> None:
        on_call(cast, cast.specialist, cast.specialist2)
        call = asked(cast)
        assert (call.assignee, call.due_at) == (cast.specialist, minutes(30))
        told = Notice.objects.get(kind="call")
        assert told.person_id == cast.specialist.pk
        for text in [told.text, told.path, *Mail.objects.values_list("subject", flat=True)]:
            assert "0143" not in text
            assert "apixaban" not in text
        assert not any("0143" in mail.body or "apixaban" in mail.body for mail in Mail.objects.all())
        assert not any("0143" in str(event.detail) for event in AuditEvent.objects.all())

    def test_never_someone_away_or_in_conflict(self, cast: Cast) -> None:
        on_call(cast, cast.specialist, cast.specialist2)
        be_away(cast.specialist, minutes(600))
        assert asked(cast).assignee == cast.specialist2
        Availability.objects.create(person=cast.specialist2).conflicts.add(cast.prairie)
        assert asked(cast).assignee is None

    def test_with_nobody_on_call_the_section_is_told(self, cast: Cast) -> None:
        asked(cast)
        told = set(Notice.objects.filter(kind="call").values_list("person_id", flat=True))
        assert told >= {cast.specialist.pk, cast.specialist2.pk, cast.lead.pk}

    def test_a_window_starts_the_promise(self, cast: Cast) -> None:
        call = asked(cast, windows=[(minutes(120), minutes(180))])
        assert (call.starts_at, call.due_at, call.next_mark_at) == (minutes(120), minutes(150), minutes(120))

    def test_the_sections_promise(self, cast: Cast) -> None:
        calls.set_policy(by=cast.lead, specialty=cast.cardiology, minutes=10, dial="217 555 0100")
        assert asked(cast).due_at == minutes(10)
        with pytest.raises(Refused):
            calls.set_policy(by=cast.specialist, specialty=cast.cardiology, minutes=10, dial="")
        with pytest.raises(Invalid):
            calls.set_policy(by=cast.lead, specialty=cast.cardiology, minutes=61, dial="")

    @pytest.mark.parametrize("number", ["", "12345", "call me", "217 555 0143; drop"])
    def test_no_number(self, cast: Cast, number: str) -> None:
        with pytest.raises(Invalid, match="telephone number"):
            asked(cast, number=number)

    def test_no_identifiers_in_the_topic(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="record number"):
            asked(cast, topic="Dose for MRN 12345678?")
        with pytest.raises(Invalid, match="a person's name"):
            asked(cast, topic="Dose for Dorothy Alvarez?")

    def test_a_drug_that_no_list_knows_keeps_nobody_from_calling(self, cast: Cast) -> None:
        topic = "Dose of Tremvoqui in renal failure?"
        assert [one.words for one in identifiers.find(topic)] == ["Tremvoqui"]
        assert asked(cast, topic=topic).topic == topic

    def test_only_clinicians_and_only_their_own_consults(self, cast: Cast) -> None:
        for person in (cast.admin_prairie, cast.specialist, cast.editor):
            with pytest.raises(Refused):
                calls.request_call(by=person, specialty=cast.cardiology, number=NUMBER, topic=TOPIC, at=NOON)
        with pytest.raises(Refused):
            asked(cast, organization_id=cast.lakeside.pk)
        consult = claimed(cast)
        with pytest.raises((Refused, Invalid)):
            calls.request_call(
                by=cast.clinician_lakeside,
                specialty=cast.cardiology,
                number=NUMBER,
                topic=TOPIC,
                consult=consult,
                at=NOON,
            )


@pytest.mark.django_db
class TestSweep:
    def test_untaken_goes_to_the_backup_then_is_late_each_once_and_at_its_moment(self, cast: Cast) -> None:
        on_call(cast, cast.specialist, cast.specialist2)
        call = asked(cast)
        assert calls_sweep.sweep(now=minutes(14)) == {}
        assert calls_sweep.sweep(now=minutes(22)) == {"passed": 1}
        assert again(call).assignee == cast.specialist2
        assert Notice.objects.filter(person_id=cast.specialist2.pk, text__contains="please call").exists()
        assert calls_sweep.sweep(now=minutes(22)) == {}
        assert calls_sweep.sweep(now=minutes(90)) == {"missed": 1}
        assert calls_sweep.sweep(now=minutes(95)) == {}
        assert call.events.get(kind="passed").at == minutes(15)
        assert call.events.get(kind="missed").at == minutes(30)
        assert Notice.objects.filter(person_id=cast.lead.pk, text__contains="is late").count() == 1

    def test_a_late_sweep_records_the_same(self, cast: Cast) -> None:
        on_call(cast, cast.specialist, cast.specialist2)
        call = asked(cast)
        assert calls_sweep.sweep(now=minutes(500)) == {"passed": 1, "missed": 1}
        assert call.events.get(kind="passed").at == minutes(15)

    def test_a_window_asks_who_is_on_call_then(self, cast: Cast) -> None:
        on_call(cast, cast.specialist, cast.specialist2)
        call = asked(cast, windows=[(minutes(120), minutes(180))])
        be_away(cast.specialist, minutes(600))
        assert calls_sweep.sweep(now=minutes(120)) == {"begun": 1}
        assert again(call).assignee == cast.specialist2

    def test_taken_in_time_is_never_late_but_needs_its_note(self, cast: Cast) -> None:
        call = taken(cast)
        assert calls_sweep.sweep(now=minutes(34)) == {}
        assert calls_sweep.sweep(now=minutes(36)) == {"note-due": 1}
        assert calls_sweep.sweep(now=minutes(99)) == {}
        assert "missed" not in kinds(call)
        for person in (cast.specialist, cast.lead):
            assert Notice.objects.filter(person_id=person.pk, text__contains="signed note").exists()

    def test_taken_late_is_recorded_as_late_without_a_sweep(self, cast: Cast) -> None:
        call = calls.take(asked(cast), by=cast.specialist, at=minutes(40))
        assert call.events.get(kind="missed").at == minutes(30)


@pytest.mark.django_db
class TestNote:
    def test_a_question_by_phone_becomes_an_answered_consult(self, cast: Cast) -> None:
        call = calls.sign_note(taken(cast), by=cast.specialist, note=NOTE, at=minutes(12))
        consult = call.consult
        assert consult is not None
        assert (consult.state, consult.requester, consult.due_at) == ("answered", cast.clinician_prairie, None)
        message = consult.messages.get()
        assert (message.kind, message.minutes) == ("answer", 6)
        assert "Signed by Kofi Arden" in message.text
        assert [event.kind for event in consult.clock_events.all()] == ["start", "stop"]
        assert (again(call).state, again(call).number) == ("noted", "")
        assert Notice.objects.filter(person_id=cast.clinician_prairie.pk, text__contains="signed note").exists()

    def test_continued_in_writing_stays_open_with_who_called(self, cast: Cast) -> None:
        note = calls.Note("in-writing", "Dose?", "I look it up and write.", 3)
        consult = calls.sign_note(taken(cast), by=cast.specialist, note=note, at=minutes(12)).consult
        assert consult is not None
        assert (consult.state, consult.assignee, consult.due_at) == (
            "assigned",
            cast.specialist,
            NOON + timedelta(hours=48),
        )

    def test_a_call_about_an_open_consult_joins_its_thread(self, cast: Cast) -> None:
        consult = claimed(cast)
        call = taken(cast, consult=consult)
        calls.sign_note(call, by=cast.specialist, note=NOTE, at=minutes(70))
        assert Consult.objects.get(pk=consult.pk).state == "assigned"
        assert consult.messages.get().kind == "call"
        assert consult.timeline.filter(kind="call").exists()

    def test_nobody_reached_needs_a_reason_and_makes_no_consult(self, cast: Cast) -> None:
        call = taken(cast)
        calls.tried(call, by=cast.specialist, at=minutes(6))
        with pytest.raises(Invalid):
            calls.sign_note(call, by=cast.specialist, note=calls.Note("not-reached", "", " ", None), at=minutes(9))
        note = calls.Note("not-reached", "", "Tried twice, left the ward's secretary a word.", None)
        assert calls.sign_note(call, by=cast.specialist, note=note, at=minutes(9)).consult is None

    @pytest.mark.parametrize(
        "note",
        [calls.Note("advised", "", "x", 5), calls.Note("advised", "x", "", 5), calls.Note("advised", "x", "y", None)],
    )
    def test_half_a_note_is_none(self, cast: Cast, note: calls.Note) -> None:
        call = taken(cast)
        with pytest.raises(Invalid):
            calls.sign_note(call, by=cast.specialist, note=note, at=minutes(9))
        assert again(call).state == "taken"

    def test_signed_is_for_good_and_an_addendum_is_signed_beside_it(self, cast: Cast) -> None:
        call = calls.sign_note(taken(cast), by=cast.specialist, note=NOTE, at=minutes(12))
        with pytest.raises(Conflict):
            calls.sign_note(call, by=cast.specialist, note=NOTE, at=minutes(13))
        for change in (CallNote.objects.filter(call=call).update, CallEvent.objects.filter(call=call).update):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                change(call=call)
        calls.add_to_note(call, by=cast.specialist, text="Weight was 82 kg.", at=minutes(20))
        assert call.notes.count() == 2
        with pytest.raises(IntegrityError), transaction.atomic():
            CallNote.objects.create(
                call=call, outcome="not-needed", advised="x", signed_by=cast.lead, signed_as="x", signed_at=NOON
            )

    def test_who_notes(self, cast: Cast) -> None:
        call = taken(cast)
        for person in (cast.specialist2, cast.clinician_prairie, cast.network_admin, cast.auditor):
            with pytest.raises(Refused):
                calls.sign_note(call, by=person, note=NOTE, at=minutes(9))
        calls.sign_note(call, by=cast.lead, note=NOTE, at=minutes(9))

    def test_no_end_without_note_or_reason(self, cast: Cast) -> None:
        call = asked(cast)
        with pytest.raises(Conflict):
            calls.sign_note(call, by=cast.lead, note=NOTE, at=minutes(1))
        with pytest.raises(Invalid):
            calls.cancel(call, by=cast.clinician_prairie, reason=" ", at=minutes(1))
        with pytest.raises(Refused):
            calls.cancel(call, by=cast.specialist, reason="x", at=minutes(1))
        calls.cancel(call, by=cast.clinician_prairie, reason="Settled.", at=minutes(1))
        with pytest.raises(Conflict):
            calls.take(call, by=cast.specialist, at=minutes(2))
        with pytest.raises(Conflict):
            calls.cancel(taken(cast), by=cast.clinician_prairie, reason="x", at=minutes(9))

    def test_a_clinician_who_dialled_is_documented_too(self, cast: Cast) -> None:
        values: dict[str, Any] = {"specialty": cast.cardiology, "topic": TOPIC, "note": NOTE, "at": NOON}
        call = calls.note_dialled(by=cast.specialist, requester=cast.clinician_lakeside, **values)
        assert (call.organization, call.state) == (cast.lakeside, "noted")
        assert call.consult
        with pytest.raises(Invalid):
            calls.note_dialled(by=cast.specialist, requester=cast.editor, **values)
        with pytest.raises(Refused):
            calls.note_dialled(by=cast.editor, requester=cast.clinician_lakeside, **values)


@pytest.mark.django_db
class TestWalls:
    def test_who_sees_a_call(self, cast: Cast) -> None:
        call = asked(cast)

        def sees(person: Person) -> bool:
            return Call.objects.visible_to(person).filter(pk=call.pk).exists()

        assert all(map(sees, (cast.clinician_prairie, cast.specialist, cast.lead, cast.network_admin, cast.auditor)))
        assert not any(map(sees, (cast.clinician_lakeside, cast.admin_prairie, cast.editor)))

    def test_the_database_lets_no_foreign_row_through(self, cast: Cast) -> None:
        calls.sign_note(taken(cast), by=cast.specialist, note=NOTE, at=minutes(12))
        for model in (Call, CallEvent, CallNote):
            with tenancy.only([cast.prairie.pk]):
                assert model.objects.exists(), model
            with tenancy.only([cast.lakeside.pk]):
                assert not model.objects.exists(), model


def test_of_two_who_take_one_call_one_has_it(committed_cast: Cast) -> None:
    cast = committed_cast
    call = asked(cast)

    def press(person: Person) -> str:
        try:
            tenancy.open_session_scope()
            calls.take(call, by=person, at=minutes(1))
            return "taken"
        except Conflict:
            return "conflict"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, (cast.specialist, cast.specialist2))) == ["conflict", "taken"]


def test_sweeps_at_once_do_the_work_of_one(committed_cast: Cast) -> None:
    cast = committed_cast
    for _ in range(6):
        asked(cast)

    def run(_: int) -> int:
        try:
            return calls_sweep.sweep(now=minutes(60))["missed"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(run, range(3))) == 6


@pytest.mark.django_db
class TestPages:
    def test_the_whole_of_a_call(self, cast: Cast) -> None:
        on_call(cast, cast.specialist, cast.specialist2, at=timezone.now())
        doctor, expert = sign_in(Client(), cast.clinician_prairie), sign_in(Client(), cast.specialist)
        data = {"specialty": "cardiology", "topic": TOPIC, "number": "12"}
        wrong = doctor.post("/calls/new/", data)
        assert "telephone number" in wrong.content.decode()
        assert TOPIC in wrong.content.decode()
        assert "<details><summary>More times" in wrong.content.decode()
        later = doctor.post("/calls/new/", data | {"from3": "2030-01-01T09:00"}).content.decode()
        assert "<details open><summary>More times" in later, "what is to be mended is not folded away"
        assert "Give both, from and until." in later
        place = doctor.post("/calls/new/", data | {"number": NUMBER})["Location"]
        assert "0143" not in place
        assert TOPIC in expert.get("/calls/", headers={"HX-Request": "true"}).content.decode()
        assert "Calls waiting" in expert.get("/").content.decode()
        assert NUMBER in expert.get(place).content.decode()
        assert expert.post(f"{place}take/").status_code == 302
        half = expert.post(f"{place}note/", {"outcome": "advised", "advised": "Reduce the dose."})
        assert "Reduce the dose." in half.content.decode()
        note = {"outcome": "advised", "asked": "Dose?", "advised": "Reduce the dose.", "minutes": 4}
        assert expert.post(f"{place}note/", note).status_code == 302
        page = doctor.get(place).content.decode()
        assert "Signed by Kofi Arden" in page
        assert NUMBER not in expert.get(place).content.decode()
        consult = Consult.objects.get()
        assert "Reduce the dose." in doctor.get(consult.get_absolute_url()).content.decode()
        assert expert.post(f"{place}add/", {"text": "Weight 82 kg."}).status_code == 302

    def test_outsiders_find_nothing_and_auditors_see_no_number(self, cast: Cast) -> None:
        place = asked(cast).get_absolute_url()
        for person in (cast.clinician_lakeside, cast.admin_prairie, cast.editor):
            client = sign_in(Client(), person)
            assert client.get(place).status_code == 404
            for step in ("take", "note", "tried", "add", "cancel"):
                assert client.post(f"{place}{step}/", {"reason": "x"}).status_code == 404
            assert TOPIC not in client.get("/calls/").content.decode()
        for person in (cast.auditor, cast.network_admin):
            client = sign_in(Client(), person)
            assert NUMBER not in client.get(place).content.decode()
            client.post(f"{place}take/")
        assert Call.objects.get().state == "waiting"
        assert sign_in(Client(), cast.specialist).get("/calls/new/").status_code == 403
        assert sign_in(Client(), cast.clinician_prairie).get("/calls/dialled/").status_code == 403
        assert sign_in(Client(), cast.specialist).get("/sections/cardiology/phone/").status_code == 403

    def test_a_call_about_a_colleagues_consult_is_not_found(self, cast: Cast) -> None:
        consult = claimed(cast)
        client = sign_in(Client(), cast.clinician_lakeside)
        assert client.get(f"/calls/new/?consult={consult.number}").status_code == 404

    def test_the_directory_shows_the_number_to_dial(self, cast: Cast) -> None:
        on_call(cast, cast.specialist, cast.specialist2, at=timezone.now())
        lead = sign_in(Client(), cast.lead)
        assert lead.post("/sections/cardiology/phone/", {"minutes": 15, "dial": "217 555 0100"}).status_code == 302
        assert "217 555 0100" in sign_in(Client(), cast.clinician_prairie).get("/on-call/").content.decode()

    def test_dialled(self, cast: Cast) -> None:
        expert = sign_in(Client(), cast.specialist)
        data = {"requester": cast.clinician_lakeside.email, "specialty": "cardiology", "topic": TOPIC}
        data |= {"outcome": "advised", "asked": "Dose?", "advised": "5 mg.", "minutes": "4"}
        assert expert.post("/calls/dialled/", data).status_code == 302
        assert Call.objects.get().state == "noted"

    def test_the_list_asks_as_much_for_twenty_as_for_two(self, cast: Cast) -> None:
        client = sign_in(Client(), cast.specialist)
        counted = []
        for number in (2, 18):
            for _ in range(number):
                asked(cast)
            client.get("/calls/")
            with CaptureQueriesContext(connection) as queries:
                client.get("/calls/")
            counted.append(len(queries))
        assert counted[0] == counted[1]


@pytest.mark.django_db
class TestRest:
    def test_asked_taken_noted(self, cast: Cast) -> None:
        doctor, expert, other = map(Api, (cast.clinician_prairie, cast.specialist, cast.clinician_lakeside))

        def post(api: Api, path: str, body: dict[str, Any]) -> Any:
            return api.post(f"calls/{path}", body)

        start = timezone.now() + timedelta(hours=2)
        window = {"start_at": start.isoformat(), "end_at": (start + timedelta(hours=1)).isoformat()}
        body = {"specialty": "cardiology", "topic": TOPIC, "number": NUMBER, "windows": [window]}
        assert post(expert, "", body).status_code == 403
        assert post(doctor, "", body | {"number": "1"}).status_code == 400
        made = post(doctor, "", body).json()
        assert made["number"] == NUMBER
        path = f"{made['id']}/"
        assert other.get(f"calls/{path}").status_code == 404
        assert post(other, f"{path}take/", {}).status_code == 404
        assert post(doctor, f"{path}take/", {}).status_code == 403
        assert post(expert, f"{path}take/", {}).json()["state"] == "taken"
        assert post(expert, f"{path}take/", {}).status_code == 409
        assert post(expert, f"{path}tried/", {"again_at": "at 16:30"}).status_code == 400
        past = (timezone.now() - timedelta(minutes=1)).isoformat()
        assert post(expert, f"{path}tried/", {"again_at": past}).status_code == 400
        assert post(expert, f"{path}tried/", {}).status_code == 200
        note = {"outcome": "advised", "asked": "Dose?", "advised": "5 mg.", "minutes": 4}
        noted = post(expert, f"{path}note/", note).json()
        assert (noted["state"], noted["number"], noted["notes"][0]["signed_as"]) == ("noted", "", "Kofi Arden")
        assert noted["consult"]
        assert post(expert, f"{path}add/", {"text": "82 kg."}).status_code == 200
        assert doctor.get("calls/").json()["count"] == 1
        assert "number" not in doctor.get("calls/").json()["results"][0]


@pytest.mark.django_db
def test_what_a_section_promises_of_its_phone_over_rest(cast: Cast) -> None:
    path = "specialties/cardiology/phone/"
    assert Api(cast.clinician_prairie).get(path).json() == {"minutes": 30, "dial": ""}
    assert Api(cast.lead).post(path, {"minutes": 15}).json() == {"minutes": 15, "dial": ""}
    assert Api(cast.lead).post(path, {"dial": NUMBER}).json() == {"minutes": 15, "dial": NUMBER}
    for minutes_ in (9, 61):
        assert Api(cast.lead).post(path, {"minutes": minutes_}).status_code == 400
    for person in (cast.specialist, cast.clinician_prairie, cast.network_admin):
        assert Api(person).post(path, {"minutes": 20}).status_code == 403
    assert Api(cast.lead).get("specialties/none/phone/").status_code == 404
