"""What happens around every request: session limits, doors of organizations, the second factor, the reader's time zone,
the tenants' walls.
"""

import time
import zoneinfo
from collections.abc import Callable
from functools import cache

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from portal.common import circumstances
from portal.common.audit import record
from portal.common.sessions import SessionStore
from portal.common.storage import noting_files
from portal.common.trouble import can_be_missed
from portal.members import doors, kept, second_factor
from portal.members.access import ENDED
from portal.members.models import Person
from portal.members.walls import around

Next = Callable[[HttpRequest], HttpResponse]
BEGAN, SEEN = "began_at", "seen_at"
ACTING = "acting_for"
STAMP_EVERY = 60
SERVER_ERROR = 500


class SessionLimitsMiddleware:
    """Ends a session that is idle or old, or whose person may no longer sign in, before anything else sees it.

    The view then meets nobody, keeps what was posted and asks to sign in (``access.signed_in``). The time of the last
    request is written at most once a minute, so that reading a page costs no write.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        had_session = SESSION_KEY in request.session
        why = _why_over(request, int(time.time())) if had_session else ""
        if why:
            logout(request)
            request.session[ENDED] = why
        response = self.get_response(request)
        person = request.user
        # A token makes a person of a REST request, too: not the session's, perhaps.
        if isinstance(person, Person) and request.session.get(SESSION_KEY) == str(person.pk):
            _stamp(request, response, person, int(time.time()))
        elif had_session and not why and SESSION_KEY not in request.session:
            kept.forget_reader(response)
        return response


def _why_over(request: HttpRequest, now: int) -> str:
    """Why the session must end, in words for the sign-in page; empty when it may go on."""
    if not isinstance(request.user, Person):
        return "Your session was ended."
    idle, absolute = doors.lengths(
        request.user.actor.houses,
        idle_seconds=settings.SESSION_IDLE_SECONDS,
        absolute_seconds=settings.SESSION_ABSOLUTE_SECONDS,
    )
    if now - request.session.get(SEEN, now) > idle:
        return f"You were signed out after {idle // 60} minutes without a request."
    if now - request.session.get(BEGAN, now) > absolute:
        hours = absolute // 3600
        return f"You were signed out: a session lasts at most {hours} {'hour' if hours == 1 else 'hours'}."
    return ""


def _stamp(request: HttpRequest, response: HttpResponse, person: Person, now: int) -> None:
    session = request.session
    assert isinstance(session, SessionStore)
    if BEGAN not in session:
        session[BEGAN] = now
        session.pop(ENDED, None)
        kept.forget_those_of_others(request, person)
        session[SEEN] = now
    elif now - session[SEEN] < STAMP_EVERY:
        return
    else:
        with can_be_missed():
            UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
        session.note(SEEN, now)
    kept.remember_reader(response, person)


class DoorsMiddleware:
    """Leaves out of the person's roles those in organizations that let nobody in from this address, and remembers for
    which organization the person acts. Costs no query: both came with the person's roles.

    Who has no role left is signed out, told why, and recorded. Tokens pass ``tokens.TokenAuthentication``.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if isinstance(person, Person):
            closed = narrow(person)
            if closed and not person.actor.has_any_role:
                return _turned_away(request, person, closed)
            person.actor = person.actor.acts_for(request.session.get(ACTING))
        return self.get_response(request)


def narrow(person: Person) -> list[doors.House]:
    """Leave out the roles that do not hold at the request's address; the organizations that shut their door to it."""
    closed = doors.shut(person.actor.houses, circumstances.current().address)
    if closed:
        person.actor = person.actor.without(house.pk for house in closed)
    return closed


def _turned_away(request: HttpRequest, person: Person, closed: list[doors.House]) -> HttpResponse:
    for house in closed:
        record(by=person, action="refuse address", object_type="person", object_id=person.pk, organization_id=house.pk)
    logout(request)
    return render(request, "members/not_from_here.html", {"closed": closed}, status=403)


class SecondFactorMiddleware:
    """Leads people who need a second factor and have none to the page where they set it up, and nowhere else."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        proven = request.session.get(second_factor.PROVEN) or _open_without(request.path)
        if not isinstance(person, Person) or proven or not second_factor.is_missing(person):
            return self.get_response(request)
        messages.info(request, "Your work in the network needs a second step at sign-in. Set one up to go on.")
        page = reverse("mfa_index")
        if "HX-Request" in request.headers:
            return HttpResponseClientRedirect(page)
        return HttpResponseRedirect(page)


def _open_without(path: str) -> bool:
    """Setting up, proving the password, signing out; and addresses where a session counts for nothing."""
    return path.startswith(_open_pages())


@cache
def _open_pages() -> tuple[str, ...]:
    names = ("mfa_index", "account_logout", "account_reauthenticate")
    return (*map(reverse, names), "/api/", "/healthz", "/readyz")


class TimeZoneMiddleware:
    """Shows every moment in the zone of the person reading."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = zoneinfo.ZoneInfo(request.user.time_zone) if isinstance(request.user, Person) else None
        with timezone.override(zone):
            return self.get_response(request)


class TenancyMiddleware:
    """Runs the view in one transaction that sees the rows of the person's organizations only.

    Nothing stays of a request that failed, files neither. A response must be complete when the view returns: one that
    streams from the database would read after the walls have gone up.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in ("/healthz", "/readyz"):
            return self.get_response(request)
        person = request.user if isinstance(request.user, Person) else None
        with noting_files() as files, around(person):
            response = self.get_response(request)
            if response.status_code >= SERVER_ERROR:
                transaction.set_rollback(True)
                files.take_back()
            return response
