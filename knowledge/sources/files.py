"""The pictures and PDFs beside a document's file: those its text names, in the folder ID.files."""

import hashlib
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from knowledge.pictures import FORMATS, NotAPicture, cleaned
from knowledge.sources.document import Problem, SourceDocument, SourceFile
from portal.common import uploads
from portal.common.refusals import Invalid

TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "pdf": "application/pdf",
}
ADVICE = "Attach a PNG, JPEG or WebP picture, or a PDF."


def folder_of(slug: str) -> str:
    """Where a document's files lie, beside its own."""
    return f"{slug}.files"


def with_files(document: SourceDocument, beside: Path, problems: list[Problem]) -> SourceDocument:
    """The document with those files that its text names and that are there; the others may be on the site."""
    folder = beside / folder_of(document.id)
    if not document.file_names or not folder.is_dir():
        return document
    found = []
    for name in document.file_names:
        path = folder / name
        if path.is_file() and not path.is_symlink():
            try:
                found.append(_read(path))
            except (Invalid, NotAPicture) as error:
                fix = error.fields["file"] if isinstance(error, Invalid) else f"“{name}” {error}"
                problems.append(Problem(document.where, "body", fix))
    return replace(document, files=tuple(found))


def _read(path: Path) -> SourceFile:
    """What the file comes to once it is kept. Raises Invalid or NotAPicture."""
    if not 0 < path.stat().st_size <= settings.ATTACHMENT_MAX_BYTES:
        raise Invalid(file=f"“{path.name}” is empty or larger than {settings.ATTACHMENT_MAX_BYTES // 1024 // 1024} MB.")
    content = path.read_bytes()
    content_type = uploads.kind_of(path.name, content[: uploads.HEAD], types=TYPES, advice=ADVICE)
    if content_type in FORMATS:
        content = cleaned(content, content_type).content
    return SourceFile(path.name, content_type, hashlib.sha256(content).hexdigest(), path)
