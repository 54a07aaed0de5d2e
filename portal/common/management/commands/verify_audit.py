"""`manage.py verify_audit`: walks the audit trail's chain; names the first broken link and fails."""

import re
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.common import tenancy
from portal.common.verifying import verify


def noted(text: str) -> tuple[int, str]:
    """A head as printed before: the place in the chain and the digest."""
    found = re.fullmatch(r"(\d+):([0-9a-f]{64})", text)
    if found is None:
        raise ArgumentTypeError("write it as printed: the place in the chain, a colon, and 64 hexadecimal digits")
    return int(found[1]), found[2]


class Command(BaseCommand):
    help = "Verify the chain of audit events."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", type=noted, help="a head that was printed before, which must be in the chain")

    def handle(self, *args: Any, **options: Any) -> None:
        with tenancy.everything():
            verdict = verify(head=options["head"])
        if verdict.broken:
            raise CommandError(verdict.broken)
        self.stdout.write(f"{verdict.events} events hold. Head {verdict.head}")
