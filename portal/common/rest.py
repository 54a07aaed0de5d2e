"""What every REST view shares: pages of results, and writes that may be sent twice."""

import hashlib
import json
import logging
import math
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.core.cache import caches
from django.db import Error, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.connection import ConnectionProxy
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle

from portal.common import present
from portal.common.models import IdempotentRequest
from portal.common.refusals import Conflict, Invalid

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which reads this module

log = logging.getLogger(__name__)
HEADER = "Idempotency-Key"
DEEPEST, DEEP = 100, "The body is nested too deeply."
HALVES = re.compile(r"[\ud800-\udfff]")


class Json(JSONParser):
    """JSON as it can be kept: text without zero characters and halves of characters, which PostgreSQL does not take,
    numbers that are finite, and nothing nested deeper than anybody writes.
    """

    def parse(self, *args: Any, **options: Any) -> Any:
        try:
            data = super().parse(*args, **options)
            _check(data)
        except RecursionError:
            raise ParseError(DEEP) from None
        return data


def _check(data: Any) -> None:
    """Raise ParseError for what cannot be kept, wherever in the body it is: names of fields too."""
    left = [(data, 0)]
    while left:
        one, depth = left.pop()
        if depth > DEEPEST:
            raise ParseError(DEEP)
        if isinstance(one, dict | list):
            inner = [*one, *one.values()] if isinstance(one, dict) else one
            left += [(value, depth + 1) for value in inner]
        elif words := _objection(one):
            raise ParseError(words)


def _objection(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "A number is too large."
    if isinstance(value, str) and "\x00" in value:
        return "The text holds a zero character. Take it out."
    if isinstance(value, str) and HALVES.search(value):
        return "The text holds half of a character (a lone surrogate). Take it out."
    return ""


class Pages(PageNumberPagination):
    """``?page=`` from 1 and ``?page_size=`` up to 100."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


class Throttle(UserRateThrottle):
    """So many requests a person, counted once each has been answered (``RequestsMiddleware``): a count that is written
    within the request's transaction would let one person's requests through one at a time."""

    cache = ConnectionProxy(caches, "requests")  # type: ignore[assignment] # stands for one of this thread
    duration: int
    """Seconds for which a request counts."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        allowed = super().allow_request(request, view)
        if allowed and self.key:
            request._request.counted = self  # type: ignore[attr-defined]
        return allowed

    def throttle_success(self) -> bool:
        return True

    def count(self) -> None:
        """Add the request to those of its person, none of whose others is lost for it."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [self.key])
            others = [at for at in self.cache.get(self.key, []) if at > self.now - self.duration]
            self.cache.set(self.key, sorted([self.now, *others], reverse=True), self.duration)


class RequestsMiddleware:
    """Counts a REST request after its transaction, for ``Throttle``. An answer goes out though it cannot be counted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        counted: Throttle | None = getattr(request, "counted", None)
        if counted:
            try:
                counted.count()
            except Error as error:
                log.warning("A request over REST is not counted: the database says %s.", type(error.__cause__).__name__)
        return response


class AnyAccepted(BaseContentNegotiation):
    """For an address that says itself what comes: the Accept header is not asked."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


def once(request: Request, write: Callable[[], Response]) -> Response:
    """Run ``write``, or give again the answer it gave to this person under the same Idempotency-Key.

    Raises Conflict when the key came with another request before, or while the first is still running.
    Only successful answers are kept: a refused write may be tried again.
    """
    key = request.headers.get(HEADER)
    if not key:
        return write()
    if len(key) > 200:
        raise Invalid(**{HEADER: "Use at most 200 characters."})
    fingerprint = hashlib.sha256(f"{request.method} {request.path}\n".encode() + _body(request)).hexdigest()
    with transaction.atomic():
        kept, is_new = IdempotentRequest.objects.get_or_create(
            person_id=request.user.pk or 0, key=key, defaults={"fingerprint": fingerprint, "created_at": present.now()}
        )
        if kept.fingerprint != fingerprint:
            raise Conflict("This Idempotency-Key was used for another request. Use a new one.")
        if not is_new and kept.status is not None:
            return Response(
                kept.body, status=kept.status, headers={"Location": kept.location} if kept.location else None
            )
        response = write()
        kept.status, kept.body, kept.location = response.status_code, response.data, response.get("Location", "")
        kept.save(update_fields=["status", "body", "location"])
    return response


def _body(request: Request) -> bytes:
    return json.dumps(request.data, sort_keys=True, default=str).encode()
