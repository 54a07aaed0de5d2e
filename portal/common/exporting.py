"""Files that people ask for: asked, made by whichever worker is free, fetched for a day, forgotten.

A worker takes a file with a lease of a minute that each part renews, so that one sees how far it is while it is made.
One that dies is replaced when its lease is over; a file that has been tried three times is given up. What a file holds
rests on what the person was when it was made: who has lost any of it since does not get it.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.core.files import File
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.common import circumstances, exports, present, tenancy
from portal.common.audit import record
from portal.common.cells import ENDINGS, WRITERS
from portal.common.hints import wake_on_commit
from portal.common.models import Export
from portal.common.notices import tell
from portal.common.refusals import Conflict, Refused

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]

LIFETIME = timedelta(days=1)
KEPT = timedelta(days=30)
"""So long the page still says that there was a file."""
LEASE = timedelta(minutes=1)
MOST_TRIES = 3
MOST_ROWS = 500_000
MOST_WAITING = 3
CHUNK = 2000
PATH = "/exports/"
BY = "exports"
AGAIN = "It could not be made. Ask again."
NO_LONGER = "You may no longer have it."


class LostError(Exception):
    """Another worker has taken the file over, or it is settled."""


@transaction.atomic
def ask(*, by: exports.Asker, kind: exports.Kind, form: str, asked: exports.Asked, at: datetime) -> Export:
    """Put a file on the list of those to be made. ``asked`` is what ``exports.read`` made of what was given.

    Raises Refused for who may not have it, Conflict while three of theirs wait.
    """
    if reason := exports.why_not(kind, by):
        raise Refused(reason)
    if Export.objects.visible_to(by).waiting().count() >= MOST_WAITING:
        raise Conflict("Three of your files are still being prepared. Wait until one is ready.")
    row = Export.objects.create(
        person_id=by.pk, kind=kind.key, format=form, asked=asked, asked_at=at, powers=sorted(by.actor.powers)
    )
    said: dict[str, Any] = {f"asked_{name}": str(value) for name, value in asked.items() if value}
    record(by=by, action="export.ask", object_type="export", object_id=row.pk, kind=kind.key, format=form, **said)
    wake_on_commit("portal.common.tasks.make_exports")
    return row


@transaction.atomic
def fetch(*, by: exports.Asker, key: UUID | str, at: datetime) -> Export:
    """The file of the person's own that may be saved now; that it was, is on the record.

    Raises Export.DoesNotExist for any other: somebody else's, not made, past its day, or resting on what the person is
    no longer. Nobody fetches on somebody's behalf.
    """
    row = Export.objects.visible_to(by).filter(key=key, expires_at__gt=at).exclude(file="").get()
    kind = exports.kind_of(row.kind)
    if kind is None or exports.why_not(kind, by) or set(row.powers) - by.actor.powers or circumstances.is_stand_in():
        raise Export.DoesNotExist
    record(by=by, action="export.download", object_type="export", object_id=row.pk, kind=row.kind, rows=row.done)
    return row


def make_exports(*, clock: Clock = present.now) -> int:
    """Make every file that waits; say how many were made. Two at once make different ones."""
    made = 0
    _give_up(clock())
    while (row := _claim(clock())) is not None:
        try:
            made += _make(row, clock)
        except LostError:
            log.info("%s was taken over by another worker.", row)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a kind raises: it is tried again, and the others go on
            # The class alone: the text may name people.
            log.warning("%s could not be made (%s), try %d.", row, type(error).__name__, row.tries)
    return made


def forget_exports(*, now: datetime) -> None:
    """Delete files whose day is over, and a month later the last that is known of them."""
    with tenancy.everything():
        for row in Export.objects.filter(expires_at__lte=now).exclude(file=""):
            _delete_files(row)
            Export.objects.filter(pk=row.pk).update(file="")
        Export.objects.filter(asked_at__lte=now - KEPT, file="").exclude(done_at=None, failed_at=None).delete()


def _claim(now: datetime) -> Export | None:
    """Take the next file for a minute. Those tried before come last, so that none holds up the others."""
    with tenancy.everything():
        waiting = Export.objects.waiting().filter(Q(leased_until=None) | Q(leased_until__lte=now))
        waiting = waiting.filter(tries__lt=MOST_TRIES).select_related("person").order_by("tries", "id")
        row = waiting.select_for_update(skip_locked=True, of=("self",)).first()
        if row is not None:
            row.tries, row.leased_until, row.done = row.tries + 1, now + LEASE, 0
            row.save(update_fields=["tries", "leased_until", "done"])
        return row


def _give_up(now: datetime) -> None:
    """Those whose last try came to nothing."""
    with tenancy.everything():
        over = Export.objects.waiting().filter(tries__gte=MOST_TRIES, leased_until__lte=now).select_related("person")
        for row in over.select_for_update(skip_locked=True, of=("self",)):
            _delete_files(row)
            _fail(row, AGAIN, now)


def _make(row: Export, clock: Clock) -> bool:
    person, kind = row.person, exports.kind_of(row.kind)
    # What was closed to them where they asked (an organization's rules of sign-in) stays closed.
    person.actor = person.actor.as_narrow_as(row.powers)
    if kind is None or exports.why_not(kind, person):
        with tenancy.everything():
            _fail(row, NO_LONGER if kind else AGAIN, clock())
        return False
    with TemporaryFile() as file, timezone.override(person.time_zone):
        _write(file, row, kind, clock)
        file.seek(0)
        _keep(row, file, clock)
    return True


def _write(file: IO[bytes], row: Export, kind: exports.Kind, clock: Clock) -> None:
    """Every row, a part at a time. Raises LostError when somebody else has taken over."""
    person, after = row.person, ""
    with tenancy.within(person.actor.scope):
        source = kind.source(person, row.asked, row.asked_at)
        row.total = source.count(MOST_ROWS)
    _note(row, clock())
    writer = WRITERS[row.format](file, kind.columns)
    while True:
        with tenancy.within(person.actor.scope):
            part = source.part(after, CHUNK)
        room = MOST_ROWS - row.done
        for line in part.rows[:room]:
            writer.row(line)
        row.done += min(len(part.rows), room)
        row.is_cut_short = len(part.rows) > room or bool(part.following and row.done == MOST_ROWS)
        _note(row, clock())
        if row.is_cut_short or not part.following:
            return writer.end()
        after = part.following


def _note(row: Export, now: datetime) -> None:
    """Say how far it is, and keep it for another minute."""
    with tenancy.everything():
        if not _mine(row).update(done=row.done, total=row.total, leased_until=now + LEASE):
            raise LostError


def _mine(row: Export) -> Any:
    """The row, as long as nobody has taken it over since this try began."""
    return Export.objects.waiting().filter(pk=row.pk, tries=row.tries)


def _keep(row: Export, file: IO[bytes], clock: Clock) -> None:
    storage = row.file.storage
    name = storage.save(_name(row, row.tries), File(file))
    with tenancy.everything():
        now, powers = clock(), sorted(row.person.actor.powers)
        kept = {"file": name, "is_cut_short": row.is_cut_short, "powers": powers, "total": row.done}
        if _mine(row).update(**kept, done_at=now, expires_at=now + LIFETIME, leased_until=None):
            record(by=BY, action="export.made", object_type="export", object_id=row.pk, rows=row.done)
            _tell(row, "is ready. It is kept for a day.")
            return
    storage.delete(name)
    raise LostError


def _fail(row: Export, why: str, now: datetime) -> None:
    if _mine(row).update(failed_at=now, why_failed=why, leased_until=now):
        record(by=BY, action="export.failed", object_type="export", object_id=row.pk, tries=row.tries)
        _tell(row, f"was not made. {why}")


def _tell(row: Export, what: str) -> None:
    kind = exports.kind_of(row.kind)
    name = f" ({kind.name})" if kind else ""
    text = f"The file that you asked for{name} {what}"
    tell(person=row.person, kind="export", text=text, path=PATH, key=f"export:{row.pk}")


def _name(row: Export, number: int) -> str:
    """Where a try puts its file: each its own, so that one that died before it could say so is found, too."""
    return f"exports/{row.key}-{number}.{ENDINGS[row.format]}"


def _delete_files(row: Export) -> None:
    for name in {row.file.name or "", *(_name(row, number) for number in range(1, row.tries + 1))} - {""}:
        row.file.storage.delete(name)
