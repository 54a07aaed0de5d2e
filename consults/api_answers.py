"""Answers that may become FAQs, over REST: for editors."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults.api import IDEMPOTENCY, PROBLEM, person_of
from consults.models import FaqOffer, FaqOfferQuerySet
from consults.services import offering
from portal.common import present
from portal.common.rest import Pages, once
from portal.members.access import require
from portal.members.policy import Action


class AnswerRow(serializers.ModelSerializer[FaqOffer]):
    """A closed consult whose answer is offered to the editors."""

    number = serializers.CharField(source="consult.number")
    specialty = serializers.SlugField(source="consult.specialty.slug")
    question = serializers.CharField(source="consult.question")
    document = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = FaqOffer
        fields = ("number", "specialty", "question", "offered_at", "decided_at", "declined_because", "document", "url")


class AnswerDraftBody(serializers.Serializer[Any]):
    """The FAQ's first draft. ``attested``: nothing in it identifies a patient, whatever it looks like."""

    title = serializers.CharField(max_length=300)
    summary = serializers.CharField(max_length=600, allow_blank=True, default="")
    body = serializers.CharField(max_length=20_000)
    attested = serializers.BooleanField(default=False)


class AnswerDeclineBody(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=offering.MAX_REASON)


def _offers(request: Request) -> FaqOfferQuerySet:
    require(person_of(request), Action.EDIT_DOCUMENTS)
    rows = FaqOffer.objects.visible_to(person_of(request))
    return rows.select_related("consult__specialty", "document", "decided_by")


def _one(request: Request, number: str) -> FaqOffer:
    found = _offers(request).filter(consult__number=number).first()
    if found is None:
        raise Http404
    return found


class Answers(APIView):
    serializer_class = AnswerRow
    pagination_class = Pages

    @extend_schema(
        operation_id="answers_list",
        parameters=[
            OpenApiParameter("waiting", bool, description="Only those no editor has decided on"),
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int),
        ],
        responses={200: AnswerRow(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Closed consults offered to become FAQs, the last closed first."""
        rows = _offers(request)
        if request.query_params.get("waiting", "").lower() in ("1", "true", "yes"):
            rows = rows.waiting()
        pages = Pages()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(AnswerRow(page, many=True).data)


class AnswerDraft(APIView):
    @extend_schema(
        operation_id="answers_draft",
        request=AnswerDraftBody,
        parameters=[IDEMPOTENCY],
        responses={201: AnswerRow, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Make an FAQ of an answer: its first draft, in the editor's words."""

        def write() -> Response:
            row = _one(request, number)
            body = AnswerDraftBody(data=request.data)
            body.is_valid(raise_exception=True)
            offering.make_draft(row, by=person_of(request), at=present.now(), **body.validated_data)
            return Response(AnswerRow(_one(request, number)).data, status=201)

        return once(request, write)


class AnswerDecline(APIView):
    @extend_schema(
        operation_id="answers_decline",
        request=AnswerDeclineBody,
        parameters=[IDEMPOTENCY],
        responses={200: AnswerRow, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Make no FAQ of an answer, with a reason for the other editors."""

        def write() -> Response:
            row = _one(request, number)
            body = AnswerDeclineBody(data=request.data)
            body.is_valid(raise_exception=True)
            offering.decline(row, by=person_of(request), at=present.now(), **body.validated_data)
            return Response(AnswerRow(_one(request, number)).data)

        return once(request, write)
