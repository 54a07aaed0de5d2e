"""Tasks of the consult desk."""

from celery import shared_task
from django.utils import timezone

from consults.services import assigning, away, clockwork, learning


@shared_task
def sweep_clock() -> dict[str, int]:
    return dict(clockwork.sweep(now=timezone.now()))


@shared_task
def route() -> dict[str, int]:
    """Pass on the work of those who are away, then go through the queues of specialties that assign."""
    now = timezone.now()
    return dict(away.sweep(now=now) + assigning.sweep(now=now))


@shared_task
def learn_routing() -> int:
    """Learn anew, at night, which specialty questions belong to."""
    return learning.train(now=timezone.now())
