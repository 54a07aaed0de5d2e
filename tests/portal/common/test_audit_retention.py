"""Old audit events go by policy, and the chain of those that stay still verifies."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from portal.common import retention, sealing
from portal.common.models import AuditCheckpoint, AuditEvent
from portal.common.verifying import verify
from portal.members.services.auditing import verify_trail
from tests.database import owner_connection

NOW = timezone.now()


def sealed(ages: Iterable[int]) -> None:
    """Events so many days old, sealed in this order."""
    for age in ages:
        AuditEvent.objects.create(at=NOW - timedelta(days=age), actor="a", action="probe", object_id=str(age))
        sealing.seal()


def left() -> list[int | None]:
    return list(AuditEvent.objects.order_by("sequence").values_list("sequence", flat=True))


@pytest.fixture(autouse=True)
def _four_hundred_days(settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 400


@pytest.mark.django_db
class TestPruning:
    def test_what_is_old_goes_and_the_rest_verifies(self) -> None:
        sealed([500, 450, 401, 399, 3])
        assert retention.prune(now=NOW) == 3
        assert left() == [4, 5]
        assert not verify().broken
        assert retention.prune(now=NOW) == 0
        sealed([1])
        assert verify().sequence == 6
        assert retention.prune(now=NOW + timedelta(days=5)) == 1
        assert left() == [5, 6]
        assert not verify().broken

    def test_the_nightly_task_does_it(self) -> None:
        sealed([500, 1])
        assert not verify_trail(now=NOW).broken
        assert left() == [2]
        assert not verify_trail(now=NOW).broken

    def test_it_stops_before_the_first_that_is_younger(self) -> None:
        sealed([500, 10, 500, 1])
        assert retention.prune(now=NOW) == 1
        assert left() == [2, 3, 4]
        assert not verify().broken

    def test_nothing_and_never_everything(self) -> None:
        assert retention.prune(now=NOW) == 0
        sealed([500, 450])
        assert retention.prune(now=NOW) == 0
        assert left() == [1, 2]

    def test_old_keys_may_be_forgotten_once_what_they_sealed_is_gone(self, settings: Any) -> None:
        settings.AUDIT_KEYS = ["old"]
        sealed([500, 450])
        sealing.note_head()
        settings.AUDIT_KEYS = ["new", "old"]
        sealed([3, 2])
        assert retention.prune(now=NOW) == 2
        settings.AUDIT_KEYS = ["new"]
        assert not verify().broken

    def test_the_database_itself_keeps_a_year(self, settings: Any) -> None:
        settings.AUDIT_KEEP_DAYS = 10
        sealed([300, 1])
        with pytest.raises(ProgrammingError, match="younger than a year"), transaction.atomic():
            retention.prune(now=NOW)
        assert left() == [1, 2]

    def test_nothing_goes_without_a_cut(self) -> None:
        sealed([500, 1])
        sealing.note_head()
        for place in (1, 2, 7):
            with (
                pytest.raises(ProgrammingError, match="no checkpoint"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute("SELECT consilium_audit_prune(%s)", [place])
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            AuditEvent.objects.all()._raw_delete(using="default")
        assert left() == [1, 2]


def test_more_than_the_cut_cannot_go_unnoticed(committed: None) -> None:
    sealed([500, 450, 3, 2])
    assert retention.prune(now=NOW) == 2
    with owner_connection(autocommit=True) as owner:
        owner.execute("SET consilium.organizations = '*'")
        owner.execute("DELETE FROM common_auditevent WHERE sequence = 3")
    assert "Event 1 of the chain is gone: after 0 comes 4" in verify().broken
    assert AuditCheckpoint.objects.filter(is_cut=True).count() == 1
