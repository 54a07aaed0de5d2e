"""What a drill's site should hold, worked out from its log by the plain clock of the tests, against what it holds."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psycopg

from tests.consults import plain_clock
from tests.drills.asking import Written
from tests.drills.running import Site

Mark = tuple[int, int, str, int]
"""Consult, cycle, kind and part of a milestone."""
LOG = """
SELECT e.consult_id, e.cycle, e.kind, e.at, e.promised_seconds, v.response_seconds
  FROM consults_clockevent e LEFT JOIN consults_promiseversion v ON v.id = e.promise_id
 WHERE e.consult_id > %s ORDER BY e.consult_id, e.cycle, e.at, e.id
"""
RECORDED = "SELECT consult_id, cycle, kind, part, due_at, id FROM consults_milestone WHERE consult_id > %s"
BEHIND = 1000
"""How far back new milestones are looked for: what was written first may be committed last."""


@dataclass
class Watcher:
    """Notes when each milestone could first be seen from outside, by asking again and again."""

    site: Site
    after: int
    """Consults up to this number were there before the drill."""
    seen: dict[Mark, tuple[datetime, datetime]] = field(default_factory=dict)
    """When it was due, and when it was first seen."""
    _newest: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            try:
                with self.site.connect() as connection:
                    while not self._over.wait(0.2):
                        self._look(connection)
            except psycopg.Error:
                pass  # it was struck

    def _look(self, connection: "psycopg.Connection[Any]") -> None:
        rows = connection.execute(f"{RECORDED} AND id > %s", [self.after, self._newest - BEHIND]).fetchall()
        now = datetime.now(UTC)
        for row in rows:
            self.seen.setdefault((row.consult_id, row.cycle, row.kind, row.part), (row.due_at, now))
            self._newest = max(self._newest, row.id)


def due_by(site: Site, after: int, now: datetime) -> dict[Mark, datetime]:
    """Every milestone that must be recorded by ``now``, with its moment."""
    cycles = defaultdict(list)
    for row in site.rows(LOG, after):
        event = SimpleNamespace(
            kind=row.kind, at=row.at, promised_seconds=row.promised_seconds, promise=None, ladder=None
        )
        cycles[row.consult_id, row.cycle].append((event, row.response_seconds))
    taken = defaultdict(list)
    for row in site.rows("SELECT consult_id, started_at FROM consults_assignment WHERE consult_id > %s", after):
        taken[row.consult_id].append(row.started_at)
    found: dict[Mark, datetime] = {}
    for (consult, cycle), entries in cycles.items():
        events = [event for event, _ in entries]
        for (kind, part), at in plain_clock.milestones(events).items():
            found[consult, cycle, kind, part] = at
        response = events[0].at + timedelta(seconds=entries[0][1] or 0)
        if entries[0][1] and not any(at < response for at in taken[consult]):
            found[consult, cycle, "not-taken", 0] = response
    return {mark: at for mark, at in found.items() if at <= now}


def wrong(site: Site, after: int, now: datetime) -> tuple[int, list[str]]:
    """How many milestones are due by ``now``, and what is missed, doubled, or recorded though it was never reached."""
    expected = due_by(site, after, now)
    recorded: dict[Mark, list[datetime]] = defaultdict(list)
    for row in site.rows(RECORDED, after):
        recorded[row.consult_id, row.cycle, row.kind, row.part].append(row.due_at)
    bad = []
    for mark in sorted(expected.keys() | recorded.keys()):
        at, found = expected.get(mark), recorded.get(mark, [])
        # The plain clock finds moments by halving, to the microsecond.
        if at is None and found and min(found) > now:
            continue
        right = at is not None and len(found) == 1 and abs(found[0] - at) <= timedelta(microseconds=2)
        if not right:
            bad.append(f"{mark}: due {at}, recorded {[str(moment) for moment in found]}")
    return len(expected), bad


def not_yet(site: Site, after: int) -> int:
    """How many milestones will fall due soon or fell due a moment ago, and are not there: no fault, if judged later."""
    soon = due_by(site, after, datetime.now(UTC) + timedelta(minutes=5))
    there = {(row.consult_id, row.cycle, row.kind, row.part) for row in site.rows(RECORDED, after)}
    return len(soon.keys() - there)


def settled(site: Site, after: int, limit: float) -> datetime:
    """Let the clock run until all that the log says will fall due has, and is recorded, or ``limit`` seconds more.

    What falls due in days, as the reminders of a question that waits for a reply, is not waited for.
    """
    soon = datetime.now(UTC) + timedelta(minutes=5)
    last = max(due_by(site, after, soon).values(), default=datetime.now(UTC))
    time.sleep(max((last - datetime.now(UTC)).total_seconds(), 0))
    end = time.monotonic() + limit
    while wrong(site, after, last)[1] and time.monotonic() < end:
        time.sleep(1)
    return last


def lost(site: Site, after: int, written: Iterable[Written]) -> list[str]:
    """Which acknowledged writes are not there, or are there more than once."""
    numbers = {row.number: row.id for row in site.rows("SELECT id, number FROM consults_consult WHERE id > %s", after)}
    asked: dict[str, int] = defaultdict(int)
    for row in site.rows("SELECT question FROM consults_consult WHERE id > %s", after):
        asked[row.question] += 1
    said: dict[tuple[int, str], int] = defaultdict(int)
    for row in site.rows("SELECT consult_id, text FROM consults_message WHERE consult_id > %s", after):
        said[row.consult_id, row.text] += 1
    taken: dict[int, int] = defaultdict(int)
    for row in site.rows("SELECT consult_id FROM consults_assignment WHERE consult_id > %s", after):
        taken[row.consult_id] += 1
    bad = []
    for one in written:
        consult = numbers.get(one.number, 0)
        there = {"submitted": asked[one.text], "claim": taken[consult]}.get(one.kind, said[consult, one.text])
        if not consult or there != 1:
            bad.append(f"{one.kind} of {one.number}: {there} times")
    return bad
