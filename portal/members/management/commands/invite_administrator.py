"""`manage.py invite_administrator EMAIL`: the first network administrator of a new installation."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from portal.common.refusals import Conflict
from portal.members.services.invitations import invite_first_administrator


class Command(BaseCommand):
    help = "Mail, and print, the link by which the first network administrator comes in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
            link = invite_first_administrator(email=options["email"])
        except (ValidationError, Conflict) as error:
            raise CommandError(" ".join(getattr(error, "messages", [str(error)]))) from None
        self.stdout.write(link)
