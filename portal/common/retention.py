"""Letting old audit events go, so that the chain of those that stay still verifies: it begins at a signed cut."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from portal.common import sealing
from portal.common.models import AuditEvent


@transaction.atomic
def prune(*, now: datetime) -> int:
    """Delete the sealed events at the beginning of the chain that are older than AUDIT_KEEP_DAYS; say how many.

    Stops before the first event that is younger, and leaves at least one. Only the owner's function may delete: it
    wants the signed cut that is made here, and refuses events younger than a year whatever the setting says.
    """
    kept = AuditEvent.objects.filter(at__gte=now - timedelta(days=settings.AUDIT_KEEP_DAYS), sequence__isnull=False)
    first = kept.order_by("sequence").values_list("sequence", flat=True).first()
    if first is None:
        return 0
    last = AuditEvent.objects.filter(sequence__lt=first).order_by("-sequence").first()
    if last is None or last.sequence is None:
        return 0
    sealing.note_head(at=now, is_cut_at=(last.sequence, last.digest))
    with connection.cursor() as cursor:
        cursor.execute("SELECT consilium_audit_prune(%s)", [last.sequence])
        return int(cursor.fetchone()[0])
