"""The marks of calls, found by a sweep and recorded at the moment they were due."""

from collections import Counter
from datetime import datetime

from consults.models import Call
from consults.services import calls, calls_telling
from portal.common import tenancy

BATCH = 100


def sweep(*, now: datetime) -> Counter[str]:
    """Record every mark of a call passed by ``now``, and tell. Any number of sweeps at once do the work of one."""
    done: Counter[str] = Counter()
    while True:
        with tenancy.everything():
            rows = list(
                Call.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(next_mark_at__lte=now)
                .select_related("specialty", "requester", "assignee", "organization")
                .order_by("next_mark_at")[:BATCH]
            )
            for row in rows:
                kinds = calls.pass_marks(row, now=now)
                row.save(update_fields=["assignee", "next_mark_at"])
                calls_telling.marks(row, kinds)
                done.update(kinds)
            if len(rows) < BATCH:
                return done
