"""Hints to the workers. PostgreSQL holds the work; the broker only says that there is some."""

import logging
from functools import partial

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)


def wake_on_commit(task: str, *args: int | str) -> None:
    """Ask a worker to run ``task`` once the running transaction has committed."""
    transaction.on_commit(partial(_wake, task, *args))


def _wake(task: str, *args: int | str) -> None:
    try:
        current_app.send_task(task, args=args, retry=False, ignore_result=True)
    except Exception as error:  # whatever the transport raises: a lost hint costs the time to the next tick, no more
        log.warning("The broker took no hint (%s); the next tick does the work.", type(error).__name__)
