"""``manage.py remove_demonstration_accounts``: nobody signs in with the published password any more."""

from typing import Any

from django.core.management.base import BaseCommand

from portal.members.services.people import remove_demonstration_accounts


class Command(BaseCommand):
    help = "Deactivate the demonstration accounts, make their password useless, and end their sessions and tokens."

    def handle(self, *args: Any, **options: Any) -> None:
        number = remove_demonstration_accounts(by="manage.py remove_demonstration_accounts")
        self.stdout.write(f"{number} demonstration accounts can no longer sign in.")
