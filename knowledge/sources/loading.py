"""From a path to checked documents."""

import gzip
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO, cast

import yaml
from django.utils.text import slugify

from knowledge.sources.checking import check
from knowledge.sources.document import Problem, SourceDocument
from knowledge.sources.files import with_files
from knowledge.word import LARGEST, NotReadable, read_word

SUFFIXES = (".md", ".jsonl", ".jsonl.gz", ".docx")
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)\n---[ \t]*\n(.*)", re.DOTALL)
LINK = re.compile(r"\]\(document:([^)\s]*)\)")
Raw = Mapping[Any, Any]


def load(
    path: Path, *, specialties: Collection[str], existing: Callable[[set[str]], set[str]]
) -> tuple[list[SourceDocument], list[Problem]]:
    """Every document under ``path`` (a file, or a folder of files) and everything wrong with them.

    ``specialties`` are the slugs the network knows; ``existing`` says which of some ids are in the database, for links.
    """
    problems: list[Problem] = []
    documents = [
        with_files(check(raw, where, specialties, problems), folder, problems)
        for where, raw, folder in _rows(path, problems)
    ]
    if not documents and not problems:
        problems.append(Problem(str(path), "", f"holds no documents; give files that end in {', '.join(SUFFIXES)}."))
    _check_ids(documents, problems)
    _check_links(documents, existing, problems)
    return documents, problems


def _rows(path: Path, problems: list[Problem]) -> Iterator[tuple[str, Raw, Path]]:
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    for file in files:
        if file.name.endswith(SUFFIXES):
            yield from ((where, raw, file.parent) for where, raw in _rows_of(file, problems))
        elif not path.is_dir():
            problems.append(Problem(str(file), "", f"must end in {', '.join(SUFFIXES)}."))


def _rows_of(file: Path, problems: list[Problem]) -> Iterator[tuple[str, Raw]]:
    read = {".md": _markdown, ".docx": _word}.get(file.suffix, _json_lines)
    try:
        yield from read(file, problems)
    except UnicodeDecodeError as error:
        problems.append(Problem(file.name, "", f"is not UTF-8 (byte {error.start}); save it as UTF-8."))
    except (OSError, EOFError) as error:
        problems.append(Problem(file.name, "", f"cannot be read: {error}."))


def _word(file: Path, problems: list[Problem]) -> Iterator[tuple[str, Raw]]:
    """A Word file says its title and its text; it becomes a topic, named as the file is."""
    try:
        if file.stat().st_size > LARGEST:
            raise NotReadable(f"is larger than {LARGEST // 1024 // 1024} MB; save it without its pictures.")
        with file.open("rb") as content:
            found = read_word(content)
    except NotReadable as error:
        problems.append(Problem(file.name, "", str(error)))
        return
    slug = slugify(file.stem)[:80].strip("-") or "document"
    yield file.name, {"id": slug, "kind": "topic", "title": found.title or file.stem, "body": found.body}


def _markdown(file: Path, problems: list[Problem]) -> Iterator[tuple[str, Raw]]:
    found = _FRONT_MATTER.fullmatch(file.read_text("utf-8-sig"))
    if not found:
        problems.append(Problem(file.name, "", "must begin with front matter between two lines of ---."))
        return
    try:
        values = yaml.safe_load(found[1])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 2}: " if mark else ""
        fix = f"{line}the front matter is not YAML ({getattr(error, 'problem', error)}); quote texts with a colon."
        problems.append(Problem(file.name, "", fix))
        return
    except ValueError as error:  # PyYAML lets a date such as 2027-02-30 through to the calendar
        problems.append(Problem(file.name, "", f"the front matter holds a value that cannot be: {error}."))
        return
    if not isinstance(values, dict):
        problems.append(Problem(file.name, "", "the front matter must be named fields, one a line."))
        return
    yield file.name, values | {"body": found[2]}


def _json_lines(file: Path, problems: list[Problem]) -> Iterator[tuple[str, Raw]]:
    with _opened(file) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = f"{file.name} line {number}"
            try:
                values = json.loads(line)
            except (ValueError, RecursionError) as error:
                problems.append(Problem(where, "", f"is not JSON ({error}); write one object a line."))
                continue
            if isinstance(values, dict):
                yield where, values
            else:
                problems.append(Problem(where, "", "must be an object of named fields."))


def _opened(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return cast(TextIO, gzip.open(file, "rt", encoding="utf-8-sig"))
    return file.open(encoding="utf-8-sig")


def _check_ids(documents: list[SourceDocument], problems: list[Problem]) -> None:
    first: dict[str, str] = {}
    for document in documents:
        before = first.setdefault(document.id, document.where)
        if document.id and before != document.where:
            problems.append(Problem(document.where, "id", f"“{document.id}” stands in {before} already; rename one."))


def _check_links(
    documents: list[SourceDocument], existing: Callable[[set[str]], set[str]], problems: list[Problem]
) -> None:
    links = [(document, target) for document in documents for target in LINK.findall(document.body)]
    known = {document.id for document in documents}
    known |= existing({target for _, target in links} - known)
    for document, target in links:
        if target not in known:
            fix = f"links to document:{target}, which is in neither this import nor the site; correct the id."
            problems.append(Problem(document.where, "body", fix))
