"""What the site does by itself with money, each day. Safe to run twice and at once."""

import logging

from celery import shared_task

from portal.common import heartbeat, present
from portal.fees.services import invoicing, renewal_sweep, standing, telling, verifying

log = logging.getLogger(__name__)


@shared_task
def bill() -> tuple[int, int]:
    """Draft what begins soon, finalize what has been a draft long enough."""
    return invoicing.bill(at=present.now())


@shared_task
def review_standing() -> int:
    """Look at what every organization owes."""
    return standing.review_all(at=present.now())


@shared_task
def verify_books() -> int:
    """Work the books out again; administrators of the network are told where they do not balance."""
    faults = verifying.verify().faults
    if faults:
        log.error("%s faults in the books; run verify_books.", len(faults))
        telling.books_differ(len(faults), now=present.now())
    heartbeat.beat("verify-books")
    return len(faults)


@shared_task
def remind_of_renewals() -> tuple[int, int]:
    """Remind of open offers on their days; let lapse what nobody answered."""
    return renewal_sweep.sweep(at=present.now())
