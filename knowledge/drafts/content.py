"""A draft as it is typed: every value a text, whole or half written. What it comes to, the importer's checks say."""

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Self

import yaml

from knowledge.models import Document, Recommendation, Reference, Revision
from knowledge.sources import Problem, SourceDocument
from knowledge.sources.checking import check
from knowledge.sources.writing import calculator_text

RECOMMENDATION = ("text", "strength", "grade", "evidence", "verified_on", "verified_by", "due_on")
REFERENCE = ("citation", "year", "identifier", "url")
MOST_ROWS = 200
_KEY = re.compile(r"[A-Za-z0-9_-]{1,80}")
_INDEX = re.compile(r"(recommendations|references)\[(\d+)\](?:\.(\w+))?")


def new_key() -> str:
    """A name for a row that did not exist before."""
    return f"n{secrets.token_hex(4)}"


@dataclass(frozen=True)
class DraftRow:
    """A recommendation or a reference; ``key`` says which one it is, whatever becomes of its words and its place."""

    key: str
    values: Mapping[str, str]

    @property
    def is_empty(self) -> bool:
        return not any(value.strip() for value in self.values.values())


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field; of a row, with ``row`` its place and ``part`` the field in it."""

    field: str
    text: str
    row: int | None = None
    part: str = ""


@dataclass(frozen=True)
class DraftContent:
    """All that an editor may change in a draft."""

    title: str = ""
    summary: str = ""
    body: str = ""
    source: str = ""
    review_due: str = ""
    calculator: str = ""
    specialties: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    recommendations: tuple[DraftRow, ...] = ()
    references: tuple[DraftRow, ...] = ()

    @classmethod
    def of_revision(
        cls, revision: Revision, recommendations: Sequence[Recommendation], references: Sequence[Reference]
    ) -> Self:
        """What a revision holds, as an editor would type it."""
        return cls(
            title=revision.title,
            summary=revision.summary,
            body=revision.body,
            source=revision.source,
            review_due=_typed(revision.review_due),
            calculator=calculator_text(revision.calculator) if revision.calculator else "",
            specialties=tuple(revision.specialty_slugs),
            codes=tuple(revision.codes),
            keywords=tuple(revision.keywords),
            recommendations=tuple(_row(part.key, part, RECOMMENDATION) for part in recommendations),
            references=tuple(_row(f"ref-{place}", part, REFERENCE) for place, part in enumerate(references, 1)),
        )

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What ``as_json`` gave, or a REST client: unknown names and wrong types are left out."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            given = kept.get(field.name)
            if field.name in ("recommendations", "references"):
                values[field.name] = _rows(given, RECOMMENDATION if field.name == "recommendations" else REFERENCE)
            elif field.type in (str, "str"):
                values[field.name] = "" if given is None else str(given)
            else:
                values[field.name] = tuple(dict.fromkeys(map(str, given))) if isinstance(given, list | tuple) else ()
        return cls(**values).tidied()

    def as_json(self) -> dict[str, Any]:
        """As it is kept: plain values."""
        kept = asdict(self)
        for name in ("recommendations", "references"):
            kept[name] = [{"key": row.key, **row.values} for row in getattr(self, name)]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}

    def tidied(self) -> Self:
        """With one kind of line end, no zero byte, at most so many rows, and a key of its own for each of them."""
        texts = {name: _text(getattr(self, name)) for name in ("title", "summary", "body", "source", "calculator")}
        return replace(
            self,
            **texts,
            review_due=_text(self.review_due),
            specialties=_each(self.specialties),
            codes=_each(self.codes),
            keywords=_each(self.keywords),
            recommendations=_keyed(self.recommendations),
            references=_keyed(self.references),
        )

    def mapping(self, document: Document) -> tuple[dict[str, Any], str]:
        """The row an importer would check, and what is wrong with the calculator's text if it cannot be read."""
        calculator, unreadable = _read_yaml(self.calculator)
        values: dict[str, Any] = {
            "id": document.slug,
            "kind": document.kind,
            "title": self.title,
            "summary": self.summary,
            "body": self.body,
            "source": self.source,
            "review_due": self.review_due,
            "specialties": list(self.specialties),
            "codes": list(self.codes),
            "keywords": list(self.keywords),
            "recommendations": [{"key": row.key, **_said(row)} for row in self.recommendations if not row.is_empty],
            "references": [_said(row) for row in self.references if not row.is_empty],
        }
        if document.tool_type:
            values["tool_type"] = document.tool_type
        if calculator is not None:
            values["calculator"] = calculator
        return values, unreadable

    def checked(self, document: Document, specialties: Collection[str]) -> tuple[SourceDocument, list[Problem]]:
        """What it comes to, as far as a database can hold it, and all that is wrong: by the importer's own checks."""
        problems: list[Problem] = []
        values, unreadable = self.mapping(document)
        source = check(values, document.slug, specialties, problems)
        if unreadable:
            problems = [problem for problem in problems if problem.field != "calculator"]
            problems.append(Problem(document.slug, "calculator", unreadable))
        has_calculator = not any(problem.field.startswith("calculator") for problem in problems)
        return _fitting(source, set(specialties), has_calculator=has_calculator), problems

    def placed(self, problems: Sequence[Problem]) -> list[FieldProblem]:
        """Each problem at the field of the form it speaks of."""
        at = {
            name: [place for place, row in enumerate(getattr(self, name)) if not row.is_empty]
            for name in ("recommendations", "references")
        }
        return [_placed(problem, at) for problem in problems]


def _placed(problem: Problem, at: Mapping[str, list[int]]) -> FieldProblem:
    if found := _INDEX.match(problem.field):
        row = at[found[1]][int(found[2]) - 1]
        part = found[3] or ""
        return FieldProblem(found[1], problem.fix, row, "text" if part == "key" else part)
    name = re.split(r"[\[.]", problem.field)[0]
    inside = problem.field.removeprefix(name).lstrip(".")
    return FieldProblem(name, f"{inside}: {problem.fix}" if inside and name == "calculator" else problem.fix)


def _row(key: str, part: Recommendation | Reference, names: Sequence[str]) -> DraftRow:
    return DraftRow(key, {name: _typed(getattr(part, name)) for name in names})


def _rows(given: object, names: Sequence[str]) -> tuple[DraftRow, ...]:
    rows = [row for row in given if isinstance(row, Mapping)] if isinstance(given, list | tuple) else []
    return tuple(DraftRow(str(row.get("key") or ""), {name: _typed(row.get(name)) for name in names}) for row in rows)


def _typed(value: object) -> str:
    return "" if value is None else str(value)


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _each(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for value in values if (text := _text(value).strip())))


def _keyed(rows: Sequence[DraftRow]) -> tuple[DraftRow, ...]:
    taken: set[str] = set()
    keyed = []
    for row in rows[:MOST_ROWS]:
        key = row.key if _KEY.fullmatch(row.key) and row.key not in taken else new_key()
        taken.add(key)
        keyed.append(DraftRow(key, {name: _text(value) for name, value in row.values.items()}))
    return tuple(keyed)


def _said(row: DraftRow) -> dict[str, Any]:
    said: dict[str, Any] = {name: value.strip() for name, value in row.values.items() if value.strip()}
    if (year := said.get("year", "")).isdecimal() and len(year) < 6:
        said["year"] = int(year)
    return said


def _read_yaml(text: str) -> tuple[Any, str]:
    if not text.strip():
        return None, ""
    try:
        return yaml.safe_load(text), ""
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        return None, f"{where}cannot be read ({getattr(error, 'problem', None) or error}); quote texts with a colon."


def _fitting(source: SourceDocument, specialties: set[str], *, has_calculator: bool) -> SourceDocument:
    """Cut to what the columns take, so that a half-written draft can be kept."""
    return replace(
        source,
        title=source.title[:300],
        source=source.source[:300],
        specialties=tuple(slug for slug in source.specialties if slug in specialties),
        codes=tuple(code for code in source.codes if len(code) <= 10),
        keywords=tuple(word[:120] for word in source.keywords),
        calculator=source.calculator if has_calculator else None,
        recommendations=tuple(
            replace(
                part,
                strength=part.strength if part.strength in Recommendation.Strength.values else "",
                grade=part.grade if part.grade in Recommendation.Grade.values else "",
                verified_by=part.verified_by[:120],
                due_on=None if _is_before(part.due_on, part.verified_on) else part.due_on,
            )
            for part in source.recommendations
        ),
        references=tuple(
            replace(part, identifier=part.identifier[:120], url=part.url[:300]) for part in source.references
        ),
    )


def _is_before(due: date | None, verified: date | None) -> bool:
    return due is not None and verified is not None and due < verified
