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
from knowledge.models.freshness import Verification
from knowledge.models.readers import Follow, Note, Reading, ReadingQuerySet
from knowledge.models.recall import Acknowledgement, DeclaredChange
from knowledge.models.reviews import Remark, Review
from knowledge.models.searches import SearchEntry, SearchLog, SearchWord

__all__ = [
    "Acknowledgement",
    "DeclaredChange",
    "Document",
    "DocumentQuerySet",
    "FlowDrawing",
    "Follow",
    "Note",
    "Reading",
    "ReadingQuerySet",
    "Recommendation",
    "Reference",
    "Remark",
    "Review",
    "Revision",
    "RevisionQuerySet",
    "SearchEntry",
    "SearchLog",
    "SearchWord",
    "Verification",
]
