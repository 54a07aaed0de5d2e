"""Plans and agreements over REST: the same services as the pages."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.refusals import Conflict, Invalid
from portal.fees import bodies
from portal.fees.models import Agreement, Plan, PlanVersion
from portal.fees.pricing import Usage
from portal.fees.rest import AGREED, IDEMPOTENCY, PAGING, PREVIEW, PROBLEM, act, answer, keeper, page_of, paged, reader
from portal.fees.serializers import AgreementShape, OutcomeShape, PlanShape
from portal.fees.services import agreements, invoicing, plans
from portal.members.models import Organization, Person
from portal.members.policy import Action

Values = dict[str, Any]


def plan_of(request: Request, pk: int) -> Plan:
    reader(request, Action.SEE_FEES)
    return get_object_or_404(Plan.objects.prefetch_related("versions"), pk=pk)


def agreement_of(request: Request, pk: int) -> Agreement:
    rows = Agreement.objects.visible_to(reader(request)).select_related("account__organization")
    return get_object_or_404(rows.prefetch_related("terms__version__plan"), pk=pk)


class Plans(APIView):
    @extend_schema(
        operation_id="plans_list", parameters=PAGING, responses={200: page_of(PlanShape, "PlanPage"), **PROBLEM}
    )
    def get(self, request: Request) -> Response:
        """Every plan with its versions."""
        reader(request, Action.SEE_FEES)
        return paged(self, Plan.objects.prefetch_related("versions"), PlanShape)

    @extend_schema(
        operation_id="plans_create",
        request=bodies.PlanBody,
        parameters=[IDEMPOTENCY, PREVIEW],
        responses={200: OutcomeShape, 201: OutcomeShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """A new plan, with its first version."""
        by = keeper(request)

        def run(at: datetime, values: Values) -> object:
            if Plan.objects.filter(name=values["name"].strip()).exists():
                raise Conflict("There is a plan of this name. Make a new version of it.")
            return plans.define_plan(by=by, at=at, **_prices(values)).plan

        return answer(request, bodies.PlanBody, None, run, status=201)


class PlanView(APIView):
    @extend_schema(operation_id="plans_retrieve", responses={200: PlanShape, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One plan with its versions."""
        return Response(PlanShape(plan_of(request, pk)).data)


class Agreements(APIView):
    @extend_schema(
        operation_id="agreements_list",
        parameters=[*PAGING, OpenApiParameter("organization", str, description="The slug")],
        responses={200: page_of(AgreementShape, "AgreementPage"), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Those the caller may see, with their terms over time."""
        rows = Agreement.objects.visible_to(reader(request)).select_related("account__organization")
        if slug := request.query_params.get("organization"):
            rows = rows.filter(account__organization__slug=slug)
        return paged(self, rows.prefetch_related("terms__version__plan"), AgreementShape)

    @extend_schema(
        operation_id="agreements_create",
        request=bodies.SignBody,
        parameters=[IDEMPOTENCY, PREVIEW, AGREED],
        responses={200: OutcomeShape, 201: OutcomeShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Sign an agreement, and draft its first invoice."""
        by = keeper(request)
        slug = request.data.get("organization") if isinstance(request.data, dict) else None
        organization = Organization.objects.filter(slug=str(slug or "")).first()

        def run(at: datetime, values: Values) -> object:
            if organization is None:
                raise Invalid(organization="There is no such organization.")
            terms = {**values, "organization": organization, "version": version_of(values["version"])}
            signed = agreements.sign(by=by, at=at, **terms)
            invoicing.draft_period(signed, by=by, number=0, at=at)
            return signed

        return answer(request, bodies.SignBody, organization, run, status=201)


class AgreementView(APIView):
    @extend_schema(operation_id="agreements_retrieve", responses={200: AgreementShape, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One agreement with its terms over time."""
        return Response(AgreementShape(agreement_of(request, pk)).data)


def version_of(pk: int) -> PlanVersion:
    found = PlanVersion.objects.select_related("plan").filter(pk=pk).first()
    if found is None:
        raise Invalid(version="There is no such version.")
    return found


def _prices(values: Values) -> Values:
    """As the service takes them."""
    names = ("included_consults", "included_calls", "included_hours")
    kept = {name: value for name, value in values.items() if name not in names}
    return {**kept, "included": Usage(*(values[name] for name in names))}


def _change(row: Agreement, by: Person, at: datetime, values: Values) -> object:
    if "version" in values:
        values = {**values, "version": version_of(values["version"])}
    return agreements.change(row, by=by, at=at, **values)


ACTS = {
    "plans/<int:pk>/versions/": act(
        "plans_new_version",
        "The next version: what was signed keeps its own.",
        plan_of,
        bodies.VersionBody,
        lambda row, by, at, values: plans.define_plan(by=by, at=at, name=row.name, **_prices(values)),
        lambda row: None,
        201,
    ),
    "plans/<int:pk>/withdraw/": act(
        "plans_withdraw",
        "No new agreement gets it.",
        plan_of,
        bodies.NothingBody,
        lambda row, by, at, values: plans.withdraw(row, by=by, at=at),
        lambda row: None,
    ),
    "plans/<int:pk>/restore/": act(
        "plans_restore",
        "It may be signed again.",
        plan_of,
        bodies.NothingBody,
        lambda row, by, at, values: plans.restore(row, by=by),
        lambda row: None,
    ),
    "agreements/<int:pk>/change/": act(
        "agreements_change",
        "Other terms from a day on: what was billed is credited to the day, and billed anew.",
        agreement_of,
        bodies.ChangeBody,
        _change,
    ),
    "agreements/<int:pk>/end/": act(
        "agreements_end",
        "End it early.",
        agreement_of,
        bodies.EndBody,
        lambda row, by, at, values: agreements.end(row, by=by, at=at, **values),
    ),
}
