"""Publishing on a date: who may, when it happens, once however many sweep, and what becomes of what cannot be."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from knowledge.health import scheduled
from knowledge.models import Acknowledgement, DeclaredChange, Document, Remark, Revision
from knowledge.services import (
    Declared,
    publish_due,
    publish_revision,
    record_reading,
    retire_document,
    return_revision,
    schedule_revision,
    unschedule_revision,
)
from portal.common.models import AuditEvent, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person
from tests.cast import Cast, sign_in
from tests.knowledge.helpers import approve, make_approved, make_document, make_draft

DOSE = {"key": "dose", "text": "Give 5 mg."}
PRACTICE = [Declared("dose", "practice", "The dose is now 10 mg.")]


def tomorrow() -> datetime:
    return timezone.now() + timedelta(days=1)


def second(folder: Path, cast: Cast) -> Revision:
    """An approved second revision with another dose, of a document that the clinician of Prairie has read."""
    document = make_document(folder, "a", recommendations=[DOSE])
    record_reading(document=document, by=cast.clinician_prairie)
    return make_approved(folder, "a", cast.reviewer, recommendations=[DOSE | {"text": "Give 10 mg."}])


def state(revision: Revision) -> str:
    return Revision.objects.values_list("state", flat=True).get(pk=revision.pk)


@pytest.mark.django_db
class TestScheduling:
    def test_published_on_its_date_and_not_before(self, tmp_path: Path, cast: Cast) -> None:
        revision, at = second(tmp_path, cast), tomorrow()
        schedule_revision(revision=revision, at=at, by=cast.editor, changes=PRACTICE)
        assert state(revision) == "scheduled"
        assert publish_due(now=at - timedelta(seconds=1)) == 0
        assert publish_due(now=at) == 1
        assert publish_due(now=at) == 0, "the second sweep finds nothing"
        revision.refresh_from_db()
        assert (revision.state, revision.published_by) == ("published", cast.editor)
        assert revision.published_at
        assert Document.objects.get().current_revision == revision
        assert Acknowledgement.objects.get().person == cast.clinician_prairie
        event = AuditEvent.objects.get(action="document.publish")
        assert event.actor == cast.editor.email
        assert event.detail == {"revision": 2, "recalled": 1, "scheduled_by": cast.editor.email}

    def test_it_asks_what_publishing_asks(self, tmp_path: Path, cast: Cast) -> None:
        revision, now = second(tmp_path, cast), timezone.now()
        with pytest.raises(Invalid) as error:
            schedule_revision(revision=revision, at=tomorrow(), by=cast.editor)
        assert set(error.value.fields) == {"significance-dose"}
        for at in (now - timedelta(seconds=1), now + timedelta(days=400)):
            with pytest.raises(Invalid, match="lies ahead"):
                schedule_revision(revision=revision, at=at, by=cast.editor, changes=PRACTICE)
        for person in (cast.clinician_prairie, cast.lead, cast.network_admin):
            with pytest.raises(Refused):
                schedule_revision(revision=revision, at=tomorrow(), by=person, changes=PRACTICE)
        draft = make_draft(tmp_path, "b")
        with pytest.raises(Conflict, match="only an approved"):
            schedule_revision(revision=draft, at=tomorrow(), by=cast.editor)
        Revision.objects.filter(pk=draft.pk).update(author=cast.editor)
        with pytest.raises(Refused, match="Someone other than its author"):
            schedule_revision(revision=approve(draft, cast.reviewer), at=tomorrow(), by=cast.editor)

    def test_the_date_can_change_and_be_taken_back(self, tmp_path: Path, cast: Cast) -> None:
        revision = second(tmp_path, cast)
        schedule_revision(revision=revision, at=tomorrow(), by=cast.editor, changes=PRACTICE)
        schedule_revision(revision=revision, at=tomorrow() + timedelta(days=2), by=cast.editor)
        assert publish_due(now=tomorrow() + timedelta(hours=1)) == 0
        with pytest.raises(Refused):
            unschedule_revision(revision=revision, by=cast.lead)
        unschedule_revision(revision=revision, by=cast.editor)
        assert state(revision) == "approved"
        assert publish_due(now=tomorrow() + timedelta(days=9)) == 0
        with pytest.raises(Conflict, match="not scheduled"):
            unschedule_revision(revision=revision, by=cast.editor)
        publish_revision(revision=revision, by=cast.editor)
        assert DeclaredChange.objects.count() == 1, "what was said stays said"

    def test_published_by_the_network_when_whoever_scheduled_it_has_left(self, tmp_path: Path, cast: Cast) -> None:
        revision, at = second(tmp_path, cast), tomorrow()
        schedule_revision(revision=revision, at=at, by=cast.editor, changes=PRACTICE)
        Person.objects.filter(pk=cast.editor.pk).update(is_active=False, deactivated_at=timezone.now())
        assert publish_due(now=at) == 1
        revision.refresh_from_db()
        assert (revision.published_by, revision.scheduled_by) == (None, cast.editor)
        event = AuditEvent.objects.get(action="document.publish")
        assert (event.actor, event.detail["scheduled_by"]) == ("publish_scheduled", cast.editor.email)

    def test_a_retired_document_is_not_brought_back_by_the_clock(self, tmp_path: Path, cast: Cast) -> None:
        revision, at = second(tmp_path, cast), tomorrow()
        schedule_revision(revision=revision, at=at, by=cast.editor, changes=PRACTICE)
        document = retire_document(document=revision.document, by=cast.reviewer)
        assert state(revision) == "approved"
        assert publish_due(now=at) == 0
        document.refresh_from_db()
        assert document.retired_at

    def test_what_cannot_be_published_waits_for_an_editor_who_is_told(self, tmp_path: Path, cast: Cast) -> None:
        revision, at = second(tmp_path, cast), tomorrow()
        schedule_revision(revision=revision, at=at, by=cast.editor, changes=PRACTICE)
        DeclaredChange.objects.all().delete()
        assert publish_due(now=at) == 0
        assert state(revision) == "approved"
        notice = Notice.objects.get(person=cast.editor)
        assert notice.text == "“About a” could not be published as scheduled and waits for an editor."
        assert notice.path == "/documents/a/publish/"

    def test_one_that_fails_holds_up_no_other(self, tmp_path: Path, cast: Cast) -> None:
        revision, at = second(tmp_path, cast), tomorrow()
        schedule_revision(revision=revision, at=at, by=cast.editor, changes=PRACTICE)
        DeclaredChange.objects.all().delete()
        other = make_approved(tmp_path, "b", cast.reviewer)
        schedule_revision(revision=other, at=at + timedelta(minutes=1), by=cast.editor)
        assert publish_due(now=at + timedelta(hours=1)) == 1
        assert state(other) == "published"

    def test_sent_back_to_its_author_with_a_reason(self, tmp_path: Path, cast: Cast) -> None:
        revision = second(tmp_path, cast)
        schedule_revision(revision=revision, at=tomorrow(), by=cast.editor, changes=PRACTICE)
        with pytest.raises(Invalid, match="Say why"):
            return_revision(revision=revision, reason=" ", by=cast.editor)
        with pytest.raises(Refused):
            return_revision(revision=revision, reason="The unit.", by=cast.lead)
        return_revision(revision=revision, reason="The unit.", by=cast.editor)
        assert state(revision) == "returned"
        remark = Remark.objects.get()
        assert (remark.text, remark.author, remark.place) == ("The unit.", cast.editor, "")
        with pytest.raises(Conflict, match="not approved"):
            return_revision(revision=revision, reason="Again.", by=cast.editor)
        assert publish_due(now=tomorrow() + timedelta(days=1)) == 0

    def test_its_author_is_told_that_it_was_sent_back(self, tmp_path: Path, cast: Cast) -> None:
        draft = make_draft(tmp_path, "a")
        Revision.objects.filter(pk=draft.pk).update(author=cast.reviewer)
        return_revision(revision=approve(draft, cast.lead), reason="The unit.", by=cast.editor)
        assert Notice.objects.get(person=cast.reviewer).text == "“About a” was sent back before it was published."

    def test_readiness_says_when_one_is_late(self, tmp_path: Path, cast: Cast) -> None:
        assert scheduled() == (True, "none is late")
        revision = second(tmp_path, cast)
        schedule_revision(revision=revision, at=tomorrow(), by=cast.editor, changes=PRACTICE)
        assert scheduled() == (True, "none is late")
        Revision.objects.filter(pk=revision.pk).update(scheduled_for=timezone.now() - timedelta(minutes=6))
        assert not scheduled()[0]

    def test_the_page_schedules_in_the_reader_s_zone(self, tmp_path: Path, cast: Cast) -> None:
        revision, client = second(tmp_path, cast), sign_in(Client(), cast.editor)
        day = (timezone.now() + timedelta(days=3)).date()
        data = {"revision": "2", "when": "at", "at": f"{day}T08:00", "significance-dose": "minor", "sentence-dose": ""}
        said = client.post("/documents/a/publish/", data, follow=True).content.decode()
        assert "08:00 (your time)" in said
        revision.refresh_from_db()
        assert revision.scheduled_for
        assert timezone.localtime(revision.scheduled_for).date() == day
        assert revision.scheduled_for.hour in (13, 14), "Chicago's morning"
        shown = client.get("/documents/a/publish/").content.decode()
        assert "Scheduled for" in shown
        assert f'value="{day}T08:00"' in shown
        assert "is scheduled for" in client.get("/documents/a/").content.decode()
        client.post("/documents/a/unschedule/", {"revision": "2"})
        assert state(revision) == "approved"
        client.post("/documents/a/send-back/", {"revision": "2", "reason": "The unit."})
        assert state(revision) == "returned"


def test_two_sweeps_at_once_publish_once(tmp_path: Path, committed_cast: Cast) -> None:
    cast, at = committed_cast, tomorrow()
    revisions = []
    for slug in "abcdefgh":
        document = make_document(tmp_path, slug, recommendations=[DOSE])
        record_reading(document=document, by=cast.clinician_prairie)
        changed = make_approved(tmp_path, slug, cast.reviewer, recommendations=[DOSE | {"text": "Give 10 mg."}])
        revisions.append(schedule_revision(revision=changed, at=at, by=cast.editor, changes=PRACTICE))

    def sweep(_: int) -> int:
        try:
            return publish_due(now=at)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(sweep, range(4))) == len(revisions)
    assert {state(revision) for revision in revisions} == {"published"}
    assert Acknowledgement.objects.count() == len(revisions)
    assert AuditEvent.objects.filter(action="document.publish").count() == len(revisions)
    assert Notice.objects.filter(kind="practice-change").count() == len(revisions)


def test_a_sweep_passes_over_what_an_editor_is_at(tmp_path: Path, committed_cast: Cast) -> None:
    cast, at = committed_cast, tomorrow()
    revision = second(tmp_path, cast)
    schedule_revision(revision=revision, at=at, by=cast.editor, changes=PRACTICE)

    def sweep() -> int:
        try:
            return publish_due(now=at)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            unschedule_revision(revision=revision, by=cast.editor)
            assert pool.submit(sweep).result(timeout=20) == 0, "it waits for nobody"
        assert pool.submit(sweep).result(timeout=20) == 0
    assert state(revision) == "approved"
