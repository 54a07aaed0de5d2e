"""A question back or a second opinion, kept as it is typed; with and without JavaScript."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from consults.desk_forms import seen_of
from consults.forms import AskBackForm, OpinionForm
from consults.services import answer_drafts
from consults.views.desk import said
from consults.views.reading import page, visible
from portal.common import present
from portal.common.refusals import Conflict, Invalid, Refused
from portal.members.access import person_of, signed_in

FORMS = {"ask": AskBackForm, "opinion": OpinionForm}


@signed_in
@require_POST
def keep(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Keep what is typed. htmx is told in a header when that was; without it the page comes again."""
    row, person = visible(request, number), person_of(request)
    text, seen = request.POST.get("text", "").replace("\r\n", "\n"), seen_of(request.POST.get("draft", ""))
    try:
        draft = answer_drafts.keep(row, by=person, kind=kind, text=text, at=present.now(), seen=seen)
    except (Invalid, Conflict, Refused) as problem:
        status = 400 if isinstance(problem, Invalid) else 409 if isinstance(problem, Conflict) else 403
        words = " ".join(problem.fields.values()) if isinstance(problem, Invalid) else str(problem)
        if "HX-Request" in request.headers:
            return HttpResponse(status=status, headers={"X-Autosave": f"Not saved. {words}"})
        messages.error(request, words)
        return page(request, row, bound={kind: FORMS[kind](request.POST)}, status=status)
    if "HX-Request" in request.headers:
        response = render(request, "consults/desk/draft_seen.html", {"draft": draft, "place": kind})
        response["X-Autosave"] = said(draft)
        return response
    messages.success(request, f"{said(draft)}. Go on here whenever you like.")
    return redirect(row)


@signed_in
@require_POST
def discard(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Throw away what one has half written."""
    row = visible(request, number)
    answer_drafts.discard(row, by=person_of(request), kind=kind)
    messages.success(request, "What you had written is discarded.")
    return redirect(row)
