"""Tasks of the knowledge app: thin, by primary key, safe to run twice."""

from celery import shared_task

from knowledge import drawings
from knowledge.services import digests, indexing
from portal.common import heartbeat


@shared_task
def index_document(pk: int) -> None:
    """Bring the index up to one document's version."""
    indexing.index_document(pk)


@shared_task
def index_pending() -> int:
    """Bring the index up to everything that changed."""
    done = indexing.index_pending()
    heartbeat.beat("index")
    return done


@shared_task
def draw_flows(*revisions: int) -> None:
    """Draw the decision flows of these revisions ahead of their first reader."""
    drawings.draw_revisions(revisions)


@shared_task
def send_digests() -> int:
    """Make the weekly digests that are due."""
    return digests.send_digests()
