"""REST shapes of what belongs to one reader."""

from typing import Any

from rest_framework import serializers

from knowledge.models import Document, EducationEntry, ListEntry, ReadingList
from knowledge.services.education import LONGEST_QUESTION, LONGEST_TEXT
from knowledge.services.lists import LONGEST_NAME
from portal.members.models import Person


class ListBody(serializers.Serializer[Any]):
    """The name of a list."""

    name = serializers.CharField(max_length=LONGEST_NAME)


class ListShape(serializers.ModelSerializer[ReadingList]):
    """A list of documents; ``is_default`` marks the one that is always there."""

    url = serializers.CharField(source="get_absolute_url", help_text="Its page on this site")

    class Meta:
        model = ReadingList
        fields = ("id", "name", "is_default", "created_at", "url")


class ListEntryShape(serializers.ModelSerializer[ListEntry]):
    """A document in a list."""

    document = serializers.CharField(source="document.slug")
    title = serializers.CharField(source="document.current_revision.title")
    url = serializers.CharField(source="document.get_absolute_url")

    class Meta:
        model = ListEntry
        fields = ("document", "title", "url", "added_at")


class MoveBody(serializers.Serializer[Any]):
    """Where to."""

    move = serializers.ChoiceField(choices=["up", "down"])


class EducationSourceShape(serializers.Serializer[Any]):
    """A document that was consulted, and the revision that was read."""

    document = serializers.CharField(source="document.slug")
    title = serializers.CharField(source="revision.title")
    revision = serializers.IntegerField(source="revision.number")


class EducationShape(serializers.ModelSerializer[EducationEntry]):
    """One question looked up; ``credit`` counts towards nothing until an accredited provider awards it."""

    documents = EducationSourceShape(many=True, source="sources")
    credit = serializers.DecimalField(max_digits=3, decimal_places=1)

    class Meta:
        model = EducationEntry
        fields = ("id", "on", "question", "documents", "effect", "effect_text", "credit", "created_at", "changed_at")


class EducationBody(serializers.Serializer[Any]):
    """What is recorded. ``attested``: what looks like an identifier of a patient is none."""

    on = serializers.DateField(help_text="The day of learning")
    question = serializers.CharField(max_length=LONGEST_QUESTION)
    documents = serializers.SlugRelatedField[Any](
        many=True, slug_field="slug", queryset=Document.objects.none(), allow_empty=True
    )
    effect = serializers.ChoiceField(choices=EducationEntry.Effect.choices)
    effect_text = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True, default="")
    attested = serializers.BooleanField(required=False, default=False)

    def get_fields(self) -> dict[str, Any]:
        """The documents that the caller may read; others do not exist here."""
        fields = super().get_fields()
        person = getattr(self.context.get("request"), "user", None)
        if isinstance(person, Person):
            visible = Document.objects.visible_to(person).exclude(current_revision=None)
            fields["documents"].child_relation.queryset = visible  # type: ignore[attr-defined]
        return fields
