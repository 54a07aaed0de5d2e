"""Tasks of the consult desk."""

from celery import shared_task
from django.utils import timezone

from consults.services import clockwork


@shared_task
def sweep_clock() -> dict[str, int]:
    return dict(clockwork.sweep(now=timezone.now()))
