"""Tasks of the knowledge app: thin, by primary key, safe to run twice."""

from celery import shared_task
from django.utils import timezone

from knowledge import drawings
from knowledge.services import check_freshness as look_at_what_is_due
from knowledge.services import digests, publish_due, remindreviewers, searching
from portal.common import heartbeat, present


@shared_task
def draw_flows(*revisions: int) -> None:
    """Draw the decision flows of these revisions ahead of their first reader."""
    drawings.draw_revisions(revisions)


@shared_task
def publish_scheduled() -> int:
    """Publish every revision whose moment has come."""
    done = publish_due(now=present.now())
    heartbeat.beat("publish")
    return done


@shared_task
def check_freshness() -> dict[str, int]:
    """Tell of what falls due, and withdraw what has been overdue for too long."""
    done = look_at_what_is_due(today=timezone.localdate(present.now()))
    heartbeat.beat("freshness")
    return done


@shared_task
def remind_reviewers() -> int:
    """Remind those whose review is due, and tell the editors where it takes too long."""
    return remindreviewers.remind_reviewers(now=present.now())


@shared_task
def send_digests() -> int:
    """Make the weekly digests that are due."""
    return digests.send_digests(now=present.now())


@shared_task
def forget_searches() -> None:
    """Take the names off old searches, and out those that are older still."""
    searching.forget(now=present.now())
