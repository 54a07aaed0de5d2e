"""Rows as files: CSV that a spreadsheet does not run, JSON, and JSON Lines. Written as they come, a row at a time."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import IO, Any, Protocol

from django.core.serializers.json import DjangoJSONEncoder

_NUMBERS = (int, float, Decimal)


def harmless(cell: object) -> str:
    """The cell's text; one that a spreadsheet would run as a formula is written as text."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


class Writer(Protocol):
    def row(self, row: Mapping[str, Any]) -> None: ...

    def end(self) -> None: ...


class CsvWriter:
    """A column for each name. Numbers stay numbers, negative ones too."""

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        self.text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        self.columns, self.csv = columns, csv.writer(self.text)
        self.csv.writerow(columns)

    def row(self, row: Mapping[str, Any]) -> None:
        self.csv.writerow([self._cell(row[name]) for name in self.columns])

    def end(self) -> None:
        self.text.flush()
        self.text.detach()

    @staticmethod
    def _cell(value: object) -> object:
        if isinstance(value, _NUMBERS) and not isinstance(value, bool):
            return value
        if isinstance(value, dict | list):
            return harmless(_json(value)) if value else ""
        return harmless(value.isoformat() if hasattr(value, "isoformat") else value)


class JsonWriter:
    """One list, a row on each line."""

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        self.file, self.before = file, b"[\n"

    def row(self, row: Mapping[str, Any]) -> None:
        self.file.write(self.before + _json(row).encode())
        self.before = b",\n"

    def end(self) -> None:
        self.file.write(b"[]\n" if self.before == b"[\n" else b"\n]\n")


class LinesWriter:
    """A row on each line and nothing around, compressed: for what is long and read by programs."""

    def __init__(self, file: IO[bytes], columns: Sequence[str]) -> None:
        self.gzip = gzip.GzipFile(fileobj=file, mode="wb")

    def row(self, row: Mapping[str, Any]) -> None:
        self.gzip.write(_json(row).encode() + b"\n")

    def end(self) -> None:
        self.gzip.close()


def _json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


WRITERS: dict[str, Callable[[IO[bytes], Sequence[str]], Writer]] = {
    "csv": CsvWriter,
    "json": JsonWriter,
    "jsonl": LinesWriter,
}
ENDINGS = {"csv": "csv", "json": "json", "jsonl": "jsonl.gz"}
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "jsonl": "application/gzip"}
