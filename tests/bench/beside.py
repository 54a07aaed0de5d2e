"""Other processes of the site on the bench's documents: one that has just started, and readers beside a writer."""

import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np

READERS = 4
_BATCH = 50  # documents a commit, as when an editor's import or a batch of the keeper comes in
_CHANGED = 1_000  # documents that are changed in turn
# A revision never changes: a version is told by the day of the change, which the index keeps as well.
_UPDATE = """
UPDATE knowledge_document d SET version = version + 1, changed_at = timestamptz '2000-01-01 12:00Z' + version.days
  FROM (SELECT * FROM unnest(%s::bigint[], %s::interval[]) AS given (id, days)) version WHERE d.id = version.id
"""
_FIRST = datetime(2000, 1, 1, tzinfo=UTC).toordinal()


class Read(NamedTuple):
    """What one reader did."""

    asked: int
    seconds: float
    cpu: float
    failed: int
    stale: int
    twice: int


def fresh(questions: Sequence[str]) -> list[tuple[float, float]]:
    """For each question, asked first by a process that has just started: milliseconds of CPU for getting search ready
    as the web application does at its start, and for the first answer."""
    spawn = get_context("spawn")
    with _environment():
        found = []
        for question in questions:
            with spawn.Pool(1) as pool:
                found.append(pool.apply(_first, (question,)))
    return found


def beside(updates: int, questions: Sequence[str]) -> tuple[list[Read], float]:
    """Ask while so many updates are written and committed: what each reader did, and how many seconds it took."""
    from knowledge.models import Document

    keys = list(Document.objects.order_by("pk").values_list("pk", flat=True)[:_CHANGED])
    spawn = get_context("spawn")
    begun, committed = (spawn.Array("i", len(keys), lock=False) for _ in range(2))
    going, ready = spawn.Event(), spawn.Barrier(READERS + 1)
    answers = spawn.SimpleQueue()
    _write(keys, range(len(keys)), begun, committed)
    going.set()
    shared = (keys, begun, committed, going, ready, answers)
    with _environment():
        readers = [spawn.Process(target=_read, args=(number, questions, *shared)) for number in range(READERS)]
        for reader in readers:
            reader.start()
    try:
        ready.wait(120)
        start = time.perf_counter()
        for at in range(0, updates, _BATCH):
            _write(keys, [place % len(keys) for place in range(at, min(at + _BATCH, updates))], begun, committed)
        spent = time.perf_counter() - start
    finally:
        going.clear()
    read = [answers.get() for _ in readers]
    for reader in readers:
        reader.join()
    return read, spent


def _write(keys: Sequence[int], places: Sequence[int], begun: Any, committed: Any) -> None:
    """The next version of each of these, in the database and then in the index. ``begun`` runs ahead of both."""
    from knowledge import search
    from tests import database

    for place in places:
        begun[place] += 1
    chosen = [keys[place] for place in places]
    with database.owner_connection() as owner:
        owner.execute(_UPDATE, [chosen, [timedelta(days=begun[place]) for place in places]])
    search.index_documents(chosen)
    for place in places:
        committed[place] = begun[place]


def _first(question: str) -> tuple[float, float]:
    _start()
    from django.db import connection

    from knowledge import search

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    begun = time.process_time()
    search.warm()
    ready = time.process_time()
    search.search(question)
    return (ready - begun) * 1000, (time.process_time() - ready) * 1000


def _read(
    number: int, questions: Sequence[str], keys: Sequence[int], begun: Any, committed: Any, going: Any, ready: Any,
    answers: Any,
) -> None:  # fmt: skip
    _start()
    from knowledge import search

    dice = random.Random(number)
    asked = failed = stale = twice = 0
    search.warm()
    ready.wait(120)
    start, cpu = time.perf_counter(), time.process_time()
    while going.is_set():
        try:
            failed += search.search(dice.choice(questions)).degraded
            is_stale, is_twice = _look(keys, dice.randrange(len(keys)), begun, committed)
            stale, twice = stale + is_stale, twice + is_twice
        except Exception as error:  # noqa: BLE001 - counted
            print(f"reader {number}: {type(error).__name__}: {error}", flush=True)
            failed += 1
        asked += 1
    answers.put(Read(asked, time.perf_counter() - start, time.process_time() - cpu, failed, stale, twice))


def _look(keys: Sequence[int], place: int, begun: Any, committed: Any) -> tuple[bool, bool]:
    """Whether the index gives a version older than the one committed before it was asked, and whether it gives two."""
    from knowledge.search import engine, store

    least = committed[place]
    with store.searching() as searcher:
        arrays = engine.state(searcher).arrays
        found = np.flatnonzero(arrays.alive & (arrays.keys == keys[place]))
        versions = [int(arrays.changed[one]) - _FIRST for one in found]
    return not all(least <= version <= begun[place] for version in versions), len(found) != 1


def _start() -> None:
    import django

    django.setup()
    from portal.common import tenancy

    tenancy.open_session_scope()


@contextmanager
def _environment() -> Iterator[None]:
    """Processes that start meanwhile are of the site, with the bench's database and index."""
    from django.conf import settings

    from tests import database

    before = dict(os.environ)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": database.url("DATABASE_URL"),
        "SEARCH_INDEX_DIR": str(settings.SEARCH_INDEX_DIR),
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before
