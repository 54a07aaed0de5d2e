"""`manage.py explain_clock NUMBER [--at ISO]`: the arithmetic of a consult's clock, from its log alone."""

from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from consults.arithmetic import climbing, explain
from consults.management.moments import moment
from consults.models import Consult
from consults.services import clockwork
from portal.common import present, tenancy


class Command(BaseCommand):
    help = "Print each start, pause and end of a consult's clock, with the sum."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="the consult's number, such as C-1042")
        parser.add_argument("--at", type=moment, help="as it stood (or will stand) at this moment (ISO 8601)")

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["at"] or present.now()
        with tenancy.everything():
            consult = Consult.objects.select_related("requester").filter(number__iexact=options["number"]).first()
            if consult is None:
                raise CommandError(f"There is no consult {options['number']}.")
            zone = ZoneInfo(consult.requester.time_zone)
            reading = clockwork.reading(consult, now=now)
        self.stdout.write(f"{consult.number}, round {consult.cycle}, times in {consult.requester.time_zone}")
        for line in [*explain(reading, zone=zone), *climbing(reading, zone=zone)]:
            self.stdout.write(f"  {line}")
