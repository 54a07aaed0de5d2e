"""Documents with what belongs to them."""

from knowledge.models.attachments import DocumentAttachment
from knowledge.models.codes import Code
from knowledge.models.digest import (
    Digest,
    DigestChoice,
)
from knowledge.models.documents import (
    Document,
    DocumentQuerySet,
    Recommendation,
    Reference,
    Revision,
    RevisionQuerySet,
)
from knowledge.models.drafts import (
    DraftDesk,
    DraftSave,
)
from knowledge.models.drawings import FlowDrawing
from knowledge.models.education import (
    EducationEntry,
    EducationEntryQuerySet,
    EducationSource,
)
from knowledge.models.feedback import (
    Feedback,
    FeedbackQuerySet,
    FeedbackReply,
)
from knowledge.models.freshness import (
    DueMilestone,
    Verification,
)
from knowledge.models.lists import (
    ListEntry,
    ReadingList,
    ReadingListQuerySet,
)
from knowledge.models.overlays import (
    Overlay,
    OverlayQuerySet,
)
from knowledge.models.readers import (
    Follow,
    Note,
    Reading,
    ReadingQuerySet,
)
from knowledge.models.recall import (
    Acknowledgement,
    AcknowledgementQuerySet,
    DeclaredChange,
)
from knowledge.models.reviews import (
    Remark,
    Review,
    ReviewQuerySet,
)
from knowledge.models.searches import (
    SearchEntry,
    SearchLog,
    SearchWord,
)

__all__ = [
    "Acknowledgement",
    "AcknowledgementQuerySet",
    "Code",
    "DeclaredChange",
    "Digest",
    "DigestChoice",
    "Document",
    "DocumentAttachment",
    "DocumentQuerySet",
    "DraftDesk",
    "DraftSave",
    "DueMilestone",
    "EducationEntry",
    "EducationEntryQuerySet",
    "EducationSource",
    "Feedback",
    "FeedbackQuerySet",
    "FeedbackReply",
    "FlowDrawing",
    "Follow",
    "ListEntry",
    "Note",
    "Overlay",
    "OverlayQuerySet",
    "Reading",
    "ReadingList",
    "ReadingListQuerySet",
    "ReadingQuerySet",
    "Recommendation",
    "Reference",
    "Remark",
    "Review",
    "ReviewQuerySet",
    "Revision",
    "RevisionQuerySet",
    "SearchEntry",
    "SearchLog",
    "SearchWord",
    "Verification",
]
