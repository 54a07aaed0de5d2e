"""Tasks about people and what they did. Each may run twice, at once, or late, and no harm is done."""

from celery import shared_task

from portal.common import heartbeat, present
from portal.members.services import applying, auditing, joining, rosters


@shared_task
def verify_audit() -> str:
    """Verify the audit trail; the first broken link in words, or nothing."""
    verdict = auditing.verify_trail(now=present.now())
    heartbeat.beat("audit verified")
    return verdict.broken


@shared_task
def work_on_rosters() -> int:
    """Check and send the lists of people under way, and delete what is over a month old."""
    now = present.now()
    rosters.forget_rosters(now=now)
    joining.forget_requests(now=now)
    applying.forget_applications(now=now)
    return rosters.work_on_rosters(now=now)
