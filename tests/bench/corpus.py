"""A folder of documents, questions and judgements; and a site that holds its documents and nothing else."""

import csv
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ENGINES = ("whoosh", "postgresql")


class Question(NamedTuple):
    """One question, and how right each document is for it."""

    text: str
    grades: dict[str, int]


def documents(folder: Path) -> Path:
    """The folder's documents, in the format of imports."""
    return folder / "documents.jsonl.gz"


def styles(folder: Path) -> list[str]:
    """The kinds of question a folder has."""
    return sorted(path.name.split(".")[1] for path in folder.glob("queries.*.jsonl"))


def questions(folder: Path, style: str) -> list[Question]:
    """The questions of one kind."""
    grades: dict[str, dict[str, int]] = {}
    with (folder / f"qrels.{style}.tsv").open(encoding="utf-8", newline="") as file:
        for key, document, grade in csv.reader(file, delimiter="\t"):
            grades.setdefault(key, {})[document] = int(grade)
    with (folder / f"queries.{style}.jsonl").open(encoding="utf-8") as file:
        asked = [json.loads(line) for line in file]
    return [Question(question["text"], grades.get(str(question["id"]), {})) for question in asked]


def set_up(engine: str = ENGINES[0]) -> None:
    """Make Django ready, with the tests' settings and servers, and one of the site's engines of search."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.conf import settings

    django.setup()
    settings.SEARCH_ENGINE = engine
    logging.disable(logging.INFO)


@contextmanager
def site() -> Iterator[None]:
    """An empty database of its own, which goes at the end."""
    from portal.common import tenancy
    from tests import database

    database.create(keep=False)
    try:
        tenancy.open_session_scope()
        yield
    finally:
        database.drop()


def fill(path: Path, *, index: bool = True) -> None:
    """Make these the site's only documents, imported, and indexed unless told not to, as the site does it."""
    from knowledge.models import Document
    from knowledge.services import import_documents, indexing
    from tests import database

    if Document.objects.exists():
        database.reset()
    import_documents(path=path, by="bench", progress=_said("imported"))
    if index:
        indexing.rebuild(_said("indexed"))


def _said(what: str) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if done == total or done % 5_000 == 0:
            print(f"{what} {done} of {total}", file=sys.stderr, flush=True)

    return progress
