"""What changes a document's state. Nothing else does."""

from knowledge.services.digests import choose_digest, digest_frequency, person_of_token, send_digests, stop_token
from knowledge.services.education import Learned, change_education, delete_education, record_education
from knowledge.services.exporting import Exported, ExportRefused, export_document, export_documents
from knowledge.services.following import follow, unfollow
from knowledge.services.importing import Imported, ImportRefused, import_documents
from knowledge.services.lists import (
    add_to_list,
    create_list,
    default_list,
    delete_list,
    move_in_list,
    remove_from_list,
    rename_list,
)
from knowledge.services.notes import delete_note, save_note
from knowledge.services.printing import print_document, published_revision
from knowledge.services.proposing import propose_faq
from knowledge.services.publishing import publish_revision, retire_document
from knowledge.services.reading import clear_readings, record_reading

__all__ = [
    "ExportRefused",
    "Exported",
    "ImportRefused",
    "Imported",
    "Learned",
    "add_to_list",
    "change_education",
    "choose_digest",
    "clear_readings",
    "create_list",
    "default_list",
    "delete_education",
    "delete_list",
    "delete_note",
    "digest_frequency",
    "export_document",
    "export_documents",
    "follow",
    "import_documents",
    "move_in_list",
    "person_of_token",
    "print_document",
    "propose_faq",
    "publish_revision",
    "published_revision",
    "record_education",
    "record_reading",
    "remove_from_list",
    "rename_list",
    "retire_document",
    "save_note",
    "send_digests",
    "stop_token",
    "unfollow",
]
