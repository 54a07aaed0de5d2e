"""A draft from a Word file."""

from dataclasses import replace

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.text import slugify

from knowledge.models import Document, Revision
from knowledge.services import drafting
from knowledge.services.publishing import require_editor
from knowledge.word import LARGEST, NotReadable, read_word
from portal.common import uploads
from portal.common.refusals import Invalid
from portal.members.models import Person


@transaction.atomic
def draft_from_word(*, upload: "UploadedFile[bytes]", by: Person) -> Revision:
    """A new topic with the file's text. Raises Refused for anyone but an editor, Invalid naming what is wrong."""
    require_editor(by)
    name = uploads.name_of(upload)
    uploads.head_of(upload, limit=LARGEST)
    if not name.lower().endswith(".docx"):
        raise Invalid(file=f"“{name}” is no .docx file. Open it in Word and save it as .docx.")
    try:
        found = read_word(upload)
    except NotReadable as error:
        raise Invalid(file=f"“{name}” {error}") from None
    stem = name.rpartition(".")[0]
    title = found.title or stem
    slug = _free_slug(slugify(stem)[:80].strip("-") or "document")
    draft = drafting.new_document(kind=Document.Kind.TOPIC, tool_type="", slug=slug, title=title, by=by)
    content = replace(drafting.content_of(draft), body=found.body)
    return drafting.save_draft(revision=draft, content=content, edition=0, by=by).revision


def _free_slug(stem: str) -> str:
    taken = {slug.lower() for slug in Document.objects.filter(slug__istartswith=stem).values_list("slug", flat=True)}
    return next(slug for n in range(1, len(taken) + 2) if (slug := stem if n == 1 else f"{stem}-{n}") not in taken)
