"""Documents with what belongs to them."""

from knowledge.models.digest import Digest, DigestChoice
from knowledge.models.documents import (
    Document,
    DocumentQuerySet,
    Recommendation,
    Reference,
    Revision,
    RevisionQuerySet,
)
from knowledge.models.drawings import FlowDrawing
from knowledge.models.education import EducationEntry, EducationEntryQuerySet, EducationSource
from knowledge.models.freshness import Verification
from knowledge.models.lists import ListEntry, ReadingList, ReadingListQuerySet
from knowledge.models.readers import Follow, Note, Reading, ReadingQuerySet
from knowledge.models.recall import Acknowledgement, DeclaredChange
from knowledge.models.reviews import Remark, Review

__all__ = [
    "Acknowledgement",
    "DeclaredChange",
    "Digest",
    "DigestChoice",
    "Document",
    "DocumentQuerySet",
    "EducationEntry",
    "EducationEntryQuerySet",
    "EducationSource",
    "FlowDrawing",
    "Follow",
    "ListEntry",
    "Note",
    "Reading",
    "ReadingList",
    "ReadingListQuerySet",
    "ReadingQuerySet",
    "Recommendation",
    "Reference",
    "Remark",
    "Review",
    "Revision",
    "RevisionQuerySet",
    "Verification",
]
