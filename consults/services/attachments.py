"""Files that come with a question: known types only, judged by their content, kept under random names."""

from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from consults.models import Attachment, Consult, TimelineEntry
from consults.services import base, telling
from portal.common import audit, scanning, uploads
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.models import Person

TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "txt": "text/plain",
}
ADVICE = "Attach a PDF, PNG, JPEG or plain text file."


@transaction.atomic
def attach(consult: Consult, *, by: Person, upload: "UploadedFile[bytes]", at: datetime) -> Attachment:
    """Add a file to one's own question while it is a draft or open.

    Raises Invalid for its type, size or number, or where the scanner refuses it; Refused for anyone but the
    requester; Conflict once it has ended.
    """
    row = Consult.objects.select_for_update(of=("self",)).get(pk=consult.pk)
    if row.requester_id != by.pk:
        raise Refused("Only the clinician who asked adds files.")
    if row.state not in (Consult.State.DRAFT, *Consult.OPEN_STATES):
        raise Conflict("Files can be added until the question is answered.")
    name, head = uploads.name_of(upload), uploads.head_of(upload, limit=settings.ATTACHMENT_MAX_BYTES)
    if row.attachments.count() >= settings.ATTACHMENTS_PER_CONSULT:
        raise Invalid(file=f"A question takes at most {settings.ATTACHMENTS_PER_CONSULT} files.")
    content_type = uploads.kind_of(name, head, types=TYPES, advice=ADVICE)
    scanning.scan(upload, name=name)
    attachment = Attachment.objects.create(
        consult=row,
        name=name,
        content_type=content_type,
        size=upload.size or 0,
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
