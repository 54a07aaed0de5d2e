"""REST: an organization's own sign-in and its directory's tokens, for those who manage its people."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.members.api import PROBLEM
from portal.members.models import Facility, Organization, Person
from portal.members.models_sso import DirectoryGroup, IdentityProvider, ProvisioningToken
from portal.members.services import provisioning, single_sign_on, sso_looking


class ProviderShape(serializers.Serializer[Any]):
    """The provider as it is kept; its secret is never shown."""

    kind = serializers.ChoiceField(choices=IdentityProvider.Kind.choices)
    server_url = serializers.CharField()
    client_id = serializers.CharField()
    metadata_url = serializers.CharField()
    entity_id = serializers.CharField()
    sign_in_url = serializers.CharField()
    certificate = serializers.CharField()
    default_role = serializers.ChoiceField(choices=IdentityProvider.DefaultRole.choices)
    default_facility = serializers.IntegerField(source="default_facility_id", allow_null=True)
    asks_second_step = serializers.BooleanField()
    is_on = serializers.BooleanField()
    is_only_way = serializers.BooleanField()
    checked_at = serializers.DateTimeField(allow_null=True)
    problem = serializers.CharField()
    tried_at = serializers.DateTimeField(allow_null=True)


class ProviderAsked(serializers.Serializer[Any]):
    """What to keep. Which fields are needed depends on the kind; ``secret`` left out keeps the one there is."""

    kind = serializers.ChoiceField(choices=IdentityProvider.Kind.choices)
    server_url = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    client_id = serializers.CharField(max_length=191, required=False, default="", allow_blank=True)
    secret = serializers.CharField(max_length=191, required=False, default="", allow_blank=True)
    metadata_url = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    entity_id = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    sign_in_url = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    certificate = serializers.CharField(max_length=8000, required=False, default="", allow_blank=True)
    default_role = serializers.ChoiceField(
        choices=IdentityProvider.DefaultRole.choices, required=False, default="", allow_blank=True
    )
    default_facility = serializers.PrimaryKeyRelatedField[Facility](
        queryset=Facility.objects.all(), required=False, default=None, allow_null=True
    )
    asks_second_step = serializers.BooleanField(
        default=False, help_text="Whether a second step counts that the provider says it asked for"
    )


class CheckedShape(serializers.Serializer[Any]):
    is_well = serializers.BooleanField()
    problem = serializers.CharField()


class SwitchesAsked(serializers.Serializer[Any]):
    is_on = serializers.BooleanField()
    is_only_way = serializers.BooleanField(default=False)


class TokenShape(serializers.ModelSerializer[ProvisioningToken]):
    made_by = serializers.CharField(source="created_by.name")

    class Meta:
        model = ProvisioningToken
        fields = ("id", "name", "hint", "made_by", "created_at", "last_used_at")


class NewTokenShape(TokenShape):
    secret = serializers.SerializerMethodField(help_text="Shown this once")

    class Meta(TokenShape.Meta):
        fields = (*TokenShape.Meta.fields, "secret")  # type: ignore[assignment]

    def get_secret(self, row: ProvisioningToken) -> str:
        return str(self.context["secret"])


class TokenAsked(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)


class GroupShape(serializers.ModelSerializer[DirectoryGroup]):
    class Meta:
        model = DirectoryGroup
        fields = ("id", "name", "role")
        read_only_fields = ("name",)


WRONG = {**PROBLEM, (403, "application/problem+json"): PROBLEM[(404, "application/problem+json")]}


def mine(request: Request, slug: str) -> tuple[Person, Organization]:
    """The person and the organization. Raises Http404 for outsiders, Refused for its other people."""
    person = request.user
    if not isinstance(person, Person):
        raise Http404
    found = Organization.objects.visible_to(person).filter(slug=slug).first()
    if found is None:
        raise Http404
    single_sign_on.check_may(person, found)
    return person, found


class Provider(APIView):
    @extend_schema(operation_id="sign_in_provider", responses={200: ProviderShape, **WRONG})
    def get(self, request: Request, slug: str) -> Response:
        """The organization's identity provider."""
        return Response(ProviderShape(kept(mine(request, slug)[1])).data)

    @extend_schema(operation_id="sign_in_provider_save", request=ProviderAsked, responses={200: ProviderShape, **WRONG})
    def put(self, request: Request, slug: str) -> Response:
        """Keep a provider. Another one than before is off until it is checked and switched on."""
        by, found = mine(request, slug)
        asked = ProviderAsked(data=request.data)
        asked.is_valid(raise_exception=True)
        row = single_sign_on.save_provider(by=by, organization=found, at=timezone.now(), **asked.validated_data)
        return Response(ProviderShape(row).data)

    @extend_schema(operation_id="sign_in_provider_remove", request=None, responses={204: None, **WRONG})
    def delete(self, request: Request, slug: str) -> Response:
        """Forget the provider and its secret."""
        by, found = mine(request, slug)
        single_sign_on.remove_provider(by=by, organization=found)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Check(APIView):
    @extend_schema(operation_id="sign_in_provider_check", request=None, responses={200: CheckedShape, **WRONG})
    def post(self, request: Request, slug: str) -> Response:
        """Ask the provider what it says of itself, and say what is wrong with it."""
        by, found = mine(request, slug)
        problem = single_sign_on.check_provider(by=by, organization=found, at=timezone.now())
        return Response(CheckedShape({"is_well": not problem, "problem": problem}).data)


class Switches(APIView):
    @extend_schema(
        operation_id="sign_in_provider_switch", request=SwitchesAsked, responses={200: ProviderShape, **WRONG}
    )
    def put(self, request: Request, slug: str) -> Response:
        """Open or close the way through the provider, and the other ways."""
        by, found = mine(request, slug)
        asked = SwitchesAsked(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(ProviderShape(single_sign_on.switch(by=by, organization=found, **asked.validated_data)).data)


class Tokens(APIView):
    @extend_schema(operation_id="directory_tokens", responses={200: TokenShape(many=True), **WRONG})
    def get(self, request: Request, slug: str) -> Response:
        """The directory's tokens that work: at most five."""
        rows = mine(request, slug)[1].provisioning_tokens.filter(revoked_at=None).select_related("created_by")
        return Response(TokenShape(rows, many=True).data)

    @extend_schema(operation_id="directory_token_make", request=TokenAsked, responses={201: NewTokenShape, **WRONG})
    def post(self, request: Request, slug: str) -> Response:
        """Make a token for the directory."""
        by, found = mine(request, slug)
        asked = TokenAsked(data=request.data)
        asked.is_valid(raise_exception=True)
        name = asked.validated_data["name"]
        row, secret = provisioning.make_token(by=by, organization=found, name=name, at=timezone.now())
        return Response(NewTokenShape(row, context={"secret": secret}).data, status=status.HTTP_201_CREATED)


class OneToken(APIView):
    @extend_schema(operation_id="directory_token_revoke", request=None, responses={204: None, **WRONG})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """End a token at once."""
        by, found = mine(request, slug)
        row = found.provisioning_tokens.select_related("organization").filter(pk=pk).first()
        if row is None:
            raise Http404
        provisioning.revoke_token(by=by, token=row, at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class OneGroup(APIView):
    @extend_schema(operation_id="directory_group_role", request=GroupShape, responses={200: GroupShape, **WRONG})
    def put(self, request: Request, slug: str, pk: int) -> Response:
        """Say what a group of the directory stands for."""
        by, found = mine(request, slug)
        row = found.directory_groups.select_related("organization").filter(pk=pk).first()
        if row is None:
            raise Http404
        asked = GroupShape(data=request.data)
        asked.is_valid(raise_exception=True)
        provisioning.say_role_of_group(by=by, group=row, role=asked.validated_data.get("role", ""))
        return Response(GroupShape(row).data)


def kept(found: Organization) -> IdentityProvider:
    row = sso_looking.of(found)
    if row is None:
        raise Http404
    return row
