"""Case conferences over REST: the same services as the pages."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consults.api import IDEMPOTENCY, PROBLEM, person_of
from consults.models import AgendaItem, Conclusion, Conference, ConferenceInvitation, Consult
from consults.serializers import BriefPerson, NoBody, PersonField, TextBody
from consults.services import agenda, conferences
from consults.services.conferences import When
from portal.common import audit, present
from portal.common.refusals import Invalid
from portal.common.rest import Pages, once
from portal.members.models import Specialty, validate_time_zone


class ConferenceRow(serializers.ModelSerializer[Conference]):
    specialty = serializers.SlugRelatedField[Specialty](slug_field="slug", read_only=True)
    chair = BriefPerson()
    minutes = serializers.IntegerField()
    is_cancelled = serializers.SerializerMethodField()

    class Meta:
        model = Conference
        fields = ("id", "title", "specialty", "chair", "starts_at", "minutes", "zone", "place", "is_cancelled")

    def get_is_cancelled(self, row: Conference) -> bool:
        return row.cancelled_at is not None


class GuestShape(serializers.ModelSerializer[ConferenceInvitation]):
    person = BriefPerson()
    answer = serializers.CharField(help_text="yes, maybe or no; empty until they answer")

    class Meta:
        model = ConferenceInvitation
        fields = ("person", "answer", "answered_at", "attended")


class ConclusionShape(serializers.ModelSerializer[Conclusion]):
    text = serializers.CharField(source="message.text")

    class Meta:
        model = Conclusion
        fields = ("text", "is_addendum", "signed_name", "signed_at")


class AgendaShape(serializers.ModelSerializer[AgendaItem]):
    consult = serializers.CharField(source="consult.number")
    question = serializers.CharField(source="consult.question")
    conclusions = ConclusionShape(many=True)

    class Meta:
        model = AgendaItem
        fields = ("id", "position", "minutes", "consult", "question", "conclusions")


class ConferenceDetail(ConferenceRow):
    """With who is invited, and those questions of the agenda that the caller may read."""

    guests = serializers.SerializerMethodField()
    agenda = serializers.SerializerMethodField()

    class Meta:
        model = Conference
        fields = (*ConferenceRow.Meta.fields, "guests", "agenda")

    @extend_schema_field(GuestShape(many=True))
    def get_guests(self, row: Conference) -> Any:
        return GuestShape(conferences.guests_of(row), many=True).data

    @extend_schema_field(AgendaShape(many=True))
    def get_agenda(self, row: Conference) -> Any:
        return AgendaShape(self.context["agenda"], many=True).data


class ConferencePage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = ConferenceRow(many=True)


class ConferenceBody(serializers.Serializer[Any]):
    """Title and place go out with the invitations: nothing about a patient."""

    title = serializers.CharField(max_length=120)
    starts_at = serializers.DateTimeField()
    zone = serializers.CharField(validators=[validate_time_zone])
    minutes = serializers.IntegerField(min_value=5, max_value=480)
    place = serializers.CharField(max_length=200)

    def when(self) -> When:
        values = self.validated_data
        return When(values["starts_at"], values["zone"], values["minutes"], values["place"])


class NewConference(ConferenceBody):
    specialty = serializers.SlugRelatedField(slug_field="slug", queryset=Specialty.objects.all())
    invited = serializers.ListField(child=PersonField(), default=list, max_length=100)


class AgendaBody(serializers.Serializer[Any]):
    consult = serializers.CharField(help_text="Its number")
    minutes = serializers.IntegerField(min_value=1, max_value=240, default=agenda.USUAL_MINUTES)


class GuestBody(serializers.Serializer[Any]):
    person = PersonField()


class AnswerToInvitation(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=ConferenceInvitation.Answer.choices)


class AttendanceBody(serializers.Serializer[Any]):
    present = serializers.ListField(child=PersonField(), max_length=200)


def _one(request: Request, pk: int) -> Conference:
    rows = Conference.objects.visible_to(person_of(request)).select_related("specialty", "chair")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _whole(request: Request, pk: int, *, status: int = 200) -> Response:
    """As the caller sees it now, if they still do."""
    row = _one(request, pk)
    seen = Consult.objects.visible_to(person_of(request)).values("pk")
    items = row.agenda.filter(consult__in=seen).select_related("consult").prefetch_related("conclusions__message")
    numbers = ", ".join(item.consult.number for item in items)
    audit.record(
        by=person_of(request),
        action="conference.read",
        object_type="conference",
        object_id=row.pk,
        consults=numbers,
    )
    return Response(ConferenceDetail(row, context={"agenda": items}).data, status=status)


class Conferences(APIView):
    serializer_class = ConferenceRow

    @extend_schema(
        operation_id="conferences_list",
        parameters=[
            OpenApiParameter("show", str, enum=["upcoming", "past"], description="Upcoming where it is left out"),
            OpenApiParameter("page", int),
            OpenApiParameter("page_size", int),
        ],
        responses={200: ConferencePage, **PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Conferences the caller may see."""
        rows = Conference.objects.visible_to(person_of(request)).select_related("specialty", "chair")
        now, pages = timezone.now(), Pages()
        rows = rows.past(now) if request.query_params.get("show") == "past" else rows.upcoming(now)
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(ConferenceRow(page, many=True).data)

    @extend_schema(
        operation_id="conferences_create",
        request=NewConference,
        parameters=[IDEMPOTENCY],
        responses={201: ConferenceDetail, **PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Call a conference and invite to it; whoever calls it chairs it."""

        def write() -> Response:
            body = NewConference(data=request.data)
            body.is_valid(raise_exception=True)
            values = body.validated_data
            row = conferences.schedule(
                by=person_of(request),
                specialty=values["specialty"],
                title=values["title"],
                when=body.when(),
                invited=values["invited"],
                at=present.now(),
            )
            return _whole(request, row.pk, status=201)

        return once(request, write)


class ConferenceView(APIView):
    @extend_schema(operation_id="conferences_retrieve", responses={200: ConferenceDetail, **PROBLEM})
    def get(self, request: Request, pk: int) -> Response:
        """One conference, with its agenda; the reading is recorded."""
        return _whole(request, pk)


Act = Callable[[Request, Conference, dict[str, Any]], object]


def _action(name: str, body: type[serializers.Serializer[Any]], act: Act, doc: str) -> type[APIView]:
    """A view that does one thing with a conference and answers with the conference as it is then."""

    class View(APIView):
        @extend_schema(
            operation_id=f"conferences_{name}",
            description=doc,
            request=None if body is NoBody else body,
            parameters=[IDEMPOTENCY],
            responses={200: ConferenceDetail, **PROBLEM},
        )
        def post(self, request: Request, pk: int) -> Response:
            def write() -> Response:
                row, data = _one(request, pk), body(data=request.data)
                data.is_valid(raise_exception=True)
                act(request, row, {**data.validated_data, **({"when": data.when()} if hasattr(data, "when") else {})})
                return _whole(request, pk)

            return once(request, write)

    View.__name__ = f"Conference{name.title()}"
    return View


def _consult(request: Request, number: str) -> Consult:
    found = Consult.objects.visible_to(person_of(request)).filter(number=number).first()
    if found is None:
        raise Invalid(consult="There is no such consult.")
    return found


ACTIONS = {
    "change": _action(
        "change",
        ConferenceBody,
        lambda request, row, said: conferences.change(
            row, by=person_of(request), title=said["title"], when=said["when"], at=present.now()
        ),
        "Move it, or change title or place. Updates go out.",
    ),
    "cancel": _action(
        "cancel",
        NoBody,
        lambda request, row, _: conferences.cancel(row, by=person_of(request), at=present.now()),
        "Call it off. Cancellations go out.",
    ),
    "invite": _action(
        "invite",
        GuestBody,
        lambda request, row, said: conferences.invite(row, by=person_of(request), at=present.now(), **said),
        "Invite one more specialist.",
    ),
    "uninvite": _action(
        "uninvite",
        GuestBody,
        lambda request, row, said: conferences.uninvite(row, by=person_of(request), at=present.now(), **said),
        "Take a specialist off the list.",
    ),
    "answer": _action(
        "answer",
        AnswerToInvitation,
        lambda request, row, said: conferences.answer(row, by=person_of(request), at=present.now(), **said),
        "Answer one's own invitation.",
    ),
    "agenda": _action(
        "agenda",
        AgendaBody,
        lambda request, row, said: agenda.put_on(
            row,
            by=person_of(request),
            consult=_consult(request, said["consult"]),
            minutes=said["minutes"],
            at=present.now(),
        ),
        "Put a consult on the agenda. Its clock runs on.",
    ),
    "attendance": _action(
        "attendance",
        AttendanceBody,
        lambda request, row, said: agenda.record_attendance(row, by=person_of(request), at=present.now(), **said),
        "Record who came.",
    ),
}


class ConclusionView(APIView):
    @extend_schema(
        operation_id="conferences_conclude",
        request=TextBody,
        parameters=[IDEMPOTENCY, OpenApiParameter("addendum", bool, description="Add to a signed conclusion")],
        responses={201: ConclusionShape, **PROBLEM},
    )
    def post(self, request: Request, pk: int, item: int) -> Response:
        """Sign the conclusion on one consult of the agenda; for the chair. It is never changed."""

        def write() -> Response:
            row, body = _one(request, pk), TextBody(data=request.data)
            seen = Consult.objects.visible_to(person_of(request)).values("pk")
            found = row.agenda.select_related("conference").filter(pk=item, consult__in=seen).first()
            if found is None:
                raise Http404
            body.is_valid(raise_exception=True)
            adds = request.query_params.get("addendum", "").lower() in ("1", "true", "yes")
            service = agenda.addend if adds else agenda.conclude
            signed = service(found, by=person_of(request), text=body.validated_data["text"], at=present.now())
            return Response(ConclusionShape(signed).data, status=201)

        return once(request, write)
