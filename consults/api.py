"""Consults over REST: the same services as the pages."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults.gate import TEXTS
from consults.models import Citation, Consult, ConsultQuerySet, Message, Statement, TimelineEntry
from consults.policy import Action, Facts, may_now
from consults.presenting import clock_view, with_clocks
from consults.serializers import (
    AnswerBody,
    CloseBody,
    ConsultDetail,
    ConsultPage,
    ConsultRow,
    DeclineBody,
    HandoverBody,
    NewConsult,
    NoBody,
    SecondBody,
    TextBody,
    TransferBody,
    UrgencyBody,
)
from consults.services import answering, drafting, joining, promising, requesting, sending
from consults.services.base import check
from portal.common import audit, present
from portal.common.refusals import Invalid, Refused
from portal.common.rest import HEADER, Pages, once
from portal.members.models import Person

IDEMPOTENCY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="The same key twice is one write, and gives the same answer."
)
PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 403, 404, 409)}
Service = Callable[..., Consult]
WHOLE = (
    Prefetch("messages", Message.objects.select_related("author")),
    Prefetch("messages__citations", Citation.objects.select_related("document", "revision")),
    Prefetch("statements", Statement.objects.select_related("made_by")),
    Prefetch("timeline", TimelineEntry.objects.select_related("actor")),
)


def _context(request: Request) -> dict[str, Any]:
    now, zone = timezone.now(), ZoneInfo(person_of(request).time_zone)
    return {
        "request": request,
        "clock_of": lambda row: clock_view(row, now=now, zone=zone),
        "may": lambda row: [action.value for action in may_now(person_of(request).actor, Facts.of(row))],
    }


def person_of(request: Request) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _visible(request: Request) -> ConsultQuerySet:
    return with_clocks(Consult.objects.visible_to(person_of(request)))


def _one(request: Request, number: str, more: "tuple[Prefetch[Any], ...]" = ()) -> Consult:
    row = _visible(request).prefetch_related(*more).filter(number=number).first()
    if row is None:
        raise Http404
    return row


class Consults(APIView):
    serializer_class = ConsultRow

    @extend_schema(
        operation_id="consults_list",
        parameters=[
            OpenApiParameter("state", str, enum=Consult.State.values),
            OpenApiParameter("specialty", str, description="Slug"),
            OpenApiParameter("mine", bool, description="Asked by me, or with me"),
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int),
        ],
        responses={200: ConsultPage, **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Consults the caller may see, newest first."""
        rows, asked = _visible(request), request.query_params
        if state := asked.get("state"):
            if state not in Consult.State.values:
                raise Invalid(state=f"Use one of {', '.join(Consult.State.values)}.")
            rows = rows.filter(state=state)
        if specialty := asked.get("specialty"):
            rows = rows.filter(specialty__slug=specialty)
        if asked.get("mine", "").lower() in ("1", "true", "yes"):
            rows = rows.filter(requester=person_of(request)) | rows.filter(assignee=person_of(request))
        pages = Pages()
        page = pages.paginate_queryset(rows.order_by("-created_at", "-id"), request, view=self)
        return pages.get_paginated_response(ConsultRow(page, many=True, context=_context(request)).data)

    @extend_schema(
        operation_id="consults_create",
        request=NewConsult,
        parameters=[IDEMPOTENCY],
        responses={201: ConsultRow, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Send a question. The 48-hour clock starts now."""
        return once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        person, now = person_of(request), present.now()
        if not person.actor.clinician_in:
            raise Refused("Only clinicians of a member organization ask the network's specialists.")
        body = NewConsult(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        values = body.validated_data
        content = drafting.Content(
            specialty=values["specialty"],
            reason=values["reason"],
            **{name: values.get(name, "") for name in TEXTS},
            documents=values.get("documents", []),
            named_specialist=values.get("assignee"),
            urgency=values["urgency"],
            language=values["language"],
        )
        place = values.get("organization")
        with transaction.atomic():
            draft = drafting.start_draft(
                by=person, organization_id=place.pk if place else None, content=content, at=now
            )
            stated = {name: values[name] for name in ("attested", "consented")}
            sent = sending.send(draft, by=person, at=now, **stated)
        return created(request, sent.number)


def created(request: Request, number: str) -> Response:
    """A question that was just sent, and where it is."""
    row = ConsultRow(_one(request, number), context=_context(request))
    return Response(row.data, status=201, headers={"Location": f"/api/v1/consults/{number}/"})


class ConsultView(APIView):
    @extend_schema(operation_id="consults_retrieve", responses={200: ConsultDetail, **PROBLEM})
    def get(self, request: Request, number: str) -> Response:
        """One consult with its messages, timeline and clock. Reading it is on the record."""
        row = _one(request, number, WHOLE)
        audit.record(
            by=person_of(request),
            action="consult.read",
            object_type="consult",
            object_id=row.number,
            organization_id=row.organization_id,
        )
        return Response(ConsultDetail(row, context=_context(request)).data)


class ActionView(APIView):
    """One action on one consult. Subclasses name it, its body and its service."""

    verb: Action
    body: type[serializers.Serializer[Any]] = NoBody
    service: Service

    def post(self, request: Request, number: str) -> Response:
        return once(request, lambda: self._act(request, number))

    def _act(self, request: Request, number: str) -> Response:
        row, by = _one(request, number), person_of(request)
        body = self.body(data=request.data or {}, context={"request": request})
        if not body.is_valid():
            # Who may, and whether the state allows it, come first: the body for something impossible needs no mending.
            check(row, action=self.verb, by=by)
            raise exceptions.ValidationError(body.errors)
        with transaction.atomic():
            type(self).service(row, by=by, at=present.now(), **body.validated_data)
        return Response(ConsultRow(_one(request, number), context=_context(request)).data)


def action(name: str, body: type[serializers.Serializer[Any]], service: Service) -> type[ActionView]:
    """The view of one action, described in the schema by the first sentence of its service."""
    attributes = {"verb": Action(name), "body": body, "service": staticmethod(service)}
    view = type(f"{name.title().replace('-', '')}View", (ActionView,), attributes)
    described = extend_schema(
        operation_id=f"consults_{name.replace('-', '_')}",
        summary=(service.__doc__ or name).partition(".")[0],
        request=body,
        parameters=[IDEMPOTENCY],
        responses={200: ConsultRow, **PROBLEM},
    )
    return extend_schema_view(post=described)(view)


ACTIONS = {
    "claim": action("claim", NoBody, answering.claim),
    "ask": action("ask", TextBody, answering.ask_back),
    "reply": action("reply", TextBody, requesting.reply),
    "answer": action("answer", AnswerBody, answering.answer),
    "handover": action("handover", HandoverBody, answering.hand_over),
    "transfer": action("transfer", TransferBody, joining.transfer),
    "second-opinion": action("second-opinion", SecondBody, joining.ask_second),
    "decline": action("decline", DeclineBody, answering.decline),
    "withdraw": action("withdraw", NoBody, requesting.withdraw),
    "close": action("close", CloseBody, requesting.close),
    "retarget": action("retarget", UrgencyBody, promising.set_urgency),
}


class OpinionView(APIView):
    @extend_schema(
        operation_id="consults_opinion",
        request=TextBody,
        parameters=[IDEMPOTENCY],
        responses={200: ConsultRow, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Give the second opinion one was asked for. The clock runs on."""

        def write() -> Response:
            row, body = _one(request, number), TextBody(data=request.data)
            if not row.opinions.filter(specialist=person_of(request)).exists():
                raise Refused("Only a specialist who was asked for a second opinion gives one.")
            body.is_valid(raise_exception=True)
            joining.give_opinion(row, by=person_of(request), at=present.now(), **body.validated_data)
            return Response(ConsultRow(_one(request, number), context=_context(request)).data)

        return once(request, write)
