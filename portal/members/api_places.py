"""REST for what an organization says of itself: facilities, contacts, signed documents."""

from typing import Any

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common.refusals import Refused
from portal.common.rest import AnyAccepted, Json, Pages
from portal.members import downloads
from portal.members.api_roster import PAGED, PROBLEM, body_of, facility_named, person_of
from portal.members.models import Facility, Organization
from portal.members.models_house import Contact, SignedDocument
from portal.members.policy import Action, Denied, can
from portal.members.services import places, signing


class FacilityShape(serializers.ModelSerializer[Facility]):
    """A facility; ``part_of`` is the name of the one it is part of."""

    part_of = serializers.CharField(source="parent.name", default=None, allow_null=True)

    class Meta:
        model = Facility
        fields = ("id", "name", "kind", "part_of", "street", "city", "region", "postal_code")


class FacilityBody(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=Facility.Kind.choices)
    part_of = serializers.CharField(required=False, allow_null=True, help_text="Name of the facility it is part of")
    street = serializers.CharField(max_length=120, allow_blank=True, default="")
    city = serializers.CharField(max_length=80, allow_blank=True, default="")
    region = serializers.CharField(max_length=60, allow_blank=True, default="")
    postal_code = serializers.CharField(max_length=12, allow_blank=True, default="")


class ContactShape(serializers.ModelSerializer[Contact]):
    class Meta:
        model = Contact
        fields = ("id", "kind", "name", "email", "phone")


class ContactBody(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Contact.Kind.choices)
    name = serializers.CharField(max_length=120)
    email = serializers.EmailField()
    phone = serializers.CharField(max_length=30, allow_blank=True, default="")


class SignedShape(serializers.ModelSerializer[SignedDocument]):
    """A signed paper; one with ``removed_at`` was taken away."""

    added_by = serializers.CharField(source="added_by.name")

    class Meta:
        model = SignedDocument
        fields = ("key", "title", "signed_on", "signed_by", "name", "size", "added_by", "added_at", "removed_at")


class SignedBody(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120)
    signed_on = serializers.DateField()
    signed_by = serializers.CharField(max_length=200)
    file = serializers.FileField(help_text="A PDF, judged by its content")


def kept(request: Request, slug: str) -> Organization:
    """The organization, for who keeps its house. 404 for outsiders, Refused for others in it."""
    by = person_of(request)
    found = get_object_or_404(Organization.objects.visible_to(by), slug=slug)
    places.check(by, found)
    return found


def _place(found: Organization, values: dict[str, Any]) -> places.Place:
    parent = facility_named(values.pop("part_of", None), [found.pk])
    return places.Place(parent=parent, **values)


class Facilities(APIView):
    pagination_class = Pages

    @extend_schema(operation_id="facilities", parameters=PAGED, responses={200: FacilityShape(many=True), **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """Facilities of the organization, by name."""
        rows, pages = kept(request, slug).facilities.select_related("parent"), Pages()
        return pages.get_paginated_response(FacilityShape(pages.paginate_queryset(rows, request) or [], many=True).data)

    @extend_schema(operation_id="facility_add", request=FacilityBody, responses={201: FacilityShape, **PROBLEM})
    def post(self, request: Request, slug: str) -> Response:
        """Add a facility."""
        found, values = kept(request, slug), body_of(FacilityBody, request)
        row = places.add_facility(by=person_of(request), organization=found, place=_place(found, values))
        return Response(FacilityShape(row).data, status=201)


class OneFacility(APIView):
    @extend_schema(operation_id="facility_change", request=FacilityBody, responses={200: FacilityShape, **PROBLEM})
    def put(self, request: Request, slug: str, pk: int) -> Response:
        """Say anew what is known of it; what is left out is emptied."""
        found = kept(request, slug)
        row, values = get_object_or_404(found.facilities, pk=pk), body_of(FacilityBody, request)
        row = places.change_facility(by=person_of(request), facility=row, place=_place(found, values))
        return Response(FacilityShape(row).data)

    @extend_schema(operation_id="facility_remove", responses={204: None, **PROBLEM})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Remove it; its parts move up by one."""
        row = get_object_or_404(kept(request, slug).facilities, pk=pk)
        places.remove_facility(by=person_of(request), facility=row)
        return Response(status=204)


class Contacts(APIView):
    pagination_class = Pages

    @extend_schema(operation_id="contacts", parameters=PAGED, responses={200: ContactShape(many=True), **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """Whom to reach at the organization, for what."""
        rows, pages = kept(request, slug).contacts.all(), Pages()
        return pages.get_paginated_response(ContactShape(pages.paginate_queryset(rows, request) or [], many=True).data)

    @extend_schema(operation_id="contact_add", request=ContactBody, responses={201: ContactShape, **PROBLEM})
    def post(self, request: Request, slug: str) -> Response:
        """List a contact."""
        found, values = kept(request, slug), body_of(ContactBody, request)
        row = places.add_contact(by=person_of(request), organization=found, **values)
        return Response(ContactShape(row).data, status=201)


class OneContact(APIView):
    @extend_schema(operation_id="contact_change", request=ContactBody, responses={200: ContactShape, **PROBLEM})
    def put(self, request: Request, slug: str, pk: int) -> Response:
        """Say anew whom to reach."""
        row, values = get_object_or_404(kept(request, slug).contacts, pk=pk), body_of(ContactBody, request)
        return Response(ContactShape(places.change_contact(by=person_of(request), contact=row, **values)).data)

    @extend_schema(operation_id="contact_remove", responses={204: None, **PROBLEM})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Take a contact off the list."""
        row = get_object_or_404(kept(request, slug).contacts, pk=pk)
        places.remove_contact(by=person_of(request), contact=row)
        return Response(status=204)


class SignedDocuments(APIView):
    pagination_class = Pages
    parser_classes = [MultiPartParser, Json]

    @extend_schema(
        operation_id="signed_documents", parameters=PAGED, responses={200: SignedShape(many=True), **PROBLEM}
    )
    def get(self, request: Request, slug: str) -> Response:
        """Signed papers, the newest first."""
        rows, pages = kept(request, slug).signed_documents.select_related("added_by"), Pages()
        return pages.get_paginated_response(SignedShape(pages.paginate_queryset(rows, request) or [], many=True).data)

    @extend_schema(
        operation_id="signed_document_add",
        request={"multipart/form-data": SignedBody},
        responses={201: SignedShape, **PROBLEM},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Keep a signed paper. It stays as it is brought."""
        found, values = kept(request, slug), body_of(SignedBody, request)
        upload = values.pop("file")
        row = signing.keep(by=person_of(request), organization=found, upload=upload, at=timezone.now(), **values)
        return Response(SignedShape(row).data, status=201)


class SignedFile(APIView):
    # The file says what comes, whatever the request accepts; only what went wrong is rendered.
    content_negotiation_class = AnyAccepted

    @extend_schema(operation_id="signed_document", responses={(200, "application/pdf"): OpenApiTypes.BINARY, **PROBLEM})
    def get(self, request: Request, slug: str, key: str) -> FileResponse:
        """The paper itself, as a download."""
        row = _paper(kept(request, slug), key)
        signing.read(by=person_of(request), row=row)
        return downloads.signed_paper(row)

    @extend_schema(operation_id="signed_document_remove", responses={204: None, **PROBLEM})
    def delete(self, request: Request, slug: str, key: str) -> Response:
        """Take a wrong file away, by the network; that it was there stays on record."""
        found, by = kept(request, slug), person_of(request)
        decision = can(by.actor, Action.MANAGE_ORGANIZATION)
        if isinstance(decision, Denied):
            raise Refused(decision.reason)
        signing.remove(by=by, row=_paper(found, key), at=timezone.now())
        return Response(status=204)


def _paper(found: Organization, key: str) -> SignedDocument:
    return get_object_or_404(found.signed_documents.select_related("organization"), key=key, removed_at=None)
