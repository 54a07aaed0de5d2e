"""“Was this answered?” over REST: a reader's own answers, and for editors the comments and their replies."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge.api import PAGES
from knowledge.api_overlays import IDEMPOTENCY, WRITING
from knowledge.models import Document, Feedback, FeedbackQuerySet, FeedbackReply
from knowledge.services import give_feedback, reply_to_feedback
from knowledge.services.feedback import LONGEST
from portal.common.refusals import Invalid, Refused
from portal.common.rest import Pages, once
from portal.members.models import Person

STATES = ("open", "answered")


class ReplyShape(serializers.ModelSerializer[FeedbackReply]):
    """A reply; ``comment`` is what it replies to."""

    by = serializers.CharField(source="by.name")

    class Meta:
        model = FeedbackReply
        fields = ("by", "at", "comment", "text")


class FeedbackShape(serializers.ModelSerializer[Feedback]):
    """A reader's answer for one revision. ``answered_at`` is null while a comment waits for its reply."""

    document = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    revision = serializers.IntegerField(source="revision.number")
    person = serializers.CharField(source="person.name")
    replies = ReplyShape(many=True)

    class Meta:
        model = Feedback
        fields = (
            "id",
            "document",
            "revision",
            "person",
            "answer",
            "reason",
            "comment",
            "created_at",
            "changed_at",
            "answered_at",
            "replies",
        )


class FeedbackBody(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=Feedback.Answer.choices)
    reason = serializers.ChoiceField(
        choices=Feedback.Reason.choices, required=False, allow_blank=True, help_text="Needed for partly and no"
    )
    comment = serializers.CharField(
        max_length=LONGEST, required=False, allow_blank=True, help_text="Editors see it with the caller's name"
    )
    revision = serializers.IntegerField(
        min_value=1, max_value=1_000_000, required=False, help_text="The revision that was read; else the current one"
    )


class ReplyBody(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST)


class DocumentFeedback(APIView):
    @extend_schema(operation_id="documents_feedback_list", responses={200: FeedbackShape(many=True), **WRITING})
    def get(self, request: Request, slug: str) -> Response:
        """The caller's own answers on a document, one for each revision they answered, the newest first."""
        rows = _rows(request).filter(person=_person(request), document=_document(request, slug))
        return Response(FeedbackShape(rows.order_by("-revision__number"), many=True).data)

    @extend_schema(
        operation_id="documents_feedback_give", request=FeedbackBody, responses={200: FeedbackShape, **WRITING}
    )
    def put(self, request: Request, slug: str) -> Response:
        """Say whether a document answered; said again for the same revision, it replaces what was said."""
        document = _document(request, slug)
        body = FeedbackBody(data=request.data)
        body.is_valid(raise_exception=True)
        current = document.current_revision.number if document.current_revision else 0
        values = {"revision": current, **body.validated_data}
        row = give_feedback(document=document, by=_person(request), **values)
        return Response(FeedbackShape(_rows(request).get(pk=row.pk)).data)


class AllFeedback(APIView):
    serializer_class = FeedbackShape
    pagination_class = Pages

    @extend_schema(
        operation_id="feedback_list",
        parameters=[
            OpenApiParameter("state", str, enum=STATES, description="Comments that wait for a reply, or have one"),
            *PAGES,
        ],
        responses={200: FeedbackShape(many=True), **WRITING},
    )
    def get(self, request: Request) -> Response:
        """Answers, the last changed first: everyone's for an editor, else the caller's own."""
        rows, state = _rows(request), request.query_params.get("state", "")
        if state and state not in STATES:
            raise Invalid(state=f"Use one of {', '.join(STATES)}.")
        if state:
            rows = rows.open() if state == "open" else rows.exclude(answered_at=None)
        pages = Pages()
        page = pages.paginate_queryset(rows.order_by("-changed_at", "-pk"), request, view=self)
        return pages.get_paginated_response(FeedbackShape(page, many=True).data)


class FeedbackReplies(APIView):
    @extend_schema(
        operation_id="feedback_reply",
        request=ReplyBody,
        parameters=[IDEMPOTENCY],
        responses={201: FeedbackShape, **WRITING},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Reply to a comment, as an editor. The reader is told."""
        return once(request, lambda: self._reply(request, pk))

    def _reply(self, request: Request, pk: int) -> Response:
        found = _rows(request).filter(pk=pk).first() if pk < 2**31 else None
        if found is None:
            raise Http404
        if not _person(request).actor.is_editor:
            raise Refused("Only editors of the network reply to comments.")
        body = ReplyBody(data=request.data)
        body.is_valid(raise_exception=True)
        reply_to_feedback(feedback=found, text=body.validated_data["text"], by=_person(request))
        return Response(FeedbackShape(_rows(request).get(pk=pk)).data, status=201)


def _person(request: Request) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _document(request: Request, slug: str) -> Document:
    documents = Document.objects.visible_to(_person(request)).select_related("current_revision")
    found = documents.filter(slug=slug, current_revision__isnull=False).first()
    if found is None:
        raise Http404
    return found


def _rows(request: Request) -> FeedbackQuerySet:
    rows = Feedback.objects.visible_to(_person(request))
    return rows.select_related("person", "document", "revision").prefetch_related("replies__by")
