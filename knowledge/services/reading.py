"""Remembering who read what."""

from django.utils import timezone

from knowledge.models import Document, Reading
from portal.common import circumstances
from portal.common.trouble import can_be_missed
from portal.members.models import Person


def record_reading(*, document: Document, by: Person) -> None:
    """Remember that ``by`` read the document's current revision now, in place of the time before.

    Not when somebody else looks on their behalf: who has read a document is told when practice changes.
    """
    if document.current_revision is None or circumstances.is_stand_in():
        return
    with can_be_missed():
        Reading.objects.bulk_create(
            [Reading(person=by, document=document, revision=document.current_revision, at=timezone.now())],
            update_conflicts=True,
            unique_fields=["person", "document"],
            update_fields=["revision", "at", "cleared_at"],
        )


def clear_readings(*, by: Person) -> None:
    """Empty the person's own list. That they read a document stays known: they are told when practice changes."""
    Reading.objects.filter(person=by, cleared_at=None).update(cleared_at=timezone.now())
