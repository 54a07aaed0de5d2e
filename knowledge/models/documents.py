"""Documents, their revisions, recommendations and references."""

import re
from datetime import datetime
from functools import cache

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Least
from django.utils import timezone

from portal.common.beside import Beside
from portal.common.planned import planned
from portal.common.rows import Taken
from portal.members.models import Person, Specialty

ROW = (
    *("slug", "kind", "tool_type", "retired_at", "changed_at"),
    *("current_revision__number", "current_revision__title"),
)
"""What components/document_row.html shows of a document."""


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents, by who may see them."""

    def visible_to(self, person: Person) -> "DocumentQuerySet":
        """What ``person`` may read: all that was ever published, as an editor drafts too; nothing without a role."""
        if not person.can_sign_in:
            return self.none()
        return self if person.actor.is_editor else self.exclude(current_revision=None)

    def to_read(self, person: Person, slug: str) -> "Document | None":
        """The one of this name, with its current revision, where ``visible_to`` has it.

        Written out: every page of a document begins with it, and putting it together takes longer than the answer.
        """
        with planned() as cursor:
            cursor.execute(f"SELECT {_read().columns} FROM {_read().tables} WHERE t0.slug = %s", [slug])  # noqa: S608
            values = cursor.fetchone()
        found = _read().take(Taken(values)) if values else None
        return found if found and found.is_visible_to(person) else None

    def published(self) -> "DocumentQuerySet":
        """What the network stands behind today: published and not retired."""
        return self.filter(retired_at=None).exclude(current_revision=None)

    def as_rows(self) -> "DocumentQuerySet":
        """With as much as a row of a list shows; a body of some pages is not fetched for its title."""
        return self.select_related("current_revision").only(*ROW)

    def with_first_due(self) -> "DocumentQuerySet":
        """Each with ``first_due``: the first day on which something of it falls due, as ``standing`` has it."""
        parts = Recommendation.objects.filter(revision=models.OuterRef("current_revision")).order_by()
        first = parts.values("revision").annotate(first=models.Min("due_on")).values("first")
        return self.annotate(first_due=Least("current_revision__review_due", models.Subquery(first)))

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
    retired_because = models.CharField(max_length=300, blank=True, help_text="Why, in a sentence for the reader")
    owner = models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="owned_documents",
        help_text="Keeps it current: told before something falls due",
    )
    origin = models.CharField(
        max_length=200, blank=True, help_text="Page of this site that it grew from; editors alone are shown it"
    )
    withdraw_after_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Retired by itself when overdue by so many days; empty: never"
    )
    version = models.PositiveIntegerField(default=0, help_text="Raised at each publication or retirement")
    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="tool") & ~Q(tool_type="") | ~Q(kind="tool") & Q(tool_type=""),
                name="document_tool_type_pairs",
            )
        ]
        indexes = [models.Index(fields=["-changed_at"], name="document_changed")]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/documents/{self.slug}/"

    def is_visible_to(self, person: Person) -> bool:
        """As ``visible_to`` of the queryset has it, of one document at hand."""
        return person.can_sign_in and (person.actor.is_editor or self.current_revision_id is not None)

    def revision_address(self, number: int) -> str:
        """Where one revision stays readable."""
        return f"{self.get_absolute_url()}revisions/{number}/"

    @property
    def kind_name(self) -> str:
        return self.get_tool_type_display() if self.tool_type else self.get_kind_display()


@cache
def _read() -> "Beside[Document]":
    return Beside(Document, "current_revision")


class RevisionQuerySet(models.QuerySet["Revision"]):
    """Revisions, by who may see them."""

    def visible_to(self, person: Person) -> "RevisionQuerySet":
        """What was ever published of the documents ``person`` may read, and what they are asked to review; as an editor
        everything."""
        revisions = self.filter(document__in=Document.objects.visible_to(person))
        if person.actor.is_editor:
            return revisions
        return revisions.ever_published() | self.reviewed_by(person)

    def reviewed_by(self, person: Person) -> "RevisionQuerySet":
        """The revisions whose review names the person, also as a deputy, while they work for the network."""
        if not person.can_sign_in or not (person.actor.is_editor or person.actor.specialist_in):
            return self.none()
        named = Revision.objects.filter(Q(reviews__reviewer=person) | Q(reviews__deputy=person))
        return self.filter(pk__in=named.values("pk"))

    def under_review_for(self, person: Person) -> "RevisionQuerySet":
        """Whose review the person may open: with its remarks and decisions, as an editor or as one who is named."""
        left_draft = self.exclude(state=Revision.State.DRAFT)
        return left_draft if person.can_sign_in and person.actor.is_editor else left_draft.reviewed_by(person)

    def ever_published(self) -> "RevisionQuerySet":
        return self.filter(state__in=Revision.PUBLIC_STATES)


class Revision(models.Model):
    """What a document says at one time. Frozen by a database trigger once it has left draft.

    Which state may follow which stands in ``knowledge.lifecycle``; the database holds to the same table.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in-review", "In review"
        RETURNED = "returned", "Changes asked for"
        APPROVED = "approved", "Approved"
        SCHEDULED = "scheduled", "Scheduled"
        PUBLISHED = "published", "Published"
        SUPERSEDED = "superseded", "Superseded"
        RETIRED = "retired", "Retired"

    PUBLIC_STATES = (State.PUBLISHED, State.SUPERSEDED, State.RETIRED)
    OPEN_STATES = (State.DRAFT, State.IN_REVIEW, State.APPROVED, State.SCHEDULED)

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
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    specialty_slugs = ArrayField(
        models.CharField(max_length=50), default=list, blank=True, help_text="What the document's become at publication"
    )
    contributors = models.ManyToManyField(
        Person, blank=True, related_name="+", help_text="Everyone besides the author who changed the draft"
    )
    edition = models.PositiveIntegerField(default=0, help_text="Raised at each save of the draft")
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    approvals_needed = models.PositiveSmallIntegerField(default=0, help_text="Set when submitted, by the kind")
    scheduled_for = models.DateTimeField(null=True, help_text="When it is published by itself")
    scheduled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="revision_number_once"),
            models.UniqueConstraint(fields=["document"], condition=Q(state="published"), name="revision_one_published"),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(state__in=["draft", "in-review", "approved", "scheduled"]),
                name="revision_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["published", "superseded", "retired"], published_at__isnull=False)
                | Q(state__in=["draft", "in-review", "returned", "approved", "scheduled"], published_at=None),
                name="revision_published_at_pairs",
            ),
            models.CheckConstraint(
                condition=Q(state="scheduled", scheduled_for__isnull=False)
                | ~Q(state__in=["draft", "in-review", "returned", "approved", "scheduled"])
                | ~Q(state="scheduled") & Q(scheduled_for=None),
                name="revision_scheduled_for_pairs",
            ),
        ]
        indexes = [
            GinIndex(fields=["codes"], name="revision_codes"),
            models.Index(fields=["scheduled_for"], condition=Q(state="scheduled"), name="revision_scheduled"),
        ]

    def __str__(self) -> str:
        return f"{self.title} (revision {self.number})"

    @property
    def is_open(self) -> bool:
        """Whether it is still on its way to being published."""
        return self.state in self.OPEN_STATES

    def is_written_by(self, person: Person) -> bool:
        """Whether the person wrote any of it, and so may not approve it."""
        return self.author_id == person.pk or self.contributors.filter(pk=person.pk).exists()

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
    evidence = models.TextField(blank=True, help_text="What it rests on, in a sentence or two")
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
