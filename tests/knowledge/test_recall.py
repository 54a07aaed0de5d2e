"""Changed practice: what must be declared, who is told and asked, who confirms, and who may see that and remind."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consults.services import answering
from knowledge.models import Acknowledgement, DeclaredChange, Document, Reading, Revision
from knowledge.services import (
    Declared,
    acknowledge,
    follow,
    import_documents,
    publish_revision,
    record_reading,
    remind_people,
    remind_readers,
    retire_document,
)
from portal.common.models import AuditEvent, Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Organization, Person, Role
from tests.cast import Cast, give, make_person, sign_in
from tests.consults.helpers import after, claimed
from tests.knowledge.helpers import approve, make_approved, make_document, make_draft, row, write_rows

pytestmark = pytest.mark.django_db
DOSE = {"key": "dose", "text": "Give 5 mg once a day.", "strength": "strong", "grade": "low"}
WEIGH = {"key": "weigh", "text": "Weigh every day.", "strength": "conditional", "grade": "low"}
PRACTICE = [Declared("dose", "practice", "The dose is now 10 mg.")]


def first(folder: Path, slug: str = "a") -> Document:
    return make_document(folder, slug, title=f"About {slug}", recommendations=[DOSE, WEIGH])


def changed(folder: Path, cast: Cast, slug: str = "a", dose: str = "Give 10 mg once a day.") -> Revision:
    """An approved revision with another dose."""
    parts = [DOSE | {"text": dose}, WEIGH]
    return make_approved(folder, slug, cast.reviewer, title=f"About {slug}", recommendations=parts)


def read(document: Document, person: Person, days_ago: int = 0) -> None:
    record_reading(document=Document.objects.select_related("current_revision").get(pk=document.pk), by=person)
    at = timezone.now() - timedelta(days=days_ago)
    Reading.objects.filter(document=document, person=person).update(at=at)


def told(person: Person) -> list[str]:
    return list(person.notices.order_by("pk").values_list("text", flat=True))


def asked() -> dict[str, str]:
    """Who is asked now, and why."""
    return dict(Acknowledgement.objects.open().values_list("person__email", "why"))


class TestDeclaring:
    def test_every_changed_recommendation_is_declared(self, tmp_path: Path, cast: Cast) -> None:
        first(tmp_path)
        parts = [DOSE | {"text": "Give 10 mg."}, {"key": "new", "text": "Call."}]
        revision = make_approved(tmp_path, "a", cast.reviewer, recommendations=parts)
        with pytest.raises(Invalid) as error:
            publish_revision(revision=revision, by=cast.editor)
        assert set(error.value.fields) == {"significance-dose", "significance-new", "significance-weigh"}
        some = [Declared("dose", "minor"), Declared("weigh", "editorial")]
        with pytest.raises(Invalid) as error:
            publish_revision(revision=revision, by=cast.editor, changes=some)
        assert set(error.value.fields) == {"significance-new"}
        assert not DeclaredChange.objects.exists(), "nothing stays of what was refused"
        publish_revision(revision=revision, by=cast.editor, changes=[*some, Declared("new", "minor")])
        row = DeclaredChange.objects.get(key="dose")
        assert (row.significance, row.declared_by) == ("minor", cast.editor)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            (Declared("dose", "practice", "  "), "sentence-dose"),
            (Declared("dose", "practice", "x" * 401), "sentence-dose"),
            (Declared("dose", "huge", "Much."), "significance-dose"),
            (Declared("weigh", "minor"), "significance-weigh"),
            (Declared("none", "minor"), "significance-none"),
        ],
    )
    def test_what_is_wrong_is_named(self, tmp_path: Path, cast: Cast, change: Declared, field: str) -> None:
        first(tmp_path)
        with pytest.raises(Invalid) as error:
            publish_revision(revision=changed(tmp_path, cast), by=cast.editor, changes=[change])
        assert field in error.value.fields

    def test_a_first_revision_and_one_with_other_text_alone_need_nothing(self, tmp_path: Path, cast: Cast) -> None:
        publish_revision(revision=make_approved(tmp_path, "a", cast.reviewer, recommendations=[DOSE]), by=cast.editor)
        again = make_approved(tmp_path, "a", cast.reviewer, recommendations=[DOSE], body="Other text.")
        publish_revision(revision=again, by=cast.editor)
        assert not DeclaredChange.objects.exists()

    def test_a_retired_document_is_compared_with_what_it_last_said(self, tmp_path: Path, cast: Cast) -> None:
        retire_document(document=first(tmp_path), by="test")
        with pytest.raises(Invalid):
            publish_revision(revision=changed(tmp_path, cast), by=cast.editor)


class TestRecall:
    def test_everyone_who_relied_on_it_is_asked_once_for_the_strongest_reason(self, tmp_path: Path, cast: Cast) -> None:
        document = first(tmp_path)
        for person in (cast.clinician_prairie, cast.clinician_lakeside, cast.specialist, cast.editor):
            read(document, person, days_ago=364)
        read(document, cast.lead, days_ago=366)
        for person in (cast.clinician_prairie, cast.specialist2, cast.specialist):
            follow(what=document, by=person)
        follow(what=cast.cardiology, by=cast.auditor)
        follow(what=cast.cardiology, by=cast.specialist2)
        answering.answer(claimed(cast), by=cast.specialist, text="10 mg.", documents=[document], minutes=2, at=after(5))
        Notice.objects.all().delete()
        Mail.objects.all().delete()
        publish_revision(revision=changed(tmp_path, cast), by=cast.editor, changes=PRACTICE)
        assert asked() == {
            cast.clinician_prairie.email: "answer",
            cast.clinician_lakeside.email: "read",
            cast.specialist.email: "follows",
            cast.specialist2.email: "follows",
        }, "not the editor who publishes, nor who read it longer ago, nor who follows the specialty alone"
        words = "“About a”: practice has changed. Please read it and confirm."
        for person in (cast.clinician_prairie, cast.clinician_lakeside, cast.specialist, cast.specialist2):
            assert told(person) == [words], "once, though they follow the document or its specialty too"
            (mail,) = Mail.objects.filter(to=person.email)
            assert mail.subject == words
            assert "/documents/a/" in mail.body
            assert "10 mg" not in mail.body
            assert "dose" not in mail.body
        assert told(cast.auditor) == ["“About a” has a new revision."]
        assert told(cast.editor) == told(cast.lead) == []
        event = AuditEvent.objects.get(action="document.publish")
        assert event.detail == {"revision": 2, "recalled": 4}

    def test_an_answer_to_anyone_counts_whoever_publishes(self, tmp_path: Path, cast: Cast) -> None:
        """The publisher's own walls do not hide an organization's consults from the recall."""
        document = first(tmp_path)
        answering.answer(claimed(cast), by=cast.specialist, text="x", documents=[document], minutes=2, at=after(5))
        from portal.common import tenancy

        revision = changed(tmp_path, cast)
        with tenancy.only([cast.lakeside.pk]):
            publish_revision(revision=revision, by=cast.editor, changes=PRACTICE)
        assert asked() == {cast.clinician_prairie.email: "answer"}

    def test_who_cannot_sign_in_or_wrote_it_is_not_asked(self, tmp_path: Path, cast: Cast) -> None:
        document = first(tmp_path)
        import_documents(
            path=write_rows(tmp_path, row("a", recommendations=[DOSE | {"text": "Give 10 mg."}])),
            by=cast.reviewer,
            draft=True,
        )
        for person in (cast.clinician_prairie, cast.clinician_lakeside, cast.specialist, cast.reviewer, cast.lead):
            read(document, person)
        revision = Revision.objects.get(state="draft")
        revision.contributors.add(cast.lead)
        approve(revision, cast.editor)
        Organization.objects.filter(pk=cast.prairie.pk).update(deactivated_at=timezone.now())
        Person.objects.filter(pk=cast.clinician_lakeside.pk).update(is_active=False, deactivated_at=timezone.now())
        cast.specialist.roles.all().delete()
        changes = [*PRACTICE, Declared("weigh", "minor")]
        publish_revision(revision=revision, by=cast.editor, changes=changes)
        assert asked() == {}

    @pytest.mark.parametrize("significance", ["editorial", "minor"])
    def test_what_changes_no_practice_recalls_nobody(self, tmp_path: Path, cast: Cast, significance: str) -> None:
        document = first(tmp_path)
        read(document, cast.clinician_prairie)
        follow(what=document, by=cast.specialist)
        publish_revision(
            revision=changed(tmp_path, cast), by=cast.editor, changes=[Declared("dose", significance, "Words.")]
        )
        assert asked() == {}
        assert told(cast.clinician_prairie) == []
        assert told(cast.specialist) == ["“About a” has a new revision."]

    def test_an_import_recalls_nobody_and_a_command_that_declares_does(self, tmp_path: Path, cast: Cast) -> None:
        document = first(tmp_path)
        read(document, cast.clinician_prairie)
        make_document(tmp_path, "a", recommendations=[DOSE | {"text": "Give 7 mg."}, WEIGH])
        assert asked() == {}
        draft = make_draft(tmp_path, "a", recommendations=[DOSE | {"text": "Give 10 mg."}, WEIGH])
        publish_revision(revision=draft, by="a command", changes=PRACTICE)
        assert asked() == {cast.clinician_prairie.email: "read"}

    def test_ten_thousand_readers_cost_a_few_statements(self, tmp_path: Path, cast: Cast) -> None:
        document = first(tmp_path)
        people = Person.objects.bulk_create(
            Person(email=f"r{number}@prairie.example", name=f"Reader {number}") for number in range(10_000)
        )
        Role.objects.bulk_create(
            Role(person=person, name=Role.Name.CLINICIAN, organization=cast.prairie) for person in people
        )
        Reading.objects.bulk_create(
            Reading(person=person, document=document, revision=document.current_revision) for person in people
        )
        revision = changed(tmp_path, cast)
        with CaptureQueriesContext(connection) as captured:
            publish_revision(revision=revision, by=cast.editor, changes=PRACTICE)
        assert Acknowledgement.objects.count() == Notice.objects.count() == Mail.objects.count() == 10_000
        assert len(captured) < 75, "about three a thousand"


class TestNewerChange:
    def test_takes_over_what_was_not_confirmed_and_asks_for_both(self, tmp_path: Path, cast: Cast) -> None:
        document = first(tmp_path)
        for person in (cast.clinician_prairie, cast.clinician_lakeside):
            read(document, person)
        publish_revision(revision=changed(tmp_path, cast), by=cast.editor, changes=PRACTICE)
        old = Acknowledgement.objects.get(person=cast.clinician_prairie)
        acknowledge(
            acknowledgement=Acknowledgement.objects.get(person=cast.clinician_lakeside), by=cast.clinician_lakeside
        )
        Reading.objects.filter(person=cast.clinician_prairie).update(at=timezone.now() - timedelta(days=999))
        newer = [Declared("dose", "practice", "And now 20 mg.")]
        publish_revision(revision=changed(tmp_path, cast, dose="Give 20 mg."), by=cast.editor, changes=newer)
        assert asked() == {cast.clinician_prairie.email: "read", cast.clinician_lakeside.email: "read"}
        old.refresh_from_db()
        assert old.superseded_at
        assert old.acknowledged_at is None
        with pytest.raises(Conflict, match="changed again since"):
            acknowledge(acknowledgement=old, by=cast.clinician_prairie)
        both = page(cast.clinician_prairie, "/documents/a/")
        assert both.index("And now 20 mg.") < both.index("The dose is now 10 mg.")
        assert "The dose is now 10 mg." not in page(cast.clinician_lakeside, "/documents/a/"), "confirmed already"
        assert "And now 20 mg." in page(cast.clinician_lakeside, "/account/changes/")


def page(person: Person, path: str, status: int = 200) -> str:
    response = sign_in(Client(), Person.objects.get(pk=person.pk)).get(path)
    assert response.status_code == status
    return response.content.decode()


def recalled(folder: Path, cast: Cast, *people: Person, slug: str = "a") -> Document:
    """A document whose changed practice these people were told of."""
    document = first(folder, slug)
    for person in people:
        read(document, person)
    return publish_revision(revision=changed(folder, cast, slug), by=cast.editor, changes=PRACTICE)


def test_a_citation_in_an_old_answer_shows_what_it_said_then(tmp_path: Path, cast: Cast) -> None:
    document = first(tmp_path)
    consult = claimed(cast)
    answering.answer(consult, by=cast.specialist, text="As it says.", documents=[document], minutes=2, at=after(5))
    publish_revision(revision=changed(tmp_path, cast), by=cast.editor, changes=PRACTICE)
    for _ in range(2):
        assert "/documents/a/revisions/1/" in page(cast.clinician_prairie, consult.get_absolute_url())
        then = page(cast.clinician_prairie, "/documents/a/revisions/1/")
        assert "Give 5 mg once a day." in then
        assert "Superseded" in then
        assert '<a href="/documents/a/">Read' in then
        Document.objects.filter(pk=document.pk).update(retired_at=timezone.now(), retired_because="It withdrew itself.")
    assert "It withdrew itself." in page(cast.clinician_prairie, "/documents/a/")


class TestReader:
    def test_sees_it_on_the_document_and_at_home_and_confirms(self, tmp_path: Path, cast: Cast) -> None:
        recalled(tmp_path, cast, cast.clinician_prairie)
        client = sign_in(Client(), cast.clinician_prairie)
        for path in ("/", "/documents/a/", "/account/changes/"):
            shown = client.get(path).content.decode()
            assert "The dose is now 10 mg." in shown, path
        assert "Now: Give 10 mg once a day." in client.get("/documents/a/").content.decode()
        assert "Practice has changed" not in client.get("/documents/a/revisions/1/").content.decode()
        assert client.get("/documents/a/acknowledge/").status_code == 405
        response = client.post("/documents/a/acknowledge/", {"revision": "2", "next": "/account/changes/"}, follow=True)
        assert response.redirect_chain == [("/account/changes/", 302)]
        assert "You have acknowledged what changed in “About a”." in response.content.decode()
        row = Acknowledgement.objects.get()
        assert row.acknowledged_at
        assert Notice.objects.get(person=cast.clinician_prairie).read_at, "the notice has served"
        at = row.acknowledged_at
        client.post("/documents/a/acknowledge/", {"revision": "2"})
        row.refresh_from_db()
        assert row.acknowledged_at == at, "the second press changes nothing"
        assert AuditEvent.objects.filter(action="document.acknowledge").count() == 1
        for path in ("/", "/documents/a/"):
            assert "The dose is now 10 mg." not in client.get(path).content.decode(), path
        assert "Acknowledged" in client.get("/account/changes/").content.decode()

    def test_nobody_confirms_for_another(self, tmp_path: Path, cast: Cast) -> None:
        recalled(tmp_path, cast, cast.clinician_prairie)
        row = Acknowledgement.objects.get()
        for person in (cast.clinician_lakeside, cast.admin_prairie, cast.editor, cast.network_admin):
            client = sign_in(Client(), person)
            assert client.post("/documents/a/acknowledge/", {"revision": "2"}).status_code == 404
            assert "The dose is now" not in client.get("/documents/a/").content.decode()
            assert "The dose is now" not in client.get("/account/changes/").content.decode()
            acknowledge(acknowledgement=row, by=person)
        assert Acknowledgement.objects.get().acknowledged_at is None

    @pytest.mark.parametrize("number", ["", "1", "x", "²", "99999999", "-2"])
    def test_a_wrong_revision_is_not_there(self, tmp_path: Path, cast: Cast, number: str) -> None:
        recalled(tmp_path, cast, cast.clinician_prairie)
        client = sign_in(Client(), cast.clinician_prairie)
        assert client.post("/documents/a/acknowledge/", {"revision": number}).status_code == 404

    def test_a_retired_document_asks_nothing(self, tmp_path: Path, cast: Cast) -> None:
        document = recalled(tmp_path, cast, cast.clinician_prairie)
        retire_document(document=document, by="test")
        for path in ("/", "/documents/a/", "/account/changes/"):
            assert "The dose is now" not in page(cast.clinician_prairie, path), path
        assert remind_readers(document=document, by=cast.editor).people == 0

    @pytest.mark.parametrize("path", ["/", "/account/changes/"])
    def test_the_cost_is_flat(self, tmp_path: Path, cast: Cast, path: str) -> None:
        client = sign_in(Client(), cast.clinician_prairie)

        def queries(documents: int) -> int:
            for number in range(documents):
                recalled(tmp_path, cast, cast.clinician_prairie, slug=f"{documents}-{number}")
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            return len(captured)

        assert queries(4) == queries(12)


class TestWhoHasConfirmed:
    def test_editors_see_who_has_and_has_not(self, tmp_path: Path, cast: Cast) -> None:
        recalled(tmp_path, cast, cast.clinician_prairie, cast.clinician_lakeside, cast.specialist)
        acknowledge(
            acknowledgement=Acknowledgement.objects.get(person=cast.clinician_prairie), by=cast.clinician_prairie
        )
        whole = page(cast.editor, "/documents/a/acknowledgements/")
        for words in (cast.clinician_prairie.name, "Prairie Health", cast.specialist.name, "Network", "1 to 3 of 3"):
            assert words in whole
        undone = page(cast.editor, "/documents/a/acknowledgements/?state=open")
        assert cast.clinician_prairie.name not in undone
        assert "1 to 2 of 2" in undone
        assert "1 to 1 of 1" in page(cast.editor, "/documents/a/acknowledgements/?organization=lakeside")
        assert "Nobody found" in page(cast.editor, "/documents/a/acknowledgements/?q=zzz")
        lines = page(cast.editor, "/documents/a/acknowledgements/?format=csv&state=done").splitlines()
        assert len(lines) == 2
        assert lines[1].startswith("Dana Whitfield,clinician@prairie.example,Prairie Health,a,2,Read the document")

    @pytest.mark.parametrize("who", ["clinician_prairie", "admin_prairie", "specialist", "lead", "network_admin"])
    def test_nobody_else_sees_or_reminds_all_readers(self, tmp_path: Path, cast: Cast, who: str) -> None:
        document, person = recalled(tmp_path, cast, cast.clinician_prairie), getattr(cast, who)
        page(person, "/documents/a/acknowledgements/", 403)
        assert sign_in(Client(), person).post("/documents/a/acknowledgements/remind/").status_code == 403
        with pytest.raises(Refused):
            remind_readers(document=document, by=person)

    def test_an_administrator_sees_their_own_people_over_all_documents(self, tmp_path: Path, cast: Cast) -> None:
        recalled(tmp_path, cast, cast.clinician_prairie, cast.clinician_lakeside)
        recalled(tmp_path, cast, cast.clinician_prairie, cast.specialist, slug="b")
        shown = page(cast.admin_prairie, "/organizations/prairie/acknowledgements/")
        assert "1 to 2 of 2" in shown
        assert "About a" in shown
        assert "About b" in shown
        assert cast.clinician_lakeside.name not in shown
        assert cast.specialist.name not in shown
        file = page(cast.admin_prairie, "/organizations/prairie/acknowledgements/?format=csv")
        assert len(file.splitlines()) == 3
        assert cast.clinician_lakeside.email not in file
        assert "1 to 2 of 2" in page(cast.network_admin, "/organizations/prairie/acknowledgements/")

    def test_another_organization_is_not_there(self, tmp_path: Path, cast: Cast) -> None:
        recalled(tmp_path, cast, cast.clinician_prairie, cast.clinician_lakeside)
        path = "/organizations/lakeside/acknowledgements/"
        for person in (cast.admin_prairie, cast.clinician_prairie, cast.editor, cast.specialist, cast.auditor):
            page(person, path, 404)
            assert sign_in(Client(), person).post(f"{path}remind/").status_code == 404
            with pytest.raises(Refused):
                remind_people(organization=cast.lakeside, by=person)
        page(cast.clinician_lakeside, path, 403)
        assert sign_in(Client(), cast.clinician_lakeside).post(f"{path}remind/").status_code == 403
        assert Acknowledgement.objects.filter(reminders=0).count() == 2

    def test_visible_to(self, tmp_path: Path, cast: Cast) -> None:
        recalled(tmp_path, cast, cast.clinician_prairie, cast.clinician_lakeside)

        def seen(person: Person) -> int:
            return Acknowledgement.objects.visible_to(Person.objects.get(pk=person.pk)).count()

        assert seen(cast.editor) == seen(cast.network_admin) == 2
        assert seen(cast.admin_prairie) == seen(cast.clinician_prairie) == 1
        assert seen(cast.specialist) == seen(cast.auditor) == seen(cast.lead) == 0
        cast.clinician_prairie.roles.all().delete()
        assert seen(cast.clinician_prairie) == 0

    @pytest.mark.parametrize("path", ["/documents/a/acknowledgements/", "/organizations/prairie/acknowledgements/"])
    def test_the_cost_is_flat(self, tmp_path: Path, cast: Cast, path: str) -> None:
        person = cast.editor if "documents" in path else cast.admin_prairie
        document = recalled(tmp_path, cast, cast.clinician_prairie)
        revision = document.revisions.get(number=2)
        client = sign_in(Client(), person)

        def queries(people: int) -> int:
            for number in range(people):
                reader = give(
                    make_person(f"{people}-{number}@prairie.example", "R"),
                    Role.Name.CLINICIAN,
                    organization=cast.prairie,
                )
                Acknowledgement.objects.create(document=document, revision=revision, person=reader, why="read")
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            return len(captured)

        assert queries(5) == queries(30)


class TestReminding:
    def test_those_who_have_not_are_reminded_once_a_day(self, tmp_path: Path, cast: Cast, time_machine: Any) -> None:
        time_machine.move_to("2026-11-25 09:00+00:00", tick=False)
        document = recalled(tmp_path, cast, cast.clinician_prairie, cast.clinician_lakeside)
        acknowledge(
            acknowledgement=Acknowledgement.objects.get(person=cast.clinician_lakeside), by=cast.clinician_lakeside
        )
        client = sign_in(Client(), cast.editor)
        once = client.post("/documents/a/acknowledgements/remind/", follow=True).content.decode()
        assert "1 person reminded." in once
        row = Acknowledgement.objects.get(person=cast.clinician_prairie)
        assert row.reminders == 1
        assert row.reminded_at
        words = "A reminder: “About a” changed practice. Please read it and confirm."
        assert told(cast.clinician_prairie)[-1] == words
        assert Mail.objects.filter(subject=words).count() == 1
        assert len(told(cast.clinician_lakeside)) == 1, "who confirmed is left in peace"
        twice = client.post("/documents/a/acknowledgements/remind/", follow=True).content.decode()
        assert "Nobody was left to remind. 1 person was reminded earlier today." in twice
        time_machine.move_to("2026-11-25 23:59+00:00", tick=False)
        assert remind_people(organization=cast.prairie, by=cast.admin_prairie).people == 0, "by nobody else either"
        time_machine.move_to("2026-11-26 00:01+00:00", tick=False)
        assert remind_readers(document=document, by=cast.editor).people == 1
        row.refresh_from_db()
        assert row.reminders == 2
        assert Mail.objects.filter(subject=words).count() == 2

    def test_an_administrator_reminds_each_of_their_people_once_of_everything(self, tmp_path: Path, cast: Cast) -> None:
        for slug in ("a", "b"):
            recalled(tmp_path, cast, cast.clinician_prairie, cast.clinician_lakeside, slug=slug)
        client = sign_in(Client(), cast.admin_prairie)
        done = client.post("/organizations/prairie/acknowledgements/remind/", follow=True).content.decode()
        assert "1 person reminded." in done
        assert (
            told(cast.clinician_prairie)[-1]
            == "A reminder: 2 documents changed practice. Please read them and confirm."
        )
        assert Notice.objects.filter(person=cast.clinician_prairie, path="/account/changes/").count() == 1
        assert len(told(cast.clinician_lakeside)) == 2
        assert set(Acknowledgement.objects.values_list("person__email", "reminders")) == {
            (cast.clinician_prairie.email, 1),
            (cast.clinician_lakeside.email, 0),
        }
        event = AuditEvent.objects.get(action="organization.remind")
        assert (event.organization_id, event.detail) == (cast.prairie.pk, {"people": 1})


class TestPublishPage:
    def form(self, **values: str) -> dict[str, str]:
        return {"revision": "2", "when": "now", "at": ""} | values

    def test_it_shows_each_change_and_asks_what_it_means(self, tmp_path: Path, cast: Cast) -> None:
        document = first(tmp_path)
        read(document, cast.clinician_prairie)
        changed(tmp_path, cast)
        shown = page(cast.editor, "/documents/a/publish/")
        assert '<del><span class="visually-hidden"> [removed: </span>5' in shown
        assert "Weigh every day." not in shown
        assert "<b>1 person</b>" in shown
        assert "In your time zone, America/Chicago." in shown

    def test_what_is_missing_is_summed_and_nothing_is_lost(self, tmp_path: Path, cast: Cast) -> None:
        first(tmp_path)
        changed(tmp_path, cast)
        client = sign_in(Client(), cast.editor)
        empty = client.post("/documents/a/publish/", self.form()).content.decode()
        assert "Choose one." in empty
        typed = self.form(**{"significance-dose": "practice", "sentence-dose": "", "when": "at"})
        shown = client.post("/documents/a/publish/", typed).content.decode()
        assert "2 things need your attention" in shown
        assert "Say in one sentence what is different." in shown
        assert "Give the date and time." in shown
        assert 'value="practice" required id="id_significance-dose_2" checked' in shown.replace("  ", " ")
        past = self.form(**{"significance-dose": "minor", "when": "at", "at": "2020-01-01T10:00"})
        assert "Give a moment that lies ahead" in client.post("/documents/a/publish/", past).content.decode()
        assert Document.objects.get().current_revision.number == 1  # type: ignore[union-attr]

    def test_it_publishes_and_recalls(self, tmp_path: Path, cast: Cast) -> None:
        document = first(tmp_path)
        read(document, cast.clinician_prairie)
        changed(tmp_path, cast)
        client = sign_in(Client(), cast.editor)
        said = {"significance-dose": "practice", "sentence-dose": "Now 10 mg."}
        response = client.post("/documents/a/publish/", self.form(**said), follow=True)
        assert "“About a” is published." in response.content.decode()
        assert asked() == {cast.clinician_prairie.email: "read"}

    def test_a_session_that_ended_loses_nothing(self, tmp_path: Path, cast: Cast, client: Client) -> None:
        first(tmp_path)
        changed(tmp_path, cast)
        sign = {"login": cast.editor.email, "password": "orchard-lantern-47"}
        client.post("/accounts/login/", sign)
        client.get("/documents/a/publish/")
        client.cookies.pop("consilium_session")
        typed = self.form(**{"significance-dose": "practice", "sentence-dose": "A long thought."})
        response = client.post("/documents/a/publish/", typed)
        assert "/accounts/login/" in response["Location"]
        client.post(response["Location"], sign)
        assert "A long thought." in client.get("/documents/a/publish/").content.decode()
        assert Revision.objects.get(number=2).state == "approved"
