"""What the fees' REST views share: who asks, pages of rows, and acts that can be rehearsed."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.refusals import Conflict, Invalid
from portal.common.rest import HEADER, Pages, once
from portal.fees.models import Account
from portal.fees.serializers import OutcomeShape
from portal.fees.services import acts, listing
from portal.members.access import require
from portal.members.models import Organization, Person
from portal.members.policy import Action

IDEMPOTENCY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="The same key twice is one write, and gives the same answer."
)
PREVIEW = OpenApiParameter("preview", bool, description="true: answer with what would be booked, and do nothing")
AGREED = OpenApiParameter("agreed", str, description="The mark of a preview: 409 where it would be another now")
PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 403, 404, 409)}
PAGING = [OpenApiParameter("page", int), OpenApiParameter("page_size", int)]
NARROWING = [
    OpenApiParameter("state", str),
    OpenApiParameter("organization", str, description="The slug"),
    OpenApiParameter("since", OpenApiTypes.DATE),
    OpenApiParameter("until", OpenApiTypes.DATE),
]


def person_of(request: Request) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def reader(request: Request, action: Action = Action.SEE_INVOICES) -> Person:
    """Who asks. Raises PermissionDenied unless they may read."""
    require(person_of(request), action)
    return person_of(request)


def keeper(request: Request) -> Person:
    return reader(request, Action.KEEP_FEES)


def given(request: Request, body: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """What the body of the request says. Raises ValidationError, which names each wrong field."""
    said = body(data=request.data)
    said.is_valid(raise_exception=True)
    return dict(said.validated_data)


def page_of(shape: type[serializers.Serializer[Any]], name: str) -> type[serializers.Serializer[Any]]:
    """The shape of a page of rows."""
    fields = {
        "count": serializers.IntegerField(),
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
        "results": shape(many=True),
    }
    return type(name, (serializers.Serializer,), fields)


def paged(view: APIView, rows: "QuerySet[Any]", shape: type[serializers.Serializer[Any]]) -> Response:
    pages = Pages()
    page = pages.paginate_queryset(rows, view.request, view=view)
    return pages.get_paginated_response(shape(page, many=True).data)


def wanted(request: Request) -> listing.Wanted:
    asked = request.query_params
    return listing.Wanted(
        asked.get("state", ""), asked.get("organization", ""), day_of(request, "since"), day_of(request, "until")
    )


def day_of(request: Request, name: str) -> date | None:
    """A day of the address. Raises Invalid for nonsense."""
    if not (text := request.query_params.get(name, "")):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(**{name: "Write a day as 2026-01-31."}) from error


def mine(request: Request, rows: "QuerySet[Any]", pk: int) -> Any:
    """The row of an account one may see, or 404."""
    seen = rows.filter(account__in=Account.objects.visible_to(person_of(request)))
    return get_object_or_404(seen.select_related("account__organization"), pk=pk)


Find = Callable[[Request, int], Any]
Run = Callable[[Any, Person, datetime, dict[str, Any]], object]


def act(
    name: str,
    doc: str,
    find: Find,
    body: type[serializers.Serializer[Any]],
    run: Run,
    organization: Callable[[Any], Organization | None] = lambda row: row.account.organization,
    status: int = 200,
    who: Callable[[Request], Person] = keeper,
) -> type[APIView]:
    """A view that does one thing with the row of the address, or shows what it would do."""

    class View(APIView):
        @extend_schema(
            operation_id=name,
            description=doc,
            request=body,
            parameters=[IDEMPOTENCY, PREVIEW, AGREED],
            responses={200: OutcomeShape, status: OutcomeShape, **PROBLEM},
        )
        def post(self, request: Request, pk: int) -> Response:
            by = who(request)
            row = find(request, pk)
            return answer(request, body, organization(row), lambda at, values: run(row, by, at, values), status=status)

    return View


def answer(
    request: Request,
    body: type[serializers.Serializer[Any]],
    organization: Organization | None,
    run: Callable[[datetime, dict[str, Any]], object],
    *,
    status: int = 200,
) -> Response:
    """Check the body; then rehearse the act, or do it once for each Idempotency-Key."""
    now, values = timezone.now(), given(request, body)
    if request.query_params.get("preview") == "true":
        return Response(_shape(acts.rehearse(organization, lambda: run(now, values), at=now), done=False))

    def write() -> Response:
        agreed = request.query_params.get("agreed") or None
        try:
            outcome = acts.perform(organization, lambda: run(now, values), at=now, agreed=agreed)
        except acts.Changed as changed:
            raise Conflict("Something changed since the preview. Look at a new one.") from changed
        return Response(_shape(outcome, done=True), status=status)

    return once(request, write)


def _shape(outcome: "acts.Outcome[Any]", *, done: bool) -> Any:
    made = outcome.result[0] if isinstance(outcome.result, tuple) else outcome.result
    key = made.pk if done and isinstance(made, Model) else None
    values = {"done": done, "id": key, "mark": outcome.mark}
    return OutcomeShape({**values, "effects": outcome.effects, "balances": outcome.balances}).data
