"""`manage.py sweep_routing [--at ISO]`: what beat does every minute about routing, and what it did."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from consults.management.moments import moment
from consults.services import assigning, away
from portal.common import present


class Command(BaseCommand):
    help = "Pass on the work of those who are away, and assign what waits where a specialty assigns."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", type=moment, help="as if it were this moment (ISO 8601, with its offset)")

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["at"] or present.now()
        done = away.sweep(now=now) + assigning.sweep(now=now)
        self.stdout.write(
            f"Swept at {now.isoformat(timespec='seconds')}: {done['handed over']} handed over, "
            f"{done['released']} back in the queue, {done['assigned']} assigned."
        )
