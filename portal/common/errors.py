"""What went wrong, on a page or, below /api/, as problem details: what happened, what was kept, and what to do."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from portal.common import resending
from portal.common.trouble import Trouble, later

API = "/api/"


def _problem(status: HTTPStatus, detail: str) -> HttpResponse:
    body = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same for a missing record and a forbidden one."""
    if request.path.startswith(API):
        return _problem(HTTPStatus.NOT_FOUND, "Nothing here, or not for you.")
    return render(request, "errors/404.html", status=404)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Not for this person; the exception's words are the reason they read."""
    if request.path.startswith(API):
        return _problem(HTTPStatus.FORBIDDEN, str(exception or "You may not do this."))
    return render(request, "errors/403.html", {"reason": str(exception or "")}, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if request.path.startswith(API):
        return _problem(HTTPStatus.BAD_REQUEST, "The request could not be read.")
    return render(request, "errors/400.html", status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """Without context processors, which ask a database that may be what is broken.

    A database that cannot be reached or takes nothing new, wherever in the request that was noticed, is a 503 and a
    time to come back; so is a disk that takes no file.
    """
    if found := later(sys.exc_info()[1]):
        return _away(request, found)
    if request.path.startswith(API):
        return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here. Nothing was changed.")
    return HttpResponse(render_to_string("errors/500.html"), status=500)


def _away(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    if request.path.startswith(API):
        response = _problem(HTTPStatus.SERVICE_UNAVAILABLE, trouble.words)
    else:
        words = {"trouble": trouble, "sent": resending.sent(request)}
        response = HttpResponse(render_to_string("errors/503.html", words), status=503)
    response["Retry-After"] = str(trouble.seconds)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/csrf.html", status=403)
