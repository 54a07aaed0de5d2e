"""A section's ladder over REST: the same service as the page."""

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults.api import IDEMPOTENCY, PROBLEM, person_of
from consults.ladder_forms import FIGURES
from consults.models import LadderVersion
from consults.services import ladders
from portal.common.rest import once
from portal.members.models import Specialty


class LadderShape(serializers.ModelSerializer[LadderVersion]):
    """When each rung is told (percent of the promised time, and minutes after or, negative, before), and the days a
    reply is waited for."""

    class Meta:
        model = LadderVersion
        fields = ("number", "made_at", *FIGURES)
        read_only_fields = ("number", "made_at")


class SectionLadder(APIView):
    @extend_schema(operation_id="ladder_retrieve", responses={200: LadderShape, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """The ladder that holds for a specialty; number 0 is the standard one."""
        row = ladders.holding(self._specialty(slug).pk) or LadderVersion(number=0)
        return Response(LadderShape(row).data)

    @extend_schema(
        operation_id="ladder_set",
        request=LadderShape,
        parameters=[IDEMPOTENCY],
        responses={200: LadderShape, **PROBLEM},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Set it, as a new version; for the section lead. What is left out is the standard."""

        def write() -> Response:
            specialty, person = self._specialty(slug), person_of(request)
            body = LadderShape(data=request.data)
            body.is_valid(raise_exception=True)
            row = ladders.set_ladder(by=person, specialty=specialty, at=timezone.now(), **body.validated_data)
            return Response(LadderShape(row).data)

        return once(request, write)

    def _specialty(self, slug: str) -> Specialty:
        found = Specialty.objects.filter(slug=slug).first()
        if found is None:
            raise Http404
        return found
