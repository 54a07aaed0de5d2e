"""The outermost layer: nothing is left in a browser's cache, no zero byte gets in, and each request has a name."""

import ipaddress
import re
import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.common import circumstances
from portal.common.audit import record
from portal.common.errors import bad_request

Next = Callable[[HttpRequest], HttpResponse]


class NoStoreMiddleware:
    """Keeps pages out of caches: ward computers are shared. A view that knows better sets its own Cache-Control."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
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


class NoZeroByteMiddleware:
    """Refuses an address that holds a zero byte: no text of ours has one, and PostgreSQL takes none."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or any("\x00" in value for values in request.GET.lists() for value in values[1]):
            return bad_request(request)
        return self.get_response(request)
