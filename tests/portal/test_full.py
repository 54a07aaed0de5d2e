"""A database that takes nothing new: who writes is told so and keeps the text, who reads goes on."""

import errno
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client

from consults.models import Attachment, Consult
from portal.common.sessions import SessionStore
from portal.members import middleware
from tests.cast import PASSWORD, Cast, sign_in
from tests.consults.helpers import sent
from tests.consults.test_api import QUESTION, Api, problem
from tests.full import full
from tests.knowledge.helpers import make_document
from tests.portal.members.helpers import is_signed_in, sign_in_by_page
from tests.portal.members.test_scim import Directory, token_of

FIELD = re.compile(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
TYPED = QUESTION | {
    "summary": "72-year-old, “70 kg” & <b>stable</b>.\r\n\r\nOn heparin.",
    "attested": "on",
    "send": "1",
}


@pytest.fixture
def clinician(committed_cast: Cast) -> Client:
    """As a browser: a post of hers needs the mark of a form."""
    client = sign_in(Client(enforce_csrf_checks=True), committed_cast.clinician_prairie)
    client.raise_request_exception = False
    client.get("/account/")
    return client


def form_of(page: Any) -> dict[str, str]:
    """What the form of the page sends."""
    [form] = re.findall(r'<form method="post".*?</form>', page.content.decode(), re.DOTALL)
    return {name: html.unescape(value) for name, value in FIELD.findall(form)}


def mark_of(page: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    assert found
    return found[1]


class TestDiskFull:
    def test_a_question_is_kept_on_the_page_and_sent_again_from_it(self, clinician: Client) -> None:
        typed = TYPED | {"csrfmiddlewaretoken": mark_of(clinician.get("/ask/"))}
        with full("consults_consult"):
            page = clinician.post("/ask/?document=x", typed)
        assert (page.status_code, page["Retry-After"]) == (503, "60")
        words = page.content.decode()
        assert "Nothing can be saved at the moment" in words
        assert "What you sent was not saved" in words
        assert "kept on this page" in words
        assert "“70 kg” &amp; &lt;b&gt;stable" in words
        assert 'action="/ask/?document=x"' in words
        assert not Consult.objects.exists()
        answer = clinician.post("/ask/", form_of(page))
        assert answer.status_code == 302, answer.content
        consult = Consult.objects.get()
        assert (consult.state, consult.summary.splitlines()[-1]) == ("queued", "On heparin.")

    def test_over_rest_it_is_a_problem_with_a_time_to_come_back(self, committed_cast: Cast) -> None:
        api = Api(committed_cast.clinician_prairie)
        with full("consults_consult"):
            answer = api.post("consults/", QUESTION | {"attested": True}, key="k1")
        body = problem(answer, 503)
        assert answer["Retry-After"] == "60"
        assert body["detail"].startswith("Nothing can be saved at the moment, and this was not.")
        assert not Consult.objects.exists()
        assert api.post("consults/", QUESTION | {"attested": True}, key="k1").status_code == 201

    def test_a_file_goes_where_its_row_went(self, clinician: Client, committed_cast: Cast, settings: Any) -> None:
        path = f"{sent(committed_cast).get_absolute_url()}attach/"
        before = files_in(settings)
        upload = SimpleUploadedFile("a.txt", b"a letter", "text/plain")
        mark = mark_of(clinician.get("/ask/"))
        with full("consults_attachment"):
            page = clinician.post(path, {"file": upload, "csrfmiddlewaretoken": mark})
        assert page.status_code == 503
        assert "Go back and try again" in page.content.decode()
        assert files_in(settings) == before
        with full("common_auditevent"):  # after its row was written
            upload.seek(0)
            assert clinician.post(path, {"file": upload, "csrfmiddlewaretoken": mark}).status_code == 503
        assert files_in(settings) == before
        assert not Attachment.objects.exists()


def files_in(settings: Any) -> set[Path]:
    return {path for path in (settings.STATE_DIR / "files").rglob("*") if path.is_file()}


class TestReadOnly:
    @pytest.fixture
    def document(self, committed: None, tmp_path: Path) -> str:
        return make_document(tmp_path, "murmur").get_absolute_url()

    @pytest.fixture
    def read_only(
        self, committed_cast: Cast, document: str, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
    ) -> Iterator[None]:
        """As a replica. Every request would note when its session was last seen."""
        settings.SEARCH_INDEX_DIR = tmp_path / "index"
        monkeypatch.setattr(middleware, "STAMP_EVERY", 0)
        cache.clear()
        sent(committed_cast)
        yield
        connection.close()

    def closed(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")

    def test_pages_are_read(self, read_only: None, document: str, clinician: Client, committed_cast: Cast) -> None:
        api = Api(committed_cast.clinician_prairie)
        self.closed()
        paths = ("/", "/documents/", document, "/search/?q=murmur", "/consults/", "/ask/", "/notices/", "/account/")
        assert {path: clinician.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)
        for path in ("consults/", "me/", "search/?q=murmur", "documents/"):
            for _ in range(2):
                assert api.get(path).status_code == 200, path

    def test_a_directory_reads_and_is_told_to_write_later(self, read_only: None, committed_cast: Cast) -> None:
        directory = Directory(Client(raise_request_exception=False), token_of(committed_cast))
        assert directory.ask("get", "Users").status_code == 200
        self.closed()
        assert directory.ask("get", "Users").status_code == 200
        answer = directory.add("new.one@prairie.example", displayName="New One", externalId="e-1", active=True)
        assert (answer.status_code, answer["Content-Type"]) == (503, "application/scim+json")
        assert (answer["Retry-After"], answer.json()["status"]) == ("10", "503")

    def test_what_goes_on_the_record_is_not(self, read_only: None, clinician: Client) -> None:
        path = Consult.objects.get().get_absolute_url()
        assert clinician.get(path).status_code == 200
        self.closed()
        page = clinician.get(path)
        assert (page.status_code, page["Retry-After"]) == (503, "10")
        assert "This page cannot be opened" in page.content.decode()

    def test_signing_in_is_not_taken_for_too_many_attempts(self, read_only: None, committed_cast: Cast) -> None:
        client = Client(raise_request_exception=False)
        self.closed()
        for _ in range(2):
            page = sign_in_by_page(client, committed_cast.clinician_prairie.email)
            assert (page.status_code, page["Retry-After"]) == (503, "10")
            words = page.content.decode()
            assert "What you sent was not saved" in words
            assert PASSWORD not in words
            assert "Send it again" not in words
        connection.close()
        assert sign_in_by_page(client, committed_cast.clinician_prairie.email).status_code == 302
        assert is_signed_in(client)


def away(*_: object) -> None:
    raise OperationalError("could not connect to server at 10.0.0.5")


class TestAway:
    """The database is lost before anything is known of who asks."""

    @pytest.fixture
    def sitting(self, cast: Cast) -> Client:
        client = sign_in(Client(enforce_csrf_checks=True, raise_request_exception=False), cast.clinician_prairie)
        client.get("/account/")
        return client

    def test_what_was_typed_is_kept_and_may_have_been_saved(
        self, sitting: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        typed = TYPED | {"csrfmiddlewaretoken": mark_of(sitting.get("/ask/"))}
        with monkeypatch.context() as patch:
            patch.setattr(SessionStore, "load", away)
            page = sitting.post("/ask/", typed)
        assert (page.status_code, page["Retry-After"]) == (503, "10")
        assert "may not have been saved" in page.content.decode()
        assert sitting.post("/ask/", form_of(page)).status_code == 302

    @pytest.mark.parametrize("mark", ["", "x" * 64])
    def test_nothing_is_kept_of_what_another_site_posts(
        self, sitting: Client, monkeypatch: pytest.MonkeyPatch, mark: str
    ) -> None:
        monkeypatch.setattr(SessionStore, "load", away)
        page = sitting.post("/ask/", TYPED | {"csrfmiddlewaretoken": mark})
        words = page.content.decode()
        assert page.status_code == 503
        assert "heparin" not in words
        assert "Send it again" not in words


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_folder_that_takes_no_file_keeps_the_question(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuses(*_: object) -> None:
        raise OSError(number, "of the disk", "/srv/consilium/files/x")

    monkeypatch.setattr(FileSystemStorage, "_save", refuses)
    sign_in(client, cast.clinician_prairie)
    upload = SimpleUploadedFile("a.txt", b"a letter", "text/plain")
    page = client.post("/ask/", TYPED | {"file": upload})
    words = page.content.decode()
    assert page.status_code == 200
    assert "Files cannot be stored at the moment" in words
    assert "Go on without it and add it later" in words
    assert "On heparin." in words
    assert "/srv" not in words
    draft = Consult.objects.get()
    assert (draft.state, draft.question) == ("draft", QUESTION["question"])
    assert client.post(f"/ask/{draft.number}/", TYPED).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "queued"
