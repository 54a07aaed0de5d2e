"""manage.py keep_index: keep this host's search index at what the database says, until it is told to stop."""

import logging
import signal
import threading
import time
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from knowledge import changes
from knowledge.services import indexing

log = logging.getLogger(__name__)
TICK = 1.0
"""Seconds between two looks, where nothing is announced."""
THOROUGH = 30.0
"""Seconds between two looks at every document."""
LONGEST_PAUSE = 30.0
"""Seconds between two attempts, while the disk is full or the database away."""


class Command(BaseCommand):
    help = "Keep this host's search index current; one a host, restarted when it ends."

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopping.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        self.stdout.write(f"Keeping the search index in {settings.SEARCH_INDEX_DIR}")
        self.stdout.flush()
        Keeper(stopping).run()


class Keeper:
    """Looks whenever something is announced, every second in any case, and never ends on an error."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._thorough_at = 0.0

    def run(self) -> None:
        pause = TICK
        while not self._stopping.is_set():
            try:
                with changes.listening() as listener:
                    while not self._stopping.is_set():
                        self._look()
                        pause = TICK
                        listener.wait(TICK)
            except Exception as error:  # noqa: BLE001 - a full disk, a database away: it goes on when that is over
                log.warning("The search index waits %.0f s: %s: %s", pause, type(error).__name__, error)
                connection.close()
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _look(self) -> None:
        thorough = time.monotonic() >= self._thorough_at
        start = time.monotonic()
        done = indexing.index_pending(thorough=thorough)
        if done:
            log.info("%d documents indexed in %.2f s", done, time.monotonic() - start)
        if thorough:
            self._thorough_at = time.monotonic() + THOROUGH
