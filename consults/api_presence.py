"""Availability, the rota and routing over REST: the same services as the pages."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults.api import IDEMPOTENCY, PROBLEM, person_of
from consults.hours import Shift
from consults.languages import LANGUAGES
from consults.models import Availability, OnCallDay, RoutingPolicy, WeeklyHours
from consults.serializers import BriefPerson, PersonField
from consults.services import assigning, availability, rota
from portal.common import present
from portal.common.refusals import Invalid, Refused
from portal.common.rest import once
from portal.members.models import Absence, Organization, Person, Specialty


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "example": "08:30"})
class HourField(serializers.TimeField):
    """Hours and minutes. OpenAPI's own ``time`` has seconds and a zone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", **options)


class ShiftShape(serializers.ModelSerializer[WeeklyHours]):
    """A part of a weekday, Monday being 0, in the specialist's own time zone."""

    weekday = serializers.IntegerField(min_value=0, max_value=6)
    start = HourField()
    end = HourField(help_text="00:00 is the end of the day")

    class Meta:
        model = WeeklyHours
        fields = ("weekday", "start", "end")


class AbsenceShape(serializers.ModelSerializer[Absence]):
    from_calendar = serializers.BooleanField(source="event", read_only=True)

    class Meta:
        model = Absence
        fields = ("id", "start_at", "end_at", "from_calendar")


class NewAbsence(serializers.Serializer[Any]):
    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField()
    person = PersonField(required=False, help_text="A colleague, for the section lead; oneself where it is left out")


class AvailabilityShape(serializers.Serializer[Any]):
    """What a specialist says of their own time."""

    away_until = serializers.DateTimeField(allow_null=True, read_only=True)
    cap = serializers.IntegerField(allow_null=True, min_value=1, max_value=99)
    languages = serializers.ListField(child=serializers.ChoiceField(choices=list(LANGUAGES.items())))
    tiers = serializers.ListField(child=serializers.ChoiceField(choices=Organization.Tier.choices))
    conflicts = serializers.ListField(child=serializers.SlugField(), help_text="Organizations not answered for")
    week = ShiftShape(many=True)
    absences = AbsenceShape(many=True, read_only=True)


class OnCallShape(serializers.ModelSerializer[OnCallDay]):
    specialty = serializers.SlugRelatedField[Specialty](slug_field="slug", read_only=True)
    primary = BriefPerson()
    backup = BriefPerson(allow_null=True)

    class Meta:
        model = OnCallDay
        fields = ("specialty", "day", "primary", "backup")


class RotaBody(serializers.Serializer[Any]):
    """Days from ``since`` to ``until``, both included. Nobody is on call where ``primary`` is null."""

    specialty = serializers.SlugRelatedField(slug_field="slug", queryset=Specialty.objects.all())
    since = serializers.DateField()
    until = serializers.DateField()
    primary = PersonField(allow_null=True)
    backup = PersonField(allow_null=True, required=False, default=None)


class RoutingShape(serializers.ModelSerializer[RoutingPolicy]):
    class Meta:
        model = RoutingPolicy
        fields = ("mode", "direct_allowed")


def _mine(person: Person) -> dict[str, Any]:
    said = Availability.objects.filter(person=person).prefetch_related("conflicts").first() or Availability()
    now = timezone.now()
    return dict(
        AvailabilityShape(
            {
                "away_until": person.away_at(now),
                "cap": said.cap,
                "languages": said.languages,
                "tiers": said.tiers,
                "conflicts": [place.slug for place in said.conflicts.all()] if said.pk else [],
                "week": person.weekly_hours.all(),
                "absences": person.absences.filter(end_at__gt=now),
            }
        ).data
    )


def _specialist(request: Request) -> Person:
    person = person_of(request)
    if not person.actor.specialist_in:
        raise Refused("Only those who answer questions have an availability.")
    return person


class MyAvailability(APIView):
    @extend_schema(operation_id="availability_retrieve", responses={200: AvailabilityShape, **PROBLEM})
    def get(self, request: Request) -> Response:
        """My weekly hours, limits and absences."""
        return Response(_mine(_specialist(request)))

    @extend_schema(
        operation_id="availability_update",
        request=AvailabilityShape,
        parameters=[IDEMPOTENCY],
        responses={200: AvailabilityShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Replace my weekly hours and limits."""

        def write() -> Response:
            person = _specialist(request)
            body = AvailabilityShape(data=request.data)
            body.is_valid(raise_exception=True)
            values = body.validated_data
            week = [Shift(part["weekday"], part["start"], part["end"]) for part in values.pop("week")]
            slugs = set(values.pop("conflicts"))
            places = list(Organization.objects.filter(slug__in=slugs))
            if unknown := slugs - {place.slug for place in places}:
                raise Invalid(conflicts=f"Unknown: {', '.join(sorted(unknown))}.")
            availability.set_week(by=person, person=person, shifts=week)
            availability.set_limits(by=person, person=person, conflicts=places, **values)
            return Response(_mine(Person.objects.get(pk=person.pk)))

        return once(request, write)


class Absences(APIView):
    @extend_schema(
        operation_id="absences_create",
        request=NewAbsence,
        parameters=[IDEMPOTENCY],
        responses={201: AbsenceShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Say that one is away, or as section lead that a colleague is."""

        def write() -> Response:
            by = _specialist(request)
            body = NewAbsence(data=request.data)
            body.is_valid(raise_exception=True)
            values = body.validated_data
            person = values.pop("person", by)
            row = availability.add_absence(by=by, person=person, now=present.now(), **values)
            return Response(AbsenceShape(row).data, status=201)

        return once(request, write)


class AbsenceRemoval(APIView):
    @extend_schema(
        operation_id="absences_remove",
        request=None,
        parameters=[IDEMPOTENCY],
        responses={200: AvailabilityShape, **PROBLEM},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take one of one's own absences back."""

        def write() -> Response:
            row = Absence.objects.filter(pk=pk, person=person_of(request)).select_related("person").first()
            if row is None:
                raise Http404
            availability.remove_absence(by=person_of(request), absence=row)
            return Response(_mine(Person.objects.get(pk=row.person_id)))

        return once(request, write)


class OnCall(APIView):
    @extend_schema(
        operation_id="on_call_list",
        parameters=[
            OpenApiParameter("specialty", str, description="Slug"),
            OpenApiParameter("day", str, description="A date; today in the network's time zone where it is left out"),
        ],
        responses={200: OnCallShape(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Who is on call, and who stands in."""
        rows = OnCallDay.objects.select_related("specialty", "primary", "backup")
        day = rota.today(timezone.now())
        if asked := request.query_params.get("day"):
            day = serializers.DateField().run_validation(asked)
        rows = rows.filter(day=day)
        if slug := request.query_params.get("specialty"):
            rows = rows.filter(specialty__slug=slug)
        return Response(OnCallShape(rows.order_by("specialty__name"), many=True).data)

    @extend_schema(
        operation_id="on_call_set",
        request=RotaBody,
        parameters=[IDEMPOTENCY],
        responses={200: OnCallShape(many=True), **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Put someone on call for some days; for the section lead."""

        def write() -> Response:
            _specialist(request)
            body = RotaBody(data=request.data)
            body.is_valid(raise_exception=True)
            values = body.validated_data
            rota.set_days(by=person_of(request), **values)
            rows = OnCallDay.objects.filter(
                specialty=values["specialty"], day__range=(values["since"], values["until"])
            ).select_related("specialty", "primary", "backup")
            return Response(OnCallShape(rows, many=True).data)

        return once(request, write)


class Routing(APIView):
    @extend_schema(operation_id="routing_retrieve", responses={200: RoutingShape, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """How a specialty's questions find their specialist."""
        return Response(RoutingShape(assigning.policy_of(self._specialty(slug).pk)).data)

    @extend_schema(
        operation_id="routing_set",
        request=RoutingShape,
        parameters=[IDEMPOTENCY],
        responses={200: RoutingShape, **PROBLEM},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Decide how they do; for the section lead."""

        def write() -> Response:
            specialty = self._specialty(slug)
            body = RoutingShape(data=request.data)
            _check_leads(person_of(request), specialty)
            body.is_valid(raise_exception=True)
            values = {"direct_allowed": True, "mode": RoutingPolicy.Mode.QUEUE} | body.validated_data
            return Response(RoutingShape(rota.set_policy(by=person_of(request), specialty=specialty, **values)).data)

        return once(request, write)

    def _specialty(self, slug: str) -> Specialty:
        found = Specialty.objects.filter(slug=slug).first()
        if found is None:
            raise Http404
        return found


def _check_leads(person: Person, specialty: Specialty) -> None:
    if specialty.pk not in person.actor.leads:
        raise Refused("Only the section lead of this specialty does that.")
