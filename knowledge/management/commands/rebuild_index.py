"""manage.py rebuild_index: build the search index anew beside the one in use, then swap."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge import search
from knowledge.services import indexing


class Command(BaseCommand):
    help = "Build the search index anew beside the one in use, and swap; searching goes on meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.monotonic()
        try:
            count = indexing.rebuild(self._progress)
        except search.Busy as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Index rebuilt: {count} documents in {time.monotonic() - start:.1f} s")

    def _progress(self, done: int, total: int) -> None:
        overwrite = sys.stderr.isatty() and done < total
        self.stderr.write(f"{done} of {total} documents", ending="\r" if overwrite else "\n")
