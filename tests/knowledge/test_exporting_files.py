"""Pictures and PDFs travel with their documents, out and in again, here and on a second site; Word files come in."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from knowledge.models import Document, DocumentAttachment, Revision
from knowledge.services import ImportRefused, attaching, drafting, import_documents, publish_revision
from portal.common import tenancy
from tests import database
from tests.cast import Cast
from tests.knowledge.helpers import make_document, row, write_rows
from tests.knowledge.pictures import PDF, picture
from tests.knowledge.test_exporting import command
from tests.knowledge.words import docx

TEXT = "![Way](attachment:way.png) and [leaflet](attachment:leaflet.pdf)"


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "stored")},
        }
    }


def folder_with(tmp_path: Path, **files: bytes) -> Path:
    """Rows in a folder, with files beside them."""
    (tmp_path / "in" / "oxygen.files").mkdir(parents=True)
    for name, content in files.items():
        (tmp_path / "in" / "oxygen.files" / name.replace("_", ".")).write_bytes(content)
    write_rows(tmp_path / "in", row("oxygen", body=TEXT))
    return tmp_path / "in"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_pictures_make_the_round_trip_here_and_on_a_second_site(committed_cast: Cast, tmp_path: Path) -> None:
    document = make_document(tmp_path, "oxygen")
    for name, content in (("way.png", picture(note=b"secret")), ("leaflet.pdf", PDF), ("unused.jpg", picture("jpg"))):
        upload = SimpleUploadedFile(name, content)
        attaching.attach(document=document, upload=upload, by=committed_cast.editor)
    draft = drafting.open_draft(document=document, by=committed_cast.editor)
    said = replace(drafting.content_of(draft), body=TEXT)
    saved = drafting.save_draft(revision=draft, content=said, edition=0, by=committed_cast.editor)
    publish_revision(revision=saved.revision, by="test")
    one, two = tmp_path / "one", tmp_path / "two"
    assert command("export_documents", str(one))[0] == f"1 documents (0 retired) in 3 files in {one}"
    assert sorted(contents(one)) == [
        "consilium-export.sha256",
        "oxygen.files/leaflet.pdf",
        "oxygen.files/way.png",
        "oxygen.md",
    ]
    assert command("import_documents", str(one))[0] == "1 documents: 0 added, 0 changed, 1 unchanged"

    connections.close_all()
    database.reset()
    tenancy.open_session_scope()
    assert command("import_documents", str(one))[0] == "1 documents: 1 added, 0 changed, 0 unchanged"
    assert set(DocumentAttachment.objects.values_list("name", flat=True)) == {"way.png", "leaflet.pdf"}
    command("export_documents", str(two))
    assert contents(one) == contents(two)
    assert command("import_documents", str(two))[0] == "1 documents: 0 added, 0 changed, 1 unchanged"


@pytest.mark.django_db
def test_a_picture_with_notes_in_it_is_the_same_at_the_second_import(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, way_png=picture(note=b"where it was taken"), leaflet_pdf=PDF)
    assert import_documents(path=folder, by="test").added == 1
    assert import_documents(path=folder, by="test").unchanged == 1
    [kept] = DocumentAttachment.objects.filter(name="way.png")
    with kept.file.open("rb") as file:
        assert b"taken" not in file.read()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"leaflet_pdf": PDF}, "attachment:way.png, which is neither in oxygen.files nor on the site"),
        ({"leaflet_pdf": PDF, "way_png": b"<svg onload=alert(1)>"}, "does not look like a PNG file inside"),
        ({"leaflet_pdf": PDF, "way_png": picture()[:50]}, "is damaged, or no picture inside"),
        ({"leaflet_pdf": PDF, "way_png": b""}, "is empty or larger"),
    ],
)
def test_what_is_wrong_with_a_file_is_named_and_nothing_comes_in(
    tmp_path: Path, files: dict[str, bytes], words: str
) -> None:
    with pytest.raises(ImportRefused) as refused:
        import_documents(path=folder_with(tmp_path, **files), by="test")
    assert words in " ".join(map(str, refused.value.problems))
    assert not Document.objects.exists()


@pytest.mark.django_db
def test_another_picture_under_a_name_that_is_shown_is_refused(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, way_png=picture(), leaflet_pdf=PDF)
    import_documents(path=folder, by="test")
    (folder / "oxygen.files" / "way.png").write_bytes(picture(size=(9, 9)))
    with pytest.raises(ImportRefused) as refused:
        import_documents(path=folder, by="test")
    assert "give it another name" in str(refused.value.problems[0])


@pytest.mark.django_db
def test_a_picture_someone_put_there_is_not_overwritten(tmp_path: Path) -> None:
    import_documents(path=folder_with(tmp_path, way_png=picture(), leaflet_pdf=PDF), by="test")
    target = tmp_path / "out" / "oxygen.files"
    target.mkdir(parents=True)
    (target / "way.png").write_bytes(b"mine")
    with pytest.raises(CommandError, match=r"oxygen\.files/way\.png, which no export made"):
        command("export_documents", str(tmp_path / "out"))
    assert (target / "way.png").read_bytes() == b"mine"
    command("export_documents", str(tmp_path / "out"), "--force")
    assert (target / "way.png").read_bytes() != b"mine"


@pytest.mark.django_db
def test_exporting_files_costs_no_query_each(tmp_path: Path) -> None:
    def cost(count: int, name: str) -> int:
        folder = tmp_path / name
        folder.mkdir()
        write_rows(folder, *(row(f"{name}-{n}", body="![Way](attachment:way.png)") for n in range(count)))
        for n in range(count):
            (folder / f"{name}-{n}.files").mkdir()
            (folder / f"{name}-{n}.files" / "way.png").write_bytes(picture())
        import_documents(path=folder, by="test")
        with CaptureQueriesContext(connection) as queries:
            command("export_documents", str(tmp_path / f"out-{name}"))
        return len(queries)

    assert cost(2, "few") == cost(8, "more")


@pytest.mark.django_db
def test_a_word_file_comes_in_as_a_draft(tmp_path: Path) -> None:
    file = tmp_path / "Oxygen at Home.docx"
    file.write_bytes(docx())
    with pytest.raises(ImportRefused) as refused:
        import_documents(path=file, by="test")
    assert "import it with --draft" in str(refused.value.problems[0])
    assert command("import_documents", str(file), "--draft")[0] == "1 documents: 1 added, 0 changed, 0 unchanged"
    draft = Revision.objects.get()
    assert (draft.document.slug, draft.document.kind, draft.state) == ("oxygen-at-home", "topic", "draft")
    assert draft.title == "Oxygen for adults"
    file.write_bytes(b"PK broken")
    with pytest.raises(ImportRefused, match="1 problem") as refused:
        import_documents(path=file, by="test", draft=True)
    assert str(refused.value.problems[0]).startswith("Oxygen at Home.docx: is no Word document inside")
