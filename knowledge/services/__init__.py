"""What changes a document's state. Nothing else does."""

from knowledge.services.exporting import Exported, ExportRefused, export_document, export_documents
from knowledge.services.feedback import give_feedback, reply_to_feedback
from knowledge.services.flagging import flag_overlays
from knowledge.services.following import follow, unfollow
from knowledge.services.importing import Imported, ImportRefused, import_documents
from knowledge.services.notes import delete_note, save_note
from knowledge.services.overlays import add_overlay, change_overlay, delete_overlay, keep_overlay
from knowledge.services.proposing import propose_faq
from knowledge.services.publishing import publish_revision, retire_document
from knowledge.services.reading import clear_readings, record_reading

__all__ = [
    "ExportRefused",
    "Exported",
    "ImportRefused",
    "Imported",
    "add_overlay",
    "change_overlay",
    "clear_readings",
    "delete_note",
    "delete_overlay",
    "export_document",
    "export_documents",
    "flag_overlays",
    "follow",
    "give_feedback",
    "import_documents",
    "keep_overlay",
    "propose_faq",
    "publish_revision",
    "record_reading",
    "reply_to_feedback",
    "retire_document",
    "save_note",
    "unfollow",
]
