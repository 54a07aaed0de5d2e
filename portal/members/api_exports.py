"""Files over REST: what there is, asking for one, how far it is, and the file itself."""

from typing import Any

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.common import exporting, exports, present
from portal.common.models import Export
from portal.common.refusals import Invalid, Refused
from portal.common.rest import AnyAccepted, Pages, once
from portal.members import downloads
from portal.members.api_roster import KEY, PAGED, PROBLEM, person_of

MOST_WORDS = 254


class KindShape(serializers.Serializer[Any]):
    """A kind of file that the caller may have."""

    key = serializers.CharField()
    name = serializers.CharField()
    holds = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    takes = serializers.SerializerMethodField(help_text="What ``asked`` may name")

    def get_takes(self, kind: exports.Kind) -> list[str]:
        return sorted(kind.takes)


class ExportShape(serializers.ModelSerializer[Export]):
    """A file of the caller's own. ``total`` is null before its rows are counted, ``url`` while it is not there."""

    kind = serializers.CharField()
    state = serializers.SerializerMethodField(help_text="waiting, made, gone (its day is over) or failed")
    url = serializers.SerializerMethodField()
    asked = serializers.DictField()

    class Meta:
        model = Export
        fields = (
            "key",
            "kind",
            "format",
            "asked",
            "asked_at",
            "state",
            "done",
            "total",
            "is_cut_short",
            "done_at",
            "expires_at",
            "why_failed",
            "url",
        )

    def get_state(self, row: Export) -> str:
        return row.state(timezone.now())

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_url(self, row: Export) -> str | None:
        return reverse("api-export-file", args=[row.key]) if row.state(timezone.now()) == "made" else None


class ExportPage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ExportShape(many=True)


class ExportBody(serializers.Serializer[Any]):
    kind = serializers.CharField(max_length=40)
    format = serializers.ChoiceField(choices=Export.Format.choices)
    asked = serializers.DictField(
        child=serializers.CharField(max_length=MOST_WORDS, allow_blank=True),
        required=False,
        help_text="What it is narrowed to, by the names the kind takes",
    )


class Kinds(APIView):
    @extend_schema(operation_id="export_kinds", responses={200: KindShape(many=True), **PROBLEM})
    def get(self, request: Request) -> Response:
        """The kinds of files that the caller may have."""
        return Response(KindShape(exports.kinds_for(person_of(request)), many=True).data)


class Exports(APIView):
    @extend_schema(operation_id="exports_list", parameters=PAGED, responses={200: ExportPage, **PROBLEM})
    def get(self, request: Request) -> Response:
        """The caller's own files, the latest first."""
        pages = Pages()
        page = pages.paginate_queryset(Export.objects.visible_to(person_of(request)), request, view=self)
        return pages.get_paginated_response(ExportShape(page or [], many=True).data)

    @extend_schema(
        operation_id="exports_create", request=ExportBody, parameters=[KEY], responses={202: ExportShape, **PROBLEM}
    )
    def post(self, request: Request) -> Response:
        """Ask for a file. It is made in the background; ask for its state until it is ``made``."""
        by, body = person_of(request), ExportBody(data=request.data)
        if not exports.kinds_for(by):
            raise Refused("Files are for administrators of an organization, and for the network's staff.")
        body.is_valid(raise_exception=True)
        values = body.validated_data
        kind = exports.kind_of(values["kind"])
        if kind is None:
            raise Invalid(kind="No such kind; GET exports/kinds/ lists them.")

        def write() -> Response:
            asked = exports.read(kind, by, values.get("asked", {})) if not exports.why_not(kind, by) else {}
            row = exporting.ask(by=by, kind=kind, form=values["format"], asked=asked, at=present.now())
            where = reverse("api-export", args=[row.key])
            return Response(ExportShape(row).data, status=202, headers={"Location": where})

        return once(request, write)


class One(APIView):
    @extend_schema(operation_id="exports_retrieve", responses={200: ExportShape, **PROBLEM})
    def get(self, request: Request, key: str) -> Response:
        """How far a file of the caller's own is."""
        return Response(ExportShape(get_object_or_404(Export.objects.visible_to(person_of(request)), key=key)).data)


class File(APIView):
    content_negotiation_class = AnyAccepted

    @extend_schema(
        operation_id="exports_file", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **PROBLEM}
    )
    def get(self, request: Request, key: str) -> FileResponse:
        """The file, for the one who asked for it, until its day is over."""
        try:
            return downloads.export(exporting.fetch(by=person_of(request), key=key, at=present.now()))
        except Export.DoesNotExist:
            raise Http404 from None
