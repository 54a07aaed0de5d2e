"""Pictures and PDFs: judged by content, stripped, served so that nothing runs, and seen by those who may."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image

from knowledge.models import Document, DocumentAttachment, Revision
from knowledge.pictures import FORMATS, NotAPicture, cleaned
from knowledge.services import attaching, drafting, publish_revision
from portal.common.refusals import Conflict, Invalid, Refused
from tests.cast import Cast, sign_in
from tests.knowledge.helpers import make_document
from tests.knowledge.pictures import PDF, picture
from tests.knowledge.test_drafting import OTHERS

HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        }
    }


@pytest.fixture
def document(cast: Cast, tmp_path: Path) -> Document:
    return make_document(tmp_path, "oxygen")


def attach(document: Document, cast: Cast, name: str = "The way.PNG", content: bytes = b"") -> DocumentAttachment:
    upload = SimpleUploadedFile(name, content or picture())
    return attaching.attach(document=document, upload=upload, by=cast.editor)


@pytest.mark.parametrize("form", ["png", "jpg", "webp"])
def test_a_picture_keeps_its_pixels_and_nothing_else(form: str) -> None:
    content_type = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}[form]
    given = picture(form, note=b"<script>alert(1)</script> 41.88N 87.63W") + HTML
    kept = cleaned(given, content_type)
    assert b"script" not in kept.content
    assert (kept.width, kept.height) == (8, 6)
    assert cleaned(kept.content, content_type).content == kept.content
    before, after = (Image.open(io.BytesIO(one)).convert("RGB").tobytes() for one in (given, kept.content))
    assert before == after


def test_a_picture_held_sideways_is_turned() -> None:
    kept = cleaned(picture("jpg", orientation=6), "image/jpeg")
    assert (kept.width, kept.height) == (6, 8)


@pytest.mark.parametrize("content_type", FORMATS)
@pytest.mark.parametrize(
    "content",
    [b"", HTML, SVG, picture()[:40], picture("jpg")[:-40], b"\x89PNG\r\n\x1a\n" + HTML, b"GIF89a" + b"\0" * 9],
)
def test_what_is_no_picture_is_refused(content: bytes, content_type: str) -> None:
    with pytest.raises(NotAPicture):
        cleaned(content, content_type)


def test_a_picture_of_too_many_pixels_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.pictures.MOST_PIXELS", 40)
    with pytest.raises(NotAPicture, match="pixels"):
        cleaned(picture(), "image/png")


def test_a_picture_that_the_decoder_takes_for_a_bomb_is_refused_too() -> None:
    """Its head alone says two thousand million pixels; this ended as a broken page."""
    head = struct.pack(">II", 2**31 - 1, 1) + picture()[24:29]
    bomb = picture()[:16] + head + struct.pack(">I", zlib.crc32(b"IHDR" + head)) + picture()[33:]
    with pytest.raises(NotAPicture, match="million pixels"):
        cleaned(bomb, "image/png")


@pytest.mark.django_db
def test_a_file_gets_a_plain_name_and_a_random_place(cast: Cast, document: Document) -> None:
    one, other = attach(document, cast), attach(document, cast)
    assert (one.name, other.name) == ("the-way.png", "the-way-2.png")
    assert one.file.name == f"documents/{one.key}"
    assert one.markdown == "![the way](attachment:the-way.png)"
    pdf = attach(document, cast, "../../etc/Leaflet (2).pdf", PDF)
    assert (pdf.name, pdf.markdown) == ("leaflet-2.pdf", "[leaflet 2](attachment:leaflet-2.pdf)")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", SVG),
        ("a.html", HTML),
        ("a.png", HTML),
        ("a.png", SVG),
        ("a.png", picture("jpg")),
        ("a.jpg", b"\xff\xd8\xff\xe0" + HTML),
        ("a.png", b"\x89PNG\r\n\x1a\n" + HTML),
        ("a.pdf", HTML),
        ("a.pdf", HTML + PDF),
        ("a.gif", b"GIF89a"),
        ("a", picture()),
        ("a.png.exe", picture()),
        ("a.png", b""),
        ("a.docx", b"PK\x03\x04"),
    ],
)
def test_hostile_files_are_refused(cast: Cast, document: Document, name: str, content: bytes) -> None:
    with pytest.raises(Invalid) as invalid:
        attaching.attach(document=document, upload=SimpleUploadedFile(name, content), by=cast.editor)
    assert name in invalid.value.fields["file"]
    assert not document.attachments.exists()


@pytest.mark.django_db
def test_too_large_or_too_many_is_refused(
    cast: Cast, document: Document, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach(document, cast)
    monkeypatch.setattr(attaching, "MOST", 1)
    with pytest.raises(Invalid, match="at most 1"):
        attach(document, cast)
    settings.ATTACHMENT_MAX_BYTES = 20
    with pytest.raises(Invalid, match="larger"):
        attach(document, cast)


@pytest.mark.django_db
@pytest.mark.parametrize("who", OTHERS)
def test_only_editors_attach(cast: Cast, document: Document, who: str) -> None:
    kept = attach(document, cast)
    with pytest.raises(Refused):
        attaching.attach(document=document, upload=SimpleUploadedFile("a.png", picture()), by=getattr(cast, who))
    with pytest.raises(Refused):
        attaching.detach(attachment=kept, by=getattr(cast, who))


def show(document: Document, cast: Cast, name: str) -> Revision:
    draft = drafting.open_draft(document=document, by=cast.editor)
    content = drafting.content_of(draft)
    content = type(content).from_json(content.as_json() | {"body": f"Look: ![Way](attachment:{name})"})
    return drafting.save_draft(revision=draft, content=content, edition=draft.edition, by=cast.editor).revision


@pytest.mark.django_db
def test_readers_see_it_once_a_published_revision_shows_it(cast: Cast, document: Document, client: Client) -> None:
    kept = attach(document, cast)
    draft = show(document, cast, kept.name)
    address = "/documents/oxygen/files/the-way.png"
    reader = sign_in(client, cast.clinician_prairie)
    assert reader.get(address).status_code == 404
    editor = Client()
    sign_in(editor, cast.reviewer)
    page = editor.get("/documents/oxygen/draft/").content.decode()
    assert f'<img src="{address}" alt="Way" loading="lazy">' in page
    response = editor.get(address)
    response.getvalue()
    assert response["Cache-Control"] == "private, no-store"
    publish_revision(revision=draft, by="test")
    response = reader.get(address)
    assert response.status_code == 200
    assert response.getvalue().startswith(b"\x89PNG")
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Content-Disposition"].startswith("inline")
    assert Client().get(address).status_code == 302


@pytest.mark.django_db
def test_a_pdf_is_only_ever_a_download(cast: Cast, document: Document, client: Client) -> None:
    attach(document, cast, "leaflet.pdf", PDF)
    response = sign_in(client, cast.editor).get("/documents/oxygen/files/leaflet.pdf")
    assert response["Content-Disposition"].startswith("attachment")
    assert response.getvalue() == PDF


@pytest.mark.django_db
def test_what_a_frozen_revision_shows_stays_as_it_is(cast: Cast, document: Document) -> None:
    kept, unused = attach(document, cast), attach(document, cast)
    publish_revision(revision=show(document, cast, kept.name), by="test")
    with pytest.raises(Conflict):
        attaching.detach(attachment=kept, by=cast.editor)
    with pytest.raises(IntegrityError), transaction.atomic():
        kept.delete()
    kept.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        DocumentAttachment.objects.filter(pk=kept.pk).update(sha256="0" * 64)
    attaching.detach(attachment=unused, by=cast.editor)
    assert [one.name for one in document.attachments.all()] == [kept.name]
