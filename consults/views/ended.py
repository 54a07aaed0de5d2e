"""“This answered it”: a draft that reading made needless, the way back, and the counts that the section reads."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from consults import read_instead
from consults.figures import SMALLEST_CELL, WINDOW
from consults.forms import AskForm
from consults.policy import may_see_reading
from consults.services import setting_aside
from consults.views.asking import ended_draft, keep, number_of, own_draft
from knowledge.models import Document
from portal.common import present
from portal.common.refusals import Conflict
from portal.members.access import person_of, signed_in
from portal.members.models import Specialty
from portal.members.policy import Denied


@signed_in
@require_POST
def answered(request: HttpRequest) -> HttpResponse:
    """A document answered the question: keep what was typed as a draft, and end it."""
    person = person_of(request)
    if not person.actor.clinician_in:
        raise Http404
    number = number_of(request)
    if ended_draft(person, number):  # the same button pressed twice
        return redirect("ask-ended", number=number)
    readable = Document.objects.visible_to(person).filter(current_revision__isnull=False)
    document = get_object_or_404(readable, slug=request.POST.get("answered", "").replace("\x00", ""))
    draft = own_draft(person, number)
    try:
        kept = keep(person, draft, AskForm(request.POST, person=person))
        setting_aside.set_aside(kept, by=person, document=document, at=present.now())
    except Conflict:  # sent or ended while this was on its way
        return redirect("consults")
    return redirect("ask-ended", number=kept.number)


@signed_in
@require_safe
def ended(request: HttpRequest, number: str) -> HttpResponse:
    """What became of the draft, and the way back for a week."""
    draft = ended_draft(person_of(request), number)
    if draft is None or draft.set_aside_at is None:
        raise Http404
    document = draft.read_instead.document if draft.read_instead else None
    if document and not Document.objects.visible_to(person_of(request)).filter(pk=document.pk).exists():
        document = None
    context = {"draft": draft, "document": document, "until": draft.set_aside_at + setting_aside.KEPT}
    return render(request, "consults/ended.html", context)


@signed_in
@require_POST
def take_up(request: HttpRequest, number: str) -> HttpResponse:
    """It did not answer it after all: the draft again as it was."""
    person = person_of(request)
    draft = ended_draft(person, number)
    if draft is None:
        own_draft(person, number)
        return redirect("ask-draft", number=number)
    setting_aside.take_up(draft, by=person, at=present.now())
    messages.success(request, f"Draft {number} is here again as you left it, and is not counted.")
    return redirect("ask-draft", number=number)


@signed_in
@require_safe
def figure(request: HttpRequest, slug: str) -> HttpResponse:
    """Which documents answered questions of a section before they were asked; for its lead, editors, administrators."""
    specialty = get_object_or_404(Specialty, slug=slug)
    actor = person_of(request).actor
    if isinstance(decision := may_see_reading(actor, specialty.pk), Denied):
        raise PermissionDenied(decision.reason)
    others = [row for row in Specialty.objects.order_by("name") if may_see_reading(actor, row.pk)]
    context = {
        "specialty": specialty,
        "figure": read_instead.figure(specialty, now=timezone.now()),
        "others": others,
        "days": WINDOW.days,
        "least": SMALLEST_CELL,
    }
    return render(request, "consults/read_instead.html", context)
