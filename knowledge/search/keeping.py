"""Keeping this host's index at what the database says. Nothing outside this host is asked or told."""

from datetime import datetime, timedelta

from knowledge.models import Document
from knowledge.search import durable, known, store, writing

BATCH = 200
# A transaction may commit later than the moment it puts down; what took longer is found by looking at everything.
OVERLAP = timedelta(minutes=5)


def pending(*, thorough: bool = True) -> list[int]:
    """The documents whose change this host's index does not know, the longest waiting first.

    Without ``thorough`` only those that changed lately are looked at, which costs the same at any size. Raises
    store.Missing and durable.Damaged.
    """
    folder = store.current()
    durable.verify(folder)
    newest = None if thorough else known.newest(folder)
    return known.behind(folder, since=newest - OVERLAP if newest else None)


def catch_up(*, thorough: bool = True) -> int:
    """Index what is pending, and build the index where there is none, it is damaged, or reading it failed.

    Gives the number of documents looked at. Raises store.Busy, and what a full disk raises.
    """
    if store.is_suspected():
        return writing.rebuild()
    try:
        keys = pending(thorough=thorough)
        for start in range(0, len(keys), BATCH):
            writing.index_documents(keys[start : start + BATCH])
        return len(keys)
    except (store.Missing, durable.Damaged) as error:
        store.log.warning("%s It is built now.", error)
        return writing.rebuild()


def oldest_pending() -> datetime | None:
    """When the longest waiting change was made; None when this host's index knows all. Raises as ``pending`` does."""
    keys = pending()
    rows = Document.objects.filter(pk__in=keys[:1]).values_list("changed_at", flat=True)
    return rows.first()
