"""`manage.py verify_clocks`: every stored figure of every clock worked out again from its log."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consults.management.moments import moment
from consults.services import verifying
from portal.common import present

SHOWN = 50


class Command(BaseCommand):
    help = "Compare what is stored of every consult's clock with what its log says; fails where anything differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", type=moment, help="as it stood at this moment (ISO 8601)")

    def handle(self, *args: Any, **options: Any) -> None:
        count, differences = verifying.verify(now=options["at"] or present.now())
        for difference in differences[:SHOWN]:
            self.stdout.write(str(difference))
        if len(differences) > SHOWN:
            self.stdout.write(f"and {len(differences) - SHOWN} more")
        line = f"{count} consults, {len(differences)} differences"
        if differences:
            raise CommandError(line)
        self.stdout.write(line)
