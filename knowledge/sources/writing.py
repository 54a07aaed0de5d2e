"""From a document to its file: Markdown with front matter, which `loading` reads back as the very same document.

The order of fields never changes. Texts stand in quotes, or as a block where they have lines; words that YAML would not
take for anything else stand bare.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from functools import lru_cache
from typing import Any

import yaml

from knowledge.sources.document import SourceDocument, SourceRecommendation, SourceReference

# What JSON leaves as it is, and YAML would break a line at or not read.
_TO_ESCAPE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_BARE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._ -]*[A-Za-z0-9._-])?")


def markdown(source: SourceDocument) -> str:
    """The whole file, front matter and text."""
    return "\n".join(["---", *_front_matter(source), "---", source.body, ""])


def _front_matter(source: SourceDocument) -> Iterator[str]:
    yield f"id: {_word(source.id)}"
    yield f"kind: {source.kind}"
    if source.tool_type:
        yield f"tool_type: {source.tool_type}"
    if source.retired_at:
        yield f"retired_at: {source.retired_at.astimezone(UTC).isoformat().replace('+00:00', 'Z')}"
        if source.retired_because:
            yield f"retired_because: {_text(source.retired_because, 2)}"
    yield f"title: {_quoted(source.title)}"
    yield f"summary: {_text(source.summary, 2)}"
    for name in ("specialties", "codes", "keywords"):
        yield f"{name}: [{', '.join(map(_word, getattr(source, name)))}]"
    if source.review_due:
        yield f"review_due: {source.review_due}"
    yield f"source: {_text(source.source, 2)}"
    yield from _list("recommendations", [_recommendation(part) for part in source.recommendations])
    yield from _list("references", [_reference(part) for part in source.references])
    if source.calculator:
        yield from _calculator(source.calculator)


def _recommendation(part: SourceRecommendation) -> list[str]:
    lines = [f"key: {_word(part.key)}", f"text: {_text(part.text, 6)}"]
    lines += [f"{name}: {value}" for name in ("strength", "grade") if (value := getattr(part, name))]
    if part.evidence:
        lines.append(f"evidence: {_text(part.evidence, 6)}")
    if part.verified_on:
        lines.append(f"verified_on: {part.verified_on}")
    if part.verified_by:
        lines.append(f"verified_by: {_text(part.verified_by, 6)}")
    return [*lines, f"due_on: {part.due_on}"] if part.due_on else lines


def _reference(part: SourceReference) -> list[str]:
    lines = [f"citation: {_text(part.citation, 6)}"]
    if part.year is not None:
        lines.append(f"year: {part.year}")
    return [*lines, f"identifier: {_text(part.identifier, 6)}", f"url: {_text(part.url, 6)}"]


def calculator_text(calculator: Mapping[str, Any]) -> str:
    """A calculator alone, as an editor types it."""
    return "\n".join(line.removeprefix("  ") for part in list(_calculator(calculator))[1:] for line in part.split("\n"))


def _calculator(calculator: Mapping[str, Any]) -> Iterator[str]:
    yield "calculator:"
    yield f"  name: {_text(calculator['name'], 4)}"
    yield f"  result: {_text(calculator['result'], 4)}"
    yield "  items:"
    for item in calculator["items"]:
        yield f"    - key: {_word(item['key'])}"
        yield f"      label: {_text(item['label'], 8)}"
        if not item["choices"]:
            yield f"      points: {item['points']}"
            continue
        yield "      choices:"
        yield from (f"        - {{label: {_quoted(one['label'])}, points: {one['points']}}}" for one in item["choices"])
    yield "  bands:"
    for band in calculator["bands"]:
        texts = f"label: {_quoted(band['label'])}, text: {_quoted(band['text'])}"
        yield f"    - {{from: {band['from']}, to: {band['to']}, {texts}}}"


def _list(name: str, rows: Sequence[list[str]]) -> Iterator[str]:
    yield f"{name}:" if rows else f"{name}: []"
    for first, *others in rows:
        yield f"  - {first}"
        yield from (f"    {line}" for line in others)


def _text(text: str, indent: int) -> str:
    """A text of one line in quotes; one of several as a block, where a block can hold it."""
    if "\n" not in text or text != text.strip() or _TO_ESCAPE.search(text):
        return _quoted(text)
    margin = " " * indent
    return "\n".join(["|-", *(margin + line if line else "" for line in text.split("\n"))])


def _quoted(text: str) -> str:
    return _TO_ESCAPE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


@lru_cache(maxsize=4096)
def _word(text: str) -> str:
    """A word as it is, unless YAML would read something else: `no`, `1e3` and `2026-01-01` stand in quotes."""
    try:
        is_bare = _BARE.fullmatch(text) is not None and yaml.safe_load(text) == text
    except (ValueError, yaml.YAMLError):  # a date that is in no calendar
        is_bare = False
    return text if is_bare else _quoted(text)
