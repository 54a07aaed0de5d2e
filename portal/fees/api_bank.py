"""Bank files and lines over REST: the same services as the pages."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.rest import Pages, once
from portal.fees import presenting_bank
from portal.fees.bankcsv import Layout
from portal.fees.models import Account, BankFile, BankLine, Invoice, Payment
from portal.fees.rest import IDEMPOTENCY, PAGING, PROBLEM, given, keeper, page_of, paged
from portal.fees.serializers_bank import (
    BankConfirmAsked,
    BankConfirmShape,
    BankFileAsked,
    BankFileShape,
    BankLineShape,
    BankMatchAsked,
    BankReasonAsked,
    BankTakeBackAsked,
)
from portal.fees.services import bank_booking, bank_reading
from portal.members.models import Person

STATE = OpenApiParameter("state", str, enum=BankLine.State.values, description="Those that wait, unless given")


def file_shape(file: BankFile) -> dict[str, Any]:
    return dict(BankFileShape({"file": file, "counts": presenting_bank.counts(file)}).data)


class BankFiles(APIView):
    @extend_schema(
        operation_id="bank_files_list",
        parameters=PAGING,
        responses={200: page_of(BankFileShape, "BankFilePage"), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Files of the bank, the newest first."""
        keeper(request)
        pages = Pages()
        rows = pages.paginate_queryset(BankFile.objects.defer("content"), request, view=self) or []
        return pages.get_paginated_response([file_shape(row) for row in rows])

    @extend_schema(
        operation_id="bank_files_create",
        parameters=[IDEMPOTENCY],
        request=BankFileAsked,
        responses={200: BankFileShape, 201: BankFileShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Bring a file: read into lines with suggestions, nothing booked. The same file again is the one there is."""
        person, asked, now = keeper(request), given(request, BankFileAsked), timezone.now()

        def write() -> Response:
            content = asked["content"].encode()
            file, is_new = bank_reading.bring(by=person, name=asked["name"], content=content, at=now)
            if file.state == BankFile.State.COLUMNS and "layout" in asked:
                layout = Layout(**asked["layout"])
                file = bank_reading.say_columns(file, by=person, layout=layout, at=now)
            return Response(file_shape(file), status=201 if is_new else 200)

        return once(request, write)


class BankFileView(APIView):
    @extend_schema(operation_id="bank_files_retrieve", responses={200: BankFileShape, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        keeper(request)
        return Response(file_shape(get_object_or_404(BankFile.objects.defer("content"), pk=pk)))


class BankLines(APIView):
    @extend_schema(
        operation_id="bank_lines_list",
        parameters=[STATE, OpenApiParameter("file", int), *PAGING],
        responses={200: page_of(BankLineShape, "BankLinePage"), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Lines in one of their states, of one file or of all."""
        keeper(request)
        state = request.query_params.get("state", "")
        rows = BankLine.objects.filter(state=state if state in BankLine.State.values else "waiting")
        if (file := request.query_params.get("file", "")).isdecimal() and len(file) < 19:
            rows = rows.filter(file=int(file))
        return paged(self, rows.select_related("account__organization"), BankLineShape)


class BankConfirm(APIView):
    @extend_schema(
        operation_id="bank_lines_confirm",
        parameters=[IDEMPOTENCY],
        request=BankConfirmAsked,
        responses={200: BankConfirmShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Book the suggestions of these lines; what is booked already is left alone."""
        person, asked = keeper(request), given(request, BankConfirmAsked)

        def write() -> Response:
            outcome = bank_booking.confirm(asked["lines"], by=person, at=timezone.now())
            left = [row.pk for row, _ in outcome.left]
            return Response({"booked": outcome.booked, "later": outcome.later, "left": left})

        return once(request, write)


class LineAct(APIView):
    """An act on one line of the bank."""

    asked: type[serializers.Serializer[Any]] | None = BankReasonAsked

    def act(self, line: BankLine, person: Person, asked: dict[str, Any]) -> BankLine:
        raise NotImplementedError

    def answer(self, request: Request, pk: int) -> Response:
        person = keeper(request)
        line: BankLine = get_object_or_404(BankLine.objects.select_related("account__organization"), pk=pk)
        asked = given(request, self.asked) if self.asked else {}
        return once(request, lambda: Response(BankLineShape(self.act(line, person, asked)).data))


class MatchLine(LineAct):
    asked = BankMatchAsked

    @extend_schema(
        operation_id="bank_lines_match",
        parameters=[IDEMPOTENCY],
        request=BankMatchAsked,
        responses={200: BankLineShape, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Book a line as a payment of an organization; what its invoices leave stays as credit."""
        return self.answer(request, pk)

    def act(self, line: BankLine, person: Person, asked: dict[str, Any]) -> BankLine:
        accounts = Account.objects.filter(currency=line.currency)
        account: Account = get_object_or_404(accounts, organization__slug=asked["organization"])
        invoices = {row.number: row for row in Invoice.objects.filter(account=account, number__in=asked["pays"])}
        if missing := asked["pays"].keys() - invoices.keys():
            raise serializers.ValidationError({"pays": f"No such invoice of theirs: {', '.join(sorted(missing))}"})
        pays = {invoices[number]: cents for number, cents in asked["pays"].items()}
        return bank_booking.match_by_hand(line, by=person, account=account, pays=pays, at=timezone.now())


class TakeBackLine(LineAct):
    asked = BankTakeBackAsked

    @extend_schema(
        operation_id="bank_lines_take_back",
        parameters=[IDEMPOTENCY],
        request=BankTakeBackAsked,
        responses={200: BankLineShape, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Book a line as the bank's taking back of a payment."""
        return self.answer(request, pk)

    def act(self, line: BankLine, person: Person, asked: dict[str, Any]) -> BankLine:
        payment: Payment = get_object_or_404(Payment.objects.select_related("account"), pk=asked["payment"])
        reason = asked["reason"]
        return bank_booking.return_by_hand(line, by=person, payment=payment, reason=reason, at=timezone.now())


class AsideLine(LineAct):
    @extend_schema(
        operation_id="bank_lines_set_aside",
        parameters=[IDEMPOTENCY],
        request=BankReasonAsked,
        responses={200: BankLineShape, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """A line that is no organization's payment."""
        return self.answer(request, pk)

    def act(self, line: BankLine, person: Person, asked: dict[str, Any]) -> BankLine:
        return bank_booking.set_aside(line, by=person, reason=asked["reason"], at=timezone.now())


class TakeUpLine(LineAct):
    asked = None

    @extend_schema(
        operation_id="bank_lines_take_up",
        parameters=[IDEMPOTENCY],
        request=None,
        responses={200: BankLineShape, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Put a line that was set aside back among those to be matched."""
        return self.answer(request, pk)

    def act(self, line: BankLine, person: Person, asked: dict[str, Any]) -> BankLine:
        return bank_booking.take_up(line, by=person)
