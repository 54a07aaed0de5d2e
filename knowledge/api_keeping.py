"""Publishing, recall and verification over REST: the same services as the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import F
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge.api import PAGES
from knowledge.asked import asked
from knowledge.models import Acknowledgement, Document, Revision
from knowledge.serializers import (
    AcknowledgementsAsked,
    AcknowledgementShape,
    ChangeShape,
    PublishBody,
    RecommendationShape,
    RemindedShape,
    RevisionBody,
    RevisionRow,
    ScheduleBody,
    ScheduledShape,
    VerifyBody,
)
from knowledge.services import (
    Declared,
    acknowledge,
    publish_revision,
    remind_readers,
    schedule_revision,
    unschedule_revision,
    verify_recommendations,
)
from knowledge.services.verifying import require_verifier
from portal.common.refusals import Invalid
from portal.common.rest import Pages
from portal.members.access import require
from portal.members.models import Person
from portal.members.policy import Action

PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 403, 404, 409)}


class Publish(APIView):
    @extend_schema(operation_id="documents_publish", request=PublishBody, responses={200: RevisionRow, **PROBLEM})
    def post(self, request: Request, slug: str) -> Response:
        """Publish an approved revision. Of each recommendation that changes it must be said what that means; where
        practice changes, everyone who relied on the document is told and asked to acknowledge."""
        revision, data = _revision(request, slug, PublishBody)
        with _named():
            publish_revision(revision=revision, by=person_of(request), changes=_declared(data))
        fresh = Revision.objects.select_related("document", "author", "published_by").get(pk=revision.pk)
        return Response(RevisionRow(fresh).data)


class Schedule(APIView):
    @extend_schema(operation_id="documents_schedule", request=ScheduleBody, responses={200: ScheduledShape, **PROBLEM})
    def post(self, request: Request, slug: str) -> Response:
        """Have an approved revision published at a moment; one that is scheduled gets the new moment."""
        revision, data = _revision(request, slug, ScheduleBody)
        with _named():
            done = schedule_revision(revision=revision, at=data["at"], by=person_of(request), changes=_declared(data))
        return Response(ScheduledShape(done).data)

    @extend_schema(operation_id="documents_unschedule", responses={200: ScheduledShape, **PROBLEM})
    def delete(self, request: Request, slug: str) -> Response:
        """Take the date back: the revision is approved and waits."""
        require(person_of(request), Action.EDIT_DOCUMENTS)
        rows = Revision.objects.visible_to(person_of(request)).filter(document__slug=slug)
        revision = rows.filter(state=Revision.State.SCHEDULED).first()
        if revision is None:
            raise Http404
        return Response(ScheduledShape(unschedule_revision(revision=revision, by=person_of(request))).data)


class Verify(APIView):
    @extend_schema(
        operation_id="documents_verify",
        request=VerifyBody,
        responses={200: RecommendationShape(many=True), **PROBLEM},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Confirm that recommendations still hold, and say when they are due again; all of them come back."""
        document = _document(request, slug)
        require_verifier(person_of(request), document)
        data = _valid(VerifyBody, request.data)
        verify_recommendations(document=document, by=person_of(request), **data)
        assert document.current_revision is not None
        return Response(RecommendationShape(document.current_revision.recommendations.all(), many=True).data)


class Acknowledge(APIView):
    @extend_schema(operation_id="documents_acknowledge", request=RevisionBody, responses={200: ChangeShape, **PROBLEM})
    def post(self, request: Request, slug: str) -> Response:
        """Confirm having read what changed in practice. Doing it again changes nothing."""
        document, person = _document(request, slug), person_of(request)
        number = _valid(RevisionBody, request.data)["revision"]
        rows = Acknowledgement.objects.filter(person=person, document=document, revision__number=number)
        row = rows.select_related("document", "revision").first()
        if row is None:
            raise Http404
        acknowledge(acknowledgement=row, by=person)
        row.refresh_from_db(fields=["acknowledged_at"])
        return Response(ChangeShape(asked(person, [row])[0]).data)


class Acknowledgements(APIView):
    serializer_class = AcknowledgementShape
    pagination_class = Pages

    @extend_schema(
        operation_id="documents_acknowledgements_list",
        parameters=[AcknowledgementsAsked, *PAGES],
        responses={200: AcknowledgementShape(many=True), **PROBLEM},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Who was told that practice changed, and who has confirmed; for editors."""
        require(person_of(request), Action.EDIT_DOCUMENTS)
        document, narrowed = _document(request, slug), _valid(AcknowledgementsAsked, request.query_params)
        rows = Acknowledgement.objects.visible_to(person_of(request)).filter(document=document)
        rows = rows.select_related("person", "revision").order_by("-revision__number", "person__name", "pk")
        if number := narrowed.get("revision"):
            rows = rows.filter(revision__number=number)
        if state := narrowed.get("state"):
            done = {"acknowledged": rows.exclude(acknowledged_at=None), "superseded": rows.exclude(superseded_at=None)}
            rows = rows.open() if state == "open" else done[state]
        pages = Pages()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(AcknowledgementShape(page, many=True).data)


class Remind(APIView):
    @extend_schema(operation_id="documents_remind", request=None, responses={200: RemindedShape, **PROBLEM})
    def post(self, request: Request, slug: str) -> Response:
        """Remind everyone who has not confirmed, each person at most once a day; for editors."""
        require(person_of(request), Action.EDIT_DOCUMENTS)
        return Response(RemindedShape(remind_readers(document=_document(request, slug), by=person_of(request))).data)


class Changes(APIView):
    serializer_class = ChangeShape
    pagination_class = Pages

    @extend_schema(operation_id="changes_list", parameters=PAGES, responses={200: ChangeShape(many=True), **PROBLEM})
    def get(self, request: Request) -> Response:
        """What changed in practice for you: what you have not confirmed first, the oldest of them last."""
        person = person_of(request)
        rows = Acknowledgement.objects.filter(person=person, document__in=Document.objects.visible_to(person))
        rows = rows.filter(superseded_at=None, document__retired_at=None).select_related("document", "revision")
        pages = Pages()
        ordered = rows.order_by(F("acknowledged_at").desc(nulls_first=True), "-told_at", "-pk")
        page = pages.paginate_queryset(ordered, request, view=self)
        return pages.get_paginated_response(ChangeShape(asked(person, page or []), many=True).data)


def person_of(request: Request) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _document(request: Request, slug: str) -> Document:
    documents = Document.objects.visible_to(person_of(request)).exclude(current_revision=None)
    document = documents.select_related("current_revision").filter(slug=slug).first()
    if document is None:
        raise Http404
    return document


def _revision(request: Request, slug: str, shape: type[serializers.Serializer[Any]]) -> tuple[Revision, dict[str, Any]]:
    """The revision named in the body, for editors, and the body."""
    require(person_of(request), Action.EDIT_DOCUMENTS)
    data = _valid(shape, request.data)
    rows = Revision.objects.visible_to(person_of(request)).filter(document__slug=slug, number=data["revision"])
    revision = rows.first()
    if revision is None:
        raise Http404
    return revision, data


def _valid(shape: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    body = shape(data=data)
    body.is_valid(raise_exception=True)
    values: dict[str, Any] = body.validated_data
    return values


def _declared(data: dict[str, Any]) -> list[Declared] | None:
    return [Declared(**row) for row in data["changes"]] if "changes" in data else None


@contextmanager
def _named() -> Iterator[None]:
    """Name the fields as the body has them: ``changes.KEY.significance`` for ``significance-KEY``."""
    try:
        yield
    except Invalid as error:
        names = {name: name.partition("-") for name in error.fields}
        fields = {
            f"changes.{key}.{what}" if key else name: error.fields[name] for name, (what, _, key) in names.items()
        }
        raise Invalid(**fields) from None
