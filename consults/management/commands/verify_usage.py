"""`manage.py verify_usage`: what was recorded as used against what the consults, calls and hours say now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consults.services import metering


class Command(BaseCommand):
    help = "Count anew what was used under every agreement; fails where a record differs and no period takes it up."

    def handle(self, *args: Any, **options: Any) -> None:
        count, differences = metering.verify()
        for difference in differences:
            self.stdout.write(str(difference))
        lost = sum(not difference.is_carried for difference in differences)
        line = f"{count} years of agreements, {len(differences)} differences, {lost} to put right"
        if lost:
            raise CommandError(line)
        self.stdout.write(line)
