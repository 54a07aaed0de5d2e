"""Passages of a document, and an organization's notes beside them, over REST."""

from typing import Any

from django.db.models import F
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge.anchoring import Place
from knowledge.api import PAGES, PROBLEM
from knowledge.beside import Standing, stand
from knowledge.models import Document, Overlay, OverlayQuerySet, Revision
from knowledge.passages import passages
from knowledge.services import add_overlay, change_overlay, delete_overlay, keep_overlay
from knowledge.services.overlays import LONGEST
from portal.common.refusals import Invalid, Refused
from portal.common.rest import HEADER, Pages, once
from portal.members.models import Organization, Person

WRITING = {**PROBLEM, **{(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (403, 409)}}
IDEMPOTENCY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="The same key twice is one write, and gives the same answer."
)


class PassageShape(serializers.Serializer[Any]):
    """A passage of the current revision; a note is put beside it by its number and the revision's."""

    number = serializers.IntegerField()
    place = serializers.ChoiceField(choices=[(place.value, place.value) for place in Place])
    key = serializers.CharField(help_text="A recommendation's own")
    kind = serializers.CharField(
        help_text="heading, paragraph, list item, table row, code, step, summary or recommendation"
    )
    under = serializers.CharField(help_text="The heading above it")
    text = serializers.CharField()


class OverlayRow(serializers.ModelSerializer[Overlay]):
    """A note. ``flagged_at`` says since when the passage it was written beside says something else."""

    organization = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    document = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    author = serializers.CharField(source="author.name")
    changed_by = serializers.CharField(source="changed_by.name")
    quote = serializers.CharField(help_text="The passage's words when it was written")

    class Meta:
        model = Overlay
        fields = (
            "id",
            "organization",
            "document",
            "place",
            "key",
            "quote",
            "text",
            "author",
            "created_at",
            "changed_by",
            "changed_at",
            "version",
            "flagged_at",
        )


class OverlayShape(serializers.Serializer[Any]):
    """A note with the passage it stands beside now: null where that was removed."""

    note = OverlayRow(source="overlay")
    passage = PassageShape(allow_null=True)
    is_changed = serializers.BooleanField()


class NewOverlay(serializers.Serializer[Any]):
    organization = serializers.SlugField(required=False, help_text="Needed by who writes for several")
    revision = serializers.IntegerField(min_value=1, max_value=1_000_000, help_text="The revision that was read")
    passage = serializers.IntegerField(min_value=0, max_value=1_000_000, help_text="The passage's number in it")
    text = serializers.CharField(max_length=LONGEST)


class OverlayText(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST)
    version = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2_000_000_000,
        help_text="The version that was read; 409 if another is there",
    )


class OverlayPlace(serializers.Serializer[Any]):
    revision = serializers.IntegerField(min_value=1, max_value=1_000_000, help_text="Must be the current one")
    passage = serializers.IntegerField(min_value=0, max_value=1_000_000)


class Passages(APIView):
    serializer_class = PassageShape
    pagination_class = Pages

    @extend_schema(
        operation_id="documents_passages_list", parameters=PAGES, responses={200: PassageShape(many=True), **PROBLEM}
    )
    def get(self, request: Request, slug: str) -> Response:
        """The passages of a document's current revision, in the order of the page."""
        _, revision = _document(request, slug)
        pages = Pages()
        page = pages.paginate_queryset(passages(revision), request, view=self)
        return pages.get_paginated_response(PassageShape(page, many=True).data)


class Overlays(APIView):
    @extend_schema(operation_id="documents_overlays_list", responses={200: OverlayShape(many=True), **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """The notes of the caller's organizations on a document, in the order of the page. There are never many."""
        document, revision = _document(request, slug)
        notes = stand(_visible(request).filter(document=document), passages(revision))
        return Response(OverlayShape(notes, many=True).data)

    @extend_schema(
        operation_id="documents_overlays_create",
        request=NewOverlay,
        parameters=[IDEMPOTENCY],
        responses={201: OverlayShape, **WRITING},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Put a note beside a passage. For administrators and local editors of an organization."""
        return once(request, lambda: self._create(request, slug))

    def _create(self, request: Request, slug: str) -> Response:
        document, revision = _document(request, slug)
        _require_writer(request)
        values = _body(NewOverlay, request)
        organization = _organization(request, values.pop("organization", None))
        made = add_overlay(document=document, organization=organization, by=_person(request), **values)
        address = f"/api/v1/documents/{slug}/overlays/{made.pk}/"
        return Response(_shape(request, made.pk, revision), status=201, headers={"Location": address})


class OverlayView(APIView):
    @extend_schema(operation_id="documents_overlays_retrieve", responses={200: OverlayShape, **PROBLEM})
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """One note."""
        _, revision = _document(request, slug)
        return Response(_shape(request, _one(request, slug, pk).pk, revision))

    @extend_schema(
        operation_id="documents_overlays_change", request=OverlayText, responses={200: OverlayShape, **WRITING}
    )
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        """Change what a note says."""
        _, revision = _document(request, slug)
        found = _one(request, slug, pk)
        _require_writer(request)
        change_overlay(overlay=found, by=_person(request), **_body(OverlayText, request))
        return Response(_shape(request, pk, revision))

    @extend_schema(operation_id="documents_overlays_delete", responses={204: None, **WRITING})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Delete a note for good."""
        delete_overlay(overlay=_one(request, slug, pk), by=_person(request))
        return Response(status=204)


class OverlayKeep(APIView):
    @extend_schema(
        operation_id="documents_overlays_keep", request=OverlayPlace, responses={200: OverlayShape, **WRITING}
    )
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Fasten a note to a passage of the current revision: it fits what that says now."""
        _, revision = _document(request, slug)
        found = _one(request, slug, pk)
        _require_writer(request)
        keep_overlay(overlay=found, by=_person(request), **_body(OverlayPlace, request))
        return Response(_shape(request, pk, revision))


class AllOverlays(APIView):
    serializer_class = OverlayRow
    pagination_class = Pages

    @extend_schema(
        operation_id="overlays_list",
        parameters=[OpenApiParameter("changed", bool, description="Only those whose passage has changed"), *PAGES],
        responses={200: OverlayRow(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """The notes of the caller's organizations on all documents; those whose passage has changed come first."""
        rows = _visible(request).order_by(F("flagged_at").asc(nulls_last=True), "document__slug", "number", "pk")
        if request.query_params.get("changed", "").lower() in ("1", "true", "yes"):
            rows = rows.exclude(flagged_at=None)
        pages = Pages()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(OverlayRow(page, many=True).data)


def _person(request: Request) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _document(request: Request, slug: str) -> tuple[Document, Revision]:
    documents = Document.objects.visible_to(_person(request)).select_related("current_revision")
    found = documents.filter(slug=slug, current_revision__isnull=False).first()
    if found is None or found.current_revision is None:
        raise Http404
    return found, found.current_revision


def _visible(request: Request) -> OverlayQuerySet:
    rows = Overlay.objects.visible_to(_person(request))
    return rows.select_related("organization", "document", "author", "changed_by")


def _one(request: Request, slug: str, pk: int) -> Overlay:
    found = _visible(request).filter(document__slug=slug, pk=pk).first() if pk < 2**31 else None
    if found is None:
        raise Http404
    return found


def _shape(request: Request, pk: int, revision: Revision) -> Any:
    notes: list[Standing] = stand(_visible(request).filter(pk=pk), passages(revision))
    return OverlayShape(notes[0]).data


def _body(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    values: dict[str, Any] = dict(body.validated_data)
    return values


def _require_writer(request: Request) -> None:
    if not _person(request).actor.annotates:
        raise Refused("Only administrators and local editors of an organization write its notes.")


def _organization(request: Request, slug: str | None) -> Organization:
    """The one named, of those the caller writes for; or the only one."""
    mine = Organization.objects.filter(pk__in=_person(request).actor.annotates)
    if slug is None and mine.count() == 1:
        return mine.get()
    found = mine.filter(slug=slug).first()
    if found is None:
        raise Invalid(organization="Name one of the organizations you write for.")
    return found
