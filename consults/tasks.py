"""Tasks of the consult desk."""

import logging

from celery import shared_task

from consults.services import (
    assigning,
    away,
    calls_sweep,
    clockwork,
    learning,
    metering,
    outcomes,
    reviewing,
    setting_aside,
    telling,
    verifying,
)
from portal.common import heartbeat, present

log = logging.getLogger(__name__)


@shared_task
def sweep_clock() -> dict[str, int]:
    now = present.now()
    return dict(clockwork.sweep(now=now) + calls_sweep.sweep(now=now))


@shared_task
def verify_clocks() -> int:
    """Work every clock out again from its log; the network's administrators are told of any difference."""
    now = present.now()
    count, differences = verifying.verify(now=now)
    if differences:
        log.error("%s consults, %s differences between stored clocks and their logs.", count, len(differences))
        telling.clocks_differ(sorted({difference.number for difference in differences}), now=now)
    heartbeat.beat("verify-clocks")
    return len(differences)


@shared_task
def route() -> dict[str, int]:
    """Pass on the work of those who are away, then go through the queues of specialties that assign."""
    now = present.now()
    return dict(away.sweep(now=now) + assigning.sweep(now=now))


@shared_task
def learn_routing() -> int:
    """Learn anew, at night, which specialty questions belong to."""
    return learning.train(now=present.now())


@shared_task
def count_outcomes() -> int:
    """Count, at night, the first answers that the scoreboard does not know: those from before there was one."""
    return outcomes.sweep(now=present.now())


@shared_task
def forget_drafts() -> int:
    """Delete drafts that reading ended more than a week ago."""
    return setting_aside.forget(now=present.now())


@shared_task
def draw_reviews() -> int:
    """Draw last month's sample for peer review. Any day, any number of times: the sample is the same."""
    return reviewing.draw(now=present.now())["drawn"]


@shared_task
def meter_usage() -> int:
    """Record, at night, what was used in periods that ended, tell who nears a limit, and count all of it anew."""
    now = present.now()
    changed = metering.record_due(at=now)
    metering.warn(at=now)
    lost = [difference for difference in metering.verify()[1] if not difference.is_carried]
    if lost:
        log.error("%s figures of use to put right by hand; run verify_usage.", len(lost))
        metering.tell_differences(len(lost), now=now)
    heartbeat.beat("meter-usage")
    return changed
