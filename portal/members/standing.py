"""Around a request of somebody who looks at the site as another person: looking, and nothing else."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from portal.common import circumstances, tenancy
from portal.members.models import Person, StandIn
from portal.members.services import standing_in

Next = Callable[[HttpRequest], HttpResponse]
KEY = "stand_in"
SAFE = ("GET", "HEAD", "OPTIONS")
PRIVATE = ("/account/", "/accounts/")
LOOKING = "You look at the site as somebody else. Nothing is answered, asked, approved, signed or changed for them."
THEIRS = "A person’s own account, lists and records are theirs alone. End looking as somebody else to see your own."


class StandInMiddleware:
    """Makes the request the other person's, where an administrator of the network looks as them.

    Only requests that ask for a page pass, and none for the person's own account. Tokens know nothing of it: the REST
    interface answers its token's person.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        row = _row(request) if KEY in request.session else None
        if row is None or request.path.startswith("/api/"):
            return self.get_response(request)
        now = timezone.now()
        if request.path in (reverse("stand-in-end"), reverse("account_logout")) and request.method == "POST":
            standing_in.end(stand_in=row, at=now)
            request.session.pop(KEY)
            return self.get_response(request)
        if not standing_in.may_go_on(row, at=now):
            return self._over(request, row)
        request.stand_in = row  # type: ignore[attr-defined]
        if request.method not in SAFE:
            raise PermissionDenied(LOOKING)
        if request.path.startswith(PRIVATE):
            raise PermissionDenied(THEIRS)
        administrator, request.user = request.user, row.person
        try:
            with circumstances.standing_in(row.administrator):
                return self.get_response(request)
        finally:
            request.user = administrator

    def _over(self, request: HttpRequest, row: StandIn) -> HttpResponse:
        """Its time is over. What was being sent was meant as the other person, and is not done as oneself."""
        standing_in.end(stand_in=row, at=timezone.now())
        request.session.pop(KEY)
        messages.info(request, f"Looking at the site as {row.person.name} is over. You are yourself again.")
        return self.get_response(request) if request.method in SAFE else redirect("home")


def _row(request: HttpRequest) -> StandIn | None:
    """The stand-in of the session, if it is this person's."""
    if not isinstance(request.user, Person):
        return None
    rows = StandIn.objects.filter(administrator_id=request.user.pk, ended_at=None).select_related("person")
    # The walls of the request are not up yet.
    with tenancy.everything():
        row = rows.filter(pk=request.session[KEY]).first()
    if row is None:
        request.session.pop(KEY)
        return None
    row.administrator = request.user
    return row
