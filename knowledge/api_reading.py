"""What belongs to one reader, over REST: lists, the record of continuing education, and documents as PDF."""

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge.api import PAGES
from knowledge.models import Document, EducationEntry, ListEntry, ReadingList
from knowledge.serializers_reading import (
    EducationBody,
    EducationShape,
    ListBody,
    ListEntryShape,
    ListShape,
    MoveBody,
)
from knowledge.services import (
    add_to_list,
    change_education,
    create_list,
    delete_education,
    delete_list,
    move_in_list,
    print_document,
    published_revision,
    record_education,
    remove_from_list,
    rename_list,
)
from knowledge.services.education import Learned
from portal.common import pdf
from portal.common.rest import HEADER, AnyAccepted, Pages, once
from portal.members.models import Person

PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 404, 409)}
IDEMPOTENCY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="The same key twice is one write, and gives the same answer."
)


class DocumentPdf(APIView):
    # The address says what comes, whatever the request accepts; only what went wrong is rendered.
    content_negotiation_class = AnyAccepted

    @extend_schema(
        operation_id="documents_pdf",
        parameters=[OpenApiParameter("revision", int, description="A past one; the current one without it")],
        responses={(200, pdf.CONTENT_TYPE): OpenApiTypes.BINARY, **PROBLEM},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """A document on paper: revision, dates and the reader's organization on every page."""
        asked = request.query_params.get("revision", "")
        if asked and not (asked.isascii() and asked.isdecimal() and len(asked) < 7):
            raise serializers.ValidationError({"revision": "Must be the number of a revision."})
        found = _document(request, slug)
        revision = published_revision(document=found, number=int(asked) if asked else None)
        if revision is None:
            raise Http404
        made = print_document(document=found, revision=revision, by=_person(request))
        return HttpResponse(made, content_type=pdf.CONTENT_TYPE, headers={"X-Content-Type-Options": "nosniff"})


class Lists(APIView):
    serializer_class = ListShape
    pagination_class = Pages

    @extend_schema(operation_id="lists_list", parameters=PAGES, responses={200: ListShape(many=True), **PROBLEM})
    def get(self, request: Request) -> Response:
        """The caller's own lists of documents."""
        pages = Pages()
        page = pages.paginate_queryset(ReadingList.objects.visible_to(_person(request)), request, view=self)
        return pages.get_paginated_response(ListShape(page, many=True).data)

    @extend_schema(
        operation_id="lists_create",
        request=ListBody,
        parameters=[IDEMPOTENCY],
        responses={201: ListShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Make a list."""
        return once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        made = create_list(name=_values(ListBody, request)["name"], by=_reader(request))
        return Response(ListShape(made).data, status=201, headers={"Location": f"/api/v1/lists/{made.pk}/"})


class ListView(APIView):
    @extend_schema(operation_id="lists_retrieve", responses={200: ListShape, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One of the caller's own lists."""
        return Response(ListShape(_list(request, pk)).data)

    @extend_schema(operation_id="lists_rename", request=ListBody, responses={200: ListShape, **PROBLEM})
    def patch(self, request: Request, pk: int) -> Response:
        """Give it another name."""
        found = _list(request, pk)
        rename_list(reading_list=found, name=_values(ListBody, request)["name"], by=_person(request))
        return Response(ListShape(found).data)

    @extend_schema(operation_id="lists_delete", responses={204: None, **PROBLEM})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete it; the documents stay."""
        delete_list(reading_list=_list(request, pk), by=_person(request))
        return Response(status=204)


class ListDocuments(APIView):
    serializer_class = ListEntryShape
    pagination_class = Pages

    @extend_schema(
        operation_id="lists_documents_list", parameters=PAGES, responses={200: ListEntryShape(many=True), **PROBLEM}
    )
    def get(self, request: Request, pk: int) -> Response:
        """The documents of a list, in its order."""
        visible = Document.objects.visible_to(_person(request)).exclude(current_revision=None)
        rows = _list(request, pk).entries.filter(document__in=visible)
        pages = Pages()
        page = pages.paginate_queryset(
            rows.select_related("document", "document__current_revision"), request, view=self
        )
        return pages.get_paginated_response(ListEntryShape(page, many=True).data)


class ListDocument(APIView):
    @extend_schema(operation_id="lists_documents_add", request=None, responses={200: ListEntryShape, **PROBLEM})
    def put(self, request: Request, pk: int, slug: str) -> Response:
        """Put a document at the top of a list; where it stands there already, nothing changes."""
        found = _list(request, pk)
        add_to_list(reading_list=found, document=_document(request, slug), by=_person(request))
        return Response(ListEntryShape(_entry(request, pk, slug)).data)

    @extend_schema(operation_id="lists_documents_move", request=MoveBody, responses={200: ListEntryShape, **PROBLEM})
    def patch(self, request: Request, pk: int, slug: str) -> Response:
        """Change places with the document above or below."""
        entry = _entry(request, pk, slug)
        move_in_list(entry=entry, up=_values(MoveBody, request)["move"] == "up", by=_person(request))
        return Response(ListEntryShape(entry).data)

    @extend_schema(operation_id="lists_documents_remove", responses={204: None, **PROBLEM})
    def delete(self, request: Request, pk: int, slug: str) -> Response:
        """Take a document out."""
        remove_from_list(entry=_entry(request, pk, slug), by=_person(request))
        return Response(status=204)


class Education(APIView):
    serializer_class = EducationShape
    pagination_class = Pages

    @extend_schema(
        operation_id="education_list",
        parameters=[OpenApiParameter("year", int), *PAGES],
        responses={200: EducationShape(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """The caller's own record, the last first. Only an accredited provider awards credit."""
        rows = EducationEntry.objects.visible_to(_person(request)).prefetch_related(
            "sources__document", "sources__revision"
        )
        if year := request.query_params.get("year", ""):
            if not (year.isascii() and year.isdecimal() and len(year) == 4 and year != "0000"):
                raise serializers.ValidationError({"year": "Must be a year of four digits."})
            rows = rows.filter(on__year=int(year))
        pages = Pages()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(EducationShape(page, many=True).data)

    @extend_schema(
        operation_id="education_create",
        request=EducationBody,
        parameters=[IDEMPOTENCY],
        responses={201: EducationShape, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Record a question, what was consulted and its effect on practice."""
        return once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        made = record_education(learned=_learned(request), by=_reader(request))
        answer = EducationShape(EducationEntry.objects.get(pk=made.pk)).data
        return Response(answer, status=201, headers={"Location": f"/api/v1/education/{made.pk}/"})


class EducationView(APIView):
    @extend_schema(operation_id="education_retrieve", responses={200: EducationShape, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One entry of the caller's own record."""
        return Response(EducationShape(_education(request, pk)).data)

    @extend_schema(operation_id="education_change", request=EducationBody, responses={200: EducationShape, **PROBLEM})
    def put(self, request: Request, pk: int) -> Response:
        """Write the entry anew."""
        found = _education(request, pk)
        change_education(entry=found, learned=_learned(request), by=_person(request))
        return Response(EducationShape(_education(request, pk)).data)

    @extend_schema(operation_id="education_delete", responses={204: None, **PROBLEM})
    def delete(self, request: Request, pk: int) -> Response:
        """Take the entry out of the record."""
        delete_education(entry=_education(request, pk), by=_person(request))
        return Response(status=204)


def _person(request: Request) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _reader(request: Request) -> Person:
    person = _person(request)
    if not person.can_sign_in:
        raise Http404
    return person


def _values(shape: type[serializers.Serializer[Any]], request: Request, **context: Any) -> dict[str, Any]:
    body = shape(data=request.data, context={"request": request, **context})
    body.is_valid(raise_exception=True)
    values: dict[str, Any] = body.validated_data
    return values


def _learned(request: Request) -> Learned:
    return Learned(**_values(EducationBody, request))


def _document(request: Request, slug: str) -> Document:
    documents = Document.objects.visible_to(_person(request)).exclude(current_revision=None)
    found = documents.select_related("current_revision").filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _list(request: Request, pk: int) -> ReadingList:
    found = ReadingList.objects.visible_to(_person(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _entry(request: Request, pk: int, slug: str) -> ListEntry:
    rows = _list(request, pk).entries.select_related("document", "document__current_revision", "reading_list")
    found = rows.filter(document__slug=slug).first()
    if found is None:
        raise Http404
    return found


def _education(request: Request, pk: int) -> EducationEntry:
    found = EducationEntry.objects.visible_to(_person(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
