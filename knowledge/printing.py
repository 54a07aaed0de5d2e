"""What stands on the paper: a revision as the values of ``templates/pdf/document.typ``, and what every page says."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from knowledge import paper
from knowledge.models import Document, Recommendation, Reference, Revision
from knowledge.rendering import parse
from knowledge.standing import standing
from portal.common.templatetags.words import day_words

DEMONSTRATION = "Demonstration content. Not for clinical use."
_RUNNING = 90


class Printed(NamedTuple):
    """A revision on its way to paper: for which house, and when."""

    document: Document
    revision: Revision
    house: str
    at: datetime


def page_lines(printed: Printed) -> list[str]:
    """What stands at the foot of every page: the revision and its dates, for whom and when, and what it is not."""
    revision = printed.revision
    first = [f"Revision {revision.number}"]
    if revision.published_at:
        first.append(f"published {_day(revision.published_at)}")
    if revision.review_due:
        first.append(f"review due {_day(revision.review_due)}")
    lines = [", ".join(first), f"Printed for {printed.house} on {_day(printed.at)}"]
    return [*lines, DEMONSTRATION] if is_demonstration(revision) else lines


def is_demonstration(revision: Revision) -> bool:
    """Whether the content is the demonstration's: the site says so, or the source does."""
    return settings.DEMONSTRATION or "demonstration content" in revision.source.lower()


def warning(printed: Printed) -> str:
    """Why nobody may act on this; empty for what the network stands behind."""
    if retired := printed.document.retired_at:
        return f"RETIRED {_day(retired)}. Kept as history. Do not act on it."
    if printed.revision.pk != printed.document.current_revision_id:
        current = printed.document.current_revision
        return f"SUPERSEDED by revision {current.number if current else ''}. Kept as history. Do not act on it."
    return ""


def values(printed: Printed) -> dict[str, Any]:
    """Everything that the template prints."""
    revision, today = printed.revision, timezone.localdate(printed.at)
    recommendations = list(revision.recommendations.all())
    parsed = parse(revision.body)
    return {
        "title": revision.title,
        "kind": printed.document.kind_name,
        "running": revision.title if len(revision.title) <= _RUNNING else f"{revision.title[:_RUNNING]}…",
        "warning": warning(printed),
        "foot": page_lines(printed),
        "summary": revision.summary,
        "standing": _standing(recommendations, revision, today),
        "recommendations": [_recommendation(row, today) for row in recommendations],
        "score": _score(revision),
        "flows": [[_step(step) for step in flow.steps] for flow in parsed.flows],
        "body": paper.tree(parsed.tokens, site=settings.SITE_URL),
        "references": [_reference(row) for row in revision.references.all()],
        "closing": _closing(printed),
    }


def _standing(recommendations: Sequence[Recommendation], revision: Revision, today: date) -> str:
    found = standing(recommendations, revision.review_due, today)
    words = "Not verified yet."
    if found.verified_on:
        by = f" by {found.verified_by}" if found.verified_by else ""
        words = f"Verified {day_words(found.verified_on)}{by}."
    if found.is_overdue and found.due_on:
        return f"{words} Review overdue since {day_words(found.due_on)}."
    return f"{words} Next review due {day_words(found.due_on)}." if found.due_on else words


def _recommendation(row: Recommendation, today: date) -> dict[str, str]:
    facts = [row.get_strength_display() if row.strength else "Not graded"]
    if row.grade:
        facts.append(row.get_grade_display())
    if row.verified_on:
        by = f" by {row.verified_by}" if row.verified_by else ""
        facts.append(f"Verified {day_words(row.verified_on)}{by}")
    else:
        facts.append("Never verified")
    is_overdue = row.due_on is not None and row.due_on < today
    overdue = f"Review overdue since {day_words(row.due_on)}" if row.due_on and is_overdue else ""
    return {"text": row.text, "facts": " · ".join(facts), "warning": overdue, "evidence": row.evidence}


def _score(revision: Revision) -> dict[str, Any] | None:
    if not revision.calculator:
        return None
    items: list[str] = []
    for item in revision.calculator["items"]:
        rows = item["choices"] or [{"label": "", "points": item["points"]}]
        for choice in rows:
            label = f"{item['label']}: {choice['label']}" if choice["label"] else item["label"]
            items += [label, f"{choice['points']:+d}" if choice["points"] else "0"]
    bands: list[str] = []
    for band in revision.calculator["bands"]:
        span = f"{band['from']}" if band["from"] == band["to"] else f"{band['from']} to {band['to']}"
        bands += [f"{span} {revision.calculator['result']}", band["label"], band["text"]]
    return {"name": revision.calculator["name"], "items": items, "bands": bands}


def _step(step: Any) -> dict[str, Any]:
    ways = [{"answer": way.answer, "step": way.step} for way in step.ways]
    return {"number": step.number, "text": step.text, "is_question": step.is_question, "ways": ways}


def _reference(row: Reference) -> dict[str, str]:
    return {"citation": row.citation, "link": row.link, "label": row.identifier or ("Source" if row.link else "")}


def _closing(printed: Printed) -> list[str]:
    revision, document = printed.revision, printed.document
    address = document.get_absolute_url()
    if printed.revision.pk != document.current_revision_id:
        address = document.revision_address(revision.number)
    codes = f"ICD-10-CM: {', '.join(revision.codes)}" if revision.codes else ""
    where = f"{document.slug}, revision {revision.number}. Read it at {settings.SITE_URL}{address}"
    paper_ages = "A printed copy does not change. Read the current revision on the site before you act on it."
    return [words for words in (revision.source, codes, where, paper_ages) if words]


def _day(value: date | datetime) -> str:
    return day_words(timezone.localtime(value).date() if isinstance(value, datetime) else value)
