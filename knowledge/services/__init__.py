"""What changes a document's state. Nothing else does."""

from knowledge.services.exporting import Exported, ExportRefused, export_document, export_documents
from knowledge.services.following import follow, unfollow
from knowledge.services.importing import Imported, ImportRefused, import_documents
from knowledge.services.notes import delete_note, save_note
from knowledge.services.publishing import publish_revision, retire_document
from knowledge.services.reading import clear_readings, record_reading
from knowledge.services.remarks import add_remark, reopen_remark, resolve_remark
from knowledge.services.reviewers import (
    add_reviewer,
    claim_review,
    eligible_reviewers,
    remind_reviewer,
    replace_reviewer,
)
from knowledge.services.reviewing import decide, submit_revision, withdraw_submission

__all__ = [
    "ExportRefused",
    "Exported",
    "ImportRefused",
    "Imported",
    "add_remark",
    "add_reviewer",
    "claim_review",
    "clear_readings",
    "decide",
    "delete_note",
    "eligible_reviewers",
    "export_document",
    "export_documents",
    "follow",
    "import_documents",
    "publish_revision",
    "record_reading",
    "remind_reviewer",
    "reopen_remark",
    "replace_reviewer",
    "resolve_remark",
    "retire_document",
    "save_note",
    "submit_revision",
    "unfollow",
    "withdraw_submission",
]
