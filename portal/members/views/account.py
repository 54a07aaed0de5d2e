"""A person's own pages: profile and tokens."""

from datetime import timedelta

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.members.access import person_of, signed_in
from portal.members.forms import ProfileForm, TokenForm
from portal.members.kept import posted_or_kept
from portal.members.services import people
from portal.members.services.tokens import create_token, revoke_token
from portal.members.views.helpers import attempt, carry_out

PLACES = ("organization", "specialty")


@signed_in
def account(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    shown = {field: getattr(person, field) for field in ("name", "time_zone", "facility", "away_until")}
    form = ProfileForm(posted_or_kept(request), person=person, initial=shown)
    if request.method == "POST" and form.is_valid() and _save_profile(request, form):
        messages.success(request, "Your profile is saved.")
        return redirect("account")
    return render(request, "members/account.html", {"form": form, "roles": person.roles.select_related(*PLACES)})


def _save_profile(request: HttpRequest, form: ProfileForm) -> bool:
    person, values = person_of(request), dict(form.cleaned_data)
    away_until = values.pop("away_until")
    if away_until != person.away_until and not attempt(form, lambda: people.set_away(by=person, until=away_until)):
        return False
    return attempt(form, lambda: people.update_profile(by=person, **values))


@signed_in
@never_cache
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator] # allauth has no types
def tokens(request: HttpRequest) -> HttpResponse:
    """The list of one's tokens. Making one asks for the password again: it outlives the session."""
    person, secrets = person_of(request), []
    form = TokenForm(posted_or_kept(request))
    if request.method == "POST" and form.is_valid():
        name, lifetime = form.cleaned_data["name"], timedelta(days=form.cleaned_data["days"])
        attempt(form, lambda: secrets.append(create_token(by=person, person=person, name=name, lifetime=lifetime)[1]))
    rows = person.tokens.filter(revoked_at=None)
    page = {"form": TokenForm() if secrets else form, "tokens": rows, "now": timezone.now(), "secrets": secrets}
    return render(request, "members/tokens.html", page)


@require_POST
@signed_in
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    token = get_object_or_404(person.tokens, pk=pk)
    carry_out(request, lambda: revoke_token(by=person, token=token), f"The token {token.name} is revoked.")
    return redirect("tokens")
