"""Reminders over REST, and leaving an invoice alone for a while."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.rest import once
from portal.fees.models import Account, Invoice, Reminder
from portal.fees.rest import IDEMPOTENCY, PAGING, PROBLEM, given, keeper, page_of, paged, reader
from portal.fees.serializers_bank import InvoiceHoldAsked, InvoiceHoldShape, ReminderShape
from portal.fees.services import standing


class Reminders(APIView):
    @extend_schema(
        operation_id="reminders_list",
        parameters=PAGING,
        responses={200: page_of(ReminderShape, "ReminderPage"), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Letters that were sent: all for the network, an organization's for its administrators."""
        person = reader(request)
        rows = Reminder.objects.filter(account__in=Account.objects.visible_to(person))
        return paged(self, rows.select_related("account__organization", "invoice"), ReminderShape)


class Holds(APIView):
    @extend_schema(
        operation_id="holds_create",
        parameters=[IDEMPOTENCY],
        request=InvoiceHoldAsked,
        responses={201: InvoiceHoldShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Leave an open invoice alone up to and with a day: it is disputed, or promised for then."""
        person, asked = keeper(request), given(request, InvoiceHoldAsked)
        invoice: Invoice = get_object_or_404(Invoice.objects.select_related("account"), number=asked.pop("invoice"))

        def write() -> Response:
            row = standing.hold(invoice, by=person, at=timezone.now(), **asked)
            return Response(InvoiceHoldShape(row).data, status=201)

        return once(request, write)
