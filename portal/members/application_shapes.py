"""What applications are over REST: what is sent, and what is answered."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.members import checklist
from portal.members.forms import zones
from portal.members.models import Facility, Organization
from portal.members.models_applications import Application, ApplicationNote
from portal.members.services import applying, vetting

TOLD = "name kind street city region postal_code contact_name contact_email clinicians hopes".split()


class ApplyBody(serializers.ModelSerializer[Application]):
    """An organization that applies. Never write about a patient."""

    street = serializers.CharField(max_length=120)
    city = serializers.CharField(max_length=80)
    region = serializers.CharField(max_length=60)
    postal_code = serializers.CharField(max_length=12)
    clinicians = serializers.IntegerField(min_value=1, max_value=1_000_000)
    hopes = serializers.CharField(max_length=applying.MOST_TEXT, allow_blank=True, default="")

    class Meta:
        model = Application
        fields = TOLD


class ApplicationQuestionShape(serializers.ModelSerializer[ApplicationNote]):
    """What the network asked, or the applicant answered."""

    class Meta:
        model = ApplicationNote
        fields = ("kind", "text", "at")


class AppliedShape(serializers.ModelSerializer[Application]):
    """How it stands, for who holds its link."""

    said = serializers.SerializerMethodField()

    class Meta:
        model = Application
        fields = (*TOLD, "state", "applied_at", "confirmed_at", "decided_at", "reason", "said")

    @extend_schema_field(ApplicationQuestionShape(many=True))
    def get_said(self, row: Application) -> list[Any]:
        return list(ApplicationQuestionShape(applying.questions(row), many=True).data)


class ApplicantAnswerBody(serializers.Serializer[Any]):
    text = serializers.CharField(required=False, max_length=applying.MOST_TEXT, help_text="Where the network asked")


class ApplicationTextBody(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=applying.MOST_TEXT)


class WrittenReasonBody(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000)


class ApplicationCheckBody(serializers.Serializer[Any]):
    item = serializers.SlugField(help_text="Key of an item of the checklist")
    is_done = serializers.BooleanField()


class ApplicationCheckShape(serializers.Serializer[Any]):
    item = serializers.CharField()
    words = serializers.CharField()
    needed = serializers.BooleanField()
    by = serializers.CharField(allow_null=True, help_text="Who ticked it; null where nobody has")
    at = serializers.DateTimeField(allow_null=True)


class ApplicationNoteShape(serializers.ModelSerializer[ApplicationNote]):
    by = serializers.CharField(source="by.name", default=None, allow_null=True, help_text="null: the applicant")

    class Meta:
        model = ApplicationNote
        fields = ("kind", "text", "by", "at")


class ListedApplicationShape(serializers.ModelSerializer[Application]):
    """An application, as the network sees it in a list."""

    organization = serializers.CharField(source="organization.slug", default=None, allow_null=True)

    class Meta:
        model = Application
        fields = ("id", *TOLD, "state", "confirmed_at", "decided_at", "reason", "organization")


class ApplicationShape(ListedApplicationShape):
    """An application with what was checked and noted."""

    checks = serializers.SerializerMethodField()
    notes = serializers.SerializerMethodField()

    class Meta(ListedApplicationShape.Meta):
        fields = (*ListedApplicationShape.Meta.fields, "checks", "notes")

    @extend_schema_field(ApplicationCheckShape(many=True))
    def get_checks(self, row: Application) -> list[Any]:
        ticks, found = vetting.done(row), []
        for item in checklist.items():
            tick = ticks.get(item.key)
            who = {"by": tick.by.name if tick else None, "at": tick.at if tick else None}
            found.append({"item": item.key, "words": item.words, "needed": item.needed} | who)
        return list(ApplicationCheckShape(found, many=True).data)

    @extend_schema_field(ApplicationNoteShape(many=True))
    def get_notes(self, row: Application) -> list[Any]:
        return list(ApplicationNoteShape(row.notes.select_related("by"), many=True).data)


class ZoneName(serializers.CharField):
    """A time zone by its name in the IANA list."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=60, **options)

    def to_internal_value(self, data: Any) -> str:
        value = str(super().to_internal_value(data))
        if value not in dict(zones()):
            raise serializers.ValidationError("This is not a time zone name such as America/Chicago.")
        return value


class WelcomeBody(serializers.Serializer[Any]):
    """How the accepted organization begins."""

    name = serializers.CharField(max_length=120)
    tier = serializers.ChoiceField(choices=Organization.Tier.choices)
    time_zone = ZoneName()
    facility = serializers.CharField(max_length=120, help_text="Its first one, at the address of the application")
    facility_kind = serializers.ChoiceField(choices=Facility.Kind.choices)
    administrator_name = serializers.CharField(max_length=120)
    administrator_email = serializers.EmailField(help_text="The invitation goes there")
