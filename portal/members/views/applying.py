"""Applying to join the network, for anyone; and how the application stands, for whoever holds its link."""

from contextlib import suppress

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.common.refusals import Conflict
from portal.members.application_forms import ApplyForm, TextForm
from portal.members.models_applications import Application
from portal.members.services import applying as services
from portal.members.views.helpers import attempt

TOO_MANY = "Too many applications from here. Wait a few minutes and try again."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """The same answer for every address."""
    if not settings.APPLICATIONS_OPEN:
        return render(request, "members/apply_closed.html", status=404)
    form = ApplyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="apply"):
            form.add_error(None, TOO_MANY)
        else:
            services.apply(applied=form.applied(), at=timezone.now())
            return redirect("apply-sent")
    return render(request, "members/apply.html", {"form": form})


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "members/apply_sent.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def state(request: HttpRequest, token: str) -> HttpResponse:
    """Where the mailed links lead. Opening it does nothing; its button confirms the address, or answers the network."""
    found = services.find(token, now=timezone.now())
    if found is None:
        return render(request, "members/invitation_gone.html", status=404)
    form = _answer_form(request)
    if request.method == "POST" and _done(token, found, form):
        return redirect("apply-state", token=token)
    page = {"row": found, "form": form, "said": services.questions(found)}
    return render(request, "members/apply_state.html", page)


def _answer_form(request: HttpRequest) -> TextForm:
    data = request.POST if request.method == "POST" else None
    return TextForm(data, label="Your answer", help_text="Never write about a patient.")


def _done(token: str, found: Application, form: TextForm) -> bool:
    now = timezone.now()
    if found.state == Application.State.UNCONFIRMED:
        with suppress(Conflict):  # the page after it says that the link is dead
            services.confirm(token=token, at=now)
        return True
    if not form.is_valid():
        return False
    return attempt(form, lambda: services.answer(token=token, text=form.cleaned_data["text"], at=now))
