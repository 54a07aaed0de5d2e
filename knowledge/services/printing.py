"""Giving out a document as a PDF; that it was is kept in the audit trail."""

from django.db import transaction
from django.utils import timezone

from knowledge.models import Document, Revision
from knowledge.printing import Printed, values
from knowledge.services.reading import record_reading
from portal.common import pdf
from portal.common.audit import record
from portal.members.houses import house_of
from portal.members.models import Person

_LARGEST_NUMBER = 1_000_000


def published_revision(*, document: Document, number: int | None) -> Revision | None:
    """The current revision, or the one of this number if it was ever published."""
    if number is None:
        return document.current_revision
    rows = Revision.objects.ever_published().filter(document=document)
    return rows.filter(number=number).first() if number < _LARGEST_NUMBER else None


@transaction.atomic
def print_document(*, document: Document, revision: Revision, by: Person) -> bytes:
    """The revision as a PDF for ``by``. Taking the current one counts as reading it."""
    printed = Printed(document, revision, house_of(by), timezone.now())
    made = pdf.typeset("document.typ", values(printed), at=printed.at)
    if revision.pk == document.current_revision_id:
        record_reading(document=document, by=by)
    record(by=by, action="document.print", object_type="document", object_id=document.slug, revision=revision.number)
    return made
