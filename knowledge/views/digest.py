"""Choosing the weekly digest, and the link in each mail that stops it with one click."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from knowledge.models import DigestChoice
from knowledge.services import choose_digest, person_of_token
from portal.common.refusals import Invalid
from portal.members.access import person_of, signed_in
from portal.members.models import Person


@signed_in
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Weekly or off, from the page of what one follows."""
    try:
        choose_digest(frequency=request.POST.get("frequency", ""), by=person_of(request))
    except Invalid as invalid:
        messages.error(request, str(invalid))
    else:
        messages.success(request, "Your choice of the weekly mail is saved.")
    return redirect("following")


@csrf_exempt  # a mail program posts here without a page of ours (RFC 8058); the signature says whose it is
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stops the digest of the person whose link it is, signed in or not; the page offers to take that back."""
    person = _of_token(token)
    choose_digest(frequency=DigestChoice.Frequency.OFF, by=person)
    return render(request, "knowledge/digest_stopped.html", {"token": token, "is_stopped": True})


@require_POST
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Takes the stop back."""
    person = _of_token(token)
    choose_digest(frequency=DigestChoice.Frequency.WEEKLY, by=person)
    return render(request, "knowledge/digest_stopped.html", {"token": token, "is_stopped": False})


def _of_token(token: str) -> Person:
    person = person_of_token(token)
    if person is None:
        raise Http404
    return person
