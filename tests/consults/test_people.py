"""People around a consult: following, asking for a colleague, handing over, and what nobody else may do or see."""

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consults.models import Consult, OnBehalf, Watcher
from consults.services import answering, leaving, people, sending
from portal.common import tenancy
from portal.common.models import Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role
from portal.members.services.people import deactivate_person
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import after, answered, claimed, closed, drafted, sent
from tests.consults.test_api import Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(cast: Cast) -> Person:
    return give(make_person("second@prairie.example", "Ana Sol"), Role.Name.CLINICIAN, organization=cast.prairie)


def sees(person: Person, consult: Consult) -> bool:
    return Consult.objects.visible_to(Person.objects.get(pk=person.pk)).filter(pk=consult.pk).exists()


class TestFollowing:
    def test_a_colleague_reads_along_is_told_without_clinical_text_and_stops(
        self, cast: Cast, colleague: Person
    ) -> None:
        consult = claimed(cast)
        people.watch(consult, by=cast.clinician_prairie, person=colleague, at=after(1))
        assert sees(colleague, consult)
        answering.answer(consult, by=cast.specialist, text="5 mg twice daily.", documents=[], minutes=4, at=after(2))
        told = list(Notice.objects.filter(person_id=colleague.pk).values_list("text", flat=True))
        assert any("was answered" in text for text in told)
        for mail in Mail.objects.filter(to=colleague.email):
            assert "5 mg" not in mail.body
            assert "apixaban" not in mail.body
        people.unwatch(consult, by=colleague, person=colleague)
        assert not sees(colleague, consult)

    def test_nobody_of_another_organization_and_nobody_without_clinical_role(self, cast: Cast) -> None:
        consult = sent(cast)
        for person in (cast.clinician_lakeside, cast.admin_prairie, cast.specialist, cast.editor):
            with pytest.raises(Invalid):
                people.watch(consult, by=cast.clinician_prairie, person=person, at=after(1))
            assert not Watcher.objects.filter(person=person).exists()

    def test_nobody_adds_themselves_to_what_they_cannot_read(self, cast: Cast, colleague: Person) -> None:
        consult = sent(cast)
        for person in (colleague, cast.clinician_lakeside, cast.admin_prairie):
            with pytest.raises(Refused):
                people.watch(consult, by=person, person=person, at=after(1))

    def test_a_watcher_neither_adds_nor_removes_others_nor_acts(self, cast: Cast, colleague: Person) -> None:
        third = give(make_person("third@prairie.example", "Bo Lin"), Role.Name.CLINICIAN, organization=cast.prairie)
        consult = sent(cast)
        for person in (colleague, third):
            people.watch(consult, by=cast.clinician_prairie, person=person, at=after(1))
        with pytest.raises(Refused):
            people.unwatch(consult, by=colleague, person=third)
        with pytest.raises(Refused):
            people.pass_on(consult, by=colleague, to=colleague, at=after(2))

    def test_who_leaves_the_organization_sees_and_hears_no_more(self, cast: Cast, colleague: Person) -> None:
        consult = claimed(cast)
        people.watch(consult, by=cast.clinician_prairie, person=colleague, at=after(1))
        Role.objects.filter(person=colleague).delete()
        give(colleague, Role.Name.CLINICIAN, organization=cast.lakeside)
        assert not sees(colleague, consult), "not from their new practice either"
        answering.ask_back(consult, by=cast.specialist, text="Which weight?", at=after(2))
        assert not Notice.objects.filter(person_id=colleague.pk, text__contains="has a question").exists()

    def test_the_database_alone_keeps_other_organizations_out(self, cast: Cast, colleague: Person) -> None:
        consult = sent(cast)
        people.watch(consult, by=cast.clinician_prairie, person=colleague, at=after(1))
        with tenancy.only([cast.lakeside.pk]):
            assert Watcher.objects.count() == 0
        other = cast.clinician_lakeside
        for scope in (tenancy.everything(), tenancy.only([cast.prairie.pk])):
            with scope, pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                Watcher.objects.create(consult=consult, person=other, added_by=other)
        with tenancy.everything(), pytest.raises(ProgrammingError), transaction.atomic():
            Watcher.objects.update(person=other)

    def test_pages(self, client: Client, cast: Cast, colleague: Person) -> None:
        consult = sent(cast)
        page = f"/consults/{consult.number}/people/"
        assert sign_in(client, cast.clinician_prairie).get(page).status_code == 200
        assert client.post(f"{page}watch/", {"person": cast.clinician_lakeside.pk}).status_code == 302
        assert Watcher.objects.count() == 0
        client.post(f"{page}watch/", {"person": colleague.pk})
        assert Watcher.objects.get().person == colleague
        for person in (cast.clinician_lakeside, cast.admin_prairie, cast.specialist, cast.lead, cast.network_admin):
            other = sign_in(Client(), person)
            assert other.get(page).status_code == 404, person
            assert other.post(f"{page}watch/", {"person": colleague.pk}).status_code == 404, person
            assert other.post(f"{page}{colleague.pk}/stop/").status_code == 404, person
            assert other.post(f"{page}pass-on/", {"person": colleague.pk}).status_code == 404, person
        other = sign_in(Client(), colleague)
        assert other.get(f"/consults/{consult.number}/").status_code == 200
        assert other.post(f"{page}{colleague.pk}/stop/").url == "/"  # type: ignore[attr-defined]

    def test_the_page_asks_no_more_of_the_database_with_more_watchers(self, client: Client, cast: Cast) -> None:
        consult, counts = sent(cast), []
        sign_in(client, cast.clinician_prairie)
        for upto in (2, 20):
            while (n := Watcher.objects.count()) < upto:
                one = give(
                    make_person(f"w{n}@prairie.example", f"W {n}"), Role.Name.CLINICIAN, organization=cast.prairie
                )
                people.watch(consult, by=cast.clinician_prairie, person=one, at=after(1))
            client.get(f"/consults/{consult.number}/people/")
            with CaptureQueriesContext(connection) as asked:
                client.get(f"/consults/{consult.number}/people/")
            counts.append(len(asked))
        assert counts[0] == counts[1]


class TestOverRest:
    def test_following_and_passing_on(self, cast: Cast, colleague: Person) -> None:
        path = f"consults/{claimed(cast).number}"
        mine, theirs = Api(cast.clinician_prairie), Api(colleague)
        assert theirs.get(f"{path}/people/").status_code == 404
        followed = mine.post(f"{path}/watch/", {"person": colleague.pk}).json()
        assert [one["name"] for one in followed["watchers"]] == ["Ana Sol"]
        assert theirs.get(f"{path}/people/").json()["requester"]["name"] == "Dana Whitfield"
        assert theirs.post(f"{path}/pass-on/", {"person": colleague.pk}).status_code == 403
        assert mine.post(f"{path}/unwatch/", {"person": colleague.pk}).json()["watchers"] == []
        assert mine.post(f"{path}/pass-on/", {"person": colleague.pk}).json()["requester"]["name"] == "Ana Sol"

    def test_for_nobody_outside_the_practice(self, cast: Cast, colleague: Person) -> None:
        path = f"consults/{sent(cast).number}"
        assert Api(cast.clinician_prairie).post(f"{path}/watch/", {"person": cast.specialist.pk}).status_code == 400
        outside = (cast.clinician_lakeside, cast.admin_prairie, cast.specialist, cast.lead, cast.network_admin)
        for person in (*outside, cast.auditor, cast.editor, colleague):
            assert Api(person).get(f"{path}/people/").status_code == 404, person
            for action in ("watch", "unwatch", "pass-on"):
                assert Api(person).post(f"{path}/{action}/", {"person": colleague.pk}).status_code == 404, person
        assert not Watcher.objects.exists()
        assert Consult.objects.get().requester == cast.clinician_prairie

    def test_what_somebody_left(self, cast: Cast, colleague: Person) -> None:
        sent(cast)
        path, admin = f"people/{cast.clinician_prairie.pk}/consults/", Api(cast.admin_prairie)
        left = admin.get(path).json()
        assert (left["unfinished"], [one["name"] for one in left["heirs"]]) == (1, ["Ana Sol"])
        assert admin.post(path, {"person": cast.clinician_lakeside.pk}).status_code == 400
        assert admin.post(path, {"person": colleague.pk}).json() == {"unfinished": 0, "heirs": []}


class TestOnBehalf:
    def test_both_see_it_and_the_record_keeps_who_wrote_for_whom(self, cast: Cast, colleague: Person) -> None:
        draft = drafted(cast)
        people.write_for(draft, by=cast.clinician_prairie, colleague=colleague)
        assert not sees(colleague, draft), "a draft is its author's alone"
        sending.send(draft, by=cast.clinician_prairie, attested=False, at=after(0))
        assert sees(colleague, draft)
        assert Notice.objects.filter(person_id=colleague.pk, text__contains="asked for you").count() == 1
        kept = OnBehalf.objects.get()
        assert (kept.written_by, kept.colleague) == (cast.clinician_prairie, colleague)

    def test_for_nobody_elsewhere_and_by_nobody_else(self, cast: Cast, colleague: Person) -> None:
        draft = drafted(cast)
        for person in (cast.clinician_lakeside, cast.admin_prairie, cast.clinician_prairie):
            with pytest.raises(Invalid):
                people.write_for(draft, by=cast.clinician_prairie, colleague=person)
        with pytest.raises(Refused):
            people.write_for(draft, by=colleague, colleague=colleague)
        with tenancy.everything(), pytest.raises(ProgrammingError), transaction.atomic():
            OnBehalf.objects.create(consult=draft, colleague=cast.clinician_lakeside, written_by=cast.clinician_prairie)

    def test_from_the_ask_page_and_thrown_away_with_the_draft(
        self, client: Client, cast: Cast, colleague: Person
    ) -> None:
        form = {"question": "Which dose of apixaban?", "summary": "x", "behalf": colleague.pk, "save": "1"}
        sign_in(client, cast.clinician_prairie).post("/ask/", form)
        draft = Consult.objects.get()
        assert draft.on_behalf.colleague == colleague
        client.post(f"/ask/{draft.number}/discard/")
        assert not Consult.objects.exists()
        assert not OnBehalf.objects.exists()

    def test_the_database_alone_keeps_other_organizations_out(self, cast: Cast, colleague: Person) -> None:
        draft = drafted(cast)
        people.write_for(draft, by=cast.clinician_prairie, colleague=colleague)
        for place, n in ((cast.prairie, 1), (cast.lakeside, 0)):
            with tenancy.only([place.pk]):
                assert OnBehalf.objects.count() == OnBehalf.objects.update(written_by=cast.clinician_prairie) == n
        OnBehalf.objects.all().delete()
        with tenancy.only([cast.lakeside.pk]), pytest.raises(ProgrammingError), transaction.atomic():
            OnBehalf.objects.create(consult=draft, colleague=colleague, written_by=cast.clinician_prairie)


class TestHandingOver:
    def test_the_new_requester_acts_and_is_told_and_the_clock_goes_on(self, cast: Cast, colleague: Person) -> None:
        consult = answered(cast)
        other = claimed(cast)
        due = other.due_at
        people.pass_on(other, by=cast.clinician_prairie, to=colleague, at=after(2))
        other.refresh_from_db()
        assert (other.requester, other.due_at) == (colleague, due)
        assert "Ana Sol asks on in place of Dana Whitfield" in other.timeline.latest("id").detail
        assert Notice.objects.filter(person_id=colleague.pk, text__contains="came to you").count() == 1
        assert sees(cast.clinician_prairie, other), "who handed it over follows it until they stop"
        assert consult.requester == cast.clinician_prairie

    def test_not_to_others_not_by_others_not_when_closed(self, cast: Cast, colleague: Person) -> None:
        consult = sent(cast)
        for to in (cast.clinician_lakeside, cast.admin_prairie, cast.clinician_prairie, cast.specialist):
            with pytest.raises(Invalid):
                people.pass_on(consult, by=cast.clinician_prairie, to=to, at=after(1))
        for by in (colleague, cast.admin_prairie, cast.specialist, cast.lead, cast.network_admin):
            with pytest.raises(Refused):
                people.pass_on(consult, by=by, to=colleague, at=after(1))
        with pytest.raises(Conflict):
            people.pass_on(closed(cast), by=cast.clinician_prairie, to=colleague, at=after(7))

    def test_deactivating_hands_over_in_the_same_act(self, client: Client, cast: Cast, colleague: Person) -> None:
        consult, done = sent(cast), closed(cast)
        page = f"/people/{cast.clinician_prairie.pk}/deactivate/"
        shown = sign_in(client, cast.admin_prairie).get(page).content.decode()
        assert "1 open consults" in shown or "1 open consult" in shown
        assert "Ana Sol" in shown
        assert "Imani Brooks" not in shown
        assert "apixaban" not in shown
        client.post(page, {"heir": cast.clinician_lakeside.pk})
        assert Person.objects.get(pk=cast.clinician_prairie.pk).is_active, "no heir from elsewhere, nothing done"
        client.post(page, {"heir": colleague.pk})
        consult.refresh_from_db()
        done.refresh_from_db()
        assert not Person.objects.get(pk=cast.clinician_prairie.pk).is_active
        assert (consult.requester, done.requester) == (colleague, cast.clinician_prairie)
        assert not sees(cast.admin_prairie, consult), "the administrator reads none of it"

    def test_without_a_colleague_they_stay_open_and_the_administrator_is_told(
        self, client: Client, cast: Cast, colleague: Person
    ) -> None:
        consult = sent(cast)
        deactivate_person(by=cast.admin_prairie, person=cast.clinician_prairie)
        assert Consult.objects.get(pk=consult.pk).state == Consult.State.QUEUED
        notice = Notice.objects.get(person_id=cast.admin_prairie.pk, kind="left")
        sign_in(client, cast.admin_prairie)
        assert client.get(notice.path).status_code == 200
        client.post(notice.path, {"person": colleague.pk})
        assert Consult.objects.get(pk=consult.pk).requester == colleague
        assert leaving.unfinished(cast.clinician_prairie) == 0

    def test_only_who_may_deactivate_hands_on(self, cast: Cast, colleague: Person) -> None:
        sent(cast)
        path = f"/people/{cast.clinician_prairie.pk}/consults/"
        for by in (colleague, cast.clinician_lakeside, cast.specialist, cast.lead, cast.editor, cast.auditor):
            with pytest.raises(Refused):
                leaving.hand_on(cast.clinician_prairie, by=by, to=colleague, at=timezone.now())
            page = sign_in(Client(), by)
            assert page.get(path).status_code == 404, by
            assert page.post(path, {"person": colleague.pk}).status_code == 404, by
            assert Api(by).get(path[1:]).status_code == 404, by
            assert Api(by).post(path[1:], {"person": colleague.pk}).status_code == 404, by
        assert Consult.objects.get().requester == cast.clinician_prairie
