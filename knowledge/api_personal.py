"""What a reader keeps beside documents, and what differs between two revisions, over REST; and who looks after one."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge.api import PAGES
from knowledge.differences import Kind
from knowledge.models import DigestChoice, Document, Reading, Revision
from knowledge.services import choose_digest, delete_note, digest_frequency, look_after, save_note
from knowledge.services.notes import LONGEST
from knowledge.services.verifying import MOST_DAYS
from knowledge.views.history import compared
from portal.common.rest import Pages
from portal.members.access import require
from portal.members.models import Person
from portal.members.policy import Action

PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 403, 404)}
_LARGEST = 1_000_000


class NoteBody(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST, allow_blank=True, help_text="Empty: there is no note")


class ReadingRow(serializers.ModelSerializer[Reading]):
    """When the caller last read a document, and which revision that was."""

    document = serializers.SlugRelatedField[Document](slug_field="slug", read_only=True)
    revision = serializers.IntegerField(source="revision.number")
    title = serializers.CharField(source="document.current_revision.title")

    class Meta:
        model = Reading
        fields = ("document", "title", "revision", "at")


class ComparedAsked(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:  # "from" is a word of the language
        return {name: serializers.IntegerField(min_value=1, max_value=_LARGEST) for name in ("from", "to")}


class PieceShape(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text=", ".join(Kind))
    text = serializers.CharField()


class ChangedRecommendation(serializers.Serializer[Any]):
    """What became of one recommendation, word by word."""

    key = serializers.CharField()
    kind = serializers.CharField(help_text=", ".join(Kind))
    pieces = PieceShape(many=True)


class ComparedShape(serializers.Serializer[Any]):
    """What differs between two revisions."""

    is_same = serializers.BooleanField()
    text_changed = serializers.BooleanField()
    title = PieceShape(many=True)
    summary = PieceShape(many=True)
    recommendations = ChangedRecommendation(many=True)


class CareBody(serializers.Serializer[Any]):
    """Who looks after a document, and whether it withdraws itself."""

    owner = serializers.EmailField(allow_null=True, help_text="null: all editors are told")
    withdraw_after_days = serializers.IntegerField(min_value=0, max_value=MOST_DAYS, allow_null=True)


class DigestBody(serializers.Serializer[Any]):
    frequency = serializers.ChoiceField(choices=DigestChoice.Frequency.choices)


class DocumentNote(APIView):
    @extend_schema(operation_id="documents_note", responses={200: NoteBody, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """The caller's own note beside a document; nobody else sees it."""
        note = _document(request, slug).notes.filter(person=_person(request)).first()
        return Response({"text": note.text if note else ""})

    @extend_schema(operation_id="documents_note_save", request=NoteBody, responses={200: NoteBody, **PROBLEM})
    def put(self, request: Request, slug: str) -> Response:
        """Keep a note in place of what stood there."""
        found, body = _document(request, slug), NoteBody(data=request.data)
        body.is_valid(raise_exception=True)
        save_note(document=found, text=body.validated_data["text"], by=_person(request))
        return self.get(request, slug)

    @extend_schema(operation_id="documents_note_delete", responses={204: None, **PROBLEM})
    def delete(self, request: Request, slug: str) -> Response:
        """Take the note away."""
        delete_note(document=_document(request, slug), by=_person(request))
        return Response(status=204)


class DocumentCompare(APIView):
    @extend_schema(
        operation_id="documents_compare",
        parameters=[OpenApiParameter(name, int, required=True, description="Revision") for name in ("from", "to")],
        responses={200: ComparedShape, **PROBLEM},
    )
    def get(self, request: Request, slug: str) -> Response:
        """What differs between two revisions that the caller may read."""
        asked = ComparedAsked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        numbers = [asked.validated_data[name] for name in ("from", "to")]
        rows = Revision.objects.visible_to(_person(request)).filter(document__slug=slug, number__in=numbers)
        found = {row.number: row for row in rows.prefetch_related("recommendations")}
        if not found.keys() >= set(numbers):
            raise Http404
        return Response(ComparedShape(compared(*(found[number] for number in numbers))).data)


class DocumentSettings(APIView):
    @extend_schema(operation_id="documents_settings", request=CareBody, responses={200: CareBody, **PROBLEM})
    def put(self, request: Request, slug: str) -> Response:
        """Who is told before something falls due, and after how many days overdue it withdraws itself. For editors."""
        require(_person(request), Action.EDIT_DOCUMENTS)
        found, body = _document(request, slug), CareBody(data=request.data)
        body.is_valid(raise_exception=True)
        address, days = body.validated_data["owner"], body.validated_data["withdraw_after_days"]
        owner = Person.objects.filter(email__iexact=address).first() if address else None
        if address and owner is None:
            raise serializers.ValidationError({"owner": "Nobody of the network has this e-mail address."})
        look_after(document=found, owner=owner, withdraw_after_days=days, by=_person(request))
        return Response({"owner": owner.email if owner else None, "withdraw_after_days": days})


class Readings(APIView):
    serializer_class = ReadingRow
    pagination_class = Pages

    @extend_schema(operation_id="reading_list", parameters=PAGES, responses={200: ReadingRow(many=True), **PROBLEM})
    def get(self, request: Request) -> Response:
        """What the caller read, the last first, as far as they have not cleared it."""
        rows = Reading.objects.listed(_person(request)).select_related("document__current_revision", "revision")
        pages = Pages()
        page = pages.paginate_queryset(rows.order_by("-at", "-pk"), request, view=self)
        return pages.get_paginated_response(ReadingRow(page, many=True).data)


class DigestView(APIView):
    @extend_schema(operation_id="digest_retrieve", responses={200: DigestBody, **PROBLEM})
    def get(self, request: Request) -> Response:
        """Whether the caller gets the weekly digest."""
        return Response({"frequency": digest_frequency(_person(request))})

    @extend_schema(operation_id="digest_choose", request=DigestBody, responses={200: DigestBody, **PROBLEM})
    def put(self, request: Request) -> Response:
        """Have it weekly, or not at all."""
        body = DigestBody(data=request.data)
        body.is_valid(raise_exception=True)
        choose_digest(frequency=body.validated_data["frequency"], by=_person(request))
        return self.get(request)


def _person(request: Request) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _document(request: Request, slug: str) -> Document:
    documents = Document.objects.visible_to(_person(request)).exclude(current_revision=None)
    if (found := documents.filter(slug=slug).first()) is None:
        raise Http404
    return found
