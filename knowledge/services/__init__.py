"""What changes a document's state. Nothing else does."""

from knowledge.services.exporting import Exported, ExportRefused, export_document, export_documents
from knowledge.services.following import follow, unfollow
from knowledge.services.importing import Imported, ImportRefused, import_documents
from knowledge.services.notes import delete_note, save_note
from knowledge.services.printing import print_document
from knowledge.services.proposing import propose_faq
from knowledge.services.publishing import publish_revision, retire_document
from knowledge.services.reading import clear_readings, record_reading

__all__ = [
    "ExportRefused",
    "Exported",
    "ImportRefused",
    "Imported",
    "clear_readings",
    "delete_note",
    "export_document",
    "export_documents",
    "follow",
    "import_documents",
    "print_document",
    "propose_faq",
    "publish_revision",
    "record_reading",
    "retire_document",
    "save_note",
    "unfollow",
]
