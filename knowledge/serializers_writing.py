"""REST shapes of drafts, codes and attachments. Everything in a draft is text as typed, whole or half written."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from knowledge.models import Code, Document, DocumentAttachment


def _text(**more: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, trim_whitespace=False, max_length=250_000, **more)


def _texts() -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=300), required=False, max_length=500)


class DraftRecommendationShape(serializers.Serializer[Any]):
    """``key`` says which recommendation it is; left out, it is a new one."""

    key = serializers.CharField(required=False, allow_blank=True, max_length=80)
    text = _text()
    strength = _text(help_text="strong, conditional or good-practice")
    grade = _text(help_text="high, moderate, low or very-low")
    evidence = _text()
    verified_on = _text(help_text="A date such as 2027-06-30")
    verified_by = _text()
    due_on = _text(help_text="A date such as 2027-06-30")


class DraftReferenceShape(serializers.Serializer[Any]):
    key = serializers.CharField(required=False, allow_blank=True, max_length=80)
    citation = _text()
    year = _text()
    identifier = _text(help_text="doi:…, pmid:… or nice:…")
    url = _text()


class DraftContentShape(serializers.Serializer[Any]):
    """What a draft says. What is left out is empty."""

    title = _text()
    summary = _text()
    body = _text(help_text="Markdown")
    source = _text()  # type: ignore[assignment]  # a field of ours, not DRF's
    review_due = _text(help_text="A date such as 2027-06-30")
    calculator = _text(help_text="YAML: name, result, items and bands")
    specialties = _texts()
    codes = _texts()
    keywords = _texts()
    recommendations = DraftRecommendationShape(many=True, required=False)
    references = DraftReferenceShape(many=True, required=False)


class DraftSaved(DraftContentShape):
    """What to save, begun from ``edition``: what others saved since is merged where it can be."""

    edition = serializers.IntegerField(min_value=0, max_value=2_000_000_000)


class ProblemShape(serializers.Serializer[Any]):
    field = serializers.CharField()
    fix = serializers.CharField()


class DraftShape(DraftContentShape):
    """A draft as it stands. ``problems`` is empty when it can go to review."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=Document.Kind.choices)
    tool_type = serializers.CharField(allow_blank=True)
    revision = serializers.IntegerField()
    edition = serializers.IntegerField(help_text="Give it back when saving")
    changed_at = serializers.DateTimeField()
    changed_by = serializers.CharField(allow_null=True)
    merged_with = serializers.ListField(child=serializers.CharField(), help_text="Whose changes came in with this save")
    problems = ProblemShape(many=True)


class NewDocument(serializers.Serializer[Any]):
    """A document to begin; ``id`` stands in its address for good."""

    id = serializers.CharField(max_length=100)
    title = serializers.CharField(max_length=300)
    kind = serializers.ChoiceField(choices=Document.Kind.choices)
    tool_type = serializers.ChoiceField(choices=Document.ToolType.choices, required=False, allow_blank=True)


class CodesAsked(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=100, help_text="The beginning of a code, or words of its title")


class CodeShape(serializers.ModelSerializer[Code]):
    class Meta:
        model = Code
        fields = ("code", "title", "is_leaf")


class AttachmentShape(serializers.ModelSerializer[DocumentAttachment]):
    """A picture or PDF; ``markdown`` shows it in the text."""

    url = serializers.SerializerMethodField()
    markdown = serializers.CharField()

    class Meta:
        model = DocumentAttachment
        fields = ("name", "content_type", "size", "sha256", "width", "height", "url", "markdown", "added_at")

    def get_url(self, attachment: DocumentAttachment) -> str:
        return reverse("api-attachment", args=[attachment.document.slug, attachment.name])


class FileAsked(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="A PNG, JPEG or WebP picture, or a PDF")
