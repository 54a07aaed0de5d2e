"""What the editor page asks for while one types: saving, preview, codes, links to documents, and what was pasted."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from knowledge.pasting import markdown_from_html
from knowledge.services import drafting
from knowledge.views.reading import visible_document
from knowledge.views.writing import beside, code_rows, codes_found, linkable, number, open_draft_of, save
from knowledge.writing_forms import DraftForm
from portal.common.refusals import Conflict
from portal.members.access import needs, person_of
from portal.members.policy import Action


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def autosave(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep what is typed; the preview, and what else changed on the page (for htmx)."""
    person = person_of(request)
    document = visible_document(person, slug)
    form = DraftForm(request.POST, document=document)
    try:
        saved = save(request, open_draft_of(document), form.content(), by=person)
    except Conflict as error:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    shown = saved.content if saved.is_stored else form.content()
    context = beside(saved.revision, shown) | {
        "edition": saved.revision.edition if saved.is_stored else number(request.POST, "edition", -1),
        "spots": saved.spots,
        "draws": saved.is_stored,
        "others": drafting.others_at(saved.revision, person),
        "merged_with": saved.merged_with,
        "open_problems": len(drafting.field_problems(document, shown)),
    }
    response = render(request, "knowledge/edit_saved.html", context)
    if not saved.is_stored:
        response["X-Autosave"] = "Kept beside the draft: choose above between the two versions"
    return response


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def codes(request: HttpRequest, slug: str) -> HttpResponse:
    """Codes found by the words typed, besides those ticked already (for htmx)."""
    visible_document(person_of(request), slug)
    ticked = [code[:10] for code in request.POST.getlist("icd10") if "\0" not in code]
    words = request.POST.get("icd10_words", "").strip()[:100]
    context = {"titles": code_rows(ticked), "found": codes_found(words, ticked), "searched": bool(words)}
    return render(request, "knowledge/edit_codes.html", context)


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def links(request: HttpRequest, slug: str) -> HttpResponse:
    """Published documents by the words of their titles, each with the text that links to it (for htmx)."""
    person = person_of(request)
    visible_document(person, slug)
    words = request.POST.get("link_words", "").replace("\0", "").strip()[:100]
    return render(request, "knowledge/edit_links.html", {"found": linkable(person, words), "searched": bool(words)})


@needs(Action.EDIT_DOCUMENTS)
@require_POST
def pasted(request: HttpRequest, slug: str) -> HttpResponse:
    """The Markdown of HTML from the clipboard."""
    visible_document(person_of(request), slug)
    text = markdown_from_html(request.POST.get("html", ""))
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@needs(Action.EDIT_DOCUMENTS)
@require_safe
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The text of the draft as it would be read, alone."""
    document = visible_document(person_of(request), slug)
    draft = open_draft_of(document)
    if draft is None:
        raise Http404
    return render(request, "knowledge/edit_preview.html", beside(draft, drafting.content_of(draft)) | {"draws": True})
