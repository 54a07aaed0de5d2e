"""Calls over REST: the same services as the pages."""

from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults.api import IDEMPOTENCY, PROBLEM, person_of
from consults.call_showing import notes, show, visible
from consults.models import Call, CallEvent, CallNote, CallPolicy, Consult
from consults.serializers import BriefPerson, LanguageField, TextBody
from consults.services import calls
from portal.common import audit, present
from portal.common.rest import Pages, once
from portal.members.models import Organization, Person, Specialty


class WindowShape(serializers.Serializer[Any]):
    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField()


class CallEventShape(serializers.ModelSerializer[CallEvent]):
    actor = BriefPerson(allow_null=True)

    class Meta:
        model = CallEvent
        fields = ("kind", "at", "actor", "detail")


class CallNoteShape(serializers.ModelSerializer[CallNote]):
    minutes_now = serializers.IntegerField(allow_null=True, help_text="As they are on record since, if mended")

    class Meta:
        model = CallNote
        fields = ("is_addendum", "outcome", "asked", "advised", "minutes", "minutes_now", "signed_as", "signed_at")


class CallRow(serializers.ModelSerializer[Call]):
    """A call, without its number."""

    specialty = serializers.SlugRelatedField[Specialty](slug_field="slug", read_only=True)
    organization = serializers.CharField(source="organization.slug")
    requester = BriefPerson()
    assignee = BriefPerson(allow_null=True)

    class Meta:
        model = Call
        fields = (
            "id",
            "specialty",
            "organization",
            "requester",
            "assignee",
            "topic",
            "language",
            "state",
            "requested_at",
            "again_at",
            "starts_at",
            "due_at",
            "taken_at",
            "ended_at",
        )


class CallDetail(CallRow):
    """A call with what happened; ``number`` is empty for those who do not make it, and once it is over."""

    number = serializers.CharField(source="shown_number")
    consult = serializers.SerializerMethodField()
    windows = serializers.SerializerMethodField()
    events = CallEventShape(many=True)
    notes = CallNoteShape(many=True)

    class Meta(CallRow.Meta):
        fields = (*CallRow.Meta.fields, "number", "consult", "windows", "events", "notes")  # type: ignore[assignment]

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_consult(self, row: Call) -> str | None:
        return row.consult.number if row.consult else None

    @extend_schema_field(WindowShape(many=True))
    def get_windows(self, row: Call) -> list[dict[str, str]]:
        return [{"start_at": start, "end_at": end} for start, end in row.windows]


class CallPage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CallRow(many=True)


class CallNoteBody(serializers.Serializer[Any]):
    """Where nobody spoke, ``advised`` says what happened, and the rest may be left out."""

    outcome = serializers.ChoiceField(choices=CallNote.Outcome.choices)
    asked = serializers.CharField(required=False, allow_blank=True, default="", max_length=20_000)
    advised = serializers.CharField(max_length=20_000)
    minutes = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=240)


class NewCall(serializers.Serializer[Any]):
    """``consult`` is the number of an open question of one's own, ``windows`` at most three, none for as soon as
    possible."""

    specialty = serializers.SlugRelatedField(slug_field="slug", queryset=Specialty.objects.all())
    topic = serializers.CharField(max_length=200)
    number = serializers.CharField(max_length=30)
    windows = WindowShape(many=True, required=False, default=list)
    consult = serializers.CharField(required=False, allow_blank=True, default="", max_length=12)
    language = LanguageField()


class DialledBody(CallNoteBody):
    requester = serializers.EmailField(help_text="The clinician who dialled")
    specialty = serializers.SlugRelatedField(slug_field="slug", queryset=Specialty.objects.all())
    topic = serializers.CharField(max_length=200)
    organization = serializers.SlugField(
        required=False, default=None, help_text="Which one they called for; needed where they work for several"
    )

    def validate_requester(self, value: str) -> Person:
        if (found := calls.clinician(value)) is None:
            raise serializers.ValidationError("No clinician of a member organization has this e-mail address.")
        return found

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        slug, theirs = attrs.pop("organization"), attrs["requester"].actor.clinician_in
        found = Organization.objects.filter(slug=slug, pk__in=theirs).first() if slug else None
        if slug and found is None:
            raise serializers.ValidationError({"organization": "They don’t work for an organization of this name."})
        return attrs | {"organization_id": found.pk if found else None}


class TriedBody(serializers.Serializer[Any]):
    """``again_at`` is when it is tried again: it then waits, and is due from that moment on."""

    again_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class CancelBody(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


def _one(request: Request, pk: int) -> Call:
    row = (
        visible(person_of(request)).prefetch_related("events__actor", Prefetch("notes", notes())).filter(pk=pk).first()
    )
    if row is None:
        raise Http404
    return row


def _detail(request: Request, pk: int) -> dict[str, Any]:
    (row,) = show([_one(request, pk)], person_of(request), now=timezone.now())
    return dict(CallDetail(row).data)


def _values(body: serializers.Serializer[Any]) -> dict[str, Any]:
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _note(values: dict[str, Any]) -> calls.Note:
    return calls.Note(**{name: values.pop(name) for name in ("outcome", "asked", "advised", "minutes")})


class Calls(APIView):
    @extend_schema(operation_id="calls_list", responses={200: CallPage, **PROBLEM})
    def get(self, request: Request) -> Response:
        """Calls I may see, the newest first."""
        pages = Pages()
        rows = visible(person_of(request)).order_by("-requested_at", "-pk")
        found = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response(CallRow(found, many=True).data)

    @extend_schema(
        operation_id="calls_create", request=NewCall, parameters=[IDEMPOTENCY], responses={201: CallDetail, **PROBLEM}
    )
    def post(self, request: Request) -> Response:
        """Ask to be called back."""

        def write() -> Response:
            by, values = person_of(request), _values(NewCall(data=request.data))
            number, consult = values.pop("consult"), None
            if number:
                mine = Consult.objects.visible_to(by).filter(requester=by).exclude(state="draft")
                if (consult := mine.filter(number=number).first()) is None:
                    raise Http404
            windows = [(row["start_at"], row["end_at"]) for row in values.pop("windows")]
            row = calls.request_call(by=by, windows=windows, consult=consult, at=present.now(), **values)
            return Response(_detail(request, row.pk), status=201)

        return once(request, write)


class Dialled(APIView):
    @extend_schema(
        operation_id="calls_dialled",
        request=DialledBody,
        parameters=[IDEMPOTENCY],
        responses={201: CallDetail, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Note a call of a clinician who dialled themselves."""

        def write() -> Response:
            values = _values(DialledBody(data=request.data))
            note = _note(values)
            row = calls.note_dialled(by=person_of(request), note=note, at=present.now(), **values)
            return Response(_detail(request, row.pk), status=201)

        return once(request, write)


class CallView(APIView):
    @extend_schema(operation_id="calls_retrieve", responses={200: CallDetail, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One call."""
        row = _one(request, pk)
        audit.record(
            by=person_of(request),
            action="call.read",
            object_type="call",
            object_id=row.pk,
            organization_id=row.organization_id,
        )
        return Response(_detail(request, pk))


def _step(
    name: str, words: str, service: Callable[..., Call], body: type[serializers.Serializer[Any]] | None
) -> type[APIView]:
    """The view of one step."""

    class Step(APIView):
        @extend_schema(
            operation_id=f"calls_{name}",
            description=words,
            request=body,
            parameters=[IDEMPOTENCY],
            responses={200: CallDetail, **PROBLEM},
        )
        def post(self, request: Request, pk: int) -> Response:
            def write() -> Response:
                row = _one(request, pk)
                values = _values(body(data=request.data)) if body else {}
                if body is CallNoteBody:
                    values = {"note": _note(values)}
                service(row, by=person_of(request), at=present.now(), **values)
                return Response(_detail(request, pk))

            return once(request, write)

    Step.__name__ = f"Call{name.title()}"
    return Step


STEPS = {
    "take": _step("take", "Take a call that waits.", calls.take, None),
    "tried": _step("tried", "Nobody answered.", calls.tried, TriedBody),
    "note": _step("note", "Sign the note.", calls.sign_note, CallNoteBody),
    "add": _step("add", "Sign an addendum.", calls.add_to_note, TextBody),
    "cancel": _step("cancel", "Cancel a call one asked for.", calls.cancel, CancelBody),
}


class PhoneShape(serializers.ModelSerializer[CallPolicy]):
    """Within how many minutes a section calls back (10 to 60), and the number of whoever is on call."""

    class Meta:
        model = CallPolicy
        fields = ("minutes", "dial")


class Phone(APIView):
    @extend_schema(operation_id="phone_retrieve", responses={200: PhoneShape, **PROBLEM})
    def get(self, request: Request, slug: str) -> Response:
        """What a section promises of its phone."""
        return Response(PhoneShape(calls.policy_of(get_object_or_404(Specialty, slug=slug).pk)).data)

    @extend_schema(
        operation_id="phone_set", request=PhoneShape, parameters=[IDEMPOTENCY], responses={200: PhoneShape, **PROBLEM}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Promise it from the next call on; for the section lead. What is left out stays as it is."""

        def write() -> Response:
            specialty = get_object_or_404(Specialty, slug=slug)
            present = calls.policy_of(specialty.pk)
            body = PhoneShape(data=request.data)
            body.is_valid(raise_exception=True)
            values = {"minutes": present.minutes, "dial": present.dial} | body.validated_data
            return Response(PhoneShape(calls.set_policy(by=person_of(request), specialty=specialty, **values)).data)

        return once(request, write)
