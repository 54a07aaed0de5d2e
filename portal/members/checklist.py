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

LONGEST_KEY = 60
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
    if not isinstance(rows, list) or not all(map(_is_right, rows)) or len({row["key"] for row in rows}) != len(rows):
        raise ValueError(f"{path} must be {FORM}, each key once.")
    return tuple(Item(**row) for row in rows)


def _is_right(row: Any) -> bool:
    if not isinstance(row, dict) or set(row) != {"key", "words", "needed"}:
        return False
    key, words = row["key"], row["words"]
    is_plain = isinstance(key, str) and key.isascii() and key.replace("-", "").isalnum() and len(key) <= LONGEST_KEY
    return is_plain and isinstance(words, str) and bool(words) and isinstance(row["needed"], bool)


def missing(done: Collection[str], rows: Sequence[Item]) -> list[Item]:
    """What is needed and not done."""
    return [row for row in rows if row.needed and row.key not in done]
