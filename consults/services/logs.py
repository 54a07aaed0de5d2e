"""The clock's log and marks of many consults at once, read and written in a few statements."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from consults import clock
from consults.calendars import Counting
from consults.ladder import STANDARD
from consults.models import ClockEvent, Consult, LadderVersion, Milestone, PromiseVersion
from portal.common.planned import planned

UPDATE = """
UPDATE consults_consult AS c
   SET due_at = v.due, response_due_at = v.response, next_milestone_at = v.following
  FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[]) AS v (id, due, response, following)
 WHERE c.id = v.id
"""


def of(consults: Sequence[Consult]) -> dict[int, list[clock.Event]]:
    """The log of each consult's present cycle, in order of time."""
    cycles = {row.pk: row.cycle for row in consults}
    rows = (
        ClockEvent.objects.filter(consult__in=list(cycles))
        .order_by("at", "id")
        .values_list("consult_id", "cycle", "kind", "at", "promised_seconds", "promise_id", "ladder_id")
    )
    known = [row for row in rows if row[1] == cycles[row[0]]]
    found: dict[int, list[clock.Event]] = defaultdict(list)
    for (consult, *_), event in zip(known, events([row[2:] for row in known]), strict=True):
        found[consult].append(event)
    return found


def events(rows: Sequence[Sequence[Any]]) -> list[clock.Event]:
    """Entries as the pure clock takes them, of (kind, moment, seconds, version of a promise, version of a ladder)."""
    promises = countings({row[3] for row in rows if row[3]})
    ladders = {row.pk: row.ladder for row in _ladders({row[4] for row in rows if row[4]})}
    return [
        clock.Event(kind, at, seconds, promises.get(promise, clock.ELAPSED), ladders.get(ladder, STANDARD))
        for kind, at, seconds, promise, ladder in rows
    ]


def countings(keys: set[int]) -> dict[int, Counting]:
    """Which time counts by each of these versions of promises."""
    rows = PromiseVersion.objects.filter(pk__in=keys).select_related("calendar") if keys else ()
    return {row.pk: row.counting for row in rows}


def _ladders(keys: set[int]) -> Sequence[LadderVersion]:
    return list(LadderVersion.objects.filter(pk__in=keys)) if keys else []


def recorded(consults: Sequence[Consult]) -> dict[int, dict[clock.Key, datetime]]:
    """Of each consult's present cycle, what is recorded, and when it was."""
    cycles = {row.pk: row.cycle for row in consults}
    found: dict[int, dict[clock.Key, datetime]] = {pk: {} for pk in cycles}
    rows = Milestone.objects.filter(consult__in=list(cycles)).order_by()
    for consult, cycle, kind, part, at in rows.values_list("consult_id", "cycle", "kind", "part", "recorded_at"):
        if cycle == cycles[consult]:
            found[consult][kind, part] = at
    return found


def store(consults: Sequence[Consult]) -> None:
    """Write what their clocks say now, in one statement."""
    columns: list[Any] = [
        [row.pk for row in consults],
        [row.due_at for row in consults],
        [row.response_due_at for row in consults],
        [row.next_milestone_at for row in consults],
    ]
    with planned() as cursor:
        cursor.execute(UPDATE, columns)
