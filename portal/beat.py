"""Celery's beat, which goes on ticking when the clock of its host is put back."""

import logging
from typing import Any

from celery.beat import PersistentScheduler
from celery.utils.time import maybe_make_aware

log = logging.getLogger(__name__)


class Scheduler(PersistentScheduler):
    """It remembers, as Celery's own, when it last ticked for what; but a moment that is still to come was no tick.

    Celery would wait until the clock has passed that moment and the interval after it: for hours, where the clock was
    put back by hours. A clock that is put forward needs nothing: each entry is due once, however long the leap.
    """

    def tick(self, *arguments: Any, **named: Any) -> float:
        self._forget_the_future()
        return float(super().tick(*arguments, **named))

    def _forget_the_future(self) -> None:
        """Count as run now what ran at a moment to come, and work out anew when each entry is due."""
        now = self.app.now()
        entries = self.schedule.values()
        ahead = [entry for entry in entries if entry.last_run_at and maybe_make_aware(entry.last_run_at) > now]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None
            log.warning("The clock was put back: %s entries last ran at moments to come.", len(ahead))
