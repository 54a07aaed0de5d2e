"""Documents for tests: made through the importer, as the site gets them."""

import json
from pathlib import Path
from typing import Any

from django.utils import timezone

from knowledge.models import Document, Review, Revision
from knowledge.services import Imported, import_documents
from portal.members.models import Person

FLOW = """```mermaid
flowchart TD
    A{"Fever?"} -->|Yes| B["Take cultures"]
    A -->|No| C["Watch and wait"]
```
"""


def row(slug: str, **values: Any) -> dict[str, Any]:
    """One row of JSON Lines that is right; ``values`` replace or add fields."""
    return {
        "id": slug,
        "kind": "topic",
        "title": f"About {slug}",
        "summary": f"A summary of {slug}.",
        "body": f"## Part\n\nA paragraph on {slug}.",
        "specialties": ["cardiology"],
        "codes": [],
        "keywords": [],
        "recommendations": [],
        "references": [],
        "review_due": "2027-06-30",
        "source": "Test",
    } | values


def write_rows(folder: Path, *rows: dict[str, Any] | str, name: str = "documents.jsonl") -> Path:
    """A file of JSON Lines; a row that is a text is written as it is."""
    path = folder / name
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in rows) + "\n")
    return path


def load_rows(folder: Path, *rows: dict[str, Any], draft: bool = False) -> Imported:
    """Import these rows, published or as drafts."""
    return import_documents(path=write_rows(folder, *rows), by="test", draft=draft)


def make_document(folder: Path, slug: str, **values: Any) -> Document:
    """One published document."""
    load_rows(folder, row(slug, **values))
    return Document.objects.select_related("current_revision").get(slug=slug)


def make_documents(folder: Path, count: int, **values: Any) -> None:
    """Many published documents that all answer the word “murmur”."""
    recommendation = {
        "text": "Listen for a murmur in every patient.",
        "strength": "strong",
        "grade": "low",
        "verified_on": "2026-06-30",
    }
    load_rows(
        folder,
        *(
            row(
                f"murmur-{number:03}",
                title=f"Murmur number {number}",
                recommendations=[recommendation],
                references=[{"citation": "A source", "year": 2020}],
                specialties=["cardiology", "pediatrics"],
                **values,
            )
            for number in range(count)
        ),
    )


def make_draft(folder: Path, slug: str, **values: Any) -> Revision:
    """A draft by nobody, which anybody may approve."""
    load_rows(folder, row(slug, **values), draft=True)
    return Revision.objects.get(document__slug=slug, state="draft")


def approve(revision: Revision, by: Person) -> Revision:
    """The draft, submitted and approved by one person: as the reviewers' pages leave it."""
    Revision.objects.filter(pk=revision.pk).update(state="in-review", approvals_needed=1)
    now = timezone.now()
    Review.objects.create(
        revision=revision, reviewer=by, due_on=now.date(), decision="approved", decided_by=by, decided_at=now
    )
    Revision.objects.filter(pk=revision.pk).update(state="approved")
    revision.refresh_from_db()
    return revision


def make_approved(folder: Path, slug: str, by: Person, **values: Any) -> Revision:
    """An approved revision that waits to be published."""
    return approve(make_draft(folder, slug, **values), by)
