"""Count the first answers that the scoreboard does not know yet."""

from typing import Any

from django.core.management.base import BaseCommand

from consults.services import outcomes
from portal.common import present


class Command(BaseCommand):
    help = "Counts, for the scoreboard, first answers that are not counted: those from before there was one."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{outcomes.sweep(now=present.now())} counted")
