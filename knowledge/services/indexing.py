"""This host's search index: brought up to date by hand or by its keeper."""

import logging
from collections.abc import Callable

from knowledge import search

log = logging.getLogger(__name__)


def index_pending(*, thorough: bool = True) -> int:
    """Bring this host's index up to everything that changed, building it where it is missing or damaged.

    Gives the number of documents looked at; 0 when another process of this host is at it.
    """
    try:
        return search.catch_up(thorough=thorough)
    except search.Busy as error:
        log.info("The index is being written already: %s", error)
        return 0


def rebuild(progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Build the index anew and swap it in; the number of documents it has taken in. Raises search.Busy."""
    return search.rebuild(progress)
