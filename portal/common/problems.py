"""REST errors as problem details (RFC 9457), naming each field that is wrong."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from portal.common.refusals import Conflict, Invalid, Refused
from portal.common.trouble import later


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return Response(body, status=status, headers=headers, content_type="application/problem+json")


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """The one place where an exception becomes a REST answer. None lets Django answer 500."""
    if isinstance(error, Conflict):
        return problem(409, str(error))
    if isinstance(error, Invalid):
        errors = [{"field": field, "detail": text} for field, text in error.fields.items()]
        return problem(400, "Some fields need attention.", errors=errors)
    if isinstance(error, exceptions.ValidationError):
        return problem(400, "Some fields need attention.", errors=list(_field_errors(error.detail)))
    if isinstance(error, Http404 | exceptions.NotFound):
        return problem(404, "Nothing here, or not for you.")
    if isinstance(error, Refused | PermissionDenied):
        return problem(403, str(error) or "You may not do this.")
    if found := later(error):
        return problem(503, found.words, headers={"Retry-After": str(found.seconds)})
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    kept = {name: value for name, value in response.items() if name in ("WWW-Authenticate", "Retry-After")}
    return problem(response.status_code, str(error.detail), headers=kept)


def _field_errors(detail: Any, field: str = "") -> list[dict[str, str]]:
    """DRF's nested error detail, flattened to one row a field."""
    if isinstance(detail, dict):
        return [row for name, inner in detail.items() for row in _field_errors(inner, _path(field, str(name)))]
    if isinstance(detail, list):
        return [row for inner in detail for row in _field_errors(inner, field)]
    return [{"field": field, "detail": str(detail)}]


def _path(parent: str, name: str) -> str:
    if name == "non_field_errors":
        return parent
    return f"{parent}.{name}" if parent else name
