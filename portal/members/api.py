"""REST: who I am, and which specialties there are."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.members.models import Person, Role, Specialty


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
