"""The nightly look at the audit trail."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.common import audit
from portal.common.models import AuditCheckpoint, AuditEvent, Mail, Notice
from portal.members.services.auditing import verify_trail
from portal.members.tasks import verify_audit
from tests.cast import Cast
from tests.database import owner_connection


def test_where_it_holds_the_head_is_signed_and_logged(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    audit.record(by=cast.clinician_prairie, action="probe", object_type="x", object_id=1)
    with caplog.at_level(logging.INFO):
        assert verify_audit() == ""
    digest = AuditEvent.objects.get().digest
    assert str(AuditCheckpoint.objects.get()) == f"1:{digest}"
    assert f"1 events, head 1:{digest}" in caplog.text
    assert not Notice.objects.exists()


def test_where_it_does_not_the_auditors_are_told_once_a_day(
    committed_cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(2):
        audit.record(by=committed_cast.clinician_prairie, action="probe", object_type="x", object_id=number)
    now = timezone.now()
    assert not verify_trail(now=now).broken
    with owner_connection(autocommit=True) as owner:
        owner.execute("SET consilium.organizations = '*'")
        owner.execute("DELETE FROM common_auditevent WHERE sequence = 1")
    for _ in range(2):
        assert "Event 1 of the chain is gone" in verify_trail(now=now).broken
    notice = Notice.objects.get()
    assert notice.person == committed_cast.auditor
    assert "Event 1 of the chain is gone" in notice.text
    assert Mail.objects.filter(to=committed_cast.auditor.email).count() == 1
    assert AuditCheckpoint.objects.count() == 1, "a broken chain is not signed"
    verify_trail(now=now + timedelta(days=1))
    assert Notice.objects.count() == 2
