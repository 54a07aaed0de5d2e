"""What is used under agreements, and what the fee bought, over REST: the same figures and rules as the pages."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults import metering, value
from consults.api import PROBLEM, person_of
from portal.common.refusals import Invalid
from portal.common.rest import Pages
from portal.fees.models import Agreement, Invoice
from portal.fees.pricing import USAGE
from portal.members.access import require
from portal.members.policy import Action

MOST = 500


class EntitlementShape(serializers.Serializer[Any]):
    """Prices are in cents."""

    what = serializers.CharField(source="kind.value", help_text="consults, calls or hours")
    included = serializers.DecimalField(max_digits=12, decimal_places=2, help_text="In a year of the agreement")
    used = serializers.DecimalField(max_digits=12, decimal_places=2)
    left = serializers.DecimalField(max_digits=12, decimal_places=2)
    beyond = serializers.DecimalField(max_digits=12, decimal_places=2)
    beyond_cents = serializers.IntegerField()
    projected = serializers.DecimalField(max_digits=12, decimal_places=2, help_text="By the year's end, at this pace")
    projected_cents = serializers.IntegerField()
    counted = serializers.CharField(source="rule", help_text="What counts")


class MeterShape(serializers.Serializer[Any]):
    agreement = serializers.IntegerField(source="agreement.pk")
    organization = serializers.CharField(source="agreement.account.organization.slug")
    currency = serializers.CharField(source="agreement.account.currency")
    year_from = serializers.DateField(source="year.start")
    year_until = serializers.DateField(source="year.until", help_text="The day after the last")
    counted_until = serializers.DateField(source="until", help_text="The day after the last counted")
    entitlements = EntitlementShape(many=True)


class PlaceShape(serializers.Serializer[Any]):
    name = serializers.CharField(allow_blank=True, help_text="Of the facility; empty where none was named")
    consults = serializers.DecimalField(max_digits=12, decimal_places=2)
    calls = serializers.DecimalField(max_digits=12, decimal_places=2)
    hours = serializers.DecimalField(max_digits=12, decimal_places=2)


class PersonShape(PlaceShape):
    """Consulting hours stand beside the engagement's sponsor."""

    name = serializers.CharField()
    email = serializers.EmailField()


class PersonPage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = PersonShape(many=True)


class MeterOfOne(MeterShape):
    places = PlaceShape(many=True)


class FigureShape(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    value = serializers.CharField()
    definition = serializers.CharField()


class UsageList(APIView):
    @extend_schema(operation_id="usage_list", responses={200: MeterShape(many=True), **PROBLEM})
    def get(self, request: Request) -> Response:
        """Every running agreement the caller may see, and what is used of it; the first 500 by organization."""
        person, now = person_of(request), timezone.now()
        require(person, Action.SEE_INVOICES)
        rows = Agreement.objects.running(now).visible_to(person).select_related("account__organization")
        rows = rows.prefetch_related("terms__version__plan").order_by("account__organization__name", "pk")
        return Response(MeterShape(metering.meters(rows[:MOST], now), many=True).data)


def _meter(request: Request, pk: int) -> metering.Meter:
    """The meter of an agreement that the caller may see, or 404."""
    person = person_of(request)
    require(person, Action.SEE_INVOICES)
    rows = Agreement.objects.visible_to(person).select_related("account__organization")
    agreement = get_object_or_404(rows.prefetch_related("terms__version__plan"), pk=pk)
    return metering.meters([agreement], timezone.now())[0]


class UsageOne(APIView):
    @extend_schema(operation_id="usage_retrieve", responses={200: MeterOfOne, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """What is used of one agreement, and from where."""
        meter = _meter(request, pk)
        places = [one.plain() for one in metering.by_place(meter.uses)]
        return Response(MeterShape(meter).data | {"places": PlaceShape(places, many=True).data})


class UsagePeople(APIView):
    @extend_schema(
        operation_id="usage_people",
        parameters=[
            OpenApiParameter("what", str, enum=[kind.value for kind in USAGE], description="Those who used it"),
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int, description="At most 100"),
        ],
        responses={200: PersonPage, **PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Who used how much under one agreement, by name; of one entitlement, those who used most first."""
        meter, what = _meter(request, pk), request.query_params.get("what")
        kind = next((one for one in USAGE if one.value == what), None)
        if what and kind is None:
            raise Invalid(what=f"Use one of {', '.join(one.value for one in USAGE)}.")
        pages = Pages()
        rows = [one.plain() for one in metering.by_person(meter.uses, kind)]
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(PersonShape(page, many=True).data)


class WorthView(APIView):
    @extend_schema(operation_id="invoice_worth", responses={200: FigureShape(many=True), **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """What the fee bought in the days of an invoice."""
        person = person_of(request)
        require(person, Action.SEE_INVOICES)
        rows = Invoice.objects.visible_to(person).select_related("account__organization")
        invoice = rows.filter(pk=pk).first()
        if invoice is None:
            raise Http404
        return Response(FigureShape(value.statement(invoice.account.organization, invoice.days), many=True).data)
