"""Documents with what belongs to them."""

from knowledge.models.documents import (
    Document,
    DocumentQuerySet,
    Recommendation,
    Reference,
    Revision,
    RevisionQuerySet,
)
from knowledge.models.drawings import FlowDrawing
from knowledge.models.readers import Follow, Note, Reading, ReadingQuerySet

__all__ = [
    "Document",
    "DocumentQuerySet",
    "FlowDrawing",
    "Follow",
    "Note",
    "Reading",
    "ReadingQuerySet",
    "Recommendation",
    "Reference",
    "Revision",
    "RevisionQuerySet",
]
