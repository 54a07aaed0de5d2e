"""Who gets to a view: decorators for function views, and the person behind a request."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from portal.members import kept
from portal.members.models import Person
from portal.members.policy import Action, Denied, can

ENDED = "session_ended"
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def person_of(request: HttpRequest) -> Person:
    """The person signed in. Raises PermissionDenied when there is none, which ``signed_in`` rules out."""
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return request.user


def signed_in(view: View[P]) -> View[P]:
    """Only for people signed in; others go to the sign-in page and come back, with what they had typed."""

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return ask_to_sign_in(request)
        return view(request, *args, **kwargs)

    return inner


def needs(action: Action) -> Callable[[View[P]], View[P]]:
    """Only for people who may do ``action`` somewhere in the network; others get the page that says why not (403)."""

    def decorate(view: View[P]) -> View[P]:
        @signed_in
        @wraps(view)
        def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            require(person_of(request), action)
            return view(request, *args, **kwargs)

        return inner

    return decorate


def require(person: Person, action: Action, organization_id: int | None = None) -> None:
    """Raise PermissionDenied with the reason unless ``person`` may do ``action``."""
    decision = can(person.actor, action, organization_id)
    if isinstance(decision, Denied):
        raise PermissionDenied(decision.reason)


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send the browser to the sign-in page, keeping a posted form and where it came from."""
    was_kept = request.method == "POST" and kept.keep(request)
    said = [request.session.pop(ENDED, "")] + (["What you had typed is kept."] if was_kept else [])
    if any(said):
        messages.info(request, " ".join(filter(None, said)))
    address = f"{reverse('account_login')}?{urlencode({'next': kept.page_of(request)})}"
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)
