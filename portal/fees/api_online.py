"""Paying online over REST, and paying back what was paid so."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.rest import once
from portal.fees.models import Invoice, Payment
from portal.fees.rest import IDEMPOTENCY, PROBLEM, given, keeper, reader
from portal.fees.serializers_bank import OnlineRefundAsked, OnlineRefundShape, PayOnlineShape
from portal.fees.services import checkouts


class PayInvoice(APIView):
    @extend_schema(
        operation_id="invoices_pay", parameters=[IDEMPOTENCY], request=None, responses={200: PayOnlineShape, **PROBLEM}
    )
    def post(self, request: Request, number: str) -> Response:
        """The provider's page on which what is open of an invoice is paid."""
        person = reader(request)
        seen = Invoice.objects.visible_to(person).select_related("account__organization")
        invoice: Invoice = get_object_or_404(seen, number=number)
        return once(request, lambda: Response({"url": checkouts.start(invoice, by=person, at=timezone.now())}))


class RefundPayment(APIView):
    @extend_schema(
        operation_id="payments_refund_online",
        parameters=[IDEMPOTENCY],
        request=OnlineRefundAsked,
        responses={202: OnlineRefundShape, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask the provider to pay back part or all of a payment that came through it."""
        person, asked = keeper(request), given(request, OnlineRefundAsked)
        payment: Payment = get_object_or_404(Payment.objects.select_related("account"), pk=pk)

        def write() -> Response:
            name = checkouts.ask_refund(payment, by=person, at=timezone.now(), **asked)
            return Response({"refund": name}, status=202)

        return once(request, write)
