"""Ladders over REST, a section's and the network's: the same services as the pages."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults.api import IDEMPOTENCY, PROBLEM, person_of
from consults.ladder_forms import FIGURES
from consults.models import LadderVersion
from consults.services import ladders
from portal.common import present
from portal.common.refusals import Refused
from portal.common.rest import once
from portal.members.models import Person, Specialty


class LadderShape(serializers.ModelSerializer[LadderVersion]):
    """When each rung is told (percent of the promised time, and minutes after or, negative, before), and the days a
    reply is waited for."""

    class Meta:
        model = LadderVersion
        fields = ("number", "made_at", *FIGURES)
        read_only_fields = ("number", "made_at")


class DirectorShape(serializers.Serializer[Any]):
    """The network's medical director, by e-mail address; null is nobody."""

    person = serializers.SlugRelatedField(slug_field="email", queryset=Person.objects.all(), allow_null=True)


class SectionLadder(APIView):
    @extend_schema(operation_id="ladder_retrieve", responses={200: LadderShape, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """The ladder that holds for a specialty; number 0 is the standard one."""
        return _holding(get_object_or_404(Specialty, slug=slug))

    @extend_schema(
        operation_id="ladder_set",
        request=LadderShape,
        parameters=[IDEMPOTENCY],
        responses={200: LadderShape, **PROBLEM},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Set it, as a new version; for the section lead. What is left out is the standard."""
        return _set(request, get_object_or_404(Specialty, slug=slug))


class NetworkLadder(APIView):
    @extend_schema(operation_id="ladder_network_retrieve", responses={200: LadderShape, **PROBLEM})
    def get(self, request: Request) -> Response:
        """The ladder of every section without one of its own; number 0 is the standard one."""
        return _holding(None)

    @extend_schema(
        operation_id="ladder_network_set",
        request=LadderShape,
        parameters=[IDEMPOTENCY],
        responses={200: LadderShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Set it, as a new version; for network administrators. What is left out is the standard."""
        return _set(request, None)


class Director(APIView):
    @extend_schema(operation_id="ladder_director_retrieve", responses={200: DirectorShape, **PROBLEM})
    def get(self, request: Request) -> Response:
        """Who stands at the top of every ladder; for network administrators."""
        _administrators(request)
        return Response(DirectorShape({"person": ladders.director()}).data)

    @extend_schema(
        operation_id="ladder_director_set",
        request=DirectorShape,
        parameters=[IDEMPOTENCY],
        responses={200: DirectorShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Name one of the network's administrators, or nobody; for network administrators."""

        _administrators(request)  # before the address is looked up, which would tell whether it exists

        def write() -> Response:
            body = DirectorShape(data=request.data)
            body.is_valid(raise_exception=True)
            ladders.name_director(by=person_of(request), person=body.validated_data["person"])
            return Response(DirectorShape({"person": ladders.director()}).data)

        return once(request, write)


def _administrators(request: Request) -> None:
    if not person_of(request).actor.is_network_administrator:
        raise Refused("The network's medical director is named by its administrators.")


def _holding(specialty: Specialty | None) -> Response:
    row = ladders.holding(specialty.pk if specialty else None) or LadderVersion(number=0)
    return Response(LadderShape(row).data)


def _set(request: Request, specialty: Specialty | None) -> Response:
    def write() -> Response:
        body = LadderShape(data=request.data)
        body.is_valid(raise_exception=True)
        by = person_of(request)
        row = ladders.set_ladder(by=by, specialty=specialty, at=present.now(), **body.validated_data)
        return Response(LadderShape(row).data)

    return once(request, write)
