"""What is used under agreements, and what the fee bought, over REST: the same figures and rules as the pages."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults import metering, value
from consults.api import PROBLEM, person_of
from portal.fees.models import Agreement, Invoice
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
