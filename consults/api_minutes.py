"""Minutes over REST: a specialist's with what they were, and mending one's own."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults.api import IDEMPOTENCY, PROBLEM, person_of
from consults.models import Consult, MinutesMend
from consults.serializers import BriefPerson
from consults.services import mending
from consults.services.answering import MAX_MINUTES
from portal.common import present
from portal.common.rest import once


class MendShape(serializers.ModelSerializer[MinutesMend]):
    class Meta:
        model = MinutesMend
        fields = ("at", "before", "after", "reason")


class SpentShape(serializers.Serializer[Any]):
    """One answer, or the signed note of a call, with its minutes."""

    message = serializers.IntegerField(source="message.pk")
    specialist = BriefPerson(source="message.author")
    at = serializers.DateTimeField(source="message.created_at")
    minutes = serializers.IntegerField(source="message.minutes", allow_null=True)
    until = serializers.DateField(help_text="The last day on which they may be mended, in the network's time")
    may_mend = serializers.BooleanField()
    mends = MendShape(many=True)


class MendBody(serializers.Serializer[Any]):
    message = serializers.IntegerField(help_text="Whose minutes, as listed")
    minutes = serializers.IntegerField(min_value=1, max_value=MAX_MINUTES)
    reason = serializers.CharField(max_length=mending.MAX_REASON)


class Minutes(APIView):
    @extend_schema(operation_id="consults_minutes", responses={200: SpentShape(many=True), **PROBLEM})
    def get(self, request: Request, number: str) -> Response:
        """One's own minutes in a consult and what they were; all, for the section's lead, network administrators and
        auditors."""
        return self._shown(self._seen(request, number), request)

    @extend_schema(
        operation_id="consults_minutes_mend",
        request=MendBody,
        parameters=[IDEMPOTENCY],
        responses={200: SpentShape(many=True), **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Mend one's own minutes after the answer, with the reason."""

        def write() -> Response:
            row, by = self._seen(request, number), person_of(request)
            own = mending.counted(row).filter(author=by)
            if not own.exists():
                raise Http404
            body = MendBody(data=request.data)
            body.is_valid(raise_exception=True)
            message = get_object_or_404(own, pk=body.validated_data.pop("message"))
            mending.mend(message, by=by, at=present.now(), **body.validated_data)
            return self._shown(row, request)

        return once(request, write)

    def _seen(self, request: Request, number: str) -> Consult:
        by = person_of(request)
        rows = Consult.objects.visible_to(by).exclude(state=Consult.State.DRAFT)
        row = get_object_or_404(rows, number=number)
        if not mending.sees_all(row, by) and not mending.spent(row, person=by, now=timezone.now()):
            raise Http404
        return row

    def _shown(self, row: Consult, request: Request) -> Response:
        found = mending.spent(row, person=person_of(request), now=timezone.now())
        return Response(SpentShape(found, many=True).data)
