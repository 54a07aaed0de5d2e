"""`manage.py load_demonstration`: the demonstration network, made through the same services as everything else."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from consults.demonstration import load_consults
from knowledge.demonstrating import load_notes_and_feedback
from knowledge.demonstrating.documents import load_documents
from knowledge.demonstrating.reader import load_reader
from knowledge.models import Document
from knowledge.services import codes, indexing
from portal.fees.demonstration import load_fees
from portal.members.demonstration import load_people
from portal.members.demonstration_applications import load_applications


class Command(BaseCommand):
    help = "Load organizations, people, documents and a few weeks of consults. Repeating it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration network is never loaded in production.")
        self.stdout.write("People …")
        load_people()
        load_applications()
        self.stdout.write("Documents …")
        load_documents()
        self.stdout.write(f"{Document.objects.count()} documents.")
        indexing.index_pending()
        if not codes.are_loaded():
            call_command("load_codes", stdout=self.stdout)
        self.stdout.write("Notes and feedback …")
        load_notes_and_feedback()
        load_reader()
        self.stdout.write("Agreements and invoices …")
        load_fees()
        self.stdout.write("Consults …")
        loaded = load_consults()
        self.stdout.write(f"{loaded} consults loaded." if loaded else "Consults are there already.")
