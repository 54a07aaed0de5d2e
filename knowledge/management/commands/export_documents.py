"""manage.py export_documents FOLDER: write every document to files that an import takes."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.fhir import NotValid
from knowledge.services import ExportRefused, export_documents

SHOWN = 20


class Command(BaseCommand):
    help = "Write every published and retired document as Markdown with front matter, one file each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where to; made when it is not there")
        parser.add_argument("--fhir", action="store_true", help="also as FHIR R4 JSON, beside the Markdown")
        parser.add_argument("--force", action="store_true", help="overwrite files that no export made")

    def handle(self, *args: Any, folder: Path, fhir: bool, force: bool, **options: Any) -> None:
        try:
            done = export_documents(
                folder=folder, by="export_documents", with_fhir=fhir, force=force, progress=self._progress
            )
        except ExportRefused as error:
            raise CommandError(f"Nothing was written: {error}") from None
        except NotValid as error:
            raise CommandError(f"Stopped at what is no valid FHIR: {error}") from None
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror or error}.") from None
        for source, target in done.dangling[:SHOWN]:
            self.stderr.write(f"{source}.md links to document:{target}, which was never published and is not exported.")
        if len(done.dangling) > SHOWN:
            self.stderr.write(f"{len(done.dangling) - SHOWN} more such links not shown.")
        self.stdout.write(f"{done.documents} documents ({done.retired} retired) in {done.files} files in {folder}")

    def _progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{done} of {total} documents", ending="\n" if done == total else "")
