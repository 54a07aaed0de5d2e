"""What belongs to one reader: the note beside a document, and the list of what was read."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from knowledge.forms import NoteForm
from knowledge.models import Reading
from knowledge.services import clear_readings, delete_note, save_note
from knowledge.views.reading import document_page, visible_document
from portal.members.access import person_of, signed_in

DAYS = 90
PAGE = 25


@signed_in
@require_POST
def note(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep the note; one that is too long comes back with its text."""
    person = person_of(request)
    found = visible_document(person, slug)
    if found.current_revision is None:
        raise Http404
    is_saved = found.notes.filter(person=person).exists()
    form = NoteForm(request.POST, is_saved=is_saved)
    if not form.is_valid():
        page = document_page(request, found, found.current_revision)
        return render(request, "knowledge/document.html", page | {"note_form": form})
    save_note(document=found, text=form.cleaned_data["note"], by=person)
    messages.success(request, "Your note is saved." if form.cleaned_data["note"].strip() else "You have no note here.")
    return redirect(found)


@signed_in
@require_POST
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    found = visible_document(person_of(request), slug)
    if found.current_revision is None:
        raise Http404
    delete_note(document=found, by=person_of(request))
    messages.success(request, "Your note is deleted.")
    return redirect(found)


@signed_in
@require_safe
def readings(request: HttpRequest) -> HttpResponse:
    """What one read in the last 90 days, the last first."""
    since = timezone.now() - timedelta(days=DAYS)
    rows = Reading.objects.listed(person_of(request)).filter(at__gte=since)
    rows = rows.select_related("document", "document__current_revision", "revision")
    page = Paginator(rows.order_by("-at", "-pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "knowledge/readings.html", {"page": page, "days": DAYS})


@signed_in
@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    clear_readings(by=person_of(request))
    messages.success(request, "The list of what you read is empty.")
    return redirect("readings")
