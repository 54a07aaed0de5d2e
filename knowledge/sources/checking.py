"""From one raw row to a SourceDocument, noting every problem on the way."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from django.utils.text import slugify

from knowledge import flows
from knowledge.models import Document, Recommendation
from knowledge.sources.calculators import read_calculator
from knowledge.sources.document import Problem, SourceDocument, SourceRecommendation, SourceReference
from knowledge.sources.fields import Fields

_FIELDS = (
    "id,kind,tool_type,title,summary,body,specialties,codes,keywords,recommendations,references,review_due,source,calculator,retired_at,retired_because"
).split(",")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_CODE = re.compile(r"[A-Z]\d[0-9AB](?:\.[0-9A-Z]{1,4})?")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,80}")
_RESERVED = ("manage", "matching", "freshness", "new")  # addresses of pages beside the documents


def check(
    values: Mapping[Any, Any], where: str, specialties: Collection[str], problems: list[Problem]
) -> SourceDocument:
    """The document in ``values``; to be used only when no problem was added to ``problems``."""
    row = Fields(values, problems, where)
    row.only(*_FIELDS)
    kind = row.choice("kind", Document.Kind.values, required=True)
    body = row.text("body", required=True)
    _check_flows(row, body)
    return SourceDocument(
        where=where,
        id=_id(row),
        kind=kind,
        tool_type=_tool_type(row, kind),
        title=" ".join(row.text("title", required=True, limit=300).split()),
        summary=row.text("summary"),
        body=body,
        specialties=_specialties(row, specialties),
        codes=_codes(row),
        keywords=row.texts("keywords", limit=120),
        recommendations=_recommendations(row),
        references=tuple(_reference(part) for part in row.rows("references", plain="citation")),
        review_due=row.date("review_due"),
        source=row.text("source", limit=300),
        calculator=_calculator(row, kind),
        retired_at=row.moment("retired_at"),
        retired_because=row.text("retired_because", limit=300),
    )


def _id(row: Fields) -> str:
    value = row.text("id", required=True)
    if value and not _ID.fullmatch(value):
        row.problem("id", f"“{value[:120]}” must be letters, digits, dots, hyphens and underscores, at most 100.")
    if value in _RESERVED:
        row.problem("id", f"“{value}” is an address of the site; choose another.")
    return value


def _tool_type(row: Fields, kind: str) -> str:
    value = row.choice("tool_type", Document.ToolType.values, required=kind == Document.Kind.TOOL)
    if value and kind != Document.Kind.TOOL:
        row.problem("tool_type", f"belongs to the kind “tool” only; leave it out of a {kind or 'document'}.")
    return value


def _specialties(row: Fields, known: Collection[str]) -> tuple[str, ...]:
    values = row.texts("specialties", limit=50)
    for value in values:
        if value not in known:
            row.problem("specialties", f"“{value}” is not known; the specialties are {', '.join(sorted(known))}.")
    return values


def _codes(row: Fields) -> tuple[str, ...]:
    values = row.texts("codes", limit=10)
    for value in values:
        if not _CODE.fullmatch(value):
            row.problem("codes", f"“{value}” does not look like an ICD-10-CM code such as A41.9 or I10.")
    return values


def _recommendations(row: Fields) -> tuple[SourceRecommendation, ...]:
    taken: set[str] = set()
    return tuple(_recommendation(part, taken) for part in row.rows("recommendations", plain="text"))


def _recommendation(row: Fields, taken: set[str]) -> SourceRecommendation:
    row.only("key", "text", "strength", "grade", "evidence", "verified_on", "verified_by", "due_on")
    text = row.text("text", required=True)
    key = row.text("key") or _key_from(text, taken)
    if not _KEY.fullmatch(key):
        row.problem("key", f"“{key[:100]}” must be letters, digits, hyphens and underscores, at most 80.")
    if key in taken:
        row.problem("key", f"“{key}” stands twice in this document; give each recommendation a key of its own.")
    taken.add(key)
    verified_on, due_on = row.date("verified_on"), row.date("due_on")
    if verified_on and due_on and due_on < verified_on:
        row.problem("due_on", f"{due_on} is before verified_on, {verified_on}.")
    return SourceRecommendation(
        key=key,
        text=text,
        strength=row.choice("strength", Recommendation.Strength.values),
        grade=row.choice("grade", Recommendation.Grade.values),
        verified_on=verified_on,
        verified_by=row.text("verified_by", limit=120),
        due_on=due_on,
        evidence=row.text("evidence", limit=2000),
    )


def _key_from(text: str, taken: set[str]) -> str:
    stem = slugify(text)[:70].strip("-") or "recommendation"
    return next(key for n in range(1, len(taken) + 2) if (key := stem if n == 1 else f"{stem}-{n}") not in taken)


def _reference(row: Fields) -> SourceReference:
    row.only("citation", "year", "identifier", "url")
    url = row.text("url", limit=300)
    if url and not re.fullmatch(r"https?://[^\s\"<>]+", url):
        row.problem("url", f"“{url[:80]}” is not an address that begins with https://.")
    return SourceReference(
        citation=row.text("citation", required=True),
        year=row.integer("year", lowest=1500, highest=2200),
        identifier=row.text("identifier", limit=120),
        url=url,
    )


def _calculator(row: Fields, kind: str) -> dict[str, Any] | None:
    value = row.values.get("calculator")
    wanted = kind == Document.Kind.TOOL and row.values.get("tool_type") == Document.ToolType.CALCULATOR
    if value is None:
        if wanted:
            row.problem("calculator", "is missing; a calculator needs its items and bands.")
        return None
    if not wanted:
        row.problem("calculator", "belongs to tools of the type “calculator” only.")
    if not isinstance(value, Mapping):
        row.problem("calculator", "must be an object with name, items and bands.")
        return None
    return read_calculator(Fields(value, row.problems, row.where, "calculator."))


def _check_flows(row: Fields, body: str) -> None:
    found = flows.sources(body)
    if len(found) != len(re.findall(r"^```mermaid", body, re.MULTILINE)):
        row.problem("body", "opens a flow with ```mermaid and does not close it with ``` on a line of its own.")
    for source in found:
        try:
            flows.parse(source)
        except flows.FlowError as error:
            row.problem("body", f"decision flow, {error}")
