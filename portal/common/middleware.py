"""The outermost layer: nothing stays in a browser's cache, each request has a name, and what is refused is noted."""

import ipaddress
import logging
import random
import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.functional import SimpleLazyObject

from portal.common import circumstances
from portal.common.audit import record
from portal.common.errors import bad_request

Next = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)


class NoStoreMiddleware:
    """Keeps pages out of caches: ward computers are shared. A view that knows better sets its own Cache-Control."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


_DICE = random.SystemRandom()


class EvenMiddleware:
    """Lets answers that must not tell whether an address is known take whole steps of time, whatever was looked up,
    written or mailed for it, and by chance up to a tenth of a step more: a longer sleep ends a trifle later.

    It waits outside the transaction, so that nobody waits for its locks. Refusals go at once: they follow from what was
    counted, not from what is known.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.monotonic()
        response = self.get_response(request)
        step, place = settings.EVEN_MILLISECONDS / 1000, request.resolver_match
        is_even = place is not None and request.method == "POST" and place.view_name in settings.EVEN_PAGES
        if step and is_even and response.status_code < HTTPStatus.BAD_REQUEST:
            time.sleep(step * (1 + _DICE.random() / 10) - (time.monotonic() - begun) % step)
        return response


EXPORTS = frozenset({"export", "download", "print", "calendar"})
REQUEST_ID = "X-Request-ID"
_NAME = re.compile(r"[A-Za-z0-9._-]{8,64}")


class CircumstancesMiddleware:
    """Tells the audit trail where a request comes from, and names the request in the answer (``X-Request-ID``).

    A name given by the client counts only where proxies are set up (TRUSTED_PROXY_COUNT), as X-Forwarded-For does.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = name_of(request)
        with circumstances.request(address=address_of(request), request_id=name):
            response = self.get_response(request)
        _note_refusal(request, response.status_code, name)
        response.headers.setdefault(REQUEST_ID, name)
        return response


def address_of(request: HttpRequest) -> str | None:
    """The client's IP address: the connection's, or what the outermost trusted proxy saw (TRUSTED_PROXY_COUNT).

    Where fewer proxies are named than are trusted, the request did not come through them: the connection's holds.
    """
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    text = seen[-proxies] if 0 < proxies <= len(seen) else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return None


def name_of(request: HttpRequest) -> str:
    """The name a trusted proxy gave the request, or a new one."""
    given = request.headers.get(REQUEST_ID, "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
    return given if _NAME.fullmatch(given) else uuid.uuid4().hex


class ExportsMiddleware:
    """Puts on the record who took a file out of the site, wherever the view has not said so itself.

    It is the innermost, inside the transaction of the request; the event names the address without its query.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.OK and response.headers.get("Content-Disposition", "").startswith("att"):
            user = getattr(request, "user", None)
            said = {action.rpartition(".")[2] for action in circumstances.current().recorded}
            if user is not None and user.is_authenticated and not said & EXPORTS:
                record(by=user, action="export", object_type="file", object_id=request.path[:60])
        return response


METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class ReadableMiddleware:
    """Refuses what nothing here could answer: a zero byte in the address, or a method such as TRACE.

    No text of ours has a zero byte and PostgreSQL takes none.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(sorted(METHODS))
        if "\x00" in request.path or any("\x00" in value for values in request.GET.lists() for value in values[1]):
            return bad_request(request)
        return self.get_response(request)


def _note_refusal(request: HttpRequest, status: int, name: str) -> None:
    """One line for each request that was refused, in place of Django's own, which says neither who nor from where.

    A record of another organization answers 404, so that is a refusal too. The address is written without its query,
    which may hold what somebody searched for.
    """
    if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return
    # Looking at a person who was not needed so far would ask a database that may be away.
    person = getattr(request, "_cached_user", None) or request.__dict__.get("user")
    who = None if isinstance(person, SimpleLazyObject) else getattr(person, "pk", None)
    address = ascii(request.path)[1:-1]
    log.warning(
        "Refused with %s: %s %s, person %s from %s, request %s",
        status,
        request.method if request.method in METHODS else "?",
        address,
        who or "unknown",
        address_of(request),
        name,
    )
