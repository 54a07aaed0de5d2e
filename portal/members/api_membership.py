"""REST for the membership of an organization: its history, its end and its reopening."""

from datetime import datetime
from typing import Protocol

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.refusals import Refused
from portal.members.api_roster import PROBLEM, body_of, person_of, place_of
from portal.members.application_shapes import WrittenReasonBody
from portal.members.models import Organization, Person
from portal.members.models_applications import MembershipPeriod
from portal.members.policy import Action, Denied, can
from portal.members.services import membership


class PeriodShape(serializers.ModelSerializer[MembershipPeriod]):
    """A stretch of the history; ``ends_at`` is null for the one that holds."""

    class Meta:
        model = MembershipPeriod
        fields = ("state", "starts_at", "ends_at", "why")


class MembershipShape(serializers.ModelSerializer[Organization]):
    periods = PeriodShape(many=True)

    class Meta:
        model = Organization
        fields = ("slug", "membership", "periods")


class Service(Protocol):
    def __call__(self, organization: Organization, /, *, by: Person, reason: str, at: datetime) -> None: ...


class Membership(APIView):
    @extend_schema(operation_id="membership", responses={200: MembershipShape, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """The state and every period, the oldest first. For the organization's administrators and the network's."""
        return Response(MembershipShape(place_of(request, slug)).data)


def _do(request: Request, slug: str, service: Service) -> Response:
    place = place_of(request, slug)
    decision = can(person_of(request).actor, Action.MANAGE_ORGANIZATION)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    values = body_of(WrittenReasonBody, request)
    service(place, by=person_of(request), reason=values["reason"], at=timezone.now())
    return Response(MembershipShape(place).data)


class EndMembership(APIView):
    @extend_schema(
        operation_id="membership_end", request=WrittenReasonBody, responses={200: MembershipShape, **PROBLEM}
    )
    def post(self, request: Request, slug: str) -> Response:
        """End it, by the network: nothing new is taken; what is open, and reading, goes on."""
        return _do(request, slug, membership.end)


class ReopenMembership(APIView):
    @extend_schema(
        operation_id="membership_reopen", request=WrittenReasonBody, responses={200: MembershipShape, **PROBLEM}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Begin a new active period, by the network."""
        return _do(request, slug, membership.reopen)
