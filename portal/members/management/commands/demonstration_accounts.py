"""`manage.py demonstration_accounts`: who can sign in to the demonstration, as a table."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.members.demonstration import ACCOUNTS, PASSWORD


class Command(BaseCommand):
    help = "Print who can sign in to the demonstration."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("There are no demonstration accounts in production.")
        width = max(len(account.email) for account in ACCOUNTS)
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.email:<{width}}  {account.does}")
        self.stdout.write(f"\n  Password of all of them: {PASSWORD}")
