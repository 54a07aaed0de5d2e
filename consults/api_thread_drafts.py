"""Questions back and second opinions half written, over REST: the same services as the pages."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults.api import IDEMPOTENCY, PROBLEM, person_of
from consults.models import AnswerDraft, Consult
from consults.serializers import NoBody
from consults.services import answer_drafts
from portal.common import present
from portal.common.rest import once

KIND = OpenApiParameter("kind", str, "path", enum=["ask", "opinion"])


class ThreadDraftBody(serializers.Serializer[Any]):
    """``seen`` is the ``saved_at`` of the draft that this text goes on from; null where there was none."""

    text = serializers.CharField(max_length=20_000, allow_blank=True, trim_whitespace=False)
    seen = serializers.DateTimeField(allow_null=True, default=None)


class ThreadDraftRow(serializers.ModelSerializer[AnswerDraft]):
    class Meta:
        model = AnswerDraft
        fields = ("text", "saved_at")


def _consult(request: Request, number: str, kind: str) -> Consult:
    found = Consult.objects.visible_to(person_of(request)).filter(number=number).first()
    if found is None or kind not in ("ask", "opinion"):
        raise Http404
    return found


class ThreadDraft(APIView):
    @extend_schema(operation_id="thread_draft_retrieve", parameters=[KIND], responses={200: ThreadDraftRow, **PROBLEM})
    def get(self, request: Request, number: str, kind: str) -> Response:
        """The question back or second opinion I have half written; 404 where there is none."""
        draft = answer_drafts.mine(_consult(request, number, kind), person=person_of(request), kind=kind)
        if draft is None:
            raise Http404
        return Response(ThreadDraftRow(draft).data)

    @extend_schema(
        operation_id="thread_draft_keep",
        request=ThreadDraftBody,
        parameters=[KIND, IDEMPOTENCY],
        responses={200: ThreadDraftRow, 204: None, **PROBLEM},
    )
    def post(self, request: Request, number: str, kind: str) -> Response:
        """Keep it: for whoever may send it. Nothing is kept of an empty one (204)."""

        def write() -> Response:
            row, body = _consult(request, number, kind), ThreadDraftBody(data=request.data)
            body.is_valid(raise_exception=True)
            values = body.validated_data
            draft = answer_drafts.keep(row, by=person_of(request), kind=kind, at=present.now(), **values)
            return Response(ThreadDraftRow(draft).data) if draft else Response(status=204)

        return once(request, write)


class ThreadDraftDiscard(APIView):
    @extend_schema(
        operation_id="thread_draft_discard",
        request=NoBody,
        parameters=[KIND, IDEMPOTENCY],
        responses={204: None, **PROBLEM},
    )
    def post(self, request: Request, number: str, kind: str) -> Response:
        """Throw away what I have half written."""

        def write() -> Response:
            answer_drafts.discard(_consult(request, number, kind), by=person_of(request), kind=kind)
            return Response(status=204)

        return once(request, write)
