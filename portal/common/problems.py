"""REST errors as problem details (RFC 9457), naming each field that is wrong."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, connection, transaction
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from portal.common.refusals import Conflict, Invalid, Refused
from portal.common.trouble import later

log = logging.getLogger(__name__)


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return Response(body, status=status, headers=headers, content_type="application/problem+json")


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """The one place where an exception becomes a REST answer. None lets Django answer 500."""
    if found := _ours(error) or _below(error):
        return found
    response = exception_handler(error, context)
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    kept = {name: value for name, value in response.items() if name in ("WWW-Authenticate", "Retry-After")}
    return problem(response.status_code, str(error.detail), headers=kept)


def _ours(error: Exception) -> Response | None:
    """What a service or a serializer refuses."""
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
    return None


def _below(error: Exception) -> Response | None:
    """What Django, the database or the disk does not take."""
    if isinstance(error, RequestDataTooBig):
        return problem(413, "The body is too large.")
    if isinstance(error, DataError | OverflowError):
        return _out_of_range(error)
    if found := later(error):
        return problem(503, found.words, headers={"Retry-After": str(found.seconds)})
    return None


def _out_of_range(error: Exception) -> Response:
    """A number or a day that fits its field and no column, or that no calendar goes on from: nothing was changed.

    The log has the kind of error alone: its text quotes what was sent.
    """
    log.warning("A value is out of range: %s", type(error.__cause__ or error).__name__)
    if connection.in_atomic_block:
        transaction.set_rollback(True)
    return problem(400, "A value is too long, too large or out of range.")


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
