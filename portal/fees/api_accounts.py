"""Accounts over REST: balance, ledger, statement, standing, payments that come in, and the ageing report."""

from datetime import date, datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.refusals import Invalid
from portal.fees import bodies
from portal.fees.models import Account, Invoice
from portal.fees.presenting import standing as standing_words
from portal.fees.presenting_standing import history
from portal.fees.rest import PAGING, PROBLEM, act, day_of, page_of, paged, reader
from portal.fees.serializers import AccountRow, AccountStatement, AgeingShape, EntryShape, StandingShape
from portal.fees.services import ageing, listing, paying, standing, statements
from portal.members.models import Person
from portal.members.policy import Action

DAYS = [OpenApiParameter("since", OpenApiTypes.DATE), OpenApiParameter("until", OpenApiTypes.DATE)]


def account_of(request: Request, pk: int) -> Account:
    rows = Account.objects.visible_to(reader(request)).select_related("organization")
    return get_object_or_404(rows, pk=pk)


class Accounts(APIView):
    @extend_schema(
        operation_id="fee_accounts_list",
        parameters=PAGING,
        responses={200: page_of(AccountRow, "AccountPage"), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """What each organization owes, what of its money is left, and its standing."""
        return paged(self, listing.accounts(reader(request)), AccountRow)


class AccountView(APIView):
    @extend_schema(operation_id="fee_accounts_retrieve", responses={200: AccountRow, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One account."""
        return Response(AccountRow(get_object_or_404(listing.accounts(reader(request)), pk=pk)).data)


class LedgerView(APIView):
    @extend_schema(
        operation_id="fee_accounts_ledger",
        parameters=PAGING,
        responses={200: page_of(EntryShape, "EntryPage"), **PROBLEM},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Every entry with its sides, the newest first."""
        return paged(self, statements.ledger(account_of(request, pk)), EntryShape)


class StatementView(APIView):
    @extend_schema(operation_id="fee_accounts_statement", parameters=DAYS, responses={200: AccountStatement, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """What moved the balance in a period; from the year's beginning until today unless days are given."""
        found = account_of(request, pk)
        last = day_of(request, "until") or found.day(timezone.now())
        first = day_of(request, "since") or date(last.year, 1, 1)
        if first > last:
            raise Invalid(since="The first day comes before the last.")
        return Response(AccountStatement(statements.statement(found, first, last)).data)


class StandingView(APIView):
    @extend_schema(operation_id="fee_accounts_standing", responses={200: StandingShape, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """Why the standing is what it is, what follows next and when, and its history."""
        found = account_of(request, pk)
        words = standing_words(found, standing.now_of(found))
        coming = [{"day": day, "what": what} for day, what in standing.coming(found, at=timezone.now())]
        values = {"state": words.state, "since": words.since, "reasons": words.reasons}
        return Response(StandingShape({**values, "coming": coming, "history": history(found)}).data)


class Ageing(APIView):
    @extend_schema(
        operation_id="ageing_retrieve",
        parameters=[OpenApiParameter("day", OpenApiTypes.DATE)],
        responses={200: AgeingShape, **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """What is open by how long it is overdue, at the end of a day."""
        by, today = reader(request, Action.SEE_FEES), timezone.localdate()
        day = min(day_of(request, "day") or today, today)
        return Response(AgeingShape({"day": day, "names": ageing.COLUMNS, "rows": ageing.ageing(by, day)}).data)


def _pay(row: Account, by: Person, at: datetime, values: dict[str, Any]) -> object:
    pays = values.pop("pays", None)
    chosen = None if pays is None else {_invoice(row, part["invoice"]): part["cents"] for part in pays}
    return paying.record_payment(row, by=by, at=at, pays=chosen, **values)


def _invoice(row: Account, pk: int) -> Invoice:
    found = row.invoices.final().filter(pk=pk).first()
    if found is None:
        raise Invalid(pays="The account has no such invoice.")
    return found


ACTS = {
    "fee-accounts/<int:pk>/payments/": act(
        "fee_accounts_pay",
        "Record money that came in.",
        account_of,
        bodies.PaymentBody,
        _pay,
        lambda row: row.organization,
        201,
    ),
    "fee-accounts/<int:pk>/distribute/": act(
        "fee_accounts_distribute",
        "Let all money left pay what is open, the first due first.",
        account_of,
        bodies.NothingBody,
        lambda row, by, at, values: paying.distribute(row, by=by, at=at),
        lambda row: row.organization,
    ),
    "fee-accounts/<int:pk>/extend/": act(
        "fee_accounts_extend",
        "Let the grace last up to and with a day.",
        account_of,
        bodies.ExtendBody,
        lambda row, by, at, values: standing.extend(row, by=by, at=at, **values),
        lambda row: row.organization,
    ),
}
