"""Saved pieces and half-written answers over REST: the same services as the pages."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults.api import IDEMPOTENCY, PROBLEM, person_of
from consults.models import AnswerDraft, Consult, Piece, PieceQuerySet
from consults.serializers import AnswerBody, NoBody
from consults.services import answer_drafts, pieces
from portal.common import present
from portal.common.refusals import Refused
from portal.common.rest import Pages, once
from portal.members.models import Person, Specialty


class PieceRow(serializers.ModelSerializer[Piece]):
    """A saved piece of answers. ``specialty`` is null for one's own."""

    specialty = serializers.SlugRelatedField[Specialty](slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = Piece
        fields = ("id", "title", "text", "specialty", "changed_at")


class PieceChange(serializers.Serializer[Any]):
    """``attested``: nothing in it identifies a patient, whatever it looks like."""

    title = serializers.CharField(max_length=pieces.MAX_TITLE)
    text = serializers.CharField(max_length=pieces.MAX_TEXT)
    attested = serializers.BooleanField(default=False)


class NewPiece(PieceChange):
    specialty = serializers.SlugRelatedField(
        slug_field="slug",
        queryset=Specialty.objects.all(),
        default=None,
        allow_null=True,
        help_text="For a section, by its lead; null for oneself",
    )


class DraftRow(serializers.ModelSerializer[AnswerDraft]):
    """What one has half written."""

    class Meta:
        model = AnswerDraft
        fields = ("text", "documents", "minutes", "saved_at")


class DraftBody(AnswerBody):
    """``seen``: the ``saved_at`` of the draft this goes on from. 409 where it was saved later elsewhere."""

    text = serializers.CharField(max_length=20_000, allow_blank=True, trim_whitespace=False, default="")
    seen = serializers.DateTimeField(default=None, allow_null=True)


def _specialist(request: Request) -> Person:
    person = person_of(request)
    if not person.actor.specialist_in:
        raise Refused("Only those who answer questions keep pieces of answers.")
    return person


def _pieces(request: Request) -> PieceQuerySet:
    return Piece.objects.visible_to(_specialist(request)).select_related("specialty")


def _piece(request: Request, pk: int) -> Piece:
    found = _pieces(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


class Pieces(APIView):
    serializer_class = PieceRow
    pagination_class = Pages

    @extend_schema(
        operation_id="pieces_list",
        parameters=[OpenApiParameter("page", int), OpenApiParameter("page_size", int)],
        responses={200: PieceRow(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """My saved pieces, and those of the sections I answer for, by name."""
        pages = Pages()
        page = pages.paginate_queryset(_pieces(request).order_by("title", "pk"), request, view=self)
        return pages.get_paginated_response(PieceRow(page, many=True).data)

    @extend_schema(
        operation_id="pieces_create",
        request=NewPiece,
        parameters=[IDEMPOTENCY],
        responses={201: PieceRow, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Save a piece, for oneself or as its lead for a section."""

        def write() -> Response:
            person, body = _specialist(request), NewPiece(data=request.data)
            body.is_valid(raise_exception=True)
            row = pieces.add(by=person, at=present.now(), **body.validated_data)
            return Response(PieceRow(row).data, status=201, headers={"Location": f"/api/v1/pieces/{row.pk}/"})

        return once(request, write)


class PieceView(APIView):
    @extend_schema(operation_id="pieces_retrieve", responses={200: PieceRow, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One saved piece."""
        return Response(PieceRow(_piece(request, pk)).data)

    @extend_schema(
        operation_id="pieces_change",
        request=PieceChange,
        parameters=[IDEMPOTENCY],
        responses={200: PieceRow, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Other words for a saved piece. Answers given with it stay as they are."""

        def write() -> Response:
            row, body = _piece(request, pk), PieceChange(data=request.data)
            body.is_valid(raise_exception=True)
            changed = pieces.change(row, by=person_of(request), at=present.now(), **body.validated_data)
            return Response(PieceRow(changed).data)

        return once(request, write)


class PieceRemoval(APIView):
    @extend_schema(
        operation_id="pieces_remove",
        request=NoBody,
        parameters=[IDEMPOTENCY],
        responses={204: None, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Remove a saved piece. Answers given with it stay as they are."""

        def write() -> Response:
            pieces.remove(_piece(request, pk), by=person_of(request))
            return Response(status=204)

        return once(request, write)


def _consult(request: Request, number: str) -> Consult:
    rows = Consult.objects.visible_to(person_of(request)).exclude(state=Consult.State.DRAFT)
    found = rows.filter(number=number).first()
    if found is None:
        raise Http404
    return found


class AnswerDraftView(APIView):
    @extend_schema(operation_id="answer_draft_retrieve", responses={200: DraftRow, **PROBLEM})
    def get(self, request: Request, number: str) -> Response:
        """The answer I have half written; 404 where there is none."""
        draft = answer_drafts.mine(_consult(request, number), person=person_of(request))
        if draft is None:
            raise Http404
        return Response(DraftRow(draft).data)

    @extend_schema(
        operation_id="answer_draft_keep",
        request=DraftBody,
        parameters=[IDEMPOTENCY],
        responses={200: DraftRow, 204: None, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Keep an answer half written: for whoever has the question. Nothing is kept of an empty one (204)."""

        def write() -> Response:
            row, body = _consult(request, number), DraftBody(data=request.data, context={"request": request})
            body.is_valid(raise_exception=True)
            draft = answer_drafts.keep(row, by=person_of(request), at=present.now(), **body.validated_data)
            return Response(DraftRow(draft).data) if draft else Response(status=204)

        return once(request, write)


class AnswerDraftDiscard(APIView):
    @extend_schema(
        operation_id="answer_draft_discard",
        request=NoBody,
        parameters=[IDEMPOTENCY],
        responses={204: None, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Throw away the answer I have half written."""

        def write() -> Response:
            answer_drafts.discard(_consult(request, number), by=person_of(request))
            return Response(status=204)

        return once(request, write)
