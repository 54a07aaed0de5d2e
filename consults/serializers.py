"""REST shapes of consults."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from consults.clock import State as ClockState
from consults.languages import LANGUAGES
from consults.models import CloseOut, Consult, Message, Statement, TimelineEntry
from knowledge.models import Document
from portal.members.models import Organization, Person, Specialty


@extend_schema_field(OpenApiTypes.STR)
class PersonField(serializers.Field[Person, str, str, Person]):
    """A specialist, by e-mail address or identifier."""

    def to_internal_value(self, data: object) -> Person:
        text = str(data).strip()
        rows = Person.objects.filter(is_active=True, roles__specialty__isnull=False).distinct()
        found = rows.filter(pk=int(text)) if text.isdecimal() and len(text) < 16 else rows.filter(email__iexact=text)
        person = found.first()
        if person is None:
            raise serializers.ValidationError("No specialist of the network has this e-mail address.")
        return person


class BriefPerson(serializers.ModelSerializer[Person]):
    class Meta:
        model = Person
        fields = ("id", "name", "email")


class ClockShape(serializers.Serializer[Any]):
    """The clock now. ``remaining_seconds`` is negative when late; stopped, it says how early or late that was."""

    state = serializers.ChoiceField(choices=[(state.value, state.value) for state in ClockState])
    promised_hours = serializers.FloatField()
    started_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True, help_text="null while paused: it moves until the reply")
    stopped_at = serializers.DateTimeField(allow_null=True)
    paused_since = serializers.DateTimeField(allow_null=True)
    paused_seconds = serializers.IntegerField()
    elapsed_seconds = serializers.IntegerField()
    remaining_seconds = serializers.IntegerField()
    is_at_risk = serializers.BooleanField()
    is_late = serializers.BooleanField()
    explanation = serializers.ListField(child=serializers.CharField())


class CitationShape(serializers.Serializer[Any]):
    id = serializers.CharField(source="document.slug")
    title = serializers.CharField(source="revision.title")
    revision = serializers.IntegerField(source="revision.number")
    url = serializers.CharField(source="get_absolute_url", help_text="The page of this revision, as it was when cited")


class MessageShape(serializers.ModelSerializer[Message]):
    author = BriefPerson()
    documents = CitationShape(source="citations", many=True)

    class Meta:
        model = Message
        fields = ("id", "kind", "author", "text", "documents", "minutes", "created_at")


class TimelineShape(serializers.ModelSerializer[TimelineEntry]):
    text = serializers.CharField(source="get_kind_display")
    actor = serializers.CharField(source="actor.name", default=None, allow_null=True)

    class Meta:
        model = TimelineEntry
        fields = ("kind", "text", "at", "actor", "detail")


class ConsultRow(serializers.ModelSerializer[Consult]):
    """A consult in a list, and the answer to every write."""

    specialty = serializers.SlugRelatedField[Specialty](slug_field="slug", read_only=True, allow_null=True)
    organization = serializers.SlugRelatedField[Organization](slug_field="slug", read_only=True)
    requester = BriefPerson(read_only=True)
    assignee = BriefPerson(read_only=True, allow_null=True)
    clock = serializers.SerializerMethodField()

    class Meta:
        model = Consult
        fields: tuple[str, ...] = (
            "number",
            "state",
            "specialty",
            "organization",
            "requester",
            "assignee",
            "reason",
            "urgency",
            "language",
            "question",
            "submitted_at",
            "response_due_at",
            "answered_at",
            "ended_at",
            "clock",
        )

    @extend_schema_field(ClockShape)
    def get_clock(self, consult: Consult) -> dict[str, Any]:
        return dict(ClockShape(self.context["clock_of"](consult)).data)


class ConsultPage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ConsultRow(many=True)


class FileShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="bytes")
    url = serializers.SerializerMethodField()

    def get_url(self, attachment: Any) -> str:
        return f"/consults/{self.context['number']}/files/{attachment.key}/"


class StatementShape(serializers.ModelSerializer[Statement]):
    made_by = serializers.CharField(source="made_by.name")

    class Meta:
        model = Statement
        fields = ("kind", "wording", "sentence", "made_by", "made_at")


class ConsultDetail(ConsultRow):
    documents = serializers.SlugRelatedField[Document](slug_field="slug", many=True, read_only=True)
    messages = MessageShape(many=True)
    timeline = TimelineShape(many=True)
    attachments = serializers.SerializerMethodField()
    close_out = serializers.SerializerMethodField()
    gate = serializers.IntegerField(
        source="gate.number", default=None, allow_null=True, help_text="The version it met; null for the network's own"
    )
    statements = StatementShape(many=True, help_text="What its author stated, in the words they read")
    actions = serializers.SerializerMethodField(help_text="What the caller may do now")

    class Meta(ConsultRow.Meta):
        fields = (
            *ConsultRow.Meta.fields,
            "summary",
            "tried",
            "results",
            "medicines",
            "gate",
            "statements",
            "documents",
            "messages",
            "timeline",
            "attachments",
            "close_out",
            "actions",
        )

    @extend_schema_field(FileShape(many=True))
    def get_attachments(self, consult: Consult) -> list[dict[str, Any]]:
        return list(FileShape(consult.attachments.all(), many=True, context={"number": consult.number}).data)

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_close_out(self, consult: Consult) -> dict[str, Any] | None:
        survey = CloseOut.objects.filter(consult=consult).first()
        return {"course": survey.course, "referral": survey.referral, "value": survey.value} if survey else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_actions(self, consult: Consult) -> list[str]:
        return sorted(self.context["may"](consult))


class DocumentsField(serializers.SlugRelatedField[Document]):
    """Documents by identifier, of those the caller may see."""

    def __init__(self, **options: Any) -> None:
        super().__init__(slug_field="slug", **options)

    def get_queryset(self) -> Any:
        return Document.objects.visible_to(self.context["request"].user)


class OwnOrganizationField(serializers.SlugRelatedField[Organization]):
    """One of the organizations the caller is a clinician of; others do not exist here."""

    def __init__(self, **options: Any) -> None:
        super().__init__(slug_field="slug", queryset=Organization.objects.none(), **options)

    def get_queryset(self) -> Any:
        return Organization.objects.filter(pk__in=self.context["request"].user.actor.clinician_in)


class LanguageField(serializers.ChoiceField):
    """In which language one wants to be answered; empty is any."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=list(LANGUAGES.items()), allow_blank=True, default="", **options)


class NewConsult(serializers.Serializer[Any]):
    """A question to send at once, with what its section asks for: see the specialty's gate. ``attested`` true confirms
    that what looks like an identifier identifies nobody, ``consented`` that the patient agreed."""

    specialty = serializers.SlugRelatedField(slug_field="slug", queryset=Specialty.objects.all())
    reason = serializers.ChoiceField(choices=Consult.Reason.choices, allow_blank=True)
    question = serializers.CharField(max_length=300)
    summary = serializers.CharField(max_length=20_000, allow_blank=True)
    tried = serializers.CharField(max_length=20_000, default="", allow_blank=True, help_text="Read or tried already")
    results = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    medicines = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    documents = DocumentsField(many=True, queryset=Document.objects.none(), required=False)
    assignee = PersonField(required=False, allow_null=True)
    attested = serializers.BooleanField(default=False)
    consented = serializers.BooleanField(default=False)
    urgency = serializers.ChoiceField(choices=Consult.Urgency.choices, default="standard")
    language = LanguageField()
    organization = OwnOrganizationField(required=False)


class TextBody(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=20_000)


class AnswerBody(TextBody):
    documents = DocumentsField(many=True, queryset=Document.objects.none(), default=list)
    minutes = serializers.IntegerField(min_value=1, max_value=600, default=None, allow_null=True)


class HandoverBody(serializers.Serializer[Any]):
    to = PersonField(allow_null=True, help_text="E-mail address of a specialist; null gives it back to the queue")


class TransferBody(serializers.Serializer[Any]):
    to = serializers.SlugRelatedField(slug_field="slug", queryset=Specialty.objects.all(), help_text="The specialty")
    reason = serializers.CharField(max_length=300, help_text="Both sides read it")


class SecondBody(serializers.Serializer[Any]):
    specialist = PersonField(help_text="E-mail address of the colleague to ask")
    text = serializers.CharField(max_length=20_000)


class DeclineBody(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class CloseBody(serializers.Serializer[Any]):
    course = serializers.ChoiceField(choices=CloseOut.Course.choices)
    referral = serializers.ChoiceField(choices=CloseOut.Referral.choices)
    value = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField(max_length=500, allow_blank=True, default="", help_text="For whoever answered")
    seconds = serializers.IntegerField(min_value=0, allow_null=True, default=None, help_text="The survey took")


class UrgencyBody(serializers.Serializer[Any]):
    urgency = serializers.ChoiceField(choices=Consult.Urgency.choices)


class NoBody(serializers.Serializer[Any]):
    pass
