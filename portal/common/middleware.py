"""The outermost layer: nothing is left in a browser's cache, and a database that is away is a plain page."""

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

log = logging.getLogger(__name__)
Next = Callable[[HttpRequest], HttpResponse]


class ServiceUnavailableMiddleware:
    """Answers 503 with Retry-After where the database cannot be reached."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, (OperationalError, InterfaceError)):
            return None
        log.error("Database unavailable: %s", type(error).__name__)
        return HttpResponse(render_to_string("errors/503.html"), status=503, headers={"Retry-After": "10"})


class NoStoreMiddleware:
    """Keeps pages out of caches: ward computers are shared. A view that knows better sets its own Cache-Control."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
