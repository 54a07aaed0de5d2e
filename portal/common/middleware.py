"""The outermost layer: nothing is left in a browser's cache, and no zero byte gets in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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


class NoZeroByteMiddleware:
    """Refuses an address that holds a zero byte: no text of ours has one, and PostgreSQL takes none."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or any("\x00" in value for values in request.GET.lists() for value in values[1]):
            return bad_request(request)
        return self.get_response(request)
