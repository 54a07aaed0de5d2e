"""A document on paper: as a PDF, and what the browser's own printing puts at the foot of each page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from knowledge.models import Document, Revision
from knowledge.printing import Printed, page_lines, warning
from knowledge.services import print_document, published_revision
from knowledge.views.reading import visible_document
from portal.common import pdf
from portal.members.access import person_of, signed_in
from portal.members.houses import house_of


@signed_in
@require_safe
def document_pdf(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """The current revision, or the one of the number, as a PDF."""
    found = visible_document(person_of(request), slug)
    revision = _revision(found, number)
    made = print_document(document=found, revision=revision, by=person_of(request))
    name = f"{found.slug}-revision-{revision.number}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(made, content_type=pdf.CONTENT_TYPE, headers=headers)


@signed_in
@require_safe
def print_style(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """The style sheet that makes a browser print revision, dates and organization at the foot of each page.

    It is one of its own because only a style sheet reaches a page's margin, and none may stand inside our pages.
    """
    person = person_of(request)
    found = visible_document(person, slug)
    printed = Printed(found, _revision(found, number), house_of(person), timezone.now())
    lines = "\n".join(page_lines(printed))
    rules = [
        f"@bottom-left {{ content: {css_text(lines)}; {_FACE} text-align: left; width: 75%; }}",
        f'@bottom-right {{ content: "Page " counter(page) " of " counter(pages); {_FACE} }}',
    ]
    if words := warning(printed):
        rules.append(f"@top-left {{ content: {css_text(words)}; {_FACE} font-weight: bold; width: 100%; }}")
    style = "@page { margin: 18mm 16mm 24mm; " + " ".join(rules) + " }\n"
    return HttpResponse(style, content_type="text/css; charset=utf-8")


_FACE = "font: 8pt/1.35 sans-serif; color: #333333; white-space: pre-line;"


def css_text(words: str) -> str:
    """A CSS string that says exactly these words: each character but letters, digits and spaces by its number.

    The blank after a number ends it and is not said.
    """
    return '"' + "".join(c if c.isascii() and (c.isalnum() or c == " ") else f"\\{ord(c):06x} " for c in words) + '"'


def _revision(found: Document, number: int | None) -> Revision:
    revision = published_revision(document=found, number=number)
    if revision is None:
        raise Http404
    return revision
