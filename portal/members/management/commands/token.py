"""``manage.py token EMAIL``: a personal token, printed once."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.common.refusals import Conflict, Invalid
from portal.members.models import Person
from portal.members.services.tokens import create_token


class Command(BaseCommand):
    help = "Make a personal token for the REST interface and print it, and nothing else, on standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--days", type=int, help="how long it works (90 unless given)")
        parser.add_argument("--name", default="command line")

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(email__iexact=options["email"]).first()
        if person is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        days = options["days"]
        try:
            _, secret = create_token(
                by="manage.py token",
                person=person,
                name=options["name"],
                lifetime=None if days is None else timedelta(days=days),
            )
        except (Conflict, Invalid) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)
