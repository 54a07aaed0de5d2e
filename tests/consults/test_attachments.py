"""Files with a question: judged by their content, kept under random names, and only ever downloaded."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as project
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from consults.models import Attachment, Consult
from consults.services import attachments, drafting, requesting
from portal.common.models import AuditEvent
from portal.common.refusals import Conflict, Invalid, Refused
from tests.cast import Cast, sign_in
from tests.consults.helpers import IN_STATE, NOON, after, drafted, sent

pytestmark = pytest.mark.django_db


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
    + chunk(b"IEND", b"")
)
JFIF = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\xff\xd9"
EXIF = b"\xff\xd8\xff\xe1\x00\x16Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x00" + b"\xff\xd9"
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
TEXT = "Naïve to opioids; creatinine 2.4 mg/dL, 5 µg.\n".encode()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def attach(cast: Cast, consult: Consult, name: str = "notes.txt", content: bytes = TEXT) -> Attachment:
    return attachments.attach(consult, by=cast.clinician_prairie, upload=upload(name, content), at=after(1))


def on_disk() -> set[str]:
    folder = Path(default_storage.path(""))
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("report.pdf", PDF, "application/pdf"),
        ("SCAN.PDF", PDF, "application/pdf"),
        ("ecg.png", PNG, "image/png"),
        ("ecg.jpg", JFIF, "image/jpeg"),
        ("phone.JPEG", EXIF, "image/jpeg"),
        ("notes.txt", TEXT, "text/plain"),
        ("long.txt", b"a" * 4095 + "µg".encode(), "text/plain"),
    ],
)
def test_what_is_what_it_says_is_taken(cast: Cast, name: str, content: bytes, kind: str) -> None:
    attachment = attach(cast, drafted(cast), name, content)
    assert (attachment.name, attachment.content_type, attachment.size) == (name, kind, len(content))
    with attachment.file.open("rb") as kept:
        assert kept.read() == content, "the whole file, not what was left after looking at its head"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", HTML),
        ("drawing.svg", SVG),
        ("archive.zip", b"PK\x03\x04"),
        ("program.exe", b"MZ\x90\x00"),
        ("sheet.pdf.exe", PDF),
        ("nothing", TEXT),
        ("notes.", TEXT),
        ("notes.txt.svg", TEXT),
    ],
)
def test_other_types_are_refused_and_the_reason_says_which_are_taken(cast: Cast, name: str, content: bytes) -> None:
    with pytest.raises(Invalid, match="Attach a PDF, PNG, JPEG or plain text file") as refused:
        attach(cast, drafted(cast), name, content)
    assert name in refused.value.fields["file"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.pdf", HTML),
        ("page.pdf", HTML + PDF),
        ("page.png", HTML + PNG),
        ("page.txt", HTML),
        ("drawing.txt", SVG),
        ("drawing.png", SVG),
        ("drawing.txt", b'<?xml version="1.0"?>' + SVG),
        ("animation.png", b"GIF89a" + b"\x00" * 20),
        ("photo.png", JFIF),
        ("photo.jpg", PNG),
        ("report.txt", PDF),
        ("archive.pdf", b"PK\x03\x04" + b"\x00" * 30),
        ("program.txt", b"\x7fELF" + b"\x00" * 30),
        ("bytes.txt", b"fine so far\x00and then not"),
        ("bytes.txt", b"bell \x07"),
        ("bytes.txt", b"\xff\xfa\xfb not any text"),
    ],
)
def test_content_that_is_not_what_the_name_says_is_refused(cast: Cast, name: str, content: bytes) -> None:
    consult = drafted(cast)
    before = on_disk()
    with pytest.raises(Invalid, match="does not look like"):
        attach(cast, consult, name, content)
    assert not consult.attachments.exists()
    assert on_disk() == before, "nothing of it stays"


@pytest.mark.parametrize(
    "text",
    [
        "BMI 32, eGFR 22 mL/min",
        "ICU day 2, on norepinephrine",
        "From: ward 3\nSubject: question about the dose",
        "\N{ZERO WIDTH NO-BREAK SPACE}Written with an editor that begins a text with a mark of its encoding.",
    ],
)
def test_plain_text_is_taken_whatever_word_it_begins_with(cast: Cast, text: str) -> None:
    assert attach(cast, drafted(cast), "notes.txt", text.encode()).content_type == "text/plain"


def test_a_byte_order_mark_does_not_make_anything_text(cast: Cast) -> None:
    with pytest.raises(Invalid):
        attach(cast, drafted(cast), "notes.txt", b"\xff\xfe" + bytes(range(256)))


def test_an_empty_file_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid, match="is empty"):
        attach(cast, drafted(cast), "notes.txt", b"")


def test_the_largest_and_one_byte_more(cast: Cast, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 2 * 1024 * 1024
    consult = drafted(cast)
    attach(cast, consult, "notes.txt", b"a" * settings.ATTACHMENT_MAX_BYTES)
    with pytest.raises(Invalid, match="larger than 2 MB"):
        attach(cast, consult, "notes.txt", b"a" * (settings.ATTACHMENT_MAX_BYTES + 1))


def test_the_last_file_and_one_more(cast: Cast) -> None:
    consult = drafted(cast)
    for _ in range(project.ATTACHMENTS_PER_CONSULT):
        attach(cast, consult)
    with pytest.raises(Invalid, match="at most 8 files"):
        attach(cast, consult)
    assert consult.attachments.count() == project.ATTACHMENTS_PER_CONSULT


def test_the_name_keeps_no_folder_and_no_more_than_120_characters(cast: Cast) -> None:
    consult = drafted(cast)
    for given, kept in (
        ("../../etc/notes.txt", "notes.txt"),
        ("C:\\Users\\dana\\notes.txt", "notes.txt"),
        ("n" * 200 + ".txt", "n" * 116 + ".txt"),
    ):
        file = upload("x.txt", TEXT)
        file.__dict__["_name"] = given  # as it comes from another client than a form: Django's own setter cleans
        assert attachments.attach(consult, by=cast.clinician_prairie, upload=file, at=NOON).name == kept


def test_it_is_kept_under_a_name_that_nobody_chose(cast: Cast) -> None:
    attachment = attach(cast, drafted(cast), "gunderson.txt")
    assert attachment.file.name == f"attachments/{attachment.key.hex[:2]}/{attachment.key.hex}"
    path = Path(attachment.file.path)
    assert path.stat().st_mode & 0o777 == 0o600
    event = AuditEvent.objects.get(action="consult.attach")
    assert "gunderson" not in f"{event.object_id} {event.detail}"


@pytest.mark.parametrize("state", list(IN_STATE))
def test_files_are_added_until_the_answer_only(cast: Cast, state: str) -> None:
    consult = IN_STATE[state](cast)
    if state in ("draft", *Consult.OPEN_STATES):
        attach(cast, consult)
    else:
        with pytest.raises(Conflict):
            attach(cast, consult)
    assert consult.attachments.count() == (1 if state in ("draft", *Consult.OPEN_STATES) else 0)


def test_only_whoever_asked_adds_and_removes(cast: Cast) -> None:
    consult = drafted(cast)
    attachment = attach(cast, consult)
    for person in (cast.clinician_lakeside, cast.specialist, cast.lead, cast.network_admin, cast.admin_prairie):
        with pytest.raises(Refused):
            attachments.attach(consult, by=person, upload=upload("a.txt", TEXT), at=NOON)
        with pytest.raises(Refused):
            attachments.detach(attachment, by=person)
    assert list(consult.attachments.all()) == [attachment]


def test_a_file_leaves_a_draft_and_the_disk_but_never_a_question_that_was_sent(
    cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    consult = drafted(cast)
    first, second = attach(cast, consult), attach(cast, consult)
    with django_capture_on_commit_callbacks(execute=True):
        attachments.detach(first, by=cast.clinician_prairie)
    assert first.file.name not in on_disk()
    assert second.file.name in on_disk()
    asked = sent(cast)
    file = attach(cast, asked)
    with pytest.raises(Conflict, match="it stays"):
        attachments.detach(file, by=cast.clinician_prairie)
    assert file.file.name in on_disk()


def test_a_discarded_draft_leaves_no_file(cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    consult = drafted(cast)
    name = attach(cast, consult).file.name
    with django_capture_on_commit_callbacks(execute=True):
        drafting.discard_draft(consult, by=cast.clinician_prairie)
    assert name not in on_disk()


class TestDownload:
    @pytest.fixture
    def file(self, cast: Cast) -> Attachment:
        return attach(cast, sent(cast), "notes über.txt")

    def address(self, file: Attachment) -> str:
        return f"/consults/{file.consult.number}/files/{file.key}/"

    def test_it_is_a_download_that_no_browser_opens_inside_the_site(
        self, cast: Cast, client: Client, file: Attachment
    ) -> None:
        response: Any = sign_in(client, cast.specialist).get(self.address(file))
        assert b"".join(response.streaming_content) == TEXT
        assert response["Content-Type"] == "text/plain"
        assert response["Content-Disposition"] == "attachment; filename*=utf-8''notes%20%C3%BCber.txt"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "no-store" in response["Cache-Control"]
        event = AuditEvent.objects.get(action="consult.download")
        assert (event.actor, event.object_id) == (cast.specialist.email, file.consult.number)
        assert event.organization_id == cast.prairie.pk

    def test_only_for_readers_of_the_consult_and_only_under_its_number(
        self, cast: Cast, client: Client, file: Attachment
    ) -> None:
        other = sent(cast)
        for person in (cast.clinician_lakeside, cast.admin_prairie, cast.editor):
            assert sign_in(client, person).get(self.address(file)).status_code == 404
        sign_in(client, cast.clinician_prairie)
        assert client.get(f"/consults/{other.number}/files/{file.key}/").status_code == 404
        assert client.get(f"/consults/{file.consult.number}/files/{uuid4()}/").status_code == 404
        assert not AuditEvent.objects.filter(action="consult.download").exists()


class TestPages:
    def test_a_wrong_file_keeps_the_question_and_says_what_is_wrong(self, cast: Cast, client: Client) -> None:
        sign_in(client, cast.clinician_prairie)
        data = {"question": "Which dose of apixaban?", "summary": "72-year-old", "file": upload("page.html", HTML)}
        response = client.post("/ask/", data | {"send": "1"})
        assert response.status_code == 200
        assert "cannot be attached" in response.content.decode()
        draft = Consult.objects.get()
        assert (draft.state, draft.question, draft.attachments.count()) == ("draft", "Which dose of apixaban?", 0)

    def test_more_files_on_the_page_of_the_question(self, cast: Cast, client: Client) -> None:
        consult = sent(cast)
        sign_in(client, cast.clinician_prairie)
        path = f"/consults/{consult.number}/attach/"
        client.post(path, {"file": [upload("one.txt", TEXT), upload("page.html", HTML)]})
        assert [row.name for row in consult.attachments.all()] == ["one.txt"]
        page = client.get(f"/consults/{consult.number}/").content.decode()
        assert "one.txt" in page
        assert "cannot be attached" in page
        assert sign_in(Client(), cast.specialist).post(path, {"file": upload("a.txt", TEXT)}).status_code == 403

    def test_after_the_answer_the_page_says_why_not(self, cast: Cast, client: Client) -> None:
        consult = IN_STATE["answered"](cast)
        sign_in(client, cast.clinician_prairie)
        path = f"/consults/{consult.number}/attach/"
        response = client.post(path, {"file": upload("one.txt", TEXT)}, follow=True)
        assert "until the question is answered" in response.content.decode()
        assert not consult.attachments.exists()

    def test_taken_off_a_draft_by_its_author_only(self, cast: Cast, client: Client) -> None:
        draft = drafted(cast)
        file = attach(cast, draft)
        path = f"/ask/{draft.number}/files/{file.key}/remove/"
        assert sign_in(client, cast.clinician_lakeside).post(path).status_code == 404
        assert draft.attachments.exists()
        assert sign_in(client, cast.clinician_prairie).post(path).status_code == 302
        assert not draft.attachments.exists()


def test_a_file_added_later_is_on_the_timeline_and_told_to_whoever_has_it(cast: Cast) -> None:
    consult = IN_STATE["waiting"](cast)
    before = consult.timeline.count(), cast.specialist.notices.count()
    attach(cast, consult)
    assert consult.timeline.count() == before[0] + 1
    assert cast.specialist.notices.count() == before[1] + 1


def test_withdrawn_questions_take_no_more_files(cast: Cast) -> None:
    consult = requesting.withdraw(sent(cast), by=cast.clinician_prairie, at=after(1))
    with pytest.raises(Conflict):
        attach(cast, consult)


def test_what_the_scanner_refuses_is_not_kept_and_the_question_is(cast: Cast, client: Client, settings: Any) -> None:
    import sys

    refuse = "import pathlib, sys; sys.exit(b'harmful' in pathlib.Path(sys.argv[1]).read_bytes())"
    settings.SCAN_COMMAND = (sys.executable, "-c", refuse)
    sign_in(client, cast.clinician_prairie)
    typed = {"question": "Which dose of apixaban at an eGFR of 22?", "save": "1"}
    response = client.post("/ask/", typed | {"file": SimpleUploadedFile("a.txt", b"harmful")})
    assert "the scanner found harmful content" in response.content.decode()
    draft = Consult.objects.get()
    assert (draft.question, draft.attachments.count()) == (typed["question"], 0)
    client.post("/ask/", typed | {"draft": draft.number, "file": SimpleUploadedFile("a.txt", b"notes")})
    assert draft.attachments.count() == 1
