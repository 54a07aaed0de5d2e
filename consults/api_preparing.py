"""A requester's preparation over REST: one question's code, a month of one's own, and of one's organization."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults.api import IDEMPOTENCY, PROBLEM, person_of
from consults.api_people import ConditionShape
from consults.models import Consult, Preparation, PreparationQuerySet
from consults.serializers import BriefPerson
from consults.services import deciding, preparing
from consults.services.answering import MAX_MINUTES
from portal.common import present
from portal.common.rest import once
from portal.members.models import Organization

MONTH = OpenApiParameter("month", str, description="Such as 2026-11; the present one unless given")


class PreparationShape(serializers.Serializer[Any]):
    minutes = serializers.IntegerField(allow_null=True, help_text="null: nothing is decided yet")
    suggested = serializers.CharField(allow_blank=True)
    conditions = ConditionShape(many=True)
    decided = serializers.CharField(allow_null=True, help_text="The code confirmed; empty where none is billed")
    refused_because = serializers.CharField(allow_blank=True)


class PreparationBody(serializers.Serializer[Any]):
    """``refused_because`` refuses the code; without it, the code is confirmed."""

    minutes = serializers.IntegerField(min_value=1, max_value=MAX_MINUTES)
    billed_lately = serializers.BooleanField(allow_null=True, default=None)
    refused_because = serializers.CharField(max_length=200, allow_blank=True, default="")


class PreparationRow(serializers.ModelSerializer[Preparation]):
    number = serializers.CharField(source="consult.number")
    requester = BriefPerson(source="person")

    class Meta:
        model = Preparation
        fields = ("number", "requester", "minutes", "code", "refused_because", "decided_at")


class PolicyBody(serializers.Serializer[Any]):
    bills = serializers.BooleanField(help_text="Whether the organization bills for preparing")


class OrganizationMonth(PolicyBody):
    decisions = PreparationRow(many=True)


class PreparationView(APIView):
    @extend_schema(operation_id="consults_preparation", responses={200: PreparationShape, **PROBLEM})
    def get(self, request: Request, number: str) -> Response:
        """One's own preparation of a question, where one's organization bills for it."""
        row = self._own(request, number)
        found = preparing.own(person_of(request)).filter(consult=row).first()
        return self._shown(row, found, minutes=found.minutes if found else 0, lately=_lately(found))

    @extend_schema(
        operation_id="consults_preparation_decide",
        request=PreparationBody,
        parameters=[IDEMPOTENCY],
        responses={200: PreparationShape, **PROBLEM},
    )
    def post(self, request: Request, number: str) -> Response:
        """Confirm the code for one's own minutes, or refuse it with a reason."""

        def write() -> Response:
            row, body = self._own(request, number), PreparationBody(data=request.data)
            body.is_valid(raise_exception=True)
            said = body.validated_data
            is_refused = bool(said["refused_because"])
            made = preparing.decide(row, by=person_of(request), is_refused=is_refused, at=present.now(), **said)
            return self._shown(row, made, minutes=made.minutes, lately=said["billed_lately"])

        return once(request, write)

    def _own(self, request: Request, number: str) -> Consult:
        by = person_of(request)
        row = get_object_or_404(Consult.objects.visible_to(by), number=number)
        if not preparing.may_decide(row, by):
            raise Http404
        return row

    def _shown(self, row: Consult, made: Preparation | None, *, minutes: int, lately: bool | None) -> Response:
        found = preparing.suggestion(row, minutes=minutes, billed_lately=lately)
        shown = {
            "minutes": made.minutes if made else None,
            "suggested": found.code,
            "conditions": found.conditions,
            "decided": made.code if made else None,
            "refused_because": made.refused_because if made else "",
        }
        return Response(PreparationShape(shown).data)


def _lately(made: Preparation | None) -> bool | None:
    """What confirming a code has said: it was not billed lately."""
    return False if made and made.code else None


def _month(request: Request, rows: PreparationQuerySet) -> PreparationQuerySet:
    month = deciding.month_of(request.query_params.get("month", ""), now=timezone.now())
    return preparing.decided_in(month, rows)


class MyPreparation(APIView):
    @extend_schema(
        operation_id="preparation_list", parameters=[MONTH], responses={200: PreparationRow(many=True), **PROBLEM}
    )
    def get(self, request: Request) -> Response:
        """A month of one's own decisions."""
        by = person_of(request)
        if not by.actor.clinician_in:
            raise Http404
        return Response(PreparationRow(_month(request, preparing.own(by)), many=True).data)


class OrganizationPreparation(APIView):
    @extend_schema(
        operation_id="organizations_preparation", parameters=[MONTH], responses={200: OrganizationMonth, **PROBLEM}
    )
    def get(self, request: Request, slug: str) -> Response:
        """A month of an organization's people, for its administrators. It says nothing of what was asked."""
        return self._shown(request, self._own(request, slug))

    @extend_schema(
        operation_id="organizations_preparation_set",
        request=PolicyBody,
        parameters=[IDEMPOTENCY],
        responses={200: OrganizationMonth, **PROBLEM},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Say whether the organization bills for preparing."""

        def write() -> Response:
            place, body = self._own(request, slug), PolicyBody(data=request.data)
            body.is_valid(raise_exception=True)
            preparing.set_policy(by=person_of(request), organization=place, at=present.now(), **body.validated_data)
            return self._shown(request, place)

        return once(request, write)

    def _own(self, request: Request, slug: str) -> Organization:
        return get_object_or_404(Organization, slug=slug, pk__in=person_of(request).actor.administrator_of)

    def _shown(self, request: Request, place: Organization) -> Response:
        rows = _month(request, preparing.of_organization(place, by=person_of(request)))
        return Response(OrganizationMonth({"bills": preparing.bills(place.pk), "decisions": rows}).data)
