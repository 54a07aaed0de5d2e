"""Following, being told, notes of one's own and what one has read."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.models import Document, Follow, Note, Reading
from knowledge.services import follow, publish_revision, record_reading, retire_document, unfollow
from portal.common import rows
from portal.common.models import Mail, Notice
from portal.members.models import Organization, Person, Role, Specialty
from tests.cast import Cast, give, make_person
from tests.knowledge.helpers import approve, load_rows, make_document, make_documents, row
from tests.knowledge.test_api import api
from tests.knowledge.test_pages import as_, text

pytestmark = pytest.mark.django_db


def told(person: Person) -> list[str]:
    return list(person.notices.order_by("pk").values_list("text", flat=True))


def test_followers_are_told_once_with_the_title_and_nothing_else(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a", title="Sepsis", summary="Give fluid.")
    follow(what=document, by=cast.clinician_prairie)
    follow(what=document, by=cast.clinician_prairie)
    follow(what=cast.cardiology, by=cast.clinician_prairie)
    follow(what=cast.cardiology, by=cast.specialist)
    follow(what=document, by=cast.editor)
    load_rows(tmp_path, row("a", title="Sepsis", summary="Give 30 ml/kg.", body="New."), draft=True)
    assert not Notice.objects.exists(), "a draft is told to nobody"
    publish_revision(revision=approve(document.revisions.get(state="draft"), cast.reviewer), by=cast.editor)
    retire_document(document=document, by=cast.editor)
    words = ["“Sepsis” has a new revision.", "“Sepsis” is retired."]
    assert told(cast.clinician_prairie) == told(cast.specialist) == words
    assert told(cast.editor) == told(cast.clinician_lakeside) == [], "neither who acts nor who follows nothing"
    mails = Mail.objects.filter(to=cast.clinician_prairie.email)
    assert sorted(mail.subject for mail in mails) == sorted(words)
    for mail in mails:
        assert "/documents/a/" in mail.body
        assert "ml/kg" not in mail.body
        assert "fluid" not in mail.body


def test_who_cannot_sign_in_or_no_longer_follows_is_not_told(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a")
    for person in (cast.clinician_prairie, cast.clinician_lakeside, cast.specialist, cast.admin_prairie):
        follow(what=document, by=person)
    Organization.objects.filter(pk=cast.prairie.pk).update(deactivated_at=timezone.now())
    unfollow(what=document, by=cast.clinician_prairie)
    unfollow(what=document, by=cast.clinician_prairie)
    Person.objects.filter(pk=cast.clinician_lakeside.pk).update(is_active=False, deactivated_at=timezone.now())
    cast.specialist.roles.all().delete()
    retire_document(document=document, by="test")
    assert not Notice.objects.exists()
    assert not Mail.objects.exists()


def test_a_title_that_would_break_a_mail_is_mended(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a")
    draft = document.revisions.create(number=2, title="Long\n" + "x" * 290, body="B", content_hash="x")
    follow(what=document, by=cast.specialist)
    publish_revision(revision=draft, by="test")
    (subject,) = Mail.objects.values_list("subject", flat=True)
    assert "\n" not in subject
    assert told(cast.specialist)[0].endswith("…” has a new revision.")


def test_an_import_tells_each_follower_once_with_a_count(tmp_path: Path, cast: Cast) -> None:
    make_documents(tmp_path, 30)
    one = Document.objects.get(slug="murmur-007")
    follow(what=cast.cardiology, by=cast.specialist)
    follow(what=one, by=cast.specialist)
    follow(what=one, by=cast.clinician_prairie)
    follow(what=Specialty.objects.get(slug="neurology"), by=cast.clinician_lakeside)
    make_documents(tmp_path, 40, source="Another")
    assert told(cast.specialist) == ["40 documents you follow are new or revised."]
    assert Notice.objects.get(person=cast.specialist).path == "/account/following/"
    assert told(cast.clinician_prairie) == ["“Murmur number 7” has a new revision."]
    assert told(cast.clinician_lakeside) == []
    make_documents(tmp_path, 40, source="Another")
    assert (Notice.objects.count(), Mail.objects.count()) == (2, 2), "nothing changed, nothing told"
    make_documents(tmp_path, 40, source="A third")
    assert Mail.objects.count() == 4


def test_telling_costs_the_same_however_many_follow(
    tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "FEW", 0)  # a few go in one statement fewer
    document = make_document(tmp_path, "a")
    assert cast.editor.actor.is_editor

    def queries(people: int) -> int:
        for number in range(people):
            person = make_person(f"{people}-{number}@prairie.example", "P")
            follow(what=document, by=give(person, Role.Name.CLINICIAN, organization=cast.prairie))
        load_rows(tmp_path, row("a", title=f"For {people}"), draft=True)
        draft = approve(document.revisions.get(state="draft"), cast.reviewer)
        with CaptureQueriesContext(connection) as captured:
            publish_revision(revision=draft, by=cast.editor)
        return len(captured)

    assert queries(1) == queries(40)


def test_telling_is_part_of_publishing(tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    document = make_document(tmp_path, "a")
    follow(what=document, by=cast.specialist)

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("knowledge.services.telling.tell_all", broken)
    with pytest.raises(RuntimeError):
        retire_document(document=document, by=cast.editor)
    document.refresh_from_db()
    assert document.retired_at is None


def test_the_buttons(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a", title="Sepsis")
    client, person = as_(cast.clinician_prairie), cast.clinician_prairie
    assert "Follow this document" in text(client, "/documents/a/")
    assert client.get("/documents/a/follow/").status_code == 405
    assert client.post("/documents/a/follow/")["Location"] == "/documents/a/"
    assert "Stop following" in text(client, "/documents/a/")
    assert client.post("/specialties/cardiology/follow/")["Location"] == "/documents/?specialty=cardiology"
    assert "Stop following" in text(client, "/documents/?specialty=cardiology")
    assert "Stop following" not in text(client, "/documents/?specialty=neurology")
    page = text(client, "/account/following/")
    assert "Sepsis" in page
    assert "Cardiology" in page
    assert person.follows.count() == 2
    response = client.post("/documents/a/unfollow/", {"next": "/account/following/"}, follow=True)
    assert "You no longer follow “Sepsis”" in response.content.decode()
    assert person.follows.get().document is None
    client.post("/documents/a/follow/", {"next": "/account/following/"})
    assert person.follows.filter(document=document).exists(), "undone"
    client.post("/documents/a/unfollow/")
    client.post("/specialties/cardiology/unfollow/")
    assert "You follow nothing yet" in text(client, "/account/following/")
    for answer in ("", "document:", "document:none", "specialty:none", "x:y"):
        assert "You no longer follow" not in text(client, f"/account/following/?stopped={answer}").split("<main")[1]
    for path in ("/documents/none/follow/", "/specialties/none/follow/", "/specialties/none/unfollow/"):
        assert client.post(path).status_code == 404


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "evil"])
def test_following_leads_nowhere_else(tmp_path: Path, cast: Cast, there: str) -> None:
    make_document(tmp_path, "a")
    client = as_(cast.clinician_prairie)
    assert client.post("/documents/a/follow/", {"next": there})["Location"] == "/documents/a/"


def test_a_draft_cannot_be_followed(tmp_path: Path, cast: Cast) -> None:
    load_rows(tmp_path, row("wombat"), draft=True)
    for person in (cast.clinician_prairie, cast.editor):
        assert as_(person).post("/documents/wombat/follow/").status_code == 404
        assert api(person).post("/api/v1/documents/wombat/follow/").status_code == 404
    assert not Follow.objects.exists()


def test_the_database_wants_one_thing_followed(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a")
    for what in ({}, {"document": document, "specialty": cast.cardiology}):
        with pytest.raises(DatabaseError, match="follow_one_thing"), transaction.atomic():
            Follow.objects.create(person=cast.specialist, **what)


def test_home_shows_what_changed_in_what_one_follows(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "mine", title="Of mine")
    make_document(tmp_path, "other", title="Of others", specialties=["neurology"])
    client = as_(cast.clinician_prairie)
    page = text(client, "/")
    assert "in what you follow" not in page
    assert "Of others" in page
    follow(what=cast.cardiology, by=cast.clinician_prairie)
    follow(what=Document.objects.get(slug="mine"), by=cast.clinician_prairie)
    page = text(client, "/")
    assert "Recently changed in what you follow" in page
    assert page.count("Of mine") == 1
    assert "Of others" not in page


def test_following_over_rest(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    client, path = api(cast.clinician_prairie), "/api/v1/documents/a/follow/"
    for _ in range(2):
        response = client.post(path)
        assert (response.status_code, response.json()) == (201, {"document": "a", "url": "/documents/a/"})
    assert cast.clinician_prairie.follows.count() == 1
    for _ in range(2):
        assert client.delete(path).status_code == 204
    assert not Follow.objects.exists()
    assert client.delete("/api/v1/documents/none/follow/").status_code == 404
    assert Client().post(path).status_code == 401


def test_a_note_is_its_author_s_alone(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    client = as_(cast.clinician_prairie)
    client.post("/documents/a/note/", {"note": "Ring the wombat desk <b>"})
    assert "wombat desk &lt;b&gt;" in text(client, "/documents/a/")
    for person in (cast.admin_prairie, cast.specialist, cast.editor, cast.network_admin, cast.auditor):
        other = as_(person)
        assert "wombat" not in text(other, "/documents/a/")
        other.post("/documents/a/note/delete/")
    client.post("/documents/a/note/", {"note": "Another"})
    assert Note.objects.get().text == "Another"
    client.post("/documents/a/note/delete/")
    assert not Note.objects.exists()
    client.post("/documents/a/note/", {"note": "Again"})
    client.post("/documents/a/note/", {"note": "  \n"})
    assert not Note.objects.exists(), "an empty note is none"


def test_a_note_that_is_too_long_comes_back(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    response = as_(cast.clinician_prairie).post("/documents/a/note/", {"note": "wombat " * 1000})
    assert "wombat wombat" in response.content.decode()
    assert "at most 5000 characters" in response.content.decode()
    assert not Note.objects.exists()


def test_a_note_outlives_the_session(tmp_path: Path, cast: Cast, client: Client) -> None:
    make_document(tmp_path, "a")
    client.post("/accounts/login/", {"login": cast.clinician_prairie.email, "password": "orchard-lantern-47"})
    text(client, "/documents/a/")
    client.cookies.pop("consilium_session")
    reader = {"Referer": "http://testserver/documents/a/"}
    response = client.post("/documents/a/note/", {"note": "Half a thought"}, headers=reader)
    assert response["Location"] == "/accounts/login/?next=%2Fdocuments%2Fa%2F"
    client.post(response["Location"], {"login": cast.clinician_prairie.email, "password": "orchard-lantern-47"})
    page = text(client, "/documents/a/")
    assert "Half a thought" in page
    assert "It is not saved yet" in page
    assert not Note.objects.exists()


def test_what_one_read(tmp_path: Path, cast: Cast) -> None:
    make_documents(tmp_path, 30)
    for document in Document.objects.select_related("current_revision"):
        record_reading(document=document, by=cast.clinician_prairie)
    old = Reading.objects.filter(document__slug="murmur-000")
    old.update(at=timezone.now() - timedelta(days=91))
    record_reading(document=make_document(tmp_path, "other", title="Of another"), by=cast.specialist)
    client = as_(cast.clinician_prairie)
    page = text(client, "/account/reading/")
    assert "1 to 25 of 29" in page
    assert "Of another" not in page
    assert "Murmur number 29" in page
    client.post("/account/reading/clear/")
    assert "Nothing read yet" in text(client, "/account/reading/")
    assert "Nothing read yet" in text(client, "/")
    assert Reading.objects.filter(person=cast.clinician_prairie).count() == 30, "who read it is still told of changes"
    assert Reading.objects.get(person=cast.specialist).cleared_at is None
    text(client, "/documents/murmur-003/")
    assert "1 to 1 of 1" in text(client, "/account/reading/")


@pytest.mark.parametrize("path", ["/account/following/", "/account/reading/", "/"])
def test_the_cost_is_flat(tmp_path: Path, cast: Cast, path: str) -> None:
    client = as_(cast.clinician_prairie)

    def queries(documents: int) -> int:
        make_documents(tmp_path, documents)
        for document in Document.objects.select_related("current_revision"):
            record_reading(document=document, by=cast.clinician_prairie)
            follow(what=document, by=cast.clinician_prairie)
        text(client, path)
        with CaptureQueriesContext(connection) as captured:
            text(client, path)
        return len(captured)

    assert queries(8) == queries(60)
