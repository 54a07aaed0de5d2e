"""Offers to renew over REST: the same services as the pages."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.fees import bodies, presenting_renewals
from portal.fees.api_agreements import agreement_of, version_of
from portal.fees.models import Agreement, Renewal
from portal.fees.rest import PAGING, PROBLEM, act, page_of, paged, reader
from portal.fees.serializers_renewals import AcceptBody, RenewalDetail, RenewalRow, RenewBody, detail
from portal.fees.services import renewals
from portal.members.models import Person


def renewal_of(request: Request, pk: int) -> Renewal:
    rows = Renewal.objects.visible_to(reader(request)).select_related(
        "account__organization", "version__plan", "agreement"
    )
    return get_object_or_404(rows, pk=pk)


def answerer(request: Request) -> Person:
    """Who may answer an offer to an organization of theirs."""
    person = reader(request)
    if not person.actor.administrator_of:
        raise PermissionDenied("Only administrators of the organization answer an offer to it.")
    return person


class Renewals(APIView):
    @extend_schema(
        operation_id="renewals_list",
        parameters=[*PAGING, OpenApiParameter("state", str)],
        responses={200: page_of(RenewalRow, "RenewalPage"), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Every offer the caller may see, the newest first. Drafts are the network's own."""
        rows = Renewal.objects.visible_to(reader(request)).select_related("account__organization", "version__plan")
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state)
        return paged(self, rows, RenewalRow)


class RenewalView(APIView):
    @extend_schema(operation_id="renewals_retrieve", responses={200: RenewalDetail, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One offer, with what a year costs now and as offered, and its reminders."""
        row = renewal_of(request, pk)
        return Response(detail(row, presenting_renewals.costs(row, presenting_renewals.last_terms(row))))


def _draft(row: Agreement, by: Person, at: datetime, values: dict[str, Any]) -> object:
    terms = renewals.Terms(**{**values, "version": version_of(values["version"])})
    return renewals.draft(row, by=by, terms=terms, at=at)


ACTS = {
    "agreements/<int:pk>/renewal/": act(
        "agreements_renewal",
        "Draft an offer of the next agreement; an earlier draft becomes this one. Nothing is sent yet.",
        agreement_of,
        RenewBody,
        _draft,
        lambda row: None,
        201,
    ),
    "renewals/<int:pk>/offer/": act(
        "renewals_offer",
        "Freeze the draft, and tell the administrators of the organization.",
        renewal_of,
        bodies.NothingBody,
        lambda row, by, at, values: renewals.offer(row, by=by, at=at),
        lambda row: None,
    ),
    "renewals/<int:pk>/withdraw/": act(
        "renewals_withdraw",
        "Take a draft or an open offer back.",
        renewal_of,
        bodies.FeeReasonBody,
        lambda row, by, at, values: renewals.withdraw(row, by=by, at=at, **values),
        lambda row: None,
    ),
    "renewals/<int:pk>/accept/": act(
        "renewals_accept",
        "Sign the next agreement as it was offered; for administrators of the organization. ``id`` is the agreement's.",
        renewal_of,
        AcceptBody,
        lambda row, by, at, values: renewals.accept(row, by=by, at=at, **values),
        lambda row: None,
        who=answerer,
    ),
    "renewals/<int:pk>/decline/": act(
        "renewals_decline",
        "Say no, and why; for administrators of the organization.",
        renewal_of,
        bodies.FeeReasonBody,
        lambda row, by, at, values: renewals.decline(row, by=by, at=at, **values),
        lambda row: None,
        who=answerer,
    ),
}
