"""What is looked at before an organization joins: rows of `checklist.yaml`, or of the file of the operator's. Pure but
for the file, which is read once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

FORM = "a list of rows with key (letters, digits and hyphens), words, and needed: true or false"


@dataclass(frozen=True)
class Item:
    """One row."""

    key: str
    words: str
    needed: bool


def items() -> Sequence[Item]:
    """The rows, in order."""
    return read(settings.APPLICATION_CHECKLIST or str(Path(__file__).with_suffix(".yaml")))


@cache
def read(path: str) -> Sequence[Item]:
    """The rows of a file. Raises ValueError where it is not of the form."""
    rows: Any = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    try:
        found = [Item(**row) for row in rows]
    except TypeError:
        raise ValueError(f"{path} must be {FORM}.") from None
    if not all(map(_is_right, found)) or len({row.key for row in found}) != len(found):
        raise ValueError(f"{path} must be {FORM}, each key once.")
    return tuple(found)


def _is_right(row: Item) -> bool:
    plain = isinstance(row.key, str) and row.key.replace("-", "").isalnum() and row.key.isascii() and len(row.key) <= 60
    return plain and isinstance(row.words, str) and bool(row.words) and isinstance(row.needed, bool)


def missing(done: Collection[str], rows: Sequence[Item]) -> list[Item]:
    """What is needed and not done."""
    return [row for row in rows if row.needed and row.key not in done]
