"""Invoices, payments and credit notes over REST: the same services as the pages."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.refusals import Invalid
from portal.fees import bodies
from portal.fees.models import Allocation, CreditNote, Invoice, Payment
from portal.fees.rest import NARROWING, PAGING, PROBLEM, act, mine, page_of, paged, reader, wanted
from portal.fees.serializers import InvoiceDetail, InvoiceRow, NoteDetail, PaymentDetail, PaymentRow
from portal.fees.services import crediting, invoicing, listing, paying
from portal.fees.services.balances import Source, left_of, lines_left, with_left, with_open
from portal.members.models import Person

Values = dict[str, Any]


def invoice_of(request: Request, pk: int) -> Invoice:
    rows = with_open(Invoice.objects.visible_to(reader(request))).select_related("account__organization")
    found: Invoice = get_object_or_404(rows, pk=pk)
    return found


def payment_of(request: Request, pk: int) -> Payment:
    found: Payment = mine(request, with_left(Payment.objects.all()), pk)
    return found


def note_of(request: Request, pk: int) -> CreditNote:
    found: CreditNote = mine(request, CreditNote.objects.all(), pk)
    return found


class Invoices(APIView):
    @extend_schema(
        operation_id="invoices_list",
        parameters=[*PAGING, *NARROWING],
        responses={200: page_of(InvoiceRow, "InvoicePage"), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Those the caller may see, the newest first; state: draft, final, open or overdue."""
        return paged(self, listing.invoices(reader(request), wanted(request), timezone.localdate()), InvoiceRow)


class InvoiceView(APIView):
    @extend_schema(operation_id="invoices_retrieve", responses={200: InvoiceDetail, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One invoice with its lines, what was credited, and what paid it."""
        found = invoice_of(request, pk)
        lines = [_taken(line, taken) for line, taken in lines_left(found)]
        return Response(InvoiceDetail(found, context={"lines": lines}).data)


class Payments(APIView):
    @extend_schema(
        operation_id="payments_list",
        parameters=[*PAGING, *NARROWING],
        responses={200: page_of(PaymentRow, "PaymentPage"), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Those the caller may see, the newest first; state left: with money left."""
        return paged(self, listing.payments(reader(request), wanted(request)), PaymentRow)


class PaymentView(APIView):
    @extend_schema(operation_id="payments_retrieve", responses={200: PaymentDetail, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One payment and what it paid."""
        reader(request)
        return Response(PaymentDetail(payment_of(request, pk)).data)


class CreditNoteView(APIView):
    @extend_schema(operation_id="credit_notes_retrieve", responses={200: NoteDetail, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One credit note and what it paid."""
        reader(request)
        found = note_of(request, pk)
        return Response(NoteDetail(found, context={"left": left_of(found)}).data)


def _taken(line: Any, taken: int) -> Any:
    line.taken = taken
    return line


def _credit(row: Invoice, by: Person, at: datetime, values: Values) -> object:
    parts = values.pop("parts", None)
    chosen = None if parts is None else {part["line"]: part["cents"] for part in parts}
    return crediting.credit(row, by=by, at=at, parts=chosen, reason=values["reason"])


def _allocate(row: Source, by: Person, at: datetime, values: Values) -> object:
    invoice = row.account.invoices.final().filter(pk=values["invoice"]).first()
    if invoice is None:
        raise Invalid(invoice="The account has no such invoice.")
    return paying.allocate(row, invoice, by=by, at=at, cents=values["cents"])


def _refund(row: Source, by: Person, at: datetime, values: Values) -> object:
    return paying.refund(row, by=by, at=at, **values)


ACTS = {
    "invoices/<int:pk>/finalize/": act(
        "invoices_finalize",
        "Make a draft final now.",
        invoice_of,
        bodies.NothingBody,
        lambda row, by, at, values: invoicing.finalize(row, by=by, at=at),
    ),
    "invoices/<int:pk>/credit/": act(
        "invoices_credit", "Take back so much of its lines, or all.", invoice_of, bodies.CreditBody, _credit
    ),
    "invoices/<int:pk>/write-off/": act(
        "invoices_write_off",
        "Expect no more of so much of what is open.",
        invoice_of,
        bodies.AmountBody,
        lambda row, by, at, values: paying.write_off(row, by=by, at=at, **values),
    ),
    "payments/<int:pk>/allocate/": act(
        "payments_allocate", "Let what is left pay an invoice.", payment_of, bodies.PayingBody, _allocate
    ),
    "payments/<int:pk>/refund/": act(
        "payments_refund", "Pay back what is left.", payment_of, bodies.AmountBody, _refund
    ),
    "payments/<int:pk>/return/": act(
        "payments_return",
        "The bank took it back: whatever it paid is open again.",
        payment_of,
        bodies.FeeReasonBody,
        lambda row, by, at, values: paying.return_payment(row, by=by, at=at, **values),
    ),
    "allocations/<int:pk>/release/": act(
        "allocations_release",
        "Take back what paid an invoice.",
        lambda request, pk: mine(request, Allocation.objects.all(), pk),
        bodies.NothingBody,
        lambda row, by, at, values: paying.release(row, by=by, at=at),
    ),
    "credit-notes/<int:pk>/allocate/": act(
        "credit_notes_allocate", "Let what is left pay an invoice.", note_of, bodies.PayingBody, _allocate
    ),
    "credit-notes/<int:pk>/refund/": act(
        "credit_notes_refund", "Pay back what is left.", note_of, bodies.AmountBody, _refund
    ),
}
