"""Improvement engagements over REST: the same services as the pages."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults import runcharts
from consults.api import IDEMPOTENCY, PROBLEM, person_of
from consults.models import Engagement, EngagementHours, EngagementMilestone, EngagementPerson, Measure, MeasurePoint
from consults.serializers import BriefPerson, NoBody
from consults.services import engagements, improving
from portal.common import audit, present
from portal.common.refusals import Invalid
from portal.common.rest import Pages, once
from portal.members.models import Organization, Person


class EngagementRow(serializers.ModelSerializer[Engagement]):
    organization = serializers.SlugRelatedField[Organization](slug_field="slug", read_only=True)
    sponsor = BriefPerson()

    class Meta:
        model = Engagement
        fields = ("id", "organization", "area", "state", "sponsor", "asked_at", "ended_at")


class PointShape(serializers.ModelSerializer[MeasurePoint]):
    class Meta:
        model = MeasurePoint
        fields = ("day", "value", "note")


class ChartShape(serializers.Serializer[Any]):
    """By Perla, Provost and Murray 2011. Stretches are positions of points from 0, first and last."""

    median = serializers.FloatField(allow_null=True)
    useful = serializers.IntegerField(help_text="Points not on the median")
    runs = serializers.IntegerField()
    limits = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
    shifts = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    trends = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    has_signal = serializers.BooleanField()


class MeasureShape(serializers.ModelSerializer[Measure]):
    points = PointShape(many=True, read_only=True)
    chart = serializers.SerializerMethodField()

    class Meta:
        model = Measure
        fields = ("id", "name", "unit", "definition", "better", "points", "chart")

    @extend_schema_field(ChartShape)
    def get_chart(self, row: Measure) -> Any:
        return ChartShape(runcharts.read([value for _, value in row.series])).data


class NamedShape(serializers.ModelSerializer[EngagementPerson]):
    person = BriefPerson()

    class Meta:
        model = EngagementPerson
        fields = ("person", "is_consultant")


class MilestoneShape(serializers.ModelSerializer[EngagementMilestone]):
    class Meta:
        model = EngagementMilestone
        fields = ("id", "name", "due_on", "done_at")


class HoursShape(serializers.ModelSerializer[EngagementHours]):
    person = BriefPerson()

    class Meta:
        model = EngagementHours
        fields = ("person", "day", "hours", "what")


class EngagementDetail(EngagementRow):
    people = NamedShape(many=True)
    milestones = MilestoneShape(many=True)
    hours = HoursShape(many=True)
    measures = MeasureShape(many=True)
    hours_left = serializers.DecimalField(max_digits=7, decimal_places=2, allow_null=True)

    class Meta:
        model = Engagement
        fields = (
            *EngagementRow.Meta.fields,
            "goal",
            "scope",
            "declined_because",
            "summary",
            "hours_agreed",
            "hours_left",
            "people",
            "milestones",
            "hours",
            "measures",
        )


class EngagementPage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = EngagementRow(many=True)


class AskBody(serializers.Serializer[Any]):
    organization = serializers.SlugField()
    area = serializers.CharField(max_length=120)
    goal = serializers.CharField(max_length=4000)
    scope = serializers.CharField(max_length=4000)
    sponsor = serializers.EmailField()


class HoursAgreedBody(serializers.Serializer[Any]):
    hours = serializers.DecimalField(max_digits=6, decimal_places=2, min_value=Decimal(0))


class ReasonBody(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


class SummaryBody(serializers.Serializer[Any]):
    summary = serializers.CharField(max_length=8000)


class HoursBody(serializers.Serializer[Any]):
    """A negative number takes back."""

    day = serializers.DateField()
    hours = serializers.DecimalField(max_digits=5, decimal_places=2)
    what = serializers.CharField(max_length=200)


class MilestoneBody(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=160)
    due_on = serializers.DateField()


class MeasureBody(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    unit = serializers.CharField(max_length=40)
    definition = serializers.CharField(max_length=400)
    better = serializers.ChoiceField(choices=Measure.Better.choices)


class PointBody(serializers.Serializer[Any]):
    day = serializers.DateField()
    value = serializers.FloatField()
    note = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)


class NameBody(serializers.Serializer[Any]):
    person = serializers.EmailField()
    is_consultant = serializers.BooleanField(default=False)


def _one(request: Request, pk: int) -> Engagement:
    rows = Engagement.objects.visible_to(person_of(request)).select_related("organization", "sponsor")
    row = rows.prefetch_related("people__person", "milestones", "hours__person", "measures__points").filter(pk=pk)
    found = row.first()
    if found is None:
        raise Http404
    return found


def _whole(request: Request, pk: int, *, status: int = 200) -> Response:
    row = _one(request, pk)
    audit.record(
        by=person_of(request),
        action="engagement.read",
        object_type="engagement",
        object_id=row.pk,
        organization_id=row.organization_id,
    )
    return Response(EngagementDetail(row).data, status=status)


def _person(email: str, *, field: str) -> Person:
    found = Person.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise Invalid(**{field: "Nobody who may be named has this address."})
    return found


class Engagements(APIView):
    serializer_class = EngagementRow

    @extend_schema(
        operation_id="engagements_list",
        parameters=[OpenApiParameter("page", int), OpenApiParameter("page_size", int)],
        responses={200: EngagementPage, **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Engagements the caller may see, newest first."""
        rows = Engagement.objects.visible_to(person_of(request)).select_related("organization", "sponsor")
        pages = Pages()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(EngagementRow(page, many=True).data)

    @extend_schema(
        operation_id="engagements_create",
        request=AskBody,
        parameters=[IDEMPOTENCY],
        responses={201: EngagementDetail, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Ask for one; for administrators of the organization."""

        def write() -> Response:
            body = AskBody(data=request.data)
            body.is_valid(raise_exception=True)
            values, by = body.validated_data, person_of(request)
            place = Organization.objects.filter(slug=values["organization"], pk__in=by.actor.organizations).first()
            if place is None:
                raise Invalid(organization="You belong to no such organization.")
            values |= {"organization": place, "sponsor": _person(values["sponsor"], field="sponsor")}
            return _whole(request, engagements.ask(by=by, at=present.now(), **values).pk, status=201)

        return once(request, write)


class EngagementView(APIView):
    @extend_schema(operation_id="engagements_retrieve", responses={200: EngagementDetail, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One engagement with its hours, milestones and measures; the reading is recorded."""
        return _whole(request, pk)


def _action(
    name: str, body: type[serializers.Serializer[Any]], service: Callable[..., object], doc: str
) -> type[APIView]:
    """A view that does one thing with an engagement and answers with the engagement as it is then."""

    class View(APIView):
        @extend_schema(
            operation_id=f"engagements_{name}",
            description=doc,
            request=None if body is NoBody else body,
            parameters=[IDEMPOTENCY],
            responses={200: EngagementDetail, **PROBLEM},
        )
        def post(self, request: Request, pk: int) -> Response:
            def write() -> Response:
                row, data = _one(request, pk), body(data=request.data)
                data.is_valid(raise_exception=True)
                values = data.validated_data
                if "person" in values:
                    values["person"] = _person(values["person"], field="person")
                service(row, by=person_of(request), at=present.now(), **values)
                return _whole(request, pk)

            return once(request, write)

    View.__name__ = f"Engagement{name.title()}"
    return View


ACTIONS = {
    "agree": _action("agree", HoursAgreedBody, engagements.agree, "Agree, with hours; for network administrators."),
    "allow": _action("allow", HoursAgreedBody, engagements.allow_hours, "Change the hours agreed."),
    "decline": _action("decline", ReasonBody, engagements.decline, "Decline with a reason."),
    "begin": _action("begin", NoBody, engagements.begin, "Say that the work has begun."),
    "close": _action("close", SummaryBody, engagements.close, "Close it with what changed."),
    "people": _action("people", NameBody, engagements.name, "Name somebody on it."),
    "hours": _action("hours", HoursBody, improving.log_hours, "Note one's own hours."),
    "milestones": _action("milestones", MilestoneBody, improving.add_milestone, "Plan a milestone."),
    "measures": _action("measures", MeasureBody, improving.add_measure, "Add a measure."),
}


class Points(APIView):
    @extend_schema(
        operation_id="engagements_point",
        request=PointBody,
        parameters=[IDEMPOTENCY],
        responses={200: MeasureShape, **PROBLEM},
    )
    def post(self, request: Request, pk: int, measure: int) -> Response:
        """Enter a measure's value of a day; entered again, it replaces the former one."""

        def write() -> Response:
            found = _one(request, pk).measures.select_related("engagement").filter(pk=measure).first()
            if found is None:
                raise Http404
            body = PointBody(data=request.data)
            body.is_valid(raise_exception=True)
            improving.set_point(found, by=person_of(request), at=present.now(), **body.validated_data)
            return Response(MeasureShape(Measure.objects.get(pk=found.pk)).data)

        return once(request, write)
