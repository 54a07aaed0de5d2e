"""What changes a document's state. Nothing else does."""

from knowledge.services.importing import Imported, ImportRefused, import_documents
from knowledge.services.publishing import publish_revision, retire_document
from knowledge.services.reading import record_reading

__all__ = ["ImportRefused", "Imported", "import_documents", "publish_revision", "record_reading", "retire_document"]
