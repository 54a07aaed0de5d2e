"""REST: the organizations of the network, and who is invited."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.refusals import Invalid, Refused
from portal.common.rest import Pages, once
from portal.members.api_roster import KEY, PAGED, PROBLEM, Nothing, body_of, facility_named, person_of, place_of
from portal.members.application_shapes import ZoneName
from portal.members.models import Invitation, Organization, OrganizationQuerySet, Role, Specialty
from portal.members.policy import Action, Denied, can
from portal.members.services import invitations, organizations
from portal.members.services.organizations import Facts

STATES = [*Organization.Membership.values, "deactivated"]
FACTS = ("name", "tier", "time_zone", "second_factor_required")


class OrganizationShape(serializers.ModelSerializer[Organization]):
    """An organization that the caller may see; ``deactivated_at`` is null while its people may sign in."""

    class Meta:
        model = Organization
        fields = ("slug", *FACTS, "membership", "created_at", "deactivated_at")


class OrganizationBody(serializers.Serializer[Any]):
    """What is known of an organization; on changing, what is left out stays as it is."""

    name = serializers.CharField(max_length=120)
    tier = serializers.ChoiceField(choices=Organization.Tier.choices)
    time_zone = ZoneName()
    second_factor_required = serializers.BooleanField(default=False)


class InvitationShape(serializers.ModelSerializer[Invitation]):
    """``state`` is open, expired, accepted or revoked. The link itself is only ever mailed."""

    organization = serializers.CharField(source="organization.slug", default=None, allow_null=True)
    specialty = serializers.CharField(source="specialty.slug", default=None, allow_null=True)
    state = serializers.SerializerMethodField()

    class Meta:
        model = Invitation
        fields = ("id", "email", "role", "organization", "specialty", "state", "created_at", "expires_at")

    def get_state(self, row: Invitation) -> str:
        if row.accepted_at or row.revoked_at:
            return "accepted" if row.accepted_at else "revoked"
        return "open" if row.is_open(timezone.now()) else "expired"


class InvitationBody(serializers.Serializer[Any]):
    """An organization's roles need ``organization``; a section's ``specialty``."""

    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=Role.Name.choices)
    organization = serializers.SlugField(required=False, allow_null=True, default=None)
    specialty = serializers.SlugRelatedField(
        slug_field="slug", queryset=Specialty.objects.all(), required=False, allow_null=True, default=None
    )
    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=120)
    facility = serializers.CharField(required=False, allow_null=True, default=None, help_text="Its name")
    own_specialty = serializers.SlugRelatedField(
        slug_field="slug", queryset=Specialty.objects.all(), required=False, allow_null=True, default=None
    )
    npi = serializers.CharField(required=False, allow_blank=True, default="", max_length=10)


def visible(request: Request) -> OrganizationQuerySet:
    """Those the caller may see. Refused for who has no list of organizations."""
    by = person_of(request)
    decision = can(by.actor, Action.SEE_ORGANIZATIONS)
    if isinstance(decision, Denied):
        raise Refused(decision.reason)
    return Organization.objects.visible_to(by)


class Organizations(APIView):
    pagination_class = Pages

    @extend_schema(
        operation_id="organizations",
        parameters=[*PAGED, OpenApiParameter("state", str, enum=STATES)],
        responses={200: OrganizationShape(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """By name: all of the network for its administrators, their own for an organization's."""
        rows, state, pages = visible(request).order_by("name", "pk"), request.query_params.get("state"), Pages()
        if state == "deactivated":
            rows = rows.exclude(deactivated_at=None)
        elif state in STATES:
            rows = rows.filter(deactivated_at=None, membership=state)
        return pages.get_paginated_response(
            OrganizationShape(pages.paginate_queryset(rows, request) or [], many=True).data
        )

    @extend_schema(
        operation_id="organization_add",
        request=OrganizationBody,
        parameters=[KEY],
        responses={201: OrganizationShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Add an organization, active from now on. For administrators of the network; invite its first one next."""

        def write() -> Response:
            by = person_of(request)
            decision = can(by.actor, Action.MANAGE_ORGANIZATION)
            if isinstance(decision, Denied):
                raise Refused(decision.reason)
            made = organizations.create_organization(by=by, **_facts(body_of(OrganizationBody, request)))
            return Response(OrganizationShape(made).data, status=201)

        return once(request, write)


class OneOrganization(APIView):
    @extend_schema(operation_id="organization", responses={200: OrganizationShape, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """One organization."""
        return Response(OrganizationShape(get_object_or_404(visible(request), slug=slug)).data)

    @extend_schema(
        operation_id="organization_change", request=OrganizationBody, responses={200: OrganizationShape, **PROBLEM}
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change its facts; its address stays."""
        found = get_object_or_404(visible(request), slug=slug)
        body = OrganizationBody(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        facts = {name: getattr(found, name) for name in FACTS} | body.validated_data
        organizations.update_organization(by=person_of(request), organization=found, **_facts(facts))
        return Response(OrganizationShape(found).data)


def _facts(values: dict[str, Any]) -> Facts:
    return Facts(
        name=values["name"],
        tier=values["tier"],
        time_zone=values["time_zone"],
        second_factor_required=values["second_factor_required"],
    )


class DeactivateOrganization(APIView):
    @extend_schema(
        operation_id="organization_deactivate", request=Nothing, responses={200: OrganizationShape, **PROBLEM}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Close its doors: who has no role elsewhere is signed out now and stays out."""
        found = get_object_or_404(visible(request), slug=slug)
        organizations.deactivate_organization(by=person_of(request), organization=found)
        return Response(OrganizationShape(found).data)


class ReactivateOrganization(APIView):
    @extend_schema(
        operation_id="organization_reactivate", request=Nothing, responses={200: OrganizationShape, **PROBLEM}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Open them again; tokens stay revoked."""
        found = get_object_or_404(visible(request), slug=slug)
        organizations.reactivate_organization(by=person_of(request), organization=found)
        return Response(OrganizationShape(found).data)


def _place(request: Request) -> Organization | None:
    """The organization that is asked for. Without one: Refused for all but who invites staff of the network."""
    if slug := request.query_params.get("organization"):
        return place_of(request, slug)
    actor = person_of(request).actor
    decision = can(actor, Action.MANAGE_NETWORK_STAFF)
    if isinstance(decision, Denied):
        raise Invalid(organization="Name your organization.") if actor.administrator_of else Refused(decision.reason)
    return None


class Invitations(APIView):
    pagination_class = Pages

    @extend_schema(
        operation_id="invitations",
        parameters=[*PAGED, OpenApiParameter("organization", str)],
        responses={200: InvitationShape(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Invitations of one organization, the newest first; without one, those of the network's staff."""
        visible(request)
        rows, pages = Invitation.objects.visible_to(person_of(request)), Pages()
        rows = rows.filter(organization=_place(request)).select_related("organization", "specialty")
        page = pages.paginate_queryset(rows.order_by("-created_at", "-pk"), request)
        return pages.get_paginated_response(InvitationShape(page or [], many=True).data)

    @extend_schema(
        operation_id="invitation_send",
        request=InvitationBody,
        parameters=[KEY],
        responses={201: InvitationShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Mail a link to one address; it works once, for two weeks."""

        def write() -> Response:
            visible(request)
            values = body_of(InvitationBody, request)
            slug, facility = values.pop("organization"), values.pop("facility")
            place = get_object_or_404(visible(request), slug=slug) if slug else None
            where = facility_named(facility, [place.pk] if place else [])
            row = invitations.invite(by=person_of(request), organization=place, facility=where, **values)
            return Response(InvitationShape(row).data, status=201)

        return once(request, write)


def _sent(request: Request, pk: int) -> Invitation:
    rows = Invitation.objects.visible_to(person_of(request)).select_related("organization", "specialty")
    return get_object_or_404(rows, pk=pk)


class ResendInvitation(APIView):
    @extend_schema(operation_id="invitation_resend", request=Nothing, responses={200: InvitationShape, **PROBLEM})
    def post(self, request: Request, pk: int) -> Response:
        """Mail a new link with a new term; the old one no longer works."""
        invitations.resend(by=person_of(request), invitation=_sent(request, pk))
        return Response(InvitationShape(_sent(request, pk)).data)


class RevokeInvitation(APIView):
    @extend_schema(operation_id="invitation_revoke", request=Nothing, responses={200: InvitationShape, **PROBLEM})
    def post(self, request: Request, pk: int) -> Response:
        """Make the link useless."""
        invitations.revoke(by=person_of(request), invitation=_sent(request, pk))
        return Response(InvitationShape(_sent(request, pk)).data)
