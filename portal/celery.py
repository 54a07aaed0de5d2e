"""The Celery application. Tasks live in tasks.py (or tasks_bank.py), take primary keys, and are safe to run twice."""

import os

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("consilium")
# For every thread, not only the one that imports this.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="tasks_bank")


@worker_init.connect
def refuse_unsafe_start(**_: object) -> None:
    from portal.common.startup import refuse_unsafe_start

    refuse_unsafe_start()
