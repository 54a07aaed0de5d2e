"""REST shapes of reviews and remarks."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from knowledge.models import Remark, Review, Revision
from knowledge.serializers import RecommendationShape, ReferenceShape
from knowledge.services.remarks import LONGEST, LONGEST_QUOTE
from knowledge.services.reviewing import LONGEST_REASON
from knowledge.services.reviewtelling import review_address
from portal.members.models import Person, Role


@extend_schema_field(OpenApiTypes.EMAIL)
class StaffField(serializers.Field[Person, str, str, Person]):
    """Someone of the network's staff, by e-mail address."""

    def to_internal_value(self, data: object) -> Person:
        names = (Role.Name.EDITOR, Role.Name.SPECIALIST, Role.Name.SECTION_LEAD)
        rows = Person.objects.filter(is_active=True, roles__name__in=names, email__iexact=str(data).strip())
        person = rows.distinct().first()
        if person is None:
            raise serializers.ValidationError("Nobody of the network's staff has this e-mail address.")
        return person


class ReviewShape(serializers.ModelSerializer[Review]):
    """One person's review; ``decision`` is empty while it is waited for."""

    reviewer = serializers.EmailField(source="reviewer.email")
    deputy = serializers.EmailField(source="deputy.email", default=None, allow_null=True)
    decided_by = serializers.EmailField(source="decided_by.email", default=None, allow_null=True)
    decision = serializers.ChoiceField(choices=Review.Decision.choices, allow_blank=True)

    class Meta:
        model = Review
        fields = ("id", "reviewer", "deputy", "asked_at", "due_on", "decision", "reason", "decided_by", "decided_at")


class MyReviewShape(ReviewShape):
    """A review of mine, with what it is of."""

    document = serializers.CharField(source="revision.document.slug")
    revision = serializers.IntegerField(source="revision.number")
    title = serializers.CharField(source="revision.title")
    state = serializers.ChoiceField(choices=Revision.State.choices, source="revision.state")
    url = serializers.SerializerMethodField(help_text="The page of the review on this site")

    class Meta(ReviewShape.Meta):
        fields = ("document", "revision", "title", "state", "url", *ReviewShape.Meta.fields)  # type: ignore[assignment]

    def get_url(self, review: Review) -> str:
        return review_address(review.revision)


class ReviewedRevision(serializers.ModelSerializer[Revision]):
    """A revision that left draft, with its reviews; ``body`` is Markdown."""

    document = serializers.CharField(source="document.slug")
    url = serializers.SerializerMethodField(help_text="The page of the review on this site")
    author = serializers.CharField(source="author.name", default=None, allow_null=True)
    based_on = serializers.IntegerField(source="based_on.number", default=None, allow_null=True)
    recommendations = RecommendationShape(many=True)
    references = ReferenceShape(many=True)
    reviews = ReviewShape(many=True)

    class Meta:
        model = Revision
        fields = (
            "document",
            "number",
            "state",
            "url",
            "author",
            "based_on",
            "submitted_at",
            "approvals_needed",
            "title",
            "summary",
            "body",
            "recommendations",
            "references",
            "reviews",
        )

    def get_url(self, revision: Revision) -> str:
        return review_address(revision)


class RemarkReplyShape(serializers.ModelSerializer[Remark]):
    author = serializers.CharField(source="author.name")

    class Meta:
        model = Remark
        fields = ("id", "author", "text", "created_at")


class RemarkShape(RemarkReplyShape):
    """A remark with its replies; ``place`` is title, summary, body, recommendation: and its key, or empty for all."""

    resolved_by = serializers.CharField(source="resolved_by.name", default=None, allow_null=True)
    replies = RemarkReplyShape(many=True)

    class Meta(RemarkReplyShape.Meta):
        fields = (*RemarkReplyShape.Meta.fields, "place", "quote", "resolved_at", "resolved_by", "replies")  # type: ignore[assignment]


class NamedBody(serializers.Serializer[Any]):
    """A reviewer, and the deputy who decides while they are away."""

    reviewer = StaffField()
    deputy = StaffField(allow_null=True, default=None)


class SubmitBody(serializers.Serializer[Any]):
    reviewers = NamedBody(many=True, allow_empty=False)
    due_on = serializers.DateField()


class AddBody(NamedBody):
    due_on = serializers.DateField()


class ReplaceBody(NamedBody):
    due_on = serializers.DateField(allow_null=True, default=None, help_text="Empty: as it was")


class DecideBody(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=Review.Decision.choices)
    reason = serializers.CharField(max_length=LONGEST_REASON, allow_blank=True, default="")


class RemarkBody(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=LONGEST)
    place = serializers.CharField(max_length=100, allow_blank=True, default="")
    quote = serializers.CharField(
        max_length=LONGEST_QUOTE, allow_blank=True, default="", help_text="Words as they stand in that place"
    )
    reply_to = serializers.IntegerField(allow_null=True, default=None, help_text="The remark that this replies to")


class NothingBody(serializers.Serializer[Any]):
    """No fields."""


class WithdrawnShape(serializers.Serializer[Any]):
    """What was withdrawn, and the number of the draft that goes on from it."""

    returned = serializers.IntegerField()
    draft = serializers.IntegerField()
