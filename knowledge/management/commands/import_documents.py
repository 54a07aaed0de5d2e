"""manage.py import_documents PATH: load documents from files."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.services import ImportRefused, import_documents
from portal.common.refusals import Refused
from portal.members.models import Person

SHOWN = 50


class Command(BaseCommand):
    help = "Load documents from Markdown files with front matter, JSON Lines or Word; safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="a .md, .jsonl, .jsonl.gz or .docx file, or a folder of them")
        parser.add_argument("--draft", action="store_true", help="make drafts instead of publishing")
        parser.add_argument("--by", metavar="EMAIL", help="the editor who acts; without it, the command itself")

    def handle(self, *args: Any, path: Path, draft: bool, by: str | None, **options: Any) -> None:
        if not path.exists():
            raise CommandError(f"{path} does not exist.")
        actor = self._person(by) if by else "import_documents"
        try:
            done = import_documents(path=path, by=actor, draft=draft, progress=self._progress)
        except Refused as error:
            raise CommandError(str(error)) from None
        except ImportRefused as error:
            for problem in error.problems[:SHOWN]:
                self.stderr.write(str(problem))
            more = len(error.problems) - SHOWN
            rest = f" ({more} more not shown)" if more > 0 else ""
            raise CommandError(f"Nothing was imported: {error}{rest}.") from None
        self.stdout.write(
            f"{done.total} documents: {done.added} added, {done.changed} changed, {done.unchanged} unchanged"
        )

    def _person(self, email: str) -> Person:
        person = Person.objects.filter(email__iexact=email, is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody here signs in as {email}.")
        return person

    def _progress(self, done: int, total: int) -> None:
        line = f"{done} of {total} documents"
        if sys.stderr.isatty():
            self.stderr.write(f"\r{line}", ending="\n" if done == total else "")
        else:
            self.stderr.write(line)
