"""Who is told when an answer is late: the network's ladder, for its administrators, and a section's, for its lead."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from consults.ladder_forms import DirectorForm, LadderForm
from consults.models import LadderVersion
from consults.services import ladders
from consults.views.sections import led
from portal.common import present
from portal.members.access import needs, person_of, signed_in
from portal.members.models import Specialty
from portal.members.policy import Action
from portal.members.views.helpers import attempt

SAVED = "Saved. Questions that are sent or promised anew from now on get it; those under way keep theirs."


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, slug: str) -> HttpResponse:
    """A section's ladder, and how long it waits for a reply."""
    return _ladder(request, led(request, slug))


@needs(Action.SET_PROMISES)
@require_http_methods(["GET", "HEAD", "POST"])
def network(request: HttpRequest) -> HttpResponse:
    """What holds for every section that has set none of its own."""
    return _ladder(request, None)


@needs(Action.SET_PROMISES)
@require_POST
def director(request: HttpRequest) -> HttpResponse:
    """Name the network's medical director, or nobody."""
    form, person = DirectorForm(request.POST), person_of(request)
    if form.is_valid():
        chosen = form.cleaned_data["director"]
        if attempt(form, lambda: ladders.name_director(by=person, person=chosen)):
            messages.success(request, f"{chosen or 'Nobody'} stands at the top of every ladder now.")
            return redirect("network-ladder")
    return _page(request, None, director_form=form)


def _ladder(request: HttpRequest, specialty: Specialty | None) -> HttpResponse:
    if request.method != "POST":
        return _page(request, specialty)
    form, person = LadderForm(request.POST), person_of(request)
    if form.is_valid():
        figures = form.cleaned_data
        if attempt(form, lambda: ladders.set_ladder(by=person, specialty=specialty, at=present.now(), **figures)):
            messages.success(request, SAVED)
            return redirect("section-ladder", slug=specialty.slug) if specialty else redirect("network-ladder")
    return _page(request, specialty, form=form)


def _page(
    request: HttpRequest,
    specialty: Specialty | None,
    *,
    form: LadderForm | None = None,
    director_form: DirectorForm | None = None,
) -> HttpResponse:
    present = ladders.holding(specialty.pk if specialty else None)
    director = ladders.director()
    context = {
        "specialty": specialty,
        "present": present,
        "form": form or LadderForm(initial=LadderForm.of(present or LadderVersion())),
        "director": director,
        "director_form": director_form or DirectorForm(initial={"director": director.email if director else ""}),
    }
    return render(request, "consults/ladder.html", context)
