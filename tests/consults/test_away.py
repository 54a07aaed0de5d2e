"""Absences, and what becomes of the work of those who are away; the rota that says who stands in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone

from consults import tasks
from consults.models import Availability, Consult, OnCallDay
from consults.services import answering, away, clockwork, requesting, rota
from portal.common.models import AuditEvent, Notice
from portal.common.refusals import Conflict
from portal.members.models import Absence, Person, Role
from portal.members.services.people import set_away
from tests.cast import Cast, give, make_person
from tests.cast import away as be_away
from tests.consults.helpers import NOON, after, claimed, waiting


def on_call(cast: Cast, primary: Person, backup: Person | None = None, at: datetime = NOON) -> OnCallDay:
    """On call for cardiology the whole week."""
    for number in range(7):
        day = OnCallDay.objects.create(
            specialty=cast.cardiology, day=rota.today(at) + timedelta(days=number), primary=primary, backup=backup
        )
    return day


def third(cast: Cast) -> Person:
    person = make_person("third@network.example", "Noa Berg")
    return give(person, Role.Name.SPECIALIST, specialties=(cast.cardiology,))


def again(consult: Consult) -> Consult:
    return Consult.objects.get(pk=consult.pk)


@pytest.mark.django_db
class TestSweep:
    def test_work_goes_to_the_backup_on_call_and_the_clock_runs_on(self, cast: Cast) -> None:
        consult = claimed(cast)
        on_call(cast, cast.specialist, cast.specialist2)
        be_away(cast.specialist, after(40), since=after(2))
        assert away.sweep(now=after(1.9)) == {}
        assert away.sweep(now=after(2)) == {"handed over": 1}
        row = again(consult)
        assert (row.state, row.assignee, row.due_at) == ("assigned", cast.specialist2, after(48))
        assert [event.kind for event in row.clock_events.all()] == ["start"]
        assert [(one.specialist, one.ended_at) for one in row.assignments.all()] == [
            (cast.specialist, after(2)),
            (cast.specialist2, None),
        ]
        entry = row.timeline.get(kind="handed-over")
        assert entry.actor is None
        assert "Kofi Arden is away until" in entry.detail
        assert "Lena Moritz" in entry.detail
        assert AuditEvent.objects.filter(action="consult.away", object_id=row.number).exists()
        assert Notice.objects.filter(person=cast.specialist2, text__contains=row.number).exists()
        assert Notice.objects.filter(person=cast.specialist, text__contains="as you are away").exists()

    def test_a_second_sweep_finds_nothing(self, cast: Cast) -> None:
        claimed(cast)
        be_away(cast.specialist, after(40))
        assert away.sweep(now=after(3)) == {"released": 1}
        assert away.sweep(now=after(3)) == {}

    def test_the_primary_stands_in_where_the_backup_cannot(self, cast: Cast) -> None:
        consult, primary = claimed(cast), third(cast)
        on_call(cast, primary, cast.specialist2)
        be_away(cast.specialist, after(40))
        be_away(cast.specialist2, after(40))
        away.sweep(now=after(3))
        assert again(consult).assignee == primary

    def test_nobody_in_conflict_stands_in(self, cast: Cast) -> None:
        consult = claimed(cast)
        on_call(cast, cast.specialist2)
        Availability.objects.create(person=cast.specialist2).conflicts.add(cast.prairie)
        be_away(cast.specialist, after(40))
        away.sweep(now=after(3))
        assert again(consult).state == "queued"

    def test_with_nobody_on_call_it_waits_in_the_queue_and_the_lead_is_told(self, cast: Cast) -> None:
        consult = claimed(cast)
        be_away(cast.specialist, after(40))
        away.sweep(now=after(3))
        row = again(consult)
        assert (row.state, row.assignee, row.due_at) == ("queued", None, after(48))
        assert row.timeline.get(kind="released").detail.startswith("Kofi Arden is away")
        assert Notice.objects.filter(person=cast.lead, text__contains="nobody on call could take it").exists()

    def test_a_question_back_stays_until_its_reply(self, cast: Cast) -> None:
        consult = waiting(cast)
        be_away(cast.specialist, after(40))
        assert away.sweep(now=after(3)) == {}
        requesting.reply(consult, by=cast.clinician_prairie, text="82 kg", at=after(4))
        assert away.sweep(now=after(5)) == {"released": 1}
        assert clockwork.reading(again(consult), now=after(5)).due_at == after(50)

    def test_an_absence_that_is_over_or_to_come_takes_nothing(self, cast: Cast) -> None:
        claimed(cast)
        be_away(cast.specialist, after(2))
        be_away(cast.specialist, after(40), since=after(30))
        assert away.sweep(now=after(3)) == {}

    def test_whoever_is_away_takes_nothing_either(self, cast: Cast) -> None:
        consult = claimed(cast)
        be_away(cast.specialist, after(40))
        away.sweep(now=after(3))
        with pytest.raises(Conflict, match="you are away"):
            answering.claim(consult, by=Person.objects.get(pk=cast.specialist.pk), at=after(4))

    def test_the_task(self, cast: Cast) -> None:
        claimed(cast)
        be_away(cast.specialist, timezone.now() + timedelta(hours=1))
        assert tasks.route() == {"released": 1}
        assert tasks.route() == {}


def test_sweeps_at_once_do_the_work_of_one(committed_cast: Cast) -> None:
    cast = committed_cast
    consults = [claimed(cast) for _ in range(12)]
    on_call(cast, cast.specialist, cast.specialist2)
    be_away(cast.specialist, after(40))

    def run(_: int) -> int:
        try:
            return away.sweep(now=after(3))["handed over"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 12
    for consult in consults:
        assert again(consult).timeline.filter(kind="handed-over").count() == 1
        assert again(consult).assignments.count() == 2


@pytest.mark.django_db
class TestAbsence:
    def test_one_source_for_who_is_away(self, cast: Cast) -> None:
        now, person = timezone.now(), cast.specialist
        assert not person.is_away(now)
        set_away(by=person, until=now + timedelta(hours=3))
        assert person.is_away(timezone.now())
        assert person.away_until == now + timedelta(hours=3)
        assert not person.is_away(now + timedelta(hours=3))
        set_away(by=person, until=now + timedelta(hours=5))
        assert person.away_until == now + timedelta(hours=5)
        set_away(by=person, until=None)
        assert not person.is_away(timezone.now())
        assert person.away_until is None

    def test_absences_that_follow_on_each_other_are_one(self, cast: Cast) -> None:
        be_away(cast.specialist, after(5), since=after(0))
        be_away(cast.specialist, after(9), since=after(5))
        be_away(cast.specialist, after(20), since=after(12))
        assert cast.specialist.away_at(after(1)) == after(9)
        assert cast.specialist.away_at(after(10)) is None
        assert list(Person.objects.here(after(1)).filter(pk=cast.specialist.pk)) == []
        assert Person.objects.here(after(10)).filter(pk=cast.specialist.pk).exists()

    def test_the_database_refuses_one_that_ends_before_it_begins(self, cast: Cast) -> None:
        from django.db import IntegrityError

        with pytest.raises(IntegrityError):
            Absence.objects.create(person=cast.specialist, start_at=after(2), end_at=after(2))
