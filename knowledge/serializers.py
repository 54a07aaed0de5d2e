"""REST shapes of documents and of what search finds."""

from typing import Any

from rest_framework import serializers

from knowledge.asked import Asked
from knowledge.models import Acknowledgement, DeclaredChange, Document, Recommendation, Reference, Revision


class HitShape(serializers.Serializer[Any]):
    """One document found. ``snippet`` is escaped HTML with the typed words in ``<mark>``."""

    id = serializers.CharField(source="document.slug")
    kind = serializers.ChoiceField(choices=Document.Kind.choices, source="document.kind")
    title = serializers.CharField(source="document.current_revision.title")
    url = serializers.CharField(source="document.get_absolute_url", help_text="The document's page on this site")
    snippet = serializers.CharField(source="passage")
    score = serializers.FloatField(help_text="Higher is better; comparable within one search only")


class FacetsShape(serializers.Serializer[Any]):
    """How many documents of each kind and specialty."""

    kind = serializers.DictField(child=serializers.IntegerField())
    specialty = serializers.DictField(child=serializers.IntegerField())


class ElsewhereShape(serializers.Serializer[Any]):
    """Something found beside documents: an earlier answer that the person asking may read."""

    heading = serializers.CharField(help_text="What kind of thing it is")
    title = serializers.CharField()
    url = serializers.CharField(help_text="Its page on this site")
    details = serializers.ListField(child=serializers.CharField())


class ResultsShape(serializers.Serializer[Any]):
    """``suggestion`` is the question with unknown words put right; ``corrected`` says it was searched for."""

    count = serializers.IntegerField()
    suggestion = serializers.CharField(allow_null=True)
    corrected = serializers.BooleanField()
    degraded = serializers.BooleanField(help_text="The search engine is away and the database answered")
    facets = FacetsShape()
    results = HitShape(many=True, source="hits")
    elsewhere = ElsewhereShape(many=True, help_text="With the first page only")


class SearchAsked(serializers.Serializer[Any]):
    """What may be asked of search."""

    q = serializers.CharField(max_length=2000, allow_blank=True, help_text="Words, an ICD-10-CM code, or a question")
    kind = serializers.ChoiceField(choices=Document.Kind.choices, required=False)
    specialty = serializers.SlugField(required=False, help_text="Slug, as in GET specialties/")
    code = serializers.RegexField(
        r"^[A-Za-z]\d[0-9A-Za-z](\.?[0-9A-Za-z]{1,4})?$", required=False, help_text="ICD-10-CM, or how one begins"
    )
    updated_since = serializers.DateField(required=False, help_text="Published or changed on or after this day")
    noted = serializers.BooleanField(default=False, help_text="Only what an organization of yours has notes on")
    page = serializers.IntegerField(min_value=1, max_value=100_000, default=1)
    page_size = serializers.IntegerField(min_value=1, max_value=100, default=20)


class SuggestionsAsked(serializers.Serializer[Any]):
    """What is being typed."""

    q = serializers.CharField(max_length=200, allow_blank=True)


class SuggestionShape(serializers.Serializer[Any]):
    """One way to go on, and the page of this site that it leads to."""

    kind = serializers.ChoiceField(choices=["document", "term", "specialty", "specialist"])
    text = serializers.CharField()
    url = serializers.CharField()


class DocumentsAsked(serializers.Serializer[Any]):
    """What the list of documents may be narrowed to."""

    kind = serializers.ChoiceField(choices=Document.Kind.choices, required=False)
    specialty = serializers.SlugField(required=False, help_text="Slug, as in GET specialties/")
    code = serializers.RegexField(
        r"^[A-Za-z]\d[0-9A-Za-z](\.[0-9A-Za-z]{1,4})?$",
        required=False,
        help_text="ICD-10-CM; a category such as A41 finds its codes too",
    )
    updated_since = serializers.DateTimeField(required=False, help_text="Published or changed at or after this moment")


class DocumentRow(serializers.ModelSerializer[Document]):
    """A published document without its text."""

    id = serializers.CharField(source="slug")
    title = serializers.CharField(source="current_revision.title")
    summary = serializers.CharField(source="current_revision.summary")
    url = serializers.CharField(source="get_absolute_url")
    specialties = serializers.SlugRelatedField[Any](many=True, read_only=True, slug_field="slug")
    codes = serializers.ListField(child=serializers.CharField(), source="current_revision.codes")
    keywords = serializers.ListField(child=serializers.CharField(), source="current_revision.keywords")
    revision = serializers.IntegerField(source="current_revision.number")
    review_due = serializers.DateField(source="current_revision.review_due", allow_null=True)
    published_at = serializers.DateTimeField(source="current_revision.published_at")
    updated_at = serializers.DateTimeField(source="changed_at")
    retired_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = Document
        fields = (
            "id",
            "kind",
            "tool_type",
            "title",
            "summary",
            "url",
            "specialties",
            "codes",
            "keywords",
            "revision",
            "review_due",
            "published_at",
            "updated_at",
            "retired_at",
        )


class RecommendationShape(serializers.ModelSerializer[Recommendation]):
    class Meta:
        model = Recommendation
        fields = ("key", "text", "strength", "grade", "evidence", "verified_on", "verified_by", "due_on")


class ReferenceShape(serializers.ModelSerializer[Reference]):
    link = serializers.CharField(help_text="Where it can be read; empty when not known")

    class Meta:
        model = Reference
        fields = ("citation", "year", "identifier", "url", "link")


class DocumentDetail(DocumentRow):
    """A document with everything it says; ``body`` is Markdown."""

    body = serializers.CharField(source="current_revision.body")
    source = serializers.CharField(source="current_revision.source")  # type: ignore[assignment]  # a field of ours, not DRF's
    calculator = serializers.JSONField(
        source="current_revision.calculator", allow_null=True, help_text="Items and bands of an additive score"
    )
    recommendations = RecommendationShape(many=True, source="current_revision.recommendations")
    references = ReferenceShape(many=True, source="current_revision.references")

    class Meta(DocumentRow.Meta):
        fields = (  # type: ignore[assignment]  # longer than the row's
            *DocumentRow.Meta.fields,
            "body",
            "source",
            "calculator",
            "recommendations",
            "references",
        )


class RevisionRow(serializers.ModelSerializer[Revision]):
    """A revision that was published, without its text."""

    url = serializers.SerializerMethodField(help_text="The page of this revision on this site")
    author = serializers.CharField(source="author.name", default=None, allow_null=True)
    published_by = serializers.CharField(source="published_by.name", default=None, allow_null=True)

    class Meta:
        model = Revision
        fields = ("number", "state", "title", "summary", "url", "author", "published_at", "published_by")

    def get_url(self, revision: Revision) -> str:
        return revision.document.revision_address(revision.number)


class RevisionDetail(RevisionRow):
    """A revision with everything it said; ``superseded_at`` is null while it is what the document says."""

    superseded_at = serializers.DateTimeField(allow_null=True)
    document_retired_at = serializers.DateTimeField(source="document.retired_at", allow_null=True)
    recommendations = RecommendationShape(many=True)
    references = ReferenceShape(many=True)

    class Meta(RevisionRow.Meta):
        fields = (  # type: ignore[assignment]  # longer than the row's
            *RevisionRow.Meta.fields,
            "superseded_at",
            "document_retired_at",
            "body",
            "keywords",
            "codes",
            "source",
            "calculator",
            "review_due",
            "recommendations",
            "references",
        )


class FollowShape(serializers.Serializer[Any]):
    """That a document is followed."""

    document = serializers.CharField(source="slug")
    url = serializers.CharField(source="get_absolute_url")


class DeclaredBody(serializers.Serializer[Any]):
    """What is said of one recommendation that a revision changes."""

    key = serializers.CharField(
        max_length=80, help_text="The recommendation's key; one that was removed has its old one"
    )
    significance = serializers.ChoiceField(choices=DeclaredChange.Significance.choices)
    sentence = serializers.CharField(
        max_length=400, required=False, allow_blank=True, default="", help_text="Needed where practice changes"
    )


class PublishBody(serializers.Serializer[Any]):
    """Which revision to publish, and what is said of each recommendation that changes."""

    revision = serializers.IntegerField(min_value=1, max_value=999_999)
    changes = DeclaredBody(many=True, required=False, help_text="Left out: as they were declared before")


class ScheduleBody(PublishBody):
    """The same, and when."""

    at = serializers.DateTimeField(help_text="Ahead, at most a year")


class ScheduledShape(serializers.ModelSerializer[Revision]):
    """A revision on its way to being published."""

    document = serializers.CharField(source="document.slug")
    scheduled_by = serializers.CharField(source="scheduled_by.name", default=None, allow_null=True)

    class Meta:
        model = Revision
        fields = ("document", "number", "state", "title", "scheduled_for", "scheduled_by")


class VerifyBody(serializers.Serializer[Any]):
    """Recommendations found still right; without dates: today, and due again as the document's kind has it."""

    keys = serializers.ListField(child=serializers.CharField(max_length=80), max_length=200)
    verified_on = serializers.DateField(required=False, allow_null=True, default=None)
    due_on = serializers.DateField(required=False, allow_null=True, default=None)
    remark = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")


class RevisionBody(serializers.Serializer[Any]):
    """The revision that was read."""

    revision = serializers.IntegerField(min_value=1, max_value=999_999)


class AcknowledgementsAsked(serializers.Serializer[Any]):
    """What the list may be narrowed to."""

    state = serializers.ChoiceField(choices=("open", "acknowledged", "superseded"), required=False)
    revision = serializers.IntegerField(min_value=1, max_value=999_999, required=False)


class AcknowledgementShape(serializers.ModelSerializer[Acknowledgement]):
    """One person asked to confirm a change of practice. Confirmed, overtaken by a newer change, or neither."""

    person = serializers.CharField(source="person.name")
    email = serializers.EmailField(source="person.email")
    revision = serializers.IntegerField(source="revision.number")

    class Meta:
        model = Acknowledgement
        fields = (
            "person",
            "email",
            "revision",
            "why",
            "told_at",
            "reminders",
            "reminded_at",
            "acknowledged_at",
            "superseded_at",
        )


class ChangeShape(serializers.Serializer[Any]):
    """What a change of practice asks of the reader."""

    document = serializers.CharField(source="acknowledgement.document.slug")
    title = serializers.CharField(source="acknowledgement.revision.title")
    url = serializers.CharField(source="acknowledgement.document.get_absolute_url")
    revision = serializers.IntegerField(source="acknowledgement.revision.number")
    why = serializers.ChoiceField(choices=Acknowledgement.Why.choices, source="acknowledgement.why")
    told_at = serializers.DateTimeField(source="acknowledgement.told_at")
    acknowledged_at = serializers.DateTimeField(source="acknowledgement.acknowledged_at", allow_null=True)
    sentences = serializers.SerializerMethodField(help_text="The newest first; earlier ones never confirmed follow")

    def get_sentences(self, asked: Asked) -> list[str]:
        return [change.sentence for change in asked.changes]


class RemindedShape(serializers.Serializer[Any]):
    people = serializers.IntegerField(help_text="How many were reminded")
    spared = serializers.IntegerField(help_text="How many were not, because they had been today")
