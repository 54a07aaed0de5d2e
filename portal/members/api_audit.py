"""REST: searching the audit trail, for auditors and for administrators of an organization."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.members import trail
from portal.members.access import require
from portal.members.models import Organization, Person
from portal.members.policy import Action

PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 403)}


class AuditAsked(serializers.Serializer[Any]):
    """What part of the trail is asked for; days are those of the person's time zone, both included."""

    person = serializers.CharField(max_length=254, required=False, help_text="Part of the address of who acted")
    action = serializers.CharField(max_length=60, required=False)
    kind = serializers.CharField(max_length=40, required=False, help_text="Of the record, such as consult")
    record = serializers.CharField(max_length=100, required=False, help_text="Such as C-1001")
    organization = serializers.SlugField(required=False)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)
    on_behalf = serializers.BooleanField(required=False, default=False)
    before = serializers.CharField(max_length=40, required=False, help_text="``older`` of an answer before")
    after = serializers.CharField(max_length=40, required=False, help_text="``newer`` of an answer before")
    page_size = serializers.IntegerField(min_value=1, max_value=200, required=False, default=trail.PER_PAGE)


class AuditEventShape(serializers.Serializer[Any]):
    """Who did what. ``address`` and ``detail`` are empty for people who are not of the reader's organization."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    on_behalf_of = serializers.CharField()
    action = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.CharField()
    organization = serializers.IntegerField(allow_null=True)
    address = serializers.CharField(allow_null=True)
    request_id = serializers.CharField()
    detail = serializers.DictField()
    sequence = serializers.IntegerField(allow_null=True, help_text="Its place in the chain; empty until sealed")
    digest = serializers.CharField()


class AuditShape(serializers.Serializer[Any]):
    """A part of the trail, newest first, with the cursors of the parts beside it. Nothing is counted."""

    newer = serializers.CharField()
    older = serializers.CharField()
    results = AuditEventShape(many=True, source="events")


class Audit(APIView):
    @extend_schema(
        operation_id="audit_list",
        parameters=[AuditAsked, OpenApiParameter("page_size", int, description="At most 200")],
        responses={200: AuditShape, **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """The audit trail: all of it for auditors, what concerns their organization for its administrators."""
        person = request.user
        assert isinstance(person, Person)
        require(person, Action.READ_AUDIT)
        body = AuditAsked(data=request.query_params)
        body.is_valid(raise_exception=True)
        values = dict(body.validated_data)
        turn = {name: values.pop(name, "") for name in ("before", "after")}
        size = values.pop("page_size")
        values["organization"] = _organization(person, values.get("organization"))
        asked = trail.Asked(**values)
        found = trail.part(trail.found(person, asked), person, size=size, **turn)
        trail.note_reading(person, asked.said())
        return Response(AuditShape(found).data)


def _organization(person: Person, slug: str | None) -> int | None:
    """The identifier of an organization that the person may narrow the trail to."""
    if slug is None:
        return None
    mine = {one.slug: one for one in trail.organizations(person)}
    if slug not in mine:
        raise serializers.ValidationError({"organization": "No such organization, or not yours."})
    one: Organization = mine[slug]
    return one.pk
