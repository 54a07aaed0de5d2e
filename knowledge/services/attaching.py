"""Pictures and PDFs of documents: judged by their content, stripped of what is not shown, named once and for all."""

import hashlib
import re
from functools import partial

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from knowledge.models import Document, DocumentAttachment, Revision
from knowledge.pictures import FORMATS, NotAPicture, cleaned
from knowledge.services.publishing import require_editor
from knowledge.sources.files import ADVICE, TYPES
from portal.common import scanning, uploads
from portal.common.audit import record
from portal.common.refusals import Conflict, Invalid
from portal.members.models import Person

MOST = 60
"""Files of one document."""


@transaction.atomic
def attach(*, document: Document, upload: "UploadedFile[bytes]", by: Person) -> DocumentAttachment:
    """Add a file under its own name, or one like it where that is taken by another.

    Raises Refused for anyone but an editor, Invalid for its type, size, content or number.
    """
    require_editor(by)
    document = Document.objects.select_for_update().get(pk=document.pk)
    given, head = uploads.name_of(upload), uploads.head_of(upload, limit=settings.ATTACHMENT_MAX_BYTES)
    content_type = uploads.kind_of(given, head, types=TYPES, advice=ADVICE)
    if document.attachments.count() >= MOST:
        raise Invalid(file=f"A document takes at most {MOST} files.")
    scanning.scan(upload, name=given)
    content = upload.read()
    return keep(document=document, name=_free_name(document, given), content=content, content_type=content_type, by=by)


def keep(*, document: Document, name: str, content: bytes, content_type: str, by: Person | str) -> DocumentAttachment:
    """Keep a file of a known type under a free name. Raises Invalid when it is damaged."""
    person = by if isinstance(by, Person) else None
    attachment = DocumentAttachment(document=document, name=name, content_type=content_type, added_by=person)
    if content_type in FORMATS:
        try:
            picture = cleaned(content, content_type)
        except NotAPicture as error:
            raise Invalid(file=f"“{name}” {error}") from None
        content, attachment.width, attachment.height = picture.content, picture.width, picture.height
    elif not content.startswith(b"%PDF-"):
        raise Invalid(file=f"“{name}” does not look like a PDF inside. Save it again as one.")
    attachment.size, attachment.sha256 = len(content), hashlib.sha256(content).hexdigest()
    attachment.file = ContentFile(content, name)
    attachment.save()
    record(by=by, action="document.attach", object_type="document", object_id=document.slug, size=attachment.size)
    return attachment


@transaction.atomic
def detach(*, attachment: DocumentAttachment, by: Person) -> None:
    """Take a file away. Raises Refused, and Conflict once a revision that is no draft shows it."""
    require_editor(by)
    document = Document.objects.select_for_update().get(pk=attachment.document_id)
    fixed = document.revisions.exclude(state=Revision.State.DRAFT)
    if fixed.filter(body__contains=f"](attachment:{attachment.name})").exists():
        raise Conflict(f"“{attachment.name}” is shown by a revision that stays readable, so it stays too.")
    file = attachment.file
    attachment.delete()
    transaction.on_commit(partial(file.delete, save=False))
    record(by=by, action="document.detach", object_type="document", object_id=document.slug)


def may_see(person: Person, attachment: DocumentAttachment) -> bool:
    """Editors see every file; who reads the document, those that a published revision shows. Says if that is so."""
    return person.actor.is_editor or is_public(attachment)


def is_public(attachment: DocumentAttachment) -> bool:
    """Whether a revision that was ever published shows the file, or links to it."""
    revisions = Revision.objects.ever_published().filter(document=attachment.document_id)
    return revisions.filter(body__contains=f"](attachment:{attachment.name})").exists()


def _free_name(document: Document, given: str) -> str:
    """A name for addresses and texts: letters, digits, dots and hyphens, and nobody else's."""
    stem, _, extension = given.lower().rpartition(".")
    stem = re.sub(r"[^a-z0-9_-]+", "-", stem).strip("-_")[:80] or "file"
    taken = set(document.attachments.filter(name__startswith=stem).values_list("name", flat=True))
    names = (f"{stem}.{extension}" if n == 1 else f"{stem}-{n}.{extension}" for n in range(1, MOST + 2))
    return next(name for name in names if name not in taken)
