"""Looking at the site as somebody else: beginning, ending, and who did it for me."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.common.notices import mark_read_at
from portal.members.access import needs, person_of, signed_in
from portal.members.forms import StandInForm
from portal.members.models import Person
from portal.members.policy import Action, can_stand_in
from portal.members.services import standing_in
from portal.members.standing import KEY
from portal.members.views.helpers import attempt, paged


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Action.STAND_IN)
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason, then begins."""
    by = person_of(request)
    person = get_object_or_404(Person.objects.visible_to(by), pk=pk)
    form = StandInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _begin(request, form, by, person):
        return redirect("home")
    context = {"member": person, "form": form, "decision": can_stand_in(by.actor, person.actor)}
    return render(request, "members/stand_in.html", context)


def _begin(request: HttpRequest, form: StandInForm, by: Person, person: Person) -> bool:
    def service() -> None:
        row = standing_in.begin(by=by, person=person, reason=form.cleaned_data["reason"], at=timezone.now())
        request.session[KEY] = row.pk

    return attempt(form, service)


@require_POST
@signed_in
def end(request: HttpRequest) -> HttpResponse:
    """Where the button of the banner leads; the middleware has ended it."""
    messages.success(request, "You are yourself again.")
    return redirect("home")


@signed_in
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Who looked at the site as me, when and why."""
    person = person_of(request)
    mark_read_at(person, request.path)
    page = paged(request, person.stand_ins.select_related("administrator"))
    return render(request, "members/stand_ins.html", {"page": page})
