"""Documents as files again: one at a time, or all of them into a folder."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from knowledge import fhir
from knowledge.models import Document, DocumentAttachment
from knowledge.services.publishing import require_editor
from knowledge.sources import SourceDocument, markdown, stored
from knowledge.sources.files import folder_of
from knowledge.sources.loading import LINK
from portal.common.audit import record
from portal.members.models import Person

# Which files an export made, in the form of sha256sum, so that the next one overwrites those and no others.
MANIFEST = "consilium-export.sha256"
BATCH = 200
FORMATS: dict[str, Callable[[SourceDocument], str]] = {
    "markdown": markdown,
    "fhir": lambda source: fhir.fhir_json(source, settings.SITE_URL),
}
_SUFFIXES = {"markdown": ".md", "fhir": ".json"}


class ExportRefused(Exception):
    """Nothing was written; the message says why."""


@dataclass
class Exported:
    """What an export wrote; ``dangling`` are links to documents that were never published, as (from, to)."""

    documents: int
    retired: int = 0
    files: int = 0
    dangling: list[tuple[str, str]] = field(default_factory=list)


def export_document(*, document: Document, form: str) -> str:
    """What ``document`` says today, as ``form``: one of FORMATS."""
    return FORMATS[form](stored([document])[0])


@transaction.atomic
def export_documents(
    *,
    folder: Path,
    by: Person | str,
    with_fhir: bool = False,
    force: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Exported:
    """Write every document that was ever published into ``folder``, each to a file named by its id.

    Raises ExportRefused, having written nothing, when a file is there that no export made or that was edited since and
    ``force`` does not say to overwrite it; OSError when the folder cannot be written; Refused for anyone but an editor.
    """
    require_editor(by)
    forms = list(FORMATS) if with_fhir else ["markdown"]
    slugs = dict(Document.objects.exclude(current_revision=None).order_by("slug").values_list("pk", "slug"))
    if folder.exists() and not folder.is_dir():
        raise ExportRefused(f"{folder} is a file; name a folder.")
    folder.mkdir(parents=True, exist_ok=True)
    made = _manifest(folder)
    if not force:
        _refuse_to_overwrite(folder, slugs, forms, made)
        _refuse_to_overwrite_files(folder, made)
    done, known = Exported(len(slugs)), set(slugs.values())
    try:
        for place, source in enumerate(_sources(list(slugs))):
            if place % BATCH == 0:
                progress(place, len(slugs))
            for form in forms:
                content = FORMATS[form](source).encode()
                name = source.id + _SUFFIXES[form]
                _write(folder / name, content)
                made[name] = hashlib.sha256(content).hexdigest()
                done.files += 1
            for name, content in _files(source):
                _write(folder / name, content)
                made[name] = hashlib.sha256(content).hexdigest()
                done.files += 1
            done.retired += source.retired_at is not None
            done.dangling += [(source.id, target) for target in LINK.findall(source.body) if target not in known]
    finally:  # what was written is ours also when the rest could not be
        _write(folder / MANIFEST, "".join(f"{made[name]}  {name}\n" for name in sorted(made)).encode())
    progress(len(slugs), len(slugs))
    record(by=by, action="documents.export", object_type="export", object_id=folder.name[-60:], documents=len(slugs))
    return done


def _sources(keys: list[int]) -> Iterator[SourceDocument]:
    """What the documents say, in this order, a batch at a time."""
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        found = Document.objects.select_related("current_revision").in_bulk(batch)
        yield from stored([found[key] for key in batch])


def _manifest(folder: Path) -> dict[str, str]:
    """Which files earlier exports made here, with the hash of what they wrote."""
    try:
        lines = (folder / MANIFEST).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise ExportRefused(f"{MANIFEST} in {folder} is no list of exported files; remove it.") from None
    pairs = [line.split("  ", 1) for line in lines]
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2 and (folder / pair[1]).is_file()}


def _refuse_to_overwrite(folder: Path, slugs: dict[int, str], forms: list[str], made: dict[str, str]) -> None:
    """Raise ExportRefused when a file in the way holds anything but what this or an earlier export writes."""
    doubted = [
        (key, form)
        for key, slug in slugs.items()
        for form in forms
        if _is_there(folder / (name := slug + _SUFFIXES[form])) and made.get(name) != _hash(folder / name)
    ]
    sources = dict(zip(keys, _sources(keys), strict=True)) if (keys := list(dict(doubted))) else {}
    foreign = [
        slugs[key] + _SUFFIXES[form]
        for key, form in doubted
        if _hash(folder / (slugs[key] + _SUFFIXES[form]))
        != hashlib.sha256(FORMATS[form](sources[key]).encode()).hexdigest()
    ]
    if foreign:
        more = f" and {len(foreign) - 5} more" if len(foreign) > 5 else ""
        raise ExportRefused(
            f"{folder} holds {', '.join(foreign[:5])}{more}, which no export made or someone edited since; "
            "choose another folder, move them, or overwrite them with --force."
        )


def _files(source: SourceDocument) -> Iterator[tuple[str, bytes]]:
    """The pictures and PDFs that the text shows, as (name below the folder, content)."""
    for file in source.files:
        with default_storage.open(file.kept, "rb") as content:
            yield f"{folder_of(source.id)}/{file.name}", content.read()


def _refuse_to_overwrite_files(folder: Path, made: dict[str, str]) -> None:
    """The same for pictures and PDFs."""
    for attachment in DocumentAttachment.objects.select_related("document"):
        name = f"{folder_of(attachment.document.slug)}/{attachment.name}"
        if not _is_there(folder / name) or (there := _hash(folder / name)) in (made.get(name), attachment.sha256):
            continue
        raise ExportRefused(
            f"{folder} holds {name}{'' if there else ', which is no file'}, which no export made or someone edited "
            "since; choose another folder, move it, or overwrite it with --force."
        )


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _hash(path: Path) -> str:
    """The hash of what a file holds; of anything that is no file, none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else ""


def _write(path: Path, content: bytes) -> None:
    """Put ``content`` in place whole or not at all; a link there is replaced, never followed."""
    path.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".export-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
