"""`manage.py migrate`, run as the owner of the schema: the application's own role may not change it."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as MigrateCommand


class Command(MigrateCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> str | None:
        if options["database"] == "owner" and "owner" not in settings.DATABASES:
            raise CommandError("Set DATABASE_OWNER_URL to the address of the role that owns the schema.")
        return super().handle(*args, **options)
