"""The audit trail as JSON Lines: asked for on a page, written by a worker, kept for a day for the one who asked."""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from portal.common import tenancy
from portal.common.audit import record
from portal.common.hints import wake_on_commit
from portal.common.notices import tell
from portal.common.refusals import Conflict, Refused
from portal.members import trail
from portal.members.models import AuditExport, Person
from portal.members.policy import Action, Denied, can
from portal.members.walls import around

LIFETIME = timedelta(days=1)
MOST_LINES = 500_000
MOST_WAITING = 3
CHUNK = 2000


@transaction.atomic
def ask_export(*, by: Person, asked: trail.Asked, at: datetime) -> AuditExport:
    """Put an export on the list of those to be made.

    Raises Refused for who may not read the trail, Conflict while three of theirs wait.
    """
    decision = can(by.actor, Action.READ_AUDIT)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    if AuditExport.objects.filter(person=by, done_at=None).count() >= MOST_WAITING:
        raise Conflict("Three of your files are still being prepared. Wait until one is ready.")
    row = AuditExport.objects.create(person=by, asked=asked.as_json(), asked_at=at)
    said: dict[str, Any] = dict(asked.said())
    record(by=by, action="audit.export", object_type="audit", object_id=f"export {row.pk}", **said)
    wake_on_commit("portal.members.tasks.make_exports")
    return row


def make_exports(*, now: datetime) -> int:
    """Make every file that waits, each in a transaction of its own that ends with it; say how many.

    A worker that dies leaves its row waiting. Two at once make different ones.
    """
    done = 0
    while _make_one(now):
        done += 1
    return done


def forget_exports(*, now: datetime) -> None:
    """Delete files whose day is over."""
    with tenancy.everything():
        for row in AuditExport.objects.filter(expires_at__lte=now).exclude(file=""):
            row.file.delete(save=False)
            AuditExport.objects.filter(pk=row.pk).update(file="")


def _make_one(now: datetime) -> bool:
    with tenancy.everything():
        return _make_first(now)


def _make_first(now: datetime) -> bool:
    waiting = AuditExport.objects.select_for_update(skip_locked=True, of=["self"]).select_related("person")
    row = waiting.filter(done_at=None).order_by("id").first()
    if row is None:
        return False
    with TemporaryFile() as file:
        row.lines, row.is_cut_short = _write(file, row)
        file.seek(0)
        row.file.save(f"{row.key}.jsonl.gz", File(file), save=False)
    row.done_at, row.expires_at = now, now + LIFETIME
    row.save()
    tell(
        person=row.person,
        kind="audit",
        text="The file of audit events that you asked for is ready. It is kept for a day.",
        path="/audit/exports/",
        key=f"audit-export:{row.pk}",
    )
    return True


def _write(file: IO[bytes], row: AuditExport) -> tuple[int, bool]:
    """Write the events behind the walls of the one who asked; say how many, and whether there are more."""
    lines = 0
    person = row.person
    with around(person), timezone.override(person.time_zone), gzip.open(file, "wt", encoding="utf-8") as out:
        for event in _events(person, trail.Asked.from_json(row.asked), row.asked_at):
            if lines == MOST_LINES:
                return lines, True
            out.write(json.dumps(event, cls=DjangoJSONEncoder, ensure_ascii=False) + "\n")
            lines += 1
    return lines, False


def _events(person: Person, asked: trail.Asked, until: datetime) -> Iterator[dict[str, Any]]:
    """Newest first, up to the moment of asking, a chunk at a time."""
    if not person.can_sign_in:
        return
    rows = trail.found(person, asked).filter(at__lte=until)
    older = ""
    while True:
        part = trail.part(rows, person, before=older, size=CHUNK)
        yield from part.events
        older = part.older
        if not older:
            return
