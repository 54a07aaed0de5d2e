"""Writing an organization's notes beside the network's text: choosing a passage, writing, mending, and all of them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.anchoring import Passage
from knowledge.beside import Standing, stand, stand_one
from knowledge.forms import OverlayForm
from knowledge.models import Document, Overlay, Revision
from knowledge.passages import passages
from knowledge.services import add_overlay, change_overlay, delete_overlay, keep_overlay
from knowledge.views.reading import visible_document
from portal.common.notices import mark_read_at
from portal.common.refusals import Conflict, Invalid
from portal.members.access import needs, person_of
from portal.members.kept import posted_or_kept
from portal.members.models import Organization
from portal.members.policy import Action

PAGE = 25
PASSAGES = 60


@needs(Action.ANNOTATE)
@require_safe
def overlays(request: HttpRequest) -> HttpResponse:
    """Every note the person may change, those to look at first; by ?words=, ?organization= and ?changed=1."""
    person = person_of(request)
    words, slug = _words(request), request.GET.get("organization", "").replace("\0", "")
    changed = bool(request.GET.get("changed"))
    places = Organization.objects.filter(pk__in=person.actor.annotates)
    rows = Overlay.objects.writable_by(person)
    waiting = rows.exclude(flagged_at=None).count()
    rows = rows.filter(Q(text__icontains=words) | Q(document__current_revision__title__icontains=words))
    rows = rows.filter(organization__slug=slug) if slug in {place.slug for place in places} else rows
    rows = rows.exclude(flagged_at=None) if changed else rows
    rows = rows.select_related("organization", "author", "changed_by", "document__current_revision")
    rows = rows.order_by(F("flagged_at").asc(nulls_last=True), "document__current_revision__title", "number", "pk")
    mark_read_at(person, request.path)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "places": places,
        "organization": slug,
        "words": words,
        "changed": changed,
        "waiting": waiting,
    }
    return render(request, "knowledge/overlays.html", context)


@needs(Action.ANNOTATE)
@require_safe
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    """The document's passages, to choose where a note goes; ?words= narrows them down, ?move= is a note to be moved."""
    document, revision = _document(request, slug)
    moving = _overlay(request, document, request.GET["move"]) if request.GET.get("move") else None
    words = _words(request)
    now = passages(revision)
    notes = stand(Overlay.objects.writable_by(person_of(request)).filter(document=document), now)
    noted = {note.passage.number for note in notes if note.passage}
    found = [row for row in now if words.casefold() in f"{row.under} {row.text}".casefold()]
    mark_read_at(person_of(request), request.path)
    context = {
        "document": document,
        "revision": revision,
        "page": Paginator(found, PASSAGES).get_page(request.GET.get("page")),
        "noted": noted,
        "notes": notes,
        "changed": [note for note in notes if note.is_changed],
        "words": words,
        "moving": moving,
    }
    return render(request, "knowledge/overlay_choose.html", context)


@needs(Action.ANNOTATE)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """A new note beside the passage ?passage= of the revision ?revision=."""
    person = person_of(request)
    document, current = _document(request, slug)
    read, number = _number(request.GET.get("revision")), _number(request.GET.get("passage"))
    form = OverlayForm(posted_or_kept(request), person=person, is_new=True)
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = {"organization": form.chosen, "text": form.cleaned_data["text"]}
        try:
            made = add_overlay(document=document, revision=read, passage=number, by=person, **values)
        except (Conflict, Invalid) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"The note is there for everyone of {made.organization}.")
            return _to_note(document, made)
    passage = _passage(document, current, read, number)
    if passage is None and request.method != "POST":
        return redirect("overlay-choose", slug=slug)
    context = {"document": document, "revision": current, "passage": passage, "form": form}
    return render(request, "knowledge/overlay_edit.html", context)


@needs(Action.ANNOTATE)
@require_http_methods(["GET", "HEAD", "POST"])
def overlay(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One note, to change it; with the difference when the text under it has changed."""
    person = person_of(request)
    document, revision = _document(request, slug)
    found = _overlay(request, document, str(pk))
    start = {"text": found.text, "version": found.version}
    form = OverlayForm(posted_or_kept(request), initial=start, person=person, is_new=False)
    if request.method == "POST" and form.is_valid():
        try:
            change_overlay(
                overlay=found, by=person, text=form.cleaned_data["text"], version=form.cleaned_data["version"]
            )
        except Invalid as error:
            form.add_error("text", str(error))
        except Conflict as error:
            return _overtaken(request, document, revision, found, str(error))
        else:
            messages.success(request, "The note is saved.")
            return _kept(request, document, found) if "keep" in request.POST else _to_note(document, found)
    mark_read_at(person, request.path)
    return _edit(request, document, revision, found, form)


def _overtaken(request: HttpRequest, document: Document, revision: Revision, found: Overlay, why: str) -> HttpResponse:
    """What was typed stays, beside what the other person wrote; saving again replaces it."""
    again = Overlay.objects.select_related("organization", "author", "changed_by").filter(pk=found.pk).first()
    if again is None:
        raise Http404
    data = request.POST.copy()
    data["version"] = str(again.version)
    fresh = OverlayForm(data, person=person_of(request), is_new=False)
    fresh.add_error(None, f"{why} What you typed is below. Saving again replaces what is there now.")
    return _edit(request, document, revision, again, fresh, theirs=again.text)


def _edit(
    request: HttpRequest, document: Document, revision: Revision, found: Overlay, form: OverlayForm, theirs: str = ""
) -> HttpResponse:
    (standing,) = stand([found], passages(revision))
    context = {"document": document, "revision": revision, "overlay": found, "form": form, "theirs": theirs}
    return render(request, "knowledge/overlay_edit.html", context | _standing(standing))


def _standing(note: Standing) -> dict[str, Any]:
    return {"note": note, "passage": note.passage}


@needs(Action.ANNOTATE)
@require_POST
def keep(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Fasten the note to a passage of the current revision, as it was shown."""
    document, _ = _document(request, slug)
    return _kept(request, document, _overlay(request, document, str(pk)))


def _kept(request: HttpRequest, document: Document, found: Overlay) -> HttpResponse:
    revision, passage = _number(request.POST.get("revision")), _number(request.POST.get("passage"))
    try:
        keep_overlay(overlay=found, revision=revision, passage=passage, by=person_of(request))
    except (Conflict, Invalid) as error:
        messages.error(request, str(error))
        return redirect("overlay", slug=document.slug, pk=found.pk)
    messages.success(request, "The note stays, beside the passage as it is now.")
    return _to_note(document, found)


def _to_note(document: Document, found: Overlay) -> HttpResponse:
    return redirect(f"{document.get_absolute_url()}#note-{found.pk}")


@needs(Action.ANNOTATE)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask once, then delete."""
    document, revision = _document(request, slug)
    found = _overlay(request, document, str(pk))
    if request.method != "POST":
        (standing,) = stand([found], passages(revision))
        context = {"document": document, "revision": revision, "overlay": found, "note": standing}
        return render(request, "knowledge/overlay_delete.html", context)
    delete_overlay(overlay=found, by=person_of(request))
    messages.success(request, "The note is deleted.")
    back = reverse("overlays") if request.POST.get("next") == reverse("overlays") else document.get_absolute_url()
    return redirect(back)


def _document(request: HttpRequest, slug: str) -> tuple[Document, Revision]:
    found = visible_document(person_of(request), slug)
    if found.current_revision is None:
        raise Http404
    return found, found.current_revision


def _overlay(request: HttpRequest, document: Document, pk: str) -> Overlay:
    """A note the person may change, else nothing is there."""
    rows = Overlay.objects.writable_by(person_of(request)).filter(document=document)
    found = rows.select_related("organization", "author", "changed_by", "document").filter(pk=_number(pk)).first()
    if found is None:
        raise Http404
    return found


def _passage(document: Document, current: Revision, read: int, number: int) -> Passage | None:
    """The passage that was read, as it is now: there or elsewhere, or what it has become."""
    now = passages(current)
    if read == current.number:
        return next((row for row in now if row.number == number), None)
    older = document.revisions.ever_published().filter(number=read).first()
    before = passages(older) if older else ()
    passage = next((row for row in before if row.number == number), None)
    if passage is None:
        return None
    there = Overlay(place=passage.place, key=passage.key, quote=passage.text, number=number)
    return stand_one(there, now, before).passage


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 9 else -1


def _words(request: HttpRequest) -> str:
    return request.GET.get("words", "").replace("\0", "").strip()[:100]
