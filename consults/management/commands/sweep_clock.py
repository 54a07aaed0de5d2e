"""`manage.py sweep_clock [--at ISO]`: what beat does every few seconds, and what it did."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from consults.management.moments import moment
from consults.services import calls_sweep, clockwork
from portal.common import present


class Command(BaseCommand):
    help = "Record every mark of every running clock that was passed, and tell who must know."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", type=moment, help="as if it were this moment (ISO 8601, with its offset)")

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["at"] or present.now()
        done = clockwork.sweep(now=now)
        calls_sweep.sweep(now=now)
        self.stdout.write(
            f"Swept at {now.isoformat(timespec='seconds')}: {done['consults']} consults; "
            f"recorded {done['half']} at half, {done['at-risk']} at risk, {done['breach']} late."
        )
