"""Setting up an organization's own sign-in: the provider, a check, a trial, the switches."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.members.access import person_of, require, signed_in
from portal.members.kept import posted_or_kept
from portal.members.models import Organization
from portal.members.models_sso import IdentityProvider
from portal.members.policy import Action
from portal.members.provider_adapter import TRIAL
from portal.members.services import single_sign_on as services
from portal.members.services import sso_looking
from portal.members.sso_forms import ProviderForm, SwitchForm
from portal.members.views.helpers import attempt, carry_out
from portal.members.views.organizations import visible
from portal.members.views.sso_entrance import addresses, leave_for

SHOWN = (
    "kind server_url client_id metadata_url entity_id sign_in_url certificate default_role default_facility "
    "asks_second_step"
).split()


@never_cache
@signed_in
def setup(request: HttpRequest, slug: str) -> HttpResponse:
    """The page, and saving the provider on it."""
    found = mine(request, slug)
    row = sso_looking.of(found)
    initial = {name: getattr(row, name) for name in SHOWN} if row else {"kind": "oidc", "default_role": "clinician"}
    form = ProviderForm(posted_or_kept(request), organization=found, initial=initial)
    if request.method == "POST" and form.is_valid() and _save(request, found, form):
        messages.success(request, "The provider is saved. Check it next.")
        return redirect("single-sign-on", slug=slug)
    return render(request, "members/single_sign_on.html", _page(request, found, row, form))


def _save(request: HttpRequest, found: Organization, form: ProviderForm) -> bool:
    by, at = person_of(request), timezone.now()
    return attempt(form, lambda: services.save_provider(by=by, organization=found, at=at, **form.cleaned_data))


def _page(
    request: HttpRequest, found: Organization, row: IdentityProvider | None, form: ProviderForm
) -> dict[str, Any]:
    trial = request.session.get(TRIAL) or {}
    if row and trial.get("of") == row.key and "said" in trial:
        del request.session[TRIAL]
    else:
        trial = {}
    return {
        "organization": found,
        "provider": row,
        "form": form,
        "switches": SwitchForm(initial={"is_on": row.is_on, "is_only_way": row.is_only_way}, auto_id="switch_%s")
        if row
        else None,
        "addresses": addresses(request, row) if row else {},
        "domains": list(found.domains.all()),
        "trial": trial,
    }


@require_POST
@signed_in
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask the provider what it says of itself, and say what is wrong with that."""
    found, by = mine(request, slug), person_of(request)
    problems: list[str] = []

    def look() -> None:
        problems.append(services.check_provider(by=by, organization=found, at=timezone.now()))

    carry_out(request, look, "The provider was asked.")
    for problem in filter(None, problems):
        messages.error(request, f"Not right yet: {problem}")
    return redirect("single-sign-on", slug=slug)


@require_POST
@signed_in
def try_it(request: HttpRequest, slug: str) -> HttpResponse:
    """Off to the provider, to see what it says; whoever answers there is not signed in here."""
    found = mine(request, slug)
    row = sso_looking.of(found)
    if row is None or not row.is_checked:
        messages.error(request, "Check the provider first.")
        return redirect("single-sign-on", slug=slug)
    request.session[TRIAL] = {"of": row.key}
    return leave_for(request, row, data={"trial": True})


@require_POST
@signed_in
def switch(request: HttpRequest, slug: str) -> HttpResponse:
    found, by, form = mine(request, slug), person_of(request), SwitchForm(request.POST)
    form.is_valid()
    values = form.cleaned_data
    carry_out(request, lambda: services.switch(by=by, organization=found, **values), "The switches are set.")
    return redirect("single-sign-on", slug=slug)


@signed_in
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Asks once, then forgets the provider."""
    found, by = mine(request, slug), person_of(request)
    if request.method != "POST":
        return render(request, "members/single_sign_on_remove.html", {"organization": found})
    done = "The provider is forgotten. People sign in with a password again."
    carry_out(request, lambda: services.remove_provider(by=by, organization=found), done)
    return redirect("single-sign-on", slug=slug)


def mine(request: HttpRequest, slug: str) -> Organization:
    """The organization whose sign-in the person may set up: 404 for outsiders, 403 for its other people."""
    found = visible(request, slug)
    require(person_of(request), Action.MANAGE_PEOPLE, found.pk)
    return found
