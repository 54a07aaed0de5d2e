"""Keeping the index at the version of every document. Several workers may do any of this at once."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping

from django.db.models import F

from knowledge import search
from knowledge.models import Document

log = logging.getLogger(__name__)
BATCH = 200
_ENOUGH_SECONDS = 200  # below the tasks' time limit; the next tick goes on


def index_document(pk: int) -> None:
    """Index one document now, with everything else where there is no index yet; when it is busy, the next tick will."""
    try:
        _mark(search.index_documents([pk]))
    except search.Missing:
        index_pending()
    except search.Busy as error:
        log.warning("Document %s waits for the next tick: %s", pk, error)


def index_pending() -> int:
    """Index everything whose version differs from the index's, and build the index where there is none.

    Gives the number of documents indexed; 0 when another process is at it.
    """
    try:
        return _index_behind()
    except search.Missing:
        log.info("There is no search index yet; building it.")
    except search.Busy as error:
        log.warning("Indexing goes on at the next tick: %s", error)
        return 0
    try:
        return rebuild()
    except search.Busy:
        return 0


def _index_behind() -> int:
    done, end = 0, time.monotonic() + _ENOUGH_SECONDS
    search.require_index()
    while time.monotonic() < end and (keys := _pending()):
        _mark(search.index_documents(keys))
        done += len(keys)
    return done


def rebuild(progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Build the index anew and swap it in; the number of documents it holds or knows to be gone. Raises search.Busy."""
    versions = search.rebuild(progress)
    _mark(versions)
    return len(versions)


def _pending() -> list[int]:
    behind = Document.objects.exclude(version=F("indexed_version")).order_by("changed_at")
    return list(behind.values_list("pk", flat=True)[:BATCH])


def _mark(versions: Mapping[int, int]) -> None:
    """Remember the version that was read, not the newest: a change made meanwhile stays pending."""
    of_version: dict[int, list[int]] = defaultdict(list)
    for pk, version in versions.items():
        of_version[version].append(pk)
    for version, keys in of_version.items():
        Document.objects.filter(pk__in=keys).exclude(indexed_version=version).update(indexed_version=version)
