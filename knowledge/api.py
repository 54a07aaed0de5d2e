"""Search and documents over REST."""

import re
from typing import Any, TypeVar

from django.db.models import F, Func, TextField, Value
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.html import strip_tags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge import api_writing, search
from knowledge.models import Document, DocumentQuerySet, Revision, RevisionQuerySet
from knowledge.serializers import (
    DocumentDetail,
    DocumentRow,
    DocumentsAsked,
    FollowShape,
    ResultsShape,
    RevisionDetail,
    RevisionRow,
    SearchAsked,
    SuggestionsAsked,
    SuggestionShape,
)
from knowledge.serializers_writing import DraftShape, NewDocument
from knowledge.services import export_document, follow, unfollow
from knowledge.services.searching import record_search
from portal.common.rest import HEADER, AnyAccepted, Pages
from portal.members.access import require
from portal.members.models import Person, Specialty
from portal.members.policy import Action

PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 404)}
PAGES = [OpenApiParameter("page", int), OpenApiParameter("page_size", int, description="At most 100")]
LARGEST_NUMBER = 1_000_000
NARROWING = {"kind", "specialty", "code", "updated_since"}
Asked = TypeVar("Asked", bound=serializers.Serializer[Any])


class Search(APIView):
    @extend_schema(operation_id="search", parameters=[SearchAsked], responses={200: ResultsShape, **PROBLEM})
    def get(self, request: Request) -> Response:
        """Published documents that answer a question, best first; and earlier answers that the person may read.

        What is asked is remembered as a search on the page is: identifiers masked, the name for a limited time.
        """
        asked, person = _asked(SearchAsked, request), _person(request)
        results = search.search(
            asked["q"],
            person=person,
            kind=asked.get("kind"),
            specialty=asked.get("specialty"),
            code=asked.get("code"),
            since=asked.get("updated_since"),
            noted=asked["noted"],
            page=asked["page"],
            page_size=asked["page_size"],
        )
        is_first = asked["page"] == 1
        record_search(
            query=asked["q"],
            count=results.count,
            corrected=results.corrected,
            degraded=results.degraded,
            is_first=is_first and not asked["noted"] and not asked.keys() & NARROWING,
            by=person,
            at=timezone.now(),
        )
        found = search.elsewhere(asked["q"], person=person) if is_first else {}
        return Response(ResultsShape({**vars(results), "elsewhere": _told(found)}).data)


class Suggestions(APIView):
    @extend_schema(
        operation_id="search_suggestions",
        parameters=[SuggestionsAsked],
        responses={200: SuggestionShape(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """How a search that is being typed may go on: documents, words, specialties and specialists."""
        found = search.suggestions(_asked(SuggestionsAsked, request)["q"], person=_person(request))
        return Response(SuggestionShape(found, many=True).data)


class Documents(APIView):
    serializer_class = DocumentRow
    pagination_class = Pages

    @extend_schema(
        operation_id="documents_list",
        parameters=[DocumentsAsked, *PAGES],
        responses={200: DocumentRow(many=True), **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Published documents, the last changed first; retired ones are left out."""
        asked = _asked(DocumentsAsked, request)
        documents = _narrowed(Document.objects.visible_to(_person(request)).published(), asked)
        documents = documents.select_related("current_revision").prefetch_related("specialties")
        pages = Pages()
        page = pages.paginate_queryset(documents.order_by("-changed_at", "slug"), request, view=self)
        return pages.get_paginated_response(DocumentRow(page, many=True).data)

    @extend_schema(
        operation_id="documents_create",
        request=NewDocument,
        parameters=[OpenApiParameter(HEADER, str, OpenApiParameter.HEADER)],
        responses={201: DraftShape, **api_writing.PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Begin a document, for editors: its first draft, empty but for the title."""
        require(_person(request), Action.EDIT_DOCUMENTS)
        return api_writing.begin(request)


class DocumentView(APIView):
    @extend_schema(operation_id="documents_retrieve", responses={200: DocumentDetail, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """One document with its text, recommendations and references. ``retired_at`` tells a retired one."""
        document = (
            Document.objects.visible_to(_person(request))
            .select_related("current_revision")
            .prefetch_related("specialties", "current_revision__recommendations", "current_revision__references")
            .filter(slug=slug, current_revision__isnull=False)
            .first()
        )
        if document is None:
            raise Http404
        return Response(DocumentDetail(document).data)


class Revisions(APIView):
    serializer_class = RevisionRow
    pagination_class = Pages

    @extend_schema(
        operation_id="documents_revisions_list", parameters=PAGES, responses={200: RevisionRow(many=True), **PROBLEM}
    )
    def get(self, request: Request, slug: str) -> Response:
        """Every revision of a document that was ever published, the newest first."""
        revisions = _revisions(request, slug).defer("body")
        if not revisions.exists():
            raise Http404
        pages = Pages()
        page = pages.paginate_queryset(revisions, request, view=self)
        return pages.get_paginated_response(RevisionRow(page, many=True).data)


class RevisionView(APIView):
    @extend_schema(operation_id="documents_revisions_retrieve", responses={200: RevisionDetail, **PROBLEM})
    def get(self, request: Request, slug: str, number: int) -> Response:
        """One revision with everything it said when it was published."""
        revisions = _revisions(request, slug).prefetch_related("recommendations", "references")
        revision = revisions.filter(number=number).first() if number < LARGEST_NUMBER else None
        if revision is None:
            raise Http404
        return Response(RevisionDetail(revision).data)


class Following(APIView):
    @extend_schema(operation_id="documents_follow", request=None, responses={201: FollowShape, **PROBLEM})
    def post(self, request: Request, slug: str) -> Response:
        """Be told when this document is published anew or retired. Doing it again changes nothing."""
        document = _published(request, slug)
        follow(what=document, by=_person(request))
        return Response(FollowShape(document).data, status=201)

    @extend_schema(operation_id="documents_unfollow", responses={204: None, **PROBLEM})
    def delete(self, request: Request, slug: str) -> Response:
        """Be told no more. Doing it again changes nothing."""
        unfollow(what=_published(request, slug), by=_person(request))
        return Response(status=204)


def _published(request: Request, slug: str) -> Document:
    documents = Document.objects.visible_to(_person(request)).exclude(current_revision=None)
    if (document := documents.filter(slug=slug).first()) is None:
        raise Http404
    return document


def _revisions(request: Request, slug: str) -> RevisionQuerySet:
    revisions = Revision.objects.visible_to(_person(request)).ever_published().filter(document__slug=slug)
    return revisions.select_related("document", "author", "published_by")


EXPORTS = {"markdown": "text/markdown; charset=utf-8", "fhir": "application/fhir+json"}


class DocumentExport(APIView):
    # The address says what comes, whatever the request accepts; only what went wrong is rendered.
    content_negotiation_class = AnyAccepted

    @extend_schema(
        operation_id="documents_export",
        parameters=[OpenApiParameter("as", enum=list(EXPORTS), default="markdown", description="The form of the file")],
        responses={(200, "text/markdown"): str, (200, "application/fhir+json"): OpenApiTypes.OBJECT, **PROBLEM},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """One document as a file: Markdown with front matter, which an import takes, or FHIR R4 (`PlanDefinition` for a
        protocol, `Library` for anything else)."""
        form = request.query_params.get("as", "markdown")
        if form not in EXPORTS:
            raise serializers.ValidationError({"as": f"Must be one of {', '.join(EXPORTS)}."})
        documents = Document.objects.visible_to(_person(request)).select_related("current_revision")
        found = documents.filter(slug=slug, current_revision__isnull=False).first()
        if found is None:
            raise Http404
        content = export_document(document=found, form=form)
        return HttpResponse(content, content_type=EXPORTS[form], headers={"X-Content-Type-Options": "nosniff"})


def _told(found: dict[str, list[search.Elsewhere]]) -> list[dict[str, Any]]:
    """What was found beside documents, in plain text."""
    return [
        {
            "heading": heading,
            "title": row.title,
            "url": row.url,
            "details": [strip_tags(str(detail)) for detail in row.details if detail],
        }
        for heading, rows in found.items()
        for row in rows
    ]


def _person(request: Request) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _asked(shape: type[Asked], request: Request) -> dict[str, Any]:
    """The query's values. Raises ValidationError naming each that is wrong, a specialty nobody has among them."""
    serializer = shape(data=request.query_params)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    if (slug := values.get("specialty")) and not Specialty.objects.filter(slug=slug).exists():
        raise serializers.ValidationError({"specialty": "No such specialty; GET specialties/ lists them."})
    return values


def _narrowed(documents: DocumentQuerySet, asked: dict[str, Any]) -> DocumentQuerySet:
    if kind := asked.get("kind"):
        documents = documents.filter(kind=kind)
    if specialty := asked.get("specialty"):
        documents = documents.filter(specialties__slug=specialty)
    if since := asked.get("updated_since"):
        documents = documents.filter(changed_at__gte=since)
    if code := asked.get("code", "").upper():
        codes = Func(F("current_revision__codes"), Value(" "), function="array_to_string", output_field=TextField())
        ending = r"( |$)" if "." in code else r"([. ]|$)"
        documents = documents.annotate(all_codes=codes).filter(all_codes__regex=rf"(^| ){re.escape(code)}{ending}")
    return documents
