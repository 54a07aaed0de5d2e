"""Files as downloads, the same from a page and over REST."""

from django.http import FileResponse

from portal.common.cells import CONTENT_TYPES, ENDINGS
from portal.common.models import Export
from portal.members.models_house import SignedDocument


def export(row: Export) -> FileResponse:
    """A file that was prepared, under a name that says what it is and of when."""
    name = f"{row.kind}-{row.asked_at:%Y-%m-%d-%H%M}.{ENDINGS[row.format]}"
    return FileResponse(row.file.open("rb"), as_attachment=True, filename=name, content_type=CONTENT_TYPES[row.format])


def signed_paper(row: SignedDocument) -> FileResponse:
    """A paper that no browser opens inside the site."""
    response = FileResponse(row.file.open("rb"), as_attachment=True, filename=row.name, content_type="application/pdf")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
