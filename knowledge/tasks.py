"""Tasks of the knowledge app: thin, by primary key, safe to run twice."""

from celery import shared_task

from knowledge import drawings


@shared_task
def draw_flows(*revisions: int) -> None:
    """Draw the decision flows of these revisions ahead of their first reader."""
    drawings.draw_revisions(revisions)
