"""The members at a glance over REST: the figures, and the rows each leads to."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.refusals import Invalid, Refused
from portal.common.rest import Pages
from portal.fees.pricing import USAGE
from portal.members.api_roster import PAGED, person_of
from portal.overview.exporting import why_not
from portal.overview.figures import figures, narrowed
from portal.overview.members import AGES, Member, members

PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 403, 404)}


class OverviewFigure(serializers.Serializer[Any]):
    """A number, and the key under which overview/members/ lists its rows."""

    key = serializers.CharField()
    part = serializers.CharField()
    name = serializers.CharField()
    value = serializers.CharField(help_text="In words")
    count = serializers.IntegerField(help_text="Of the rows")
    cents = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField(allow_blank=True)


class OverviewMoney(serializers.Serializer[Any]):
    currency = serializers.CharField()
    account = serializers.IntegerField()
    dues_a_year_cents = serializers.IntegerField(source="dues")
    owed_cents = serializers.DictField(
        child=serializers.IntegerField(), source="owed", help_text=f"By days since it was due: {', '.join(AGES)}"
    )


class OverviewUse(serializers.Serializer[Any]):
    what = serializers.CharField(help_text="consults, calls or hours")
    included = serializers.DecimalField(max_digits=12, decimal_places=2)
    used = serializers.DecimalField(max_digits=12, decimal_places=2)
    percent = serializers.IntegerField(allow_null=True)


class OverviewMember(serializers.Serializer[Any]):
    """``ends_on`` is the day after the last of its agreements."""

    organization = serializers.CharField(source="slug")
    name = serializers.CharField()
    tier = serializers.CharField()
    standing = serializers.CharField()
    money = OverviewMoney(many=True)
    ends_on = serializers.DateField(allow_null=True)
    agreement = serializers.IntegerField(allow_null=True, help_text="usage/ has it in full")
    used = OverviewUse(many=True)
    last_sign_in = serializers.DateTimeField(source="signed_in", allow_null=True)
    last_read = serializers.DateTimeField(source="read", allow_null=True)
    last_question = serializers.DateTimeField(source="asked", allow_null=True)

    def to_representation(self, instance: Member) -> Any:
        used = [
            {"what": kind.value, "included": one.included, "used": one.used, "percent": one.percent}
            for kind in USAGE
            if (one := instance.used.get(kind))
        ]
        values = {
            name: getattr(instance, name) for name in ("slug", "name", "tier", "standing", "ends_on", "agreement")
        }
        seen = {name: getattr(instance, name) for name in ("signed_in", "read", "asked")}
        return super().to_representation({**values, **seen, "money": list(instance.money.values()), "used": used})


class OverviewPage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = OverviewMember(many=True)


def _everyone(request: Request) -> list[Member]:
    if reason := why_not(person_of(request)):
        raise Refused(reason)
    return members(timezone.now())


class Figures(APIView):
    @extend_schema(operation_id="overview_figures", responses={200: OverviewFigure(many=True), **PROBLEM})
    def get(self, request: Request) -> Response:
        """The figures of all members. For administrators and auditors of the network."""
        return Response(OverviewFigure(figures(_everyone(request)), many=True).data)


class Members(APIView):
    @extend_schema(
        operation_id="overview_members",
        parameters=[OpenApiParameter("show", str, description="The key of a figure"), *PAGED],
        responses={200: OverviewPage, **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """The members, or those of one figure, the most urgent first."""
        everyone, key = _everyone(request), request.query_params.get("show", "")
        if key and key not in {figure.key for figure in figures(everyone)}:
            raise Invalid(show="No such figure; GET overview/ lists them.")
        pages = Pages()
        page = pages.paginate_queryset(narrowed(everyone, key), request, view=self)
        return pages.get_paginated_response(OverviewMember(page, many=True).data)
