"""Documents, their revisions, recommendations and references, and who read what."""

import re
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Func, Q, TextField, Value
from django.utils import timezone

from portal.members.models import Person, Specialty


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents, by who may see them."""

    def visible_to(self, person: Person) -> "DocumentQuerySet":
        """What ``person`` may read: all that was ever published, as an editor drafts too; nothing without a role."""
        if not person.can_sign_in:
            return self.none()
        return self if person.actor.is_editor else self.exclude(current_revision=None)

    def published(self) -> "DocumentQuerySet":
        """What the network stands behind today: published and not retired."""
        return self.filter(retired_at=None).exclude(current_revision=None)

    def with_code(self, code: str) -> "DocumentQuerySet":
        """What carries an ICD-10-CM code, or one that it begins."""
        codes = Func(F("current_revision__codes"), Value(" "), function="array_to_string", output_field=TextField())
        return self.annotate(all_codes=codes).filter(all_codes__regex=rf"(^| ){re.escape(code)}")


class Document(models.Model):
    """One piece of content with a lasting address; what it says stands in its revisions."""

    class Kind(models.TextChoices):
        PROTOCOL = "protocol", "Protocol"
        TOPIC = "topic", "Topic"
        FAQ = "faq", "FAQ"
        TOOL = "tool", "Tool"
        HANDOUT = "handout", "Patient handout"
        NOTICE = "notice", "Notice"

    class ToolType(models.TextChoices):
        CALCULATOR = "calculator", "Calculator"
        ORDER_SET = "order-set", "Order set"
        CHECKLIST = "checklist", "Checklist"

    slug = models.CharField(max_length=100, unique=True, help_text="Identifier in addresses and in imports")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    tool_type = models.CharField(max_length=10, choices=ToolType.choices, blank=True)
    specialties = models.ManyToManyField(Specialty, related_name="documents", blank=True)
    current_revision = models.OneToOneField(
        "Revision", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now, help_text="Last publication or retirement")
    retired_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0, help_text="Raised at each publication or retirement")
    indexed_version = models.PositiveIntegerField(default=0, help_text="The version the search index holds")
    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="tool") & ~Q(tool_type="") | ~Q(kind="tool") & Q(tool_type=""),
                name="document_tool_type_pairs",
            )
        ]
        indexes = [
            models.Index(fields=["-changed_at"], name="document_changed"),
            models.Index(
                fields=["changed_at"],
                condition=~Q(version=models.F("indexed_version")),
                name="document_unindexed",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/documents/{self.slug}/"

    def revision_address(self, number: int) -> str:
        """Where one revision stays readable."""
        return f"{self.get_absolute_url()}revisions/{number}/"

    @property
    def kind_name(self) -> str:
        return self.get_tool_type_display() if self.tool_type else self.get_kind_display()


class RevisionQuerySet(models.QuerySet["Revision"]):
    """Revisions, by who may see them."""

    def visible_to(self, person: Person) -> "RevisionQuerySet":
        """What was ever published of the documents ``person`` may read; as an editor what was not, too."""
        documents = Document.objects.visible_to(person)
        revisions = self.filter(document__in=documents)
        return revisions if person.actor.is_editor else revisions.ever_published()

    def ever_published(self) -> "RevisionQuerySet":
        return self.filter(state__in=Revision.PUBLIC_STATES)


class Revision(models.Model):
    """What a document says at one time. Frozen by a database trigger once it has left draft."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        SUPERSEDED = "superseded", "Superseded"
        RETIRED = "retired", "Retired"

    PUBLIC_STATES = (State.PUBLISHED, State.SUPERSEDED, State.RETIRED)

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=300)
    summary = models.TextField(blank=True)
    body = models.TextField(help_text="Markdown")
    keywords = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    codes = ArrayField(models.CharField(max_length=10), default=list, blank=True, help_text="ICD-10-CM")
    source = models.CharField(max_length=300, blank=True)
    calculator = models.JSONField(null=True, blank=True, help_text="Items and bands of an additive score")
    review_due = models.DateField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, help_text="SHA-256 of everything an import can change")
    author = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="revisions")
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="revision_number_once"),
            models.UniqueConstraint(fields=["document"], condition=Q(state="published"), name="revision_one_published"),
            models.UniqueConstraint(fields=["document"], condition=Q(state="draft"), name="revision_one_draft"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None) | ~Q(state="draft") & Q(published_at__isnull=False),
                name="revision_published_at_pairs",
            ),
        ]
        indexes = [
            GinIndex(fields=["codes"], name="revision_codes"),
            GinIndex(SearchVector("title", "summary", "body", config="english"), name="revision_words"),
        ]

    def __str__(self) -> str:
        return f"{self.title} (revision {self.number})"

    @property
    def superseded_at(self) -> datetime | None:
        """When it ceased to be what its document says: at the publication after it. None while it is not."""
        later = Revision.objects.ever_published().filter(document=self.document_id, published_at__gt=self.published_at)
        found: datetime | None = later.aggregate(at=models.Min("published_at"))["at"]
        return found


class Recommendation(models.Model):
    """One short statement to act on, with its own strength, certainty and date of verification."""

    class Strength(models.TextChoices):
        STRONG = "strong", "Strong"
        CONDITIONAL = "conditional", "Conditional"
        GOOD_PRACTICE = "good-practice", "Good practice"

    class Grade(models.TextChoices):
        """Certainty of the evidence in GRADE's words (Guyatt et al., BMJ 2008;336:924)."""

        HIGH = "high", "High certainty"
        MODERATE = "moderate", "Moderate certainty"
        LOW = "low", "Low certainty"
        VERY_LOW = "very-low", "Very low certainty"

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="recommendations")
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=80, help_text="Stays the same from revision to revision")
    text = models.TextField()
    strength = models.CharField(max_length=15, choices=Strength.choices, blank=True, help_text="Empty: not graded")
    grade = models.CharField(max_length=10, choices=Grade.choices, blank=True)
    verified_on = models.DateField(null=True)
    verified_by = models.CharField(max_length=120, blank=True)
    due_on = models.DateField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "key"], name="recommendation_key_once"),
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(verified_on=None) | Q(due_on__gte=models.F("verified_on")),
                name="recommendation_due_after_verified",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Reference(models.Model):
    """A source a revision cites."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="references")
    position = models.PositiveSmallIntegerField()
    citation = models.TextField()
    year = models.PositiveSmallIntegerField(null=True)
    identifier = models.CharField(max_length=120, blank=True, help_text="doi:…, pmid:… or nice:…")
    url = models.URLField(max_length=300, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.citation

    @property
    def link(self) -> str:
        """Where the source can be read: its DOI or PubMed page, or the address given."""
        scheme, _, value = self.identifier.partition(":")
        hosts = {"doi": "https://doi.org/", "pmid": "https://pubmed.ncbi.nlm.nih.gov/"}
        return f"{hosts[scheme]}{value}" if scheme in hosts else self.url


class ReadingQuerySet(models.QuerySet["Reading"]):
    """Who read what, as the reader sees it."""

    def listed(self, person: Person) -> "ReadingQuerySet":
        """A person's own list: what they have not cleared, of documents they may still read."""
        documents = Document.objects.visible_to(person).exclude(current_revision=None)
        return self.filter(person=person, cleared_at=None, document__in=documents)


class Reading(models.Model):
    """The last time one person read one document, and which revision it was."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="readings")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="readings")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    cleared_at = models.DateTimeField(null=True, help_text="Taken out of the person's own list; they are still told")
    objects = ReadingQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["person", "document"], name="reading_once")]
        indexes = [models.Index(fields=["person", "-at"], name="reading_recent")]

    def __str__(self) -> str:
        return f"{self.person} read {self.document}"


class Follow(models.Model):
    """A person is told when this document, or any document of this specialty, is published or retired."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="follows")
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.CASCADE, related_name="follows")
    specialty = models.ForeignKey(Specialty, null=True, blank=True, on_delete=models.CASCADE, related_name="follows")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "document"], name="follow_document_once"),
            models.UniqueConstraint(fields=["person", "specialty"], name="follow_specialty_once"),
            models.CheckConstraint(
                condition=Q(document__isnull=True) ^ Q(specialty__isnull=True), name="follow_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} follows {self.document or self.specialty}"


class Note(models.Model):
    """What a person wrote beside a document for themselves alone."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="document_notes")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField()
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-changed_at"]
        constraints = [models.UniqueConstraint(fields=["person", "document"], name="note_once")]

    def __str__(self) -> str:
        return f"Note {self.pk}"


class FlowDrawing(models.Model):
    """A decision flow drawn once for one theme; ``key`` is the hash of all that the drawing depends on."""

    key = models.CharField(max_length=64, primary_key=True)
    svg = models.TextField()
    drawn_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key
