"""REST: who I am, and which specialties there are."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.rest import Pages
from portal.members import directory
from portal.members.models import Person, Role, Specialty

PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 404)}


class RoleShape(serializers.ModelSerializer[Role]):
    organization = serializers.CharField(source="organization.slug", default=None, allow_null=True)
    specialty = serializers.CharField(source="specialty.slug", default=None, allow_null=True)

    class Meta:
        model = Role
        fields = ("name", "organization", "specialty")


class MeShape(serializers.ModelSerializer[Person]):
    roles = RoleShape(many=True)

    class Meta:
        model = Person
        fields = ("id", "email", "name", "time_zone", "roles")


class SpecialistShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    email = serializers.EmailField()
    is_away = serializers.BooleanField()


class SpecialtyShape(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    specialists = SpecialistShape(many=True)


class Me(APIView):
    @extend_schema(operation_id="me", responses=MeShape)
    def get(self, request: Request) -> Response:
        """The person the token belongs to, with their roles."""
        person = Person.objects.prefetch_related("roles__organization", "roles__specialty").get(pk=request.user.pk or 0)
        return Response(MeShape(person).data)


class ListedShape(serializers.Serializer[Any]):
    """A specialist in the directory; ask them by e-mail address as ``assignee``."""

    name = serializers.CharField(source="person.name")
    email = serializers.EmailField(source="person.email")
    specialties = serializers.ListField(child=serializers.CharField(), source="slugs")
    languages = serializers.ListField(child=serializers.CharField(), source="profile.languages")
    interests = serializers.CharField(source="profile.interests")
    answers_when = serializers.CharField(source="profile.answers_when", help_text="Promises nothing")
    is_away = serializers.BooleanField()
    away_until = serializers.DateTimeField(source="person.away_until", allow_null=True)


class SpecialistsAsked(serializers.Serializer[Any]):
    """What the directory may be narrowed to."""

    specialty = serializers.SlugField(required=False, help_text="Slug, as in GET specialties/")
    language = serializers.CharField(max_length=40, required=False)
    q = serializers.CharField(max_length=100, required=False, help_text="Words of the name or the interests")


class Specialists(APIView):
    serializer_class = ListedShape
    pagination_class = Pages

    @extend_schema(
        operation_id="specialists_list",
        parameters=[
            SpecialistsAsked,
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int, description="At most 100"),
        ],
        responses={200: ListedShape(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """The directory: who answers, by name. For anyone who may sign in."""
        if not isinstance(request.user, Person) or not request.user.can_sign_in:
            raise Http404
        asked = SpecialistsAsked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        slug = values.get("specialty")
        specialty = Specialty.objects.filter(slug=slug).first() if slug else None
        if slug and specialty is None:
            raise serializers.ValidationError({"specialty": "No such specialty; GET specialties/ lists them."})
        people = directory.specialists(
            specialties=[specialty.pk] if specialty else None,
            language=values.get("language", ""),
            words=values.get("q", ""),
        )
        pages = Pages()
        page = pages.paginate_queryset(directory.with_profiles(people), request, view=self)
        rows = [directory.listed(person) for person in page or []]
        return pages.get_paginated_response(ListedShape(rows, many=True).data)


class Specialties(APIView):
    @extend_schema(operation_id="specialties", responses=SpecialtyShape(many=True))
    def get(self, request: Request) -> Response:
        """Specialties with those who answer for them; each may be asked by e-mail address as ``assignee``."""
        now = timezone.now()
        answering = (
            Role.objects.filter(name__in=[Role.Name.SPECIALIST, Role.Name.SECTION_LEAD], person__is_active=True)
            .select_related("person")
            .prefetch_related("person__absences")
        )
        people: dict[int, dict[int, Person]] = {}
        for role in answering:
            people.setdefault(role.specialty_id or 0, {})[role.person_id] = role.person
        rows = [
            {
                "slug": specialty.slug,
                "name": specialty.name,
                "specialists": [
                    {"name": person.name, "email": person.email, "is_away": person.is_away(now)}
                    for person in people.get(specialty.pk, {}).values()
                ],
            }
            for specialty in Specialty.objects.all()
        ]
        return Response(SpecialtyShape(rows, many=True).data)
