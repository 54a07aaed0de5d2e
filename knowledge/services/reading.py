"""Remembering who read what."""

from typing import Any

from django.utils import timezone

from knowledge.models import Document, Reading
from portal.common import circumstances
from portal.common.planned import planned
from portal.common.trouble import can_be_missed
from portal.members.models import Person

# Written out, as everything that each page of a document does.
_NOTE = """
INSERT INTO knowledge_reading (person_id, document_id, revision_id, at)
VALUES (%(person)s, %(document)s, %(revision)s, %(at)s)
ON CONFLICT (person_id, document_id) DO UPDATE
  SET revision_id = excluded.revision_id, at = excluded.at, cleared_at = NULL
"""


def record_reading(*, document: Document, by: Person) -> None:
    """Remember that ``by`` read the document's current revision now, in place of the time before.

    Not when somebody else looks on their behalf: who has read a document is told when practice changes.
    """
    if document.current_revision is None or circumstances.is_stand_in():
        return
    values: dict[str, Any] = {"person": by.pk, "document": document.pk, "revision": document.current_revision_id}
    with can_be_missed(), planned() as cursor:
        cursor.execute(_NOTE, values | {"at": timezone.now()})


def clear_readings(*, by: Person) -> None:
    """Empty the person's own list. That they read a document stays known: they are told when practice changes."""
    Reading.objects.filter(person=by, cleared_at=None).update(cleared_at=timezone.now())
