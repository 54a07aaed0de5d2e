"""“Was this answered?”: one answer that may change, a comment that gets a reply, and what editors work from."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.models import Document, Feedback, FeedbackReply
from knowledge.rated import open_comments, ratings
from knowledge.services import give_feedback, publish_revision, reply_to_feedback
from knowledge.services.feedback import LONGEST
from portal.common.models import AuditEvent, Mail, Notice
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person, Role
from tests.cast import PASSWORD, Cast, give, make_person
from tests.consults.test_api import Api
from tests.knowledge.helpers import approve, load_rows, make_document, make_documents, row
from tests.knowledge.test_api import api
from tests.knowledge.test_pages import as_, text
from tests.portal import test_schema
from tests.portal.test_schema import check

pytestmark = pytest.mark.django_db
schema = test_schema.schema


def said(document: Document, by: Person, answer: str = "no", **values: Any) -> Feedback:
    given: dict[str, Any] = {"revision": 1, "answer": answer, "reason": "" if answer == "yes" else "unclear"} | values
    return give_feedback(document=document, by=by, **given)


def test_one_answer_for_each_revision_which_may_change(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a")
    client = as_(cast.clinician_prairie)
    page = text(client, "/documents/a/")
    assert "Was this answered?" in page
    assert "They see your name, because they reply to you" in page
    path = "/documents/a/feedback/"
    response = client.post(path, {"answer": "yes", "reason": "unclear", "revision": 1})
    assert response["Location"] == "/documents/a/#feedback"
    assert Feedback.objects.get().reason == "", "yes has no reason"
    assert "You answered: <b>yes</b>" in text(client, "/documents/a/")
    client.post(path, {"answer": "partly", "reason": "out-of-date", "revision": 1})
    row_ = Feedback.objects.get()
    assert (row_.answer, row_.reason, row_.revision.number) == ("partly", "out-of-date", 1)
    load_rows(tmp_path, row("a", body="New."))
    assert "You answered" not in text(client, "/documents/a/"), "a new revision, a new answer"
    client.post(path, {"answer": "yes", "revision": 2})
    assert Feedback.objects.count() == 2
    said(document, cast.clinician_lakeside)
    assert "You answered: <b>no</b>" not in text(client, "/documents/a/"), "another's answer"
    assert AuditEvent.objects.filter(action="feedback.give").count() == 4


def test_what_is_incomplete_comes_back_with_what_was_typed(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a")
    client, path = as_(cast.clinician_prairie), "/documents/a/feedback/"
    for data, words in (
        ({}, "Choose yes, partly or no."),
        ({"answer": "maybe"}, "Choose yes, partly or no."),
        ({"answer": "no", "comment": "My words"}, "Choose what was missing."),
        ({"answer": "no", "reason": "boring", "comment": "My words"}, "Choose what was missing."),
        ({"answer": "yes", "comment": "x" * (LONGEST + 1)}, "at most"),
        ({"answer": "yes", "revision": "77"}, "not there"),
    ):
        page = client.post(path, data).content.decode()
        assert words in page, data
        assert data.get("comment", "") in page
        fragment = client.post(path, data, headers={"HX-Request": "true"}).content.decode()
        assert words in fragment
        assert "<html" not in fragment
    assert not Feedback.objects.exists()
    fragment = client.post(path, {"answer": "yes"}, headers={"HX-Request": "true"}).content.decode()
    assert "Your answer is saved" in fragment
    for wrong in ({"answer": "x"}, {"reason": ""}, {"reason": "x"}, {"comment": "x" * (LONGEST + 1)}, {"revision": 9}):
        with pytest.raises(Invalid):
            said(document, cast.editor, **{"reason": "wrong"} | wrong)


def test_an_answer_outlives_the_session(tmp_path: Path, cast: Cast, client: Client) -> None:
    make_document(tmp_path, "a")
    signing_in = {"login": cast.clinician_prairie.email, "password": PASSWORD}
    client.post("/accounts/login/", signing_in)
    text(client, "/documents/a/")
    client.cookies.pop("consilium_session")
    typed = {"answer": "no", "reason": "wrong", "comment": "Half a thought", "revision": 1}
    reader = {"Referer": "http://testserver/documents/a/"}
    response = client.post("/documents/a/feedback/", typed, headers=reader)
    client.post(response["Location"], signing_in)
    page = text(client, "/documents/a/")
    assert "Half a thought" in page
    assert "It is not sent yet" in page
    assert not Feedback.objects.exists()


def test_the_database_keeps_answers_and_reasons_together(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a")
    made = said(document, cast.specialist)
    for wrong in ({"reason": ""}, {"answer": "yes"}, {"answered_at": made.changed_at}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Feedback.objects.filter(pk=made.pk).update(**wrong)


def test_nothing_is_asked_of_what_is_not_current(tmp_path: Path, cast: Cast) -> None:
    make_document(tmp_path, "a")
    load_rows(tmp_path, row("a", body="New."))
    load_rows(tmp_path, row("a", body="Newer."), draft=True)
    assert "Was this answered?" not in text(as_(cast.editor), "/documents/a/revisions/1/")
    assert "Was this answered?" not in text(as_(cast.editor), "/documents/a/draft/")
    load_rows(tmp_path, row("b"), draft=True)
    assert as_(cast.editor).post("/documents/b/feedback/", {"answer": "yes"}).status_code == 404
    document = Document.objects.get(slug="a")
    with pytest.raises(Invalid):
        said(document, cast.editor, revision=3)


def test_a_comment_gets_a_reply(tmp_path: Path, cast: Cast) -> None:
    document = make_document(tmp_path, "a", title="Sepsis")
    draft = document.revisions.create(number=2, title="Sepsis", body="B", content_hash="x", author=cast.reviewer)
    publish_revision(revision=approve(draft, cast.lead), by=cast.editor)
    reader = as_(cast.clinician_prairie)
    reader.post("/documents/a/feedback/", {"answer": "partly", "reason": "missing-case", "comment": "And in children?"})
    made = Feedback.objects.get()
    author = Notice.objects.get(kind="feedback")
    assert (author.person, author.text) == (cast.reviewer, "A reader has commented on “Sepsis”.")
    editor = as_(cast.reviewer)
    page = text(editor, "/comments/")
    assert "And in children?" in page
    assert "Dana Whitfield" in page
    assert "Prairie" not in page.split("<main")[1], "nothing of the organization"
    assert "1 comment of readers to reply to" in text(editor, "/")
    page = text(editor, author.path)
    assert "Prairie" not in page.split("<main")[1]
    assert not cast.reviewer.notices.filter(read_at=None).exists()
    assert "Write what the reader should know" in editor.post(author.path, {"text": " "}).content.decode()
    assert editor.post(author.path, {"text": "See the pediatric page."})["Location"] == "/comments/"
    assert "No comment waits" in text(editor, "/comments/")
    assert "And in children?" in text(editor, "/comments/?state=answered")
    told = cast.clinician_prairie.notices.get(kind="feedback")
    assert told.text == "Mei Tanaka has replied to your comment on “Sepsis”."
    mail = Mail.objects.get(to=cast.clinician_prairie.email)
    assert "children" not in mail.body
    assert "pediatric" not in mail.body
    assert told.path == "/documents/a/#feedback"
    page = text(reader, "/documents/a/")
    assert "See the pediatric page." in page
    assert not cast.clinician_prairie.notices.filter(kind="feedback", read_at=None).exists()
    assert "See the pediatric page." not in text(as_(cast.clinician_lakeside), "/documents/a/")
    load_rows(tmp_path, row("a", title="Sepsis", body="Newer."))
    assert "See the pediatric page." in text(reader, "/documents/a/"), "the reply outlives the revision"
    reader.post("/documents/a/feedback/", {"answer": "no", "reason": "wrong", "comment": "Still?", "revision": 2})
    made.refresh_from_db()
    assert made.answered_at is None
    assert made.replies.get().comment == "And in children?", "a changed comment waits anew, and the reply stays"
    assert "And in children?" in text(editor, made.get_absolute_url())
    assert not AuditEvent.objects.filter(detail__icontains="children").exists()


def test_only_editors_reply_and_see_what_others_said(tmp_path: Path, cast: Cast) -> None:
    made = said(make_document(tmp_path, "a"), cast.clinician_prairie, comment="Zebra")
    colleague = give(make_person("c@prairie.example", "Cy"), Role.Name.CLINICIAN, organization=cast.prairie)
    for person in (
        cast.clinician_prairie,
        colleague,
        cast.admin_prairie,
        cast.clinician_lakeside,
        cast.specialist,
        cast.lead,
        cast.network_admin,
        cast.auditor,
    ):
        with pytest.raises(Refused):
            reply_to_feedback(feedback=made, text="x", by=person)
        client = as_(person)
        for path in ("/comments/", "/comments/documents/", made.get_absolute_url()):
            assert "Zebra" not in text(client, path, 403)
        assert client.post(made.get_absolute_url(), {"text": "x"}).status_code == 403
        own = person == cast.clinician_prairie
        assert Feedback.objects.visible_to(person).exists() is own
        assert ("Zebra" in text(client, "/documents/a/")) is own
    assert not FeedbackReply.objects.exists()
    text(as_(cast.editor), "/comments/999999999999/", 404)
    text(as_(cast.editor), f"/comments/{said(made.document, cast.specialist).pk}/", 404)
    said(made.document, cast.clinician_prairie, comment="")
    with pytest.raises(Conflict):
        reply_to_feedback(feedback=made, text="x", by=cast.editor)
    with pytest.raises(Invalid):
        reply_to_feedback(feedback=made, text=" ", by=cast.editor)


def test_filters(tmp_path: Path, cast: Cast) -> None:
    first, second = make_document(tmp_path, "a", title="Sepsis"), make_document(tmp_path, "b", title="Stroke")
    said(first, cast.specialist, comment="One")
    said(second, cast.specialist, "yes", comment="Two")
    reply_to_feedback(feedback=said(second, cast.lead, reason="wrong", comment="Three"), text="x", by=cast.editor)
    client = as_(cast.editor)

    def shown(query: str) -> set[str]:
        return set(re.findall(r'comment-words">(\w+)<', text(client, f"/comments/?{query}")))

    assert shown("") == {"One", "Two"}
    assert shown("state=all") == {"One", "Two", "Three"}
    assert shown("state=answered") == {"Three"}
    assert shown("state=nonsense&answer=nonsense&reason=nonsense") == {"One", "Two"}
    assert shown("state=all&answer=no") == {"One", "Three"}
    assert shown("state=all&reason=wrong") == {"Three"}
    assert shown("state=all&title=stroke") == {"Two", "Three"}
    assert "Nothing found" in text(client, "/comments/?title=zebra")


def test_low_ratings_of_what_documents_say_now(tmp_path: Path, cast: Cast) -> None:
    bad, good = make_document(tmp_path, "bad", title="Bad"), make_document(tmp_path, "good", title="Good")
    mended = make_document(tmp_path, "mended", title="Mended")
    make_document(tmp_path, "silent", title="Silent")
    for person in (cast.specialist, cast.lead, cast.clinician_prairie):
        said(bad, person, comment="Why")
        said(good, person, "yes")
        said(mended, person)
    said(good, cast.editor, "partly")
    load_rows(tmp_path, row("mended", title="Mended", body="Better."))
    found = [(row_.slug, row_.yes, row_.partly, row_.no, row_.open_comments) for row_ in ratings()]  # type: ignore[attr-defined]
    assert found == [("bad", 0, 0, 3, 3), ("good", 3, 1, 0, 0)]
    assert open_comments() == 3
    page = text(as_(cast.editor), "/comments/documents/")
    assert page.index(">Bad<") < page.index(">Good<")
    assert "Silent" not in page
    assert "3 waiting" in page


@pytest.mark.parametrize("path", ["/comments/", "/comments/documents/", "/comments/?state=all"])
def test_the_cost_is_flat(tmp_path: Path, cast: Cast, path: str) -> None:
    client = as_(cast.editor)

    def queries(documents: int) -> int:
        make_documents(tmp_path, documents)
        for document in Document.objects.filter(feedback=None):
            reply_to_feedback(feedback=said(document, cast.specialist, comment="x"), text="x", by=cast.editor)
            said(document, cast.lead, comment="y")
        text(client, path)
        with CaptureQueriesContext(connection) as captured:
            text(client, path)
        return len(captured)

    assert queries(4) == queries(24)


def test_over_rest(tmp_path: Path, cast: Cast, schema: Any) -> None:
    make_document(tmp_path, "a")
    reader, editor, path = api(cast.clinician_prairie), Api(cast.editor), "/api/v1/documents/a/feedback/"

    def put(data: dict[str, Any]) -> Any:
        response = reader.put(path, data, content_type="application/json")
        check(schema, "documents/{slug}/feedback/", "put", response)
        return response

    assert put({}).status_code == 400
    assert put({"answer": "no"}).status_code == 400
    given = put({"answer": "no", "reason": "wrong", "comment": "Zebra"})
    assert (given.status_code, given.json()["revision"], given.json()["answered_at"]) == (200, 1, None)
    own = Api(cast.clinician_prairie).get("documents/a/feedback/")
    check(schema, "documents/{slug}/feedback/", "get", own)
    assert len(own.json()) == 1
    for person in (cast.clinician_lakeside, cast.admin_prairie, cast.network_admin, cast.editor):
        assert Api(person).get("documents/a/feedback/").json() == []
    for person, count in ((cast.clinician_prairie, 1), (cast.editor, 1), (cast.admin_prairie, 0), (cast.auditor, 0)):
        listed = Api(person).get("feedback/")
        check(schema, "feedback/", "get", listed)
        assert listed.json()["count"] == count, person.email
    check(schema, "feedback/", "get", editor.get("feedback/", state="nonsense"))
    reply = f"feedback/{given.json()['id']}/reply/"
    strangers: list[tuple[Person | None, int]] = [(cast.clinician_prairie, 403), (cast.admin_prairie, 404), (None, 401)]
    for stranger, status in strangers:
        refused = Api(stranger).post(reply, {"text": "x"})
        assert refused.status_code == status
        check(schema, "feedback/{id}/reply/", "post", refused)
    replied = editor.post(reply, {"text": "Thank you."})
    check(schema, "feedback/{id}/reply/", "post", replied)
    assert replied.json()["replies"][0]["text"] == "Thank you."
    assert editor.get("feedback/", state="open").json()["count"] == 0
    assert editor.get("feedback/", state="answered").json()["count"] == 1
    assert Api(cast.clinician_prairie).get("documents/a/feedback/").json()[0]["replies"][0]["by"] == "Sam Okafor"
