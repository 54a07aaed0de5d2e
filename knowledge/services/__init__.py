"""What changes a document's state. Nothing else does."""

from knowledge.services.exporting import Exported, ExportRefused, export_document, export_documents
from knowledge.services.importing import Imported, ImportRefused, import_documents
from knowledge.services.publishing import publish_revision, retire_document
from knowledge.services.reading import record_reading

__all__ = [
    "ExportRefused",
    "Exported",
    "ImportRefused",
    "Imported",
    "export_document",
    "export_documents",
    "import_documents",
    "publish_revision",
    "record_reading",
    "retire_document",
]
