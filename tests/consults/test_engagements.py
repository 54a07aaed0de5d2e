"""Improvement engagements: who sees and does what, the life of one, its hours and its measures."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consults.models import (
    Engagement,
    EngagementHours,
    EngagementMilestone,
    EngagementPerson,
    Measure,
    MeasurePoint,
)
from consults.services import engagements, improving
from portal.common import tenancy
from portal.common.models import AuditEvent, Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import NOON, after

DAY = date(2026, 11, 20)


def asked(cast: Cast) -> Engagement:
    return engagements.ask(
        by=cast.admin_prairie,
        organization=cast.prairie,
        area="Time to antibiotics in sepsis",
        goal="Median under 60 minutes by June.",
        scope="The emergency department.",
        sponsor=cast.admin_prairie,
        at=NOON,
    )


def agreed(cast: Cast, hours: int = 10) -> Engagement:
    row = engagements.agree(asked(cast), by=cast.network_admin, hours=Decimal(hours), at=after(1))
    return engagements.name(row, by=cast.network_admin, person=cast.specialist, is_consultant=True, at=after(1))


def under_way(cast: Cast) -> Engagement:
    return engagements.begin(agreed(cast), by=cast.specialist, at=after(2))


def measured(cast: Cast, row: Engagement) -> Measure:
    said = {"name": "Door to antibiotic", "unit": "minutes", "definition": "Median of the week", "better": "down"}
    return improving.add_measure(row, by=cast.specialist, at=after(3), **said)


def sees(person: Person, row: Engagement) -> bool:
    return Engagement.objects.visible_to(Person.objects.get(pk=person.pk)).filter(pk=row.pk).exists()


def make_admin(cast: Cast) -> Person:
    person = make_person("admin@lakeside.example", "Ola Lake")
    return give(person, Role.Name.ORGANIZATION_ADMINISTRATOR, organization=cast.lakeside)


@pytest.mark.django_db
class TestWhoSees:
    def test_its_administrators_those_named_and_the_network(self, cast: Cast) -> None:
        row = agreed(cast)
        for person in (cast.admin_prairie, cast.network_admin, cast.auditor, cast.specialist):
            assert sees(person, row), person
        for person in (
            cast.clinician_prairie,
            cast.clinician_lakeside,
            make_admin(cast),
            cast.specialist2,
            cast.lead,
            cast.editor,
        ):
            assert not sees(person, row), person
        engagements.name(row, by=cast.admin_prairie, person=cast.clinician_prairie, is_consultant=False, at=after(2))
        assert sees(cast.clinician_prairie, row)
        engagements.unname(row, by=cast.admin_prairie, person=cast.clinician_prairie, at=after(3))
        assert not sees(cast.clinician_prairie, row)

    def test_who_leaves_the_organization_or_the_network_sees_it_no_more(self, cast: Cast) -> None:
        row = agreed(cast)
        engagements.name(row, by=cast.admin_prairie, person=cast.clinician_prairie, is_consultant=False, at=after(2))
        Role.objects.filter(person__in=[cast.clinician_prairie, cast.specialist]).delete()
        assert not sees(cast.clinician_prairie, row)
        assert not sees(cast.specialist, row)

    def test_the_walls_hold_without_the_application(self, cast: Cast) -> None:
        row = under_way(cast)
        improving.log_hours(row, by=cast.specialist, day=DAY, hours=Decimal(1), what="Visit", at=after(3))
        improving.add_milestone(row, by=cast.specialist, name="Kit ready", due_on=DAY, at=after(3))
        improving.set_point(measured(cast, row), by=cast.specialist, day=DAY, value=80, at=after(4))
        tables = (Engagement, EngagementPerson, EngagementMilestone, EngagementHours, Measure, MeasurePoint)
        for model in tables:
            with tenancy.only([cast.prairie.pk]):
                assert model.objects.count() > 0, model
            with tenancy.only([cast.lakeside.pk]):
                assert model.objects.count() == 0, model
        with tenancy.only([cast.lakeside.pk]):
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                EngagementPerson.objects.create(engagement=row, person=cast.clinician_lakeside, is_consultant=False)
            assert Engagement.objects.filter(pk=row.pk).update(area="x") == 0

    def test_the_log_of_hours_is_only_added_to(self, cast: Cast) -> None:
        row = under_way(cast)
        improving.log_hours(row, by=cast.specialist, day=DAY, hours=Decimal(1), what="Visit", at=after(3))
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            EngagementHours.objects.update(hours=2)

    def test_an_outsider_finds_nothing_by_any_address(self, cast: Cast) -> None:
        row = under_way(cast)
        measure, base = measured(cast, row), row.get_absolute_url()
        for person in (cast.clinician_lakeside, make_admin(cast), cast.specialist2, cast.editor):
            client = sign_in(Client(), person)
            for path in ("", f"measures/{measure.pk}/chart.svg", f"measures/{measure.pk}/points.csv"):
                assert client.get(base + path).status_code == 404, (person, path)
            for path in ("agree/", "begin/", "hours/", "people/", "measures/", f"measures/{measure.pk}/points/"):
                assert client.post(base + path).status_code == 404, (person, path)


@pytest.mark.django_db
class TestItsLife:
    def test_only_an_administrator_of_the_organization_asks(self, cast: Cast) -> None:
        said = {"area": "A", "goal": "G", "scope": "S", "sponsor": cast.admin_prairie, "at": NOON}
        for person in (cast.clinician_prairie, make_admin(cast), cast.network_admin, cast.specialist):
            with pytest.raises(Refused):
                engagements.ask(by=person, organization=cast.prairie, **said)  # type: ignore[arg-type]
        with pytest.raises(Invalid, match="does not belong"):
            engagements.ask(
                by=cast.admin_prairie,
                organization=cast.prairie,
                **said | {"sponsor": cast.clinician_lakeside},  # type: ignore[arg-type]
            )

    def test_from_asked_to_closed_the_sponsor_is_told_of_each_step(self, cast: Cast) -> None:
        row = engagements.close(under_way(cast), by=cast.specialist, summary="Kits at triage.", at=after(50))
        assert (row.state, row.ended_at) == ("closed", after(50))
        told = Notice.objects.filter(person=cast.admin_prairie).order_by("pk").values_list("text", flat=True)
        assert [text.rpartition("Prairie Health ")[2].split(".")[0] for text in told] == [
            "was asked for",
            "was agreed",
            "is under way",
            "was closed",
        ]
        assert Notice.objects.filter(person=cast.network_admin, text__contains="your decision").exists()
        assert not Mail.objects.filter(body__contains="antibiotics").exists(), "nothing of its content goes out"
        assert AuditEvent.objects.filter(action="engagement.close", organization_id=cast.prairie.pk).exists()

    def test_declined_with_a_reason(self, cast: Cast) -> None:
        row = asked(cast)
        with pytest.raises(Invalid):
            engagements.decline(row, by=cast.network_admin, reason=" ", at=after(1))
        assert engagements.decline(row, by=cast.network_admin, reason="Next year.", at=after(1)).state == "declined"
        with pytest.raises(Conflict):
            engagements.agree(row, by=cast.network_admin, hours=Decimal(1), at=after(2))

    def test_each_step_has_its_people_and_its_state(self, cast: Cast) -> None:
        row = asked(cast)
        for person in (cast.admin_prairie, cast.specialist, cast.auditor):
            with pytest.raises(Refused):
                engagements.agree(row, by=person, hours=Decimal(5), at=after(1))
        with pytest.raises(Conflict):
            engagements.begin(row, by=cast.network_admin, at=after(1))
        row = agreed(cast)
        with pytest.raises(Refused):
            engagements.begin(row, by=cast.admin_prairie, at=after(1))
        with pytest.raises(Conflict):
            engagements.close(row, by=cast.specialist, summary="x", at=after(2))
        with pytest.raises(Refused):
            engagements.name(row, by=cast.network_admin, person=cast.clinician_prairie, is_consultant=False, at=NOON)
        with pytest.raises(Invalid, match="does not belong"):
            engagements.name(row, by=cast.admin_prairie, person=cast.clinician_lakeside, is_consultant=False, at=NOON)
        with pytest.raises(Invalid, match="does not work"):
            engagements.name(row, by=cast.network_admin, person=cast.clinician_prairie, is_consultant=True, at=NOON)
        with pytest.raises(Conflict, match="sponsor stays"):
            engagements.unname(row, by=cast.admin_prairie, person=cast.admin_prairie, at=NOON)

    def test_hours_never_exceed_those_agreed(self, cast: Cast) -> None:
        row = under_way(cast)

        def log(hours: str) -> None:
            improving.log_hours(row, by=cast.specialist, day=DAY, hours=Decimal(hours), what="Visit", at=after(3))

        with pytest.raises(Refused):
            improving.log_hours(row, by=cast.admin_prairie, day=DAY, hours=Decimal(1), what="x", at=after(3))
        log("7.5")
        with pytest.raises(Invalid, match=r"Only 2\.50"):
            log("3")
        log("-1.5")
        assert (row.hours_used, row.hours_left) == (Decimal("6.00"), Decimal("4.00"))
        with pytest.raises(Invalid, match="more than was noted"):
            log("-7")
        with pytest.raises(Invalid, match="used already"):
            engagements.allow_hours(row, by=cast.network_admin, hours=Decimal(5), at=after(4))
        assert engagements.allow_hours(row, by=cast.network_admin, hours=Decimal(20), at=after(4)).hours_left == 14

    def test_a_point_entered_again_replaces_and_says_so(self, cast: Cast) -> None:
        measure = measured(cast, under_way(cast))
        improving.set_point(measure, by=cast.admin_prairie, day=DAY, value=80, at=after(4))
        improving.set_point(measure, by=cast.admin_prairie, day=DAY, value=75, note="Recounted", at=after(5))
        assert measure.points.get().value == 75
        assert AuditEvent.objects.filter(action="engagement.point-changed").count() == 1
        for wrong in ({"value": float("nan")}, {"value": 1.0, "day": DAY + timedelta(days=30)}):
            with pytest.raises(Invalid):
                improving.set_point(measure, by=cast.admin_prairie, **{"day": DAY, "at": after(5)} | wrong)


def test_two_entries_at_once_do_not_overdraw_the_hours(committed_cast: Cast) -> None:
    cast = committed_cast
    row, barrier = under_way(cast), Barrier(2)

    def log(_: int) -> bool:
        try:
            with tenancy.everything():
                barrier.wait(timeout=10)
                improving.log_hours(row, by=cast.specialist, day=DAY, hours=Decimal(6), what="Visit", at=after(3))
        except Invalid:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(log, range(2))) == [False, True]
    assert row.hours_left == 4


@pytest.mark.django_db
class TestPages:
    def test_asked_agreed_measured_and_closed_on_its_pages(self, cast: Cast) -> None:
        admin, network = sign_in(Client(), cast.admin_prairie), sign_in(Client(), cast.network_admin)
        assert "Ask for one" in admin.get("/engagements/").content.decode()
        said = {"organization": "prairie", "area": "Falls", "goal": "Fewer", "scope": "Ward 3"}
        page = admin.post("/engagements/new/", said)
        assert "Fewer" in page.content.decode(), "what was typed is kept"
        admin.post("/engagements/new/", said | {"sponsor": cast.admin_prairie.email})
        base = Engagement.objects.get().get_absolute_url()
        assert admin.post(f"{base}agree/", {"hours": "10"}).status_code == 403
        assert network.post(f"{base}agree/", {"hours": "10"}).status_code == 302
        assert network.post(f"{base}agree/", {"hours": "10"}).status_code == 409
        assert network.post(f"{base}consultants/", {"person": cast.specialist.email}).status_code == 302
        consultant = sign_in(Client(), cast.specialist)
        assert consultant.post(f"{base}begin/").status_code == 302
        assert consultant.post(f"{base}hours/", {"day": DAY, "hours": "2.5", "what": "Visit"}).status_code == 302
        assert "Only 7.50" in consultant.post(f"{base}hours/", {"day": DAY, "hours": "9", "what": "x"}).content.decode()
        consultant.post(f"{base}milestones/", {"name": "Mats bought", "due_on": DAY})
        milestone = EngagementMilestone.objects.get()
        assert consultant.post(f"{base}milestones/{milestone.pk}/", {"done": "1"}).status_code == 302
        measure = {"name": "=Falls", "unit": "per 1,000 days", "definition": "All falls", "better": "down"}
        assert admin.post(f"{base}measures/", measure).status_code == 302
        found = Measure.objects.get()
        for number in range(12):
            day = DAY - timedelta(days=12 - number)
            entered = {"day": day, "value": str(9 - number // 6 * 5), "note": "=1+1" if number == 6 else ""}
            assert admin.post(f"{base}measures/{found.pk}/points/", entered).status_code == 302
        text = admin.get(base).content.decode()
        assert "There is a shift." in text
        assert "Too few runs:" in text
        assert "Perla" in text
        drawn = admin.get(f"{base}measures/{found.pk}/chart.svg")
        assert drawn["Content-Type"] == "image/svg+xml"
        csv = admin.get(f"{base}measures/{found.pk}/points.csv").content.decode()
        assert csv.splitlines()[0] == "day,value,unit,note"
        assert "'=1+1" in csv
        assert consultant.post(f"{base}close/", {"summary": "Fewer falls."}).status_code == 302
        assert "Fewer falls." in admin.get(base).content.decode()
        assert admin.post(f"{base}measures/{found.pk}/points/", {"day": DAY, "value": "1"}).status_code == 409

    def test_queries_do_not_grow_with_rows(self, cast: Cast) -> None:
        row = under_way(cast)
        client = sign_in(Client(), cast.admin_prairie)

        def fill(first: int, last: int) -> None:
            for number in range(first, last):
                said = {"unit": "%", "definition": "d", "better": "up", "at": after(3)}
                measure = improving.add_measure(row, by=cast.specialist, name=f"M{number}", **said)  # type: ignore[arg-type]
                improving.set_point(measure, by=cast.specialist, day=DAY, value=number, at=after(4))
                improving.log_hours(row, by=cast.specialist, day=DAY, hours=Decimal("0.1"), what="x", at=after(3))
                improving.add_milestone(row, by=cast.specialist, name="m", due_on=DAY, at=after(3))
                person = make_person(f"p{number}@prairie.example", f"P {number}")
                give(person, Role.Name.CLINICIAN, organization=cast.prairie)
                engagements.name(row, by=cast.admin_prairie, person=person, is_consultant=False, at=after(3))

        def queries(path: str) -> int:
            Notice.objects.update(read_at=after(5))  # an unread notice costs a look at each page
            client.get(path)
            with CaptureQueriesContext(connection) as counted:
                assert client.get(path).status_code == 200
            return len(counted)

        fill(0, 2)
        few = queries(row.get_absolute_url()), queries("/engagements/")
        fill(2, 20)
        for _ in range(18):
            asked(cast)
        assert (queries(row.get_absolute_url()), queries("/engagements/")) == few


@pytest.mark.django_db
def test_over_rest(cast: Cast) -> None:
    from portal.members.services.tokens import create_token

    def api(person: Person) -> Client:
        _, secret = create_token(by=person, person=person, name="test")
        return Client(headers={"Authorization": f"Token {secret}"})

    admin, network = api(cast.admin_prairie), api(cast.network_admin)
    body = {"organization": "prairie", "area": "Falls", "goal": "G", "scope": "S", "sponsor": cast.admin_prairie.email}
    made = admin.post("/api/v1/engagements/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    base = f"/api/v1/engagements/{made.json()['id']}/"

    def post(client: Client, path: str, **said: object) -> dict[str, object]:
        answer = client.post(base + path, said, content_type="application/json")
        assert answer.status_code == 200, answer.content
        found: dict[str, object] = answer.json()
        return found

    assert admin.post(f"{base}agree/", {"hours": "5"}, content_type="application/json").status_code == 403
    assert post(network, "agree/", hours="5")["state"] == "agreed"
    post(network, "people/", person=cast.specialist.email, is_consultant=True)
    consultant = api(cast.specialist)
    assert post(consultant, "begin/")["state"] == "under-way"
    assert post(consultant, "hours/", day="2026-11-20", hours="2", what="Visit")["hours_left"] == "3.00"
    post(consultant, "milestones/", name="Kit", due_on="2026-12-01")
    post(admin, "measures/", name="Falls", unit="n", definition="All", better="down")
    measure = Measure.objects.get().pk
    point = post(admin, f"measures/{measure}/points/", day="2026-11-20", value=4)
    assert point["chart"]["median"] == 4  # type: ignore[index]
    assert post(consultant, "close/", summary="Done.")["state"] == "closed"
    assert api(cast.clinician_lakeside).get(base).status_code == 404
    assert api(cast.clinician_lakeside).get("/api/v1/engagements/").json()["count"] == 0
    assert api(cast.specialist2).post(f"{base}begin/", {}, content_type="application/json").status_code == 404
