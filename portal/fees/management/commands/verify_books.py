"""`manage.py verify_books`: every cent has two sides, every number is there once, every sum is the sum of its parts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.fees.services import verifying

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Compare the books with the documents they follow from, and name what does not balance; fails where any does."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        result = verifying.verify()
        for fault in result.faults[:SHOWN]:
            self.stdout.write(str(fault))
        if len(result.faults) > SHOWN:
            self.stdout.write(f"and {len(result.faults) - SHOWN} more")
        line = f"{result.accounts} accounts, {result.entries} entries, {len(result.faults)} faults"
        if result.faults:
            raise CommandError(line)
        self.stdout.write(line)
