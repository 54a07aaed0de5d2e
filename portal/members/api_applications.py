"""REST for applications: applying and seeing how it stands, for anyone with the link; vetting, for the network."""

from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.refusals import Refused
from portal.common.rest import Pages
from portal.members.api_roster import PAGED, PROBLEM, Nothing, body_of, person_of
from portal.members.application_shapes import (
    ApplicantAnswerBody,
    ApplicationCheckBody,
    ApplicationShape,
    ApplicationTextBody,
    AppliedShape,
    ApplyBody,
    ListedApplicationShape,
    WelcomeBody,
    WrittenReasonBody,
)
from portal.members.models_applications import Application
from portal.members.policy import Action, Denied, can
from portal.members.services import applying, vetting

TOO_MANY = {(429, "application/problem+json"): OpenApiTypes.OBJECT}


class Apply(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="apply", auth=[], request=ApplyBody, responses={202: Nothing, **PROBLEM, **TOO_MANY})
    def post(self, request: Request) -> Response:
        """Apply to join the network. The contact is mailed a link; the answer is the same for every address."""
        if not settings.APPLICATIONS_OPEN:
            raise Http404
        values = body_of(ApplyBody, request)
        if not ratelimit.consume(request._request, action="apply"):
            raise Throttled
        applying.apply(applied=applying.Applied(**values), at=timezone.now())
        return Response({}, status=202)


class ApplyState(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="apply_state", auth=[], responses={200: AppliedShape, **PROBLEM})
    def get(self, request: Request, token: str) -> Response:
        """How the application of a mailed link stands. Looking confirms nothing."""
        return self._answer(token)

    @extend_schema(
        operation_id="apply_confirm_or_answer",
        auth=[],
        request=ApplicantAnswerBody,
        responses={200: AppliedShape, **PROBLEM},
    )
    def post(self, request: Request, token: str) -> Response:
        """Confirm the address, where that is not done; else answer what the network asked, with ``text``."""
        row = applying.find(token, now=timezone.now())
        if row is None:
            raise Http404
        values = body_of(ApplicantAnswerBody, request)
        if row.state == Application.State.UNCONFIRMED:
            applying.confirm(token=token, at=timezone.now())
        else:
            applying.answer(token=token, text=values.get("text", ""), at=timezone.now())
        return self._answer(token)

    def _answer(self, token: str) -> Response:
        row = applying.find(token, now=timezone.now())
        if row is None:
            raise Http404
        return Response(AppliedShape(row).data)


def vetting_of(request: Request) -> Any:
    """What the caller may vet. Raises Refused for whoever is no administrator of the network."""
    by = person_of(request)
    decision = can(by.actor, Action.MANAGE_ORGANIZATION)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    return Application.objects.visible_to(by).select_related("organization")


def _one(request: Request, pk: int) -> Application:
    row: Application = get_object_or_404(vetting_of(request), pk=pk)
    return row


def _shown(request: Request, pk: int) -> Response:
    return Response(ApplicationShape(_one(request, pk)).data)


class Applications(APIView):
    pagination_class = Pages

    @extend_schema(
        operation_id="applications",
        parameters=[*PAGED, OpenApiParameter("state", str, enum=["waiting", "asked", "accepted", "declined"])],
        responses={200: ListedApplicationShape(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Applications whose address is confirmed, the newest first."""
        rows, state, pages = vetting_of(request), request.query_params.get("state"), Pages()
        if state in Application.State.values:
            rows = rows.filter(state=state)
        return pages.get_paginated_response(
            ListedApplicationShape(pages.paginate_queryset(rows, request) or [], many=True).data
        )


class OneApplication(APIView):
    @extend_schema(operation_id="application", responses={200: ApplicationShape, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One application, with its checklist and notes."""
        return _shown(request, pk)


class Check(APIView):
    @extend_schema(
        operation_id="application_check", request=ApplicationCheckBody, responses={200: ApplicationShape, **PROBLEM}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Tick an item of the checklist, or take its tick back."""
        row, values = _one(request, pk), body_of(ApplicationCheckBody, request)
        vetting.tick(row, by=person_of(request), **values, at=timezone.now())
        return _shown(request, pk)


class Notes(APIView):
    @extend_schema(
        operation_id="application_note", request=ApplicationTextBody, responses={201: ApplicationShape, **PROBLEM}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Keep a note, which the applicant does not see and nobody changes."""
        row, values = _one(request, pk), body_of(ApplicationTextBody, request)
        vetting.add_note(row, by=person_of(request), text=values["text"], at=timezone.now())
        return Response(_shown(request, pk).data, status=201)


class Ask(APIView):
    @extend_schema(
        operation_id="application_ask", request=ApplicationTextBody, responses={200: ApplicationShape, **PROBLEM}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask the applicant; they answer on the page of their link."""
        row, values = _one(request, pk), body_of(ApplicationTextBody, request)
        vetting.ask(row, by=person_of(request), text=values["text"], at=timezone.now())
        return _shown(request, pk)


class Decline(APIView):
    @extend_schema(
        operation_id="application_decline", request=WrittenReasonBody, responses={200: ApplicationShape, **PROBLEM}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Decline, with a reason that the applicant reads."""
        row, values = _one(request, pk), body_of(WrittenReasonBody, request)
        vetting.decline(row, by=person_of(request), reason=values["reason"], at=timezone.now())
        return _shown(request, pk)


class Accept(APIView):
    @extend_schema(operation_id="application_accept", request=WelcomeBody, responses={200: ApplicationShape, **PROBLEM})
    def post(self, request: Request, pk: int) -> Response:
        """Make the organization, joining, and invite its first administrator."""
        row, values = _one(request, pk), body_of(WelcomeBody, request)
        vetting.accept(row, by=person_of(request), welcome=vetting.Welcome(**values), at=timezone.now())
        return _shown(request, pk)
