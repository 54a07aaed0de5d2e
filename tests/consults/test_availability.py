"""What a specialist says of their own time, and what a section lead decides: pages, services, REST, and who may not."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from consults import ics
from consults.hours import NETWORK, Shift
from consults.models import Availability, OnCallDay, RoutingPolicy
from consults.services import availability, rota
from portal.common.models import AuditEvent
from portal.common.refusals import Invalid, Refused
from portal.members.models import Absence, Person, Role, Specialty
from tests.cast import Cast, give, make_person, sign_in
from tests.cast import away as be_away
from tests.consults.test_api import Api, problem

pytestmark = pytest.mark.django_db
CHICAGO = ZoneInfo("America/Chicago")
WEEK = [Shift(0, time(8), time(12)), Shift(0, time(13), time(17))]


@pytest.fixture
def specialist(cast: Cast, client: Client) -> Client:
    return sign_in(client, cast.specialist)


@pytest.fixture
def lead(cast: Cast) -> Client:
    return sign_in(Client(), cast.lead)


def neurologist() -> Person:
    neurology = Specialty.objects.get(slug="neurology")
    return give(make_person("neuro@network.example", "Lee Park"), Role.Name.SECTION_LEAD, specialties=(neurology,))


class TestWeek:
    def test_split_shifts_are_kept_and_shown_again(self, cast: Cast, specialist: Client) -> None:
        typed = {"d0p0from": "08:00", "d0p0to": "12:00", "d0p1from": "13:00", "d0p1to": "17:00", "d4p0from": "22:00"}
        assert specialist.post("/availability/", typed | {"d4p0to": "00:00"}).status_code == 302
        kept = [(row.weekday, row.start, row.end) for row in cast.specialist.weekly_hours.all()]
        assert kept == [(0, time(8), time(12)), (0, time(13), time(17)), (4, time(22), time(0))]
        assert 'value="13:00"' in specialist.get("/availability/").content.decode()
        assert AuditEvent.objects.filter(action="set weekly hours").exists()

    @pytest.mark.parametrize(
        "typed",
        [
            {"d0p0from": "08:00"},
            {"d0p0from": "12:00", "d0p0to": "08:00"},
            {"d0p0from": "08:00", "d0p0to": "12:00", "d0p1from": "11:00", "d0p1to": "13:00"},
            {"d0p0from": "x", "d0p0to": "12:00"},
        ],
    )
    def test_what_cannot_be_is_said_and_kept(self, cast: Cast, specialist: Client, typed: dict[str, str]) -> None:
        answer = specialist.post("/availability/", typed)
        assert answer.status_code == 200
        assert "needs your attention" in answer.content.decode()
        assert not cast.specialist.weekly_hours.exists()

    def test_nobody_sets_anothers(self, cast: Cast) -> None:
        for by in (cast.lead, cast.specialist2, cast.clinician_prairie, cast.network_admin):
            with pytest.raises(Refused):
                availability.set_week(by=by, person=cast.specialist, shifts=WEEK)
            with pytest.raises(Refused):
                availability.set_limits(by=by, person=cast.specialist, cap=1, languages=[], tiers=[], conflicts=[])


class TestLimits:
    def test_they_are_kept(self, cast: Cast, specialist: Client) -> None:
        typed = {"cap": "3", "languages": ["es", "en"], "tiers": ["member"], "conflicts": ["lakeside"]}
        assert specialist.post("/availability/limits/", typed).status_code == 302
        row = Availability.objects.get(person=cast.specialist)
        assert (row.cap, row.languages, row.tiers) == (3, ["en", "es"], ["member"])
        assert list(row.conflicts.all()) == [cast.lakeside]
        assert specialist.post("/availability/limits/", {}).status_code == 302
        row.refresh_from_db()
        assert (row.cap, row.languages, row.conflicts.count()) == (None, [], 0)

    def test_what_cannot_be(self, cast: Cast, specialist: Client) -> None:
        for typed in ({"cap": "0"}, {"languages": ["xx"]}, {"conflicts": ["none"]}):
            assert specialist.post("/availability/limits/", typed).status_code == 200
        for wrong in ({"cap": 100}, {"languages": ["xx"]}, {"tiers": ["x"]}):
            whole: dict[str, Any] = {"cap": None, "languages": [], "tiers": [], "conflicts": []} | wrong
            with pytest.raises(Invalid):
                availability.set_limits(by=cast.specialist, person=cast.specialist, **whole)


class TestAbsence:
    @pytest.mark.parametrize(
        ("typed", "start", "end"),
        [
            ({"first": "2026-12-01"}, (1, 0), (2, 0)),
            ({"first": "2026-12-01", "last": "2026-12-04"}, (1, 0), (5, 0)),
            ({"first": "2026-12-01", "part": "morning"}, (1, 0), (1, 12)),
            ({"first": "2026-12-01", "part": "afternoon"}, (1, 12), (2, 0)),
        ],
    )
    def test_entered_in_seconds(
        self, cast: Cast, specialist: Client, typed: dict[str, str], start: tuple[int, int], end: tuple[int, int]
    ) -> None:
        with time_machine.travel("2026-11-25T12:00Z", tick=False):
            specialist.force_login(cast.specialist)
            assert specialist.post("/availability/absences/", typed).status_code == 302
        row = Absence.objects.get()
        assert row.start_at == datetime(2026, 12, *start, tzinfo=CHICAGO)
        assert row.end_at == datetime(2026, 12, *end, tzinfo=CHICAGO)

    def test_what_cannot_be(self, cast: Cast, specialist: Client) -> None:
        today = timezone.localdate()
        for typed in (
            {"first": ""},
            {"first": "2020-01-01"},
            {"first": f"{today}", "last": f"{today - timedelta(days=1)}"},
            {"first": f"{today}", "last": f"{today + timedelta(days=1)}", "part": "morning"},
            {"first": f"{today}", "last": f"{today + timedelta(days=999)}"},
        ):
            answer = specialist.post("/availability/absences/", typed)
            assert answer.status_code == 200, typed
            assert answer.context["absence_form"].errors, typed
        assert not Absence.objects.exists()

    def test_back_early(self, cast: Cast, specialist: Client) -> None:
        row = be_away(cast.specialist, timezone.now() + timedelta(days=1))
        assert "You are away until" in specialist.get("/availability/").content.decode()
        assert specialist.post(f"/availability/absences/{row.pk}/remove/").status_code == 302
        assert not Absence.objects.exists()

    def test_nobody_takes_anothers_back(self, cast: Cast) -> None:
        row = be_away(cast.specialist, timezone.now() + timedelta(days=1))
        for person in (cast.specialist2, cast.lead, cast.clinician_prairie, cast.network_admin):
            assert sign_in(Client(), person).post(f"/availability/absences/{row.pk}/remove/").status_code == 404
        assert Absence.objects.exists()

    def test_the_lead_says_it_for_a_colleague_who_fell_ill(self, cast: Cast, lead: Client) -> None:
        typed = {"person": cast.specialist.email, "first": f"{timezone.localdate()}"}
        assert lead.post("/sections/cardiology/absences/", typed).status_code == 302
        assert Absence.objects.get().person == cast.specialist
        assert cast.specialist.name in lead.get("/sections/cardiology/").content.decode()

    def test_but_only_the_lead_of_their_specialty(self, cast: Cast) -> None:
        now = timezone.now()
        for by in (neurologist(), cast.specialist2, cast.network_admin, cast.clinician_prairie):
            with pytest.raises(Refused):
                availability.add_absence(
                    by=by, person=cast.specialist, start_at=now, end_at=now + timedelta(days=1), now=now
                )


ICS = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261227
SUMMARY:Vacation in secret
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART:20261201T150000Z
DTEND:20261201T190000Z
SUMMARY:Dentist
X-MICROSOFT-CDO-BUSYSTATUS:OOF
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:20261202T150000Z
DTEND:20261202T160000Z
SUMMARY:Clinic
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART;VALUE=DATE:20261228
SUMMARY:Holiday
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
UID:5
DTSTART:20261203T080000
DURATION:PT2H
SUMMARY:Away
END:VEVENT
END:VCALENDAR
""".replace(b"\n", b"\r\n")


class TestCalendar:
    def upload(self, client: Client, data: bytes) -> int:
        file = SimpleUploadedFile("a.ics", data)
        return client.post("/availability/calendar/", {"calendar": file}).status_code

    def test_out_of_office_becomes_absences_and_the_same_file_again_changes_nothing(
        self, cast: Cast, specialist: Client
    ) -> None:
        with time_machine.travel("2026-11-25T12:00Z", tick=False):
            specialist.force_login(cast.specialist)
            assert self.upload(specialist, ICS) == 302
            rows = [(row.start_at, row.end_at) for row in cast.specialist.absences.all()]
            assert rows == [
                (datetime(2026, 12, 1, 15, tzinfo=ZoneInfo("UTC")), datetime(2026, 12, 1, 19, tzinfo=ZoneInfo("UTC"))),
                (datetime(2026, 12, 3, 8, tzinfo=CHICAGO), datetime(2026, 12, 3, 10, tzinfo=CHICAGO)),
                (datetime(2026, 12, 24, tzinfo=CHICAGO), datetime(2026, 12, 27, tzinfo=CHICAGO)),
            ]
            assert not any("secret" in row.event for row in Absence.objects.all())
            assert self.upload(specialist, ICS) == 302
            assert Absence.objects.count() == 3
            be_away(cast.specialist, timezone.now() + timedelta(days=9))
            assert self.upload(specialist, ICS.replace(b"20261227", b"20261230")) == 302
            assert Absence.objects.count() == 4
            assert Absence.objects.filter(end_at=datetime(2026, 12, 30, tzinfo=CHICAGO)).exists()

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\x00\xff",
            b"<html>",
            b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:x\r\nSUMMARY:away",
            b"x" * 1_000_002,
        ],
    )
    def test_what_is_no_calendar_is_said(self, specialist: Client, data: bytes) -> None:
        assert self.upload(specialist, data) in (200, 302)
        assert not Absence.objects.exists()

    def test_the_feed_of_days_on_call(self, cast: Cast, specialist: Client) -> None:
        today = rota.today(timezone.now())
        rota.set_days(
            by=cast.lead, specialty=cast.cardiology, since=today, until=today, primary=cast.specialist, backup=cast.lead
        )
        page = specialist.post("/availability/feed/")
        address = page.context["feed"]
        path = address[address.index("/on-call/") :]
        answer = Client().get(path)
        assert answer["Content-Type"].startswith("text/calendar")
        (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
        assert str(event["SUMMARY"]) == "On call: Cardiology"
        assert event.decoded("DTSTART") == today
        assert address not in specialist.get("/availability/").content.decode(), "shown once"
        specialist.post("/availability/feed/")
        assert Client().get(path).status_code == 404, "a new address ends the old one"
        assert Client().get("/on-call//on-call.ics").status_code == 404
        assert Client().get("/on-call/x/on-call.ics").status_code == 404

    def test_a_feed_ends_with_the_account(self, cast: Cast) -> None:
        secret = availability.new_feed(by=cast.specialist)
        path = f"/on-call/{secret}/on-call.ics"
        assert Client().get(path).status_code == 200
        Role.objects.filter(person=cast.specialist).delete()
        assert Client().get(path).status_code == 404

    def test_a_backup_is_called_so(self, cast: Cast) -> None:
        duty = OnCallDay(specialty=cast.cardiology, day=date(2026, 12, 1), primary=cast.lead, backup=cast.specialist)
        text = ics.feed([duty], person_id=cast.specialist.pk, now=timezone.now(), site="https://x.example")
        assert b"Backup: Cardiology" in text


class TestRota:
    def days(self, cast: Cast, by: Person, **more: object) -> int:
        whole: dict[str, Any] = {"since": date(2026, 12, 7), "until": date(2026, 12, 13)}
        whole |= {"primary": cast.specialist, "backup": cast.specialist2} | more
        return rota.set_days(by=by, specialty=cast.cardiology, **whole)

    def test_a_week_is_set_replaced_and_cleared(self, cast: Cast) -> None:
        assert self.days(cast, cast.lead) == 7
        self.days(cast, cast.lead, since=date(2026, 12, 13), until=date(2026, 12, 14), primary=cast.lead)
        kept = dict(OnCallDay.objects.values_list("day", "primary__name"))
        assert len(kept) == 8
        assert kept[date(2026, 12, 12)] == cast.specialist.name
        assert kept[date(2026, 12, 13)] == cast.lead.name
        self.days(cast, cast.lead, primary=None, backup=None)
        assert [str(day) for day in OnCallDay.objects.values_list("day", flat=True)] == ["2026-12-14"]
        assert AuditEvent.objects.filter(action="set on call", object_id="cardiology").count() == 3

    def test_what_cannot_be(self, cast: Cast) -> None:
        for wrong in (
            {"until": date(2026, 12, 6)},
            {"until": date(2027, 12, 6)},
            {"primary": cast.clinician_prairie},
            {"backup": cast.specialist},
            {"primary": None},
            {"primary": neurologist()},
        ):
            with pytest.raises(Invalid):
                self.days(cast, cast.lead, **wrong)
        assert not OnCallDay.objects.exists()

    def test_only_the_lead_of_the_specialty(self, cast: Cast) -> None:
        for by in (cast.specialist, cast.network_admin, cast.editor, cast.clinician_prairie, neurologist()):
            with pytest.raises(Refused):
                self.days(cast, by)
            with pytest.raises(Refused):
                rota.set_policy(by=by, specialty=cast.cardiology, mode="assign", direct_allowed=True)
            client = sign_in(Client(), by)
            for path in ("", "rota/", "absences/"):
                assert client.post(f"/sections/cardiology/{path}").status_code == 403
            problem(Api(by).post("specialties/cardiology/routing/", {"mode": "assign"}), 403)

    def test_the_page(self, cast: Cast, lead: Client) -> None:
        today = rota.today(timezone.now())
        typed = {"since": f"{today}", "until": f"{today}", "primary": cast.specialist.email, "backup": cast.lead.email}
        assert lead.post("/sections/cardiology/rota/", typed).status_code == 302
        assert lead.post("/sections/cardiology/rota/", typed | {"until": ""}).status_code == 200
        assert lead.post("/sections/cardiology/", {"mode": "assign"}).status_code == 302
        policy = RoutingPolicy.objects.get()
        assert (policy.mode, policy.direct_allowed) == ("assign", False)
        assert lead.post("/sections/cardiology/", {"mode": "x"}).status_code == 200
        be_away(cast.specialist, timezone.now() + timedelta(hours=2))
        for person in (cast.clinician_prairie, cast.specialist2, cast.auditor):
            words = sign_in(Client(), person).get("/on-call/").content.decode()
            assert cast.specialist.name in words
            assert "Away: ask the backup" in words

    def test_days_that_follow_on_each_other_are_one_run(self, cast: Cast) -> None:
        self.days(cast, cast.lead)
        self.days(cast, cast.lead, since=date(2026, 12, 10), until=date(2026, 12, 10), backup=cast.lead)
        runs = [(str(duty.day)[8:], str(last)[8:]) for duty, last in rota.runs(OnCallDay.objects.order_by("day"))]
        assert runs == [("07", "09"), ("10", "10"), ("11", "13")]

    def test_the_day_is_the_networks(self) -> None:
        assert rota.today(datetime(2026, 12, 1, 3, tzinfo=ZoneInfo("UTC"))) == date(2026, 11, 30)
        assert NETWORK.key == "America/Chicago"

    def test_the_pages_ask_as_much_for_many_as_for_few(self, cast: Cast, lead: Client) -> None:
        today = rota.today(timezone.now())
        counts: dict[str, list[int]] = {"/on-call/": [], "/sections/cardiology/": [], "/availability/": []}
        for days, people in ((0, 1), (20, 6)):
            for number in range(people):
                person = make_person(f"p{days}{number}@network.example", f"P {number}")
                give(person, Role.Name.SPECIALIST, specialties=(cast.cardiology,))
                be_away(person, timezone.now() + timedelta(hours=number + 1))
            for slug in ("cardiology", "neurology") if days else ("cardiology",):
                for day in range(days + 1):
                    OnCallDay.objects.update_or_create(
                        specialty=Specialty.objects.get(slug=slug),
                        day=today + timedelta(days=day),
                        defaults={"primary": cast.lead, "backup": person},
                    )
            for path in counts:
                lead.get(path)
                with CaptureQueriesContext(connection) as seen:
                    lead.get(path)
                counts[path].append(len(seen))
        assert all(one == other for one, other in counts.values()), counts


class TestRest:
    WHOLE = {
        "cap": 4,
        "languages": ["es"],
        "tiers": [],
        "conflicts": ["lakeside"],
        "week": [{"weekday": 0, "start": "08:00", "end": "12:00"}, {"weekday": 0, "start": "13:00", "end": "17:00"}],
    }

    def test_availability(self, cast: Cast) -> None:
        api = Api(cast.specialist)
        assert api.get("availability/").json()["week"] == []
        kept = api.post("availability/", self.WHOLE).json()
        assert {name: kept[name] for name in self.WHOLE} == self.WHOLE
        assert api.get("availability/").json() == kept
        problem(api.post("availability/", self.WHOLE | {"conflicts": ["none"]}), 400)
        problem(api.post("availability/", {}), 400)
        problem(Api(cast.clinician_prairie).get("availability/"), 403)
        problem(Api(cast.clinician_prairie).post("availability/", self.WHOLE), 403)

    def test_absences(self, cast: Cast) -> None:
        now = timezone.now()
        body = {"start_at": now.isoformat(), "end_at": (now + timedelta(days=1)).isoformat()}
        api = Api(cast.specialist)
        made = api.post("absences/", body, key="one")
        assert made.status_code == 201
        assert api.post("absences/", body, key="one").json() == made.json()
        assert Absence.objects.count() == 1
        assert api.get("availability/").json()["away_until"]
        problem(api.post("absences/", body | {"end_at": now.isoformat()}), 400)
        problem(Api(cast.specialist2).post(f"absences/{made.json()['id']}/remove/", {}), 404)
        problem(Api(cast.specialist2).post("absences/", body | {"person": cast.specialist.email}), 403)
        assert Api(cast.lead).post("absences/", body | {"person": cast.specialist2.email}).status_code == 201
        assert api.post(f"absences/{made.json()['id']}/remove/", {}).json()["absences"] == []

    def test_on_call_and_routing(self, cast: Cast) -> None:
        today = f"{rota.today(timezone.now())}"
        body = {"specialty": "cardiology", "since": today, "until": today, "primary": cast.specialist.email}
        problem(Api(cast.specialist).post("on-call/", body), 403)
        assert Api(cast.lead).post("on-call/", body).status_code == 200
        (row,) = Api(cast.clinician_prairie).get("on-call/", specialty="cardiology").json()
        assert (row["primary"]["email"], row["backup"]) == (cast.specialist.email, None)
        assert Api(cast.auditor).get("on-call/", day="2020-01-01").json() == []
        problem(Api(cast.auditor).get("on-call/", day="x"), 400)
        api = Api(cast.lead)
        assert api.get("specialties/cardiology/routing/").json() == {"mode": "queue", "direct_allowed": True}
        assert api.post("specialties/cardiology/routing/", {"mode": "assign"}).json()["mode"] == "assign"
        problem(api.get("specialties/none/routing/"), 404)
