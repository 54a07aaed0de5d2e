"""Files that come with a question: known types only, judged by their content, kept under random names."""

from datetime import datetime

import puremagic
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from consults.models import Attachment, Consult, TimelineEntry
from consults.services import base, telling
from portal.common import audit
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person

TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "txt": "text/plain",
}
HEAD = 4096
CONTROL = set(map(chr, range(9)))
MARKUP = ("<!doctype", "<html", "<svg", "<?xml", "<script", "<body", "<head")


def kind_of(name: str, head: bytes) -> str:
    """The content type of a file, where its first bytes and its extension agree.

    Raises Invalid where the type is not taken, or where the content is not what the name says.
    """
    extension = name.rpartition(".")[2].lower()
    expected = TYPES.get(extension)
    if expected is None:
        raise Invalid(file=f"“{name}” cannot be attached. Attach a PDF, PNG, JPEG or plain text file.")
    if not _is(expected, head):
        raise Invalid(file=f"“{name}” does not look like a {extension.upper()} file inside. Save it again as one.")
    return expected


def _is(expected: str, head: bytes) -> bool:
    if expected == "text/plain":
        return _is_text(head)
    try:
        return str(puremagic.from_string(head, mime=True)) == expected
    except (puremagic.PureError, ValueError):
        return False


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters. Not asked of puremagic, for which two letters can make a format."""
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < HEAD else "ignore")
    except UnicodeDecodeError:
        return False
    return not set(text) & CONTROL and not text.lstrip("\ufeff \t\r\n").lower().startswith(MARKUP)


@transaction.atomic
def attach(consult: Consult, *, by: Person, upload: "UploadedFile[bytes]", at: datetime) -> Attachment:
    """Add a file to one's own question while it is a draft or open.

    Raises Invalid for its type, size or number; Refused for anyone but the requester; Conflict once it has ended.
    """
    row = Consult.objects.select_for_update(of=("self",)).get(pk=consult.pk)
    if row.requester_id != by.pk:
        raise Refused("Only the clinician who asked adds files.")
    if row.state not in (Consult.State.DRAFT, *Consult.OPEN_STATES):
        raise Conflict("Files can be added until the question is answered.")
    name = (upload.name or "file").replace("\\", "/").rpartition("/")[2][-120:]
    if not upload.size:
        raise Invalid(file=f"“{name}” is empty.")
    if upload.size > settings.ATTACHMENT_MAX_BYTES:
        raise Invalid(file=f"“{name}” is larger than {settings.ATTACHMENT_MAX_BYTES // 1024 // 1024} MB.")
    if row.attachments.count() >= settings.ATTACHMENTS_PER_CONSULT:
        raise Invalid(file=f"A question takes at most {settings.ATTACHMENTS_PER_CONSULT} files.")
    head = upload.read(HEAD)
    upload.seek(0)
    attachment = Attachment.objects.create(
        consult=row,
        name=name,
        content_type=kind_of(name, head),
        size=upload.size,
        file=upload,
        added_by=by,
        added_at=at,
    )
    if row.state != Consult.State.DRAFT:
        base.note(row, TimelineEntry.Kind.FILE_ADDED, at=at, by=by, detail=name)
        telling.assignee(row, what="has a new file from the requester.", at=at)
    audit.record(
        by=by,
        action="consult.attach",
        object_type="consult",
        object_id=row.number,
        organization_id=row.organization_id,
        size=upload.size,
    )
    return attachment


@transaction.atomic
def detach(attachment: Attachment, *, by: Person) -> None:
    """Take a file off a draft again. Raises Refused, or Conflict once the question was sent."""
    row = Consult.objects.select_for_update(of=("self",)).get(pk=attachment.consult_id)
    if row.requester_id != by.pk:
        raise Refused("Only the clinician who asked removes files.")
    if row.state != Consult.State.DRAFT:
        raise Conflict("The question was sent with this file, so it stays.")
    file = attachment.file
    attachment.delete()
    transaction.on_commit(lambda: file.delete(save=False))
