"""A document's pictures and PDFs: shown, or taken away again."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from knowledge.models import DocumentAttachment
from knowledge.services import attaching
from knowledge.views.reading import visible_document
from portal.members.access import needs, person_of, signed_in
from portal.members.models import Person
from portal.members.policy import Action
from portal.members.views.helpers import carry_out

_YEAR = 31_536_000


@signed_in
@require_safe
def show(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """A picture for the page, or a PDF as a download; nothing in it can run."""
    return served(person_of(request), slug, name)


def served(person: Person, slug: str, name: str) -> FileResponse:
    """The file to who may see it. Raises Http404."""
    found = visible_document(person, slug).attachments.filter(name=name).first()
    public = found is not None and attaching.is_public(found)
    if found is None or not (public or person.actor.is_editor):
        raise Http404
    response = FileResponse(
        found.file.open("rb"),
        as_attachment=not found.is_picture,
        filename=found.name,
        content_type=found.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = f"private, max-age={_YEAR}, immutable" if public else "private, no-store"
    return response


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def remove(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    found: DocumentAttachment | None
    found = visible_document(person_of(request), slug).attachments.filter(name=name).first()
    if found is None:
        raise Http404
    carry_out(request, lambda: attaching.detach(attachment=found, by=person_of(request)), f"“{name}” is removed.")
    return redirect(f"{reverse('document-edit', args=[slug])}#files")
