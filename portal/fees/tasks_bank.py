"""Large files of the bank, reminders and what a provider said, done by workers. Safe to run twice and at once."""

from celery import shared_task

from portal.common import present
from portal.fees.services import bank_booking, bank_reading, provider_events, reminding


@shared_task
def read_bank_files() -> int:
    return bank_reading.read_waiting()


@shared_task
def book_bank_lines() -> int:
    return bank_booking.book_confirmed()


@shared_task
def send_reminders() -> int:
    """Letters for every level reached; each once."""
    return reminding.send_due(at=present.now())


@shared_task
def book_provider_events() -> int:
    """What waited for another event, now that it may have come."""
    return provider_events.try_again(at=present.now())
