"""The end of an organization's membership, and its reopening: each asks for the reason first."""

from datetime import datetime
from typing import Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portal.members.access import needs, person_of
from portal.members.application_forms import ReasonForm
from portal.members.kept import posted_or_kept
from portal.members.models import Organization, Person
from portal.members.policy import Action
from portal.members.services import membership as services
from portal.members.views.helpers import attempt
from portal.members.views.organizations import visible

READS = "The organization's own administrators read it in the history of the membership."


class Service(Protocol):
    def __call__(self, organization: Organization, /, *, by: Person, reason: str, at: datetime) -> None: ...


@needs(Action.MANAGE_ORGANIZATION)
def end(request: HttpRequest, slug: str) -> HttpResponse:
    return _asked(request, slug, services.end, "members/membership_end.html", "The membership of {} has ended.")


@needs(Action.MANAGE_ORGANIZATION)
def reopen(request: HttpRequest, slug: str) -> HttpResponse:
    return _asked(request, slug, services.reopen, "members/membership_reopen.html", "{} is an active member again.")


def _asked(request: HttpRequest, slug: str, service: Service, template: str, done: str) -> HttpResponse:
    found, by = visible(request, slug), person_of(request)
    form = ReasonForm(posted_or_kept(request), help_text=READS)

    def run() -> None:
        service(found, by=by, reason=form.cleaned_data["reason"], at=timezone.now())

    if request.method == "POST" and form.is_valid() and attempt(form, run):
        messages.success(request, done.format(found.name))
        return redirect(found)
    return render(request, template, {"organization": found, "form": form})
