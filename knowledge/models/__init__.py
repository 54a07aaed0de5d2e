"""Documents with what belongs to them."""

from knowledge.models.attachments import DocumentAttachment
from knowledge.models.codes import Code
from knowledge.models.documents import (
    Document,
    DocumentQuerySet,
    Recommendation,
    Reference,
    Revision,
    RevisionQuerySet,
)
from knowledge.models.drafts import DraftDesk, DraftSave
from knowledge.models.drawings import FlowDrawing
from knowledge.models.freshness import Verification
from knowledge.models.readers import Follow, Note, Reading, ReadingQuerySet
from knowledge.models.recall import Acknowledgement, DeclaredChange
from knowledge.models.reviews import Remark, Review

__all__ = [
    "Acknowledgement",
    "Code",
    "DeclaredChange",
    "Document",
    "DocumentAttachment",
    "DocumentQuerySet",
    "DraftDesk",
    "DraftSave",
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
    "Verification",
]
