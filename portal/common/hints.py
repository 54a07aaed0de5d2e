"""Hints to the workers. PostgreSQL holds the work; the broker only says that there is some."""

import logging
import time
from functools import partial

from celery import current_app
from django.db import connection, transaction

log = logging.getLogger(__name__)
PAUSE_SECONDS = 15.0
"""After a failure no hint is tried for so long: a request must not wait for a broker that is away."""

_quiet_until = 0.0


def wake_on_commit(task: str, *args: int | str) -> None:
    """Ask a worker to run ``task`` once the running transaction has committed; once, however often it is asked."""
    hint = (task, *args)
    waiting = [entry[1] for entry in connection.run_on_commit]
    if not any(isinstance(entry, partial) and entry.func is _wake and entry.args == hint for entry in waiting):
        transaction.on_commit(partial(_wake, task, *args))


def _wake(task: str, *args: int | str) -> None:
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task(task, args=args, retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - whatever the transport raises: a lost hint costs the time to the next tick
        _quiet_until = time.monotonic() + PAUSE_SECONDS
        log.warning("The broker took no hint (%s); the next tick does the work.", type(error).__name__)
