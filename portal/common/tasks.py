"""Tasks of the frame. Each may run twice, at once, or late, and no harm is done."""

from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.models import Session

from portal.common import exporting, heartbeat, outbox, present, sealing
from portal.common.health import REFUSED_BY_RECIPIENT
from portal.common.models import IdempotentRequest, Mail


@shared_task
def send_outbox() -> int:
    sent = outbox.send_all()
    heartbeat.beat("outbox")
    return sent


@shared_task
def tidy() -> None:
    """Forget what has served: ended sessions, day-old idempotency answers, mail sent over ninety days ago, and mail
    whose address has refused it for a fortnight."""
    now = present.now()
    Session.objects.filter(expire_date__lt=now).delete()
    IdempotentRequest.objects.filter(created_at__lt=now - timedelta(days=1)).delete()
    Mail.objects.filter(sent_at__lt=now - timedelta(days=90)).delete()
    Mail.objects.filter(sent_at=None, last_error=REFUSED_BY_RECIPIENT, created_at__lt=now - timedelta(days=14)).delete()


@shared_task
def seal_audit() -> int:
    """Append to the audit trail's chain what was recorded since the last time."""
    sealed = sealing.seal()
    heartbeat.beat("audit")
    return sealed


@shared_task
def make_exports() -> int:
    """Make the files that wait, and delete those whose day is over."""
    exporting.forget_exports(now=present.now())
    return exporting.make_exports()
