"""manage.py load_codes: the codes of ICD-10-CM, for the editors' code picker."""

from typing import Any

from django.core.management.base import BaseCommand

from knowledge.services import codes


class Command(BaseCommand):
    help = "Load the codes of ICD-10-CM for picking; safe to repeat, and to be repeated when the package has new ones."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{codes.load_codes(by='load_codes')} codes of ICD-10-CM")
