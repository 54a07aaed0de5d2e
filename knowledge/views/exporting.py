"""Downloads of one document, for editors: the file that an import takes, and FHIR."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from knowledge.models import Document
from knowledge.services import export_document
from portal.members.access import needs, person_of
from portal.members.policy import Action

TYPES = {"markdown": ("text/markdown; charset=utf-8", "md"), "fhir": ("application/fhir+json", "json")}


@needs(Action.EDIT_DOCUMENTS)
@require_safe
def download(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """What is published, or was until it was retired, as a file."""
    documents = Document.objects.visible_to(person_of(request)).select_related("current_revision")
    found = documents.filter(slug=slug, current_revision__isnull=False).first()
    if found is None:
        raise Http404
    content_type, suffix = TYPES[form]
    headers = {
        "Content-Disposition": f'attachment; filename="{found.slug}.{suffix}"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(export_document(document=found, form=form), content_type=content_type, headers=headers)
