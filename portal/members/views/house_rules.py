"""What an organization asks of its people's way in; and for which organization a person acts."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from portal.common import circumstances
from portal.common.audit import record
from portal.members import doors
from portal.members.access import person_of, require, signed_in
from portal.members.middleware import ACTING
from portal.members.policy import Action
from portal.members.roster_forms import RulesForm
from portal.members.services.house_rules import set_rules
from portal.members.views.helpers import attempt
from portal.members.views.organizations import visible


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """The page says whether the reader's own address is in the list."""
    place, by = visible(request, slug), person_of(request)
    require(by, Action.MANAGE_PEOPLE, place.pk)
    form = RulesForm(request.POST if request.method == "POST" else None, initial=RulesForm.initial_of(place))
    if request.method == "POST" and form.is_valid():
        knowingly = form.cleaned_data["knowingly"]
        if attempt(form, lambda: set_rules(by=by, organization=place, rules=form.rules, knowingly=knowingly)):
            messages.success(request, "The rules are saved. They hold from each person’s next request.")
            return redirect("house-rules", slug=slug)
    address = circumstances.current().address
    page = {
        "organization": place,
        "form": form,
        "address": address,
        "is_inside": doors.contains(place.allowed_networks, address),
        "is_mine": place.pk in by.actor.organizations,
        "most_idle": settings.SESSION_IDLE_SECONDS // 60,
        "most_hours": settings.SESSION_ABSOLUTE_SECONDS // 3600,
    }
    return render(request, "members/house_rules.html", page)


@require_POST
@signed_in
def act_for(request: HttpRequest) -> HttpResponse:
    """Choose the organization one acts for, until one signs out or chooses another."""
    person = person_of(request)
    slug = request.POST.get("organization", "")
    house = next((one for one in person.actor.houses if one.slug == slug), None)
    if house is None:
        raise Http404
    request.session[ACTING] = house.pk
    record(by=person, action="act for", object_type="person", object_id=person.pk, organization_id=house.pk)
    messages.success(request, f"You act for {house.name} now.")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None, require_https=request.is_secure())
    return redirect(back if safe and back.startswith("/") else "home")
