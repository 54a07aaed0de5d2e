"""A person's own note beside a document: one for each, shown to its author alone."""

from django.db import transaction
from django.utils import timezone

from knowledge.models import Document, Note
from portal.common.refusals import Invalid
from portal.members.models import Person

LONGEST = 5000


@transaction.atomic
def save_note(*, document: Document, text: str, by: Person) -> None:
    """Keep ``text`` in place of what stood there; an empty one takes the note away. Raises Invalid when too long."""
    text = text.replace("\0", "").strip()
    if len(text) > LONGEST:
        raise Invalid(note=f"A note has at most {LONGEST:,} characters; this one has {len(text):,}.")
    if not text:
        delete_note(document=document, by=by)
        return
    Note.objects.update_or_create(person=by, document=document, defaults={"text": text, "changed_at": timezone.now()})


def delete_note(*, document: Document, by: Person) -> None:
    """Take ``by``'s note on the document away."""
    Note.objects.filter(person=by, document=document).delete()
