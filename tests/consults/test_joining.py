"""A consult moved to another specialty, and second opinions in its thread."""

import pytest
from django.test import Client

from consults.models import Availability, Consult, SecondOpinion
from consults.services import answering, clockwork, joining, requesting, rota
from portal.common import tenancy
from portal.common.models import Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role, Specialty
from tests.cast import Cast, away, give, make_person, sign_in
from tests.consults.helpers import after, answered, claimed, sent, waiting
from tests.consults.test_api import Api, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def neurologist(cast: Cast) -> Person:
    neurology = Specialty.objects.get(slug="neurology")
    return give(make_person("neuro@network.example", "Lee Park"), Role.Name.SPECIALIST, specialties=(neurology,))


@pytest.fixture
def neurology(neurologist: Person) -> Specialty:
    return Specialty.objects.get(slug="neurology")


class TestTransfer:
    def move(self, consult: Consult, by: Person, to: Specialty, hours: float = 3, reason: str = "A seizure") -> Consult:
        return joining.transfer(consult, by=by, to=to, reason=reason, at=after(hours))

    def test_the_clock_runs_on(self, cast: Cast, neurology: Specialty, neurologist: Person) -> None:
        consult = requesting.reply(waiting(cast), by=cast.clinician_prairie, text="82 kg", at=after(5))
        due = consult.due_at
        row = self.move(consult, cast.specialist, neurology, 6)
        assert (row.state, row.assignee, row.specialty, row.due_at, row.cycle) == ("queued", None, neurology, due, 1)
        reading = clockwork.reading(row, now=after(6))
        assert (reading.due_at, reading.paused.total_seconds()) == (due, 3 * 3600)
        assert row.clock_events.count() == 3
        assert not row.assignments.filter(ended_at=None).exists()
        entry = row.timeline.get(kind="transferred")
        assert (entry.actor, entry.detail) == (cast.specialist, "From Cardiology to Neurology: A seizure")
        for person in (neurologist, cast.clinician_prairie):
            assert Notice.objects.filter(person=person, text__contains=row.number).exists()
        assert not Notice.objects.filter(text__contains="seizure").exists()
        answering.claim(row, by=neurologist, at=after(7))
        assert not Consult.objects.visible_to(cast.specialist).filter(pk=row.pk).exists()

    def test_the_new_specialty_assigns_if_that_is_its_way(self, cast: Cast, neurology: Specialty) -> None:
        lead = give(make_person("nl@network.example", "Nel Lead"), Role.Name.SECTION_LEAD, specialties=(neurology,))
        rota.set_policy(by=lead, specialty=neurology, mode="assign", direct_allowed=True)
        assert self.move(claimed(cast), cast.specialist, neurology).state == "assigned"

    def test_who_may(self, cast: Cast, neurology: Specialty, neurologist: Person) -> None:
        for by in (neurologist, cast.specialist2, cast.clinician_prairie, cast.network_admin, cast.editor):
            with pytest.raises(Refused):
                self.move(claimed(cast), by, neurology)
        assert self.move(sent(cast), cast.specialist2, neurology).specialty == neurology, "of what waits, anyone there"
        assert self.move(claimed(cast), cast.lead, neurology).specialty == neurology

    def test_when_it_is_possible(self, cast: Cast, neurology: Specialty) -> None:
        for consult in (waiting(cast), answered(cast)):
            with pytest.raises(Conflict):
                self.move(consult, cast.specialist, neurology, 9)

    def test_what_cannot_be(self, cast: Cast, neurology: Specialty) -> None:
        consult = claimed(cast)
        for to, reason in (
            (cast.cardiology, "x"),
            (Specialty.objects.get(slug="pediatrics"), "x"),
            (neurology, " "),
            (neurology, "x" * 301),
        ):
            with pytest.raises(Invalid):
                self.move(consult, cast.specialist, to, reason=reason)

    def test_the_page_and_rest(self, cast: Cast, neurology: Specialty) -> None:
        consult = claimed(cast)
        client = sign_in(Client(), cast.specialist)
        assert "Move to another specialty" in client.get(consult.get_absolute_url()).content.decode()
        path = f"/consults/{consult.number}/transfer/"
        answer = client.post(path, {"to": "", "reason": "kept"})
        assert answer.status_code == 200
        assert "kept" in answer.content.decode()
        assert client.post(path, {"to": "neurology", "reason": "A seizure"}).status_code == 302
        assert Consult.objects.get(pk=consult.pk).specialty == neurology
        other = claimed(cast)
        api = Api(cast.specialist)
        problem(api.post(f"consults/{other.number}/transfer/", {"to": "none", "reason": "x"}), 400)
        problem(Api(cast.clinician_lakeside).post(f"consults/{other.number}/transfer/", {}), 404)
        # Of the moved one nothing is left to the specialist who moved it: it is of another specialty now.
        problem(api.post(f"consults/{consult.number}/transfer/", {"to": "neurology", "reason": "x"}), 404)


class TestSecondOpinion:
    def ask(self, consult: Consult, of: Person, by: Person) -> Consult:
        return joining.ask_second(consult, by=by, specialist=of, text="Would you anticoagulate?", at=after(3))

    def test_a_colleague_of_another_specialty_reads_and_answers(self, cast: Cast, neurologist: Person) -> None:
        consult = claimed(cast)
        assert not Consult.objects.visible_to(neurologist).exists()
        row = self.ask(consult, neurologist, cast.specialist)
        assert (row.state, row.assignee, row.due_at) == ("assigned", cast.specialist, after(48))
        assert Consult.objects.visible_to(neurologist).get() == row
        assert Notice.objects.filter(person=neurologist, text__contains="second opinion").exists()
        row = joining.give_opinion(row, by=neurologist, text="I would.", at=after(4))
        assert (row.state, row.assignee, row.due_at) == ("assigned", cast.specialist, after(48))
        assert [message.kind for message in row.messages.all()] == ["note", "opinion"]
        assert SecondOpinion.objects.get().given_at == after(4)
        assert {"asked-second", "opinion"} <= set(row.timeline.values_list("kind", flat=True))
        joining.give_opinion(row, by=neurologist, text="And soon.", at=after(5))
        assert SecondOpinion.objects.get().given_at == after(4)
        answering.answer(row, by=cast.specialist, text="Yes.", documents=[], minutes=5, at=after(6))

    def test_several_in_one_thread(self, cast: Cast, neurologist: Person) -> None:
        consult = claimed(cast)
        for person in (neurologist, cast.specialist2):
            self.ask(consult, person, cast.specialist)
            joining.give_opinion(consult, by=person, text="Yes.", at=after(4))
        words = sign_in(Client(), cast.clinician_prairie).get(consult.get_absolute_url()).content.decode()
        assert "Lee Park" in words
        assert "Lena Moritz" in words
        assert "Second opinion" in words

    def test_who_may_ask(self, cast: Cast, neurologist: Person) -> None:
        consult = claimed(cast)
        for by in (cast.specialist2, neurologist, cast.clinician_prairie, cast.network_admin):
            with pytest.raises(Refused):
                self.ask(consult, neurologist, by)
        self.ask(consult, neurologist, cast.lead)
        for state in (sent(cast), answered(cast)):
            with pytest.raises(Conflict):
                self.ask(state, neurologist, cast.lead)

    def test_of_whom(self, cast: Cast, neurologist: Person) -> None:
        consult = claimed(cast)
        with pytest.raises(Invalid, match="has"):
            self.ask(consult, cast.specialist, cast.specialist)
        with pytest.raises(Invalid):
            self.ask(consult, cast.clinician_lakeside, cast.specialist)
        away(neurologist, after(9))
        with pytest.raises(Invalid, match="away"):
            self.ask(consult, neurologist, cast.specialist)
        Availability.objects.create(person=cast.specialist2).conflicts.add(cast.prairie)
        with pytest.raises(Invalid, match="this organization"):
            self.ask(consult, cast.specialist2, cast.specialist)
        self.ask(consult, cast.lead, cast.specialist)
        with pytest.raises(Invalid, match="asked already"):
            self.ask(consult, cast.lead, cast.specialist)

    def test_nobody_gives_one_unasked_or_too_late(self, cast: Cast, neurologist: Person) -> None:
        consult = claimed(cast)
        for by in (neurologist, cast.specialist2, cast.lead, cast.clinician_prairie):
            with pytest.raises(Refused):
                joining.give_opinion(consult, by=by, text="x", at=after(3))
        self.ask(consult, neurologist, cast.specialist)
        with pytest.raises(Invalid):
            joining.give_opinion(consult, by=neurologist, text=" ", at=after(3))
        answering.answer(consult, by=cast.specialist, text="x", documents=[], minutes=5, at=after(4))
        with pytest.raises(Conflict):
            joining.give_opinion(consult, by=neurologist, text="x", at=after(5))

    def test_who_left_the_network_reads_nothing(self, cast: Cast, neurologist: Person) -> None:
        self.ask(claimed(cast), neurologist, cast.specialist)
        neurologist.roles.all().delete()
        assert not Consult.objects.visible_to(Person.objects.get(pk=neurologist.pk)).exists()

    def test_the_page_and_rest(self, cast: Cast, neurologist: Person) -> None:
        consult = claimed(cast)
        path = consult.get_absolute_url()
        client, other = sign_in(Client(), cast.specialist), sign_in(Client(), neurologist)
        assert other.get(path).status_code == 404
        assert client.post(f"{path}second-opinion/", {"text": "And?"}).status_code == 200
        typed = {"specialist": neurologist.email, "text": "Would you?"}
        assert client.post(f"{path}second-opinion/", typed).status_code == 302
        words = other.get(path).content.decode()
        assert "Your second opinion" in words
        assert other.post(f"{path}opinion/", {"text": " "}).status_code == 200
        assert other.post(f"{path}opinion/", {"text": "I would."}).status_code == 302
        assert sign_in(Client(), cast.lead).post(f"{path}opinion/", {"text": "x"}).status_code == 403
        third = claimed(cast)
        base = f"consults/{third.number}/"
        assert Api(cast.specialist).post(f"{base}second-opinion/", typed).status_code == 200
        assert Api(neurologist).post(f"{base}opinion/", {"text": "Yes."}).status_code == 200
        problem(Api(cast.lead).post(f"{base}opinion/", {"text": "x"}), 403)
        problem(Api(cast.clinician_lakeside).post(f"{base}opinion/", {"text": "x"}), 404)

    def test_the_wall(self, cast: Cast, neurologist: Person) -> None:
        self.ask(claimed(cast), neurologist, cast.specialist)
        with tenancy.only([cast.lakeside.pk]):
            assert not SecondOpinion.objects.exists()
        with tenancy.only([cast.prairie.pk]):
            assert SecondOpinion.objects.exists()
