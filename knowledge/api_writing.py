"""Writing over REST: documents begun, drafts read, saved and discarded, attachments, and the codes of ICD-10-CM."""

from typing import Any

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge.drafts import DraftContent, Spot
from knowledge.models import Document, DocumentAttachment, Revision
from knowledge.serializers_writing import (
    AttachmentShape,
    CodesAsked,
    CodeShape,
    DraftSaved,
    DraftShape,
    FileAsked,
    NewDocument,
)
from knowledge.services import attaching, drafting
from knowledge.services.codes import find_codes
from portal.common.problems import problem
from portal.common.rest import AnyAccepted, Json, once
from portal.members.access import require
from portal.members.models import Person
from portal.members.policy import Action

PROBLEM = {(code, "application/problem+json"): OpenApiTypes.OBJECT for code in (400, 401, 403, 404, 409)}


class Codes(APIView):
    @extend_schema(operation_id="codes_find", parameters=[CodesAsked], responses={200: CodeShape(many=True), **PROBLEM})
    def get(self, request: Request) -> Response:
        """The first dozen codes of ICD-10-CM that begin as asked, or whose titles hold the words."""
        asked = CodesAsked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return Response(CodeShape(find_codes(asked.validated_data["q"]), many=True).data)


def begin(request: Request) -> Response:
    """A new document with its first draft, for the person who asks."""
    asked = NewDocument(data=request.data)
    asked.is_valid(raise_exception=True)
    values = {"tool_type": ""} | asked.validated_data
    slug = values.pop("id")

    def write() -> Response:
        draft = drafting.new_document(slug=slug, by=_person(request), **values)
        return Response(_shown(draft), status=201)

    return once(request, write)


class Draft(APIView):
    @extend_schema(operation_id="documents_draft_retrieve", responses={200: DraftShape, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """The open draft, for editors."""
        return Response(_shown(_draft(request, slug)))

    @extend_schema(operation_id="documents_draft_open", request=None, responses={200: DraftShape, **PROBLEM})
    def post(self, request: Request, slug: str) -> Response:
        """The open draft, begun from what the document says where there is none."""
        require(_person(request), Action.EDIT_DOCUMENTS)
        return Response(_shown(drafting.open_draft(document=_document(request, slug), by=_person(request))))

    @extend_schema(operation_id="documents_draft_save", request=DraftSaved, responses={200: DraftShape, **PROBLEM})
    def put(self, request: Request, slug: str) -> Response:
        """Save the draft. Where someone else changed the same place since ``edition``, nothing is stored: 409 with each
        such place in ``clashes`` and the present ``edition``, to be saved again with what should stand there."""
        draft = _draft(request, slug)
        asked = DraftSaved(data=request.data)
        asked.is_valid(raise_exception=True)
        saved = drafting.save_draft(
            revision=draft,
            content=DraftContent.from_json(asked.validated_data),
            edition=asked.validated_data["edition"],
            by=_person(request),
        )
        if not saved.is_stored:
            clashes = [_clash(spot) for spot in saved.spots]
            return problem(409, "Someone else changed the same.", edition=saved.revision.edition, clashes=clashes)
        return Response(_shown(saved.revision, saved.merged_with))

    @extend_schema(operation_id="documents_draft_discard", responses={204: None, **PROBLEM})
    def delete(self, request: Request, slug: str) -> Response:
        """Throw the draft away; a document that says nothing else goes too."""
        drafting.discard_draft(revision=_draft(request, slug), by=_person(request))
        return Response(status=204)


class Attachments(APIView):
    parser_classes = [MultiPartParser, Json]

    @extend_schema(operation_id="documents_attachments_list", responses={200: AttachmentShape(many=True), **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """Every picture and PDF of a document, for editors."""
        require(_person(request), Action.EDIT_DOCUMENTS)
        rows = _document(request, slug).attachments.select_related("document")
        return Response(AttachmentShape(rows, many=True).data)

    @extend_schema(
        operation_id="documents_attachments_add",
        request={"multipart/form-data": FileAsked},
        responses={201: AttachmentShape, **PROBLEM},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Attach a file; its type is judged by its content."""
        require(_person(request), Action.EDIT_DOCUMENTS)
        document = _document(request, slug)
        asked = FileAsked(data=request.data)
        asked.is_valid(raise_exception=True)
        kept = attaching.attach(document=document, upload=asked.validated_data["file"], by=_person(request))
        return Response(AttachmentShape(kept).data, status=201)


class AttachmentView(APIView):
    # The file says what comes, whatever the request accepts; only what went wrong is rendered.
    content_negotiation_class = AnyAccepted

    @extend_schema(
        operation_id="documents_attachments_retrieve",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **PROBLEM},
    )
    def get(self, request: Request, slug: str, name: str) -> FileResponse:
        """The file itself: to editors, and to readers once a published revision shows it."""
        found = _attachment(request, slug, name)
        response = FileResponse(
            found.file.open("rb"), as_attachment=True, filename=found.name, content_type=found.content_type
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response

    @extend_schema(operation_id="documents_attachments_remove", responses={204: None, **PROBLEM})
    def delete(self, request: Request, slug: str, name: str) -> Response:
        """Take a file away that no frozen revision shows."""
        attaching.detach(attachment=_attachment(request, slug, name), by=_person(request))
        return Response(status=204)


def _person(request: Request) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _document(request: Request, slug: str) -> Document:
    if (found := Document.objects.visible_to(_person(request)).filter(slug=slug).first()) is None:
        raise Http404
    return found


def _draft(request: Request, slug: str) -> Revision:
    """The open draft; to anyone but an editor there is none."""
    require(_person(request), Action.EDIT_DOCUMENTS)
    drafts = Revision.objects.visible_to(_person(request)).filter(document__slug=slug, state=Revision.State.DRAFT)
    if (draft := drafts.select_related("document", "changed_by").first()) is None:
        raise Http404
    return draft


def _attachment(request: Request, slug: str, name: str) -> DocumentAttachment:
    found = _document(request, slug).attachments.filter(name=name).first()
    if found is None or not attaching.may_see(_person(request), found):
        raise Http404
    return found


def _shown(draft: Revision, merged_with: tuple[str, ...] = ()) -> dict[str, Any]:
    content = drafting.content_of(draft)
    values = {
        **content.as_json(),
        "id": draft.document.slug,
        "kind": draft.document.kind,
        "tool_type": draft.document.tool_type,
        "revision": draft.number,
        "edition": draft.edition,
        "changed_at": draft.changed_at,
        "changed_by": draft.changed_by.name if draft.changed_by else None,
        "merged_with": list(merged_with),
        "problems": [
            {"field": found.field, "fix": found.fix} for found in drafting.problems_of(draft.document, content)
        ],
    }
    return dict(DraftShape(values).data)


def _clash(spot: Spot) -> dict[str, str]:
    return {"where": spot.label, "mine": spot.mine, "theirs": spot.theirs}
