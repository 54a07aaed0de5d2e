"""The present moment, by the one clock that all hosts share: the database's.

Hosts' own clocks may be wrong or jump. Whatever is written, or decided for good, takes its moment from here.
"""

from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils import timezone


def now() -> datetime:
    """The moment as the database's clock shows it; it moves on within a transaction too."""
    return frozen() or _of_the_database()


def frozen() -> datetime | None:
    """What the host's clock shows, where tests that stop it have put it in charge (CLOCK); nothing anywhere else."""
    return timezone.now() if settings.CLOCK == "host" else None


def _of_the_database() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found
