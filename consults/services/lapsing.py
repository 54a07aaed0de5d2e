"""The end of a question whose requester does not reply: gentle, announced, and undone by a reply."""

from datetime import datetime

from consults.models import Consult, TimelineEntry
from consults.services import telling
from portal.common import audit


def lapse(row: Consult, *, at: datetime) -> None:
    """Close a (locked) consult whose clock was just stopped. Its assignee is remembered: a reply goes back to them."""
    row.assignments.filter(ended_at=None).update(ended_at=at)
    row.state, row.ended_at, row.changed_at = Consult.State.LAPSED, at, at
    row.save(
        update_fields=[
            "state", "ended_at", "changed_at", "due_at", "response_due_at", "next_milestone_at",
        ]
    )  # fmt: skip
    TimelineEntry.objects.create(consult=row, kind=TimelineEntry.Kind.LAPSED, at=at)
    telling.requester(row, what="was closed, as no reply came. Reply on its page to open it again.", at=at)
    telling.assignee(row, what="was closed, as the requester did not reply. A reply opens it again.", at=at)
    audit.record(
        by="sweep of clocks",
        action="consult.lapse",
        object_type="consult",
        object_id=row.number,
        organization_id=row.organization_id,
    )
