"""Writing: the editor page of a document's draft, new documents, and throwing a draft away."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.crypto import get_random_string
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods

from knowledge.drafts import DraftContent, DraftRow, Spot, new_key
from knowledge.drafts.content import RECOMMENDATION, REFERENCE
from knowledge.models import Code, Document, Revision
from knowledge.rendering import files_of
from knowledge.rendering import render as rendered
from knowledge.services import attaching, drafting
from knowledge.services.codes import find_codes, titles_of
from knowledge.services.word import draft_from_word
from knowledge.views.reading import visible_document
from knowledge.writing_forms import Data, DraftForm, NewDocumentForm, WordForm, choices_of
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.access import needs, person_of
from portal.members.kept import posted_or_kept, take
from portal.members.models import Person, Specialty
from portal.members.policy import Action
from portal.members.views.helpers import attempt

LINKS = 8
_PARTS = {"recommendation": ("recommendations", RECOMMENDATION), "reference": ("references", REFERENCE)}


@needs(Action.EDIT_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Begin a document: from nothing, or from a Word file."""
    person = person_of(request)
    word = WordForm()
    form = NewDocumentForm(posted_or_kept(request))
    if request.method == "POST" and "word" in request.POST:
        word, form = WordForm(request.POST, request.FILES), NewDocumentForm()
        drafts: list[Revision] = []
        if word.is_valid():
            upload: UploadedFile[bytes] = word.cleaned_data["file"]
            if attempt(word, lambda: drafts.append(draft_from_word(upload=upload, by=person))):
                messages.success(request, f"The text of “{upload.name}” is in this draft. Check it line by line.")
                return redirect("document-edit", slug=drafts[0].document.slug)
    elif request.method == "POST" and form.is_valid():
        given = form.cleaned_data | {"slug": form.cleaned_data["slug"] or _slug(form.cleaned_data["title"])}
        drafts = []
        if attempt(form, lambda: drafts.append(drafting.new_document(**given, by=person))):
            return redirect("document-edit", slug=drafts[0].document.slug)
    return render(request, "knowledge/edit_new.html", {"form": form, "word": word})


def _slug(title: str) -> str:
    return slugify(title)[:80].strip("-") or "document"


@needs(Action.EDIT_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The open draft, to be written on; where there is none, the offer to begin one."""
    person = person_of(request)
    document = visible_document(person, slug)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if request.method == "POST" and act == "begin":
        try:
            drafting.open_draft(document=document, by=person)
        except (Conflict, Refused) as error:
            messages.error(request, str(error))
        return redirect("document-edit", slug=slug)
    draft = open_draft_of(document)
    if draft is None and request.method != "POST":
        waiting = document.revisions.filter(state__in=Revision.OPEN_STATES).first()
        return render(request, "knowledge/edit_begin.html", {"document": document, "waiting": waiting})
    if request.method == "POST":
        return _posted(request, person, document, draft, act)
    return _shown(request, person, document, draft) if draft else redirect("document-edit", slug=slug)


def open_draft_of(document: Document) -> Revision | None:
    draft = document.revisions.filter(state=Revision.State.DRAFT).select_related("author", "changed_by").first()
    if draft is not None:
        draft.document = document
    return draft


def _shown(request: HttpRequest, person: Person, document: Document, draft: Revision) -> HttpResponse:
    kept = take(request, request.path)
    waiting = drafting.aside_of(draft, person)
    if kept is not None:
        form, edition = DraftForm(kept, document=document), number(kept, "edition", draft.edition)
    elif waiting is not None:
        form, edition = DraftForm.of(waiting[0], document=document), waiting[1]
    else:
        form, edition = DraftForm.of(drafting.content_of(draft), document=document), draft.edition
    spots = drafting.spots_of(draft, form.content(), edition) if waiting else ()
    return page(request, draft, form, edition=edition, spots=spots, check="check" in request.GET, restored=bool(kept))


def _posted(request: HttpRequest, person: Person, document: Document, draft: Revision | None, act: str) -> HttpResponse:
    form = DraftForm(request.POST, document=document)
    content, focus = acted(form.content(), act)
    if draft is not None and act == "drop":
        drafting.drop_aside(revision=draft, by=person)
        messages.success(request, "What you had typed is given up; this is the draft as it stands.")
        return redirect("document-edit", slug=document.slug)
    try:
        saved = save(request, draft, content, by=person)
    except Conflict as error:
        messages.error(request, f"{error} Your text is below: copy what you need.")
        gone = draft or Revision(document=document, number=0)
        return page(request, gone, form, edition=-1, gone=True)
    if not saved.is_stored:
        form = DraftForm.of(content, document=document)
        return page(
            request,
            saved.revision,
            form,
            edition=number(request.POST, "edition", -1),
            spots=saved.spots,
            met=saved.merged_with,
        )
    return _after(request, person, saved, act, focus)


def _after(request: HttpRequest, person: Person, saved: drafting.Saved, act: str, focus: str) -> HttpResponse:
    """What follows once the draft is stored: the same page, the files, or the way to review."""
    draft, address = saved.revision, reverse("document-edit", args=[saved.revision.document.slug])
    if saved.merged_with:
        messages.info(request, f"Merged with what {' and '.join(saved.merged_with)} saved meanwhile.")
    if act == "attach":
        problems = _attach(request, person, draft.document)
        for problem in problems:
            messages.error(request, problem)
        return redirect(f"{address}#files")
    if act == "submit":
        return redirect(_submit_address(draft.document) if not drafting.draft_problems(draft) else f"{address}?check=1")
    if act in ("save", "settle", ""):
        messages.success(request, "The draft is saved.")
        return redirect(f"{address}?check=1")
    form = DraftForm.of(saved.content, document=draft.document)
    return page(request, draft, form, edition=draft.edition, focus=focus)


def _submit_address(document: Document) -> str:
    try:
        return reverse("document-submit", args=[document.slug])
    except NoReverseMatch:
        return reverse("document-draft", args=[document.slug])


def _attach(request: HttpRequest, person: Person, document: Document) -> list[str]:
    problems: list[str] = []
    for upload in request.FILES.getlist("file"):
        try:
            attaching.attach(document=document, upload=upload, by=person)
        except Invalid as invalid:
            problems += invalid.fields.values()
    return problems


@needs(Action.EDIT_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once, then throw the draft away."""
    document = visible_document(person_of(request), slug)
    draft = open_draft_of(document)
    if draft is None:
        return redirect("documents-manage")
    if request.method != "POST":
        return render(request, "knowledge/edit_discard.html", {"document": document, "draft": draft})
    try:
        drafting.discard_draft(revision=draft, by=person_of(request))
    except (Conflict, Refused) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The draft of “{draft.title}” is discarded.")
    return redirect("documents-manage")


def save(request: HttpRequest, draft: Revision | None, content: DraftContent, *, by: Person) -> drafting.Saved:
    """Keep what was posted. Raises Conflict when the draft it was typed into is not there any more."""
    if draft is None:
        raise Conflict("This draft was sent to review, published or discarded meanwhile, and takes no more changes.")
    is_same = request.POST.get("revision", "") == str(draft.pk)
    return drafting.save_draft(
        revision=draft,
        content=content,
        edition=number(request.POST, "edition", -1) if is_same else -1,
        by=by,
        tab=request.POST.get("tab", "").replace("\0", "")[:40],
        choices=choices_of(request.POST) if request.POST.get("act") == "settle" else (),
        against=number(request.POST, "against", -1),
    )


def acted(content: DraftContent, act: str) -> tuple[DraftContent, str]:
    """The content after a row was added, taken out or moved; and the field to go on in."""
    what, _, rest = act.partition("-")
    name, _, place = rest.partition("-")
    if name not in _PARTS or what not in ("add", "remove", "up", "down"):
        return content, ""
    field, parts = _PARTS[name]
    rows: list[DraftRow] = list(getattr(content, field))
    at = int(place) if place.isdecimal() and len(place) < 4 else len(rows)
    if what == "add":
        rows.append(DraftRow(new_key(), dict.fromkeys(parts, "")))
        return _with_rows(content, field, rows), f"{name}-{len(rows) - 1}"
    if at >= len(rows):
        return content, ""
    row = rows.pop(at)
    to = {"up": max(at - 1, 0), "down": at + 1}.get(what)
    if to is not None:
        rows.insert(to, row)
    return _with_rows(content, field, rows), f"{name}-{min(at if to is None else to, len(rows) - 1)}"


def _with_rows(content: DraftContent, field: str, rows: list[DraftRow]) -> DraftContent:
    if field == "references":
        return replace(content, references=tuple(rows))
    return replace(content, recommendations=tuple(rows))


def number(data: Data, name: str, default: int) -> int:
    value = data.get(name) or ""
    return int(value) if value.isdecimal() and len(value) < 10 else default


def page(
    request: HttpRequest,
    draft: Revision,
    form: DraftForm,
    *,
    edition: int,
    spots: tuple[Spot, ...] = (),
    met: tuple[str, ...] = (),
    check: bool = False,
    restored: bool = False,
    gone: bool = False,
    focus: str = "",
) -> HttpResponse:
    """The editor with what is typed in it."""
    person, content, document = person_of(request), form.content(), form.document
    is_search = request.POST.get("act") == "find"
    code_words, link_words = (request.POST.get(name, "") if is_search else "" for name in ("icd10_words", "link_words"))
    problems = drafting.field_problems(document, content)
    listed = form.mark(problems) if check else []
    context = beside(draft, content) | {
        "form": form,
        "edition": edition,
        "tab": request.POST.get("tab", "")[:40] or get_random_string(16),
        "spots": spots,
        "merged_with": met,
        "problems": listed,
        "open_problems": len(problems),
        "others": drafting.enter(revision=draft, by=person) if not gone else [],
        "draws": not (spots or restored or gone),
        "restored": restored,
        "gone": gone,
        "focus": focus,
        "specialties": Specialty.objects.values_list("slug", "name"),
        "chosen": content.specialties,
        "titles": code_rows(list(content.codes)),
        "attachments": document.attachments.all(),
        "codes_found": codes_found(code_words, content.codes),
        "codes_searched": bool(code_words),
        "links_found": linkable(person, link_words),
        "links_searched": bool(link_words),
        "submits": _submit_address(document).endswith("/submit/"),
    }
    return render(request, "knowledge/edit.html", context)


def code_rows(codes: list[str]) -> list[tuple[str, str]]:
    """Each code with its title, in the order given."""
    titles = titles_of(codes)
    return [(code, titles.get(code, "")) for code in codes]


def beside(draft: Revision, content: DraftContent) -> dict[str, Any]:
    """What the preview shows."""
    return {
        "document": draft.document,
        "revision": draft,
        "preview": rendered(content.body, files_of(draft.document.slug)),
        "content": content,
    }


def codes_found(words: str, ticked: Collection[str]) -> list[Code]:
    """Codes by their letters or words, besides those ticked already."""
    return [code for code in find_codes(words) if code.code not in ticked]


def linkable(person: Person, words: str) -> list[Document]:
    """Published documents whose titles hold all of the words."""
    wanted = Q()
    for word in words.replace("\0", "").split()[:8]:
        wanted &= Q(current_revision__title__icontains=word[:50])
    documents = Document.objects.visible_to(person).published().select_related("current_revision").filter(wanted)
    return list(documents.order_by("current_revision__title")[:LINKS]) if wanted else []
