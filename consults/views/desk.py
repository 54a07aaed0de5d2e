"""Answering quickly: the next most urgent question, answers that save themselves, and what the editor finds."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from consults import desk
from consults.desk_forms import seen_of
from consults.forms import AnswerForm
from consults.models import AnswerDraft, Consult
from consults.policy import Action, Facts, may_now
from consults.services import answer_drafts
from consults.views.reading import documents_of, page, visible
from portal.common import present
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.access import person_of, signed_in


@signed_in
@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """Go to the next most urgent question one could answer; ?after= is the one that was looked at."""
    person = person_of(request)
    if not person.actor.specialist_in:
        raise Http404
    number = request.GET.get("after", "").replace("\x00", "")[:12]
    seen = Consult.objects.visible_to(person).filter(number=number).first() if number else None
    row = desk.next_after(person, seen)
    if row is None:
        messages.info(request, "Nothing else waits for you.")
        return redirect("queue")
    return redirect(row)


@signed_in
@require_POST
def find(request: HttpRequest, number: str) -> HttpResponse:
    """Saved pieces and documents for the words typed in the editor, for one who may answer (posted, so that the words
    stand in no address)."""
    row, person = visible(request, number), person_of(request)
    if Action.ANSWER not in may_now(person.actor, Facts.of(row)):
        raise Http404
    typed = request.POST.get("q", "").replace("\x00", "").strip()[:200]
    return render(request, "consults/desk/offered.html", {"offered": desk.offered(person, row, typed)})


@signed_in
@require_POST
def keep(request: HttpRequest, number: str) -> HttpResponse:
    """Keep the answer as it is typed. htmx is told in a header when that was; without it the page comes again, with
    what was looked for."""
    row, person = visible(request, number), person_of(request)
    form = AnswerForm(request.POST, person=person)
    form.is_valid()
    try:
        draft = answer_drafts.keep(
            row,
            by=person,
            text=request.POST.get("text", "").replace("\r\n", "\n"),
            documents=documents_of(person, request.POST.getlist("documents")),
            minutes=form.cleaned_data.get("minutes"),
            at=present.now(),
            seen=seen_of(request.POST.get("draft", "")),
        )
    except (Invalid, Conflict, Refused) as problem:
        return _not_kept(request, row, form, problem)
    if "HX-Request" in request.headers:
        response = render(request, "consults/desk/draft_seen.html", {"draft": draft})
        response["X-Autosave"] = said(draft)
        return response
    if "look" in request.POST:
        typed = request.POST.get("q", "").replace("\x00", "").strip()[:200]
        so_far = request.POST.dict() | {"documents": request.POST.getlist("documents")}
        looking = AnswerForm(person=person, initial=so_far)  # unbound: nobody has sent it, so nothing is wrong yet
        return page(request, row, bound={"answer": looking}, more={"looked_for": desk.offered(person, row, typed)})
    messages.success(request, f"{said(draft)}. Go on here whenever you like.")
    return redirect(f"{row.get_absolute_url()}#answer")


def said(draft: AnswerDraft | None) -> str:
    return f"Saved {timezone.localtime(draft.saved_at):%H:%M}" if draft else "Nothing to save"


def _not_kept(request: HttpRequest, row: Consult, form: AnswerForm, problem: Exception) -> HttpResponse:
    status = 400 if isinstance(problem, Invalid) else 409 if isinstance(problem, Conflict) else 403
    words = " ".join(problem.fields.values()) if isinstance(problem, Invalid) else str(problem)
    if "HX-Request" in request.headers:
        return HttpResponse(status=status, headers={"X-Autosave": f"Not saved. {words}"})
    messages.error(request, words)
    return page(request, row, bound={"answer": form}, status=status)


@signed_in
@require_POST
def discard(request: HttpRequest, number: str) -> HttpResponse:
    """Throw away what one has half written."""
    row = visible(request, number)
    answer_drafts.discard(row, by=person_of(request))
    messages.success(request, "What you had written is discarded.")
    return redirect(row)
