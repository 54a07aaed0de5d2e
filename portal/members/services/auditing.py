"""The nightly look at the audit trail: verified, its head signed and written into the log, and the auditors told."""

import logging
from datetime import datetime

from django.conf import settings

from portal.common import retention, sealing, tenancy
from portal.common.notices import Telling, tell_all
from portal.common.verifying import Verdict, verify
from portal.members.models import Person, Role

log = logging.getLogger(__name__)


def verify_trail(*, now: datetime) -> Verdict:
    """Verify the whole chain. Where it holds, sign where it stands and write the head into the log, which is kept
    elsewhere; then let go what is older than the policy keeps. Where it does not, tell every auditor, once a day.
    """
    sealing.seal()
    with tenancy.everything():
        verdict = verify(now=now)
        if verdict.broken:
            log.error("The audit trail does not hold. %s", verdict.broken)
            _tell(verdict, now)
        else:
            sealing.note_head(at=now)
            log.info("The audit trail holds: %d events, head %s", verdict.events, verdict.head)
            gone = retention.prune(now=now)
            if gone:
                log.info("%d audit events older than %d days are gone", gone, settings.AUDIT_KEEP_DAYS)
    return verdict


def _tell(verdict: Verdict, now: datetime) -> None:
    auditors = Person.objects.filter(roles__name=Role.Name.AUDITOR, is_active=True).distinct()
    text = f"The audit trail does not hold. {verdict.broken}"[:300]
    tell_all(Telling(one, "audit", text, "/audit/", f"audit-broken:{now:%Y-%m-%d}") for one in auditors)
