"""Saved pieces of answers: a specialist's own, and those of their sections."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from consults.desk_forms import PieceForm
from consults.models import Piece
from consults.policy import may_keep_piece
from consults.services import pieces
from portal.common import identifiers, present
from portal.members.access import person_of, signed_in
from portal.members.kept import posted_or_kept
from portal.members.models import Person
from portal.members.views.helpers import attempt, carry_out, paged


def _specialist(request: HttpRequest) -> Person:
    person = person_of(request)
    if not person.actor.specialist_in:
        raise Http404
    return person


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """My pieces and my sections', and a form for another; ?q= narrows them."""
    person = _specialist(request)
    form = PieceForm(posted_or_kept(request), person=person)
    if request.method == "POST" and form.is_valid():
        values = {"specialty": None} | form.cleaned_data
        if attempt(form, lambda: pieces.add(by=person, at=present.now(), **values)):
            messages.success(request, f"“{values['title']}” is saved. Type @ in an answer to insert it.")
            return redirect("pieces")
    rows = Piece.objects.visible_to(person).select_related("specialty", "changed_by").order_by("title", "pk")
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    if words:
        rows = rows.filter(title__icontains=words) | rows.filter(text__icontains=words)
    context = {"page": paged(request, rows), "form": form, "q": words, "findings": _findings(form)}
    return render(request, "consults/desk/pieces.html", context)


def _findings(form: PieceForm) -> list[identifiers.Finding]:
    return identifiers.find(f"{form['title'].value() or ''}\n{form['text'].value() or ''}")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def piece(request: HttpRequest, pk: int) -> HttpResponse:
    """One piece: to read, and to change for whoever keeps it."""
    person = _specialist(request)
    row = get_object_or_404(Piece.objects.visible_to(person).select_related("specialty", "changed_by"), pk=pk)
    data = posted_or_kept(request)
    initial = {"title": row.title, "text": row.text}
    form = PieceForm(data, person=person, is_new=False, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if attempt(form, lambda: pieces.change(row, by=person, at=present.now(), **values)):
            messages.success(request, f"“{values['title']}” is saved.")
            return redirect("pieces")
    may_change = bool(may_keep_piece(person.actor, row.owner_id, row.specialty_id))
    context = {"piece": row, "form": form, "may_change": may_change, "findings": _findings(form)}
    return render(request, "consults/desk/piece.html", context)


@signed_in
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a piece away."""
    person = _specialist(request)
    row = get_object_or_404(Piece.objects.visible_to(person), pk=pk)
    carry_out(request, lambda: pieces.remove(row, by=person), f"“{row.title}” is removed.")
    return redirect("pieces")
