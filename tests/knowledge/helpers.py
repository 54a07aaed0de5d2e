"""Documents for tests: made through the importer, as the site gets them."""

import json
from pathlib import Path
from typing import Any

from knowledge.models import Document
from knowledge.services import Imported, import_documents

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
