"""A specialty's routing at work: the queue or assignment, on sending and by the sweep; naming a specialist or not."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from consults.models import Availability, Consult, Message, OnCallDay
from consults.services import answering, assigning, away, clockwork, rota, sending
from portal.common import tenancy
from portal.common.models import AuditEvent, Notice
from portal.common.refusals import Conflict, Invalid
from portal.members.models import Person, Role
from tests.cast import Cast, give, make_person
from tests.cast import away as be_away
from tests.consults.helpers import NOON, after, claimed, drafted, sent, waiting


def assigns(cast: Cast, *, direct: bool = True) -> None:
    rota.set_policy(by=cast.lead, specialty=cast.cardiology, mode="assign", direct_allowed=direct)


def everyone_is_away(cast: Cast, *, but: Person | None = None) -> None:
    for person in (cast.specialist, cast.specialist2, cast.lead):
        if person != but:
            be_away(person, after(24 * 9))


@pytest.mark.django_db
class TestSending:
    def test_the_queue_is_the_default(self, cast: Cast) -> None:
        row = sent(cast)
        assert (row.state, row.assignee) == ("queued", None)

    def test_assigned_at_once_with_the_reason_on_the_timeline(self, cast: Cast) -> None:
        assigns(cast)
        everyone_is_away(cast, but=cast.specialist2)
        row = sent(cast)
        assert (row.state, row.assignee, row.due_at) == ("assigned", cast.specialist2, after(48))
        assert row.assignments.get().specialist == cast.specialist2
        entry = row.timeline.get(kind="assigned")
        assert entry.actor is None
        assert "Least lateness to be expected: Lena Moritz" in entry.detail
        assert Notice.objects.filter(person=cast.specialist2, text__contains=row.number).exists()
        assert not Notice.objects.filter(person=cast.specialist, text__contains=row.number).exists()
        assert AuditEvent.objects.filter(action="consult.assign", object_id=row.number, actor="routing").exists()

    def test_never_to_someone_away_in_conflict_or_at_their_cap(self, cast: Cast) -> None:
        assigns(cast)
        be_away(cast.specialist, after(30))
        Availability.objects.create(person=cast.specialist2).conflicts.add(cast.prairie)
        Availability.objects.create(person=cast.lead, cap=1)
        held = sent(cast, to=cast.lead)
        assert held.assignee == cast.lead
        row = sent(cast)
        assert (row.state, row.assignee) == ("queued", None)

    def test_the_tier_served(self, cast: Cast) -> None:
        assigns(cast)
        everyone_is_away(cast, but=cast.specialist)
        Availability.objects.create(person=cast.specialist, tiers=["regional"])
        assert sent(cast).state == "queued"

    def test_one_each_and_the_rest_waits(self, cast: Cast) -> None:
        assigns(cast)
        holders = [sent(cast).assignee for _ in range(4)]
        assert len(set(holders[:3])) == 3
        assert holders[3] is None

    def test_a_specialist_who_may_not_be_named(self, cast: Cast) -> None:
        assigns(cast, direct=False)
        with pytest.raises(Invalid) as refused:
            sent(cast, to=cast.specialist)
        assert "from its queue" in refused.value.fields["assignee"]

    def test_a_named_specialist_in_conflict(self, cast: Cast) -> None:
        Availability.objects.create(person=cast.specialist).conflicts.add(cast.prairie)
        with pytest.raises(Invalid, match="this organization"):
            sent(cast, to=cast.specialist)
        with pytest.raises(Conflict, match="this organization"):
            answering.claim(sent(cast), by=cast.specialist, at=after(1))
        consult = answering.claim(sent(cast), by=cast.specialist2, at=after(1))
        with pytest.raises(Invalid, match="this organization"):
            answering.hand_over(consult, by=cast.specialist2, to=cast.specialist, at=after(2))

    def test_a_clinicians_view_of_one_organization_still_counts_all_open_work(self, cast: Cast) -> None:
        """The walls show a clinician their own organization; the cap counts what others asked."""
        assigns(cast)
        everyone_is_away(cast, but=cast.specialist)
        assert sent(cast, by=cast.clinician_lakeside).assignee == cast.specialist
        draft = drafted(cast)
        with tenancy.only([cast.prairie.pk]):
            row = sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON)
        assert row.assignee is None


@pytest.mark.django_db
class TestFacts:
    def test_what_routing_is_told(self, cast: Cast) -> None:
        one = cast.specialist
        consult = claimed(cast)
        waiting(cast)
        OnCallDay.objects.create(specialty=cast.cardiology, day=rota.today(NOON), primary=one)
        for minutes in (20, 20, 30, 30, 50):
            Message.objects.create(
                consult=consult, kind="answer", author=one, text="x", minutes=minutes, created_at=after(-24)
            )
        Message.objects.create(
            consult=consult, kind="answer", author=one, text="x", minutes=600, created_at=after(-24 * 91)
        )
        UserSession.objects.create(user=one, session_key="k", ip="::1", last_seen_at=after(2.9))
        (fact,) = assigning.candidates([one], specialty_id=cast.cardiology.pk, now=after(3))
        assert sorted(map(str, fact.open_work)) == sorted([str(after(48)), "None"])
        assert (fact.minutes, fact.minutes_lately, fact.is_here) == (30.0, 150.0, True)
        assert list(fact.on_call) == [rota.today(NOON)]
        (later,) = assigning.candidates([one], specialty_id=cast.cardiology.pk, now=after(4))
        assert not later.is_here

    def test_as_many_queries_for_many_people_as_for_few(self, cast: Cast) -> None:
        counts = []
        for people in (1, 8):
            for number in range(people):
                person = make_person(f"q{people}{number}@network.example", f"Q {number}")
                give(person, Role.Name.SPECIALIST, specialties=(cast.cardiology,))
                be_away(person, after(5))
                Availability.objects.create(person=person).conflicts.add(cast.lakeside)
            with CaptureQueriesContext(connection) as seen:
                found = assigning.answering(cast.cardiology.pk)
                assigning.candidates(found, specialty_id=cast.cardiology.pk, now=NOON)
            counts.append(len(seen))
        assert counts[0] == counts[1]


@pytest.mark.django_db
class TestSweep:
    def test_what_waits_goes_to_whoever_became_free_most_urgent_first(self, cast: Cast) -> None:
        first, second = sent(cast), sent(cast, at=after(1))
        everyone_is_away(cast, but=cast.specialist)
        assert assigning.sweep(now=after(2)) == {}, "its specialty does not assign"
        assigns(cast)
        assert assigning.sweep(now=after(2)) == {"assigned": 1}
        assert Consult.objects.get(pk=first.pk).assignee == cast.specialist
        assert assigning.sweep(now=after(2)) == {"assigned": 0}
        answering.answer(first, by=cast.specialist, text="x", documents=[], minutes=5, at=after(3))
        assert assigning.sweep(now=after(3)) == {"assigned": 1}
        row = Consult.objects.get(pk=second.pk)
        assert (row.assignee, row.due_at) == (cast.specialist, after(49))

    def test_work_of_someone_away_is_assigned_where_nobody_is_on_call(self, cast: Cast) -> None:
        consult = claimed(cast)
        assigns(cast)
        everyone_is_away(cast, but=cast.specialist2)
        assert away.sweep(now=after(3)) == {"handed over": 1}
        assert Consult.objects.get(pk=consult.pk).assignee == cast.specialist2

    def test_it_asks_as_much_for_many_as_for_few_who_must_wait(self, cast: Cast) -> None:
        assigns(cast)
        everyone_is_away(cast)
        counts = []
        for more in (1, 10):
            for _ in range(more):
                sent(cast)
            with CaptureQueriesContext(connection) as seen:
                assigning.sweep(now=after(1))
            counts.append(len(seen))
        assert counts[0] == counts[1]

    def test_the_clock_is_the_same(self, cast: Cast) -> None:
        consult = sent(cast)
        assigns(cast)
        assigning.sweep(now=after(5))
        assert clockwork.reading(Consult.objects.get(pk=consult.pk), now=after(5)).due_at == after(48)


def test_two_questions_at_once_never_pass_a_cap(committed_cast: Cast) -> None:
    """Each sender waits for the other's choice: with one person who takes one, the second question waits."""
    cast = committed_cast
    assigns(cast)
    everyone_is_away(cast, but=cast.specialist)
    Availability.objects.create(person=cast.specialist, cap=1)
    drafts = [drafted(cast) for _ in range(6)]

    def send(draft: Consult) -> int | None:
        try:
            with tenancy.everything():
                return sending.send(draft, by=cast.clinician_prairie, attested=False, at=NOON).assignee_id
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(send, drafts), key=str).count(cast.specialist.pk) == 1


def test_sweeps_at_once_assign_each_question_once(committed_cast: Cast) -> None:
    cast = committed_cast
    for number in range(8):
        person = make_person(f"s{number}@network.example", f"S {number}")
        give(person, Role.Name.SPECIALIST, specialties=(cast.cardiology,))
    consults = [sent(cast) for _ in range(8)]
    assigns(cast)

    def run(_: int) -> int:
        try:
            return assigning.sweep(now=after(1))["assigned"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 8
    holders = set()
    for consult in consults:
        holders.add(consult.assignments.get().specialist_id)
    assert len(holders) == 8
