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
from knowledge.models.feedback import Feedback, FeedbackQuerySet, FeedbackReply
from knowledge.models.freshness import DueMilestone, Verification
from knowledge.models.overlays import Overlay, OverlayQuerySet
from knowledge.models.readers import Follow, Note, Reading, ReadingQuerySet
from knowledge.models.recall import Acknowledgement, AcknowledgementQuerySet, DeclaredChange
from knowledge.models.reviews import Remark, Review, ReviewQuerySet

__all__ = [
    "Acknowledgement",
    "AcknowledgementQuerySet",
    "DeclaredChange",
    "Document",
    "DocumentQuerySet",
    "DueMilestone",
    "Feedback",
    "FeedbackQuerySet",
    "FeedbackReply",
    "FlowDrawing",
    "Follow",
    "Note",
    "Overlay",
    "OverlayQuerySet",
    "Reading",
    "ReadingQuerySet",
    "Recommendation",
    "Reference",
    "Remark",
    "Review",
    "ReviewQuerySet",
    "Revision",
    "RevisionQuerySet",
    "Verification",
]
