"""Invitations: the page a link opens, and the buttons of those who sent it."""

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.common.refusals import Conflict
from portal.members.access import person_of, signed_in
from portal.members.forms import USUAL_ZONE, AcceptForm
from portal.members.models import Invitation, Person
from portal.members.services import invitations as services
from portal.members.views.helpers import carry_out


@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The same answer for a link that is unknown, expired, used or revoked."""
    found = services.find(token)
    if found is None:
        return _gone(request)
    holder = services.holder(found)
    zone = found.organization.time_zone if found.organization else USUAL_ZONE
    initial = {"time_zone": zone, "name": found.name}
    form = AcceptForm(request.POST or None, email=found.email, organization=found.organization, initial=initial)
    if request.method == "POST" and (holder or form.is_valid()):
        return _accept(request, token, form, holder)
    return render(request, "members/invitation.html", {"invitation": found, "form": form, "holder": holder})


def _accept(request: HttpRequest, token: str, form: AcceptForm, holder: Person | None) -> HttpResponse:
    try:
        joined = services.accept(secret=token, **({} if holder else form.cleaned_data))
    except Conflict:
        return _gone(request)
    if holder:
        # A link proves an address, not a person who has a password: they sign in as always.
        messages.success(request, "The role is added to your account.")
        return redirect("home") if request.user == joined else redirect(settings.LOGIN_URL)
    response: HttpResponse = perform_login(request, joined, email=joined.email)
    return response


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "members/invitation_gone.html", status=404)


@require_POST
@signed_in
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    by, found = person_of(request), _sent(request, pk)
    done = f"A new link is on its way to {found.email}; the old one no longer works."
    carry_out(request, lambda: services.resend(by=by, invitation=found), done)
    return _back(found)


@require_POST
@signed_in
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    by, found = person_of(request), _sent(request, pk)
    carry_out(request, lambda: services.revoke(by=by, invitation=found), f"The link to {found.email} no longer works.")
    return _back(found)


def _sent(request: HttpRequest, pk: int) -> Invitation:
    return get_object_or_404(Invitation.objects.visible_to(person_of(request)), pk=pk)


def _back(found: Invitation) -> HttpResponse:
    return redirect("people", slug=found.organization.slug) if found.organization else redirect("network-people")
