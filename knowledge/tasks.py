"""Tasks of the knowledge app: thin, by primary key, safe to run twice."""

from celery import shared_task
from django.utils import timezone

from knowledge import drawings
from knowledge.services import searching


@shared_task
def draw_flows(*revisions: int) -> None:
    """Draw the decision flows of these revisions ahead of their first reader."""
    drawings.draw_revisions(revisions)


@shared_task
def forget_searches() -> None:
    """Take the names off old searches, and out those that are older still."""
    searching.forget(now=timezone.now())
